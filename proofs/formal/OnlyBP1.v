(* Page 10: the cost reaches a weight through the outputs a^L alone, so that the cost's own derivatives enter BP1 and
   nothing else. *)

From Coq Require Import Reals Lra Lia Arith FunctionalExtensionality.
From Formal Require Import Sums Gradient Network Backprop.
Open Scope R_scope.

Lemma set_weight_same net i j k : set_weight net i j k (W net i j k) = net.
Proof.
  destruct net as [l w W0 b0 s s']. unfold set_weight. simpl. f_equal.
  apply functional_extensionality; intro i'. destruct (Nat.eqb_spec i' i) as [->|]; [|reflexivity].
  apply functional_extensionality; intro j'. apply functional_extensionality; intro k'. apply set_entry_same.
Qed.

Section Through_the_output.
  Variables (net : network) (x : vec) (C : vec -> R) (nabla : vec).
  Let head := chained (sigma net (L net)) C.
  Hypothesis deep : (2 <= L net)%nat.
  Hypothesis activations : hidden_differentiable net x.
  Hypothesis output_activation : forall l, (l < n net (L net))%nat ->
    D (sigma net (L net)) (z net x (L net) l) (sigma_prime net (L net) (z net x (L net) l)).
  Hypothesis gradient_of_C : is_gradient (n net (L net)) C (a net x (L net)) nabla.

  (* da^L_l/dz^L: the output l as a head of its own, which knows nothing of the cost. *)
  Definition output_slope (l : nat) : vec := fun j => kronecker j l * sigma_prime net (L net) (z net x (L net) l).

  Lemma output_gradient l :
    (l < n net (L net))%nat ->
    is_gradient (n net (L net)) (fun z => sigma net (L net) (z l)) (z net x (L net)) (output_slope l).
  Proof.
    intros Hl c t c' Hc Hd.
    rewrite (Sum_ext _ _ (fun k => sigma_prime net (L net) (z net x (L net) l) * c' k * kronecker k l))
      by (intros; unfold output_slope; ring).
    rewrite (Sum_kronecker _ l (fun k => sigma_prime net (L net) (z net x (L net) l) * c' k)) by exact Hl.
    apply (D_comp (fun s => c s l) (sigma net (L net))); [now apply Hd|]. rewrite (Hc l Hl). now apply output_activation.
  Qed.

  (* The derivative of the output l by the weight w^i_jk: it exists, and is the network's alone. *)
  Definition output_by_weight (i j k l : nat) : R :=
    outer (backpropagated net x (output_slope l) i) (a net x (i - 1)) j k.

  Lemma output_moves i j k l :
    (2 <= i <= L net)%nat -> (j < n net i)%nat -> (k < n net (i - 1))%nat -> (l < n net (L net))%nat ->
    D (fun w => a (set_weight net i j k w) x (L net) l) (W net i j k) (output_by_weight i j k l).
  Proof.
    intros Hi Hj Hk Hl.
    apply (D_ext (fun w => cost (set_weight net i j k w) (fun z => sigma net (L net) (z l)) x)).
    - intros w. rewrite definition_of_a by exact deep. reflexivity.
    - apply (BP3 net (fun z => sigma net (L net) (z l)) x); auto.
      apply backpropagation; [exact activations|now apply output_gradient].
  Qed.

  (* dC/dw^i_jk = sum_l dC/da^L_l da^L_l/dw^i_jk: the chain rule through the outputs. *)
  Theorem chain_rule_through_the_output i j k :
    (2 <= i <= L net)%nat -> (j < n net i)%nat -> (k < n net (i - 1))%nat ->
    exists output_by_w : vec,
      (forall l, (l < n net (L net))%nat ->
         D (fun w => a (set_weight net i j k w) x (L net) l) (W net i j k) (output_by_w l)) /\
      D (fun w => cost (set_weight net i j k w) head x) (W net i j k)
        (Sum (n net (L net)) (fun l => nabla l * output_by_w l)).
  Proof.
    intros Hi Hj Hk. exists (output_by_weight i j k). split; [intros; now apply output_moves|].
    apply (D_ext (fun w => C (a (set_weight net i j k w) x (L net)))).
    - intros w. rewrite definition_of_a by exact deep. reflexivity.
    - apply (gradient_of_C (fun w => a (set_weight net i j k w) x (L net))); intros l Hl.
      + now rewrite set_weight_same.
      + now apply output_moves.
  Qed.

  (* BP1 put into BP2: delta^(L-1) = ((W^L)^T (nabla C . sigma'(z^L))) . sigma'(z^(L-1)). *)
  Theorem delta_before_the_output delta j :
    is_error net head x delta -> (3 <= L net)%nat -> (j < n net (L net - 1))%nat ->
    delta (L net - 1)%nat j =
    hadamard (matvec (n net (L net)) (transpose (W net (L net)))
                     (hadamard nabla (fun j => sigma_prime net (L net) (z net x (L net) j))))
             (fun j => sigma_prime net (L net - 1) (z net x (L net - 1) j)) j.
  Proof.
    intros Hdelta HL Hj. rewrite (BP2 net head x activations delta Hdelta) by (exact Hj || lia).
    unfold hadamard at 1 2, matvec. replace (L net - 1 + 1)%nat with (L net) by lia. f_equal.
    apply Sum_ext. intros k Hk. now rewrite (BP1 net head x delta Hdelta C nabla).
  Qed.
End Through_the_output.
