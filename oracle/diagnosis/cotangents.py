"""The right product with another cotangent: without it, twice, summed, in part; times the derivative of something beyond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.diagnosis.evidence import Evidence, Mask
from oracle.diagnosis.fitting import NEARLY
from oracle.diagnosis.wrong_arguments import some_points, truth_at
from oracle.witnesses.function import Function

Array = NDArray[Any]
#: A pattern must explain so many points that the truth does not.
LEAST_POINTS = 3


class Other(NamedTuple):
    """A sentence, and the cotangent in the place of the given one: None where there is none of this kind."""

    sentence: str
    cotangent: Array | None


def another_cotangent(evidence: Evidence) -> str | None:
    """got = the product with another cotangent than the given one, at every point."""
    if not evidence.function.of_cotangent or evidence.function.accuracy:
        return None
    points = some_points(evidence)
    value = replace(evidence.function, argnum=len(evidence.names) - 1, traces={})
    repeats = _repeats(evidence, points, value)
    open_: set[str] | None = None
    explained: dict[str, int] = {}
    for n in points:
        args = evidence.cases[n].args
        rows = evidence.point == n
        apart = bool(np.any(evidence.told_apart(evidence.slack)[rows]))
        fitting = set()
        for other in _others(evidence, args, value, repeats):
            if open_ is not None and other.sentence not in open_:
                continue
            if other.cotangent is None or np.array_equal(other.cotangent, args[-1]):
                fitting.add(other.sentence)  # this point says nothing about it
                continue
            if _fits(evidence, rows, (*args[:-1], other.cotangent)):
                fitting.add(other.sentence)
                explained[other.sentence] = explained.get(other.sentence, 0) + apart
        open_ = fitting
        if not open_:
            return None
    ordered = [sentence for sentence in explained if sentence in (open_ or ()) and explained[sentence] >= LEAST_POINTS]
    return ordered[0] if ordered else None


def _fits(evidence: Evidence, rows: Mask, args: tuple[Array, ...]) -> bool:
    if not np.isfinite(args[-1]).all():
        return False
    found = truth_at(evidence.function, args)
    if found is None:
        return False
    expected = found[evidence.index[rows]]
    room = evidence.slack_elsewhere[rows] + (evidence.rounding[rows] + NEARLY) * np.abs(expected)
    return bool(np.all(np.abs(evidence.got[rows] - expected) <= room))


def _others(evidence: Evidence, args: tuple[Array, ...], value: Function, repeats: Array | None) -> Iterator[Other]:
    c, name = args[-1], evidence.names[-1]
    whole = "of the cotangent" if name == "the cotangent" else f"of {name}"
    yield Other(f"It is not multiplied by {name} (grad_output): it is the product with ones", np.ones_like(c))
    yield Other(f"It is multiplied by {name} twice", c * c)
    yield Other(f"It is multiplied by the sum {whole}, not entry by entry", np.full_like(c, np.sum(c)))
    yield Other(f"It is multiplied by the mean {whole}, not entry by entry", np.full_like(c, np.mean(c)))
    yield Other(f"It is multiplied by the absolute value {whole}", np.abs(c))
    yield Other(f"It is multiplied by the sign {whole}", np.sign(c))
    yield Other(f"It passes only what is positive {whole}", np.maximum(c, 0))
    yield from _parts(evidence, args, whole, repeats)
    yield from _beyond(args, value)


def _parts(evidence: Evidence, args: tuple[Array, ...], whole: str, repeats: Array | None) -> Iterator[Other]:
    c = args[-1]
    many = c.ndim > 0 and c.shape[0] > 1
    for which, at in (("last", -1), ("first", 0)):
        some = np.zeros_like(c)
        if many:
            some[at] = c[at]
        what = "entry" if c.ndim == 1 else "row"
        yield Other(
            f"Only the {which} {what} {whole} counts: overwritten, or left out, where all are to be accumulated",
            some if many else None,
        )
    yield Other(
        f"It is the product with {evidence.names[-1]} transposed: a sum over the wrong axis, or a transpose left out",
        np.ascontiguousarray(c.T) if c.ndim == 2 and c.shape[0] == c.shape[1] > 1 else None,
    )
    yield Other(f"It is the product with {evidence.names[-1]} reversed", c.ravel()[::-1].reshape(c.shape))
    for axis in range(c.ndim if c.ndim > 1 else 0):
        for word, reduce in (("sum", np.sum), ("mean", np.mean)):
            spread = np.broadcast_to(reduce(c, axis=axis, keepdims=True), c.shape).copy()
            yield Other(f"It is multiplied by the {word} {whole} over axis {axis}, not entry by entry", spread)
    for which in ("last", "first"):
        yield Other(
            f"Of the entries that are read more than once only the {which} counts: overwritten, not accumulated",
            None if repeats is None else np.where(_unrepeated(repeats, which), c, 0.0),
        )


def _repeats(evidence: Evidence, points: Sequence[int], value: Function) -> Array | None:
    """Which entries of the output are the same number at every point, by a number for each; None where none are."""
    outputs = [truth_at(value, evidence.cases[n].args) for n in points]
    known = [y for y in outputs if y is not None]
    if len(known) < LEAST_POINTS or len({y.size for y in known}) > 1 or known[0].size < 2:
        return None
    _, which = np.unique(np.array(known), axis=1, return_inverse=True)
    shape = evidence.cases[points[0]].args[-1].shape
    return which.reshape(shape) if which.max() + 1 < which.size == int(np.prod(shape)) else None


def _beyond(args: tuple[Array, ...], value: Function) -> Iterator[Other]:
    found = truth_at(value, args)  # the derivative by the cotangent is what fn returns
    y = None if found is None else found.reshape(args[-1].shape)
    density = "the density in the place of its logarithm"
    with np.errstate(all="ignore"):
        for words, why, slope in (
            ("e^fn", density, np.exp),
            ("e^−fn", density, lambda y: -np.exp(-y)),
            ("ln fn", "the logarithm in the place of what it is taken of", lambda y: 1 / y),
            ("fn²", "", lambda y: 2 * y),
            ("fn²/2", "", lambda y: y),
            ("√fn", "", lambda y: 1 / (2 * np.sqrt(y))),
            ("1/fn", "", lambda y: -1 / y**2),
            ("the sigmoid of fn", "", lambda y: 1 / (1 + np.exp(-y)) / (1 + np.exp(y))),
            ("the tanh of fn", "", lambda y: 1 / np.cosh(y) ** 2),
            ("sin fn", "", np.cos),
        ):
            given = None if y is None else args[-1] * slope(y)
            known = given is not None and np.isfinite(given).all()
            yield Other(f"It is the product of {words}" + (f": {why}" if why else ""), given if known else None)


def _unrepeated(index: Array, which: str) -> Mask:
    """The last, or the first, place of every number."""
    flat = index.ravel()[::-1] if which == "last" else index.ravel()
    kept = np.zeros(flat.shape, dtype=bool)
    kept[np.unique(flat, return_index=True)[1]] = True
    return (kept[::-1] if which == "last" else kept).reshape(index.shape)
