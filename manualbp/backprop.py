"""Backpropagation by hand: the four equations.

δⁱ_j = ∂C/∂zⁱ_j is the error of neuron j in layer i, for one sample. Samples are columns, and C of a batch is the mean over
its m samples.

(BP1)  δᴸ = ∇ₐC ⊙ σ′(zᴸ)                 the error at the output; the only equation that knows the cost
(BP2)  δⁱ = ((Wⁱ⁺¹)ᵀ δⁱ⁺¹) ⊙ σ′(zⁱ)       the error of a layer from the next one's
(BP3)  ∂C/∂Wⁱ = δⁱ (aⁱ⁻¹)ᵀ                of a batch: the mean over the samples
(BP4)  ∂C/∂bⁱ = δⁱ                        of a batch: the mean over the samples
"""

from dataclasses import dataclass

from manualbp.checks import check_batch, check_finite, check_output, check_weighted_inputs, with_finite_cost
from manualbp.forward_pass import by_layer, forward_by_layer
from manualbp.network import Network
from manualbp.types import Array


@dataclass(frozen=True)
class Gradients:
    """What one pass over a batch yields. The tuples hold one array for each of the layers 2 … L.

    cost: the mean of C over the m samples. deltas: δⁱ (n_i, m), a column for each sample. nabla_w: ∂C/∂Wⁱ (n_i, n_(i−1)),
    nabla_b: ∂C/∂bⁱ (n_i, 1), both means over the samples.
    """

    cost: Array
    deltas: tuple[Array, ...]
    nabla_w: tuple[Array, ...]
    nabla_b: tuple[Array, ...]


def gradients(net: Network, x: Array, expected: Array) -> Gradients:
    """The mean cost of a batch and its gradient, by BP1–BP4.

    x: (n_1, m), expected: (n_L, m), in the network's dtype. Raises ValueError or TypeError where an argument does not fit or
    is not finite, DomainError where E or the output aᴸ is outside the domain of the cost, and CostOverflow, which holds the
    gradients, where C is larger than any float.
    """
    check_batch(net, x, expected)
    return with_finite_cost(net, lambda: _backpropagate(net, x, expected))


def _backpropagate(net: Network, x: Array, E: Array) -> Gradients:
    z, a = forward_by_layer(net, x)  # by the number of the layer on paper: z[2] … z[L], a[1] … a[L]
    L, m = len(net.sizes), x.shape[-1]
    check_weighted_inputs(net, x, z)
    check_output(net, a[L])

    w, sigma_prime = by_layer(net.weights), by_layer([activation.sigma_prime for activation in net.activations])
    delta, nabla_w, nabla_b = {}, {}, {}

    # A head is an output activation with a cost: ∇ₐC ⊙ σ′(zᴸ), or the same simplified by hand.
    delta[L] = net.head.delta(z[L], a[L], E)  # (BP1)
    for i in range(L - 1, 1, -1):
        delta[i] = (w[i + 1].mT @ delta[i + 1]) * sigma_prime[i](z[i])  # (BP2)
    for i in range(2, L + 1):
        mean_delta = delta[i] / m  # both sums below are over the m samples
        nabla_w[i] = mean_delta @ a[i - 1].mT  # (BP3)
        nabla_b[i] = mean_delta.sum(axis=-1, keepdims=True)  # (BP4)

    cost = net.head.C(z[L], a[L], E).sum(axis=-1) / m
    return Gradients(cost, tuple(delta[i] for i in range(2, L + 1)), tuple(nabla_w.values()), tuple(nabla_b.values()))


def per_sample_gradients(net: Network, x: Array, expected: Array) -> Gradients:
    """The gradient of each sample by itself: the arrays of `gradients` with a leading axis of length m.

    cost: (m,), deltas: (m, n_i, 1), nabla_w: (m, n_i, n_(i−1)), nabla_b: (m, n_i, 1). Their means over that axis are those of
    `gradients`. Raises as `gradients` does, and ValueError for a stack of batches.
    """
    check_batch(net, x, expected, stacks=False)
    check_finite("x", x)
    return with_finite_cost(
        net, lambda: _backpropagate(net, x.T[:, :, None], expected.T[:, :, None])
    )  # m batches of one sample
