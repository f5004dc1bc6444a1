(* The textbook definition of differentiability implies ours.

   is_gradient (Gradient.v) asks for the chain rule along every curve. Whoever prefers total differentiability,
   f(y) = f(x) + g . (y - x) + o(|y - x|), may assume that instead: it is the stronger hypothesis. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums Gradient.
Open Scope R_scope.

(* Total differentiability as textbooks have it: f(y) = f(x) + g . (y - x) + o(|y - x|). *)
Definition is_total_derivative (n : nat) (f : vec -> R) (x g : vec) : Prop :=
  forall eps, 0 < eps -> exists d, 0 < d /\ forall y,
    (forall k, (k < n)%nat -> Rabs (y k - x k) < d) ->
    Rabs (f y - f x - Sum n (fun k => g k * (y k - x k))) <= eps * Sum n (fun k => Rabs (y k - x k)).

(* n statements that hold near 0 hold near 0 together. *)
Lemma near_zero_together n (P : nat -> R -> Prop) :
  (forall k, (k < n)%nat -> exists d, 0 < d /\ forall h, Rabs h < d -> P k h) ->
  exists d, 0 < d /\ forall k h, (k < n)%nat -> Rabs h < d -> P k h.
Proof.
  induction n; intros H; [exists 1; split; [lra|lia]|].
  destruct IHn as (d1 & Hd1 & H1); [auto|]. destruct (H n) as (d2 & Hd2 & H2); [lia|].
  exists (Rmin d1 d2). split; [now apply Rmin_pos|]. intros k h Hk Hh.
  pose proof (Rmin_l d1 d2). pose proof (Rmin_r d1 d2).
  destruct (Nat.eq_dec k n) as [->|]; [apply H2; lra|apply H1; [lia|lra]].
Qed.

(* The textbook definition implies the chain rule along every curve. *)
Theorem total_derivative_is_gradient n f x g : is_total_derivative n f x g -> is_gradient n f x g.
Proof.
  intros Hf c t c' Hc Hd.
  assert (Hx : f (c t) = f x).
  { destruct (Hf 1 Rlt_0_1) as (d & Hpos & H).
    assert (Z : forall k, (k < n)%nat -> Rabs (c t k - x k) = 0).
    { intros k Hk. rewrite (Hc k Hk), Rminus_diag_eq by reflexivity. apply Rabs_R0. }
    specialize (H (c t)). rewrite (Sum_ext n (fun k => Rabs (c t k - x k)) (fun _ => 0) Z), Sum_zero in H.
    rewrite (Sum_ext n (fun k => g k * (c t k - x k)) (fun _ => 0)), Sum_zero in H
      by (intros k Hk; rewrite (Hc k Hk); ring).
    assert (Rabs (f (c t) - f x - 0) <= 1 * 0) as H0 by (apply H; intros k Hk; rewrite (Z k Hk); exact Hpos).
    split_Rabs; lra. }
  (* f(c s) = [linear part] + remainder; the remainder has derivative 0 *)
  set (line := fun s => Sum n (fun k => g k * (c s k - x k))).
  assert (Hline : D line t (Sum n (fun k => g k * c' k))).
  { apply (D_Sum n (fun k s => g k * (c s k - x k)) t (fun k => g k * c' k)). intros k Hk.
    apply (D_scal (g k) (fun s => c s k - x k)).
    apply (D_value _ _ (c' k - 0)); [lra|]. apply D_minus; [now apply Hd|apply derivable_pt_lim_const]. }
  assert (Hrest : D (fun s => f (c s) - line s) t 0).
  { intros eps Heps.
    set (M := Sum n (fun k => Rabs (c' k) + 1) + 1).
    assert (HM : 1 <= M).
    { pose proof (Sum_nonneg n (fun k => Rabs (c' k) + 1)) as H.
      assert (0 <= Sum n (fun k => Rabs (c' k) + 1)) by (apply H; intros; pose proof (Rabs_pos (c' k)); lra).
      unfold M. lra. }
    destruct (Hf (eps / (2 * M))) as (d & Hpos & Hrem); [apply Rdiv_lt_0_compat; lra|].
    (* near t the curve moves no faster than |c'| + 1 *)
    destruct (near_zero_together n (fun k h => Rabs (c (t + h) k - x k) <= (Rabs (c' k) + 1) * Rabs h))
      as (d1 & Hd1 & Hspeed).
    { intros k Hk. destruct (Hd k Hk 1 Rlt_0_1) as [e He]. exists e. split; [apply cond_pos|]. intros h Hh.
      destruct (Req_dec h 0) as [->|Hh0].
      - rewrite Rplus_0_r, (Hc k Hk), Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
      - specialize (He h Hh0 Hh). simpl in He. rewrite (Hc k Hk) in He.
        set (q := (c (t + h) k - x k) / h) in *.
        replace (c (t + h) k - x k) with (q * h) by (unfold q; field; exact Hh0). rewrite Rabs_mult.
        apply Rmult_le_compat_r; [apply Rabs_pos|].
        replace q with (c' k + (q - c' k)) by ring. pose proof (Rabs_triang (c' k) (q - c' k)). lra. }
    assert (Hm : 0 < Rmin d1 (d / M)) by (apply Rmin_pos; [exact Hd1|apply Rdiv_lt_0_compat; lra]).
    exists (mkposreal _ Hm). simpl. intros h Hh0 Hh.
    assert (Hh1 : Rabs h < d1) by (eapply Rlt_le_trans; [exact Hh|apply Rmin_l]).
    assert (Hh2 : Rabs h < d / M) by (eapply Rlt_le_trans; [exact Hh|apply Rmin_r]).
    assert (Hh2' : M * Rabs h < d).
    { apply Rmult_lt_reg_r with (/ M); [apply Rinv_0_lt_compat; lra|].
      replace (M * Rabs h * / M) with (Rabs h) by (field; lra). exact Hh2. }
    pose proof (Rabs_pos_lt h Hh0) as Hhpos.
    assert (Hnear : forall k, (k < n)%nat -> Rabs (c (t + h) k - x k) < d).
    { intros k Hk. eapply Rle_lt_trans; [now apply Hspeed|]. eapply Rle_lt_trans; [|exact Hh2'].
      apply Rmult_le_compat_r; [apply Rabs_pos|].
      pose proof (Sum_term_le n (fun k => Rabs (c' k) + 1) k) as H. cbv beta in H.
      assert (Rabs (c' k) + 1 <= Sum n (fun k => Rabs (c' k) + 1))
        by (apply H; [intros q _; pose proof (Rabs_pos (c' q)); lra|exact Hk]).
      unfold M. lra. }
    specialize (Hrem _ Hnear).
    assert (Hsum : Sum n (fun k => Rabs (c (t + h) k - x k)) <= M * Rabs h).
    { eapply Rle_trans; [apply Sum_le; intros k Hk; now apply Hspeed|].
      rewrite Sum_scal_r. apply Rmult_le_compat_r; [apply Rabs_pos|]. unfold M. lra. }
    assert (Hline0 : line t = 0).
    { unfold line. rewrite (Sum_ext n _ (fun _ => 0)) by (intros k Hk; rewrite (Hc k Hk); ring). apply Sum_zero. }
    rewrite Hx, Hline0.
    replace ((f (c (t + h)) - line (t + h) - (f x - 0)) / h - 0)
      with ((f (c (t + h)) - f x - line (t + h)) / h) by (field; exact Hh0).
    unfold Rdiv. rewrite Rabs_mult, Rabs_inv.
    apply Rle_lt_trans with (eps / (2 * M) * (M * Rabs h) * / Rabs h).
    - apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
      eapply Rle_trans; [exact Hrem|]. apply Rmult_le_compat_l; [|exact Hsum].
      left. apply Rdiv_lt_0_compat; lra.
    - replace (eps / (2 * M) * (M * Rabs h) * / Rabs h) with (eps / 2) by (field; split; lra). lra. }
  apply (D_ext (fun s => (f (c s) - line s) + line s)); [intros; ring|].
  apply (D_value _ _ (0 + Sum n (fun k => g k * c' k))); [ring|].
  now apply (D_plus (fun s => f (c s) - line s) line).
Qed.
