"""Which sides of a branch no arguments of the domains can enter: shown by intervals, one for all entries of an array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from oracle.search.branch_margins import CALLS, CHOICES, COMPARISONS, KINKS, Path
from oracle.search.intervals import (
    ANY,
    BOUNDED,
    INDICES,
    RISING,
    RULES,
    SAME,
    Interval,
    bounds_of,
    compared,
    even,
    hull,
    mul,
    negated,
    power,
    powers,
    rising,
    sane,
    sub,
    to_dtype,
)


class Known(NamedTuple):
    """number: whether no entry can be NaN."""

    bounds: Interval
    number: bool


def intervals_of_margins(closed: Any, inputs: Sequence[Interval]) -> dict[Path, Interval]:
    """Between what the margin of each condition lies, wherever the entries of each input lie between its bounds.

    What is not known how to bound lies anywhere.
    """
    found: dict[Path, Interval] = {}
    with np.errstate(all="ignore"):
        _walk(closed, [Known(bounds, True) for bounds in inputs], (), found)
    return found


def _walk(program: Any, inputs: list[Known], path: Path, found: dict[Path, Interval]) -> list[Known]:
    jaxpr, consts = (program.jaxpr, program.consts) if hasattr(program, "consts") else (program, ())
    known: dict[Any, Known] = {v: _of_values(c) for v, c in zip(jaxpr.constvars, consts, strict=True)}
    known.update(zip(jaxpr.invars, inputs, strict=True))

    def read(atom: Any) -> Known:
        return _of_values(atom.val) if hasattr(atom, "val") else known[atom]

    for index, eqn in enumerate(jaxpr.eqns):
        name, operands, here = eqn.primitive.name, [read(atom) for atom in eqn.invars], (*path, index)
        bounds = [operand.bounds for operand in operands]
        if name in COMPARISONS or name in CHOICES:
            found[here] = _difference(eqn, operands)
        elif name in KINKS:
            found[here] = bounds[0]
        elif name == "clamp":
            found[*here, 0], found[*here, 1] = sub(bounds[1], bounds[0]), sub(bounds[1], bounds[2])
        known.update(zip(eqn.outvars, _results(eqn, operands, here, found), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _difference(eqn: Any, operands: Sequence[Known]) -> Interval:
    """Of what is compared; of a number with itself it is 0."""
    if eqn.invars[0] is eqn.invars[1] and operands[0].number:
        return 0.0, 0.0
    return sub(operands[0].bounds, operands[1].bounds)


def _results(eqn: Any, operands: list[Known], path: Path, found: dict[Path, Interval]) -> list[Known]:
    name, params = eqn.primitive.name, eqn.params
    if name == "cond":
        branches = [_walk(b, operands[1:], (*path, k), found) for k, b in enumerate(params["branches"])]
        return [_either(results) for results in zip(*branches, strict=True)]
    inner = next((params[key] for key in CALLS if key in params), None)
    if inner is not None and name not in ("scan", "while"):
        return _walk(inner, operands, path, found)
    if name == "select_n":
        low, high = operands[0].bounds
        return [_either(operands[1 + max(0, int(low)) : 2 + int(high)] if math.isfinite(high - low) else operands[1:])]
    number = all(operand.number for operand in operands)
    if name == "split":
        return [operands[0]] * len(eqn.outvars)
    if name == "svd":  # the singular values, then vectors of length 1
        return [Known(b, number) for b in [(0.0, math.inf), *[(-1.0, 1.0)] * (len(eqn.outvars) - 1)]]
    bounds = _bounds(eqn, operands)
    kept = name in SAME or not np.isinf(bounds).any() or name in ("concatenate", "pad", "gather", "select_n")
    return [Known(bounds, number and kept)] * len(eqn.outvars)


def _either(parts: Sequence[Known]) -> Known:
    return Known(hull(*(part.bounds for part in parts)), all(part.number for part in parts))


def _bounds(eqn: Any, known: Sequence[Known]) -> Interval:
    name, operands = eqn.primitive.name, [operand.bounds for operand in known]
    if name == "mul" and eqn.invars[0] is eqn.invars[1]:
        return even(operands[0], 2)
    if name == "convert_element_type":
        return to_dtype(operands[0], eqn.params["new_dtype"])
    if name in SAME:
        return operands[0]
    if name in RISING:
        return rising(*RISING[name])(operands[0])
    if name in BOUNDED:
        return BOUNDED[name]
    if name == "integer_pow":
        return power(operands[0], eqn.params["y"])
    if name == "pow":
        return powers(*operands)
    if name in ("reduce_sum", "reduce_window_sum", "cumsum", "dot_general"):
        return _sums(eqn, operands)
    if name in ("concatenate", "stack", "pad"):
        return hull(*operands)
    if name == "gather":
        return operands[0] if eqn.params["fill_value"] is None and "FILL" not in str(eqn.params["mode"]) else ANY
    if name in INDICES:
        return 0.0, float(max(1, math.prod((eqn.outvars if name == "iota" else eqn.invars)[0].aval.shape)) - 1)
    if name in COMPARISONS:
        return compared(name, _difference(eqn, known)) if all(k.number for k in known) else (0.0, 1.0)
    if name == "is_finite":
        return (1.0, 1.0) if known[0].number and math.isfinite(operands[0][1] - operands[0][0]) else (0.0, 1.0)
    if name == "not" and eqn.outvars[0].aval.dtype == bool:
        return negated(operands[0])
    rule = RULES.get(name)
    if rule is None or getattr(eqn.outvars[0].aval.dtype, "kind", "O") not in "fib":  # unsigned numbers wrap
        return ANY
    return to_dtype(rule(*operands), eqn.outvars[0].aval.dtype)


def _sums(eqn: Any, operands: Sequence[Interval]) -> Interval:
    """Of sums of as many terms, all of them or some."""
    before, after = eqn.invars[0].aval.shape, eqn.outvars[0].aval.shape
    if eqn.primitive.name == "reduce_sum":
        count = math.prod(before) // max(1, math.prod(after))
        return sane(operands[0][0] * count if count else 0.0, operands[0][1] * count if count else 0.0)
    if eqn.primitive.name == "reduce_window_sum":
        count = math.prod(eqn.params["window_dimensions"])
        return sane(min(0.0, operands[0][0] * count), max(0.0, operands[0][1] * count))
    axes = (eqn.params["axis"],) if "axis" in eqn.params else eqn.params["dimension_numbers"][0][0]
    count = max(1, math.prod(before[axis] for axis in axes))
    low, high = operands[0] if eqn.primitive.name == "cumsum" else _products(eqn, operands)
    return sane(min(low, low * count), max(high, high * count))


def _products(eqn: Any, operands: Sequence[Interval]) -> Interval:
    """Of the terms of a product of arrays: squares where one is multiplied by itself, entry by entry."""
    (left, right), (batch, other) = eqn.params["dimension_numbers"]
    same = eqn.invars[0] is eqn.invars[1] and (tuple(left), tuple(batch)) == (tuple(right), tuple(other))
    return even(operands[0], 2) if same and len(left) + len(batch) == eqn.invars[0].aval.ndim else mul(*operands)


def _of_values(value: Any) -> Known:
    if not isinstance(getattr(value, "dtype", np.dtype(bool)), np.dtype):
        return Known(ANY, False)  # keys of random numbers
    array = np.asarray(value)
    found = bounds_of(array)
    return Known(ANY, False) if found is None else Known(found, True)
