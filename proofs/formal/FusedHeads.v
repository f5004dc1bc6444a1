(* The fused heads: an output activation and a cost whose product in BP1 simplifies. For each of them delta, as the program
   computes it, is the gradient of the cost with respect to z^L; and the cost, as computed from z, is the cost. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums Gradient Network Branches Activations ActivationsGated Costs Heads.
Open Scope R_scope.

(** * identity *)

Theorem identity_quadratic_delta n E z : is_gradient n (chained identity (quadratic n E)) z (fun j => z j - E j).
Proof.
  apply (gradient_ext _ _ _ (hadamard (fun j => z j - E j) (fun _ => 1))); [intros; unfold hadamard; ring|].
  apply (gradient_through_activation n (quadratic n E) identity); [intros; apply identity_derivative|].
  apply (quadratic_gradient n E z).
Qed.

(** * sigmoid *)

(* BP1 with sigma' = sigma(z) sigma(-z): the first factor meets the cost's 1/a. *)
Lemma sigmoid_head n C z nabla delta :
  is_gradient n C (fun j => sigmoid (z j)) nabla ->
  (forall j, (j < n)%nat -> nabla j * (sigmoid (z j) * sigmoid (- z j)) = delta j) ->
  is_gradient n (chained sigmoid C) z delta.
Proof.
  intros HC Hd. apply (gradient_ext _ _ _ (hadamard nabla (fun j => sigmoid (z j) * (1 - sigmoid (z j))))).
  - intros j Hj. unfold hadamard. rewrite sigmoid_of_minus. now apply Hd.
  - apply (gradient_through_activation n C sigmoid); [intros; apply sigmoid_derivative|exact HC].
Qed.

(* a - E, as the program has it where a rounds to 1. *)
Theorem sigmoid_difference E z : sigmoid z - E = (1 - E) * sigmoid z - E * sigmoid (- z).
Proof. rewrite <- sigmoid_of_minus. ring. Qed.

Theorem sigmoid_cross_entropy_as_computed n E z :
  is_gradient n (chained sigmoid (cross_entropy n E)) z (fun j => (1 - E j) * sigmoid (z j) - E j * sigmoid (- z j)).
Proof.
  apply (gradient_ext _ _ _ (fun j => sigmoid (z j) - E j)); [intros; apply sigmoid_difference|].
  apply sigmoid_cross_entropy_delta.
Qed.

Theorem sigmoid_kullback_leibler_delta n E z :
  (forall j, (j < n)%nat -> 0 <= E j) ->
  is_gradient n (chained sigmoid (kullback_leibler n E)) z (fun j => - E j * sigmoid (- z j)).
Proof.
  intros HE. apply (sigmoid_head n _ z (fun j => - E j / sigmoid (z j))).
  - apply kullback_leibler_gradient. intros j Hj. split; [apply sigmoid_range|auto].
  - intros j _. pose proof (sigmoid_range (z j)). field. lra.
Qed.

Theorem sigmoid_categorical_cross_entropy_delta n E z :
  is_gradient n (chained sigmoid (categorical_cross_entropy n E)) z (fun j => - E j * sigmoid (- z j)).
Proof.
  apply (sigmoid_head n _ z (fun j => - E j / sigmoid (z j))).
  - apply categorical_cross_entropy_gradient. intros j _. apply sigmoid_range.
  - intros j _. pose proof (sigmoid_range (z j)). field. lra.
Qed.

Theorem sigmoid_generalized_kullback_leibler_delta n E z :
  (forall j, (j < n)%nat -> 0 <= E j) ->
  is_gradient n (chained sigmoid (generalized_kullback_leibler n E)) z
    (fun j => ((1 - E j) * sigmoid (z j) - E j * sigmoid (- z j)) * sigmoid (- z j)).
Proof.
  intros HE. apply (sigmoid_head n _ z (fun j => (sigmoid (z j) - E j) / sigmoid (z j))).
  - apply (generalized_kullback_leibler_gradient n E). intros j Hj. split; [apply sigmoid_range|auto].
  - intros j _. rewrite <- sigmoid_difference. pose proof (sigmoid_range (z j)). field. lra.
Qed.

Theorem sigmoid_poisson_delta n E z :
  is_gradient n (chained sigmoid (poisson n E)) z
    (fun j => ((1 - E j) * sigmoid (z j) - E j * sigmoid (- z j)) * sigmoid (- z j)).
Proof.
  apply (sigmoid_head n _ z (fun j => (sigmoid (z j) - E j) / sigmoid (z j))).
  - apply (poisson_gradient n E). intros j _. apply sigmoid_range.
  - intros j _. rewrite <- sigmoid_difference. pose proof (sigmoid_range (z j)). field. lra.
Qed.

Lemma sqrt_sigmoid_pos z : 0 < sqrt (sigmoid z).
Proof. apply sqrt_lt_R0, sigmoid_range. Qed.

Theorem sigmoid_hellinger_delta n E z :
  (forall j, (j < n)%nat -> 0 <= E j) ->
  is_gradient n (chained sigmoid (hellinger n E)) z
    (fun j => sqrt (sigmoid (z j))
              * (((1 - E j) * sigmoid (z j) - E j * sigmoid (- z j)) / (sqrt (sigmoid (z j)) + sqrt (E j)))
              * sigmoid (- z j) / sqrt 2).
Proof.
  intros HE.
  apply (sigmoid_head n _ z (fun j => (sqrt (sigmoid (z j)) - sqrt (E j)) / (sqrt 2 * sqrt (sigmoid (z j))))).
  - apply (hellinger_gradient n E). intros j _. apply sigmoid_range.
  - intros j Hj. rewrite <- sigmoid_difference.
    pose proof (sqrt_sigmoid_pos (z j)). pose proof (sqrt_pos (E j)). pose proof (sqrt_lt_R0 2 ltac:(lra)).
    pose proof (sigmoid_range (z j)).
    assert (Ha : sigmoid (z j) = sqrt (sigmoid (z j)) * sqrt (sigmoid (z j))) by (symmetry; apply sqrt_sqrt; lra).
    assert (He : E j = sqrt (E j) * sqrt (E j)) by (symmetry; apply sqrt_sqrt; auto).
    set (r := sqrt (sigmoid (z j))) in *. set (q := sqrt (E j)) in *. rewrite Ha, He.
    field. repeat split; lra.
Qed.

(* The root of a sigmoid that does not pass through the sigmoid: e^-|z|/2 is a normal number twice as far out. *)
Theorem sqrt_sigmoid_as_computed z :
  sqrt (sigmoid z) =
  let h := exp (- Rabs z / 2) in branch 0 (fun _ => h / sqrt (1 + h * h)) (fun _ => 1 / sqrt (1 + h * h)) z.
Proof.
  simpl. set (h := exp (- Rabs z / 2)).
  assert (Hh : 0 < h) by apply exp_pos.
  assert (Hs : h * h = exp (- Rabs z)) by (unfold h; rewrite <- exp_plus; f_equal; field).
  assert (Hr : 0 < sqrt (1 + h * h)) by (apply sqrt_lt_R0; nra).
  apply sqrt_lem_1; [left; apply sigmoid_range| |].
  - unfold branch. destruct (Rle_dec z 0); left; apply Rdiv_lt_0_compat; lra.
  - assert (Hq : sqrt (1 + h * h) * sqrt (1 + h * h) = 1 + h * h) by (apply sqrt_sqrt; nra).
    unfold sigmoid, branch. destruct (Rle_dec z 0) as [Hz|Hz].
    + replace (h / sqrt (1 + h * h) * (h / sqrt (1 + h * h))) with (h * h / (1 + h * h)) by (rewrite <- Hq at 1; field; lra).
      rewrite Hs, Rabs_left1, Ropp_involutive, exp_Ropp by exact Hz. pose proof (exp_pos z). field. lra.
    + replace (1 / sqrt (1 + h * h) * (1 / sqrt (1 + h * h))) with (1 / (1 + h * h)) by (rewrite <- Hq at 1; field; lra).
      now rewrite Hs, Rabs_right by lra.
Qed.

(* -ln a = softplus(-z), and -ln(1 - a) = softplus(z): the costs without a logarithm of a. *)
Lemma ln_sigmoid z : ln (sigmoid z) = - softplus (- z).
Proof.
  unfold sigmoid, softplus. pose proof (exp_pos (- z)). unfold Rdiv. rewrite Rmult_1_l. apply ln_Rinv. lra.
Qed.

Theorem sigmoid_cross_entropy_from_z n E z :
  chained sigmoid (cross_entropy n E) z = Sum n (fun j => (1 - E j) * softplus (z j) + E j * softplus (- z j)).
Proof.
  apply Sum_ext. intros j _. rewrite sigmoid_of_minus, !ln_sigmoid, Ropp_involutive. ring.
Qed.

Theorem sigmoid_categorical_cross_entropy_from_z n E z :
  chained sigmoid (categorical_cross_entropy n E) z = Sum n (fun j => E j * softplus (- z j)).
Proof. apply Sum_ext. intros j _. rewrite ln_sigmoid. ring. Qed.

Theorem sigmoid_poisson_from_z n E z :
  chained sigmoid (poisson n E) z = Sum n (fun j => sigmoid (z j) + E j * softplus (- z j)).
Proof. apply Sum_ext. intros j _. rewrite ln_sigmoid. ring. Qed.

(* E ln(E/a), with 0 ln 0 = 0: the standard library's ln 0 is 0. *)
Lemma divergence_split E a : 0 <= E -> 0 < a -> E * ln (E / a) = E * ln E - E * ln a.
Proof.
  intros [HE|<-] Ha; [|ring]. unfold Rdiv. rewrite ln_mult, ln_Rinv by (auto using Rinv_0_lt_compat). ring.
Qed.

Theorem sigmoid_kullback_leibler_from_z n E z :
  (forall j, (j < n)%nat -> 0 <= E j) ->
  chained sigmoid (kullback_leibler n E) z = Sum n (fun j => E j * ln (E j)) + Sum n (fun j => E j * softplus (- z j)).
Proof.
  intros HE. rewrite <- Sum_plus. apply Sum_ext. intros j Hj.
  rewrite divergence_split, ln_sigmoid by (auto || apply sigmoid_range). ring.
Qed.

Theorem sigmoid_generalized_kullback_leibler_from_z n E z :
  (forall j, (j < n)%nat -> 0 <= E j) ->
  chained sigmoid (generalized_kullback_leibler n E) z =
  Sum n (fun j => E j * ln (E j)) + Sum n (fun j => E j * softplus (- z j)) + Sum n (fun j => sigmoid (z j) - E j).
Proof.
  intros HE. rewrite <- !Sum_plus. apply Sum_ext. intros j Hj.
  rewrite divergence_split, ln_sigmoid by (auto || apply sigmoid_range). ring.
Qed.

(** * softmax *)

(* For every cost with nabla C = -E/a, plus a constant: delta_j = a_j (sum of the other E) - E_j (sum of the other a). *)
Lemma softmax_logarithmic_delta n C E constant z :
  is_gradient n C (softmax n z) (fun j => - E j / softmax n z j + constant) ->
  is_gradient n (fun z => C (softmax n z)) z
    (fun j => softmax n z j * others n E j - E j * others n (softmax n z) j).
Proof.
  intros HC. eapply gradient_ext; [|apply BP1_softmax, HC].
  intros j Hj. cbv beta. assert (Hn : (0 < n)%nat) by lia. rewrite !others_is_rest, softmax_sums_to_one by (exact Hj || lia).
  rewrite (Sum_ext n _ (fun k => -1 * E k + constant * softmax n z k)).
  - rewrite Sum_plus, !Sum_scal, softmax_sums_to_one by exact Hn.
    pose proof (softmax_positive n z j Hn). field. lra.
  - intros k _. pose proof (softmax_positive n z k Hn). field. lra.
Qed.

Theorem softmax_kullback_leibler_delta n E z :
  (forall j, (j < n)%nat -> 0 <= E j) ->
  is_gradient n (fun z => kullback_leibler n E (softmax n z)) z
    (fun j => softmax n z j * others n E j - E j * others n (softmax n z) j).
Proof.
  intros HE. apply (softmax_logarithmic_delta n _ E 0).
  apply (gradient_ext _ _ _ (fun j => - E j / softmax n z j)); [intros; ring|].
  apply kullback_leibler_gradient. intros j Hj. split; [apply softmax_positive; lia|auto].
Qed.

Theorem softmax_generalized_kullback_leibler_delta n E z :
  (forall j, (j < n)%nat -> 0 <= E j) ->
  is_gradient n (fun z => generalized_kullback_leibler n E (softmax n z)) z
    (fun j => softmax n z j * others n E j - E j * others n (softmax n z) j).
Proof.
  intros HE. apply (softmax_logarithmic_delta n _ E 1).
  apply (gradient_ext _ _ _ (fun j => (softmax n z j - E j) / softmax n z j)).
  - intros j Hj. pose proof (softmax_positive n z j ltac:(lia)). field. lra.
  - apply generalized_kullback_leibler_gradient. intros j Hj. split; [apply softmax_positive; lia|auto].
Qed.

Theorem softmax_poisson_delta n E z :
  is_gradient n (fun z => poisson n E (softmax n z)) z
    (fun j => softmax n z j * others n E j - E j * others n (softmax n z) j).
Proof.
  apply (softmax_logarithmic_delta n _ E 1).
  apply (gradient_ext _ _ _ (fun j => (softmax n z j - E j) / softmax n z j)).
  - intros j Hj. pose proof (softmax_positive n z j ltac:(lia)). field. lra.
  - apply poisson_gradient. intros j Hj. apply softmax_positive. lia.
Qed.

(* The logarithm of softmax from z, whatever is subtracted: the program subtracts the largest entry. *)
Theorem log_softmax n z c j :
  (j < n)%nat -> ln (softmax n z j) = z j - c - ln (Sum n (fun k => exp (z k - c))).
Proof.
  intros Hj. assert (Hn : (0 < n)%nat) by lia. pose proof (Sum_exp_pos n z Hn).
  rewrite (Sum_ext n _ (fun k => exp (z k) * exp (- c))) by (intros; rewrite <- exp_plus; f_equal; ring).
  pose proof (exp_pos (- c)). unfold softmax, Rdiv.
  rewrite Sum_scal_r, ln_mult, ln_Rinv, ln_mult, !ln_exp by (auto using Rinv_0_lt_compat, exp_pos). ring.
Qed.
