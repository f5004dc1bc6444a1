"""Who is to blame: the equation, or the record (activation, cost, head) that it was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp.activations import ACTIVATIONS, Activation
from manualbp.costs import Cost
from manualbp.heads import Head
from oracle.balls.allowance import rounding_allowance
from oracle.examine import FLOAT_BITS, Examination
from oracle.verdict import Comparison, compare
from oracle.witnesses import certified, trace

EQUATIONS = {
    "C": "C of a batch is the mean over its samples",
    "BP1": "(BP1) δ^L = ∇ₐC ⊙ σ′(z^L)",
    "BP2": "(BP2) δ^i = ((W^(i+1))ᵀ δ^(i+1)) ⊙ σ′(z^i)",
    "BP3": "(BP3) ∂C/∂W^i = δ^i (a^(i−1))ᵀ, mean over the samples",
    "BP4": "(BP4) ∂C/∂b^i = δ^i, mean over the samples",
}


@dataclass(frozen=True)
class Blame:
    """what: the equation's or record's name. sentence: what is wrong with it, with numbers."""

    what: str
    sentence: str


def blame(found: Examination) -> Blame:
    """The culprit behind the first wrong step: a record that fails by itself at the very numbers of the case, else the equation."""
    step = found.first_wrong
    if step is None:
        raise ValueError("nothing is wrong in this examination, so there is nobody to blame")
    net = found.case.net
    z, a = manualbp.forward(net, found.case.x)
    if step.equation == "BP1":
        return _blame_head(net.head, z[-1], a[-1], found.case.expected)
    if step.equation == "BP2":
        activation = net.activations[step.layer - 2]
        return _check_sigma_prime(activation, z[step.layer - 2]) or Blame(
            "BP2", f"the equation {EQUATIONS['BP2']} as coded"
        )
    return Blame(step.equation, f"the equation {EQUATIONS[step.equation]} as coded")


def _blame_head(head: Head, z: NDArray[Any], a: NDArray[Any], E: NDArray[Any]) -> Blame:
    if head.form == "fused":
        return Blame(f"head {head.name}", f"δ or C of the head {head.name}: δ is not ∂C/∂z")
    culprit = _check_nabla(head.cost, a, E)
    if culprit is None and head.activation in ACTIVATIONS:
        culprit = _check_sigma_prime(ACTIVATIONS[head.activation], z)
    how = "softmax's Jacobian" if head.form == "jacobian" else EQUATIONS["BP1"]
    return culprit or Blame("BP1", f"{how} as coded: δ of the {head.form} head {head.name}")


def _check_sigma_prime(activation: Activation, z: NDArray[Any]) -> Blame | None:
    comparison = against_autodiff(activation.sigma, activation.sigma_prime(z), z)
    if not comparison.beyond.any():
        return None
    at = comparison.worst
    return Blame(
        f"activation {activation.name}",
        f"σ′ of {activation.name} is not the derivative of its σ: σ′({z[at]:.17g}) = {comparison.got[at]:.17g}, "
        f"dσ/dz = {comparison.expected[at]:.17g}",
    )


def _check_nabla(cost: Cost, a: NDArray[Any], E: NDArray[Any]) -> Blame | None:
    comparison = against_autodiff(lambda a: cost.C(a, E), cost.nabla_a(a, E), a)
    if not comparison.beyond.any():
        return None
    at = comparison.worst
    return Blame(
        f"cost {cost.name}",
        f"∇ₐC of {cost.name} is not the gradient of its C: at a = {a[at]:.17g}, E = {E[at]:.17g} it is "
        f"{comparison.got[at]:.17g}, ∂C/∂a = {comparison.expected[at]:.17g}",
    )


def against_autodiff(f: Callable[[Any], Any], slope: NDArray[Any], x: NDArray[Any]) -> Comparison:
    """The derivative of Σ f(x) that a record claims against the certified one."""
    record = trace(lambda x: x.__array_namespace__().sum(f(x)), (x,))
    (truth,) = certified(record, (x,))
    _, allowance = rounding_allowance(record.gradient, (x,), FLOAT_BITS[np.dtype(x.dtype)])
    return compare(slope, truth, np.asarray(allowance))
