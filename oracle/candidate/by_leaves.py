"""Functions of any arguments, called with the arrays in them: `candidate/leaves.py` says which arrays these are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.candidate.arrays_of_frameworks import as_numpy, is_tensor, zero_tangent
from oracle.candidate.asking import CannotJudge, Raised
from oracle.candidate.inward import fn_inside, products_inside, tangents_inside
from oracle.candidate.leaves import CONVENTIONS, Arguments, Leaf
from oracle.candidate.outputs import Outputs
from oracle.candidate.pytrees import Unlike, picked
from oracle.candidate.tensors import OnArrays, as_arrays

Function = Callable[..., Any]


def function_of_leaves(
    fn: Function, arguments: Arguments, outputs: Outputs | None, *, narrow: bool, kinds: Sequence[str] = ()
) -> Any:
    """fn of the leaves, which returns what fn does, or that as one array. narrow: in the dtypes of the example; kinds: those of
    their domains, which leaves do not leave."""

    def called(*arrays: Any) -> Any:
        result = fn(*arguments.filled(arrays, narrow=narrow))
        return result if outputs is None else outputs.joined(result)

    return _named(fn_inside(called, kinds), fn, arguments, ())


class GradientEntry:
    """The part of grad(*arguments) that belongs to one leaf, `place` being where it stands in what grad returns; of None zeros,
    which is remembered. convention: of the gradient by a complex array, "jax" or "torch"."""

    def __init__(self, grad: Function, arguments: Arguments, leaf: Leaf, place: Sequence[Any], convention: str) -> None:
        functools.update_wrapper(self, grad, updated=())
        self.leaf_names = tuple(each.name for each in arguments.leaves)
        self.gave_none = False
        self._grad, self._arguments, self._leaf, self._place = grad, arguments, leaf, tuple(place)
        self._sign = CONVENTIONS[convention]

    def __call__(self, *arrays: Any) -> Any:
        result = self._grad(*self._arguments.filled(arrays, narrow=True))
        try:
            found = picked(result, self._place, "what grad returned")
        except Unlike as error:
            raise CannotJudge(
                f"{error}: grad must return one gradient in the form of each argument asked for (argnum, like)"
            ) from None
        if found is None and self._place:
            self.gave_none = True
            return np.zeros(np.shape(arrays[self._arguments.leaves.index(self._leaf)]))
        return _real_part(found, self._leaf, self._sign)


class TupleEntry:
    """One entry of the tuple that grad(*arrays) returns."""

    def __init__(self, grad: Function, position: int, count: int) -> None:
        functools.update_wrapper(self, grad, updated=())
        self._grad, self._position, self._count = grad, position, count

    def __call__(self, *arrays: Any) -> Any:
        result = self._grad(*arrays)
        if not isinstance(result, tuple | list) or len(result) != self._count:
            what = f"{len(result)} entries" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
            raise CannotJudge(
                f"grad returned {what}; argnum asks for a tuple of {self._count}, one gradient for each of its arguments"
            )
        return result[self._position]


def product_by_leaves(
    vjp: Function, arguments: Arguments, outputs: Outputs, convention: str, kinds: Sequence[str] = ()
) -> Any:
    """vjp(*arrays, cotangent) → one array for each leaf, None where vjp says so, from vjp(*arguments, cotangent) → a tuple with one
    entry for each argument, or for each that holds leaves."""
    sign = CONVENTIONS[convention]

    def called(*arrays: Any) -> tuple[Any, ...]:
        *values, cotangent = arrays
        given = cotangent if outputs.is_plain and cotangent.dtype == object else outputs.apart(cotangent, sign)
        result = vjp(*arguments.filled(values, narrow=True), given)
        return tuple(
            None if part is None else _real_part(part, leaf, sign)
            for leaf, part in zip(arguments.leaves, _entries(result, arguments), strict=True)
        )

    return _named(products_inside(called, kinds), vjp, arguments, ("cotangent",))


def _entries(result: Any, arguments: Arguments) -> list[Any]:
    count, holding = len(arguments.args), sorted({leaf.argument for leaf in arguments.leaves})
    if not isinstance(result, tuple | list) or len(result) not in (count, len(holding)):
        what = f"{len(result)} entries" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
        raise CannotJudge(f"vjp returned {what}; it must return a tuple of {count}, one entry for each argument")
    at = {n: n if len(result) == count else k for k, n in enumerate(holding)}
    try:
        return [
            picked(result[at[leaf.argument]], leaf.path, f"what vjp returned for {arguments.names[leaf.argument]}")
            for leaf in arguments.leaves
        ]
    except Unlike as error:
        raise CannotJudge(f"{error}: vjp must return for each argument what has its form") from None


def tangents_by_leaves(jvp: Function, arguments: Arguments, outputs: Outputs, kinds: Sequence[str] = ()) -> Any:
    """jvp(primals, tangents) of leaves from jvp(primals, tangents) of arguments; the tangent alone, as one array."""

    def called(primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        moved = arguments.filled(tangents, narrow=True, still=zero_tangent)
        try:
            result = jvp(arguments.filled(primals, narrow=True), moved)
        except (CannotJudge, KeyboardInterrupt):
            raise
        except Exception as error:
            words = (str(error).strip().splitlines() or [""])[0]
            raise Raised(f"jvp(primals, tangents) raised {type(error).__name__}: {words}") from error
        return as_arrays(outputs.joined(_tangent(result, outputs), "jvp"))

    return _named(tangents_inside(called, kinds), jvp, arguments, ())


def _tangent(result: Any, outputs: Outputs) -> Any:
    """The tangent; of a pair (value, tangent) the second, where the result is not of the form of the output itself."""
    if isinstance(result, tuple | list) and len(result) == 2 and not _has_form(result, outputs):
        return result[1]
    return result


def _has_form(result: Any, outputs: Outputs) -> bool:
    try:
        outputs.joined(result)
    except CannotJudge:
        return False
    return not outputs.is_plain


def _real_part(value: Any, leaf: Leaf, sign: float) -> Any:
    """What a gradient by a complex array says of one of its parts; of a real array it is the gradient."""
    if not leaf.part:
        return value
    array: Any = value if hasattr(value, "dtype") else as_numpy(value)
    is_complex = array.is_complex() if is_tensor(array) else array.dtype.kind == "c"
    if leaf.part == "real":
        return array.real if is_complex else array
    return sign * array.imag if is_complex else array * 0


def _named(called: Any, function: Any, arguments: Arguments, besides: Sequence[str]) -> Any:
    """The function under the name of the one that it calls; given tensors where the example holds some."""
    functools.update_wrapper(called, function, updated=())
    called.__name__ = getattr(function, "__name__", None) or type(function).__name__
    called.leaf_names = (*(leaf.name for leaf in arguments.leaves), *besides)
    return on_tensors(called, arguments)


def on_tensors(called: Any, arguments: Arguments) -> Any:
    """A function of leaves, given tensors of float64 where the example holds tensors."""
    if not any(leaf.framework == "torch" for leaf in arguments.leaves):
        return called
    made = OnArrays(called)
    made.dtype, made.only_tensors = "float64", True
    return made
