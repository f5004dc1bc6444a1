(* The derivatives of sigmoid, tanh and softplus, and the forms in which the program computes them. The other activations:
   ActivationsByBranches.v, ActivationsGated.v, Gelu.v. *)

From Coq Require Import Reals Lra Lia.
From Formal Require Import Sums.
Open Scope R_scope.

Definition sigmoid (z : R) : R := 1 / (1 + exp (- z)).
Definition softplus (z : R) : R := ln (1 + exp z).
(* tanh is the standard library's: sinh z / cosh z, with sinh z = (e^z - e^-z)/2 and cosh z = (e^z + e^-z)/2. *)

(* e^(c z) has the derivative c e^(c z), for c = -1. *)
Lemma D_exp_opp z : D (fun s => exp (- s)) z (- exp (- z)).
Proof.
  apply (D_value _ _ (exp (- z) * -1)); [ring|].
  apply (D_comp Ropp exp); [apply (D_opp (fun s => s)), derivable_pt_lim_id|apply derivable_pt_lim_exp].
Qed.

Lemma exp_opp_inverse z : exp (- z) * exp z = 1.
Proof. rewrite <- exp_plus. replace (- z + z) with 0 by ring. apply exp_0. Qed.

(** * sigmoid *)

Lemma sigmoid_range z : 0 < sigmoid z < 1.
Proof.
  unfold sigmoid. pose proof (exp_pos (- z)). split; [apply Rdiv_lt_0_compat; lra|].
  apply Rmult_lt_reg_r with (1 + exp (- z)); [lra|].
  replace (1 / (1 + exp (- z)) * (1 + exp (- z))) with 1 by (field; lra). lra.
Qed.

(* sigma'(z) = sigma(z)(1 - sigma(z)). *)
Theorem sigmoid_derivative z : D sigmoid z (sigmoid z * (1 - sigmoid z)).
Proof.
  unfold sigmoid. pose proof (exp_pos (- z)).
  apply (D_value _ _ ((0 * (1 + exp (- z)) - (0 + - exp (- z)) * 1) / Rsqr (1 + exp (- z)))).
  - unfold Rsqr. field. lra.
  - apply (D_div (fun _ => 1) (fun s => 1 + exp (- s))); [lra|apply derivable_pt_lim_const|].
    apply (D_plus (fun _ => 1) (fun s => exp (- s))); [apply derivable_pt_lim_const|apply D_exp_opp].
Qed.

(* 1 - sigma(z) = sigma(-z): how the program has 1 - a with all its digits. *)
Theorem sigmoid_of_minus z : 1 - sigmoid z = sigmoid (- z).
Proof.
  unfold sigmoid. rewrite Ropp_involutive. pose proof (exp_pos z). rewrite exp_Ropp. field. lra.
Qed.

(* What sigmoid_prime computes: e/(1 + e)^2 with e = e^-|z|. *)
Theorem sigmoid_prime_as_computed z :
  sigmoid z * (1 - sigmoid z) = exp (- Rabs z) / (1 + exp (- Rabs z)) ^ 2.
Proof.
  unfold sigmoid. pose proof (exp_pos z). pose proof (exp_pos (- z)).
  unfold Rabs. destruct (Rcase_abs z).
  - rewrite Ropp_involutive.
    replace (exp (- z)) with (/ exp z) by (symmetry; apply exp_Ropp). field. lra.
  - field. lra.
Qed.

(** * tanh *)

Lemma cosh_pos z : 0 < cosh z.
Proof. unfold cosh. pose proof (exp_pos z). pose proof (exp_pos (- z)). lra. Qed.

(* cosh^2 - sinh^2 = 1. *)
Lemma cosh_sinh z : cosh z * cosh z - sinh z * sinh z = 1.
Proof. unfold cosh, sinh. pose proof (exp_opp_inverse z). nra. Qed.

(* tanh'(z) = 1 - tanh(z)^2. *)
Theorem tanh_derivative z : D tanh z (1 - tanh z ^ 2).
Proof.
  pose proof (cosh_pos z). unfold tanh.
  apply (D_value _ _ ((cosh z * cosh z - sinh z * sinh z) / Rsqr (cosh z))).
  - unfold Rsqr. field. lra.
  - apply (D_div sinh cosh); [lra|apply derivable_pt_lim_sinh|apply derivable_pt_lim_cosh].
Qed.

(* What tanh_prime computes: 4e/(1 + e)^2 with e = e^(-2|z|). *)
Theorem tanh_prime_as_computed z :
  1 - tanh z ^ 2 = 4 * exp (- 2 * Rabs z) / (1 + exp (- 2 * Rabs z)) ^ 2.
Proof.
  pose proof (exp_pos z). pose proof (exp_pos (- z)). unfold tanh, sinh, cosh.
  assert (E : forall u, exp (- 2 * u) = exp (- u) * exp (- u))
    by (intros u; rewrite <- exp_plus; f_equal; ring).
  rewrite E. unfold Rabs. destruct (Rcase_abs z).
  - rewrite Ropp_involutive. replace (exp (- z)) with (/ exp z) by (symmetry; apply exp_Ropp).
    field. split; nra.
  - replace (exp z) with (/ exp (- z)) by (rewrite <- exp_Ropp; f_equal; ring). field. split; nra.
Qed.

(** * softplus *)

(* softplus'(z) = sigmoid(z). *)
Theorem softplus_derivative z : D softplus z (sigmoid z).
Proof.
  unfold softplus, sigmoid. pose proof (exp_pos z).
  apply (D_value _ _ (/ (1 + exp z) * (0 + exp z))).
  - rewrite exp_Ropp. field. lra.
  - apply (D_comp (fun s => 1 + exp s) ln); [|apply derivable_pt_lim_ln; lra].
    apply (D_plus (fun _ => 1) exp); [apply derivable_pt_lim_const|apply derivable_pt_lim_exp].
Qed.

(* What softplus computes: max(z, 0) + ln(1 + e^-|z|). *)
Theorem softplus_as_computed z : softplus z = Rmax z 0 + ln (1 + exp (- Rabs z)).
Proof.
  unfold softplus. pose proof (exp_pos z). pose proof (exp_pos (- z)).
  unfold Rabs. destruct (Rcase_abs z).
  - rewrite Rmax_right, Ropp_involutive by lra. ring.
  - rewrite Rmax_left by lra. replace (1 + exp z) with (exp z * (1 + exp (- z))).
    + now rewrite ln_mult, ln_exp by lra.
    + rewrite Rmult_plus_distr_l, (Rmult_comm (exp z) (exp (- z))), exp_opp_inverse. ring.
Qed.
