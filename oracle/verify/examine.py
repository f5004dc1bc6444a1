"""The examination of one case: hand-derived gradients against the certified truth, equation by equation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp import ACTIVATIONS, IDENTITY, CostOverflow, DomainError, Gradients, Network
from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import as_object_array, lift, lift_arb, midpoints, precision
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import evaluate
from oracle.judgement.verdict import Verdict, compare
from oracle.verify.breakdown import raised, undefined, wrong_shape
from oracle.verify.case import Case, lifted, on_arrays
from oracle.verify.examination import Examination, Step
from oracle.verify.seams import at_the_seam
from oracle.verify.underflow import stands_at_the_kink
from oracle.witnesses import Enclosure, Traced, certified, trace
from oracle.witnesses.enclosure import derivative

VALUE_BITS = (400, 1600, 6400)
FLOAT_BITS = {np.dtype(np.float64): 53, np.dtype(np.float32): 24}
#: Other ways to the same numbers, which must lead there.
PER_SAMPLE = "averaged over per_sample_gradients"
BALLS, BY_COST = "in balls", "by the cost of the fused head"


@dataclass(frozen=True, eq=False)
class Truth:
    """Value and derivatives by weights, biases and shifts, in that order, and what rounding may cost each."""

    cost: Enclosure
    derivatives: tuple[Enclosure, ...]
    allowances: tuple[NDArray[np.float64], ...]


def examine(case: Case, traced: Traced | None = None) -> Examination:
    """Judges `manualbp.gradients` on a case: `undecided` where the truth stays open. Raises DomainError where the case has none.

    The truth is the jaxpr of `jax.grad` of the forward pass, in balls; the allowance is what the same jaxpr costs at the precision
    of the floats. Where they disagree, the hand-derived equations themselves run on balls: if their result then overlaps the truth,
    the mathematics is right and the floats are inaccurate. They are judged on balls where the floats agree, too: floats may replace
    a formula by another. The gradients sample by sample must lead to the same numbers.
    """
    try:
        return _examined(case, traced)
    except Undecidable:
        return Examination(case, (), Verdict.UNDECIDED, None)


def _examined(case: Case, traced: Traced | None) -> Examination:
    try:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # the verdict speaks of what is not finite
            g = whatever_the_cost(manualbp.gradients, case)
            ways = {"": g, **other_ways(case, g)}
    except DomainError:
        raise
    except Exception as error:
        return Examination(case, (), Verdict.WRONG, raised(error, len(case.net.sizes)))
    for way, found in ways.items():
        if (broken := wrong_shape(case, found, way)) is not None:
            return Examination(case, (), Verdict.WRONG, broken)
    try:
        kink = at_kink(case)
        truth = _truth(case, traced, kink)
    except ArithmeticError:
        if np.isnan(g.cost):
            return Examination(case, (), Verdict.WRONG, undefined(case))
        raise
    balls = _on_balls(case)
    if balls is not None:
        ways[BALLS] = _midpoints(balls, g)
    by_way = {way: tuple(_steps(case, found, truth, way)) for way, found in ways.items()}
    by_way[BY_COST] = tuple(_cost_of_fused(case, g, truth))
    every = [step for steps in by_way.values() for step in steps]
    first_wrong = next((step for step in every if step.comparison.beyond.any()), None)
    if first_wrong is None:
        return Examination(case, by_way[""], Verdict.RIGHT, None, kink)
    right_in_balls = not any(step.comparison.beyond.any() for step in by_way.get(BALLS, ()))
    excused = not first_wrong.way and right_in_balls and balls is not None and overlaps(by_way[""], balls)
    if excused and kink and stands_at_the_kink(case, by_way[""]):
        return Examination(case, by_way[""], Verdict.RIGHT, None, kink)
    return Examination(case, by_way[""], Verdict.INACCURATE if excused else Verdict.WRONG, first_wrong, kink)


def whatever_the_cost(gradients: Callable[..., Gradients], case: Case) -> Gradients:
    """The gradients, also where C itself is larger than any float."""
    try:
        return gradients(case.net, case.x, case.expected)
    except CostOverflow as overflow:
        return overflow.gradients


def at_kink(case: Case) -> bool:
    """Whether some z of a hidden or output layer is exactly a kink of its activation."""
    z, _ = manualbp.forward(case.net, case.x)
    activations = [*case.net.activations, ACTIVATIONS.get(case.net.head.activation, IDENTITY)]
    return any(np.any(v == kink) for v, f in zip(z, activations, strict=True) for kink in f.kinks)


def other_ways(case: Case, g: Gradients) -> dict[str, Gradients]:
    """The gradients averaged over the samples, where not bit for bit those of `gradients`."""
    one = whatever_the_cost(manualbp.per_sample_gradients, case)
    averaged = Gradients(
        np.mean(one.cost),
        tuple(np.moveaxis(d[..., 0], 0, -1) for d in one.deltas),
        tuple(np.mean(v, axis=0) for v in one.nabla_w),
        tuple(np.mean(v, axis=0) for v in one.nabla_b),
    )
    return {} if _same(averaged, g) else {PER_SAMPLE: averaged}


def _same(g: Gradients, h: Gradients) -> bool:
    pairs = zip((g.cost, *g.deltas, *g.nabla_w, *g.nabla_b), (h.cost, *h.deltas, *h.nabla_w, *h.nabla_b), strict=True)
    return all(np.array_equal(v, w, equal_nan=True) for v, w in pairs)


def _truth(case: Case, traced: Traced | None, kink: bool) -> Truth:
    fn, args = on_arrays(case)
    argnums = tuple(range(len(args)))
    record = traced or trace(fn, args, argnums)
    bits = FLOAT_BITS[case.x.dtype]
    try:
        derivatives = by_convention(record, args) if kink else certified(record, args, argnums)
        cost = value_enclosure(record, args)
    except Undecidable:
        (cost, *of_arguments), at_seam = at_the_seam(record, args, bits)
        return Truth(cost, tuple(of_arguments), tuple(at_seam))
    try:
        allowances = rounding_allowance(record.gradient, args, bits)
    except ArithmeticError:  # a tie in softmax's maximum, of equal numbers that no precision proves equal
        allowances = rounding_allowance(_by_hand(case), args, bits)
    return Truth(cost, derivatives, allowances)


def _by_hand(case: Case) -> Any:
    """The hand-derived equations as a function of the arguments of `on_arrays`; they know no maximum whose place matters."""
    L, m = len(case.net.weights), case.x.shape[-1]

    def program(*args: Any) -> tuple[Any, ...]:
        biases = tuple(b + s for b, s in zip(args[L : 2 * L], args[2 * L :], strict=True))
        net = Network(args[:L], biases, case.net.activations, case.net.head)
        g = manualbp.gradients(net, lift(case.x), lift(case.expected))
        return (np.asarray(g.cost, dtype=object), *g.nabla_w, *g.nabla_b, *(d / m for d in g.deltas))

    return program


def by_convention(record: Traced, args: Sequence[NDArray[Any]]) -> tuple[Enclosure, ...]:
    """The gradient of the jaxpr in balls, with σ′ at a kink as autodiff takes it: that of the branch that defines σ there."""
    (_, *gradients), bits = _evaluated(record.gradient, args)
    return tuple(derivative(as_object_array(g), rigorous=True, bits=bits) for g in gradients)


def value_enclosure(record: Traced, args: Any) -> Enclosure:
    """The value of a traced function in balls."""
    (value,), bits = _evaluated(record.value, args)
    return derivative(as_object_array(value), rigorous=True, bits=bits)


def _evaluated(jaxpr: Any, args: Any) -> tuple[list[Any], int]:
    """A jaxpr in balls, at the first precision that decides its comparisons. Raises Undecidable where none does."""
    exact = [np.asarray(a, dtype=np.float64) for a in args]
    for bits in VALUE_BITS:
        try:
            with precision(bits):
                return evaluate(jaxpr, exact), bits
        except Undecidable:
            if bits == VALUE_BITS[-1]:
                raise
    raise AssertionError("VALUE_BITS is empty")


def _steps(case: Case, g: Gradients, truth: Truth, way: str) -> Iterator[Step]:
    """Cost, BP1, BP2 from the last hidden layer down, then BP3 and BP4."""
    L, m = len(case.net.weights), case.x.shape[-1]
    cost_allowance, *of_args = truth.allowances
    dw, db, shift = truth.derivatives[:L], truth.derivatives[L : 2 * L], truth.derivatives[2 * L :]
    w_allowance, b_allowance, shift_allowance = of_args[:L], of_args[L : 2 * L], of_args[2 * L :]

    def step(equation: str, k: int, got: NDArray[Any], right: Enclosure, allowance: NDArray[Any]) -> Step:
        return Step(equation, k + 2, compare(np.asarray(got), right, allowance), right, way)

    yield step("C", L - 1, np.asarray(g.cost, dtype=case.x.dtype), truth.cost, np.asarray(cost_allowance))
    for k in reversed(range(L)):
        yield step("BP1" if k == L - 1 else "BP2", k, g.deltas[k], scaled(shift[k], m), shift_allowance[k] * m)
    for k in reversed(range(L)):
        yield step("BP3", k, g.nabla_w[k], dw[k], w_allowance[k])
        yield step("BP4", k, g.nabla_b[k], db[k], b_allowance[k])


def _cost_of_fused(case: Case, g: Gradients, truth: Truth) -> Iterator[Step]:
    """A fused head's C, simplified by hand, against its cost after its activation, where balls can evaluate that."""
    head = case.net.head
    if head.form != "fused":
        return
    for bits in VALUE_BITS:  # ln(1 − a) leaves |z|/ln 2 of them behind where a saturates
        with precision(bits):
            try:
                _, a = manualbp.forward(lifted(case.net), lift(case.x))
                mean = lift_arb(as_object_array(np.sum(head.cost.C(a[-1], lift(case.expected))) / case.x.shape[-1]))
            except ArithmeticError:
                return
            value = derivative(mean, rigorous=True, bits=bits)
        if sharp(mean.item()):
            comparison = compare(np.asarray(g.cost, dtype=case.x.dtype), value, np.asarray(truth.allowances[0]))
            yield Step("C", len(case.net.sizes), comparison, value, BY_COST)
            return


