"""The forward pass: a¹ = x, zⁱ = Wⁱ aⁱ⁻¹ + bⁱ, aⁱ = σⁱ(zⁱ)."""

import numpy as np

from manualbp.checks import check_columns, check_net, check_weighted_inputs
from manualbp.network import Network
from manualbp.types import Array


def forward(net: Network, x: Array) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """The forward pass of a batch. Returns z = (z², …, zᴸ) and a = (a¹, …, aᴸ).

    x: (n_1, m), samples are columns. The same lines run on NumPy arrays, on arrays of balls and on JAX arrays.
    Raises ValueError or TypeError where x does not fit the network, and ValueError where x, a parameter or a z is not finite.
    """
    check_net(net)
    check_columns("x", x, net.sizes[0], net.weights[0])
    z, a = forward_by_layer(net, x)
    check_weighted_inputs(net, x, z)
    return tuple(z.values()), tuple(a.values())


def forward_by_layer(net: Network, x: Array) -> tuple[dict[int, Array], dict[int, Array]]:
    """z and a by the layer's number on paper, z[2] … z[L] and a[1] … a[L]; nothing is checked."""
    w, b = by_layer(net.weights), by_layer(net.biases)
    sigma = by_layer([*(activation.sigma for activation in net.activations), net.head.sigma])

    z, a = {}, {1: x}
    with np.errstate(invalid="ignore"):  # `check_weighted_inputs` reports what is not finite by name
        for i in w:
            z[i] = w[i] @ a[i - 1] + b[i]
            a[i] = sigma[i](z[i])
    return z, a


def by_layer(values: tuple | list) -> dict:
    """Values of the layers 2, 3, … under their number."""
    return dict(enumerate(values, start=2))
