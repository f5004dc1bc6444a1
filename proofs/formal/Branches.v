(* Functions given by branches: relu and its relatives, the Huber cost. Where two branches meet with one value and one
   slope there is a derivative; where the slopes differ there is none, but there are two slopes, one from each side. *)

From Coq Require Import Reals Lra Lia.
From Formal Require Import Sums.
Open Scope R_scope.

(* f (t) for t <= c, and g (t) beyond. *)
Definition branch (c : R) (f g : R -> R) (t : R) : R := if Rle_dec t c then f t else g t.

(* The limits of the difference quotient from one side alone. *)
Definition slope_from_left (f : R -> R) (t l : R) : Prop :=
  forall eps, 0 < eps -> exists d, 0 < d /\ forall h, - d < h < 0 -> Rabs ((f (t + h) - f t) / h - l) < eps.
Definition slope_from_right (f : R -> R) (t l : R) : Prop :=
  forall eps, 0 < eps -> exists d, 0 < d /\ forall h, 0 < h < d -> Rabs ((f (t + h) - f t) / h - l) < eps.

Lemma D_sides f t l : D f t l -> slope_from_left f t l /\ slope_from_right f t l.
Proof.
  intros H; split; intros eps He; destruct (H eps He) as [d Hd]; exists d; (split; [apply cond_pos|]);
    intros h Hh; apply Hd; try (apply Rabs_def1); lra.
Qed.

