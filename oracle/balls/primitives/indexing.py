"""Gather and scatter, after their definition in XLA.

Each row of `indices` is the corner of a window into the operand. Gather copies the windows out; scatter combines
windows of updates into the operand. Of the axes of a window, the *offset* axes appear in the result, the others have
size one. A window that would stick out is moved inside (CLIP), is filled or dropped (FILL_OR_DROP), or was promised
not to exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import acb, arb

from oracle.balls import decisions
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives.equation import Array, Equation, Handler, is_complex, is_real

Window = tuple[slice, ...]


def _mode(equation: Equation) -> str:
    mode = equation.params["mode"]
    name = str(getattr(mode, "name", mode))
    if name not in ("CLIP", "FILL_OR_DROP", "PROMISE_IN_BOUNDS"):
        raise UnsupportedPrimitive(equation.name, f"mode {name}")
    return name


def _window(
    row: tuple[int, ...],
    indices: Array,
    axes: Sequence[int],
    batching: Sequence[tuple[int, int]],
    sizes: Sequence[int],
    shape: Sequence[int],
    mode: str,
) -> Window | None:
    """The window at one row of indices, None where it is filled or dropped."""
    corner = [0] * len(shape)
    for axis, index in zip(axes, indices[row], strict=True):
        corner[axis] = int(index)
    for axis, index_axis in batching:
        corner[axis] = row[index_axis]
    if mode == "CLIP":
        corner = [min(max(c, 0), n - size) for c, size, n in zip(corner, sizes, shape, strict=True)]
    elif any(c < 0 or c + size > n for c, size, n in zip(corner, sizes, shape, strict=True)):
        return None
    return tuple(slice(c, c + size) for c, size in zip(corner, sizes, strict=True))


def _fill_value(equation: Equation, x: Array) -> Any:
    value = equation.params.get("fill_value")
    if is_complex(x):
        return acb(arb("nan"), arb("nan")) if value is None else acb(complex(value))
    if is_real(x):
        return arb("nan") if value is None else arb(float(value))
    if value is not None:
        return value
    if x.dtype == bool:
        return True
    info = np.iinfo(x.dtype)
    return info.max if x.dtype.kind == "u" else info.min


def _gather(equation: Equation, x: Array, indices: Array) -> Array:
    numbers, sizes = equation.params["dimension_numbers"], equation.params["slice_sizes"]
    mode = _mode(equation)
    batching = list(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True))
    dropped = (*numbers.collapsed_slice_dims, *numbers.operand_batching_dims)
    window_shape = [size for axis, size in enumerate(sizes) if axis not in dropped]
    rows = indices.shape[:-1]
    windows = np.empty((*rows, *window_shape), dtype=x.dtype)
    for row in np.ndindex(rows):
        window = _window(row, indices, numbers.start_index_map, batching, sizes, x.shape, mode)
        if window is None:
            windows[(*row, ...)] = _fill_value(equation, x)
        else:
            windows[(*row, ...)] = x[window].reshape(window_shape)
    return np.moveaxis(windows, range(len(rows), windows.ndim), numbers.offset_dims)


def _scatter(combine: Callable[[Array, Array], Any] | None) -> Handler:
    """Combines every window with what is there; None overwrites, and then no place may be written twice with two numbers."""

    def handler(equation: Equation, x: Array, indices: Array, updates: Array) -> Array:
        numbers = equation.params["dimension_numbers"]
        mode = _mode(equation)
        batching = list(zip(numbers.operand_batching_dims, numbers.scatter_indices_batching_dims, strict=True))
        single = (*numbers.inserted_window_dims, *numbers.operand_batching_dims)
        rows = indices.shape[:-1]
        updates = np.moveaxis(updates, numbers.update_window_dims, range(len(rows), updates.ndim))
        window_sizes = iter(updates.shape[len(rows) :])
        sizes = [1 if axis in single else next(window_sizes) for axis in range(x.ndim)]
        result = x.copy()
        written = np.zeros(x.shape, dtype=bool)
        for row in np.ndindex(rows):
            window = _window(row, indices, numbers.scatter_dims_to_operand_dims, batching, sizes, x.shape, mode)
            if window is None:
                continue
            update = updates[(*row, ...)].reshape(sizes)
            if combine is None:
                twice = written[window]
                same = result[window][twice] == update[twice]  # of balls: exact ones, and equal
                if not np.all(same):
                    raise UnsupportedPrimitive(equation.name, "two updates of one element, whose order XLA leaves open")
                written[window] = True
                result[window] = update
            else:
                result[window] = combine(result[window], update)
        return result

    return handler


def _choose(on_balls: Callable[[Any, Any], Any], on_integers: np.ufunc) -> Callable[[Array, Array], Any]:
    choose = np.frompyfunc(on_balls, 2, 1)
    return lambda x, update: choose(x, update) if is_real(x) else on_integers(x, update)


INDEXING: dict[str, Handler] = {
    "gather": _gather,
    "scatter": _scatter(None),
    "scatter-add": _scatter(np.add),
    "scatter_add": _scatter(np.add),
    "scatter-sub": _scatter(np.subtract),
    "scatter_sub": _scatter(np.subtract),
    "scatter-mul": _scatter(np.multiply),
    "scatter_mul": _scatter(np.multiply),
    "scatter-max": _scatter(_choose(decisions.maximum, np.maximum)),
    "scatter_max": _scatter(_choose(decisions.maximum, np.maximum)),
    "scatter-min": _scatter(_choose(decisions.minimum, np.minimum)),
    "scatter_min": _scatter(_choose(decisions.minimum, np.minimum)),
}
