"""What counts as an array here."""

from typing import Any, TypeAlias

#: An array of the Array API standard: NumPy float32 or float64, a NumPy array of balls, or a JAX array.
Array: TypeAlias = Any
