(* Three tempting variants of the equations are not merely without a proof here: they are false, also where all shapes
   agree. Each theorem names a network and an entry at which the variant gives another number. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums Gradient Network Backprop.
Open Scope R_scope.

(* Work out an entry of a small network. *)
Ltac evaluate := repeat (progress (simpl in *;
  unfold backpropagated, outer, hadamard, matvec, transpose, z, weighted_input, kronecker in *)).

(* The head C = z_0: its gradient is (1, 0). *)
Lemma first_entry_gradient z : is_gradient 2 (fun z => z 0%nat) z (fun j => kronecker j 0).
Proof.
  intros c t c' _ Hd.
  rewrite (Sum_ext 2 _ (fun k => c' k * kronecker k 0)), Sum_kronecker by (intros; ring || lia). apply Hd. lia.
Qed.

(* Layers of two neurons each, joined by one wire, from neuron 1 to neuron 0; the activation is the identity. *)
Definition one_wire (depth : nat) : network := {|
  L := depth; n := fun _ => 2%nat; b := fun _ _ => 0; sigma := fun _ u => u; sigma_prime := fun _ _ => 1;
  W := fun _ j k => kronecker j 0 * kronecker k 1 |}.

Lemma one_wire_errors depth x :
  is_error (one_wire depth) (fun z => z 0%nat) x (backpropagated (one_wire depth) x (fun j => kronecker j 0)).
Proof.
  apply backpropagation; [|apply first_entry_gradient]. intros i j _ _. apply derivable_pt_lim_id.
Qed.

(* BP2 without the transpose: the true delta^2 is (0, 1), the variant's (0, 0). *)
Theorem BP2_needs_the_transpose : exists net head x delta,
  is_error net head x delta /\
  delta 2%nat 1%nat <> hadamard (matvec (n net 3) (W net 3) (delta 3%nat))
                                (fun j => sigma_prime net 2 (z net x 2 j)) 1%nat.
Proof.
  exists (one_wire 3), (fun z => z 0%nat), (fun _ => 0),
    (backpropagated (one_wire 3) (fun _ => 0) (fun j => kronecker j 0)).
  split; [apply one_wire_errors|].
  evaluate. lra.
Qed.

(* BP3 with the outer product in the other order: dC/dw_01 is delta_0 a_1 = 1, the variant says a_0 delta_1 = 0. *)
Theorem BP3_needs_its_order : exists net head x delta,
  is_error net head x delta /\
  ~ D (fun w => cost (set_weight net 2 0 1 w) head x) (W net 2%nat 0%nat 1%nat)
      (outer (a net x 1) (delta 2%nat) 0%nat 1%nat).
Proof.
  set (x := fun j => kronecker j 1).
  exists (one_wire 2), (fun z => z 0%nat), x, (backpropagated (one_wire 2) x (fun j => kronecker j 0)).
  split; [apply one_wire_errors|]. intros H.
  assert (Hright := BP3 _ _ _ _ (one_wire_errors 2 x) 2 0 1 ltac:(simpl; lia) ltac:(simpl; lia) ltac:(simpl; lia)).
  pose proof (uniqueness_limite _ _ _ _ H Hright) as E.
  clear H Hright. unfold x in E. evaluate. lra.
Qed.

(* BP1 with sigma' at a: one neuron with sigma(u) = u^2 and input 2 has z = 2, a = 4 and delta = 2z = 4; the variant
   says 8. *)
Definition square_neuron : network := {|
  L := 2; n := fun _ => 1%nat; b := fun _ _ => 0; W := fun _ _ _ => 1;
  sigma := fun _ u => u * u; sigma_prime := fun _ u => 2 * u |}.

Theorem BP1_needs_z : exists net C x delta,
  is_error net (chained (sigma net 2) C) x delta /\ is_gradient (n net 2) C (a net x 2) (fun _ => 1) /\
  delta 2%nat 0%nat <> hadamard (fun _ => 1) (fun j => sigma_prime net 2 (a net x 2 j)) 0%nat.
Proof.
  set (C := fun a : vec => a 0%nat). set (x := fun _ : nat => 2).
  assert (HC : forall a, is_gradient 1 C a (fun _ => 1)).
  { intros y c t c' _ Hd. apply (D_value _ _ (c' 0%nat)); [simpl; ring|]. apply Hd. lia. }
  exists square_neuron, C, x, (backpropagated square_neuron x (fun j => 2 * z square_neuron x 2 j)).
  split; [|split; [apply HC|]].
  - apply backpropagation; [intros i j Hi; simpl in Hi; lia|].
    apply (gradient_ext _ _ _ (hadamard (fun _ => 1) (fun j => 2 * z square_neuron x 2 j)));
      [intros; unfold hadamard; ring|].
    apply (gradient_through_activation 1 C (fun u => u * u)); [|apply HC]. intros j _.
    apply (D_value _ _ (1 * z square_neuron x 2 j + z square_neuron x 2 j * 1)); [ring|].
    apply (D_mult (fun u => u) (fun u => u)); apply derivable_pt_lim_id.
  - unfold x. evaluate. lra.
Qed.
