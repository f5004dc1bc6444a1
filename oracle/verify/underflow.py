"""What underflows on the way to a δ that does not: a z to a kink, where BP1–BP4 take the convention, as autodiff's floats do; and a
σ′ or an a before an error so large that their product is a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import manualbp
from oracle.balls.arrays import lift, lift_arb, magnitudes, precision
from oracle.balls.errors import Undecidable
from oracle.verify.case import Case, lifted, on_arrays
from oracle.verify.examination import Examination, Step
from oracle.witnesses import trace
from oracle.witnesses.tracing import double_precision

#: Two programs in floats may differ by so many times what one may cost.
AS_AUTODIFF = 2.0


def stands_at_the_kink(case: Case, steps: tuple[Step, ...]) -> bool:
    """Whether autodiff's own floats have these numbers too: z underflows to a kink, beside which the exact one lies."""
    import jax

    fn, args = on_arrays(case)
    L, m = len(case.net.weights), case.x.shape[-1]
    record = trace(fn, args, tuple(range(len(args))))
    with double_precision(), np.errstate(all="ignore"):
        _, *found = jax.core.eval_jaxpr(record.gradient.jaxpr, record.gradient.consts, *args)
    arrays = {"BP3": found[:L], "BP4": found[L : 2 * L], "BP1": found[2 * L :], "BP2": found[2 * L :]}
    for step in steps:
        beyond = step.comparison.beyond
        if not beyond.any():
            continue
        if step.equation == "C":
            return False
        of_autodiff = np.asarray(arrays[step.equation][step.layer - 2]) * (1 if step.equation in ("BP3", "BP4") else m)
        if not np.all(
            np.abs(step.comparison.got - of_autodiff)[beyond] <= AS_AUTODIFF * step.comparison.allowed[beyond]
        ):
            return False
    return True


def explains(found: Examination) -> bool:
    """Whether the first lost digits are those of numbers below the smallest normal float, which hold fewer digits than arithmetic
    gives, or none, and what they meet is large enough to show it: σ′ before ∇ₐC (a chained head) or (Wⁱ⁺¹)ᵀδⁱ⁺¹, a before δ."""
    step = found.first_wrong
    if not isinstance(step, Step) or step.way:
        return False
    try:
        with precision(400):
            room = _room(found, step)
    except Undecidable:
        return False
    beyond = step.comparison.beyond
    return bool(np.all(step.comparison.error[beyond] <= step.comparison.allowed[beyond] + room[beyond]))


def _room(found: Examination, step: Step) -> NDArray[np.float64]:
    """What each entry may be off where every number below the smallest normal float that it is made of is lost as a whole."""
    net, k = found.case.net, step.layer - 2
    tiny = float(np.finfo(found.case.x.dtype).smallest_normal)
    z, a = manualbp.forward(lifted(net), lift(found.case.x))
    if step.equation == "BP3":
        below = magnitudes(a[k]) < tiny
        delta = _delta(found, step.layer)
        return np.asarray(np.mean(np.where(below, tiny * delta[:, np.newaxis], 0.0), axis=-1), dtype=np.float64)
    if step.equation == "BP2":
        error = np.abs(net.weights[k + 1].T).astype(np.float64) @ _delta(found, step.layer + 1)
        activation = net.activations[k]
    elif step.equation == "BP1" and net.head.form == "chained":
        error = magnitudes(lift_arb(net.head.cost.nabla_a(a[-1], lift(found.case.expected))))
        activation = manualbp.ACTIVATIONS[net.head.activation]
    else:
        return np.zeros(step.comparison.got.shape)
    below = magnitudes(lift_arb(activation.sigma_prime(z[k]))) < tiny
    return np.where(below, tiny * error, 0.0)


def _delta(found: Examination, layer: int) -> NDArray[np.float64]:
    """The sizes of the true δ of a layer."""
    (truth,) = (s.truth for s in found.steps if s.equation in ("BP1", "BP2") and s.layer == layer)
    return np.maximum(magnitudes(truth.lower), magnitudes(truth.upper))