(* The same slope from both sides is the derivative. *)
Lemma D_of_sides f t l : slope_from_left f t l -> slope_from_right f t l -> D f t l.
Proof.
  intros Hl Hr eps He. destruct (Hl eps He) as (d & Hd & Left). destruct (Hr eps He) as (d' & Hd' & Right).
  assert (Hm : 0 < Rmin d d') by now apply Rmin_pos.
  exists (mkposreal _ Hm). simpl. intros h Hh Hsmall. apply Rabs_def2 in Hsmall.
  pose proof (Rmin_l d d'). pose proof (Rmin_r d d').
  destruct (Rtotal_order h 0) as [Hneg|[Hzero|Hpos]]; [apply Left; lra|contradiction|apply Right; lra].
Qed.

Lemma close_is_equal x y : (forall eps, 0 < eps -> Rabs (x - y) < eps) -> x = y.
Proof.
  intros H. destruct (Req_dec x y) as [|Hxy]; [assumption|].
  assert (Hp : 0 < Rabs (x - y)) by (apply Rabs_pos_lt; lra). specialize (H _ Hp). lra.
Qed.

Lemma left_slope_unique f t l m : slope_from_left f t l -> slope_from_left f t m -> l = m.
Proof.
  intros Hl Hm. apply close_is_equal. intros eps He.
  destruct (Hl (eps / 2)) as (d & Hd & A); [lra|]. destruct (Hm (eps / 2)) as (d' & Hd' & B); [lra|].
  pose proof (Rmin_l d d'). pose proof (Rmin_r d d'). assert (0 < Rmin d d') by now apply Rmin_pos.
  assert (- d < - (Rmin d d' / 2) < 0) as Ha by lra. assert (- d' < - (Rmin d d' / 2) < 0) as Hb by lra.
  specialize (A _ Ha). specialize (B _ Hb).
  apply Rabs_def2 in A. apply Rabs_def2 in B. apply Rabs_def1; lra.
Qed.

Lemma right_slope_unique f t l m : slope_from_right f t l -> slope_from_right f t m -> l = m.
Proof.
  intros Hl Hm. apply close_is_equal. intros eps He.
  destruct (Hl (eps / 2)) as (d & Hd & A); [lra|]. destruct (Hm (eps / 2)) as (d' & Hd' & B); [lra|].
  pose proof (Rmin_l d d'). pose proof (Rmin_r d d'). assert (0 < Rmin d d') by now apply Rmin_pos.
  assert (0 < Rmin d d' / 2 < d) as Ha by lra. assert (0 < Rmin d d' / 2 < d') as Hb by lra.
  specialize (A _ Ha). specialize (B _ Hb).
  apply Rabs_def2 in A. apply Rabs_def2 in B. apply Rabs_def1; lra.
Qed.

(* Two slopes: no derivative. *)
Lemma kink f t l m : slope_from_left f t l -> slope_from_right f t m -> l <> m -> forall s, ~ D f t s.
Proof.
  intros Hl Hr Hlm s Hs. destruct (D_sides f t s Hs) as [Sl Sr].
  apply Hlm. transitivity s; [now apply (left_slope_unique f t)|now apply (right_slope_unique f t)].
Qed.

(** * Branches *)

Section Branch.
  Variables (c : R) (f g : R -> R).

  Lemma branch_left t : t <= c -> branch c f g t = f t.
  Proof. intros H. unfold branch. destruct (Rle_dec t c); [reflexivity|lra]. Qed.

  Lemma branch_right t : c < t -> branch c f g t = g t.
  Proof. intros H. unfold branch. destruct (Rle_dec t c); [lra|reflexivity]. Qed.

  (* Around a point on one side a single branch holds. *)
  Lemma D_branch_left t l : t < c -> D f t l -> D (branch c f g) t l.
  Proof.
    intros Ht. assert (Hp : 0 < c - t) by lra. apply (D_near f _ t l (mkposreal _ Hp)). simpl.
    intros s Hs. apply Rabs_def2 in Hs. rewrite branch_left; [reflexivity|lra].
  Qed.

  Lemma D_branch_right t l : c < t -> D g t l -> D (branch c f g) t l.
  Proof.
    intros Ht. assert (Hp : 0 < t - c) by lra. apply (D_near g _ t l (mkposreal _ Hp)). simpl.
    intros s Hs. apply Rabs_def2 in Hs. rewrite branch_right; [reflexivity|lra].
  Qed.

  (* Where they meet, each branch gives the slope from its side. *)
  Lemma branch_slope_from_left l : D f c l -> slope_from_left (branch c f g) c l.
  Proof.
    intros H eps He. destruct (D_sides f c l H) as [Hl _]. destruct (Hl eps He) as (d & Hd & A).
    exists d. split; [exact Hd|]. intros h Hh. rewrite !branch_left by lra. now apply A.
  Qed.

  Lemma branch_slope_from_right m : f c = g c -> D g c m -> slope_from_right (branch c f g) c m.
  Proof.
    intros Hfg H eps He. destruct (D_sides g c m H) as [_ Hr]. destruct (Hr eps He) as (d & Hd & A).
    exists d. split; [exact Hd|]. intros h Hh. rewrite (branch_left c), (branch_right (c + h)), Hfg by lra. now apply A.
  Qed.

  (* One value and one slope: the derivative. *)
  Lemma D_join l : f c = g c -> D f c l -> D g c l -> D (branch c f g) c l.
  Proof. intros. apply D_of_sides; [now apply branch_slope_from_left|now apply branch_slope_from_right]. Qed.
End Branch.

(* Both together: each branch on its side, and one slope where they meet. *)
Lemma D_branch c f g f' g' t :
  (t <= c -> D f t (f' t)) -> (c <= t -> D g t (g' t)) -> f c = g c -> f' c = g' c ->
  D (branch c f g) t (branch c f' g' t).
Proof.
  intros Hf Hg Hv Hs. destruct (Rtotal_order t c) as [H|[->|H]].
  - rewrite branch_left by lra. apply D_branch_left; [exact H|apply Hf; lra].
  - rewrite branch_left by lra. apply D_join; [exact Hv|apply Hf; lra|rewrite Hs; apply Hg; lra].
  - rewrite branch_right by exact H. apply D_branch_right; [exact H|apply Hg; lra].
Qed.
