"""What the chain rule gives at a kink if each piece chooses a derivative of its own, as every framework does: σ′(0) = 0 in a layer.

A number that meets a boundary (a z that is 0 before a relu) is moved off it by itself, ±ε, whatever the arguments can do together.
The gradients that the jaxpr then gives need be no limits of gradients of f.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from oracle.balls.arrays import lift_arb, midpoints, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import Watch, watch_ties
from oracle.witnesses.tracing import Array, Traced

Floats = NDArray[np.float64]
#: Where a number was made: the equation in the order of the walk (−1: it is an argument), which of its results, which entry.
Maker = tuple[int, int, int]

BITS, OFF_BITS = 800, 300
#: Primitives whose results are choices among numbers that were made before: they meet no boundary by themselves.
MAXIMA = ("max", "reduce_max", "cummax", "reduce_window_max")
CHOICES = frozenset((*MAXIMA, *(name.replace("max", "min") for name in MAXIMA), "sort", "top_k", "clamp", "select_n"))
#: Numbers that are moved one by one; patterns of random signs.
SINGLE, RANDOM = 16, 8


def chain_rule_values(record: Traced, args: Sequence[Array], argnum: int) -> Floats:
    """Gradients by the chain rule at a tie, one a row: as JAX takes it, and with the numbers that tie moved all up, all down, one
    against all others, at random. No rows where that cannot be had."""
    x = args[argnum]
    rows = [_gradient(record, args, argnum, {})]
    makers = _makers(record, args, argnum)
    for signs in _patterns(len(makers)):
        moves = dict(zip(makers, signs, strict=True))
        rows.append(_gradient(record, args, argnum, moves, ties_allowed=False))
    found = [row for row in rows if row is not None and np.isfinite(row).all()]
    return np.array(found, dtype=np.float64).reshape(len(found), x.size)


def _patterns(n: int) -> Iterator[Floats]:
    if not n:
        return
    yield -np.ones(n)
    yield np.ones(n)
    for k in range(min(n, SINGLE)):
        for sign in (1.0, -1.0):
            one = np.full(n, -sign)
            one[k] = sign
            yield one
    rng = np.random.default_rng(0)
    yield from rng.choice([-1.0, 1.0], (RANDOM, n))


def _makers(record: Traced, args: Sequence[Array], argnum: int) -> list[Maker]:
    """Where the numbers were made that meet a boundary."""
    first: dict[int, tuple[Maker, str]] = {}
    kept: list[Any] = []  # so that no identity is used again
    inputs = [lift_arb(a) if a.dtype.kind == "f" else a for a in args]
    for k, ball in enumerate(inputs[argnum].flat):
        first[id(ball)] = (-1, 0, k), "argument"
    count = 0

    def made(name: str, outputs: list[Array]) -> list[Array]:
        nonlocal count
        kept.append(outputs)
        for n, output in enumerate(outputs):
            if output.dtype == object:
                for k, ball in enumerate(output.flat):
                    first.setdefault(id(ball), ((count, n, k), name))
        count += 1
        return outputs

    try:
        with precision(BITS), watch_ties(made=made) as watch:
            evaluate(record.gradient, inputs, active=[n == argnum for n in range(len(args))])
    except (Undecidable, UnsupportedPrimitive):
        return []
    found = (first.get(id(ball)) for ball in watch.operands)
    return list(dict.fromkeys(maker for maker, name in filter(None, found) if name not in CHOICES))


def _gradient(
    record: Traced, args: Sequence[Array], argnum: int, moves: dict[Maker, float], *, ties_allowed: bool = True
) -> Floats | None:
    """The gradient of the jaxpr, flat, with numbers moved where they are made."""
    count = 0
    by_equation: dict[int, list[tuple[int, int, float]]] = {}
    for (equation, n, k), sign in moves.items():
        by_equation.setdefault(equation, []).append((n, k, sign))

    def made(name: str, outputs: list[Array]) -> list[Array]:
        nonlocal count
        for n, k, sign in by_equation.get(count, ()):
            if n < len(outputs) and k < outputs[n].size and outputs[n].dtype == object:
                outputs[n] = outputs[n].copy()
                outputs[n].flat[k] += arb(sign) * arb(2) ** -OFF_BITS
        count += 1
        return outputs

    try:
        with precision(BITS), watch_ties(made=made) as watch:
            inputs = [lift_arb(a) if a.dtype.kind == "f" else a for a in args]
            for _, k, sign in by_equation.get(-1, ()):
                inputs[argnum].flat[k] += arb(sign) * arb(2) ** -OFF_BITS
            balls = evaluate(record.gradient, inputs, active=[n == argnum for n in range(len(args))])[-1]
            if not ties_allowed and _meets_boundary(watch):
                return None
            return _small_to_zero(midpoints(balls.ravel()))
    except (Undecidable, UnsupportedPrimitive, ValueError, IndexError):
        return None


def _meets_boundary(watch: Watch) -> bool:
    return bool(watch.ties)


def _small_to_zero(values: Floats) -> Floats:
    """What the moves themselves left is no part of the gradient."""
    return np.where(np.abs(values) < 2.0 ** (-OFF_BITS / 2), 0.0, values)
