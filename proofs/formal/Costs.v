(* The costs of one sample with their gradients, each on the domains of a and E where it is defined; the two that are
   given by branches are in CostsByBranches.v. All but the exponential are multiples of a sum over the outputs of a function of a_j alone: gradient_of_sum (Gradient.v) leaves
   one derivative of one variable. *)

From Coq Require Import Reals Lra Lia.
From Formal Require Import Sums Gradient Activations.
Open Scope R_scope.

(* (a - E)^2 has the derivative 2(a - E). *)
Lemma D_square E a : D (fun s => (s - E) ^ 2) a (2 * (a - E)).
Proof.
  assert (H : D (fun s => s - E) a 1).
  { apply (D_value _ _ (1 - 0)); [ring|].
    apply (D_minus (fun s => s)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const]. }
  apply (D_ext (fun s => (s - E) * (s - E))); [intros; ring|].
  apply (D_value _ _ (1 * (a - E) + (a - E) * 1)); [ring|]. exact (D_mult _ _ a 1 1 H H).
Qed.

(* ln(E/a) has the derivative -1/a, for E, a > 0. *)
Lemma D_ln_quotient E a : 0 < E -> 0 < a -> D (fun s => ln (E / s)) a (- / a).
Proof.
  intros HE Ha. assert (0 < E / a) by now apply Rdiv_lt_0_compat.
  apply (D_value _ _ (/ (E / a) * ((0 * a - 1 * E) / Rsqr a))); [unfold Rsqr; field; lra|].
  apply (D_comp (fun s => E / s) ln); [|now apply derivable_pt_lim_ln].
  apply (D_div (fun _ => E) (fun s => s)); [lra|apply derivable_pt_lim_const|apply derivable_pt_lim_id].
Qed.

(* E ln(E/a) has the derivative -E/a, for a > 0; E = 0 is allowed, with 0 ln 0 = 0. *)
Lemma D_divergence E a : 0 <= E -> 0 < a -> D (fun s => E * ln (E / s)) a (- E / a).
Proof.
  intros HE Ha. destruct (Rle_lt_or_eq_dec 0 E HE) as [Hpos|<-].
  - apply (D_value _ _ (E * - / a)); [field; lra|].
    apply (D_scal E (fun s => ln (E / s))). now apply D_ln_quotient.
  - apply (D_ext (fun _ => 0)); [intros; ring|].
    apply (D_value _ _ 0); [field; lra|]. apply derivable_pt_lim_const.
Qed.

