"""Backpropagation by hand: the four equations.

δⁱ_j = ∂C/∂zⁱ_j is the error of neuron j in layer i, for one sample. Samples are columns, and C of a batch is the mean over
its m samples.

(BP1)  δᴸ = ∇ₐC ⊙ σ′(zᴸ)                 the error at the output; the only equation that knows the cost
(BP2)  δⁱ = ((Wⁱ⁺¹)ᵀ δⁱ⁺¹) ⊙ σ′(zⁱ)       the error of a layer from the next one's
(BP3)  ∂C/∂Wⁱ = δⁱ (aⁱ⁻¹)ᵀ                of a batch: the mean over the samples
(BP4)  ∂C/∂bⁱ = δⁱ                        of a batch: the mean over the samples
"""

from dataclasses import dataclass

import numpy as np

from manualbp.buffers import Workspace, check_fits
from manualbp.checks import check_columns, check_expected, check_output, check_weighted_inputs
from manualbp.forward_pass import by_layer, forward_by_layer
from manualbp.inplace import columnwise, divide, hadamard, matmul, sum_of_columns
from manualbp.network import Network
from manualbp.types import Array, require


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


def gradients(net: Network, x: Array, expected: Array, *, workspace: Workspace | None = None) -> Gradients:
    """The mean cost of a batch and its gradient, by BP1–BP4.

    x: (n_1, m), expected: (n_L, m), in the network's dtype. With a `workspace` (from `manualbp.workspace(net, m)`) the results
    live in its buffers until its next use. Raises ValueError or TypeError where an argument does not fit or is not finite,
    and DomainError where E or the output aᴸ is outside the domain of the cost.
    """
    require("net", net, Network, "a Network, such as manualbp.init makes")
    out = Workspace() if workspace is None else workspace
    check_columns("x", x, net.sizes[0], net.weights[0])
    check_expected(net, x, expected)
    check_fits(out, net, x)
    with np.errstate(invalid="ignore"):  # what is not finite is reported below, by name
        z, a = forward_by_layer(net, x, out)
    L = len(net.sizes)
    check_weighted_inputs(net, z)
    check_output(net, a[L])

    w, E, m = by_layer(net.weights), expected, x.shape[-1]
    sigma_prime = by_layer([activation.sigma_prime for activation in net.activations])
    delta, nabla_w, nabla_b = {}, {}, {}

    delta[L] = columnwise(net.head.delta, z[L], a[L], E, out=out.delta.get(L))  # (BP1)
    for i in range(L - 1, 1, -1):
        delta[i] = hadamard(matmul(w[i + 1].mT, delta[i + 1], out=out.delta.get(i)), sigma_prime[i], z[i])  # (BP2)
    for i in range(2, L + 1):
        mean_delta = divide(delta[i], m, out=out.mean_delta.get(i))  # the products below sum over the m samples
        nabla_w[i] = matmul(mean_delta, a[i - 1].mT, out=out.nabla_w.get(i))  # (BP3)
        nabla_b[i] = sum_of_columns(mean_delta, out=out.nabla_b.get(i))  # (BP4)

    cost = columnwise(net.head.C, z[L], a[L], E, out=out.costs.get(L)).sum(axis=-1) / m
    return Gradients(cost, *(tuple(by_number[i] for i in range(2, L + 1)) for by_number in (delta, nabla_w, nabla_b)))


def per_sample_gradients(net: Network, x: Array, expected: Array) -> Gradients:
    """The gradient of each sample by itself: the arrays of `gradients` with a leading axis of length m.

    cost: (m,), deltas: (m, n_i, 1), nabla_w: (m, n_i, n_(i−1)), nabla_b: (m, n_i, 1). Their means over that axis are those of
    `gradients`. Raises as `gradients` does, and ValueError for a stack of batches.
    """
    require("net", net, Network, "a Network, such as manualbp.init makes")
    check_columns("x", x, net.sizes[0], net.weights[0])
    check_columns("expected", expected, net.sizes[-1], net.weights[0])
    if x.ndim != 2 or expected.ndim != 2:
        raise ValueError(f"x has shape {x.shape}, expected {expected.shape}: give one batch, samples in columns")
    check_expected(net, x, expected)
    return gradients(net, x.T[:, :, None], expected.T[:, :, None])
