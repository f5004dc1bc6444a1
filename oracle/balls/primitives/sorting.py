"""Sorting: the order is decided key by key; two equal keys tie where their order shows in another operand."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import acb

from oracle.balls import decisions
from oracle.balls.primitives.equation import Array, Equation, Handler, is_real
from oracle.balls.watch import decide, note_choice


class _Unclear(Exception):
    pass


def _compare(x: Any, y: Any) -> int:
    """−1, 0 or 1 as x comes before, beside or after y."""
    if x is y or decisions.same_point(x, y):
        return 0
    if isinstance(x, acb):  # by the real part, then by the imaginary one
        return _compare(x.real, y.real) or _compare(x.imag, y.imag)
    if x < y:
        return -1
    if x > y:
        return 1
    raise _Unclear(f"{x} against {y}")


def _order(keys: Sequence[Array], *, shows: bool, descending: bool = False) -> list[int]:
    """The stable order of the entries of one line, by the first key, then the second, and so on: one decision.

    shows: whether the order of equal keys shows in the result; only then do they tie.
    """
    equals = False

    def compare(i: int, j: int) -> int:
        nonlocal equals
        for key in keys:
            outcome = _compare(key[i], key[j])
            if outcome:
                return -outcome if descending else outcome
            equals = equals or (is_real(key) and key[i] is not key[j])
        return 0

    unclear = ""
    try:
        order: tuple[int, ...] | None = tuple(sorted(range(len(keys[0])), key=functools.cmp_to_key(compare)))
    except _Unclear as error:
        order, unclear = None, str(error)
    if order is not None and equals and not shows:
        note_choice("sort", None)
        return list(order)
    return list(decide("sort", order, tied=equals, describe=lambda: unclear))


def _sort(equation: Equation, *operands: Array) -> list[Array]:
    axis, num_keys = equation.params["dimension"], equation.params["num_keys"]
    lines = [np.moveaxis(x, axis, -1) for x in operands]
    results = [np.empty(line.shape, dtype=line.dtype) for line in lines]
    for index in np.ndindex(lines[0].shape[:-1]):
        order = _order([line[index] for line in lines[:num_keys]], shows=len(operands) > num_keys)
        for result, line in zip(results, lines, strict=True):
            result[index] = line[index][order]
    return [np.moveaxis(result, -1, axis) for result in results]


def _top_k(equation: Equation, x: Array) -> list[Array]:
    """The k largest along an axis in descending order, and their indices; among equals the first comes first."""
    axis, k = equation.params.get("axis", x.ndim - 1), equation.params["k"]
    lines = np.moveaxis(x, axis, -1)
    values = np.empty((*lines.shape[:-1], k), dtype=x.dtype)
    indices = np.empty(values.shape, dtype=equation.results[1].dtype)
    for index in np.ndindex(lines.shape[:-1]):
        order = _order([lines[index]], shows=True, descending=True)[:k]
        values[index], indices[index] = lines[index][order], order
    return [np.moveaxis(values, -1, axis), np.moveaxis(indices, -1, axis)]


def _approx_top_k(equation: Equation, x: Array) -> list[Array]:
    """On a CPU the exact ones."""
    axis = equation.params["reduction_dimension"] % x.ndim
    if equation.params["is_max_k"]:
        return _top_k(equation._replace(params={"axis": axis, "k": equation.params["k"]}), x)
    values, indices = _top_k(equation._replace(params={"axis": axis, "k": equation.params["k"]}), np.asarray(-x))
    return [np.asarray(-values), indices]


SORT: dict[str, Handler] = {"sort": _sort, "top_k": _top_k, "approx_top_k": _approx_top_k}
