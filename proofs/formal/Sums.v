(* Finite sums, vectors, and derivatives along a line: the vocabulary of the other files.

   A vector is a function of its index. Indices start at 0; an entry beyond the width is never looked at. *)

From Coq Require Import Reals Lra Lia Arith.
Open Scope R_scope.

Definition vec := nat -> R.
Definition mat := nat -> nat -> R.

(* D f t l says that f is differentiable at t and f'(t) = l. It is the standard library's own definition. *)
Notation D := derivable_pt_lim.

(* Sum n f = f 0 + ... + f (n - 1) *)
Fixpoint Sum (n : nat) (f : nat -> R) : R :=
  match n with
  | O => 0
  | S m => Sum m f + f m
  end.

(* The Kronecker delta, [k = j]. *)
Definition kronecker (k j : nat) : R := if Nat.eqb k j then 1 else 0.

(* x with its entry j replaced by s, and M with its entry jk replaced by s. *)
Definition set (x : vec) (j : nat) (s : R) : vec := fun j' => if Nat.eqb j' j then s else x j'.
Definition set_entry (M : mat) (j k : nat) (s : R) : mat := fun j' => if Nat.eqb j' j then set (M j) k s else M j'.

(* The products of the four equations. *)
Definition hadamard (u v : vec) : vec := fun j => u j * v j.
Definition outer (u v : vec) : mat := fun j k => u j * v k.
Definition transpose (M : mat) : mat := fun j k => M k j.
Definition matvec (n : nat) (M : mat) (v : vec) : vec := fun j => Sum n (fun k => M j k * v k).

(** * Sums *)

Lemma Sum_ext n f g : (forall k, (k < n)%nat -> f k = g k) -> Sum n f = Sum n g.
Proof. induction n; simpl; intros H; [reflexivity|]. rewrite IHn, H; auto. Qed.

Lemma Sum_plus n f g : Sum n (fun k => f k + g k) = Sum n f + Sum n g.
Proof. induction n; simpl; [lra|]. rewrite IHn; lra. Qed.

Lemma Sum_scal n c f : Sum n (fun k => c * f k) = c * Sum n f.
Proof. induction n; simpl; [lra|]. rewrite IHn; lra. Qed.

Lemma Sum_scal_r n c f : Sum n (fun k => f k * c) = Sum n f * c.
Proof. induction n; simpl; [lra|]. rewrite IHn; lra. Qed.

Lemma Sum_zero n : Sum n (fun _ => 0) = 0.
Proof. induction n; simpl; lra. Qed.

Lemma Sum_swap n m (f : nat -> nat -> R) :
  Sum n (fun i => Sum m (fun j => f i j)) = Sum m (fun j => Sum n (fun i => f i j)).
Proof. induction n; simpl; [now rewrite Sum_zero|]. now rewrite IHn, <- Sum_plus. Qed.

Lemma Sum_le n f g : (forall k, (k < n)%nat -> f k <= g k) -> Sum n f <= Sum n g.
Proof. induction n; simpl; intros H; [lra|]. apply Rplus_le_compat; auto. Qed.

Lemma Sum_nonneg n f : (forall k, (k < n)%nat -> 0 <= f k) -> 0 <= Sum n f.
Proof. intros H. rewrite <- (Sum_zero n). now apply Sum_le. Qed.

Lemma Sum_term_le n f j : (forall k, (k < n)%nat -> 0 <= f k) -> (j < n)%nat -> f j <= Sum n f.
Proof.
  induction n; simpl; intros Hf Hj; [lia|].
  destruct (Nat.eq_dec j n) as [->|].
  - pose proof (Sum_nonneg n f (fun k Hk => Hf k (Nat.lt_lt_succ_r _ _ Hk))). lra.
  - assert (f j <= Sum n f) by (apply IHn; auto; lia). pose proof (Hf n (Nat.lt_succ_diag_r n)). lra.
Qed.

Lemma kronecker_same j : kronecker j j = 1.
Proof. unfold kronecker. now rewrite Nat.eqb_refl. Qed.

Lemma kronecker_other k j : k <> j -> kronecker k j = 0.
Proof. intros H. unfold kronecker. now apply Nat.eqb_neq in H as ->. Qed.

(* A sum against a Kronecker delta keeps one term. *)
Lemma Sum_kronecker n j f : (j < n)%nat -> Sum n (fun k => f k * kronecker k j) = f j.
Proof.
  induction n; simpl; intros H; [lia|].
  destruct (Nat.eq_dec n j) as [->|].
  - rewrite kronecker_same, (Sum_ext _ _ (fun _ => 0)), Sum_zero; [lra|].
    intros k Hk. rewrite kronecker_other by lia. lra.
  - rewrite IHn by lia. rewrite kronecker_other by lia. lra.
