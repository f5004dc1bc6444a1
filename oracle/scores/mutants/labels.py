"""Every label, proved with mpmath, apart from the checker: `prove(subject)` raises `NotProven` unless the label holds.

right: at every point, each component agrees with the truth within 30 eps, or within 16 times what the truth changes
when the inputs move by half an eps (its conditioning; 0 and ±1 are taken as exact); at kinks it is a subgradient, in
each component and jointly; the array is of the argument's shape, of a float dtype, the same at a second call, and the
arguments are untouched; so it is in every guise of `oracle.scores.mutants.guises` (layouts, objects used again), its
answers held while others are asked for, and at hundreds of calls. One that answers in a narrower dtype is judged at
inputs of that dtype. One whose kind is `extremes` is all that at ordinary arguments; at `where`, which is beyond, it
loses its digits, and evaluated without rounding it is right. wrong: at `where` it breaks one of these, by tenfold the
allowance, and by 1e-9 of the truth unless its kind is a matter of digits; a bias, which no single answer in few bits
shows, does so evaluated without rounding. inaccurate: it loses its digits at `where`, but evaluated without rounding
it is right there and at ordinary points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oracle.scores.mutants import points
from oracle.scores.mutants.exact import evaluate
from oracle.scores.mutants.guises import GUISES
from oracle.scores.mutants.record import INACCURATE, RIGHT, WRONG, Point, Subject
from oracle.scores.mutants.truth import Index, Slopes, context, exact

ROUNDING = 30  # eps of the truth
CONDITIONING = 16  # times the change of the truth under half an eps of the inputs
EXACT_INPUTS = (0.0, 1.0, -1.0)
FAR = 10  # allowances; where the digits are the mistake, 2
FAR_DIGITS = 2
RELATIVE = 1e-9
MANY = 100  # calls at each of two places
DIGIT_KINDS = ("relative error", "absolute error", "digits")
EXTREMES, BIAS = "extremes", "bias"
FLOATS = ("float64", "float32", "float16", "bfloat16")


class NotProven(AssertionError):
    """The label of a subject does not hold; the message says where."""


@dataclass(frozen=True)
class Defect:
    """What is wrong with an answer. `excess` is the error in allowances, `relative` in truths; infinite for conduct."""

    what: str
    excess: float = float("inf")
    relative: float = float("inf")


def prove(subject: Subject, seed: int = 0, lengths: Sequence[int] = (1, 2, 3, 9, 65)) -> None:
    """Raises NotProven unless the label holds; ValueError for a label that is none."""
    subject = subject.renewed()
    if subject.label == RIGHT:
        prove_right(subject, seed, lengths)
    elif subject.label == WRONG:
        prove_wrong(subject)
    elif subject.label == INACCURATE:
        prove_inaccurate(subject, seed)
    else:
        raise ValueError(f"{subject.name}: {subject.label!r} is no label")


def prove_right(subject: Subject, seed: int, lengths: Sequence[int]) -> None:
    places: list[Point] = [arrays(p) for p in subject.where]
    if subject.family == BIAS:
        for defect in (d for args in places for d in without_rounding(subject, args)):
            raise NotProven(f"{subject.name} is not right: {defect.what}")
    if subject.family == EXTREMES:
        prove_right_at_extremes(subject, places)
        places = [args for args in points.many(subject, seed, lengths=lengths) if points.is_ordinary(args)]
    else:
        places += points.many(subject, seed, lengths=lengths)
    for defect in defects(subject, places):
        raise NotProven(f"{subject.name} is not right: {defect.what}")
    for guise, some in itineraries(subject, seed, lengths):
        for defect in defects(replace(subject, guise=guise), some):
            raise NotProven(f"{subject.name} is not right {guise}: {defect.what}")


def itineraries(subject: Subject, seed: int, lengths: Sequence[int]) -> Iterator[tuple[str, list[Point]]]:
    """Each guise at two places of each length; one that keeps a state is called hundreds of times as well."""
    rng = np.random.default_rng(seed)
    some = [
        arrays(points.ordinary(subject, rng, n)) for n in points.lengths_of(subject, lengths[-1:]) for _ in range(2)
    ]
    if some:
        yield from ((guise, some) for guise in GUISES)
    if some and subject.make is not None:
        yield "", some * MANY


def prove_right_at_extremes(subject: Subject, places: Sequence[Point]) -> None:
    if places and not any(defect.excess > FAR for defect in defects(subject, places, every_component=True)):
        raise NotProven(f"{subject.name} keeps its digits at {subject.where}")
    for args in places:
        if points.is_ordinary(args):
            raise NotProven(f"{subject.name} loses its digits at {args}, which is ordinary")
        for defect in without_rounding(subject, args):
            raise NotProven(f"{subject.name} is wrong mathematics: {defect.what}")


def without_rounding(subject: Subject, args: Point) -> Iterator[Defect]:
    """What is wrong with the gradient evaluated without rounding. Raises NotProven where it is no code that can be."""
    try:
        unrounded = evaluate(subject.grad, args)
    except (TypeError, AttributeError) as error:
        raise NotProven(f"{subject.name} does not run without rounding: {error}") from error
    for k in np.ndindex(np.shape(args[subject.argnum])):
        defect = compare(subject, args, k, unrounded[k].x, float(np.finfo(np.float64).eps))
        if defect is not None:
            yield defect


def prove_wrong(subject: Subject) -> None:
    if not subject.where:
        raise NotProven(f"{subject.name}: no point is given at which it is wrong")
    if subject.family == BIAS:
        for args in map(arrays, subject.where):
            if not any(d.excess > FAR and d.relative > RELATIVE for d in without_rounding(subject, args)):
                raise NotProven(f"{subject.name} has no bias at {args}")
        return
    digits = subject.family in DIGIT_KINDS
    for defect in defects(subject, [arrays(p) for p in subject.where], every_component=True):
        if defect.excess > (FAR_DIGITS if digits else FAR) and (digits or defect.relative > RELATIVE):
            return
    raise NotProven(f"{subject.name} is not wrong at {subject.where}")


def prove_inaccurate(subject: Subject, seed: int) -> None:
    corners = [arrays(p) for p in subject.where]
    if not any(defect.excess > FAR for defect in defects(subject, corners, every_component=True)):
        raise NotProven(f"{subject.name} keeps its digits at {subject.where}")
    for args in [
        *corners,
        *(points.ordinary(subject, np.random.default_rng(seed + n), n) for n in lengths_tried(subject)),
    ]:
        for defect in without_rounding(subject, args):
            raise NotProven(f"{subject.name} is wrong mathematics: {defect.what}")


def lengths_tried(subject: Subject) -> Iterable[int]:
    return points.lengths_of(subject, (1, 2, 3))


def arrays(point: Point) -> Point:
    return tuple(np.array(a, dtype=np.float64) for a in point)


def defects(subject: Subject, places: Sequence[Point], every_component: bool = False) -> Iterator[Defect]:
    """What is wrong when the gradient is called at the places, one after the other, and at the first once more."""
    first: Any = None
    given: Point = ()
    places = [as_answered(subject, args) for args in places]
    for args in [*places, places[0]]:
        given = GUISES[subject.guise](subject, args, given) if subject.guise else tuple(a.copy() for a in args)
        got = call(subject, given)
        answer = np.array(got)
        yield from conduct(subject, args, given, got)
        if answer.shape != args[subject.argnum].shape or answer.dtype.name not in FLOATS:
            continue
        eps = float(np.finfo(answer.dtype).eps) if answer.dtype.name != "bfloat16" else 2.0**-7
        for k in components(answer.shape, every_component):
            defect = compare(subject, args, k, answer[k], eps)
            if defect is not None:
                yield defect
        yield from joint(subject, args, answer, eps)
        if first is None:
            lent = any(np.shares_memory(np.asarray(got), a) for a in given)
            first = (answer if lent else got), answer
        if not np.array_equal(np.array(first[0]), first[1], equal_nan=True):
            yield Defect("the array of the first call changes later")
    if first is not None and first[1].shape == answer.shape and not np.array_equal(answer, first[1], equal_nan=True):
        yield Defect("a second call at the same point answers otherwise")


def as_answered(subject: Subject, args: Point) -> Point:
    """The point, in numbers of the dtype that is answered: a float16 gradient is judged at float16 inputs."""
    if subject.family != "dtype" or subject.label != RIGHT:
        return args
    with np.errstate(all="ignore"):
        dtype = np.asarray(subject.grad(*(a.copy() for a in args))).dtype
    return tuple(a.astype(dtype).astype(np.float64) for a in args) if dtype.name in FLOATS else args


def call(subject: Subject, args: Point) -> Any:
    with np.errstate(all="ignore"):
        return subject.grad(*args)


def conduct(subject: Subject, args: Point, given: Point, got: Any) -> Iterator[Defect]:
    shape = args[subject.argnum].shape
    if np.shape(got) != shape:
        yield Defect(f"shape {np.shape(got)} for {shape}")
    if np.asarray(got).dtype.name not in FLOATS:
        yield Defect(f"dtype {np.asarray(got).dtype}")
    if any(not np.array_equal(a, b) for a, b in zip(args, given, strict=True)):
        yield Defect("an argument was changed")


def components(shape: tuple[int, ...], every: bool) -> Iterator[Index]:
    """All, from the last; or the last, the first and three between."""
    size = int(np.prod(shape))
    flat = range(size - 1, -1, -1) if every or size <= 5 else (size - 1, 0, size // 2, size // 3, size - 2)
    for position in flat:
        yield tuple(int(i) for i in np.unravel_index(position, shape))


def compare(subject: Subject, args: Point, k: Index, got: Any, eps: float) -> Defect | None:
    """The defect of one component, or None. Nudges the inputs only where plain rounding does not explain it."""
    low, high = subject.truth(args, k)
    error = outside(got, low, high)
    size = max(abs(low), abs(high))
    allowed = ROUNDING * eps * size + floor(eps)
    if error <= allowed or overflow(got, low, high, eps):
        return None
    if not kinked(subject, args, k, (low, high), eps):  # at a kink the tie is exact, and a nudge would leave it
        allowed += CONDITIONING * spread(subject, args, k, (low, high), eps)
    if error <= allowed:
        return None
    text = f"component {k} is {got}, the truth lies in [{context(20).nstr(low, 17)}, {context(20).nstr(high, 17)}] at {args}"
    return Defect(text, float(min(error / allowed, 1e300)), float(min(error / size, 1e300)) if size else float("inf"))


def outside(got: Any, low: Any, high: Any) -> Any:
    """How far got lies from the interval; infinite if it is no finite number."""
    m = context(1000)
    number = m.mpf(got) if isinstance(got, m.mpf) else m.mpf(float(got))
    return max(low - number, number - high, m.mpf(0)) if m.isfinite(number) else m.inf


def floor(eps: float) -> float:
    """Some of the least numbers of the dtype with this eps."""
    least = {2.0**-52: 5e-324, 2.0**-23: 1.4e-45, 2.0**-10: 6e-8, 2.0**-7: 1e-40}[eps]
    return 8 * least


def overflow(got: Any, low: Any, high: Any, eps: float) -> bool:
    """An infinity of the right sign, where the truth is beyond the greatest number of the dtype, or within rounding."""
    greatest = {2.0**-52: 1.797e308, 2.0**-23: 3.402e38, 2.0**-10: 65500.0, 2.0**-7: 3.38e38}[eps]
    return bool((got == np.inf and high >= greatest) or (got == -np.inf and low <= -greatest))


def spread(subject: Subject, args: Point, k: Index, middle: Slopes, eps: float) -> Any:
    """How far the truth moves when the inputs, but for 0 and ±1, move by half an eps in random directions."""
    m = context(1000)
    rng = np.random.default_rng(0)
    moved = m.mpf(0)
    for _ in range(6):
        nudged = []
        for array in args:
            signs = rng.choice([-1, 1], array.shape) * ~np.isin(array, EXACT_INPUTS)
            nudged.append(exact(m, array) * (1 + signs * m.mpf(eps) / 2))
        low, high = subject.truth(nudged, k)
        moved = max(moved, abs(low - middle[0]), abs(high - middle[1]))
    return moved


def joint(subject: Subject, args: Point, answer: Any, eps: float) -> Iterator[Defect]:
    """At a kink, −f′(x; −d) ≤ g·d ≤ f′(x; d) along d of all ones and of random signs."""
    shape = answer.shape
    if answer.size < 2 or not np.all(np.isfinite(answer)) or not at_kink(subject, args, shape, eps):
        return
    rng = np.random.default_rng(1)
    m = context(1000)
    for direction in (np.ones(shape, dtype=int), *(rng.choice([-1, 1], shape) for _ in range(4))):
        low, high = subject.truth.along(args, direction)
        along = sum((m.mpf(float(g)) * int(d) for g, d in zip(answer.flat, direction.flat, strict=True)), m.mpf(0))
        size = sum(abs(float(g)) for g in answer.flat)
        error, allowed = outside(along, low, high), ROUNDING * eps * size + floor(eps)
        if error > allowed:
            yield Defect(f"no joint subgradient along {direction} at {args}", float(min(error / allowed, 1e300)))


def at_kink(subject: Subject, args: Point, shape: tuple[int, ...], eps: float) -> bool:
    every = int(np.prod(shape)) <= 9
    return any(kinked(subject, args, k, subject.truth(args, k), eps) for k in components(shape, every))


def kinked(subject: Subject, args: Point, k: Index, slopes: Slopes, eps: float) -> bool:
    """Whether the slopes on the two sides differ by more than their steps explain, as they do at a smooth minimum."""
    low, high = slopes
    width = high - low
    if width <= 1e-12 * max(abs(low), abs(high)) or width <= 1e-290:
        return False
    return bool(width > 1e-20 * spread(subject, args, k, slopes, eps))
