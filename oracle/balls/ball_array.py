"""BallArray: the object array of balls that stays one.

NumPy puts Python's integers and floats into object arrays (`np.sign`, `np.where(x > 0, x, 0)`, `np.maximum(x, 0)`,
`zeros_like`), on which the next `np.exp` would fail. This array makes balls of them again, so that array code runs on
balls as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from oracle.balls.ball import Ball, to_arb
from oracle.balls.decisions import maximum, minimum


def _ball(value: Any) -> Any:
    return value if isinstance(value, Ball) or value is None else Ball(value)


_balls = np.frompyfunc(_ball, 1, 1)


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, BallArray) else value


#: Where balls overlap, the greater of two is known as an enclosure, though not which it is.
HULLS: dict[Any, Any] = {
    np.maximum: np.frompyfunc(lambda x, y: Ball(maximum(to_arb(x), to_arb(y))), 2, 1),
    np.minimum: np.frompyfunc(lambda x, y: Ball(minimum(to_arb(x), to_arb(y))), 2, 1),
}


class BallArray(np.ndarray[Any, Any]):
    """An array of dtype object whose elements are `Ball`; made by `oracle.balls.arrays.lift`."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        if out is not None:
            kwargs["out"] = tuple(_plain(o) for o in out)
        result = getattr(HULLS.get(ufunc, ufunc), method)(*(_plain(x) for x in inputs), **kwargs)
        if isinstance(result, int | float) and not isinstance(result, bool):  # a 0-d result, unwrapped
            return Ball(result)
        return as_balls(result)

    def __array_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Iterable[Any], kwargs: Any
    ) -> Any:
        return as_balls(super().__array_function__(func, types, args, kwargs))

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, np.ndarray | list | tuple):
            super().__setitem__(key, as_balls(np.asarray(value).astype(object)))
        else:
            super().__setitem__(key, _ball(value))


def as_balls(result: Any) -> Any:
    """Object arrays, also inside tuples and lists, as `BallArray`; anything else unchanged."""
    if isinstance(result, tuple | list):
        return type(result)(as_balls(part) for part in result) if type(result) in (tuple, list) else result
    if not isinstance(result, np.ndarray) or result.dtype != object:
        return result.view(np.ndarray) if isinstance(result, BallArray) else result
    balls = _balls(_plain(result))
    if not isinstance(balls, np.ndarray):  # NumPy unwraps 0-d arrays
        array = np.empty((), dtype=object)
        array[()] = balls
        balls = array
    return balls.view(BallArray)
