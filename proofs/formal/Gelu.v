(* gelu, z Phi(z), with the normal distribution function as the program has it: Phi(z) = erfc(-z/sqrt 2)/2. The error
   function is defined here as in textbooks, by the Riemann integral of the standard library:
   erf x = 2/sqrt pi times the integral of e^-t^2 from 0 to x, and erfc x = 1 - erf x. *)

From Coq Require Import Reals Lra Lia.
From Formal Require Import Sums.
Open Scope R_scope.

(* The fundamental theorem of calculus for an integral from 0 to any x, on either side. *)
Lemma D_integral (f : R -> R) (integrable : forall x, Riemann_integrable f 0 x) x :
  (forall t, continuity_pt f t) -> D (fun x => RiemannInt (integrable x)) x (f x).
Proof.
  intros C. set (b := Rabs x + 1). assert (Hb : - b <= b) by (pose proof (Rabs_pos x); unfold b; lra).
  set (C0 := fun t (_ : - b <= t <= b) => C t).
  assert (pr : Riemann_integrable f (- b) 0) by apply RiemannInt_P1, integrable.
  apply (D_near (fun s => primitive Hb (FTC_P1 Hb C0) s - RiemannInt pr) _ x _ (mkposreal 1 Rlt_0_1)).
  - simpl. intros s Hs. unfold primitive.
    destruct (Rle_dec (- b) s) as [Hl|Hl]; [destruct (Rle_dec s b) as [Hr|Hr]|].
    + rewrite <- (RiemannInt_P26 pr (integrable s)). ring.
    + exfalso. apply Hr. unfold b. split_Rabs; lra.
    + exfalso. apply Hl. unfold b. split_Rabs; lra.
  - apply (D_value _ _ (f x - 0)); [ring|].
    apply (D_minus (primitive Hb (FTC_P1 Hb C0)) (fun _ => RiemannInt pr)); [|apply derivable_pt_lim_const].
    apply RiemannInt_P28. unfold b. split_Rabs; lra.
Qed.

(** * The error function *)

Definition bell (t : R) : R := exp (- (t * t)).

Lemma D_bell t : D bell t (bell t * - (1 * t + t * 1)).
Proof.
  apply (D_comp (fun t => - (t * t)) exp); [|apply derivable_pt_lim_exp].
  apply (D_opp (fun t => t * t)). apply (D_mult (fun t => t) (fun t => t)); apply derivable_pt_lim_id.
Qed.

Lemma bell_continuous t : continuity_pt bell t.
Proof. apply derivable_continuous_pt. eexists. apply D_bell. Qed.

Lemma bell_integrable x : Riemann_integrable bell 0 x.
Proof.
  destruct (Rle_dec 0 x) as [H|H]; [|apply RiemannInt_P1];
    (apply continuity_implies_RiemannInt; [lra|]; intros; apply bell_continuous).
Qed.

Definition erf (x : R) : R := 2 / sqrt PI * RiemannInt (bell_integrable x).
Definition erfc (x : R) : R := 1 - erf x.

Theorem erf_derivative x : D erf x (2 / sqrt PI * exp (- (x * x))).
Proof. apply (D_scal (2 / sqrt PI)). apply (D_integral bell bell_integrable), bell_continuous. Qed.

(** * gelu *)

Definition normal_distribution (z : R) : R := erfc (- z / sqrt 2) / 2.
Definition normal_density (z : R) : R := exp (- (z * z) / 2) / sqrt (2 * PI).
Definition gelu (z : R) : R := z * normal_distribution z.

(* Phi' = phi. *)
Theorem normal_distribution_derivative z : D normal_distribution z (normal_density z).
Proof.
  pose proof PI_RGT_0. assert (H2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  assert (Hpi : 0 < sqrt PI) by (apply sqrt_lt_R0; lra).
  assert (Hx : - (- z / sqrt 2 * (- z / sqrt 2)) = - (z * z) / 2).
  { replace (- z / sqrt 2 * (- z / sqrt 2)) with (z * z / (sqrt 2 * sqrt 2)) by (field; lra).
    rewrite sqrt_sqrt by lra. field. }
  apply (D_ext (fun s => / 2 * (1 - erf (- / sqrt 2 * s)))).
  { intros s. unfold normal_distribution, erfc. replace (- / sqrt 2 * s) with (- s / sqrt 2) by (field; lra). field. }
  apply (D_value _ _ (/ 2 * (0 - 2 / sqrt PI * exp (- (- z / sqrt 2 * (- z / sqrt 2))) * (- / sqrt 2 * 1)))).
  - rewrite Hx. unfold normal_density. rewrite sqrt_mult by lra. field. lra.
  - apply (D_scal (/ 2) (fun s => 1 - erf (- / sqrt 2 * s))).
    apply (D_minus (fun _ => 1) (fun s => erf (- / sqrt 2 * s))); [apply derivable_pt_lim_const|].
    apply (D_comp (fun s => - / sqrt 2 * s) erf).
    + apply (D_scal (- / sqrt 2) (fun s => s)), derivable_pt_lim_id.
    + replace (- / sqrt 2 * z) with (- z / sqrt 2) by (field; lra). apply erf_derivative.
Qed.

Theorem gelu_derivative z : D gelu z (normal_distribution z + z * normal_density z).
Proof.
  apply (D_value _ _ (1 * normal_distribution z + z * normal_density z)); [ring|].
  apply (D_mult (fun s => s) normal_distribution); [apply derivable_pt_lim_id|apply normal_distribution_derivative].
Qed.
