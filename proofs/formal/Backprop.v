(* Backpropagation: BP1, BP2, BP3 and BP4, for every depth, every width, every differentiable activation and cost.

   delta is never defined by its recursion: delta^i is the gradient of C with respect to z^i (is_error, Network.v), and
   BP1 and BP2 are theorems about it. What BP3 and BP4 speak of are ordinary derivatives: one weight, or one bias,
   moves, and everything else stands still. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums Gradient Network.
Open Scope R_scope.

Section One_sample.
  Variables (net : network) (head : vec -> R) (x : vec).
  Hypothesis activations : hidden_differentiable net x.

  (** * The errors *)

  (* BP1 is the gradient of C with respect to z^L, where C = C(sigma(z^L)) and nabla is the gradient of C at a^L. *)
  Lemma gradient_at_output C nabla :
    (2 <= L net)%nat ->
    head = chained (sigma net (L net)) C ->
    is_gradient (n net (L net)) C (a net x (L net)) nabla ->
    (forall j, (j < n net (L net))%nat ->
      D (sigma net (L net)) (z net x (L net) j) (sigma_prime net (L net) (z net x (L net) j))) ->
    is_gradient (n net (L net)) head (z net x (L net))
      (hadamard nabla (fun j => sigma_prime net (L net) (z net x (L net) j))).
  Proof.
    intros HL -> HC Hs. unfold chained. rewrite definition_of_a in HC by exact HL.
    now apply gradient_through_activation.
  Qed.

  (* BP2 is the gradient of C with respect to z^i, if delta^(i+1) is the one with respect to z^(i+1). *)
  Lemma gradient_at_hidden i delta_next :
    (2 <= i < L net)%nat ->
    is_gradient (n net (i + 1)) (cost_of_z net head (i + 1)) (z net x (i + 1)) delta_next ->
    is_gradient (n net i) (cost_of_z net head i) (z net x i)
      (hadamard (matvec (n net (i + 1)) (transpose (W net (i + 1))) delta_next)
                (fun j => sigma_prime net i (z net x i j))).
  Proof.
    intros Hi H. unfold cost_of_z. replace (L net - i)%nat with (S (L net - (i + 1)))%nat by lia. simpl cost_from.
    apply (gradient_through_activation _
      (fun a => cost_of_z net head (i + 1) (weighted_input (n net i) (W net (i + 1)) (b net (i + 1)) a))).
    - intros j Hj. now apply activations.
    - apply gradient_through_layer. rewrite <- definition_of_a by lia.
      unfold z in H. now replace (i + 1 - 1)%nat with i in H by lia.
  Qed.

  Section Equations.
    Variable delta : nat -> vec.
    Hypothesis definition_of_delta : is_error net head x delta.

    (* (BP1)  delta^L = nabla_a C . sigma'(z^L), the product entry by entry. *)
    Theorem BP1 C nabla :
      (2 <= L net)%nat ->
      head = chained (sigma net (L net)) C ->
      is_gradient (n net (L net)) C (a net x (L net)) nabla ->
      (forall j, (j < n net (L net))%nat ->
        D (sigma net (L net)) (z net x (L net) j) (sigma_prime net (L net) (z net x (L net) j))) ->
      forall j, (j < n net (L net))%nat ->
      delta (L net) j = hadamard nabla (fun j => sigma_prime net (L net) (z net x (L net) j)) j.
    Proof.
      intros HL Hhead HC Hs. apply (gradient_unique (n net (L net)) head (z net x (L net))).
      - specialize (definition_of_delta (L net)). unfold cost_of_z in definition_of_delta.
        rewrite Nat.sub_diag in definition_of_delta. apply definition_of_delta. lia.
      - now apply (gradient_at_output C).
    Qed.

    (* (BP2)  delta^i = ((W^(i+1))^T delta^(i+1)) . sigma'(z^i), the product entry by entry. *)
    Theorem BP2 i :
      (2 <= i < L net)%nat ->
      forall j, (j < n net i)%nat ->
      delta i j = hadamard (matvec (n net (i + 1)) (transpose (W net (i + 1))) (delta (i + 1)%nat))
                           (fun j => sigma_prime net i (z net x i j)) j.
    Proof.
      intros Hi. apply (gradient_unique (n net i) (cost_of_z net head i) (z net x i)).
      - apply definition_of_delta. lia.
      - apply gradient_at_hidden; [exact Hi|]. apply definition_of_delta. lia.
    Qed.

    (* (BP3)  dC/dW^i = delta^i (a^(i-1))^T: the derivative by the weight w^i_jk alone is the entry jk. *)
    Theorem BP3 i j k :
      (2 <= i <= L net)%nat -> (j < n net i)%nat -> (k < n net (i - 1))%nat ->
      D (fun w => cost (set_weight net i j k w) head x) (W net i j k) (outer (delta i) (a net x (i - 1)) j k).
    Proof.
      intros Hi Hj Hk.
      apply (D_ext (fun w => cost_of_z net head i
        (weighted_input (n net (i - 1)) (set_entry (W net i) j k w) (b net i) (a net x (i - 1))))).
      - intros w. rewrite (cost_of_changed_layer net (set_weight net i j k w) head x i).
        + simpl. now rewrite Nat.eqb_refl.
        + apply set_weight_differs.
        + exact Hi.
      - apply gradient_at_weight with (n net i); [now apply definition_of_delta|exact Hj|exact Hk].
    Qed.

    (* (BP4)  dC/db^i = delta^i: the derivative by the bias b^i_j alone is the entry j. *)
    Theorem BP4 i j :
      (2 <= i <= L net)%nat -> (j < n net i)%nat ->
      D (fun v => cost (set_bias net i j v) head x) (b net i j) (delta i j).
    Proof.
      intros Hi Hj.
      apply (D_ext (fun v => cost_of_z net head i
        (weighted_input (n net (i - 1)) (W net i) (set (b net i) j v) (a net x (i - 1))))).
      - intros v. rewrite (cost_of_changed_layer net (set_bias net i j v) head x i).
        + simpl. now rewrite Nat.eqb_refl.
        + apply set_bias_differs.
        + exact Hi.
      - apply gradient_at_bias with (n net i); [now apply definition_of_delta|exact Hj].
    Qed.
  End Equations.

  (** * The algorithm *)

  (* What the program does: from delta^L, BP2 layer by layer. It counts the layers from the output. *)
  Fixpoint backward (delta_L : vec) (layers_back : nat) : vec :=
    match layers_back with
    | O => delta_L
    | S back =>
        let i := (L net - S back)%nat in
        hadamard (matvec (n net (i + 1)) (transpose (W net (i + 1))) (backward delta_L back))
                 (fun j => sigma_prime net i (z net x i j))
    end.
  Definition backpropagated (delta_L : vec) (i : nat) : vec := backward delta_L (L net - i).

  (* Whatever begins with the gradient at the output and follows BP2 is the error of every layer. *)
  Theorem backpropagation delta_L :
    is_gradient (n net (L net)) head (z net x (L net)) delta_L -> is_error net head x (backpropagated delta_L).
  Proof.
    intros Hout.
    assert (H : forall back, (back <= L net - 2)%nat -> forall i, i = (L net - back)%nat ->
      is_gradient (n net i) (cost_of_z net head i) (z net x i) (backward delta_L back)).
    { induction back as [|back IH]; intros Hback i ->.
      - rewrite Nat.sub_0_r. unfold cost_of_z. rewrite Nat.sub_diag. exact Hout.
      - simpl backward. apply gradient_at_hidden; [lia|]. apply IH; lia. }
    intros i Hi. unfold backpropagated. apply H; lia.
  Qed.

End One_sample.

(* Only BP1 knows the cost: two heads that agree on delta^L agree on the delta of every layer. *)
Theorem only_BP1_knows_the_cost net head head' x delta delta' :
  hidden_differentiable net x -> is_error net head x delta -> is_error net head' x delta' ->
  (forall j, (j < n net (L net))%nat -> delta (L net) j = delta' (L net) j) ->
  forall i j, (2 <= i <= L net)%nat -> (j < n net i)%nat -> delta i j = delta' i j.
Proof.
  intros Ha H H' Hout.
  assert (K : forall back i j, i = (L net - back)%nat -> (2 <= i)%nat -> (j < n net i)%nat -> delta i j = delta' i j).
  { induction back as [|back IH]; intros i j Hi H2 Hj.
    - rewrite Nat.sub_0_r in Hi. subst i. now apply Hout.
    - destruct (Nat.eq_dec i (L net)) as [->|]; [now apply Hout|].
      rewrite (BP2 net head x Ha delta H i), (BP2 net head' x Ha delta' H' i) by (exact Hj || lia).
      unfold hadamard, matvec. f_equal. apply Sum_ext. intros k Hk. rewrite (IH (i + 1)%nat k) by (exact Hk || lia).
      reflexivity. }
  intros i j Hi Hj. apply (K (L net - i)%nat); [lia|lia|exact Hj].
Qed.

(** * A batch *)

(* The mean of derivatives is the derivative of the mean. *)
Lemma D_mean m (f : nat -> R -> R) t (slope : nat -> R) :
  (forall r, (r < m)%nat -> D (f r) t (slope r)) -> D (fun s => mean m (fun r => f r s)) t (mean m slope).
Proof. intros H. apply (D_scal (/ INR m) (fun s => Sum m (fun r => f r s))). now apply D_Sum. Qed.

Section Batch.
  (* m samples: inputs x r, and heads that hold each sample's expected output. *)
  Variables (net : network) (m : nat) (head : nat -> vec -> R) (x : nat -> vec) (delta : nat -> nat -> vec).
  Hypothesis definition_of_delta : forall r, (r < m)%nat -> is_error net (head r) (x r) (delta r).

  (* Of a batch, BP3 is the mean over the samples of delta^(i,r)_j a^(i-1,r)_k. *)
  Theorem BP3_batch i j k :
    (2 <= i <= L net)%nat -> (j < n net i)%nat -> (k < n net (i - 1))%nat ->
    D (fun w => mean m (fun r => cost (set_weight net i j k w) (head r) (x r))) (W net i j k)
      (mean m (fun r => outer (delta r i) (a net (x r) (i - 1)) j k)).
  Proof.
    intros Hi Hj Hk. apply (D_mean m (fun r w => cost (set_weight net i j k w) (head r) (x r))). intros r Hr.
    apply BP3; auto.
  Qed.

  (* Of a batch, BP4 is the mean over the samples of delta^(i,r)_j. *)
  Theorem BP4_batch i j :
    (2 <= i <= L net)%nat -> (j < n net i)%nat ->
    D (fun v => mean m (fun r => cost (set_bias net i j v) (head r) (x r))) (b net i j)
      (mean m (fun r => delta r i j)).
  Proof.
    intros Hi Hj. apply (D_mean m (fun r v => cost (set_bias net i j v) (head r) (x r))). intros r Hr.
    apply BP4; auto.
  Qed.
End Batch.
