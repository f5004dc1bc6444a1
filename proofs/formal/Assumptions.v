(* Every theorem that README.md lists, and what all of them together rest on. *)

From Formal Require Import Gradient TotalDerivative Network Backprop OnlyBP1 Descent Activations ActivationsByBranches
  ActivationsGated Gelu Costs CostsByBranches Heads FusedHeads Example Counterexamples.

Definition the_equations := (
  @total_derivative_is_gradient, @gradient_entry, @gradient_unique,
  @gradient_through_activation, @gradient_through_layer, @gradient_at_weight, @gradient_at_bias,
  @gradient_of_sum, @gradient_through_outer,
  @BP1, @BP2, @BP3, @BP4, @backpropagation, @only_BP1_knows_the_cost, @BP3_batch, @BP4_batch,
  @chain_rule_through_the_output, @delta_before_the_output,
  (@small_step_lowers, @cost_moves, @step_of_weight, @step_of_bias, @delta_rule, @step_is_the_mean_of_steps,
   @cost_along_the_step, @small_enough_step_lowers_the_cost, @mean_of_mini_batches),
  (@BP1_needs_z, @BP2_needs_the_transpose, @BP3_needs_its_order),
  (@sigmoid_network_errors, @sigmoid_network_weight, @sigmoid_network_bias)).

Definition the_activations := (
  @identity_derivative, @sigmoid_derivative, @sigmoid_of_minus, @sigmoid_prime_as_computed,
  @tanh_derivative, @tanh_prime_as_computed,
  (@relu_is_max, @relu_derivative_right, @relu_derivative_left, @relu_has_a_kink, @relu_convention),
  (@leaky_relu_derivative_right, @leaky_relu_derivative_left, @leaky_relu_has_a_kink, @leaky_relu_convention),
  (@elu_derivative_right, @elu_derivative_left),
  (@selu_derivative_right, @selu_derivative_left, @selu_has_a_kink, @selu_convention),
  @softplus_derivative, @softplus_as_computed, @silu_derivative, @silu_prime_as_computed,
  (@erf_derivative, @normal_distribution_derivative, @gelu_derivative),
  (@gelu_tanh_as_gate, @gelu_tanh_derivative, @gelu_tanh_prime_as_computed),
  (@mish_as_quotient, @mish_derivative, @mish_prime_as_computed),
  @softsign_derivative, @arctan_derivative).

Definition the_costs := (
  @quadratic_gradient, @cross_entropy_gradient, @exponential_gradient, @hellinger_gradient, @kullback_leibler_gradient,
  @generalized_kullback_leibler_gradient, @itakura_saito_gradient, @categorical_cross_entropy_gradient,
  @poisson_gradient, (@log_cosh_gradient, @log_cosh_near, @log_cosh_far), (@huber_gradient, @huber_slope_is_clipped),
  @squared_hinge_gradient).

Definition the_heads := (
  @softmax_jacobian, @BP1_softmax, @BP1_softmax_as_computed, @softmax_error, @log_softmax,
  @quadratic_delta_at_L, @quadratic_delta_at_L_minus_1, @identity_quadratic_delta, @sigmoid_difference,
  (@sigmoid_cross_entropy_delta, @sigmoid_cross_entropy_as_computed, @sigmoid_cross_entropy_from_z),
  (@sigmoid_kullback_leibler_delta, @sigmoid_kullback_leibler_from_z),
  (@sigmoid_categorical_cross_entropy_delta, @sigmoid_categorical_cross_entropy_from_z),
  (@sigmoid_generalized_kullback_leibler_delta, @sigmoid_generalized_kullback_leibler_from_z),
  (@sigmoid_poisson_delta, @sigmoid_poisson_from_z), (@sigmoid_hellinger_delta, @sqrt_sigmoid_as_computed),
  @softmax_categorical_cross_entropy_delta, @softmax_kullback_leibler_delta,
  @softmax_generalized_kullback_leibler_delta, @softmax_poisson_delta).

Definition every_theorem := (the_equations, the_activations, the_costs, the_heads).

Print Assumptions every_theorem.