def sharp(ball: Any) -> bool:
    """Whether a ball says more than any float could."""
    return bool(ball.is_finite() and ball.rel_accuracy_bits() > 80)


def _on_balls(case: Case) -> Gradients | None:
    """The hand-derived equations at the first precision that decides; None where they cannot run on balls."""
    for bits in VALUE_BITS:
        with precision(bits):
            try:
                return manualbp.gradients(lifted(case.net), lift(case.x), lift(case.expected))
            except Undecidable:
                continue
            except Exception:  # code for floats alone
                return None
    return None


def _midpoints(balls: Gradients, g: Gradients) -> Gradients:
    """Balls as floats; where a ball says nothing, the number of g."""

    def each(vs: tuple[NDArray[Any], ...], likes: tuple[NDArray[Any], ...]) -> tuple[NDArray[Any], ...]:
        return tuple(as_floats(v, like) for v, like in zip(vs, likes, strict=True))

    cost = as_floats(np.asarray([balls.cost], dtype=object), np.asarray([g.cost]))[0]
    return Gradients(cost, each(balls.deltas, g.deltas), each(balls.nabla_w, g.nabla_w), each(balls.nabla_b, g.nabla_b))


def as_floats(balls: NDArray[Any], otherwise: NDArray[Any]) -> NDArray[Any]:
    """The midpoints of balls that are sharp, and elsewhere the number of `otherwise`, in its dtype."""
    arbs = lift_arb(balls)
    says = np.frompyfunc(sharp, 1, 1)(arbs).astype(bool)
    return np.where(says, midpoints(arbs), otherwise).astype(otherwise.dtype)


def overlaps(steps: tuple[Step, ...], balls: Gradients) -> bool:
    """Whether the hand-derived equations, run on balls, agree with the truth wherever the floats do not."""
    L = len(balls.deltas)
    results = {"C": [np.asarray(balls.cost, dtype=object)] * L, "BP1": balls.deltas, "BP2": balls.deltas}
    results |= {"BP3": balls.nabla_w, "BP4": balls.nabla_b}
    with precision(400):
        return all(overlap(step, results[step.equation][step.layer - 2]) for step in steps)


def scaled(truth: Enclosure, m: int) -> Enclosure:
    """m times the enclosure."""
    with precision(truth.bits + 64):
        return replace(truth, lower=truth.lower * m, upper=truth.upper * m)


def overlap(step: Step, balls: NDArray[Any]) -> bool:
    """Whether every ball has a point in common with its enclosure, where the float has no excuse."""
    apart = np.frompyfunc(lambda v, low, high: bool(v.is_nan() or v < low or v > high), 3, 1)
    disjoint = np.asarray(apart(lift_arb(balls), step.truth.lower, step.truth.upper), dtype=bool)
    return not np.any(disjoint & step.comparison.beyond)
