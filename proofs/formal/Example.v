(* One whole network, with nothing left to assume: any depth, any widths, any weights, sigmoid everywhere, and
   cross-entropy. It shows how the theorems fit together, and that their hypotheses can be met. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums Gradient Network Backprop Activations Costs Heads.
Open Scope R_scope.

Definition sigmoid_network (depth : nat) (widths : nat -> nat) (weights : nat -> mat) (biases : nat -> vec) := {|
  L := depth; n := widths; W := weights; b := biases;
  sigma := fun _ => sigmoid; sigma_prime := fun _ z => sigmoid z * (1 - sigmoid z) |}.

Section Sigmoid_network.
  Variables (depth : nat) (widths : nat -> nat) (weights : nat -> mat) (biases : nat -> vec) (x E : vec).
  Let net := sigmoid_network depth widths weights biases.
  Let C := chained sigmoid (cross_entropy (widths depth) E).

  (* The program's delta: a - E at layer L, then BP2. *)
  Let delta := backpropagated net x (fun j => sigmoid (z net x depth j) - E j).

  (* It is the error of every layer. *)
  Theorem sigmoid_network_errors : is_error net C x delta.
  Proof.
    apply backpropagation; [|apply sigmoid_cross_entropy_delta]. intros i j _ _. apply sigmoid_derivative.
  Qed.

  (* The derivative by any one weight, and by any one bias, is what the program returns. *)
  Theorem sigmoid_network_weight i j k :
    (2 <= i <= depth)%nat -> (j < widths i)%nat -> (k < widths (i - 1))%nat ->
    D (fun w => cost (set_weight net i j k w) C x) (weights i j k) (delta i j * a net x (i - 1) k).
  Proof. intros. now apply (BP3 net C x delta sigmoid_network_errors i j k). Qed.

  Theorem sigmoid_network_bias i j :
    (2 <= i <= depth)%nat -> (j < widths i)%nat ->
    D (fun v => cost (set_bias net i j v) C x) (biases i j) (delta i j).
  Proof. intros. now apply (BP4 net C x delta sigmoid_network_errors i j). Qed.
End Sigmoid_network.
