"""Whether a translation of torch code is trusted at a point: its enclosed value is torch's, and it decides by the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift_arb, midpoints, precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.candidate.tensors import OnArrays
from oracle.witnesses.aside import STEP, aside
from oracle.witnesses.torch_way import Unlike, Way, first_line

Array = NDArray[Any]

#: Precision at which a translation is held against torch's value.
BITS = 200
#: How many roundings, as measured for the translation, torch's own program may lose: it has others, and other sums.
SLACK = 64.0
#: To so many bits a value is taken for what it approximates.
APPROXIMATE_BITS = 24


def read_clearly(way: Way, tape: Any, given: Sequence[Array]) -> None:
    """Raises Unlike where what fn reads to decide by is not what the translation reads, or is at its switch."""
    if not tape.reads:
        return
    with precision(BITS), watch_ties() as watch:
        same = _reads_the_same(way, tape, given)
    if same and watch.ties:  # equal by their formulas, or at a switch: then it turns on one side of a random line
        same = all(_reads_the_same(way, tape, moved) for moved in _either_way(given))
    if not same:
        raise Unlike("it decides by numbers that are at the switch of that decision here")


def hold(fn: OnArrays, entry: int | None, way: Way, given: Sequence[Array], where: str = "") -> None:
    """Raises Unlike where the enclosed value of the translation is not torch's."""
    with np.errstate(all="ignore"):
        result = fn(*(a.copy() for a in given))
        got = np.asarray(result if entry is None else result[entry])
    with precision(BITS), watch_ties():
        (balls,) = evaluate(way.value, given)
    exact = _numbers(balls)
    if got.shape != exact.shape:
        raise Unlike(f"its translation has the shape {exact.shape} where torch's has {got.shape}")
    got = got.astype(np.complex128 if exact.dtype.kind == "c" else np.float64)
    with np.errstate(all="ignore"):
        off = np.where((got == exact) | (np.isnan(got) & np.isnan(exact)), 0.0, np.abs(got - exact))
    if np.all(off <= 2.0 ** (4 - way.bits) * np.abs(exact)):
        return
    try:
        bits = min(way.bits, APPROXIMATE_BITS) if way.approximated else way.bits
        (allowed,) = rounding_allowance(way.value, given, bits)
    except Exception as error:
        raise Unlike(f"what rounding costs its value is not known ({first_line(error)})") from error
    if np.all(off <= SLACK * np.where(np.isfinite(allowed), allowed, 0.0)):
        return
    at = int(np.argmax(np.where(np.isnan(off), np.inf, off)))
    raise Unlike(f"its translation is {exact.flat[at]:.17g} where torch computes {got.flat[at]:.17g}{where}")


def hold_aside(
    fn: OnArrays,
    entry: int | None,
    way: Way,
    tape: Any,
    given: Sequence[Array],
    argnum: int,
    bounds: tuple[float, float] | None,
) -> None:
    """Raises Unlike where it is not torch's at the first point beside where fn goes the same way."""
    for moved in aside(given, argnum, bounds):
        try:
            with precision(BITS), watch_ties():
                same = _reads_the_same(way, tape, moved)
            if same:
                hold(fn, entry, way, moved, ", a step aside: it computes outside of torch")
                return
        except Unlike:
            raise
        except Exception:  # it need not have a value there
            continue


def _either_way(given: Sequence[Array]) -> list[list[Array]]:
    """All arguments a small step along a random line, and back."""
    rng = np.random.default_rng(0)
    steps = [STEP * rng.uniform(-1, 1, a.shape) * np.where(a == 0, 1.0, a) if a.dtype.kind == "f" else 0 for a in given]
    return [
        [a + sign * step if a.dtype.kind == "f" else a for a, step in zip(given, steps, strict=True)]
        for sign in (1, -1)
    ]


def _reads_the_same(way: Way, tape: Any, given: Sequence[Array]) -> bool:
    found = evaluate(way.reads, given)
    return all(_equal(a, b) for a, (_, b) in zip(found, tape.reads, strict=True))


def _numbers(balls: Array) -> Array:
    if balls.dtype != object:
        return np.asarray(balls, dtype=np.float64)
    if balls.size and hasattr(balls.flat[0], "real") and not hasattr(balls.flat[0], "mid"):
        part = np.frompyfunc(lambda z: complex(float(z.real.mid()), float(z.imag.mid())), 1, 1)
        return np.asarray(part(balls), dtype=np.complex128)
    return midpoints(balls)


def _equal(found: Array, read: Array) -> bool:
    if found.dtype == object:
        return bool(found.shape == read.shape and np.all(lift_arb(read) == found))
    return bool(np.array_equal(found, read))
