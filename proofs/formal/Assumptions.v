(* Every theorem that README.md lists, and what all of them together rest on. *)

From Formal Require Import Gradient TotalDerivative Network Backprop Activations Costs Heads Example
  Counterexamples.

Definition every_theorem := (
  @total_derivative_is_gradient, @gradient_entry, @gradient_unique,
  @gradient_through_activation, @gradient_through_layer, @gradient_at_weight, @gradient_at_bias,
  @gradient_of_sum, @gradient_through_outer,
  @definition_of_a, @cost_seen_from,
  @BP1, @BP2, @BP3, @BP4, @backpropagation, @only_BP1_knows_the_cost, @BP3_batch, @BP4_batch,
  (@quadratic_gradient, @cross_entropy_gradient, @exponential_gradient, @hellinger_gradient,
   @kullback_leibler_gradient, @generalized_kullback_leibler_gradient, @itakura_saito_gradient,
   @categorical_cross_entropy_gradient),
  (@sigmoid_derivative, @sigmoid_of_minus, @sigmoid_prime_as_computed, @tanh_derivative, @tanh_prime_as_computed,
   @softplus_derivative, @softplus_as_computed, @relu_derivative_right, @relu_derivative_left, @relu_has_a_kink),
  (@sigmoid_cross_entropy_delta, @softmax_jacobian, @BP1_softmax, @BP1_softmax_as_computed,
   @softmax_categorical_cross_entropy_delta, @softmax_error, @quadratic_delta_at_L, @quadratic_delta_at_L_minus_1),
  (@BP1_needs_z, @BP2_needs_the_transpose, @BP3_needs_its_order),
  (@sigmoid_network_errors, @sigmoid_network_weight, @sigmoid_network_bias)).

Print Assumptions every_theorem.
