"""The certified witness: the jaxpr of `jax.grad` evaluated in balls, and one-sided differences where that is not the
truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.ball_differences import two_sided
from oracle.witnesses.enclosure import Enclosure, derivative, is_settled
from oracle.witnesses.slopes import Domains, Point
from oracle.witnesses.tracing import Array, Traced, as_arguments, traced

FIRST_BITS = 200
MOST_BITS = 3200


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
    (`Enclosure.straddles`). Where a branch condition is tied, or a component is not finite, automatic differentiation
    is no evidence: one-sided differences in balls decide there, and may find a kink.
    domains: one (low, high) per argument, or None; no difference step leaves them.
    Raises Undecidable where a component has no finite derivative, or a decision stays open; UnsupportedPrimitive; and
    what JAX raises.
    """
    arrays = as_arguments(args)
    record = traced(fn, arrays, argnums)
    active = [n in record.argnums for n in range(len(arrays))]
    point = Point(record, arrays, domains)
    gradients, bits = _by_autodiff(record, arrays, active)
    if gradients is None:
        return tuple(two_sided(point, argnum, range(arrays[argnum].size)) for argnum in record.argnums)
    enclosures = []
    for argnum, balls in zip(record.argnums, gradients, strict=True):
        known = derivative(balls, rigorous=True, bits=bits)
        doubtful = [k for k, ball in enumerate(balls.flat) if not ball.is_finite()]
        enclosures.append(two_sided(point, argnum, doubtful, known) if doubtful else known)
    return tuple(enclosures)


def _by_autodiff(record: Traced, args: Sequence[Array], active: Sequence[bool]) -> tuple[list[Array] | None, int]:
    """The gradient in balls and the bits that it took; None where it is no evidence."""
    bits, best, best_bits = FIRST_BITS, None, 0
    while bits <= MOST_BITS:
        with precision(bits), watch_ties() as watch:
            try:
                value, *gradients = evaluate(record.gradient, args, active=active)
            except Undecidable:
                bits *= 2
                continue
        if watch.ties:
            return None, bits
        if not value.item().is_finite() and bits > FIRST_BITS:
            return None, bits
        best, best_bits = gradients, bits
        if all(is_settled(ball) for gradient in gradients for ball in gradient.flat):
            break
        if bits > FIRST_BITS and _all_settled_but_infinite(gradients):
            break
        bits *= 2
    return best, best_bits


def _all_settled_but_infinite(gradients: Sequence[Array]) -> bool:
    balls = np.concatenate([gradient.ravel() for gradient in gradients])
    return all(is_settled(ball) or not ball.is_finite() for ball in balls)
