(* The two costs that are given by branches: Huber's and the squared hinge. Their branches meet with one slope, so that
   the gradient exists everywhere. *)

From Coq Require Import Reals Lra Lia.
From Formal Require Import Sums Gradient Branches Costs.
Open Scope R_scope.

(* a - E has the derivative 1. *)
Lemma D_shift E a : D (fun s => s - E) a 1.
Proof.
  apply (D_value _ _ (1 - 0)); [ring|].
  apply (D_minus (fun s => s)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const].
Qed.

(** * Huber: r^2/2 where |r| <= d, and d(|r| - d/2) beyond, for r = a - E and a threshold d > 0 *)

Definition huber_term (d r : R) : R := if Rle_dec (Rabs r) d then / 2 * r ^ 2 else d * (Rabs r - / 2 * d).

(* The slope: r, or d, or -d. *)
Definition huber_slope (d r : R) : R := if Rlt_dec d r then d else if Rlt_dec r (- d) then - d else r.

Lemma D_huber_term d r : 0 < d -> D (huber_term d) r (huber_slope d r).
Proof.
  intros Hd.
  apply (D_ext (branch d (branch (- d) (fun r => - d * r - / 2 * d ^ 2) (fun r => / 2 * (r - 0) ^ 2))
                         (fun r => d * r - / 2 * d ^ 2))).
  { intros s. unfold huber_term, branch.
    destruct (Rle_dec s d), (Rle_dec s (- d)), (Rle_dec (Rabs s) d); try (exfalso; split_Rabs; lra); try (simpl; ring).
    - replace s with (- d) by (split_Rabs; lra). simpl. field.
    - rewrite Rabs_left by lra. simpl. field.
    - rewrite Rabs_right by lra. simpl. field. }
  apply (D_value _ _ (branch d (branch (- d) (fun _ => - d) (fun r => r)) (fun _ => d) r)).
  { unfold huber_slope, branch.
    destruct (Rle_dec r d), (Rle_dec r (- d)), (Rlt_dec d r), (Rlt_dec r (- d)); lra. }
  assert (Hline : forall k t, D (fun r => k * r - / 2 * d ^ 2) t k).
  { intros k t. apply (D_value _ _ (k * 1 - 0)); [ring|].
    apply (D_minus (fun r => k * r)); [apply (D_scal k (fun r => r)), derivable_pt_lim_id|apply derivable_pt_lim_const]. }
  apply (D_branch d _ _ (branch (- d) (fun _ => - d) (fun r => r)) (fun _ => d)).
  - intros _. apply (D_branch (- d) _ _ (fun _ => - d) (fun r => r)); [intros; apply Hline|intros|simpl; field|reflexivity].
    apply (D_value _ _ (/ 2 * (2 * (r - 0)))); [field|]. apply (D_scal (/ 2) (fun r => (r - 0) ^ 2)), D_square.
  - intros _. apply Hline.
  - rewrite branch_right by lra. simpl. field.
  - now rewrite branch_right by lra.
Qed.

Definition huber (d : R) (n : nat) (E a : vec) : R := Sum n (fun j => huber_term d (a j - E j)).

Theorem huber_gradient d n E a : 0 < d -> is_gradient n (huber d n E) a (fun j => huber_slope d (a j - E j)).
Proof.
  intros Hd. apply (gradient_of_sum n (fun j s => huber_term d (s - E j))). intros j _.
  apply (D_value _ _ (huber_slope d (a j - E j) * 1)); [ring|].
  apply (D_comp (fun s => s - E j) (huber_term d)); [apply D_shift|now apply D_huber_term].
Qed.

(* So the difference is clipped to [-d, d]. *)
Theorem huber_slope_is_clipped d r : 0 < d -> huber_slope d r = Rmax (- d) (Rmin d r).
Proof.
  intros Hd. unfold huber_slope. destruct (Rlt_dec d r).
  - rewrite Rmin_left, Rmax_right by lra. reflexivity.
  - rewrite Rmin_right by lra. destruct (Rlt_dec r (- d)); [now rewrite Rmax_left by lra|now rewrite Rmax_right by lra].
Qed.

(** * Squared hinge: C = sum max(0, 1 - E a)^2, and nabla C = -2 E max(0, 1 - E a) *)

Definition squared_hinge (n : nat) (E a : vec) : R := Sum n (fun j => Rmax 0 (1 - E j * a j) ^ 2).

(* max(0, u)^2 has the derivative 2 max(0, u), also at 0: the square has removed the kink. *)
Lemma D_squared_max u : D (fun u => Rmax 0 u ^ 2) u (2 * Rmax 0 u).
Proof.
  apply (D_ext (branch 0 (fun _ => 0) (fun u => (u - 0) ^ 2))).
  { intros s. unfold branch. destruct (Rle_dec s 0); [rewrite Rmax_left by lra|rewrite Rmax_right by lra]; simpl; ring. }
  apply (D_value _ _ (branch 0 (fun _ => 0) (fun u => 2 * (u - 0)) u)).
  { unfold branch. destruct (Rle_dec u 0); [rewrite Rmax_left by lra|rewrite Rmax_right by lra]; ring. }
  apply (D_branch 0 (fun _ => 0) (fun u => (u - 0) ^ 2) (fun _ => 0)); [intros; apply derivable_pt_lim_const|intros; apply D_square|simpl; ring|ring].
Qed.

Theorem squared_hinge_gradient n E a :
  is_gradient n (squared_hinge n E) a (fun j => -2 * E j * Rmax 0 (1 - E j * a j)).
Proof.
  apply (gradient_of_sum n (fun j s => Rmax 0 (1 - E j * s) ^ 2)). intros j _.
  apply (D_value _ _ (2 * Rmax 0 (1 - E j * a j) * (0 - E j * 1))); [ring|].
  apply (D_comp (fun s => 1 - E j * s) (fun u => Rmax 0 u ^ 2)); [|apply D_squared_max].
  apply (D_minus (fun _ => 1) (fun s => E j * s)); [apply derivable_pt_lim_const|].
  apply (D_scal (E j) (fun s => s)), derivable_pt_lim_id.
Qed.
