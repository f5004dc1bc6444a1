(* What a gradient is, for a function of n real variables, and how it passes backwards through an activation and
   through a layer's weighted input. Every proof about networks is one of these lemmas, applied at a layer. *)

From Coq Require Import Reals Lra Lia Arith.
From Formal Require Import Sums.
Open Scope R_scope.

(* f is differentiable at x with gradient g: along every curve c that passes through x at time t with velocity c',
   f changes at the rate g . c'. In n dimensions this is total differentiability; it is stated so because it is the
   chain rule, and nothing but the chain rule is needed. *)
Definition is_gradient (n : nat) (f : vec -> R) (x g : vec) : Prop :=
  forall (c : R -> vec) (t : R) (c' : vec),
    (forall k, (k < n)%nat -> c t k = x k) ->
    (forall k, (k < n)%nat -> D (fun s => c s k) t (c' k)) ->
    D (fun s => f (c s)) t (Sum n (fun k => g k * c' k)).

(* The gradient's entries are the partial derivatives: move x_j alone. *)
Theorem gradient_entry n f x g j :
  is_gradient n f x g -> (j < n)%nat -> D (fun s => f (set x j s)) (x j) (g j).
Proof.
  intros H Hj. rewrite <- (Sum_kronecker n j g Hj).
  apply (H (fun s => set x j s)); intros k _; [apply set_same|apply D_set].
Qed.

(* So there is only one gradient. *)
Theorem gradient_unique n f x g g' :
  is_gradient n f x g -> is_gradient n f x g' -> forall j, (j < n)%nat -> g j = g' j.
Proof. intros H H' j Hj. eapply uniqueness_limite; eapply gradient_entry; eauto. Qed.

Lemma gradient_ext n f x g g' :
  (forall j, (j < n)%nat -> g j = g' j) -> is_gradient n f x g -> is_gradient n f x g'.
Proof.
  intros E H c t c' Hc Hd. rewrite (Sum_ext n _ (fun k => g k * c' k)); [now apply H|].
  intros k Hk. now rewrite E.
Qed.

(** * Through an activation and through a layer *)

(* If u |-> f(sigma(u)), then df/du_j = df/da_j sigma'(u_j): this is a Hadamard product. *)
Theorem gradient_through_activation n f (sigma : R -> R) (u g slope : vec) :
  (forall j, (j < n)%nat -> D sigma (u j) (slope j)) ->
  is_gradient n f (fun j => sigma (u j)) g ->
  is_gradient n (fun u => f (fun j => sigma (u j))) u (hadamard g slope).
Proof.
  intros Hs Hf c t c' Hc Hd.
  rewrite (Sum_ext n _ (fun k => g k * (slope k * c' k))) by (intros; unfold hadamard; ring).
  apply (Hf (fun s j => sigma (c s j))); intros k Hk.
  - now rewrite Hc.
  - apply (D_comp (fun s => c s k) sigma); auto. rewrite Hc; auto.
Qed.

(* The weighted input of a layer: z_j = sum_k w_jk a_k + b_j. *)
Definition weighted_input (n : nat) (W : mat) (b : vec) (a : vec) : vec := fun j => matvec n W a j + b j.

(* If z = W a + b, then df/da = W^T df/dz. *)
Theorem gradient_through_layer m n f W b a g :
  is_gradient m f (weighted_input n W b a) g ->
  is_gradient n (fun a => f (weighted_input n W b a)) a (matvec m (transpose W) g).
Proof.
  intros Hf c t c' Hc Hd.
  apply (D_value _ _ (Sum m (fun j => g j * Sum n (fun k => W j k * c' k)))).
  - rewrite (Sum_ext m _ (fun j => Sum n (fun k => transpose W k j * g j * c' k))).
    2: { intros j _. rewrite <- Sum_scal. apply Sum_ext. intros; unfold transpose; ring. }
    rewrite Sum_swap. apply Sum_ext. intros k _. now rewrite Sum_scal_r.
  - apply (Hf (fun s => weighted_input n W b (c s))); unfold weighted_input, matvec; intros j _.
    + f_equal. apply Sum_ext. intros k Hk. now rewrite Hc.
    + apply (D_value _ _ (Sum n (fun k => W j k * c' k) + 0)); [lra|].
      apply D_plus; [|apply derivable_pt_lim_const].
      apply (D_Sum n (fun k s => W j k * c s k) t (fun k => W j k * c' k)). intros k Hk. apply D_scal. auto.
Qed.

(* If z = W a + b, then df/dw_jk = df/dz_j a_k: this is an entry of the outer product. *)
Theorem gradient_at_weight m n f W b a g j k :
  is_gradient m f (weighted_input n W b a) g -> (j < m)%nat -> (k < n)%nat ->
  D (fun w => f (weighted_input n (set_entry W j k w) b a)) (W j k) (outer g a j k).
Proof.
  intros Hf Hj Hk.
  apply (D_value _ _ (Sum m (fun j' => g j' * (a k * kronecker j' j)))).
  - rewrite (Sum_ext m _ (fun j' => g j' * a k * kronecker j' j)) by (intros; ring).
    now rewrite (Sum_kronecker m j (fun j' => g j' * a k)).
  - apply (Hf (fun w => weighted_input n (set_entry W j k w) b a)); unfold weighted_input, matvec; intros j' _.
    + f_equal. apply Sum_ext. intros k' _. now rewrite set_entry_same.
    + apply (D_value _ _ (Sum n (fun k' => kronecker j' j * kronecker k' k * a k') + 0)).
      * rewrite (Sum_ext n _ (fun k' => a k' * kronecker j' j * kronecker k' k)) by (intros; ring).
        rewrite (Sum_kronecker n k (fun k' => a k' * kronecker j' j)) by exact Hk. lra.
      * apply D_plus; [|apply derivable_pt_lim_const].
        apply (D_Sum n (fun k' w => set_entry W j k w j' k' * a k')). intros k' _.
        apply (D_value _ _ (kronecker j' j * kronecker k' k * a k' + set_entry W j k (W j k) j' k' * 0)); [lra|].
        apply (D_mult (fun w => set_entry W j k w j' k') (fun _ => a k'));
          [apply D_set_entry|apply derivable_pt_lim_const].
Qed.

(* If z = W a + b, then df/db_j = df/dz_j. *)
Theorem gradient_at_bias m n f W b a g j :
  is_gradient m f (weighted_input n W b a) g -> (j < m)%nat ->
  D (fun v => f (weighted_input n W (set b j v) a)) (b j) (g j).
Proof.
  intros Hf Hj. rewrite <- (Sum_kronecker m j g Hj).
  apply (Hf (fun v => weighted_input n W (set b j v) a)); unfold weighted_input; intros j' _.
  - now rewrite set_same.
  - apply (D_value _ _ (0 + kronecker j' j)); [lra|].
    apply D_plus; [apply derivable_pt_lim_const|apply D_set].
Qed.

(** * Sums of functions of one variable each: the form of most costs *)

(* d/da_j of sum_j phi_j(a_j) is phi_j'(a_j). *)
Theorem gradient_of_sum n (phi : nat -> R -> R) (x slope : vec) :
  (forall j, (j < n)%nat -> D (phi j) (x j) (slope j)) ->
  is_gradient n (fun a => Sum n (fun j => phi j (a j))) x slope.
Proof.
  intros H c t c' Hc Hd.
  apply (D_Sum n (fun k s => phi k (c s k)) t (fun k => slope k * c' k)). intros k Hk.
  apply (D_comp (fun s => c s k) (phi k)); auto. rewrite Hc; auto.
Qed.

(* d/da_j of psi(f(a)) is psi'(f(a)) df/da_j. *)
Theorem gradient_through_outer n f (psi : R -> R) (x g : vec) slope :
  (forall y, (forall k, (k < n)%nat -> y k = x k) -> f y = f x) ->
  is_gradient n f x g -> D psi (f x) slope ->
  is_gradient n (fun a => psi (f a)) x (fun j => slope * g j).
Proof.
  intros Hx Hf Hs c t c' Hc Hd.
  rewrite (Sum_ext n _ (fun k => slope * (g k * c' k))) by (intros; ring). rewrite Sum_scal.
  apply (D_comp (fun s => f (c s)) psi); [now apply Hf|]. now rewrite (Hx (c t) Hc).
Qed.