Section Costs.
  Variables (n : nat) (E : vec).

  (** * Quadratic: C = 1/2 sum (a - E)^2, and nabla C = a - E *)

  Definition quadratic (a : vec) : R := / 2 * Sum n (fun j => (a j - E j) ^ 2).

  Theorem quadratic_gradient a : is_gradient n quadratic a (fun j => a j - E j).
  Proof.
    apply (gradient_ext _ _ _ (fun j => / 2 * (2 * (a j - E j)))); [intros; field|].
    apply (gradient_through_outer n (fun a => Sum n (fun j => (a j - E j) ^ 2)) (fun s => / 2 * s)).
    - intros y Hy. apply Sum_ext. intros k Hk. now rewrite Hy.
    - apply (gradient_of_sum n (fun j s => (s - E j) ^ 2)). intros j _. apply D_square.
    - apply (D_value _ _ (/ 2 * 1)); [ring|]. apply (D_scal (/ 2) (fun s => s)), derivable_pt_lim_id.
  Qed.

  (** * Cross-entropy: C = -sum [E ln a + (1 - E) ln(1 - a)], and nabla C = (a - E)/(a(1 - a)), for 0 < a < 1 *)

  Definition cross_entropy (a : vec) : R := Sum n (fun j => - (E j * ln (a j) + (1 - E j) * ln (1 - a j))).

  Theorem cross_entropy_gradient a :
    (forall j, (j < n)%nat -> 0 < a j < 1) ->
    is_gradient n cross_entropy a (fun j => (a j - E j) / (a j * (1 - a j))).
  Proof.
    intros Ha. apply (gradient_of_sum n (fun j s => - (E j * ln s + (1 - E j) * ln (1 - s)))). intros j Hj.
    specialize (Ha j Hj).
    assert (H : D (fun s => ln (1 - s)) (a j) (/ (1 - a j) * (0 - 1))).
    { apply (D_comp (fun s => 1 - s) ln); [|apply derivable_pt_lim_ln; lra].
      apply (D_minus (fun _ => 1) (fun s => s)); [apply derivable_pt_lim_const|apply derivable_pt_lim_id]. }
    apply (D_value _ _ (- (E j * / a j + (1 - E j) * (/ (1 - a j) * (0 - 1))))); [field; lra|].
    apply (D_opp (fun s => E j * ln s + (1 - E j) * ln (1 - s))).
    apply (D_plus (fun s => E j * ln s) (fun s => (1 - E j) * ln (1 - s)));
      apply (D_scal _ _ (a j)); [apply derivable_pt_lim_ln; lra|exact H].
  Qed.

  (** * Exponential: C = tau exp(sum (a - E)^2 / tau), and nabla C = (2/tau)(a - E) C, for tau <> 0 *)

  Variable tau : R.
  Definition exponential (a : vec) : R := tau * exp (Sum n (fun j => (a j - E j) ^ 2) / tau).

  Theorem exponential_gradient a :
    tau <> 0 -> is_gradient n exponential a (fun j => 2 / tau * (a j - E j) * exponential a).
  Proof.
    intros Htau. set (S := Sum n (fun j => (a j - E j) ^ 2)).
    apply (gradient_ext _ _ _ (fun j => exp (S / tau) * (2 * (a j - E j)))).
    { intros j _. unfold exponential. fold S. field. exact Htau. }
    apply (gradient_through_outer n (fun a => Sum n (fun j => (a j - E j) ^ 2)) (fun s => tau * exp (s / tau))).
    - intros y Hy. apply Sum_ext. intros k Hk. now rewrite Hy.
    - apply (gradient_of_sum n (fun j s => (s - E j) ^ 2)). intros j _. apply D_square.
    - fold S. apply (D_value _ _ (tau * (exp (S / tau) * / tau))); [field; exact Htau|].
      apply (D_scal tau (fun s => exp (s / tau))).
      apply (D_comp (fun s => s / tau) exp); [|apply derivable_pt_lim_exp].
      apply (D_ext (fun s => / tau * s)); [intros; unfold Rdiv; ring|].
      apply (D_value _ _ (/ tau * 1)); [ring|]. apply (D_scal (/ tau) (fun s => s)), derivable_pt_lim_id.
  Qed.

  (** * Hellinger: C = (1/sqrt 2) sum (sqrt a - sqrt E)^2, and nabla C = (sqrt a - sqrt E)/(sqrt 2 sqrt a), for a > 0 *)

  Definition hellinger (a : vec) : R := / sqrt 2 * Sum n (fun j => (sqrt (a j) - sqrt (E j)) ^ 2).

  Theorem hellinger_gradient a :
    (forall j, (j < n)%nat -> 0 < a j) ->
    is_gradient n hellinger a (fun j => (sqrt (a j) - sqrt (E j)) / (sqrt 2 * sqrt (a j))).
  Proof.
    intros Ha. assert (H2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
    apply (gradient_ext _ _ _ (fun j => / sqrt 2 * (2 * (sqrt (a j) - sqrt (E j)) * / (2 * sqrt (a j))))).
    { intros j Hj. pose proof (sqrt_lt_R0 (a j) (Ha j Hj)). field. lra. }
    apply (gradient_through_outer n (fun a => Sum n (fun j => (sqrt (a j) - sqrt (E j)) ^ 2)) (fun s => / sqrt 2 * s)).
    - intros y Hy. apply Sum_ext. intros k Hk. now rewrite Hy.
    - apply (gradient_of_sum n (fun j s => (sqrt s - sqrt (E j)) ^ 2)). intros j Hj.
      apply (D_comp sqrt (fun s => (s - sqrt (E j)) ^ 2)); [apply derivable_pt_lim_sqrt; auto|apply D_square].
    - apply (D_value _ _ (/ sqrt 2 * 1)); [ring|]. apply (D_scal (/ sqrt 2) (fun s => s)), derivable_pt_lim_id.
  Qed.

  (** * Kullback-Leibler: C = sum E ln(E/a), and nabla C = -E/a, for a > 0, E >= 0 *)

  Definition kullback_leibler (a : vec) : R := Sum n (fun j => E j * ln (E j / a j)).

  Theorem kullback_leibler_gradient a :
    (forall j, (j < n)%nat -> 0 < a j /\ 0 <= E j) -> is_gradient n kullback_leibler a (fun j => - E j / a j).
  Proof.
    intros H. apply (gradient_of_sum n (fun j s => E j * ln (E j / s))). intros j Hj.
    destruct (H j Hj). now apply D_divergence.
  Qed.

  (** * Generalized Kullback-Leibler: C = sum [E ln(E/a) - E + a], and nabla C = (a - E)/a, for a > 0, E >= 0 *)

  Definition generalized_kullback_leibler (a : vec) : R := Sum n (fun j => E j * ln (E j / a j) - E j + a j).

  Theorem generalized_kullback_leibler_gradient a :
    (forall j, (j < n)%nat -> 0 < a j /\ 0 <= E j) ->
    is_gradient n generalized_kullback_leibler a (fun j => (a j - E j) / a j).
  Proof.
    intros H. apply (gradient_of_sum n (fun j s => E j * ln (E j / s) - E j + s)). intros j Hj.
    destruct (H j Hj) as [Ha HE].
    apply (D_value _ _ (- E j / a j - 0 + 1)); [field; lra|].
    apply (D_plus (fun s => E j * ln (E j / s) - E j) (fun s => s)); [|apply derivable_pt_lim_id].
    apply (D_minus (fun s => E j * ln (E j / s)) (fun _ => E j)); [now apply D_divergence|apply derivable_pt_lim_const].
  Qed.

  (** * Itakura-Saito: C = sum [E/a - ln(E/a) - 1], and nabla C = (a - E)/a^2, for a, E > 0 *)

  Definition itakura_saito (a : vec) : R := Sum n (fun j => E j / a j - ln (E j / a j) - 1).

  Theorem itakura_saito_gradient a :
    (forall j, (j < n)%nat -> 0 < a j /\ 0 < E j) ->
    is_gradient n itakura_saito a (fun j => (a j - E j) / a j ^ 2).
  Proof.
    intros H. apply (gradient_of_sum n (fun j s => E j / s - ln (E j / s) - 1)). intros j Hj.
    destruct (H j Hj) as [Ha HE].
    apply (D_value _ _ ((0 * a j - 1 * E j) / Rsqr (a j) - - / a j - 0)); [unfold Rsqr; field; lra|].
    apply (D_minus (fun s => E j / s - ln (E j / s)) (fun _ => 1)); [|apply derivable_pt_lim_const].
    apply (D_minus (fun s => E j / s) (fun s => ln (E j / s))); [|now apply D_ln_quotient].
    apply (D_div (fun _ => E j) (fun s => s)); [lra|apply derivable_pt_lim_const|apply derivable_pt_lim_id].
  Qed.

  (** * Categorical cross-entropy: C = -sum E ln a, and nabla C = -E/a, for a > 0 *)

  Definition categorical_cross_entropy (a : vec) : R := Sum n (fun j => - E j * ln (a j)).

  Theorem categorical_cross_entropy_gradient a :
    (forall j, (j < n)%nat -> 0 < a j) -> is_gradient n categorical_cross_entropy a (fun j => - E j / a j).
  Proof.
    intros Ha. apply (gradient_of_sum n (fun j s => - E j * ln s)). intros j Hj.
    apply (D_scal (- E j) ln), derivable_pt_lim_ln. now apply Ha.
  Qed.

  (** * Poisson: C = sum (a - E ln a), and nabla C = (a - E)/a, for a > 0 *)

  Definition poisson (a : vec) : R := Sum n (fun j => a j - E j * ln (a j)).

  Theorem poisson_gradient a :
    (forall j, (j < n)%nat -> 0 < a j) -> is_gradient n poisson a (fun j => (a j - E j) / a j).
  Proof.
    intros Ha. apply (gradient_of_sum n (fun j s => s - E j * ln s)). intros j Hj. specialize (Ha j Hj).
    apply (D_value _ _ (1 - E j * / a j)); [field; lra|].
    apply (D_minus (fun s => s) (fun s => E j * ln s)); [apply derivable_pt_lim_id|].
    now apply (D_scal (E j) ln), derivable_pt_lim_ln.
  Qed.

  (** * Log-cosh: C = sum ln cosh(a - E), and nabla C = tanh(a - E) *)

  Definition log_cosh (a : vec) : R := Sum n (fun j => ln (cosh (a j - E j))).

  Theorem log_cosh_gradient a : is_gradient n log_cosh a (fun j => tanh (a j - E j)).
  Proof.
    apply (gradient_of_sum n (fun j s => ln (cosh (s - E j)))). intros j _.
    pose proof (cosh_pos (a j - E j)).
    apply (D_value _ _ (/ cosh (a j - E j) * (sinh (a j - E j) * (1 - 0)))); [unfold tanh; field; lra|].
    apply (D_comp (fun s => cosh (s - E j)) ln); [|now apply derivable_pt_lim_ln].
    apply (D_comp (fun s => s - E j) cosh); [|apply derivable_pt_lim_cosh].
    apply (D_minus (fun s => s) (fun _ => E j)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const].
  Qed.

  (* The two forms that the program computes: the first near 0, the second far out, where cosh would overflow. *)
  Theorem log_cosh_near r : ln (cosh r) = / 2 * ln (1 + sinh r ^ 2).
  Proof.
    pose proof (cosh_pos r). replace (1 + sinh r ^ 2) with (cosh r * cosh r).
    - rewrite ln_mult by assumption. field.
    - pose proof (cosh_sinh r). simpl. lra.
  Qed.

  Theorem log_cosh_far r : ln (cosh r) = Rabs r + ln (1 + / 2 * (exp (-2 * Rabs r) - 1)).
  Proof.
    assert (H : forall s, ln (cosh s) = s + ln (1 + / 2 * (exp (-2 * s) - 1))).
    { intros s. pose proof (exp_pos s). pose proof (exp_pos (-2 * s)).
      replace (cosh s) with (exp s * (1 + / 2 * (exp (-2 * s) - 1))).
      - now rewrite ln_mult, ln_exp by lra.
      - unfold cosh. replace (-2 * s) with (- s + - s) by ring. rewrite exp_plus.
        pose proof (exp_opp_inverse s). nra. }
    unfold Rabs. destruct (Rcase_abs r); [|apply H]. rewrite <- H. unfold cosh. rewrite Ropp_involutive. f_equal. field.
  Qed.
End Costs.
