(* Descent (page 12): the step against the gradient, for one sample and for the mean over a mini-batch; the delta rule; and
   that a small enough step lowers the cost. For that, one weight is not enough: all weights and biases move at once. *)

From Coq Require Import Reals Lra Lia Arith FunctionalExtensionality.
From Formal Require Import Sums Gradient Network Backprop.
Open Scope R_scope.

(* A negative derivative lowers the value, if the step is small enough. *)
Lemma negative_derivative_lowers f l :
  D f 0 l -> l < 0 -> exists small, 0 < small /\ forall eta, 0 < eta < small -> f eta < f 0.
Proof.
  intros H Hl. destruct (H (- l / 2)) as [d Hd]; [lra|]. exists d. split; [apply cond_pos|]. intros eta He.
  assert (Hq : Rabs ((f (0 + eta) - f 0) / eta - l) < - l / 2) by (apply Hd; [lra|rewrite Rabs_right; lra]).
  apply Rabs_def2 in Hq. rewrite Rplus_0_l in Hq.
  assert (f eta - f 0 < 0); [|lra].
  replace (f eta - f 0) with ((f eta - f 0) / eta * eta) by (field; lra). nra.
Qed.

(* For any function of n variables: a step of -eta times the gradient. *)
Theorem small_step_lowers n f x g :
  is_gradient n f x g -> 0 < Sum n (fun k => g k * g k) ->
  exists small, 0 < small /\ forall eta, 0 < eta < small -> f (fun k => x k + - eta * g k) < f x.
Proof.
  intros Hf Hg.
  destruct (negative_derivative_lowers (fun eta => f (fun k => x k + - eta * g k)) (Sum n (fun k => g k * - g k)))
    as (small & Hs & H).
  - apply (Hf (fun eta k => x k + - eta * g k)); intros k _; [ring|].
    apply (D_value _ _ (0 + - (1) * g k)); [ring|].
    apply (D_plus (fun _ => x k) (fun eta => - eta * g k)); [apply derivable_pt_lim_const|].
    apply (D_ext (fun eta => - g k * eta)); [intros; ring|].
    apply (D_value _ _ (- g k * 1)); [ring|]. apply (D_scal (- g k) (fun s => s)), derivable_pt_lim_id.
  - rewrite (Sum_ext n _ (fun k => -1 * (g k * g k))), Sum_scal by (intros; ring). lra.
  - exists small. split; [exact Hs|]. intros eta He. specialize (H eta He). cbv beta in H.
    replace (fun k => x k + - 0 * g k) with x in H by (apply functional_extensionality; intros; ring). exact H.
Qed.

(* The network with other weights and biases. *)
Definition with_parameters (net : network) (W : nat -> mat) (b : nat -> vec) : network := {|
  L := L net; n := n net; sigma := sigma net; sigma_prime := sigma_prime net; W := W; b := b |}.

(** * All weights and biases move at once *)

