(* Output heads: the last activation and the cost together, as a function of z^L. What they do to delta^L:
   sigmoid with cross-entropy loses sigma'; softmax is no elementwise activation and needs its whole Jacobian. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums Gradient Network Backprop Activations Costs.
Open Scope R_scope.

(** * Sigmoid and cross-entropy *)

(* delta^L = a - E: the factor a(1 - a) of BP1 cancels. *)
Theorem sigmoid_cross_entropy_delta n E z :
  is_gradient n (chained sigmoid (cross_entropy n E)) z (fun j => sigmoid (z j) - E j).
Proof.
  apply (gradient_ext _ _ _
    (hadamard (fun j => (sigmoid (z j) - E j) / (sigmoid (z j) * (1 - sigmoid (z j))))
              (fun j => sigmoid (z j) * (1 - sigmoid (z j))))).
  - intros j _. unfold hadamard. pose proof (sigmoid_range (z j)). field. lra.
  - apply (gradient_through_activation n (cross_entropy n E) sigmoid); intros; [apply sigmoid_derivative|].
    apply cross_entropy_gradient. intros. apply sigmoid_range.
Qed.

(** * Softmax *)

Definition softmax (n : nat) (z : vec) : vec := fun j => exp (z j) / Sum n (fun k => exp (z k)).

Lemma Sum_exp_pos n z : (0 < n)%nat -> 0 < Sum n (fun k => exp (z k)).
Proof.
  intros Hn. eapply Rlt_le_trans; [apply (exp_pos (z 0%nat))|].
  apply (Sum_term_le n (fun k => exp (z k))); [|exact Hn]. intros. left. apply exp_pos.
Qed.

Lemma softmax_positive n z j : (0 < n)%nat -> 0 < softmax n z j.
Proof. intros Hn. apply Rdiv_lt_0_compat; [apply exp_pos|now apply Sum_exp_pos]. Qed.

Lemma softmax_sums_to_one n z : (0 < n)%nat -> Sum n (softmax n z) = 1.
Proof.
  intros Hn. pose proof (Sum_exp_pos n z Hn). unfold softmax, Rdiv. rewrite Sum_scal_r. field. lra.
Qed.

(* The Jacobian: da_j/dz_k = a_j([j = k] - a_k), as the gradient of the entry a_j. *)
Theorem softmax_jacobian n z j :
  (j < n)%nat -> is_gradient n (fun z => softmax n z j) z (fun k => softmax n z j * (kronecker k j - softmax n z k)).
Proof.
  intros Hj c t c' Hc Hd. assert (Hn : (0 < n)%nat) by lia.
  assert (Hexp : forall k, (k < n)%nat -> D (fun s => exp (c s k)) t (exp (z k) * c' k)).
  { intros k Hk. apply (D_comp (fun s => c s k) exp); [now apply Hd|]. rewrite (Hc k Hk). apply derivable_pt_lim_exp. }
  pose proof (Sum_exp_pos n z Hn) as Hpos. pose proof (Sum_exp_pos n (c t) Hn) as Hpos'.
  assert (Hsame : Sum n (fun k => exp (c t k)) = Sum n (fun k => exp (z k)))
    by (apply Sum_ext; intros k Hk; now rewrite (Hc k Hk)).
  apply (D_value _ _ ((exp (z j) * c' j * Sum n (fun k => exp (c t k))
                       - Sum n (fun k => exp (z k) * c' k) * exp (c t j)) / Rsqr (Sum n (fun k => exp (c t k))))).
  - rewrite Hsame, (Hc j Hj).
    rewrite (Sum_ext n (fun k => softmax n z j * (kronecker k j - softmax n z k) * c' k)
      (fun k => softmax n z j * c' k * kronecker k j
                + - (softmax n z j) / Sum n (fun k => exp (z k)) * (exp (z k) * c' k)))
      by (intros; unfold softmax; field; lra).
    rewrite Sum_plus, Sum_scal, (Sum_kronecker n j (fun k => softmax n z j * c' k)) by exact Hj.
    unfold softmax, Rsqr. field. lra.
  - apply (D_div (fun s => exp (c s j)) (fun s => Sum n (fun k => exp (c s k)))); [lra|now apply Hexp|].
    now apply (D_Sum n (fun k s => exp (c s k))).
Qed.

(* BP1 for softmax and any cost: delta_j = a_j (dC/da_j - sum_k a_k dC/da_k). *)
Theorem BP1_softmax n C z nabla :
  is_gradient n C (softmax n z) nabla ->
  is_gradient n (fun z => C (softmax n z)) z
    (fun j => softmax n z j * (nabla j - Sum n (fun k => softmax n z k * nabla k))).
Proof.
  intros HC c t c' Hc Hd.
  set (p := softmax n z).
  apply (D_value _ _ (Sum n (fun j => nabla j * Sum n (fun k => p j * (kronecker k j - p k) * c' k)))).
  - rewrite (Sum_ext n _ (fun j => p j * nabla j * c' j - p j * nabla j * Sum n (fun k => p k * c' k))).
    2: { intros j Hj.
         rewrite (Sum_ext n _ (fun k => p j * c' k * kronecker k j + - p j * (p k * c' k))) by (intros; ring).
         rewrite Sum_plus, Sum_scal, (Sum_kronecker n j (fun k => p j * c' k)) by exact Hj. ring. }
    rewrite (Sum_ext n (fun k => p k * (nabla k - _) * c' k)
      (fun k => p k * nabla k * c' k + - Sum n (fun k => p k * nabla k) * (p k * c' k))) by (intros; ring).
    rewrite Sum_plus, Sum_scal.
    rewrite (Sum_ext n _ (fun j => p j * nabla j * c' j + p j * nabla j * - Sum n (fun k => p k * c' k)))
      by (intros; ring).
    rewrite Sum_plus, Sum_scal_r. ring.
  - apply (HC (fun s => softmax n (c s))); intros j Hj.
    + unfold softmax. rewrite (Hc j Hj). f_equal. apply Sum_ext. intros k Hk. now rewrite (Hc k Hk).
    + now apply (softmax_jacobian n z j Hj).
Qed.

(* What the program computes: no difference of nearly equal numbers, since 1 - a_j is the sum of the other outputs. *)
Definition others (n : nat) (v : vec) (j : nat) : R := Sum n (fun k => v k * (1 - kronecker k j)).

Lemma others_is_rest n v j : (j < n)%nat -> others n v j = Sum n v - v j.
Proof.
  intros Hj. unfold others. rewrite (Sum_ext n _ (fun k => v k + -1 * (v k * kronecker k j))) by (intros; ring).
  rewrite Sum_plus, Sum_scal, Sum_kronecker by exact Hj. ring.
Qed.

Theorem BP1_softmax_as_computed n z nabla j :
  (j < n)%nat ->
  softmax n z j * (nabla j - Sum n (fun k => softmax n z k * nabla k)) =
  softmax n z j * (others n (softmax n z) j * nabla j - others n (fun k => softmax n z k * nabla k) j).
Proof. intros Hj. rewrite !others_is_rest, softmax_sums_to_one by (exact Hj || lia). ring. Qed.

(* With categorical cross-entropy, E being anything: delta_j = a_j (sum of the other E) - E_j (sum of the other a). *)
Theorem softmax_categorical_cross_entropy_delta n E z :
  is_gradient n (fun z => categorical_cross_entropy n E (softmax n z)) z
    (fun j => softmax n z j * others n E j - E j * others n (softmax n z) j).
Proof.
  apply (gradient_ext _ _ _ (fun j => softmax n z j *
    (- E j / softmax n z j - Sum n (fun k => softmax n z k * (- E k / softmax n z k))))).
  - intros j Hj. assert (Hn : (0 < n)%nat) by lia. rewrite !others_is_rest, softmax_sums_to_one by (exact Hj || lia).
    rewrite (Sum_ext n _ (fun k => -1 * E k)).
    + rewrite Sum_scal. pose proof (softmax_positive n z j Hn). field. lra.
    + intros k _. pose proof (softmax_positive n z k Hn). field. lra.
  - apply BP1_softmax, categorical_cross_entropy_gradient. intros j Hj. apply softmax_positive. lia.
Qed.

(* If E sums to one, that is a - E. *)
Theorem softmax_error n E z :
  Sum n E = 1 -> is_gradient n (fun z => categorical_cross_entropy n E (softmax n z)) z (fun j => softmax n z j - E j).
Proof.
  intros HE. apply (gradient_ext _ _ _ (fun j => softmax n z j * others n E j - E j * others n (softmax n z) j)).
  - intros j Hj. rewrite !others_is_rest, softmax_sums_to_one, HE by (exact Hj || lia). ring.
  - apply softmax_categorical_cross_entropy_delta.
Qed.

(** * The quadratic cost, layer by layer *)

Section Quadratic.
  Variables (net : network) (x E : vec) (delta : nat -> vec).
  Let C := quadratic (n net (L net)) E.
  Hypothesis definition_of_delta : is_error net (chained (sigma net (L net)) C) x delta.
  Hypothesis activations : hidden_differentiable net x.
  Hypothesis output_activation : forall j, (j < n net (L net))%nat ->
    D (sigma net (L net)) (z net x (L net) j) (sigma_prime net (L net) (z net x (L net) j)).

  (* delta^L_j = (a^L_j - E_j) sigma'(z^L_j). *)
  Theorem quadratic_delta_at_L j :
    (2 <= L net)%nat -> (j < n net (L net))%nat ->
    delta (L net) j = (a net x (L net) j - E j) * sigma_prime net (L net) (z net x (L net) j).
  Proof.
    intros HL Hj.
    rewrite (BP1 net _ x delta definition_of_delta C (fun j => a net x (L net) j - E j)); auto.
    apply quadratic_gradient.
  Qed.

  (* delta^(L-1)_j = sum_k w^L_kj (a^L_k - E_k) sigma'(z^L_k) . sigma'(z^(L-1)_j). *)
  Theorem quadratic_delta_at_L_minus_1 j :
    (3 <= L net)%nat -> (j < n net (L net - 1))%nat ->
    delta (L net - 1)%nat j =
    Sum (n net (L net)) (fun k =>
      W net (L net) k j * ((a net x (L net) k - E k) * sigma_prime net (L net) (z net x (L net) k)))
    * sigma_prime net (L net - 1) (z net x (L net - 1) j).
  Proof.
    intros HL Hj. rewrite (BP2 net _ x activations delta definition_of_delta) by (exact Hj || lia).
    unfold hadamard, matvec, transpose. replace (L net - 1 + 1)%nat with (L net) by lia. f_equal.
    apply Sum_ext. intros k Hk. rewrite quadratic_delta_at_L by (exact Hk || lia). reflexivity.
  Qed.
End Quadratic.
