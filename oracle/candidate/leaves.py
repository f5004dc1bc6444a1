"""Example arguments, taken apart: the arrays in them that can move, and the way back from such arrays to arguments.

A complex array is two real ones, its real and its imaginary part. What is no array of real or complex numbers stays as it is given:
integers, booleans, strings, functions, None. Arrays come back in the kind (NumPy, JAX, torch) and dtype of the example.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS, CannotJudge
from oracle.candidate.pytrees import Path, mapped

Array = NDArray[Any]

#: What the conventions make of df = ∂f/∂x dx + ∂f/∂y dy at z = x + iy: the sign of the gradient's imaginary part beside ∂f/∂y.
CONVENTIONS = {"torch": 1.0, "jax": -1.0}


@dataclass(frozen=True, eq=False)
class Leaf:
    """One real array that can move. argument, path: where it stands; example: its numbers, as float64; dtype: in which it is asked;
    part: "real" or "imag" of a complex array, else ""; library: "numpy", "jax", "torch" or "python" of a number."""

    name: str
    argument: int
    path: Path
    example: Array
    dtype: str
    part: str
    library: str


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
                return (still or _fresh)(value)
            first = _in_dtype(next(given), real_dtype(value), narrow)
            if kind == "real":
                return as_given(value, first, narrow)
            return as_given(value, _complex(first, _in_dtype(next(given), real_dtype(value), narrow)), narrow)

        return tuple(mapped(value, put) for value in self.args)

    def examples(self) -> tuple[Array, ...]:
        """The arrays of the leaves as they are given."""
        return tuple(leaf.example for leaf in self.leaves)

    def of(self, argnums: Sequence[int]) -> list[int]:
        """The numbers of the leaves of these arguments, in their order."""
        return [k for n in argnums for k, leaf in enumerate(self.leaves) if leaf.argument == n]


def taken_apart(args: Sequence[Any], names: Sequence[str], moves: Any = lambda value: True) -> Arguments:
    """The leaves of example arguments; moves: which arrays of real or complex numbers can move. Raises CannotJudge."""
    leaves: list[Leaf] = []
    kept: list[str] = []
    moving: list[bool] = []
    for number, (value, name) in enumerate(zip(args, names, strict=True)):

        def visit(part: Any, words: str, path: Path, number: int = number) -> Any:
            if number_kind(part):
                moving.append(bool(moves(part)))
            if number_kind(part) and moving[-1]:
                leaves.extend(_leaves(part, words, number, path))
            elif hasattr(part, "dtype") and hasattr(part, "shape"):
                kept.append(f"{words} ({dtype_name(part)})")
            return part

        mapped(value, visit, name)
    return Arguments(tuple(args), tuple(names), tuple(leaves), tuple(kept), tuple(moving))


def _leaves(value: Any, name: str, argument: int, path: Path) -> Iterator[Leaf]:
    array = as_numpy(value)
    dtype, library = real_dtype(value), library_of(value)
    if not array.size:
        raise CannotJudge(f"{name} has the shape {array.shape}: an example needs entries")
    if array.dtype.kind != "c":
        yield Leaf(name, argument, path, _float64(array, name), dtype, "", library)
        return
    for part in ("real", "imag"):
        yield Leaf(f"{name}.{part}", argument, path, _float64(getattr(array, part), name), dtype, part, library)


def _float64(array: Array, name: str) -> Array:
    found = np.array(array, dtype=np.float64, order="C")
    if not np.isfinite(found).all():
        raise CannotJudge(
            f"{name} holds numbers that are not finite: give an example at which fn can be differentiated"
        )
    return found


def number_kind(value: Any) -> str:
    """ "real", "complex", or "" for what does not move."""
    if isinstance(value, bool | int | str | bytes | type) or value is None:
        return ""
    if isinstance(value, float):
        return "real"
    if isinstance(value, complex):
        return "complex"
    if not hasattr(value, "dtype") or not hasattr(value, "shape"):
        return ""
    name = dtype_name(value)
    return "complex" if name.startswith("complex") else "real" if name.startswith(("float", "bfloat")) else ""


def dtype_name(value: Any) -> str:
    """float32, bfloat16, int64, …; of what has none its type."""
    dtype = getattr(value, "dtype", None)
    return type(value).__name__ if dtype is None else str(getattr(dtype, "name", dtype)).removeprefix("torch.")


def real_dtype(value: Any) -> str:
    """The dtype of the real numbers in an array: of complex64 float32. Raises CannotJudge for one that is not judged."""
    name = {"complex64": "float32", "complex128": "float64"}.get(dtype_name(value), dtype_name(value))
    if name in ("float", "complex") or name not in BITS:
        if name in ("float", "complex", "float128", "longdouble", "complex256", "clongdouble"):
            return "float64"
        raise CannotJudge(f"an example is of the dtype {name}: give one of {', '.join(BITS)}, or complex numbers")
    return name


def library_of(value: Any) -> str:
    """Whose array it is."""
    if isinstance(value, float | complex) and not isinstance(value, np.generic):
        return "python"
    home = type(value).__module__.partition(".")[0]
    if home in ("jax", "jaxlib"):
        return "jax"
    return "torch" if is_tensor(value) else "numpy"


def is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def as_numpy(value: Any) -> Array:
    """The numbers of an array, of float64 or complex128 where its dtype is none of NumPy's."""
    if is_tensor(value):
        value = value.detach().resolve_conj().resolve_neg().cpu()
        if dtype_name(value) == "bfloat16":
            value = value.double()
        return np.array(value.numpy())
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.name == "bfloat16" else array


