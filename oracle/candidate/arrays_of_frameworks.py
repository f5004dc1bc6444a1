"""Arrays of NumPy, JAX and torch, and plain numbers: what kind they are, and one made into another."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS, CannotJudge

Array = NDArray[Any]


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


def framework_of(value: Any) -> str:
    """Whose array it is."""
    if isinstance(value, float | complex) and not isinstance(value, np.generic):
        return "python"
    if is_of_jax(value):
        return "jax"
    return "torch" if is_tensor(value) else "numpy"


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def as_numpy(value: Any) -> Array:
    """The numbers of an array, of float64 or complex128 where its dtype is none of NumPy's. Raises CannotJudge where a tensor
    holds none that NumPy could: a sparse one, one without data."""
    if is_tensor(value):
        try:
            return np.array((value.double() if dtype_name(value) == "bfloat16" else value).numpy(force=True))
        except (TypeError, RuntimeError) as error:  # torch says which it is
            words = (str(error).strip().splitlines() or [""])[0]
            raise CannotJudge(f"a tensor of shape {tuple(value.shape)} is no array of numbers: {words}") from error
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.name == "bfloat16" else array


def in_dtype(a: Any, dtype: str) -> Any:
    """A real array in the dtype; an array of balls stays what it is."""
    if is_of_balls(a):
        return a
    if is_tensor(a):
        return a.to(getattr(sys.modules["torch"], dtype))
    wanted = numpy_dtype(dtype)
    if not isinstance(a, np.ndarray | np.generic) and "jax" in sys.modules:
        # float32 for float64 where x64 is off: JAX would make it so, and warn
        wanted = sys.modules["jax"].dtypes.canonicalize_dtype(wanted)
    return a.astype(wanted)


def numpy_dtype(name: str) -> Any:
    """NumPy's dtype of the name, bfloat16 that of ml_dtypes."""
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def is_of_balls(a: Any) -> bool:
    """Whether it is an array of objects, as arrays of balls are."""
    return bool(isinstance(a, np.ndarray) and a.dtype.kind == "O")


def complex_of(x: Any, y: Any) -> Any:
    """x + iy."""
    if is_tensor(x):
        return sys.modules["torch"].complex(x, y)
    if is_of_jax(x):
        import jax

        return jax.lax.complex(x, y)
    return x + 1j * y


def is_of_jax(a: Any) -> bool:
    """Whether it is an array or a tracer of JAX."""
    return type(a).__module__.partition(".")[0] in ("jax", "jaxlib")


def as_given(example: Any, a: Any) -> Any:
    """An array of NumPy as one of the example's framework; tracers, tensors and arrays of balls as they are."""
    if not isinstance(a, np.ndarray | np.generic) or a.dtype == object:
        return a
    framework = framework_of(example)
    if framework == "jax":
        import jax

        return jax.numpy.asarray(a)
    if framework == "torch":
        return tensor(np.asarray(a))
    if framework == "python":
        return complex(a) if a.dtype.kind == "c" else float(a)
    return np.asarray(a)


def tensor(a: Array) -> Any:
    """A tensor of the array's dtype, in memory of its own."""
    torch: Any = sys.modules["torch"]
    if a.dtype.name == "bfloat16":
        return torch.from_numpy(a.astype(np.float64)).to(torch.bfloat16)
    return torch.from_numpy(np.array(a, copy=True, order="C"))


def fresh(value: Any) -> Any:
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
    if framework_of(value) == "jax":
        import jax

        return np.zeros(value.shape, jax.dtypes.float0)
    return np.zeros_like(value)
