"""The examination of one case: hand-derived gradients against the certified truth, equation by equation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp import ACTIVATIONS, IDENTITY, DomainError, Network
from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import as_object_array, lift, lift_arb, precision
from oracle.balls.jaxpr import evaluate
from oracle.case import Case, on_arrays
from oracle.verdict import Comparison, Verdict, compare
from oracle.witnesses import Enclosure, Traced, certified, trace
from oracle.witnesses.enclosure import derivative

FLOAT_BITS = {np.dtype(np.float64): 53, np.dtype(np.float32): 24}


@dataclass(frozen=True, eq=False)
class Step:
    """One array of the backward pass: which equation yields it, in which layer, and how it compares."""

    equation: str
    layer: int
    comparison: Comparison
    truth: Enclosure

    @property
    def symbol(self) -> str:
        """The array as it is written."""
        return {"C": "C", "BP3": f"∂C/∂W^{self.layer}", "BP4": f"∂C/∂b^{self.layer}"}.get(
            self.equation, f"δ^{self.layer}"
        )


@dataclass(frozen=True, eq=False)
class Examination:
    """The verdict on a case; `first_wrong` is the first step, in the order of the backward pass, that rounding does not explain.

    at_kink: some z lies exactly on a kink of its activation. There the cost of a network need not have a derivative, and where it
    has one, backpropagation need not find it (max(0, x) − max(0, −x) = x at 0, for which σ′(0) = 0 gives 0): what is judged
    is BP1–BP4 with the stated convention for σ′.
    """

    case: Case
    steps: tuple[Step, ...]
    verdict: Verdict
    first_wrong: Step | None
    at_kink: bool = False


def examine(case: Case, traced: Traced | None = None) -> Examination:
    """Judges `manualbp.gradients` on a case. Raises DomainError where the case has none.

    The truth is the jaxpr of `jax.grad` of the forward pass, in balls; the allowance is what the same jaxpr costs at the precision
    of the floats. Where they disagree, the hand-derived equations themselves run on balls: if their result then overlaps the truth,
    the mathematics is right and the floats are inaccurate.
    """
    fn, args = on_arrays(case)
    argnums = tuple(range(len(args)))
    record = traced or trace(fn, args, argnums)
    g = manualbp.gradients(case.net, case.x, case.expected)
    kink = at_kink(case)
    truths = by_convention(record, args) if kink else certified(record, args, argnums)
    cost_truth = value_enclosure(record, args)
    bits = FLOAT_BITS[case.x.dtype]
    allowances = rounding_allowance(record.gradient, args, bits)
    steps = tuple(_steps(case, g, cost_truth, truths, allowances))
    first_wrong = next((step for step in steps if step.comparison.beyond.any()), None)
    if first_wrong is None:
        return Examination(case, steps, Verdict.RIGHT, None, kink)
    verdict = Verdict.INACCURATE if overlaps_in_balls(case, steps) else Verdict.WRONG
    return Examination(case, steps, verdict, first_wrong, kink)


def at_kink(case: Case) -> bool:
    """Whether some z of a hidden or output layer is exactly a kink of its activation."""
    z, _ = manualbp.forward(case.net, case.x)
    activations = [*case.net.activations, ACTIVATIONS.get(case.net.head.activation, IDENTITY)]
    return any(np.any(v == kink) for v, f in zip(z, activations, strict=True) for kink in f.kinks)


def by_convention(record: Traced, args: Sequence[NDArray[Any]]) -> tuple[Enclosure, ...]:
    """The gradient of the jaxpr in balls, with σ′ at a kink as autodiff takes it: that of the branch that defines σ there."""
    with precision(400):
        _, *gradients = evaluate(record.gradient, [np.asarray(a, dtype=np.float64) for a in args])
    return tuple(derivative(as_object_array(g), rigorous=True, bits=400) for g in gradients)


def value_enclosure(record: Traced, args: Any) -> Enclosure:
    """The value of a traced function in balls."""
    with precision(400):
        (value,) = evaluate(record.value, [np.asarray(a, dtype=np.float64) for a in args])
    return derivative(as_object_array(value), rigorous=True, bits=400)


def _steps(case: Case, g: Any, cost_truth: Any, truths: Any, allowances: Any) -> Iterator[Step]:
    """Cost, BP1, BP2 from the last hidden layer down, then BP3 and BP4."""
    L, m = len(case.net.weights), case.x.shape[-1]
    cost_allowance, *of_args = allowances
    dw, db, shift = truths[:L], truths[L : 2 * L], truths[2 * L :]
    w_allowance, b_allowance, shift_allowance = of_args[:L], of_args[L : 2 * L], of_args[2 * L :]

    def step(equation: str, k: int, got: NDArray[Any], truth: Enclosure, allowance: NDArray[Any]) -> Step:
        return Step(equation, k + 2, compare(np.asarray(got), truth, allowance), truth)

    yield step("C", L - 1, np.asarray(g.cost, dtype=case.x.dtype), cost_truth, np.asarray(cost_allowance))
    for k in reversed(range(L)):
        yield step("BP1" if k == L - 1 else "BP2", k, g.deltas[k], scaled(shift[k], m), shift_allowance[k] * m)
    for k in reversed(range(L)):
        yield step("BP3", k, g.nabla_w[k], dw[k], w_allowance[k])
        yield step("BP4", k, g.nabla_b[k], db[k], b_allowance[k])


def overlaps_in_balls(case: Case, steps: tuple[Step, ...]) -> bool:
    """Whether the hand-derived equations, run on balls at 400 bits, agree with the truth wherever the floats do not."""
    with precision(400):
        net = case.net
        balls = Network(tuple(map(lift, net.weights)), tuple(map(lift, net.biases)), net.activations, net.head)
        g = manualbp.gradients(balls, lift(case.x), lift(case.expected))
        results = {"C": [np.asarray(g.cost, dtype=object)] * len(net.weights), "BP1": g.deltas, "BP2": g.deltas}
        results |= {"BP3": g.nabla_w, "BP4": g.nabla_b}
        return all(overlap(step.truth, results[step.equation][step.layer - 2]) for step in steps)


def scaled(truth: Enclosure, m: int) -> Enclosure:
    """m times the enclosure."""
    with precision(truth.bits + 64):
        return replace(truth, lower=truth.lower * m, upper=truth.upper * m)


def overlap(truth: Enclosure, balls: NDArray[Any]) -> bool:
    """Whether every ball has a point in common with its enclosure."""
    apart = np.frompyfunc(lambda v, low, high: bool(v.is_nan() or v < low or v > high), 3, 1)
    return not np.any(apart(lift_arb(balls), truth.lower, truth.upper))


def is_case(case: Case) -> bool:
    """Whether the case lies in the domain of its cost."""
    try:
        manualbp.gradients(case.net, case.x, case.expected)
    except DomainError:
        return False
    return True