def _in_dtype(a: Any, dtype: str, narrow: bool) -> Any:
    """A real array in the dtype, where it is to be narrow: arrays of balls stay what they are."""
    if not narrow or dtype == "float64" or is_of_balls(a):
        return a
    if is_tensor(a):
        return a.to(getattr(sys.modules["torch"], dtype))
    return a.astype(numpy_dtype(dtype))


def numpy_dtype(name: str) -> Any:
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def is_of_balls(a: Any) -> bool:
    """Whether it is an array of objects, as arrays of balls are."""
    return bool(isinstance(a, np.ndarray) and a.dtype.kind == "O")


def _complex(x: Any, y: Any) -> Any:
    if is_tensor(x):
        return sys.modules["torch"].complex(x, y)
    if _is_of_jax(x):
        import jax

        return jax.lax.complex(x, y)
    return x + 1j * y


def _is_of_jax(a: Any) -> bool:
    return type(a).__module__.partition(".")[0] in ("jax", "jaxlib")


def as_given(example: Any, a: Any, narrow: bool) -> Any:
    """An array of NumPy as one of the example's library; tracers, tensors and arrays of balls as they are."""
    if not isinstance(a, np.ndarray | np.generic) or a.dtype == object:
        return a
    library = library_of(example)
    if library == "jax":
        import jax

        return jax.numpy.asarray(a)
    if library == "torch":
        return tensor(np.asarray(a))
    if library == "python":
        return complex(a) if a.dtype.kind == "c" else float(a)
    return a if not narrow or isinstance(a, np.ndarray) else np.asarray(a)


def tensor(a: Array) -> Any:
    """A tensor of the array's dtype, in memory of its own."""
    torch: Any = sys.modules["torch"]
    if a.dtype.name == "bfloat16":
        return torch.from_numpy(a.astype(np.float64)).to(torch.bfloat16)
    return torch.from_numpy(np.array(a, copy=True, order="C"))


def _fresh(value: Any) -> Any:
    """What stays as it is, as a copy where somebody might write to it."""
    if isinstance(value, np.ndarray):
        return value.copy()
    return value.clone() if is_tensor(value) and not value.requires_grad else value


def zero_tangent(value: Any) -> Any:
    """The tangent of what does not move: zeros of an array, None of what is none."""
    if not hasattr(value, "dtype") or not hasattr(value, "shape"):
        return None
    if is_tensor(value):
        return sys.modules["torch"].zeros_like(value)
    if number_kind(value):
        return value * 0
    if library_of(value) == "jax":
        import jax

        return np.zeros(value.shape, jax.dtypes.float0)
    return np.zeros_like(value)
