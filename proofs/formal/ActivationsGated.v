(* The smooth activations beside sigmoid, tanh and softplus: identity, arctan, softsign, and three of the gated ones, which
   are z times something like a sigmoid: silu, gelu in its tanh form, mish. *)

From Coq Require Import Reals Lra Lia.
From Formal Require Import Sums Branches Activations.
Open Scope R_scope.

(** * identity and arctan *)

Definition identity (z : R) : R := z.

Theorem identity_derivative z : D identity z 1.
Proof. apply derivable_pt_lim_id. Qed.

Definition arctan : R -> R := atan.

Theorem arctan_derivative z : D arctan z (1 / (1 + z * z)).
Proof. eapply D_value; [|apply derivable_pt_lim_atan]. field. nra. Qed.

(** * softsign *)

Definition softsign (z : R) : R := z / (1 + Rabs z).

(* k z/(k + z) for k = 1 and k = -1: softsign's halves. *)
Lemma D_softsign_half k z :
  k * k = 1 -> 0 < 1 + k * z -> D (fun s => s / (1 + k * s)) z ((1 / (1 + k * z)) ^ 2).
Proof.
  intros Hk Hz. apply (D_value _ _ ((1 * (1 + k * z) - (0 + k * 1) * z) / Rsqr (1 + k * z))).
  - unfold Rsqr. field. lra.
  - apply (D_div (fun s => s) (fun s => 1 + k * s)); [lra|apply derivable_pt_lim_id|].
    apply (D_plus (fun _ => 1) (fun s => k * s)); [apply derivable_pt_lim_const|].
    apply (D_scal k (fun s => s)), derivable_pt_lim_id.
Qed.

(* Everywhere: at 0 both halves have the slope 1, so |z| leaves no kink. *)
Theorem softsign_derivative z : D softsign z ((1 / (1 + Rabs z)) ^ 2).
Proof.
  apply (D_ext (branch 0 (fun s => s / (1 + -1 * s)) (fun s => s / (1 + 1 * s)))).
  { intros s. unfold softsign, branch. destruct (Rle_dec s 0).
    - rewrite Rabs_left1 by lra. f_equal. ring.
    - rewrite Rabs_right by lra. f_equal. ring. }
  destruct (Rtotal_order z 0) as [Hz|[->|Hz]].
  - rewrite Rabs_left by lra. apply D_branch_left; [exact Hz|].
    replace (1 + - z) with (1 + -1 * z) by ring. apply D_softsign_half; lra.
  - rewrite Rabs_R0. replace (1 + 0) with (1 + 1 * 0) by ring.
    apply D_join; [field|replace (1 + 1 * 0) with (1 + -1 * 0) by ring|]; apply D_softsign_half; lra.
  - rewrite Rabs_right by lra. apply D_branch_right; [exact Hz|].
    replace (1 + z) with (1 + 1 * z) by ring. apply D_softsign_half; lra.
Qed.

(** * Gates: z/(1 + e^-u(z)) *)

Lemma D_gated u v z :
  D u z v ->
  D (fun s => s / (1 + exp (- u s))) z ((1 + exp (- u z) + z * v * exp (- u z)) / (1 + exp (- u z)) ^ 2).
Proof.
  intros Hu. pose proof (exp_pos (- u z)).
  apply (D_value _ _ ((1 * (1 + exp (- u z)) - (0 + exp (- u z) * - v) * z) / Rsqr (1 + exp (- u z)))).
  - unfold Rsqr. field. lra.
  - apply (D_div (fun s => s) (fun s => 1 + exp (- u s))); [lra|apply derivable_pt_lim_id|].
    apply (D_plus (fun _ => 1) (fun s => exp (- u s))); [apply derivable_pt_lim_const|].
    apply (D_comp (fun s => - u s) exp); [now apply D_opp|apply derivable_pt_lim_exp].
Qed.

(* What the program computes from e^-|u|, which cannot overflow. *)
Lemma gated_prime_as_computed u z v :
  (0 < z -> 0 <= u) -> (z <= 0 -> u <= 0) ->
  (1 + exp (- u) + z * v * exp (- u)) / (1 + exp (- u)) ^ 2 =
  let e := exp (- Rabs u) in
  branch 0 (fun z => e * (1 + e + z * v) / (1 + e) ^ 2) (fun z => (1 + e + z * v * e) / (1 + e) ^ 2) z.
Proof.
  intros Hp Hn. unfold branch. pose proof (exp_pos u). destruct (Rle_dec z 0) as [Hz|Hz]; simpl.
  - rewrite Rabs_left1, Ropp_involutive by auto. rewrite exp_Ropp. field. split; lra.
  - rewrite Rabs_right; [reflexivity|]. apply Rle_ge, Hp. lra.
Qed.

(** * silu *)

Definition silu (z : R) : R := z / (1 + exp (- z)).

Theorem silu_derivative z : D silu z ((1 + exp (- z) + z * exp (- z)) / (1 + exp (- z)) ^ 2).
Proof.
  apply (D_value _ _ ((1 + exp (- z) + z * 1 * exp (- z)) / (1 + exp (- z)) ^ 2)); [f_equal; ring|].
  apply (D_gated (fun s => s) 1), derivable_pt_lim_id.
Qed.

Theorem silu_prime_as_computed z :
  (1 + exp (- z) + z * exp (- z)) / (1 + exp (- z)) ^ 2 =
  let e := exp (- Rabs z) in
  branch 0 (fun z => e * (1 + e + z) / (1 + e) ^ 2) (fun z => (1 + e + z * e) / (1 + e) ^ 2) z.
Proof.
  pose proof (gated_prime_as_computed z z 1) as H. rewrite !Rmult_1_r in H.
  rewrite H by lra. unfold branch. destruct (Rle_dec z 0); simpl; now rewrite Rmult_1_r.
Qed.

(** * gelu in its tanh form *)

Definition gelu_tanh (z : R) : R := / 2 * z * (1 + tanh (sqrt (2 / PI) * (z + 44715 / 10 ^ 6 * z ^ 3))).

(* Twice the argument of tanh (the program's w), and its derivative. *)
Definition gelu_tanh_exponent (z : R) : R := 2 * sqrt (2 / PI) * (z + 44715 / 10 ^ 6 * z ^ 3).
Definition gelu_tanh_exponent_prime (z : R) : R := 2 * sqrt (2 / PI) * (1 + 3 * (44715 / 10 ^ 6) * z ^ 2).

Lemma D_gelu_tanh_exponent z : D gelu_tanh_exponent z (gelu_tanh_exponent_prime z).
Proof.
  apply (D_scal (2 * sqrt (2 / PI)) (fun z => z + 44715 / 10 ^ 6 * z ^ 3)).
  apply (D_value _ _ (1 + 44715 / 10 ^ 6 * (INR 3 * z ^ 2))); [simpl INR; ring|].
  apply (D_plus (fun z => z)); [apply derivable_pt_lim_id|].
  apply (D_scal (44715 / 10 ^ 6) (fun z => z ^ 3)), (derivable_pt_lim_pow z 3).
Qed.

(* (1 + tanh(x/2))/2 is the sigmoid of x. *)
Lemma sigmoid_by_tanh x : / 2 * (1 + tanh x) = / (1 + exp (- (2 * x))).
Proof.
  pose proof (exp_pos x). pose proof (exp_pos (- x)). unfold tanh, sinh, cosh.
  replace (- (2 * x)) with (- x + - x) by ring. rewrite exp_plus, exp_Ropp. field. repeat split; nra.
Qed.

Theorem gelu_tanh_as_gate z : gelu_tanh z = z / (1 + exp (- gelu_tanh_exponent z)).
Proof.
  unfold gelu_tanh, gelu_tanh_exponent, Rdiv at 3.
  replace (2 * sqrt (2 / PI) * (z + 44715 / 10 ^ 6 * z ^ 3)) with (2 * (sqrt (2 / PI) * (z + 44715 / 10 ^ 6 * z ^ 3))) by ring.
  rewrite <- sigmoid_by_tanh. ring.
Qed.

Theorem gelu_tanh_derivative z :
  D gelu_tanh z
    (let s := exp (- gelu_tanh_exponent z) in (1 + s + z * gelu_tanh_exponent_prime z * s) / (1 + s) ^ 2).
Proof.
  apply (D_ext (fun s => s / (1 + exp (- gelu_tanh_exponent s)))); [intros; now rewrite gelu_tanh_as_gate|].
  apply (D_gated gelu_tanh_exponent), D_gelu_tanh_exponent.
Qed.

(* The exponent has the sign of z. *)
Lemma gelu_tanh_exponent_sign z : (0 < z -> 0 <= gelu_tanh_exponent z) /\ (z <= 0 -> gelu_tanh_exponent z <= 0).
Proof.
  unfold gelu_tanh_exponent. pose proof (sqrt_pos (2 / PI)) as Hs. set (k := sqrt (2 / PI)) in *.
  assert (Hq : 0 <= 1 + 44715 / 10 ^ 6 * (z * z)) by nra.
  replace (2 * k * (z + 44715 / 10 ^ 6 * z ^ 3)) with (2 * k * (1 + 44715 / 10 ^ 6 * (z * z)) * z) by ring.
  assert (0 <= 2 * k * (1 + 44715 / 10 ^ 6 * (z * z))) by (apply Rmult_le_pos; lra).
  split; intros; nra.
Qed.

Theorem gelu_tanh_prime_as_computed z :
  (let s := exp (- gelu_tanh_exponent z) in (1 + s + z * gelu_tanh_exponent_prime z * s) / (1 + s) ^ 2) =
  let e := exp (- Rabs (gelu_tanh_exponent z)) in
  let v := gelu_tanh_exponent_prime z in
  branch 0 (fun z => e * (1 + e + z * v) / (1 + e) ^ 2) (fun z => (1 + e + z * v * e) / (1 + e) ^ 2) z.
Proof. destruct (gelu_tanh_exponent_sign z). now apply gated_prime_as_computed. Qed.

(** * mish *)

Definition mish (z : R) : R := z * tanh (ln (1 + exp z)).

Lemma tanh_ln y : 0 < y -> tanh (ln y) = (y ^ 2 - 1) / (y ^ 2 + 1).
Proof.
  intros Hy. unfold tanh, sinh, cosh. rewrite exp_Ropp, exp_ln by exact Hy. field. pose proof (pow2_ge_0 y). lra.
Qed.

(* As a quotient of polynomials in e^z. *)
Theorem mish_as_quotient z : mish z = z * (exp z ^ 2 + 2 * exp z) / (exp z ^ 2 + 2 * exp z + 2).
Proof.
  unfold mish. pose proof (exp_pos z). rewrite tanh_ln by lra. field. pose proof (pow2_ge_0 (exp z)). repeat split; nra.
Qed.

Theorem mish_derivative z :
  D mish z (let e := exp z in
    e * (4 * (z + 1) + (4 * z + 6) * e + 4 * e ^ 2 + e ^ 3) / (e ^ 2 + 2 * e + 2) ^ 2).
Proof.
  pose proof (exp_pos z).
  apply (D_value _ _ (1 * tanh (ln (1 + exp z)) + z * ((1 - tanh (ln (1 + exp z)) ^ 2) * sigmoid z))).
  - rewrite tanh_ln by lra. unfold sigmoid. rewrite exp_Ropp. simpl. field. repeat split; nra.
  - apply (D_mult (fun s => s) (fun s => tanh (softplus s))); [apply derivable_pt_lim_id|].
    apply (D_comp softplus tanh); [apply softplus_derivative|apply tanh_derivative].
Qed.

(* What the program computes, from q = e^-|z|. *)
Theorem mish_prime_as_computed z :
  (let e := exp z in e * (4 * (z + 1) + (4 * z + 6) * e + 4 * e ^ 2 + e ^ 3) / (e ^ 2 + 2 * e + 2) ^ 2) =
  let q := exp (- Rabs z) in
  branch 0 (fun z => q * (4 + q * (6 + q * (4 + q)) + 4 * z * (1 + q)) / (2 + 2 * q + q * q) ^ 2)
           (fun z => (1 + q * (4 + q * (6 + 4 * q)) + 4 * z * q * q * (1 + q)) / (1 + 2 * q + 2 * q * q) ^ 2) z.
Proof.
  pose proof (exp_pos z). unfold branch. destruct (Rle_dec z 0) as [Hz|Hz]; simpl.
  - rewrite Rabs_left1, Ropp_involutive by exact Hz. field. repeat split; nra.
  - rewrite Rabs_right, exp_Ropp by lra. field. repeat split; nra.
Qed.
