(* The activations that are given by branches: relu, leaky_relu, elu and selu. Away from 0 each has the derivative of its
   branch; at 0 elu has one, and the others have two slopes, of which the program takes the one from the left. *)

From Coq Require Import Reals Lra Lia.
From Formal Require Import Sums Branches.
Open Scope R_scope.

(* k z has the derivative k. *)
Lemma D_line k z : D (fun s => k * s) z k.
Proof. apply (D_value _ _ (k * 1)); [ring|]. apply (D_scal k (fun s => s)), derivable_pt_lim_id. Qed.

(* k (e^z - 1) has the derivative k e^z. *)
Lemma D_expm1 k z : D (fun s => k * (exp s - 1)) z (k * exp z).
Proof.
  apply (D_scal k (fun s => exp s - 1)). apply (D_value _ _ (exp z - 0)); [ring|].
  apply (D_minus exp (fun _ => 1)); [apply derivable_pt_lim_exp|apply derivable_pt_lim_const].
Qed.

(** * relu *)

Definition relu : R -> R := branch 0 (fun _ => 0) (fun z => z).

(* As it is often written. *)
Theorem relu_is_max z : relu z = Rmax z 0.
Proof.
  unfold relu, branch. destruct (Rle_dec z 0); [now rewrite Rmax_right|rewrite Rmax_left; lra].
Qed.

(* Away from 0 its derivative is 1 or 0. *)
Theorem relu_derivative_right z : 0 < z -> D relu z 1.
Proof. intros Hz. apply D_branch_right; [exact Hz|apply derivable_pt_lim_id]. Qed.

Theorem relu_derivative_left z : z < 0 -> D relu z 0.
Proof. intros Hz. apply D_branch_left; [exact Hz|apply derivable_pt_lim_const]. Qed.

(* At 0 it has none. The program's 0 is the slope from the left. *)
Theorem relu_has_a_kink l : ~ D relu 0 l.
Proof.
  apply (kink relu 0 0 1); [..|lra].
  - apply branch_slope_from_left, derivable_pt_lim_const.
  - apply branch_slope_from_right; [reflexivity|apply derivable_pt_lim_id].
Qed.

Theorem relu_convention : slope_from_left relu 0 0.
Proof. apply branch_slope_from_left, derivable_pt_lim_const. Qed.

(** * leaky_relu: the slope 1/100 on the left *)

Definition leaky_relu : R -> R := branch 0 (fun z => / 100 * z) (fun z => z).

Theorem leaky_relu_derivative_right z : 0 < z -> D leaky_relu z 1.
Proof. intros Hz. apply D_branch_right; [exact Hz|apply derivable_pt_lim_id]. Qed.

Theorem leaky_relu_derivative_left z : z < 0 -> D leaky_relu z (/ 100).
Proof. intros Hz. apply D_branch_left; [exact Hz|apply D_line]. Qed.

Theorem leaky_relu_convention : slope_from_left leaky_relu 0 (/ 100).
Proof. apply branch_slope_from_left, D_line. Qed.

Theorem leaky_relu_has_a_kink l : ~ D leaky_relu 0 l.
Proof.
  apply (kink leaky_relu 0 (/ 100) 1); [apply leaky_relu_convention|..|lra].
  apply branch_slope_from_right; [lra|apply derivable_pt_lim_id].
Qed.

(** * elu: e^z - 1 on the left *)

Definition elu : R -> R := branch 0 (fun z => exp z - 1) (fun z => z).

Lemma D_elu_left z : D (fun s => exp s - 1) z (exp z).
Proof.
  apply (D_ext (fun s => 1 * (exp s - 1))); [intros; ring|]. apply (D_value _ _ (1 * exp z)); [ring|]. apply D_expm1.
Qed.

Theorem elu_derivative_right z : 0 < z -> D elu z 1.
Proof. intros Hz. apply D_branch_right; [exact Hz|apply derivable_pt_lim_id]. Qed.

(* Including 0: both branches have the value 0 and the slope 1 there. *)
Theorem elu_derivative_left z : z <= 0 -> D elu z (exp z).
Proof.
  intros [Hz| ->]; [now apply D_branch_left, D_elu_left|].
  apply D_join; [rewrite exp_0; ring|apply D_elu_left|rewrite exp_0; apply derivable_pt_lim_id].
Qed.

(** * selu: elu's branches, stretched by lambda and lambda alpha *)

Definition selu_lambda : R := 10507009873554804934193349852946 / 10 ^ 31.
Definition selu_alpha : R := 16732632423543772848170429916717 / 10 ^ 31.
Definition selu : R -> R := branch 0 (fun z => selu_lambda * selu_alpha * (exp z - 1)) (fun z => selu_lambda * z).

Theorem selu_derivative_right z : 0 < z -> D selu z selu_lambda.
Proof. intros Hz. apply D_branch_right; [exact Hz|apply D_line]. Qed.

Theorem selu_derivative_left z : z < 0 -> D selu z (selu_lambda * selu_alpha * exp z).
Proof. intros Hz. apply D_branch_left; [exact Hz|apply D_expm1]. Qed.

Theorem selu_convention : slope_from_left selu 0 (selu_lambda * selu_alpha).
Proof.
  apply branch_slope_from_left. apply (D_value _ _ (selu_lambda * selu_alpha * exp 0)); [rewrite exp_0; ring|].
  apply D_expm1.
Qed.

(* alpha is not 1. *)
Theorem selu_has_a_kink l : ~ D selu 0 l.
Proof.
  apply (kink selu 0 (selu_lambda * selu_alpha) selu_lambda); [apply selu_convention|..].
  - apply branch_slope_from_right; [rewrite exp_0; ring|apply D_line].
  - unfold selu_lambda, selu_alpha. lra.
Qed.
