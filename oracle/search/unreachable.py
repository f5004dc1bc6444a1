"""Which sides of a branch no arguments of the domains can enter: shown by intervals, one for all entries of an array."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from oracle.search.branch_margins import CALLS, CHOICES, COMPARISONS, KINKS, Path

Interval = tuple[float, float]
ANY: Interval = (-math.inf, math.inf)


def intervals_of_margins(closed: Any, inputs: Sequence[Interval]) -> dict[Path, Interval]:
    """Between what the margin of each condition lies, wherever the entries of each input lie between its bounds.

    What is not known how to bound lies anywhere.
    """
    found: dict[Path, Interval] = {}
    with np.errstate(all="ignore"):
        _walk(closed, list(inputs), (), found)
    return found


def _walk(program: Any, inputs: list[Interval], path: Path, found: dict[Path, Interval]) -> list[Interval]:
    jaxpr, consts = (program.jaxpr, program.consts) if hasattr(program, "consts") else (program, ())
    known: dict[Any, Interval] = {v: _of_values(c) for v, c in zip(jaxpr.constvars, consts, strict=True)}
    known.update(zip(jaxpr.invars, inputs, strict=True))

    def read(atom: Any) -> Interval:
        return _of_values(atom.val) if hasattr(atom, "val") else known[atom]

    for index, eqn in enumerate(jaxpr.eqns):
        name, operands, here = eqn.primitive.name, [read(atom) for atom in eqn.invars], (*path, index)
        if name in COMPARISONS or name in CHOICES:
            found[here] = _sub(*operands[:2])
        elif name in KINKS:
            found[here] = operands[0]
        elif name == "clamp":
            found[*here, 0], found[*here, 1] = _sub(operands[1], operands[0]), _sub(operands[1], operands[2])
        known.update(zip(eqn.outvars, _results(eqn, operands, here, found), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _results(eqn: Any, operands: list[Interval], path: Path, found: dict[Path, Interval]) -> list[Interval]:
    name, params = eqn.primitive.name, eqn.params
    if name == "cond":
        branches = [_walk(b, operands[1:], (*path, k), found) for k, b in enumerate(params["branches"])]
        return [_hull(*results) for results in zip(*branches, strict=True)]
    inner = next((params[key] for key in CALLS if key in params), None)
    if inner is not None and name not in ("scan", "while"):
        return _walk(inner, operands, path, found)
    if name == "svd":  # the singular values, then vectors of length 1
        return [(0.0, math.inf), *[(-1.0, 1.0)] * (len(eqn.outvars) - 1)]
    return [_bounds(eqn, operands)] * len(eqn.outvars)


def _bounds(eqn: Any, operands: Sequence[Interval]) -> Interval:
    name = eqn.primitive.name
    if name == "mul" and eqn.invars[0] is eqn.invars[1]:
        return _even(operands[0], 2)
    if name in _SAME:
        return operands[0]
    if name in _RISING:
        return _rising(*_RISING[name])(operands[0])
    if name in _BOUNDED:
        return _BOUNDED[name]
    if name == "integer_pow":
        return _power(operands[0], eqn.params["y"])
    if name == "reduce_sum":
        count = math.prod(eqn.invars[0].aval.shape) // max(1, math.prod(eqn.outvars[0].aval.shape))
        return _sane(operands[0][0] * count if count else 0.0, operands[0][1] * count if count else 0.0)
    if name in ("cumsum", "dot_general"):
        count = _summed(eqn)
        low, high = operands[0] if name == "cumsum" else _mul(*operands)
        return _sane(min(low, low * count), max(high, high * count))
    if name == "select_n":
        return _hull(*operands[1:])
    if name in ("concatenate", "stack", "pad"):
        return _hull(*operands)
    rule = _RULES.get(name)
    return rule(*operands) if rule is not None else ANY


def _summed(eqn: Any) -> int:
    """How many terms the longest sum has."""
    shape = eqn.invars[0].aval.shape
    axes = (eqn.params["axis"],) if "axis" in eqn.params else eqn.params["dimension_numbers"][0][0]
    return max(1, math.prod(shape[axis] for axis in axes))


def _of_values(value: Any) -> Interval:
    if not isinstance(getattr(value, "dtype", np.dtype(bool)), np.dtype):
        return ANY  # keys of random numbers
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" or not array.size or np.isnan(array).any():
        return ANY
    return float(array.min()), float(array.max())


def _sane(low: float, high: float) -> Interval:
    """A bound that is no number bounds nothing."""
    return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)


def _hull(*parts: Interval) -> Interval:
    return min(p[0] for p in parts), max(p[1] for p in parts)


def _sub(x: Interval, y: Interval) -> Interval:
    return _sane(x[0] - y[1], x[1] - y[0])


def _mul(x: Interval, y: Interval) -> Interval:
    ends = [0.0 if a == 0 or b == 0 else a * b for a in x for b in y]
    return _sane(min(ends), max(ends))


def _div(x: Interval, y: Interval) -> Interval:
    if y[0] > 0 or y[1] < 0:
        return _mul(x, (1 / y[1], 1 / y[0]))
    if y[0] == 0:
        return _mul(x, (1 / y[1] if y[1] else math.inf, math.inf))
    return ANY


def _even(x: Interval, n: int) -> Interval:
    most = max(abs(x[0]), abs(x[1])) ** n
    return (0.0, most) if x[0] <= 0 <= x[1] else _sane(min(abs(x[0]), abs(x[1])) ** n, most)


def _power(x: Interval, n: int) -> Interval:
    if n < 0:
        return _div((1.0, 1.0), _power(x, -n))
    return _even(x, n) if n % 2 == 0 else _sane(x[0] ** n, x[1] ** n)


def _abs(x: Interval) -> Interval:
    return _even(x, 1)


def _rising(function: Callable[[float], Any], low: float, high: float) -> Callable[[Interval], Interval]:
    """A function that rises, between its own bounds and a unit or two of rounding away."""

    def bounds(x: Interval) -> Interval:
        with np.errstate(all="ignore"):
            ends = [float(function(np.float64(end))) for end in x]
        below, above = _sane(*ends)
        return max(low, below - 4 * abs(float(np.spacing(below)))) if math.isfinite(below) else below, (
            min(high, above + 4 * abs(float(np.spacing(above)))) if math.isfinite(above) else above
        )

    return bounds


_SAME = {
    "broadcast_in_dim", "convert_element_type", "copy", "copy_p", "expand_dims", "reduce_max", "reduce_min", "reshape",
    "rev", "slice", "squeeze", "stop_gradient", "transpose", "sort", "cummax", "cummin", "dynamic_slice", "reduce_precision",
    "split", "tile", "unstack",
}  # fmt: skip
_RISING: Mapping[str, tuple[Callable[[float], Any], float, float]] = {
    "exp": (np.exp, 0.0, math.inf),
    "exp2": (np.exp2, 0.0, math.inf),
    "expm1": (np.expm1, -1.0, math.inf),
    "log": (np.log, -math.inf, math.inf),
    "log1p": (np.log1p, -math.inf, math.inf),
    "logistic": (lambda x: 1 / (1 + np.exp(-x)), 0.0, 1.0),
    "sqrt": (np.sqrt, 0.0, math.inf),
    "tanh": (np.tanh, -1.0, 1.0),
    "cbrt": (np.cbrt, -math.inf, math.inf),
    "floor": (np.floor, -math.inf, math.inf),
    "ceil": (np.ceil, -math.inf, math.inf),
}
_BOUNDED: Mapping[str, Interval] = {"sin": (-1, 1), "cos": (-1, 1), "erf": (-1, 1), "erfc": (0, 2)}
_RULES: Mapping[str, Callable[..., Interval]] = {
    "abs": _abs,
    "sign": lambda x: (float(np.sign(x[0])), float(np.sign(x[1]))),
    "add": lambda x, y: _sane(x[0] + y[0], x[1] + y[1]),
    "add_any": lambda x, y: _sane(x[0] + y[0], x[1] + y[1]),
    "sub": _sub,
    "pow": lambda x, y: (0.0, math.inf) if x[0] >= 0 else ANY,
    "rsqrt": lambda x: (0.0, math.inf),
    "mul": _mul,
    "div": _div,
    "neg": lambda x: (-x[1], -x[0]),
    "square": lambda x: _even(x, 2),
    "max": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])),
    "min": lambda x, y: (min(x[0], y[0]), min(x[1], y[1])),
    "clamp": lambda low, x, high: (min(max(x[0], low[0]), high[0]), min(max(x[1], low[1]), high[1])),
}
