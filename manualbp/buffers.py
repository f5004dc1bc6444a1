"""Buffers that `gradients` reuses from call to call."""

from dataclasses import dataclass, field

import numpy as np

from manualbp.network import Network
from manualbp.types import Array, require


@dataclass(frozen=True)
class Workspace:
    """One buffer for each layer's z, a, δ, δ/m, ∂W and ∂b, and for C of each sample, by the layer's number on paper.

    Empty: nothing is reused.
    """

    z: dict[int, Array] = field(default_factory=dict)
    a: dict[int, Array] = field(default_factory=dict)
    delta: dict[int, Array] = field(default_factory=dict)
    mean_delta: dict[int, Array] = field(default_factory=dict)
    nabla_w: dict[int, Array] = field(default_factory=dict)
    nabla_b: dict[int, Array] = field(default_factory=dict)
    costs: dict[int, Array] = field(default_factory=dict)


def workspace(net: Network, m: int) -> Workspace:
    """Buffers for batches of m samples through networks of this shape and dtype.

    What `gradients` returns with a workspace lives in it, and is overwritten by the next call with the same workspace.
    Raises TypeError for what is no Network or no whole number, ValueError for m < 1.
    """
    require("net", net, Network, "a Network, such as manualbp.init makes")
    require("m", m, (int, np.integer), "a whole number of samples")
    if m < 1:
        raise ValueError(f"m = {m}: a batch has at least one sample")
    layers = list(enumerate(zip(net.weights, net.biases, strict=True), start=2))

    def columns() -> dict[int, Array]:
        return {i: np.empty((w.shape[0], m), w.dtype) for i, (w, _) in layers}

    return Workspace(
        z=columns(),
        a=columns(),
        delta=columns(),
        mean_delta=columns(),
        nabla_w={i: np.empty_like(w) for i, (w, _) in layers},
        nabla_b={i: np.empty_like(b) for i, (_, b) in layers},
        costs={len(net.sizes): np.empty(m, net.weights[0].dtype)},
    )


def check_fits(buffers: Workspace, net: Network, x: Array) -> None:
    """Raise TypeError or ValueError unless these are buffers for this shape of network, this dtype and this number of samples."""
    require("workspace", buffers, Workspace, "what manualbp.workspace(net, m) returns")
    if not buffers.nabla_w:
        return
    m = x.shape[-1]
    shapes = {i: w.shape for i, w in enumerate(net.weights, start=2)}
    if {i: nabla.shape for i, nabla in buffers.nabla_w.items()} != shapes or buffers.z[2].dtype != x.dtype:
        raise ValueError("workspace was made for another network: make one by manualbp.workspace(net, m)")
    if x.ndim != 2 or buffers.z[2].shape[-1] != m:
        made = buffers.z[2].shape[-1]
        raise ValueError(
            f"workspace was made for {made} samples, x has shape {x.shape}: make one by manualbp.workspace(net, {m})"
        )