Section Moving.
  Variables (net : network) (head : vec -> R) (x : vec) (delta : nat -> vec).
  Hypothesis activations : hidden_differentiable net x.
  Hypothesis definition_of_delta : is_error net head x delta.

  (* At time t they are those of net, and their velocities are W' and b'. *)
  Variables (Wt : R -> nat -> mat) (bt : R -> nat -> vec) (W' : nat -> mat) (b' : nat -> vec) (t : R).
  Hypothesis start : with_parameters net (Wt t) (bt t) = net.
  Hypothesis moving_W : forall i j k, D (fun s => Wt s i j k) t (W' i j k).
  Hypothesis moving_b : forall i j, D (fun s => bt s i j) t (b' i j).
  Let moved s := with_parameters net (Wt s) (bt s).

  (* The velocity of a^i, and that of z^i for a given velocity of a^(i-1). *)
  Definition z_velocity (i : nat) (a' : vec) : vec := fun j =>
    matvec (n net (i - 1)) (W' i) (a net x (i - 1)) j + matvec (n net (i - 1)) (W net i) a' j + b' i j.
  Fixpoint a_velocity (i : nat) : vec :=
    match i with
    | S (S _ as i') => fun j => sigma_prime net i (z net x i j) * z_velocity i (a_velocity i') j
    | _ => fun _ => 0
    end.

  Lemma a_velocity_hidden i :
    (2 <= i)%nat ->
    a_velocity i = fun j => sigma_prime net i (z net x i j) * z_velocity i (a_velocity (i - 1)) j.
  Proof. intros H. destruct i as [|[|i]]; [lia|lia|]. reflexivity. Qed.

  Lemma W_at_start i j k : Wt t i j k = W net i j k.
  Proof. now rewrite <- start. Qed.

  Lemma a_at_start i : a (moved t) x i = a net x i.
  Proof. unfold moved. now rewrite start. Qed.

  Lemma z_moves i :
    (2 <= i)%nat ->
    (forall k, (k < n net (i - 1))%nat -> D (fun s => a (moved s) x (i - 1) k) t (a_velocity (i - 1) k)) ->
    forall j, D (fun s => z (moved s) x i j) t (z_velocity i (a_velocity (i - 1)) j).
  Proof.
    intros Hi Ha j. unfold z, weighted_input, z_velocity, matvec. simpl. rewrite <- Sum_plus.
    apply (D_plus (fun s => Sum (n net (i - 1)) (fun k => Wt s i j k * a (moved s) x (i - 1) k)) (fun s => bt s i j));
      [|apply moving_b].
    apply (D_Sum _ (fun k s => Wt s i j k * a (moved s) x (i - 1) k)
      t (fun k => W' i j k * a net x (i - 1) k + W net i j k * a_velocity (i - 1) k)).
    intros k Hk. rewrite <- W_at_start, <- a_at_start.
    apply (D_mult (fun s => Wt s i j k)); [apply moving_W|now apply Ha].
  Qed.

  Lemma a_moves i :
    (1 <= i < L net)%nat -> forall j, (j < n net i)%nat -> D (fun s => a (moved s) x i j) t (a_velocity i j).
  Proof.
    induction i as [|i IH]; intros Hi j Hj; [lia|]. destruct i as [|i]; [apply derivable_pt_lim_const|].
    apply (D_ext (fun s => sigma net (S (S i)) (z (moved s) x (S (S i)) j))); [reflexivity|].
    rewrite a_velocity_hidden by lia. apply (D_comp (fun s => z (moved s) x (S (S i)) j) (sigma net (S (S i)))).
    - apply z_moves; [lia|]. replace (S (S i) - 1)%nat with (S i) by lia. apply IH. lia.
    - unfold moved. rewrite start. apply activations; [lia|exact Hj].
  Qed.

  (* What layer i contributes: its errors, times the velocities of its own weights and biases. *)
  Definition rate (i : nat) : R :=
    Sum (n net i) (fun j => delta i j * (matvec (n net (i - 1)) (W' i) (a net x (i - 1)) j + b' i j)).

  (* BP2 hands what an earlier layer does on to it. *)
  Lemma rates_add_up i :
    (i + 2 <= L net)%nat ->
    Sum (n net (i + 2)) (fun j => delta (i + 2)%nat j * z_velocity (i + 2) (a_velocity (i + 2 - 1)) j)
    = Sum (i + 1) (fun l => rate (l + 2)).
  Proof.
    induction i as [|i IH]; intros Hi.
    - simpl. rewrite Rplus_0_l. unfold rate. simpl. apply Sum_ext. intros j _. unfold z_velocity, matvec. simpl.
      rewrite (Sum_ext _ (fun k => W net 2 j k * 0) (fun _ => 0)), Sum_zero by (intros; ring). ring.
    - replace (S i + 1)%nat with (S (i + 1)) by lia. simpl Sum at 2. rewrite <- IH by lia.
      replace (i + 1 + 2)%nat with (S i + 2)%nat by lia. unfold rate.
      replace (S i + 2 - 1)%nat with (i + 2)%nat by lia.
      rewrite (Sum_ext _ _ (fun j =>
        delta (S i + 2)%nat j * (matvec (n net (i + 2)) (W' (S i + 2)%nat) (a net x (i + 2)) j + b' (S i + 2)%nat j)
        + Sum (n net (i + 2)) (fun k => W net (S i + 2)%nat j k * delta (S i + 2)%nat j * a_velocity (i + 2) k))).
      2: { intros j _. unfold z_velocity. replace (S i + 2 - 1)%nat with (i + 2)%nat by lia.
           unfold matvec at 2. rewrite (Sum_ext (n net (i + 2)) (fun k => W net (S i + 2)%nat j k * delta _ j * _)
             (fun k => delta (S i + 2)%nat j * (W net (S i + 2)%nat j k * a_velocity (i + 2) k))) by (intros; ring).
           rewrite Sum_scal. ring. }
      rewrite Sum_plus, Rplus_comm. f_equal. rewrite Sum_swap. apply Sum_ext. intros k Hk.
      rewrite (BP2 net head x activations delta definition_of_delta (i + 2)) by (exact Hk || lia).
      rewrite (a_velocity_hidden (i + 2)), Sum_scal_r by lia. unfold hadamard, matvec, transpose.
      replace (i + 2 + 1)%nat with (S i + 2)%nat by lia. ring.
  Qed.

  (* The cost changes at the sum of all the rates: the chain rule over every weight and bias of the network. *)
  Theorem cost_moves :
    (2 <= L net)%nat -> D (fun s => cost (moved s) head x) t (Sum (L net - 1) (fun l => rate (l + 2))).
  Proof.
    intros HL. replace (L net - 1)%nat with (L net - 2 + 1)%nat by lia. rewrite <- rates_add_up by lia.
    replace (L net - 2 + 2)%nat with (L net) by lia.
    assert (Hhead : is_gradient (n net (L net)) head (z net x (L net)) (delta (L net))).
    { specialize (definition_of_delta (L net)). unfold cost_of_z in definition_of_delta.
      rewrite Nat.sub_diag in definition_of_delta. apply definition_of_delta. lia. }
    apply (Hhead (fun s => z (moved s) x (L net))).
    - intros k _. unfold moved. now rewrite start.
    - intros k _. apply z_moves; [exact HL|]. apply a_moves. lia.
  Qed.
End Moving.

(** * The step, for the mean over a batch or a mini-batch of m samples *)

Section Step.
  Variables (net : network) (m : nat) (head : nat -> vec -> R) (x : nat -> vec) (delta : nat -> nat -> vec).
  Hypothesis activations : forall r, (r < m)%nat -> hidden_differentiable net (x r).
  Hypothesis definition_of_delta : forall r, (r < m)%nat -> is_error net (head r) (x r) (delta r).

  (* The mean of the samples' gradients: BP3 and BP4. *)
  Definition nabla_W (i : nat) : mat := fun j k => mean m (fun r => outer (delta r i) (a net (x r) (i - 1)) j k).
  Definition nabla_b (i : nat) : vec := fun j => mean m (fun r => delta r i j).

  (* Every weight and every bias moves against its own gradient, all at the same time. *)
  Definition step (eta : R) : network := with_parameters net
    (fun i j k => W net i j k + - eta * nabla_W i j k) (fun i j => b net i j + - eta * nabla_b i j).
  Definition mean_cost (net : network) : R := mean m (fun r => cost net (head r) (x r)).

  (* Delta w = -eta dC/dw, and so for the biases. *)
  Theorem step_of_weight eta i j k :
    (2 <= i <= L net)%nat -> (j < n net i)%nat -> (k < n net (i - 1))%nat ->
    exists slope, D (fun w => mean_cost (set_weight net i j k w)) (W net i j k) slope
                  /\ W (step eta) i j k - W net i j k = - eta * slope.
  Proof. intros Hi Hj Hk. exists (nabla_W i j k). split; [now apply BP3_batch|simpl; ring]. Qed.

  Theorem step_of_bias eta i j :
    (2 <= i <= L net)%nat -> (j < n net i)%nat ->
    exists slope, D (fun v => mean_cost (set_bias net i j v)) (b net i j) slope
                  /\ b (step eta) i j - b net i j = - eta * slope.
  Proof. intros Hi Hj. exists (nabla_b i j). split; [now apply BP4_batch|simpl; ring]. Qed.

  (* The delta rule: without hidden layers, Delta w_jk = -eta delta_j x_k, the mean over the samples. *)
  Theorem delta_rule eta j k :
    L net = 2%nat -> (j < n net 2)%nat -> (k < n net 1)%nat ->
    W (step eta) 2 j k - W net 2%nat j k = - eta * mean m (fun r => delta r 2%nat j * x r k).
  Proof. intros _ _ _. simpl. unfold nabla_W, outer. simpl. ring. Qed.

  (* The mean over the samples of Delta w^r. *)
  Theorem step_is_the_mean_of_steps eta i j k :
    W (step eta) i j k - W net i j k =
    mean m (fun r => - eta * outer (delta r i) (a net (x r) (i - 1)) j k).
  Proof. simpl. unfold nabla_W, mean. rewrite Sum_scal. ring. Qed.

  (* The sum of the squares of all derivatives. *)
  Definition squares : R := Sum (L net - 1) (fun l =>
    Sum (n net (l + 2)) (fun j =>
      Sum (n net (l + 2 - 1)) (fun k => nabla_W (l + 2) j k * nabla_W (l + 2) j k) + nabla_b (l + 2) j * nabla_b (l + 2) j)).

  Lemma step_of_zero : step 0 = net.
  Proof.
    unfold step, with_parameters. destruct net as [l w W0 b0 s s']. simpl. f_equal.
    - do 3 (apply functional_extensionality; intro). ring.
    - do 2 (apply functional_extensionality; intro). ring.
  Qed.

  Lemma D_step c v : D (fun eta => c + - eta * v) 0 (- v).
  Proof.
    apply (D_ext (fun eta => c + - v * eta)); [intros; ring|]. apply (D_value _ _ (0 + - v * 1)); [ring|].
    apply (D_plus (fun _ => c)); [apply derivable_pt_lim_const|]. apply (D_scal (- v) (fun s => s)), derivable_pt_lim_id.
  Qed.

  (* To first order a step changes the cost by -eta times the sum of the squares. *)
  Theorem cost_along_the_step : (2 <= L net)%nat -> D (fun eta => mean_cost (step eta)) 0 (- squares).
  Proof.
    intros HL.
    set (rates := fun r => Sum (L net - 1) (fun l =>
      rate net (x r) (delta r) (fun i j k => - nabla_W i j k) (fun i j => - nabla_b i j) (l + 2))).
    apply (D_value _ _ (mean m rates)).
    - unfold mean, rates. rewrite Sum_swap, <- Sum_scal. unfold squares.
      replace (- Sum (L net - 1) _) with (-1 * squares) by (unfold squares; ring). unfold squares.
      rewrite <- Sum_scal. apply Sum_ext. intros l _. unfold rate. rewrite Sum_swap, <- !Sum_scal.
      apply Sum_ext. intros j _. set (i := (l + 2)%nat).
      rewrite (Sum_ext m _ (fun r => Sum (n net (i - 1)) (fun k => - nabla_W i j k * outer (delta r i) (a net (x r) (i - 1)) j k)
                                     + - nabla_b i j * delta r i j)).
      2: { intros r _. unfold matvec, outer. rewrite Rmult_plus_distr_l, <- Sum_scal. f_equal; [|ring].
           apply Sum_ext. intros; ring. }
      rewrite Sum_plus, Sum_swap, (Sum_scal m), Rmult_plus_distr_l, <- Sum_scal.
      rewrite (Rmult_plus_distr_l (-1)). f_equal.
      + rewrite <- (Sum_scal _ (-1)). apply Sum_ext. intros k _. rewrite Sum_scal.
        change (nabla_W i j k) with (/ INR m * Sum m (fun r => outer (delta r i) (a net (x r) (i - 1)) j k)). ring.
      + change (nabla_b i j) with (/ INR m * Sum m (fun r => delta r i j)). ring.
    - apply (D_mean m (fun r eta => cost (step eta) (head r) (x r))). intros r Hr.
      apply (cost_moves net (head r) (x r) (delta r)); auto.
      + exact step_of_zero.
      + intros. apply D_step.
      + intros. apply D_step.
  Qed.

  (* So a small enough step lowers the cost, unless every derivative is zero. *)
  Theorem small_enough_step_lowers_the_cost :
    (2 <= L net)%nat -> 0 < squares ->
    exists small, 0 < small /\ forall eta, 0 < eta < small -> mean_cost (step eta) < mean_cost net.
  Proof.
    intros HL Hs.
    destruct (negative_derivative_lowers (fun eta => mean_cost (step eta)) (- squares)) as (small & Hsmall & H);
      [now apply cost_along_the_step|lra|].
    exists small. split; [exact Hsmall|]. intros eta He. specialize (H eta He). cbv beta in H.
    now rewrite step_of_zero in H.
  Qed.
End Step.

(* P mini-batches of Q samples each: the mean of their means is the mean over all P Q samples. *)
Theorem mean_of_mini_batches P Q (f : nat -> nat -> R) :
  (0 < P)%nat -> (0 < Q)%nat ->
  mean P (fun p => mean Q (fun q => f p q)) = / (INR P * INR Q) * Sum P (fun p => Sum Q (fun q => f p q)).
Proof.
  intros HP HQ. unfold mean. rewrite Sum_scal. field. split; apply not_0_INR; lia.
Qed.
