"""Example arguments, taken apart: the arrays in them that can move, and the way back from such arrays to arguments.

A complex array is two real ones, its real and its imaginary part. What is no array of real or complex numbers stays as it is given:
integers, booleans, strings, functions, None. Arrays come back in the kind (NumPy, JAX, torch) and dtype of the example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.arrays_of_frameworks import (
    as_given,
    as_numpy,
    complex_of,
    dtype_name,
    framework_of,
    fresh,
    in_dtype,
    number_kind,
    real_dtype,
)
from oracle.candidate.asking import CannotJudge
from oracle.candidate.pytrees import Path, mapped

Array = NDArray[Any]

#: What the conventions make of df = ∂f/∂x dx + ∂f/∂y dy at z = x + iy: the sign of the gradient's imaginary part beside ∂f/∂y.
CONVENTIONS = {"torch": 1.0, "jax": -1.0}


@dataclass(frozen=True, eq=False)
class Leaf:
    """One real array that can move. argument, path: where it stands; example: its numbers, as float64; dtype: in which it is asked;
    part: "real" or "imag" of a complex array, else ""; framework: "numpy", "jax", "torch" or "python" of a number."""

    name: str
    argument: int
    path: Path
    example: Array
    dtype: str
    part: str
    framework: str


@dataclass(frozen=True, eq=False)
class Arguments:
    """args: the example, one for each argument of a function; leaves: what moves in them; kept: words for arrays that do not;
    moving: of every array of real or complex numbers, in order, whether it does."""

    args: tuple[Any, ...]
    names: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    kept: tuple[str, ...] = ()
    moving: tuple[bool, ...] = ()

    def filled(
        self, arrays: Sequence[Any], *, narrow: bool, still: Callable[[Any], Any] | None = None
    ) -> tuple[Any, ...]:
        """The arguments with these arrays for the leaves. narrow: in the dtypes of the example, else as wide as they come; still:
        what stands for what does not move, itself by default."""
        given, moving = iter(arrays), iter(self.moving)

        def put(value: Any, name: str, path: Path) -> Any:
            kind = number_kind(value)
            if not kind or not next(moving):
                return (still or fresh)(value)
            halves = [next(given) for _ in range(1 if kind == "real" else 2)]
            if narrow and real_dtype(value) != "float64":
                halves = [in_dtype(half, real_dtype(value)) for half in halves]
            return as_given(value, halves[0] if kind == "real" else complex_of(*halves))

        return tuple(mapped(value, put) for value in self.args)

    def examples(self) -> tuple[Array, ...]:
        """The arrays of the leaves as they are given."""
        return tuple(leaf.example for leaf in self.leaves)

    def of(self, argnums: Sequence[int]) -> list[int]:
        """The numbers of the leaves of these arguments, in their order."""
        return [k for n in argnums for k, leaf in enumerate(self.leaves) if leaf.argument == n]


def taken_apart(
    args: Sequence[Any], names: Sequence[str], moves: Any = lambda value: True, static: Sequence[int] = ()
) -> Arguments:
    """The leaves of example arguments; moves: which arrays of real or complex numbers can move, but of the arguments of these
    numbers none. Raises CannotJudge."""
    leaves: list[Leaf] = []
    kept: list[str] = []
    moving: list[bool] = []
    for number, (value, name) in enumerate(zip(args, names, strict=True)):

        def visit(part: Any, words: str, path: Path, number: int = number) -> Any:
            if number_kind(part):
                moving.append(number not in static and bool(moves(part)))
            if number_kind(part) and moving[-1]:
                leaves.extend(_leaves(part, words, number, path))
            elif hasattr(part, "dtype") and hasattr(part, "shape"):
                kept.append(f"{words} ({dtype_name(part)})")
            return part

        mapped(value, visit, name)
    return Arguments(tuple(args), tuple(names), tuple(leaves), tuple(kept), tuple(moving))


def _leaves(value: Any, name: str, argument: int, path: Path) -> Iterator[Leaf]:
    dtype, framework = real_dtype(value), framework_of(value)
    array = as_numpy(value)
    if not array.size:
        raise CannotJudge(f"{name} has the shape {array.shape}: an example needs entries")
    if array.dtype.kind != "c":
        yield Leaf(name, argument, path, _float64(array, name), dtype, "", framework)
        return
    for part in ("real", "imag"):
        yield Leaf(f"{name}.{part}", argument, path, _float64(getattr(array, part), name), dtype, part, framework)


def _float64(array: Array, name: str) -> Array:
    found = np.array(array, dtype=np.float64, order="C")
    if not np.isfinite(found).all():
        raise CannotJudge(
            f"{name} holds numbers that are not finite: give an example at which fn can be differentiated"
        )
    return found
