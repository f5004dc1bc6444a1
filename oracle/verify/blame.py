"""Who is to blame: the equation, or the record (activation, cost, head) that it was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp.activations import ACTIVATIONS, Activation
from manualbp.costs import Cost
from manualbp.forward_pass import forward_by_layer
from manualbp.heads import Head
from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift, precision
from oracle.judgement.verdict import Comparison, Verdict, compare
from oracle.verify.breakdown import Breakdown
from oracle.verify.examination import Examination, Step
from oracle.verify.examine import BY_COST, FLOAT_BITS, PER_SAMPLE, as_floats, value_enclosure
from oracle.witnesses import certified, trace

EQUATIONS = {
    "C": "C of a batch is the mean over its samples",
    "BP1": "(BP1) δ^L = ∇ₐC ⊙ σ′(z^L)",
    "BP2": "(BP2) δ^i = ((W^(i+1))ᵀ δ^(i+1)) ⊙ σ′(z^i)",
    "BP3": "(BP3) ∂C/∂W^i = δ^i (a^(i−1))ᵀ, mean over the samples",
    "BP4": "(BP4) ∂C/∂b^i = δ^i, mean over the samples",
}
#: The other way to the gradients, as a caller writes it.
CALLS = {PER_SAMPLE: "per_sample_gradients"}


@dataclass(frozen=True)
class Blame:
    """what: the equation's or record's name. sentence: what is wrong with it, with numbers."""

    what: str
    sentence: str


def blame(found: Examination) -> Blame:
    """The culprit behind the first wrong step: a record that fails by itself at the very numbers of the case, else the equation."""
    if found.first_wrong is None:
        raise ValueError("nothing is wrong in this examination, so there is nobody to blame")
    culprit = _culprit(found, found.first_wrong)
    if found.verdict is Verdict.INACCURATE:
        return replace(culprit, sentence=f"right in balls, and in floats this: {culprit.sentence}")
    return culprit


def _culprit(found: Examination, first: Step | Breakdown) -> Blame:
    if not isinstance(first, Breakdown) and first.way in CALLS:
        text = f"{first.symbol} is wrong, but right by plain gradients ({EQUATIONS[first.equation]})"
        return Blame(CALLS[first.way], text)
    net, E = found.case.net, found.case.expected
    z, a = (list(by_number.values()) for by_number in forward_by_layer(net, found.case.x))  # z need not be finite
    culprit = None
    if first.equation == "C":
        if not isinstance(first, Breakdown) and first.way == BY_COST:
            culprit = Blame(f"head {net.head.name}", f"C of the head {net.head.name} is not its cost's C(σ(z), E)")
        culprit = _blame_values(found, z, a) or culprit
    elif first.equation == "BP1":
        culprit = _blame_head(net.head, z[-1], a[-1], E)
    elif first.equation == "BP2" and 2 <= first.layer <= len(net.activations) + 1:
        culprit = _check_sigma_prime(net.activations[first.layer - 2], z[first.layer - 2])
    if culprit is not None:
        return culprit
    sentence = f"the equation {EQUATIONS[first.equation]} as coded"
    if isinstance(first, Breakdown):
        sentence += f": {first.sentence}"
    return Blame(first.equation, sentence)


def _blame_values(found: Examination, z: Any, a: Any) -> Blame | None:
    """For a wrong C: a σ that is one function on floats and another on balls, or a C that is undefined inside its domain."""
    net, E = found.case.net, found.case.expected
    last = [ACTIVATIONS[net.head.activation]] if net.head.activation in ACTIVATIONS else []
    for activation, before in zip((*net.activations, *last), z, strict=False):
        if (culprit := _check_sigma(activation, before)) is not None:
            return culprit
    with np.errstate(divide="ignore", invalid="ignore"):
        C = net.head.C(z[-1], a[-1], E)
    if np.isnan(C).any():
        what = f"head {net.head.name}" if net.head.form == "fused" else f"cost {net.head.cost.name}"
        r = int(np.argmax(np.isnan(C)))
        return Blame(what, f"C of {what} is NaN inside its domain: a = {a[-1][:, r]}, E = {E[:, r]}")
    return None


def _blame_head(head: Head, z: NDArray[Any], a: NDArray[Any], E: NDArray[Any]) -> Blame | None:
    """The cost, the activation or the head: whichever is wrong by itself at these numbers; None where none is."""
    whole = against_autodiff(
        lambda z: head.C(z, head.sigma(z), like(E, z)), lambda z: head.delta(z, head.sigma(z), like(E, z)), z
    )
    if whole is None:
        return None
    culprit = None
    if head.cost.a_domain.contains(a).all():
        culprit = _check_nabla(head.cost, a, E)
    if culprit is None and head.activation in ACTIVATIONS:
        culprit = _check_sigma_prime(ACTIVATIONS[head.activation], z)
    if culprit is not None:
        return culprit
    numbers = whole.words("z", z, f"E = {E[whole.at]:.17g}", got="δ", expected="∂C/∂z") if whole.at else whole.text
    if head.form == "fused":
        return Blame(f"head {head.name}", f"δ of the head {head.name} is not ∂C/∂z of its C: {numbers}")
    how = "softmax's Jacobian in BP1" if head.form == "jacobian" else EQUATIONS["BP1"]
    return Blame("BP1", f"{how} as coded: δ of the {head.form} head {head.name} is not ∂C/∂z: {numbers}")


def _check_sigma_prime(activation: Activation, z: NDArray[Any]) -> Blame | None:
    wrong = against_autodiff(activation.sigma, activation.sigma_prime, z)
    if wrong is None:
        return None
    numbers = wrong.words("z", z, "", got="σ′", expected="dσ/dz") if wrong.at else wrong.text
    return Blame(f"activation {activation.name}", f"σ′ of {activation.name} is not the derivative of its σ: {numbers}")


def _check_sigma(activation: Activation, z: NDArray[Any]) -> Blame | None:
    record = trace(lambda z: z.__array_namespace__().sum(activation.sigma(z)), (z,))
    truth = value_enclosure(record, (z,))
    allowance = rounding_allowance(record.value, (z,), FLOAT_BITS[np.dtype(z.dtype)])[0]
    comparison = compare(np.asarray(np.sum(activation.sigma(z))), truth, np.asarray(allowance))
    if not comparison.beyond.any():
        return None
    return Blame(
        f"activation {activation.name}",
        f"σ of {activation.name} is one function on NumPy's floats and another elsewhere: over z = {z.ravel()[:4]} … it sums "
        f"to {comparison.got:.17g} and {comparison.expected:.17g}",
    )


def _check_nabla(cost: Cost, a: NDArray[Any], E: NDArray[Any]) -> Blame | None:
    wrong = against_autodiff(lambda a: cost.C(a, like(E, a)), lambda a: cost.nabla_a(a, like(E, a)), a)
    if wrong is None:
        return None
    numbers = wrong.words("a", a, f"E = {E[wrong.at]:.17g}", got="∇ₐC", expected="∂C/∂a") if wrong.at else wrong.text
    return Blame(f"cost {cost.name}", f"∇ₐC of {cost.name} is not the gradient of its C: {numbers}")


@dataclass(frozen=True, eq=False)
class Discrepancy:
    """A derivative that a record claims and that is none: at which entry (None: it has no number), or what happened instead."""

    at: tuple[int, ...] | None
    comparison: Comparison | None
    text: str = ""

    def words(self, name: str, x: NDArray[Any], also: str, *, got: str, expected: str) -> str:
        """The numbers at the worst entry."""
        assert self.comparison is not None
        where = f"at {name} = {x[self.at]:.17g}" + (f", {also}" if also else "")
        return f"{where}: {got} = {self.comparison.got[self.at]:.17g}, {expected} = {self.comparison.expected[self.at]:.17g}"


def against_autodiff(f: Callable[[Any], Any], prime: Callable[[Any], Any], x: NDArray[Any]) -> Discrepancy | None:
    """The derivative of Σ f(x) that a record claims, on floats and on balls, against the certified one. None where they agree, or
    where the truth stays open."""
    record = trace(lambda x: x.__array_namespace__().sum(f(x)), (x,))
    try:
        (truth,) = certified(record, (x,))
        _, allowance = rounding_allowance(record.gradient, (x,), FLOAT_BITS[np.dtype(x.dtype)])
    except ArithmeticError:
        return None
    try:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            slope = np.asarray(prime(x))
    except Exception as error:
        return Discrepancy(None, None, f"it raises {type(error).__name__}: {error}")
    if np.broadcast_shapes(slope.shape, x.shape) != x.shape:
        return Discrepancy(None, None, f"it has shape {slope.shape}, and must have {x.shape}")
    slope = np.broadcast_to(slope, x.shape)
    for got in (slope, _on_balls(prime, x, slope)):
        comparison = compare(got, truth, np.asarray(allowance))
        if comparison.beyond.any():
            return Discrepancy(comparison.worst, comparison)
    return None


def _on_balls(prime: Callable[[Any], Any], x: NDArray[Any], otherwise: NDArray[Any]) -> NDArray[Any]:
    """The same code on balls, as floats; `otherwise` where that says nothing."""
    with precision(400):
        try:
            return as_floats(np.broadcast_to(prime(lift(x)), x.shape), otherwise)
        except Exception:  # an open decision, or code for floats alone
            return otherwise


def like(E: NDArray[Any], x: Any) -> Any:
    """E in the arithmetic of x: balls beside balls, else as it is."""
    return lift(E) if isinstance(x, np.ndarray) and x.dtype == object else E
