"""The certified witness: the jaxpr of `jax.grad` evaluated in balls, and one-sided differences where that is not the
truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import TABLES, evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.ball_differences import two_sided
from oracle.witnesses.enclosure import Enclosure, derivative, is_settled
from oracle.witnesses.slopes import PRECISIONS, Domains, Point, slope, value_in_balls
from oracle.witnesses.staircases import is_staircase
from oracle.witnesses.tracing import Array, Traced, as_arguments, trace, traced
from oracle.witnesses.without_rules import rules_of_others

FIRST_BITS = 200
MOST_BITS = 3200
#: An approximation is taken for one if it is good to single precision.
APPROXIMATE = arb(2) ** -24
STAIRCASE = (
    "fn is an approximation as it is coded, whose steps are no slope: over larger steps it follows JAX's own rule"
)
ANOTHER = "fn gives another value at a second call with the same arguments"


class Changing(Undecidable):
    """A function that is another one at every call: it has no derivative."""


def certified(
    fn: Callable[..., Any] | Traced,
    args: Sequence[ArrayLike],
    argnums: Sequence[int] = (0,),
    *,
    domains: Domains | None = None,
) -> tuple[Enclosure, ...]:
    """Enclosures of ∂f/∂args[n] for n in argnums, exact arguments, over the real numbers.

    The jaxpr of the gradient is evaluated at 200, 400, … 3200 bits until every component has a relative radius ≤ 2⁻⁸⁰,
    is exactly zero, or lies wholly below 2⁻¹²⁰⁰; what still straddles zero at 3200 bits is returned as it is
    (`Enclosure.straddles`).
    Automatic differentiation is no evidence where a branch condition is tied, where a component is not finite, and where
    a random directional derivative by differences disagrees with it (a custom_jvp or stop_gradient that defines another
    gradient): one-sided differences in balls decide there, and may find a kink.
    domains: one (low, high) per argument, or None; no difference step leaves them.
    Raises Undecidable where a component has no finite derivative, or a decision stays open, Changing where fn is another
    function at every call; UnsupportedPrimitive; and what JAX raises.
    """
    arrays = as_arguments(args)
    record = traced(fn, arrays, argnums)
    point = Point(record, arrays, domains)
    gradients, value, bits = _by_autodiff(record, arrays)
    is_derivative = gradients is not None and _is_derivative(gradients, record.argnums, point)
    if gradients is not None and not is_derivative:
        as_coded = _by_autodiff_as_coded(record, arrays, point)
        if as_coded is not None:
            by_rule, (gradients, bits), is_derivative = gradients, as_coded, True
            if not rules_of_others(record.value):
                pairs = [_between(a, b) for a, b in zip(by_rule, gradients, strict=True)]
                approximate = [pair for pair in pairs if pair is not None]
                if len(approximate) == len(pairs):
                    return tuple(
                        replace(derivative(a, rigorous=True, bits=bits), lower=a, upper=b) for a, b in approximate
                    )
                if is_staircase(point, record.argnums, by_rule, gradients):
                    raise Undecidable(STAIRCASE)
    if value is not None:
        _refuse_changing(point, record, value)
    if gradients is None or not is_derivative:
        found = tuple(two_sided(point, argnum, range(arrays[argnum].size)) for argnum in record.argnums)
        rules = _by_rule(record, arrays) if not rules_of_others(record.value) else None
        if rules is None:
            return found
        return tuple(_or_by_rule(known, balls) for known, balls in zip(found, rules, strict=True))
    enclosures = []
    for argnum, balls in zip(record.argnums, gradients, strict=True):
        known = derivative(balls, rigorous=True, bits=bits)
        doubtful = [k for k, ball in enumerate(balls.flat) if not ball.is_finite()]
        enclosures.append(two_sided(point, argnum, doubtful, known) if doubtful else known)
    return tuple(enclosures)


def _is_derivative(gradients: Sequence[Array], argnums: Sequence[int], point: Point) -> bool:
    """False where g·d, the gradient g in a random direction d, is proved to differ from f′(x; d) by values of f alone.

    So it is where a rule of a library or of the user (custom_jvp, stop_gradient) defines another gradient than the
    derivative.
    """
    rng = np.random.default_rng(0)
    direction, balls = [], []
    for argnum, gradient in zip(argnums, gradients, strict=True):
        weights = point.inward(argnum, rng.uniform(0.5, 1.0, gradient.size) * rng.choice([-1.0, 1.0], gradient.size))
        for k, (ball, weight) in enumerate(zip(gradient.flat, weights, strict=True)):
            if ball.is_finite():
                direction.append((argnum, k, float(weight)))
                balls.append(ball)
    if not direction:
        return True
    found = slope(point, direction)
    if found.value is None:
        return True
    with precision(max(PRECISIONS)):
        return bool(found.value.overlaps(sum(ball * arb(w) for ball, (_, _, w) in zip(balls, direction, strict=True))))


def _refuse_changing(point: Point, record: Traced, value: Any) -> None:
    """Raises Changing where the value beside the gradient is not that of fn, nor this that of fn traced again: it draws random
    numbers, or counts its calls. (Two traces alone may differ, by a custom rule that computes a value of its own.)"""
    with precision(PRECISIONS[0]):
        try:
            first, _ = point.here(PRECISIONS[0])
            if first.overlaps(value):
                return
            anew = trace(
                lambda *args: record.fn(*args), point.floats, record.argnums
            )  # JAX keeps the traces of a function
            again = value_in_balls(anew, point.floats)
        except Undecidable:
            return
        if not first.overlaps(again):
            raise Changing(f"{ANOTHER}: {float(first.mid()):.9g}, then {float(again.mid()):.9g}")


def _by_autodiff_as_coded(record: Traced, args: Sequence[Array], point: Point) -> tuple[list[Array], int] | None:
    """The gradient of the value as it is coded, without the rules in it, and its bits; None where that is no evidence either."""
    coded = record.without_rules()
    if coded is None:
        return None
    gradients, _, bits = _by_autodiff(coded, args)
    return (gradients, bits) if gradients is not None and _is_derivative(gradients, record.argnums, point) else None


def _between(by_rule: Array, as_coded: Array) -> tuple[Array, Array] | None:
    """The lower and the upper of the two derivatives of an approximation, whose value is coded and whose rule belongs to what it
    approximates: both are right, and what is between. None where they agree in less than single precision: that is no rounding."""
    lower, upper = np.empty(by_rule.shape, dtype=object), np.empty(by_rule.shape, dtype=object)
    largest = max((abs(ball).mid() for ball in as_coded.flat if ball.is_finite()), default=arb(0))
    for index in np.ndindex(by_rule.shape):
        a, b = by_rule.item(index), as_coded.item(index)
        if not (a.is_finite() and b.is_finite() and abs(a - b) <= largest * APPROXIMATE):
            return None
        lower[index], upper[index] = (b, a) if bool(b < a) else (a, b)
    return lower, upper


def _by_rule(record: Traced, args: Sequence[Array]) -> list[Array] | None:
    """What the rules in fn make of its gradient, whatever ties."""
    with precision(FIRST_BITS), watch_ties():
        try:
            return evaluate(record.gradient, args, tables=replace(TABLES, constants=record.constants))[1:]
        except Undecidable:
            return None


def _or_by_rule(known: Enclosure, by_rule: Array) -> Enclosure:
    """Derivatives by differences of an approximation whose code has none (a tie, an unsafe `where`), and by its rule."""
    pair = _between(by_rule, known.lower) if not known.kink.any() else None
    return known if pair is None else replace(known, lower=pair[0], upper=pair[1])


def _by_autodiff(record: Traced, args: Sequence[Array]) -> tuple[list[Array] | None, Any, int]:
    """The gradient in balls, None where it is no evidence; the value beside it, and the bits that they took."""
    active = [n in record.argnums for n in range(len(args))]
    tables = replace(TABLES, constants=record.constants)
    bits, best, best_value, best_bits = FIRST_BITS, None, None, 0
    while bits <= MOST_BITS:
        with precision(bits), watch_ties() as watch:
            try:
                value, *gradients = evaluate(record.gradient, args, active=active, tables=tables)
            except Undecidable:
                bits *= 2
                continue
        if watch.ties:
            return None, value.item() if value.item().is_finite() else None, bits
        value_is_finite = value.item().is_finite()
        if value_is_finite:
            best, best_value, best_bits = gradients, value.item(), bits
        balls = [ball for gradient in gradients for ball in gradient.flat]
        if value_is_finite and all(is_settled(ball) for ball in balls):
            break
        if bits > FIRST_BITS and all(is_settled(ball) or not ball.is_finite() for ball in balls):
            break  # what is not finite at two precisions is not going to be
        bits *= 2
    return best, best_value, best_bits
