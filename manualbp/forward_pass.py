"""The forward pass: a¹ = x, zⁱ = Wⁱ aⁱ⁻¹ + bⁱ, aⁱ = σⁱ(zⁱ)."""

from manualbp.buffers import Workspace
from manualbp.checks import check_columns
from manualbp.inplace import affine, columnwise, elementwise
from manualbp.network import Network
from manualbp.types import Array, require


def forward(net: Network, x: Array) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """The forward pass of a batch. Returns z = (z², …, zᴸ) and a = (a¹, …, aᴸ).

    x: (n_1, m), samples are columns. The same lines run on NumPy arrays, on arrays of balls and on JAX arrays.
    Raises ValueError or TypeError where x does not fit the network.
    """
    require("net", net, Network, "a Network, such as manualbp.init makes")
    check_columns("x", x, net.sizes[0], net.weights[0])
    z, a = forward_by_layer(net, x, Workspace())
    return tuple(z.values()), tuple(a.values())


def forward_by_layer(net: Network, x: Array, buffer: Workspace) -> tuple[dict[int, Array], dict[int, Array]]:
    """z and a by the layer's number on paper: z[2] … z[L] and a[1] … a[L]."""
    L = len(net.sizes)
    w, b = by_layer(net.weights), by_layer(net.biases)
    sigma = by_layer([activation.sigma for activation in net.activations])

    z, a = {}, {1: x}
    for i in range(2, L):
        z[i] = affine(w[i], a[i - 1], b[i], out=buffer.z.get(i))
        a[i] = elementwise(sigma[i], z[i], out=buffer.a.get(i))
    z[L] = affine(w[L], a[L - 1], b[L], out=buffer.z.get(L))
    a[L] = columnwise(net.head.sigma, z[L], out=buffer.a.get(L))
    return z, a


def by_layer(values: tuple | list) -> dict:
    """Values of the layers 2, 3, … under their number."""
    return dict(enumerate(values, start=2))
