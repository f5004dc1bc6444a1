"""What counts as an array here."""

from numbers import Real
from typing import Any, TypeAlias

#: An array of the Array API standard: NumPy float32 or float64, a NumPy array of balls, or a JAX array.
Array: TypeAlias = Any


def require(what: str, value: object, kind: type | tuple[type, ...], give: str) -> None:
    """Raise TypeError unless value is of that kind; `give` says what to give."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{what} is {value!r}, of type {type(value).__name__}: give {give}")


def require_number(what: str, value: object) -> None:
    """Raise TypeError unless value is a real number."""
    require(what, value, Real, "a number")
