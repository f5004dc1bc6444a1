"""The candidate: the gradient that is judged, called as a user's program would call it, and what it must not do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: Significant bits of the dtypes that are judged, by name: bfloat16 is no dtype of NumPy's own.
BITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}


class CannotJudge(ValueError):
    """The question cannot be put: no verdict, one sentence."""


class Raised(CannotJudge):
    """fn or grad raised at some arguments: at others it may not."""


class Misconduct(Exception):
    """What a candidate does that no gradient may, where only the function around it can see that: a complaint."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What grad(*args) returned: `value` if it is an array of the right shape and a floating dtype, else `complaint` says why not.

    A complaint with a value is about behaviour: it changed its argument, answered otherwise the second time, or handed out one
    array twice. note: what is no mistake, and worth a word: the value is a copy of an answer that is an argument's own memory.
    """

    value: Array | None
    complaint: str = ""
    note: str = ""


#: What says that a tuple is meant.
OPTIONS = "argnum=(0, 1) (gradients by these arguments) or returns= (value_and_grad, grad_and_hess)"
SHARED = "what is returned is the memory of argument {0} itself: whoever writes to the gradient changes argument {0}"


def ask(
    grad: Callable[..., Any],
    args: Sequence[Array],
    argnum: int,
    inside: Callable[[Sequence[Array]], bool] = lambda args: True,
) -> Answer:
    """Calls grad twice on copies, and a third time elsewhere inside the domains where it may have handed out one array twice.

    Raises CannotJudge where it raises or returns nothing.
    """
    try:
        return _asked(grad, args, argnum, inside)
    except Misconduct as found:
        return Answer(None, str(found))


def _asked(
    grad: Callable[..., Any], args: Sequence[Array], argnum: int, inside: Callable[[Sequence[Array]], bool]
) -> Answer:
    given = [a.copy() for a in args]
    first = _call(grad, given)
    for n, (before, after) in enumerate(zip(args, given, strict=True)):
        if not _same(before, after):
            return Answer(None, f"it changes its argument {n}")
    value = as_array(first)
    shape = args[argnum].shape
    _refuse_several(first, value, shape)
    if value.shape != shape:
        return Answer(None, f"it returns the shape {value.shape}; argument {argnum} has the shape {shape}")
    if value.dtype.name not in BITS:
        return Answer(None, f"it returns the dtype {value.dtype}; a gradient is one of {', '.join(BITS)}")
    kept = value.copy()
    shared = [n for n, a in enumerate(given) if value.flags.writeable and np.shares_memory(value, a)]
    note = SHARED.format(shared[0]) if shared else ""
    second = as_array(_call(grad, [a.copy() for a in args]))
    if second.shape != shape or not _same(kept, second):
        return Answer(kept, f"it answers otherwise the second time, at the same arguments: {_differing(kept, second)}")
    if isinstance(first, np.ndarray) and first.size and not note and np.shares_memory(value, second):
        other = [np.roll(a, 1, axis=-1) if a.ndim else a for a in args]
        if inside(other):
            _call(grad, other)
        if not _same(kept, value):
            return Answer(kept, "it returns the same array at every call: a later call overwrites an earlier result")
    return Answer(kept, note=note)


def _refuse_several(result: Any, value: Array, shape: tuple[int, ...]) -> None:
    """A pair such as (gradient, Hessian) is not the gradient: which of the two is meant is not ours to guess."""
    if not isinstance(result, tuple | list) or value.shape == shape or value.shape != (len(result), *shape):
        return
    if len(result) == 1:
        raise CannotJudge(
            f"grad returned a {type(result).__name__} of one array in it: it must return the array itself, as "
            "`lambda *arrays: grad(*arrays)[0]` does; argnum=(0,) takes such a tuple"
        )
    raise CannotJudge(
        f"grad returned a {type(result).__name__} of {len(result)} arrays, each shaped as the argument: check one entry at a "
        f"time, as `lambda *arrays: grad(*arrays)[0]` does, or say what they are by {OPTIONS}"
    )


def as_array(result: Any) -> Array:
    """The result as a NumPy array, bfloat16 kept. Raises CannotJudge for what is no array."""
    if result is None:
        raise CannotJudge("grad returned None; it must return an array shaped as the argument")
    if isinstance(result, dict):
        raise CannotJudge(
            f"grad returned a dict of {', '.join(map(repr, result)) or 'nothing'}; it must return one array, or with like= "
            "(example arguments) what has the form of its argument"
        )
    _refuse_ragged(result)
    try:
        value = np.asarray(result.detach() if hasattr(result, "detach") else result)
    except Exception as error:
        raise CannotJudge(f"grad returned a {type(result).__name__}, which is no array: {error}") from error
    no_array = value.dtype == object and value.ndim == 0 and not isinstance(result, np.ndarray)
    if value.dtype.kind in "USmM" or no_array:
        raise CannotJudge(
            f"grad returned a {type(result).__name__} of {value.dtype}; it must return an array of floats"
        )
    return value


def _refuse_ragged(result: Any) -> None:
    """Arrays of several shapes, as gradients by several arguments are."""
    if isinstance(result, tuple | list) and len({np.shape(part) for part in result if hasattr(part, "shape")}) > 1:
        shapes = " and ".join(str(tuple(np.shape(part))) for part in result[:4])
        raise CannotJudge(
            f"grad returned a {type(result).__name__} of {len(result)} arrays of the shapes {shapes}, where one array is expected: "
            f"say what they are by {OPTIONS}"
        )


def _call(grad: Callable[..., Any], args: Sequence[Array]) -> Any:
    try:
        with np.errstate(all="ignore"):  # what comes out is what is judged
            return grad(*args)
    except (CannotJudge, Misconduct):
        raise
    except Exception as error:
        shapes, words = ", ".join(str(a.shape) for a in args), (str(error).strip().splitlines() or [""])[0]
        raise Raised(f"grad raised {type(error).__name__} at arguments of shapes {shapes}: {words}") from error


def _same(x: Array, y: Array) -> bool:
    return bool(x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes()) or bool(
        x.shape == y.shape and np.array_equal(x.astype(np.float64), y.astype(np.float64), equal_nan=True)
    )


def _differing(x: Array, y: Array) -> str:
    if x.shape != y.shape:
        return f"first of shape {x.shape}, then {y.shape}"
    at = int(np.flatnonzero(~((x == y) | ((x != x) & (y != y))).ravel())[0])
    return f"component {at} first {float(x.flat[at]):.17g}, then {float(y.flat[at]):.17g}"
