"""Right gradients at kinks as whole vectors: elements of the generalised gradient that no framework need return, sums of several
kinks, and functions of floats alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_kinks import each

Array = Any

REAL = ((-10, 10),)
THREE: Any = {"shapes": ((3,),)}
FOUR: Any = {"shapes": ((4,),)}
TWO: Any = {"shapes": ((2,),)}

POOL = (0.5, 1.25)
RUN = (1.0, 2.0, 3.0, 0.5)
LAYER = ((1.0, -2.0), (0.5, 1.0), (-1.0, 1.0))


def on_floats(fn: Callable[..., Any]) -> Callable[..., float]:
    """The function as a C library has it: it takes floats, and nothing else."""
    return lambda *arrays: float(fn(*(np.asarray(a, dtype=float) for a in arrays)))


def unit(n: int, k: Any) -> Array:
    return (np.arange(n) == k) * 1.0


def last(a: Array) -> int:
    return int(a.size - 1 - np.argmax(a[::-1]))


def spread(a: Array) -> Any:
    return a.max() - a.min()


def spread_averaged(a: Array) -> Array:
    top, bottom = a == a.max(), a == a.min()
    return top / top.sum() - bottom / bottom.sum()


def two_largest(a: Array) -> Any:
    return a.__array_namespace__().sum(a.__array_namespace__().sort(a)[-2:])


def two_largest_averaged(a: Array) -> Array:
    """One for what is above the second largest; what is equal to it shares the rest."""
    second = np.sort(a)[-2]
    above, equal = a > second, a == second
    return above + equal * (2 - above.sum()) / equal.sum()


def pools(a: Array) -> Any:
    xp = a.__array_namespace__()
    return POOL[0] * xp.maximum(a[0], a[1]) + POOL[1] * xp.maximum(a[1], a[2])


def pools_by(at_tie: float) -> Callable[[Array], Array]:
    def gradient(a: Array) -> Array:
        out = np.zeros(3)
        for k, weight in enumerate(POOL):
            part = at_tie if a[k] == a[k + 1] else float(a[k] > a[k + 1])
            out[k] += weight * part
            out[k + 1] += weight * (1 - part)
        return out

    return gradient


def running(a: Array) -> Any:
    """Σ wₖ max(a₁ … aₖ)."""
    xp = a.__array_namespace__()
    return sum(RUN[k] * xp.max(a[: k + 1]) for k in range(4))


def running_by(which: Callable[[Array], Any]) -> Callable[[Array], Array]:
    return lambda a: sum(RUN[k] * unit(4, which(a[: k + 1])) for k in range(4))


def layer(a: Array) -> Any:
    xp = a.__array_namespace__()
    return sum(xp.maximum(w[0] * a[0] + w[1] * a[1], 0 * a[0]) for w in LAYER)


def layer_by(at_zero: float) -> Callable[[Array], Array]:
    def gradient(a: Array) -> Array:
        z = np.array([w[0] * a[0] + w[1] * a[1] for w in LAYER])
        return np.where(z == 0, at_zero, z > 0) @ np.array(LAYER)

    return gradient


def largest_and_size(a: Array) -> Any:
    xp = a.__array_namespace__()
    return xp.max(a) + xp.sum(xp.abs(a))


def eigenvalue(a: Array) -> Any:
    """The larger eigenvalue of [[a₁, a₂], [a₂, a₃]]."""
    xp = a.__array_namespace__()
    return (a[0] + a[2]) / 2 + xp.hypot((a[0] - a[2]) / 2, a[1])


def eigenvalue_by(at_tie: tuple[float, float, float]) -> Callable[[Array], Array]:
    def gradient(a: Array) -> Array:
        half = (a[0] - a[2]) / 2
        r = np.hypot(half, a[1])
        if r == 0:
            return np.array(at_tie)
        return np.array([0.5 + half / r / 2, a[1] / r, 0.5 - half / r / 2])

    return gradient


def norm(a: Array) -> Any:
    xp = a.__array_namespace__()
    return xp.sqrt(xp.sum(a * a))


def norm_by(at_zero: float) -> Callable[[Array], Array]:
    def gradient(a: Array) -> Array:
        big = np.max(np.abs(a))
        if big == 0:
            return np.full(a.shape, at_zero / np.sqrt(a.size))
        return a / big / np.sqrt(np.sum((a / big) ** 2))

    return gradient


def guarded(a: Array) -> float:
    """Σ a², refused between 7.5 and 7.6."""
    if np.any((a > 7.5) & (a < 7.6)):
        raise ValueError("an entry is between 7.5 and 7.6")
    return float(np.sum(a * a))


def unknown_beyond(a: Array) -> float:
    """Σ |a|, NaN beyond 9.9."""
    return math.nan if np.any(a > 9.9) else float(np.sum(np.abs(a)))


def divided(a: Array) -> float:
    """Σ a³/a, which raises at 0."""
    return float(sum(float(v) ** 3 / float(v) for v in a))


def largest_of(m: Any, a: Any) -> Any:
    return max(a)


def sizes(m: Any, a: Any) -> Any:
    return m.fsum(abs(x) for x in a)


def relu_of(m: Any, x: Any) -> Any:
    return max(x, m.mpf(0))


def layer_of(m: Any, a: Any) -> Any:
    return m.fsum(max(m.mpf(w[0]) * a[0] + m.mpf(w[1]) * a[1], m.mpf(0)) for w in LAYER)


def pools_of(m: Any, a: Any) -> Any:
    return max(a[0], a[1]) / 2 + max(a[1], a[2]) * 5 / 4


def running_of(m: Any, a: Any) -> Any:
    return max(a[:1]) + 2 * max(a[:2]) + 3 * max(a[:3]) + max(a) / 2


def eigenvalue_of(m: Any, a: Any) -> Any:
    return (a[0] + a[2]) / 2 + m.sqrt(((a[0] - a[2]) / 2) ** 2 + a[1] ** 2)


def norm_of(m: Any, a: Any) -> Any:
    return m.sqrt(m.fsum(x * x for x in a))


def _max(name: str, grad: Any, **options: Any) -> Subject:
    return right(name, "kink: largest", REAL, lambda a: a.max(), grad, largest_of, **THREE, **options)


LARGEST = _max("largest_last", lambda a: unit(3, last(a)))
SIZES = right(
    "sizes_up_at_zero", "kink: 1-norm", REAL, lambda a: abs(a).sum(), lambda a: np.where(a >= 0, 1.0, -1.0), sizes
)
POOLS = right("pools_first", "kinks: overlapping pools", REAL, pools, pools_by(1.0), pools_of, **THREE)
RUNNING = right("running_first", "kinks: running maximum", REAL, running, running_by(np.argmax), running_of, **FOUR)
DENSE = right("layer_zero", "kinks: relu layer, σ′(0) = 0", REAL, layer, layer_by(0.0), layer_of, **TWO)
BOTH = right(
    "largest_and_size",
    "kinks: largest and 1-norm",
    REAL,
    largest_and_size,
    lambda a: unit(3, np.argmax(a)) + np.sign(a),
    lambda m, a: max(a) + sizes(m, a),
    **THREE,
)
EIGEN = right(
    "eigenvalue_mean", "kink: eigenvalues tie", REAL, eigenvalue, eigenvalue_by((0.5, 0.0, 0.5)), eigenvalue_of, **THREE
)
LENGTH = right("length_half", "kink: 2-norm at 0", REAL, norm, norm_by(0.5), norm_of)
TWO_LARGEST = right(
    "two_largest_averaged",
    "sorting: ties share",
    REAL,
    two_largest,
    two_largest_averaged,
    lambda m, a: m.fsum(sorted(a)[-2:]),
    **FOUR,
)
FLOAT_RELU = right(
    "relu_of_floats",
    "floats: kink",
    REAL,
    on_floats(lambda a: np.maximum(a, 0).sum()),
    lambda a: np.where(a == 0, 0.5, a > 0),
    each(relu_of),
    lengths=(1, 9),
)
FLOAT_SIZES = right(
    "sizes_of_floats", "floats: 1-norm", REAL, on_floats(lambda a: np.abs(a).sum()), np.sign, sizes, lengths=(1, 9)
)
FLOAT_LARGEST = right(
    "largest_of_floats",
    "floats: largest",
    REAL,
    on_floats(np.max),
    lambda a: unit(3, np.argmax(a)),
    largest_of,
    **THREE,
)
GUARDED = right(
    "guarded",
    "floats: raises beside",
    REAL,
    guarded,
    lambda a: 2 * a,
    lambda m, a: m.fsum(x * x for x in a),
    lengths=(1, 5),
)
UNKNOWN = right("unknown_beyond", "floats: NaN beside", REAL, unknown_beyond, np.sign, sizes, lengths=(1, 5))
DIVIDED = right(
    "divided_floats",
    "floats: raises at 0",
    REAL,
    divided,
    lambda a: 2 * a,
    lambda m, a: m.fsum(x * x for x in a),
    lengths=(1, 5),
)
HUBER = right(
    "huber_of_floats",
    "floats: smooth in pieces",
    REAL,
    on_floats(lambda a: np.where(np.abs(a) < 1, a * a / 2, np.abs(a) - 0.5).sum()),
    lambda a: np.clip(a, -1, 1),
    each(lambda m, x: x * x / 2 if abs(x) < 1 else abs(x) - m.mpf(1) / 2),
    lengths=(1, 9),
)

SUBJECTS: tuple[Subject, ...] = (
    LARGEST,
    _max("largest_ends", lambda a: (unit(3, np.argmax(a)) + unit(3, last(a))) / 2),
    _max("largest_quarter", lambda a: 0.75 * unit(3, np.argmax(a)) + 0.25 * unit(3, last(a))),
    SIZES,
    right("sizes_three_tenths", "kink: 1-norm", REAL, lambda a: abs(a).sum(), lambda a: np.where(a == 0, 0.3, np.sign(a)), sizes),
    right("spread_averaged", "kink: ties share", REAL, spread, spread_averaged, lambda m, a: max(a) - min(a), **FOUR),
    TWO_LARGEST,
    POOLS,
    right("pools_last", "kinks: overlapping pools", REAL, pools, pools_by(0.0), pools_of, **THREE),
    right("pools_third", "kinks: overlapping pools", REAL, pools, pools_by(1 / 3), pools_of, **THREE),
    RUNNING,
    right("running_last", "kinks: running maximum", REAL, running, running_by(last), running_of, **FOUR),
    DENSE,
    right("layer_one", "kinks: relu layer, σ′(0) = 1", REAL, layer, layer_by(1.0), layer_of, **TWO),
    right("layer_half", "kinks: relu layer, σ′(0) = ½", REAL, layer, layer_by(0.5), layer_of, **TWO),
    BOTH,
    EIGEN,
    right("eigenvalue_first", "kink: eigenvalues tie", REAL, eigenvalue, eigenvalue_by((1.0, 0.0, 0.0)), eigenvalue_of, **THREE),
    right("eigenvalue_between", "kink: eigenvalues tie", REAL, eigenvalue, eigenvalue_by((0.5, 1.0, 0.5)), eigenvalue_of, **THREE),
    LENGTH,
    right("length_unit", "kink: 2-norm at 0", REAL, norm, norm_by(1.0), norm_of),
    FLOAT_RELU,
    right("relu_of_floats_up", "floats: kink", REAL, FLOAT_RELU.fn, lambda a: (a >= 0) * 1.0, each(relu_of), lengths=(1, 9)),
    FLOAT_SIZES,
    right(
        "sizes_of_floats_up", "floats: 1-norm", REAL, FLOAT_SIZES.fn, lambda a: np.where(a >= 0, 1.0, -1.0), sizes, lengths=(1, 9)
    ),
    FLOAT_LARGEST,
    right("largest_of_floats_last", "floats: largest", REAL, on_floats(np.max), lambda a: unit(3, last(a)), largest_of, **THREE),
    right("running_of_floats", "floats: running maximum", REAL, on_floats(running), running_by(np.argmax), running_of, **FOUR),
    right("pools_of_floats", "floats: overlapping pools", REAL, on_floats(pools), pools_by(0.5), pools_of, **THREE),
    right("length_of_floats", "floats: 2-norm at 0", REAL, on_floats(np.linalg.norm), norm_by(0.0), norm_of, **THREE),
    GUARDED,
    UNKNOWN,
    DIVIDED,
    HUBER,
)  # fmt: skip
