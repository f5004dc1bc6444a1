"""How a function lets itself be differentiated, found out at one point."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import lift
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.taken_out import TakenOut, none_taken_out
from oracle.candidate.asking import CannotJudge, Raised
from oracle.witnesses.certified import ANOTHER
from oracle.witnesses.estimates import COARSE
from oracle.witnesses.function import ON_BALLS, ON_FLOATS, TRACED, Bounds, Function, of_torch
from oracle.witnesses.torch_way import Unlike
from oracle.witnesses.users_code import as_float, compiled, first_line, raising_is_undecidable

Array = NDArray[Any]


def prepare(fn: Callable[..., Any], args: Sequence[Array], argnum: int, bounds: Bounds) -> Function:
    """Finds the level of a function at one point. Raises CannotJudge where it is no scalar function of these arrays."""
    function = Function(fn, argnum, bounds)
    raised: Exception | None = None
    try:
        with np.errstate(all="ignore"):  # the points are ours to choose; what fn is worth there is asked in balls
            value = fn(*(a.copy() for a in args))
    except Exception as error:
        raised = error
    else:
        refuse_no_number(value)
        if np.asarray(value).dtype.kind in "iu":
            function.fn = as_float(fn)
    try:
        function.traced(args)
        return function
    except Exception as error:
        function.why = f"JAX cannot trace fn ({type(error).__name__}: {first_line(error)})"
    if raised is None and _lift(function, args):
        return function
    try:
        with none_taken_out():
            found = function.fn(*(lift(a) if a.dtype.kind == "f" else a for a in args))
        result = np.asarray(found, dtype=object)
        if result.shape == () and not isinstance(result.item(), float | int):
            function.level = ON_BALLS
            function.changing = _changing(fn, args)
            return _of_numpy(function, args)
    except TakenOut as taken:
        function.why += f"; {taken}"
    except Exception as error:
        function.why += f"; on balls it raises {type(error).__name__}"
    if raised is not None:
        raise Raised(f"fn raised {type(raised).__name__}: {first_line(raised)}") from raised
    function.level = ON_FLOATS
    function.changing = _changing(fn, args)
    if type(value).__module__.partition(".")[0] == "numpy" and _of_numpy(function, args).lift is not None:
        return function
    if type(value).__module__.partition(".")[0] in ("jax", "jaxlib"):
        function.fn = _compiled_where_it_can_be(function.fn, args)
    if function.changing:
        function.changing += ", which differences in floats cannot tell from a slope"
    return function


def _lift(function: Function, args: Sequence[Array]) -> bool:
    """Whether torch code could be brought to a jaxpr; `why` says what kept it."""
    if "torch" not in sys.modules:
        return False
    from oracle.witnesses.torch_lift import MISSING, lifted
    from oracle.witnesses.torch_way import NoTorch

    function.lift = lifted(function.fn)
    if function.lift is None:
        return False
    try:
        function.traced(args)
        return True
    except NoTorch:
        pass
    except ImportError:
        function.why = MISSING
    except (Undecidable, UnsupportedPrimitive) as error:
        function.why = of_torch(error)
    function.lift = None
    return False


def _of_numpy(function: Function, args: Sequence[Array]) -> Function:
    """The function, its NumPy code translated where that holds at these arguments."""
    if function.changing:
        return function
    from oracle.witnesses.numpy_lift import NumpyLift

    numpy_lift = NumpyLift(function.fn)
    try:
        numpy_lift.traced(args, function.argnum, function.bounds)
    except Unlike:
        return function
    function.lift, function.otherwise, function.level = numpy_lift, function.level, TRACED
    return function


def _changing(fn: Callable[..., Any], args: Sequence[Array]) -> str:
    """How two calls of fn differ by more than rounding, or nothing."""
    with np.errstate(all="ignore"), raising_is_undecidable():
        first, again = (float(np.asarray(fn(*(a.copy() for a in args)))) for _ in range(2))
    differ = abs(first - again) > COARSE * max(abs(first), abs(again))
    return f"{ANOTHER}: {first:.9g}, then {again:.9g}" if differ else ""


def refuse_no_number(value: Any) -> None:
    """Raises CannotJudge where fn returned what is no real number."""
    if value is None:
        raise CannotJudge("fn returned None; it must return one number")
    array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    if array.dtype.kind in "USbcmM" or (
        array.dtype == object and array.shape == () and not hasattr(value, "__float__")
    ):
        raise CannotJudge(f"fn returned a {type(value).__name__}; it must return one real number")
    if array.shape != ():
        raise CannotJudge(
            f"fn returned the shape {array.shape}; it must return one number (reduce it, or use check_vjp)"
        )


def _compiled_where_it_can_be(fn: Callable[..., Any], args: Sequence[Array]) -> Callable[..., Any]:
    """JAX code that has no gradient compiled, or as it is: one loop inside is else compiled anew at every call."""
    program = compiled(fn)
    try:
        program(*args)
    except Exception:
        return fn
    return program
