"""The same four equations in index form, one Σ after the other: slow, and as one would first write them down.

`manualbp.backprop` is the matrix form; a test holds the two together.
"""

from itertools import product

import numpy as np

from manualbp.backprop import Gradients
from manualbp.forward_pass import by_layer, forward
from manualbp.network import Network
from manualbp.types import Array


def gradients(net: Network, x: Array, expected: Array) -> Gradients:
    """`manualbp.gradients` by explicit sums over neurons and samples. Shapes and results as there."""
    zs, activations = forward(net, x)
    z, a = by_layer(zs), dict(enumerate(activations, start=1))
    w, sigma_prime = by_layer(net.weights), by_layer([f.sigma_prime for f in net.activations])
    L, n, m = len(net.sizes), dict(enumerate(net.sizes, start=1)), x.shape[-1]
    delta = {i: np.zeros_like(z[i]) for i in range(2, L + 1)}
    nabla_w = {i: np.zeros_like(w[i]) for i in range(2, L + 1)}
    nabla_b = {i: np.zeros_like(b) for i, b in by_layer(net.biases).items()}

    for r in range(m):
        delta[L][:, [r]] = net.head.delta(z[L][:, [r]], a[L][:, [r]], expected[:, [r]])  # (BP1)
        for i in range(L - 1, 1, -1):
            for j in range(n[i]):
                back = sum(w[i + 1][k, j] * delta[i + 1][k, r] for k in range(n[i + 1]))
                delta[i][j, r] = back * sigma_prime[i](z[i][j, [r]])[0]  # (BP2)
        for i in range(2, L + 1):
            for j, k in product(range(n[i]), range(n[i - 1])):
                nabla_w[i][j, k] += delta[i][j, r] * a[i - 1][k, r] / m  # (BP3)
            for j in range(n[i]):
                nabla_b[i][j, 0] += delta[i][j, r] / m  # (BP4)

    cost = np.mean(net.head.C(z[L], a[L], expected), axis=-1)
    return Gradients(cost, *(tuple(by_number.values()) for by_number in (delta, nabla_w, nabla_b)))