Qed.

(** * Replaced entries *)

Lemma set_same x j k : set x j (x j) k = x k.
Proof. unfold set. destruct (Nat.eqb_spec k j); congruence. Qed.

Lemma set_entry_same M j k j' k' : set_entry M j k (M j k) j' k' = M j' k'.
Proof. unfold set_entry. destruct (Nat.eqb_spec j' j) as [->|]; [apply set_same|reflexivity]. Qed.

(* Moving one entry moves that entry at speed 1, and nothing else. *)
Lemma D_set x j k t : D (fun s => set x j s k) t (kronecker k j).
Proof. unfold set, kronecker. destruct (Nat.eqb k j); [apply derivable_pt_lim_id|apply derivable_pt_lim_const]. Qed.

Lemma D_set_entry M j k j' k' t : D (fun s => set_entry M j k s j' k') t (kronecker j' j * kronecker k' k).
Proof.
  unfold set_entry. destruct (Nat.eqb_spec j' j) as [->|H].
  - rewrite kronecker_same, Rmult_1_l. apply D_set.
  - rewrite kronecker_other, Rmult_0_l by exact H. apply derivable_pt_lim_const.
Qed.

(** * Derivatives *)

Lemma D_ext f g t l : (forall s, f s = g s) -> D f t l -> D g t l.
Proof. intros E H eps He. destruct (H eps He) as [d Hd]. exists d. intros. rewrite <- !E. auto. Qed.

Lemma D_value f t l l' : l = l' -> D f t l -> D f t l'.
Proof. now intros ->. Qed.

(* Two functions that agree near t have the same derivative there. *)
Lemma D_near f g t l (r : posreal) : (forall s, Rabs (s - t) < r -> f s = g s) -> D f t l -> D g t l.
Proof.
  intros E H eps He. destruct (H eps He) as [d Hd].
  assert (Hm : 0 < Rmin d r) by (apply Rmin_pos; apply cond_pos).
  exists (mkposreal _ Hm). simpl. intros h Hh Hsmall.
  rewrite <- !E.
  - apply Hd; [exact Hh|]. eapply Rlt_le_trans; [exact Hsmall|apply Rmin_l].
  - replace (t - t) with 0 by lra. rewrite Rabs_R0. apply cond_pos.
  - replace (t + h - t) with h by lra. eapply Rlt_le_trans; [exact Hsmall|apply Rmin_r].
Qed.

Lemma D_plus f g t l m : D f t l -> D g t m -> D (fun s => f s + g s) t (l + m).
Proof. apply (derivable_pt_lim_plus f g). Qed.

Lemma D_minus f g t l m : D f t l -> D g t m -> D (fun s => f s - g s) t (l - m).
Proof. apply (derivable_pt_lim_minus f g). Qed.

Lemma D_opp f t l : D f t l -> D (fun s => - f s) t (- l).
Proof. apply (derivable_pt_lim_opp f). Qed.

Lemma D_mult f g t l m : D f t l -> D g t m -> D (fun s => f s * g s) t (l * g t + f t * m).
Proof. apply (derivable_pt_lim_mult f g). Qed.

Lemma D_scal c f t l : D f t l -> D (fun s => c * f s) t (c * l).
Proof. apply (derivable_pt_lim_scal f c). Qed.

Lemma D_div f g t l m : g t <> 0 -> D f t l -> D g t m -> D (fun s => f s / g s) t ((l * g t - m * f t) / Rsqr (g t)).
Proof. intros Hg Hf Hm. exact (derivable_pt_lim_div f g t l m Hf Hm Hg). Qed.

(* The chain rule of one variable: the outer derivative times the inner one. *)
Lemma D_comp f g t l m : D f t l -> D g (f t) m -> D (fun s => g (f s)) t (m * l).
Proof. apply (derivable_pt_lim_comp f g). Qed.

(* The derivative of a finite sum, term by term. *)
Lemma D_Sum n (f : nat -> R -> R) t (l : vec) :
  (forall k, (k < n)%nat -> D (f k) t (l k)) -> D (fun s => Sum n (fun k => f k s)) t (Sum n l).
Proof.
  induction n; simpl; intros H; [apply derivable_pt_lim_const|].
  apply (D_plus (fun s => Sum n (fun k => f k s)) (f n)); auto.
Qed.
