"""Sums, products and extremes over sliding windows, and the choice that each window makes (max pooling and its derivative).

A window (size, stride, dilation) slides over an operand that is spread (base dilation) and padded; positions outside hold the
neutral element of the reduction. Source: XLA's operation semantics, ReduceWindow and SelectAndScatter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from oracle.balls import decisions
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives.equation import Array, Equation, Handler, identity_element, is_real

Position = tuple[int, ...]


def windows(
    shape: Sequence[int], params: Mapping[str, Any], results: Sequence[int]
) -> Iterator[tuple[Position, list[Position]]]:
    """For each place of the result, the places of the operand in its window, in row-major order; those in the padding left out."""
    size, strides, padding = params["window_dimensions"], params["window_strides"], params["padding"]
    base = params.get("base_dilation") or (1,) * len(shape)
    dilation = params.get("window_dilation") or (1,) * len(shape)
    for place in np.ndindex(*results):
        axes = []
        for axis, n in enumerate(shape):
            start = place[axis] * strides[axis] - padding[axis][0]
            spread = [start + k * dilation[axis] for k in range(size[axis])]
            axes.append([s // base[axis] for s in spread if s % base[axis] == 0 and 0 <= s // base[axis] < n])
        yield place, [tuple(int(i) for i in index) for index in _product(axes)]


def _product(axes: Sequence[Sequence[int]]) -> Iterator[Position]:
    if not axes:
        yield ()
        return
    for first in axes[0]:
        for rest in _product(axes[1:]):
            yield (first, *rest)


def reduce_windows(equation: Equation, x: Array, first: Any, combine: Callable[[Any, Any], Any]) -> Array:
    """Each window combined from the left, beginning with `first`."""
    aval = equation.results[0]
    result = np.empty(aval.shape, dtype=x.dtype)
    for place, members in windows(x.shape, equation.params, aval.shape):
        value = first
        for member in members:
            value = combine(value, x[member])
        result[place] = value
    return result


def _reduce_window(kind: str, on_balls: Callable[[Any, Any], Any], on_integers: Callable[[Any, Any], Any]) -> Handler:
    def handler(equation: Equation, x: Array) -> Array:
        first = identity_element(kind, equation.results[0].dtype)
        return reduce_windows(equation, x, first, on_balls if is_real(x) else on_integers)

    return handler


def _selected(equation: Equation, keys: Array, members: Sequence[Position]) -> Position | None:
    """The place that a window selects: the first of the largest (or smallest). Equal ones tie."""
    name = str(getattr(equation.params["select_prim"], "name", equation.params["select_prim"]))
    if name not in ("ge", "le"):
        raise UnsupportedPrimitive(equation.name, f"selection by {name}")
    better = decisions.gt if name == "ge" else decisions.lt
    best: Position | None = None
    for member in members:
        if best is None or better(keys[member], keys[best]):
            best = member
    return best


def _select_and_scatter_add(equation: Equation, source: Array, keys: Array) -> Array:
    """Each entry of `source` added where its window of `keys` selects."""
    result = np.empty(keys.shape, dtype=source.dtype)
    result[...] = identity_element("sum", equation.results[0].dtype)
    for place, members in windows(keys.shape, equation.params, source.shape):
        chosen = _selected(equation, keys, members)
        if chosen is not None:
            result[chosen] = result[chosen] + source[place]
    return result


def _select_and_gather_add(equation: Equation, values: Array, keys: Array) -> Array:
    """From each window the entry of `values` where `keys` selects."""
    result = np.empty(equation.results[0].shape, dtype=values.dtype)
    for place, members in windows(keys.shape, equation.params, result.shape):
        chosen = _selected(equation, keys, members)
        result[place] = identity_element("sum", equation.results[0].dtype) if chosen is None else values[chosen]
    return result


WINDOWS: dict[str, Handler] = {
    "reduce_window_sum": _reduce_window("sum", lambda x, y: x + y, np.add),
    "reduce_window_max": _reduce_window("max", decisions.maximum, np.maximum),
    "reduce_window_min": _reduce_window("min", decisions.minimum, np.minimum),
    "select_and_scatter_add": _select_and_scatter_add,
    "select_and_gather_add": _select_and_gather_add,
}
