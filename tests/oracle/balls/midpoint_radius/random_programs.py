"""Random programs of primitives, in midpoint–radius arrays and in arb: the first must hold the second.

Arguments are balls m ± r; the arb program runs at one real point inside each, at an end more often than not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from flint import arb

from oracle.balls.arrays import as_object_array, precision
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import PLAIN
from oracle.balls.midpoint_radius.array import Condition, MidRad, exactly
from oracle.balls.midpoint_radius.identity import labelling
from oracle.balls.midpoint_radius.interpreter import HANDLERS
from oracle.balls.primitives.equation import Equation
from oracle.balls.real_functions import infinity

BITS = 700
LENGTH = 3
SPECIAL = (
    0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 5e-324, -5e-324, 1e-310, 2.0**-1022, 1e-300, 1e300, -1e300, 709.0, -745.0, 22.0,
    1 - 2.0**-53,
)  # fmt: skip
WIDTHS = (0.0, 0.0, 0.0, 2.0**-53, 1e-12, 1e-3, 1.0)

FLOAT = SimpleNamespace(shape=(LENGTH,), dtype=np.dtype(np.float64))
BOOL = SimpleNamespace(shape=(LENGTH,), dtype=np.dtype(bool))
Pair = tuple[Any, Any]  # a value in midpoint–radius arrays, and in arb
Step = tuple[str, Callable[[Mapping[str, Any], Callable[[], Pair], np.random.Generator], Pair]]


def apply(
    handlers: Mapping[str, Any], name: str, pairs: list[Pair], params: Any = None, results: Any = (FLOAT,)
) -> Pair:
    """One equation in both arithmetics."""
    equation = Equation(name, params or {}, list(results))
    with np.errstate(all="ignore"):
        ours = handlers[name](equation, *(p[0] for p in pairs))
    theirs = PLAIN[name](equation, *(p[1] for p in pairs))
    first = ours[0] if isinstance(ours, list) else ours
    return first, as_object_array(theirs[0] if isinstance(theirs, list) else theirs)


def argument(rng: np.random.Generator) -> Pair:
    """A ball of each entry, and a point inside."""
    scale = 10.0 ** rng.integers(-3, 4)
    m = rng.normal(size=LENGTH) * scale
    m = np.where(rng.random(LENGTH) < 0.25, rng.choice(SPECIAL, LENGTH), m)
    m = np.where(rng.random(LENGTH) < 0.1, np.round(m), m)
    r = rng.choice(WIDTHS) * np.abs(m) * (rng.random(LENGTH) < 0.7)
    r = np.where(np.isfinite(r), r, 0.0)
    part = rng.choice([-1.0, 1.0, 0.5, 0.0], LENGTH)
    point = np.empty(LENGTH, dtype=object)
    for k in range(LENGTH):
        point[k] = arb(float(m[k])) + arb(float(r[k])) * arb(float(part[k]))
    return (MidRad(m, r) if r.any() else exactly(m)), point


def _elementwise(name: str, arity: int, params: Any = None) -> Step:
    return name, lambda handlers, draw, rng: apply(handlers, name, [draw() for _ in range(arity)], params)


def _spread(handlers: Mapping[str, Any], scalar: Pair) -> Pair:
    return apply(handlers, "broadcast_in_dim", [scalar], {"shape": (LENGTH,), "broadcast_dimensions": ()})


def _reduction(name: str) -> Step:
    def step(handlers: Mapping[str, Any], draw: Callable[[], Pair], rng: np.random.Generator) -> Pair:
        return _spread(handlers, apply(handlers, name, [draw()], {"axes": (0,)}))

    return name, step


def _selection(name: str) -> Step:
    def step(handlers: Mapping[str, Any], draw: Callable[[], Pair], rng: np.random.Generator) -> Pair:
        which = apply(handlers, name, [draw(), draw()], None, (BOOL,))
        if rng.random() < 0.3:
            which = apply(handlers, "not", [which], None, (BOOL,))
        if rng.random() < 0.2:
            return apply(handlers, "convert_element_type", [which], {"new_dtype": FLOAT.dtype})
        return apply(handlers, "select_n", [which, draw(), draw()])

    return name, step


def _is_the_greatest(handlers: Mapping[str, Any], draw: Callable[[], Pair], rng: np.random.Generator) -> Pair:
    """As JAX differentiates a maximum: which entries equal it."""
    x = draw()
    top = _spread(handlers, apply(handlers, "reduce_max", [x], {"axes": (0,)}))
    which = apply(handlers, "eq", [x, top], None, (BOOL,))
    return apply(handlers, "select_n", [which, draw(), draw()])


def _running(name: str) -> Step:
    def step(handlers: Mapping[str, Any], draw: Callable[[], Pair], rng: np.random.Generator) -> Pair:
        return apply(handlers, name, [draw()], {"axis": 0, "reverse": bool(rng.random() < 0.5)})

    return name, step


def _product(handlers: Mapping[str, Any], draw: Callable[[], Pair], rng: np.random.Generator) -> Pair:
    """A matrix of three rows times a vector."""
    rows = [apply(handlers, "reshape", [draw()], {"new_sizes": (1, LENGTH), "dimensions": None}) for _ in range(LENGTH)]
    matrix = apply(handlers, "concatenate", rows, {"dimension": 0})
    numbers = (((1,), (0,)), ((), ()))
    return apply(
        handlers, "dot_general", [matrix, draw()], {"dimension_numbers": numbers, "preferred_element_type": None}
    )


def _sort(handlers: Mapping[str, Any], draw: Callable[[], Pair], rng: np.random.Generator) -> Pair:
    return apply(handlers, "sort", [draw()], {"dimension": 0, "num_keys": 1, "is_stable": True})


UNARY = (
    "neg", "abs", "square", "exp", "exp2", "expm1", "log", "log1p", "log2", "logistic", "sqrt", "rsqrt", "cbrt", "sin", "cos",
    "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "sign", "floor", "ceil",
    "one_minus_square",
)  # fmt: skip
STEPS: tuple[Step, ...] = (
    *(_elementwise(name, 1) for name in UNARY),
    *(_elementwise(name, 2) for name in ("add", "sub", "mul", "div", "max", "min", "pow", "rem") for _ in range(3)),
    _elementwise("clamp", 3),
    *(_elementwise("integer_pow", 1, {"y": y}) for y in (-3, -1, 0, 2, 3, 7)),
    *(_elementwise("round", 1, {"rounding_method": method}) for method in (0, 1)),
    *(_reduction(name) for name in ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min")),
    *(_selection(name) for name in ("lt", "le", "gt", "ge", "eq", "ne")),
    ("eq", _is_the_greatest),
    *(_running(name) for name in ("cumsum", "cummax", "cummin")),
    ("dot_general", _product),
    ("sort", _sort),
)


def holds(ours: Any, theirs: Any) -> bool:
    """Whether every number of arb lies in its ball; what is no number for arb must be unknown."""
    if isinstance(ours, Condition) or not isinstance(ours, MidRad):
        return True
    for index in np.ndindex(ours.shape):
        m, r, number = float(ours.midpoint[index]), float(ours.radius[index]), theirs[index]
        if r == np.inf:
            continue
        if not number.is_finite():
            if infinity(number) and m == infinity(number) * np.inf:
                continue
            return False
        if not np.isfinite(m):
            return False
        if bool(abs(number - arb(m)) > arb(r)):
            return False
    return True


def violations(
    rng: np.random.Generator, count: int, handlers: Mapping[str, Any] = HANDLERS, *, favourite: str = "", steps: int = 7
) -> Iterator[str]:
    """The random programs whose enclosure does not hold, one after the other. favourite: a primitive taken every other time."""
    liked = [k for k, (name, _) in enumerate(STEPS) if name == favourite]
    for _ in range(count):
        with precision(BITS), labelling():
            pool = [argument(rng) for _ in range(3)]
            trail: list[str] = []
            for _ in range(steps):
                k = int(rng.choice(liked)) if liked and rng.random() < 0.5 else int(rng.integers(len(STEPS)))
                name, step = STEPS[k]
                trail.append(name)
                try:
                    pair = step(handlers, partial(_drawn, pool, rng), rng)
                except Undecidable:  # arb's, of numbers that are equal but not by their formulas
                    continue
                if not holds(*pair):
                    yield f"{trail}: {pair[0].midpoint} ± {pair[0].radius} against {list(pair[1])}"
                    break
                if isinstance(pair[0], MidRad) and all(_is_of_ordinary_size(x) for x in pair[1].flat):
                    pool.append(pair)


def _drawn(pool: list[Pair], rng: np.random.Generator) -> Pair:
    return pool[int(rng.integers(len(pool)))]


def _is_of_ordinary_size(x: Any) -> bool:
    """Whether arb takes no minutes for its sine, and its exponential no memory; of a wide ball its asinh is none."""
    return bool(infinity(x) or (x.is_finite() and abs(int(x.mid().man_exp()[1])) < 10**5 and x.rad() < 2.0**-20))


if __name__ == "__main__":
    import sys

    count = int(sys.argv[1])
    found = list(violations(np.random.default_rng(1), count))
    print(f"{count:,} random programs, {len(found)} violations", *found[:3], sep="\n")
