"""What a batch must be, and one clear sentence where it is not."""

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from manualbp.network import DTYPES, Network, first
from manualbp.types import Array, require


class DomainError(ValueError):
    """A number lies outside the domain of the cost."""


class CostOverflow(ValueError):
    """C is larger than any float. `gradients` holds what was computed: the gradient itself may be finite, and right."""

    def __init__(self, sentence: str, gradients: Any) -> None:
        super().__init__(sentence)
        self.gradients = gradients


def check_net(net: Network) -> None:
    """Raise TypeError unless net is a Network."""
    require("net", net, Network, "a Network, such as manualbp.init makes")


def check_batch(net: Network, x: Array, expected: Array, *, stacks: bool = True) -> None:
    """Raise ValueError or TypeError unless x and E are a batch for the network (or a stack of batches), DomainError where E is
    outside the domain of the cost. Whether x is finite is left to `check_weighted_inputs`.
    """
    check_net(net)
    w = net.weights
    check_columns("x", x, w[0].shape[-1], w[0])
    check_columns("expected", expected, w[-1].shape[-2], w[0])
    if not stacks and (x.ndim != 2 or expected.ndim != 2):
        raise ValueError(f"x has shape {x.shape}, expected {expected.shape}: give one batch, samples in columns")
    check_expected(net, x, expected)


def check_columns(what: str, x: Array, n: int, like: Array) -> None:
    """Raise ValueError or TypeError unless x is a batch (n, m) of the network's dtype, m at least 1."""
    if not hasattr(x, "shape") or not hasattr(x, "dtype"):
        raise TypeError(f"{what} is a {type(x).__name__}: give an array of shape ({n}, m)")
    if is_float(x) and type(x) is not np.ndarray:
        raise TypeError(f"{what} is a {type(x).__name__}: give a plain array, numpy.asarray({what})")
    if len(x.shape) < 2:
        raise ValueError(
            f"{what} has shape {x.shape}: samples are columns, ({n}, m); for one sample give {what}[:, None]"
        )
    if x.shape[-2] != n:
        hint = f"; samples are columns: did you mean {what}.T?" if x.shape[-1] == n else ""
        raise ValueError(f"{what} has shape {x.shape}: the network needs ({n}, m){hint}")
    if x.shape[-1] == 0:
        raise ValueError(f"{what} has shape {x.shape}: the batch is empty; give at least one sample")
    if x.dtype != like.dtype:
        raise TypeError(
            f"{what} has dtype {x.dtype}, the network {like.dtype}: convert it with .astype('{like.dtype}')"
        )


def check_finite(what: str, x: Array) -> None:
    """Raise ValueError where a NumPy array of floats holds a number that is not finite."""
    if not all_finite(x):
        at = first(~np.isfinite(x))
        raise ValueError(f"{what}: entry {at} is {x[at]}; all must be finite")


def all_finite(x: Array) -> bool:
    """Whether x is finite throughout, or no NumPy array of floats."""
    if not is_float(x) or math.isfinite(np.vdot(x, x)):  # a sum of squares, at a fraction of the price of isfinite
        return True
    return bool(np.isfinite(x).all())


def check_expected(net: Network, x: Array, expected: Array) -> None:
    """Raise ValueError unless there is a column of E for each of x, finite and in the domain of the cost."""
    if expected.shape[-1] != x.shape[-1]:
        raise ValueError(f"expected has {expected.shape[-1]} samples, x has {x.shape[-1]}: give one column for each")
    if expected.shape[:-2] != x.shape[:-2]:
        raise ValueError(f"expected has shape {expected.shape}, x {x.shape}: give one batch of E for each batch of x")
    check_finite("expected", expected)
    domain = net.head.cost.e_domain
    if is_float(expected) and domain.name != "real" and not (inside := domain.contains(expected)).all():
        at = first(~inside)
        raise DomainError(f"expected: entry {at} is {expected[at]}; {net.head.cost.name} needs E in {domain.words}")


def check_weighted_inputs(net: Network, x: Array, z: Mapping[int, Array]) -> None:
    """Raise ValueError where a z is not finite: because x or a parameter is not (after a descent that diverged), or by overflow.

    Every entry of x and every parameter enters some z, so that looking at these, which are fewer, is enough.
    """
    for i, zi in z.items():
        if all_finite(zi):
            continue
        check_finite("x", x)
        for k, (w, b) in enumerate(zip(net.weights, net.biases, strict=True), start=2):
            check_finite(f"weights of layer {k}", w)
            check_finite(f"biases of layer {k}", b)
        at = first(~np.isfinite(zi))
        raise ValueError(
            f"z of layer {i}: entry {at} is {zi[at]}; the weighted sums overflow {zi.dtype}: use smaller weights or inputs"
        )


def check_output(net: Network, output: Array) -> None:
    """Raise DomainError where the output aᴸ has left the domain of the cost by saturating."""
    domain = net.head.a_domain
    if is_float(output) and domain.name != "real" and not (inside := domain.contains(output)).all():
        at = first(~inside)
        raise DomainError(
            f"the output {at} has saturated to {output[at]}; {net.head.name} needs a in {domain.words}: use a fused head, "
            "which works from z, or smaller weights"
        )


def with_finite_cost(net: Network, backward: Callable[[], Any]) -> Any:
    """What `backward` returns. Raises CostOverflow where its cost is not finite.

    What NumPy would warn of in several places is one sentence: that error's, or one warning (an error where NumPy is to raise).
    """
    heard: list[str] = []
    wanted = np.geterr()
    with np.errstate(over="call", invalid="call", call=lambda kind, flag: heard.append(kind)):
        g = backward()
    if not all_finite(np.asarray(g.cost)):
        raise CostOverflow(
            f"the cost is {np.max(g.cost)}: {net.head.cost.name} of this output overflows {g.cost.dtype}; use smaller weights, "
            "or bring x and expected to the size of 1",
            g,
        )
    for kind in dict.fromkeys(heard):
        sentence = f"{kind} on the way to the gradient of {net.head.name}: use a fused head, which works from z, or smaller weights"
        how = wanted["over" if kind == "overflow" else "invalid"]
        if how == "raise":
            raise FloatingPointError(sentence)
        if how == "warn":
            warnings.warn(sentence, RuntimeWarning, stacklevel=3)
    return g


def is_float(x: Array) -> bool:
    """Whether x is a NumPy array of floats, whose numbers can be looked at (not balls, not a JAX tracer)."""
    return isinstance(x, np.ndarray) and x.dtype in DTYPES
