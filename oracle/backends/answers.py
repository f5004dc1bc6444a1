"""An answer from a function: whether it is tuples of arrays of numbers at all, before it is judged."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.vectors.encoding import Malformed
from oracle.vectors.formats import FORMATS
from oracle.vectors.record import Answer


def plain(answer: object) -> Answer:
    """The same in tuples of plain arrays. Wrong dtypes of numbers, wrong shapes and wrong lengths pass: the judge names them.

    Raises Malformed for what is no Answer, for a field that is no tuple or list, and for entries that are no arrays of numbers.
    """
    if not isinstance(answer, Answer):
        raise Malformed(f"run returned a {type(answer).__name__}, no oracle.vectors.Answer")
    cost = None if answer.cost is None else _array("cost", answer.cost)
    layered = {name: _tuple(name, getattr(answer, name)) for name in ("activations", "deltas")}
    return Answer(_owed("nabla_w", answer.nabla_w), _owed("nabla_b", answer.nabla_b), cost, **layered)


def _owed(name: str, value: Any) -> tuple[Any, ...]:
    found = _tuple(name, value)
    if found is None:
        raise Malformed(f"{name} is missing: every answer gives it")
    return found


def _tuple(name: str, value: Any) -> tuple[Any, ...] | None:
    if value is None:
        return None
    if not isinstance(value, tuple | list):
        raise Malformed(f"{name} is a {type(value).__name__}: give a tuple, one array for each of the layers 2 … L")
    return tuple(_array(f"{name} of layer {i}", v) for i, v in enumerate(value, start=2))


def _array(name: str, value: Any) -> Any:
    if not isinstance(value, np.ndarray | np.generic):
        raise Malformed(f"{name} is a {type(value).__name__}: give a NumPy array")
    if np.ma.isMaskedArray(value):
        raise Malformed(f"{name} is a masked array: give one whose every entry is a number")
    found = np.array(value)  # what is judged later must not be what the backend has written there since
    if found.dtype.kind not in "fiub" and found.dtype not in [fmt.dtype for fmt in FORMATS.values()]:
        raise Malformed(f"{name} has dtype {found.dtype}: give an array of real numbers")
    return found
