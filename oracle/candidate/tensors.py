"""Functions of torch tensors, as functions of NumPy arrays: what is judged is asked with arrays, whoever wrote it.

torch is not imported here: whoever holds such a function has imported it.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

#: Code that names one of these takes arrays, and makes its tensors itself.
CONVERSIONS = frozenset(
    (
        "from_numpy",
        "as_tensor",
        "tensor",
        "Tensor",
        "DoubleTensor",
        "FloatTensor",
        "asarray",
        "from_dlpack",
        "frombuffer",
    )
)


class OnArrays:
    """function, which may take tensors, called with NumPy arrays; what it returns comes back as arrays.

    Whether it takes tensors is found out at the first call: code that names torch and makes no tensors itself is given them, and so
    is what raises for arrays. They are float64, or float32 where it takes no others (a module as it is by default). What is called
    with anything but NumPy arrays, or with balls, is called as it stands. Raises what the function raises the first time.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__wrapped__: Callable[..., Any]
        functools.update_wrapper(self, function, updated=())
        self.__name__ = getattr(function, "__name__", None) or type(function).__name__
        if hasattr(function, "__code__"):
            self.__code__ = function.__code__
        self.function = function
        #: "float64" or "float32" where it takes tensors of that dtype, "" where it takes arrays, None where that is not known yet.
        self.dtype: str | None = None
        #: Whether it is never called with anything but tensors: arrays have methods of the same names that mean something else.
        self.only_tensors = False
        #: What the witnesses made of it, so that it is made once.
        self.lifts: dict[int | None, Any] = {}

    def __call__(self, *args: Any, **options: Any) -> Any:
        if "torch" not in sys.modules or not _are_numbers(args):
            if self.only_tensors and any(map(_stands_for_numbers, args)):
                raise TypeError("it is code of torch, which takes tensors")
            return self.function(*args, **options)
        if self.dtype is not None:
            return self._called(self.dtype, args, options)
        first: Exception | None = None
        for dtype in self._ways():
            given = [a.copy() for a in args]
            try:
                result = self._called(dtype, given, options)
            except Exception as error:
                first = first or error
                continue
            _hand_back(given, args)
            if dtype or result is not None:
                self.dtype = dtype
            return result
        assert first is not None
        raise first

    def tensors(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The tensors that the function is given for these arrays."""
        return tuple(as_tensor(a, self.dtype or "float64") for a in arrays)

    def _ways(self) -> Sequence[str]:
        wide, narrow = "float64", "float32"
        return (wide, narrow, "") if prefers_tensors(self.function) else ("", wide, narrow)

    def _called(self, dtype: str, args: Sequence[Any], options: dict[str, Any]) -> Any:
        if not dtype:
            return self.function(*args, **options)
        given = [as_tensor(a, dtype) for a in args]
        result = as_arrays(self.function(*given, **options))
        _hand_back([tensor.detach().numpy() for tensor in given], args)
        return result


def _hand_back(after: Sequence[Any], args: Sequence[Any]) -> None:
    """What was done to copies of the arguments, done to them."""
    for own, a in zip(after, args, strict=True):
        if a.flags.writeable and not np.array_equal(own, a.astype(own.dtype), equal_nan=a.dtype.kind == "f"):
            a[...] = own


def on_arrays(function: Any) -> Any:
    """function, with its tensors made of the NumPy arrays that it is called with, where it takes tensors; itself where
    nobody has imported torch."""
    return function if "torch" not in sys.modules or isinstance(function, OnArrays) else OnArrays(function)


def unwrapped(function: Any) -> OnArrays | None:
    """The OnArrays inside of what holds it off, or None."""
    while function is not None and not isinstance(function, OnArrays):
        function = getattr(function, "__wrapped__", None)
    return function


def as_tensor(a: Any, dtype: str) -> Any:
    """A tensor of its own memory: floats of the dtype, integers as int64."""
    torch: Any = sys.modules["torch"]
    made = torch.from_numpy(np.array(a, copy=True, order="C"))
    if a.dtype.kind == "f":
        return made.to(getattr(torch, dtype))
    return made.to(torch.int64) if a.dtype.kind in "iu" else made


def as_arrays(value: Any) -> Any:
    """Tensors as NumPy arrays, also within tuples and lists; anything else as it is."""
    if isinstance(value, tuple | list):
        return (
            type(value)(as_arrays(v) for v in value) if not hasattr(value, "_fields") else tuple(map(as_arrays, value))
        )
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.Tensor):
        return value
    return _of_bfloat16(value.detach()) if value.dtype is torch.bfloat16 else value.numpy(force=True)


def _of_bfloat16(value: Any) -> Any:
    import ml_dtypes

    return value.float().numpy(force=True).astype(ml_dtypes.bfloat16)


def _stands_for_numbers(a: Any) -> bool:
    """Whether it is an array of balls, or a tracer or array of JAX."""
    if isinstance(a, np.ndarray):
        return a.dtype.kind == "O"
    return type(a).__module__.partition(".")[0] in ("jax", "jaxlib")


def _are_numbers(args: Sequence[Any]) -> bool:
    return bool(args) and all(isinstance(a, np.ndarray) and a.dtype.kind in "fiub" for a in args)


def prefers_tensors(function: Any) -> bool:
    """Whether it is a module, its arguments are annotated as tensors, or its code names torch and makes no tensors itself."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    if isinstance(function, torch.nn.Module):
        return True
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if any("Tensor" in str(p.annotation) for p in parameters if p.annotation is not p.empty):
        return True
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function) if callable(function) else function
    code = getattr(function, "__code__", None)
    if code is None:
        return (getattr(function, "__module__", None) or "").partition(".")[0] == "torch"
    names = set(_names(code))
    if names & CONVERSIONS:
        return False
    held = {**getattr(function, "__globals__", {}), **_closure(function)}
    return any(_is_of_torch(held.get(name), torch) for name in names)


def _is_of_torch(value: Any, torch: Any) -> bool:
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    own = isinstance(value, torch.nn.Module) or (inspect.isclass(value) and issubclass(value, torch.autograd.Function))
    return own or isinstance(value, torch.Tensor) or (isinstance(name, str) and name.partition(".")[0] == "torch")


def _closure(function: Any) -> dict[str, Any]:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    held = {}
    for name, cell in cells:
        try:
            held[name] = cell.cell_contents
        except ValueError:
            continue
    return held


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    yield from code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
