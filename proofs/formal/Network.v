(* A network of any depth and any widths, in the notation of the pages: the input is layer 1; weights, biases,
   weighted inputs z and errors delta belong to layers 2 ... L. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums Gradient.
Open Scope R_scope.

Record network := {
  L : nat;                                 (* the number of layers *)
  n : nat -> nat;                          (* n i: the number of neurons of layer i *)
  W : nat -> mat;                          (* W i j k: from neuron k of layer i - 1 to neuron j of layer i *)
  b : nat -> vec;
  sigma : nat -> R -> R;                   (* the activation of each layer *)
  sigma_prime : nat -> R -> R              (* what is claimed to be its derivative *)
}.

(* a^1 = x, and a^i = sigma(W^i a^(i-1) + b^i). *)
Fixpoint a (net : network) (x : vec) (i : nat) : vec :=
  match i with
  | S (S _ as i') => fun j => sigma net i (weighted_input (n net i') (W net i) (b net i) (a net x i') j)
  | _ => x
  end.

(* z^i = W^i a^(i-1) + b^i. *)
Definition z (net : network) (x : vec) (i : nat) : vec :=
  weighted_input (n net (i - 1)) (W net i) (b net i) (a net x (i - 1)).

Lemma definition_of_a net x i : (2 <= i)%nat -> a net x i = fun j => sigma net i (z net x i j).
Proof. intros H. destruct i as [|[|i]]; [lia|lia|reflexivity]. Qed.

(* The head says what C is as a function of z^L: the last activation and the cost with its expected output. Most heads
   are chained: C(sigma(z)). Softmax with a cost is one that is not. *)
Definition chained (sigma : R -> R) (C : vec -> R) : vec -> R := fun z => C (fun j => sigma (z j)).

(* The cost of one sample. *)
Definition cost (net : network) (head : vec -> R) (x : vec) : R := head (z net x (L net)).

(* C as a function of z^i alone, the later layers as they are: the function of which delta^i is the gradient. *)
Fixpoint cost_from (net : network) (head : vec -> R) (later i : nat) (z_i : vec) : R :=
  match later with
  | O => head z_i
  | S later' =>
      cost_from net head later' (i + 1)
        (weighted_input (n net i) (W net (i + 1)) (b net (i + 1)) (fun j => sigma net i (z_i j)))
  end.
Definition cost_of_z (net : network) (head : vec -> R) (i : nat) : vec -> R := cost_from net head (L net - i) i.

(* By definition: delta^i_j = dC/dz^i_j, for every layer i. *)
Definition is_error (net : network) (head : vec -> R) (x : vec) (delta : nat -> vec) : Prop :=
  forall i, (2 <= i <= L net)%nat -> is_gradient (n net i) (cost_of_z net head i) (z net x i) (delta i).

(* Every hidden activation has the claimed derivative where this input puts it; so a kink elsewhere does not matter. *)
Definition hidden_differentiable (net : network) (x : vec) : Prop :=
  forall i j, (2 <= i < L net)%nat -> (j < n net i)%nat ->
    D (sigma net i) (z net x i j) (sigma_prime net i (z net x i j)).

(* The network with one weight, or one bias, replaced. *)
Definition set_weight (net : network) (i j k : nat) (w : R) : network := {|
  L := L net; n := n net; sigma := sigma net; sigma_prime := sigma_prime net; b := b net;
  W := fun i' => if Nat.eqb i' i then set_entry (W net i) j k w else W net i' |}.
Definition set_bias (net : network) (i j : nat) (v : R) : network := {|
  L := L net; n := n net; sigma := sigma net; sigma_prime := sigma_prime net; W := W net;
  b := fun i' => if Nat.eqb i' i then set (b net i) j v else b net i' |}.

(* The mean over the m samples of a batch. *)
Definition mean (m : nat) (f : nat -> R) : R := / INR m * Sum m f.

(** * C, seen from layer i *)

(* C depends on the input through z^i alone, for any i. *)
Lemma cost_seen_from net head x i :
  (2 <= i <= L net)%nat -> cost net head x = cost_of_z net head i (z net x i).
Proof.
  assert (H : forall later i, (2 <= i)%nat -> cost_from net head later i (z net x i) = head (z net x (i + later))).
  { induction later as [|later IH]; intros i' Hi; simpl; [now rewrite Nat.add_0_r|].
    replace (i' + S later)%nat with (i' + 1 + later)%nat by lia. rewrite <- IH by lia.
    rewrite <- (definition_of_a net x i' Hi). unfold z. now replace (i' + 1 - 1)%nat with i' by lia. }
  intros Hi. unfold cost_of_z. rewrite H by lia. unfold cost. now replace (i + (L net - i))%nat with (L net) by lia.
Qed.

(* Two networks that differ in layer i only agree before it and after it. *)
Definition differ_in_layer (i : nat) (net net' : network) : Prop :=
  L net' = L net /\ n net' = n net /\ sigma net' = sigma net /\
  forall i', i' <> i -> W net' i' = W net i' /\ b net' i' = b net i'.

Lemma same_before net net' x i i' : differ_in_layer i net net' -> (i' < i)%nat -> a net' x i' = a net x i'.
Proof.
  intros (_ & Hn & Hs & Hwb). induction i' as [|i' IH]; [reflexivity|]. intros Hi.
  destruct i' as [|i']; [reflexivity|].
  change (a net' x (S (S i'))) with (fun j => sigma net' (S (S i'))
    (weighted_input (n net' (S i')) (W net' (S (S i'))) (b net' (S (S i'))) (a net' x (S i')) j)).
  rewrite IH, Hn, Hs by lia. destruct (Hwb (S (S i'))) as [-> ->]; [lia|]. reflexivity.
Qed.

Lemma same_after net net' head i :
  differ_in_layer i net net' ->
  forall later i' z_i, (i <= i')%nat -> cost_from net' head later i' z_i = cost_from net head later i' z_i.
Proof.
  intros (_ & Hn & Hs & Hwb). induction later as [|later IH]; intros i' z_i Hi; simpl; [reflexivity|].
  rewrite IH, Hn, Hs by lia. destruct (Hwb (i' + 1)%nat) as [-> ->]; [lia|]. reflexivity.
Qed.

(* So the cost of the changed network is the old C of z^i, at the new z^i. *)
Lemma cost_of_changed_layer net net' head x i :
  differ_in_layer i net net' -> (2 <= i <= L net)%nat ->
  cost net' head x =
  cost_of_z net head i (weighted_input (n net (i - 1)) (W net' i) (b net' i) (a net x (i - 1))).
Proof.
  intros Hd Hi. pose proof Hd as (HL & Hn & _).
  rewrite (cost_seen_from net' head x i) by (rewrite HL; exact Hi).
  unfold z. rewrite (same_before net net' x i (i - 1) Hd), Hn by lia.
  unfold cost_of_z. rewrite HL. now apply same_after with i.
Qed.

Lemma set_weight_differs net i j k w : differ_in_layer i net (set_weight net i j k w).
Proof. repeat split; simpl; apply Nat.eqb_neq in H; now rewrite H. Qed.

Lemma set_bias_differs net i j v : differ_in_layer i net (set_bias net i j v).
Proof. repeat split; simpl; apply Nat.eqb_neq in H; now rewrite H. Qed.
