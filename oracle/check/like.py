"""Example arguments, `like=`: what they are, what fn makes of them, and by which of them it is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import function_of_leaves, on_tensors
from oracle.candidate.leaves import Arguments, taken_apart
from oracle.candidate.outputs import Outputs, outputs_of
from oracle.check.assumption import positional
from oracle.search.constants import signature_names
from oracle.witnesses.tracing import double_precision


def example_arguments(fn: Any, like: Any, lengths: Any = None, shapes: Any = None, static: Any = ()) -> Arguments:
    """The example taken apart: `like` is a tuple with one for each argument of fn, or the only one; static: the names or numbers of
    arguments that stay as they are. Raises CannotJudge."""
    if not callable(fn):
        raise CannotJudge(f"fn is of type {type(fn).__name__}: give a function")
    if shapes is None and lengths is not None:
        raise CannotJudge(
            "like and lengths are both given: the example fixes the lengths already, where no shapes name axes"
        )
    args = like if type(like) in (tuple, list) else (like,)
    count = positional(fn)
    if not args or (count is not None and len(args) < count):
        raise CannotJudge(
            f"like holds {len(args)} example{'s' * (len(args) != 1)}, and fn takes {count} arguments: "
            "give a tuple with one for each, such as like=(params, x)"
        )
    names = signature_names(fn, len(args))
    found = taken_apart(tuple(args), names, static=_numbers_of(static, names))
    if not found.leaves:
        kinds = ", ".join(type(a).__name__ for a in args)
        raise CannotJudge(f"like holds no array of real or complex numbers ({kinds}): nothing can be differentiated")
    return found


def refuse_static(static: Any) -> None:
    """Raises CannotJudge where arguments are to stay as they are, and no example says how they are."""
    if static not in ((), None, []):
        raise CannotJudge(f"static = {static!r} says which example arguments stay as they are: give like=… as well")


def _numbers_of(static: Any, names: Sequence[str]) -> tuple[int, ...]:
    given = static if isinstance(static, tuple | list) else () if static is None else (static,)
    numbers = [names.index(k) if isinstance(k, str) and k in names else k for k in given]
    if not all(type(k) is int and 0 <= k < len(names) for k in numbers):
        raise CannotJudge(
            f"static = {static!r}: give names of arguments ({', '.join(names)}), or their numbers from 0, in a tuple"
        )
    return tuple(numbers)


def outputs_at(fn: Callable[..., Any], arguments: Arguments) -> Outputs:
    """The form of what fn returns, by calling it at the example. Raises CannotJudge where it raises, or returns no array."""
    given = arguments.filled([a.copy() for a in arguments.examples()], narrow=True)
    try:
        with np.errstate(all="ignore"):
            result = fn(*given)
    except Exception as error:
        words = (str(error).strip().splitlines() or [""])[0]
        raise CannotJudge(f"fn raised {type(error).__name__} at the example arguments: {words}") from error
    return outputs_of(result)


def checked_argnums(argnum: Any, arguments: Arguments, what: str = "argnum") -> tuple[int, ...]:
    """The numbers of the arguments that are differentiated. Raises CannotJudge."""
    given = argnum if isinstance(argnum, tuple | list) else (argnum,)
    count = len(arguments.args)
    if not given or not all(type(k) is int and 0 <= k < count for k in given) or len({*given}) < len(given):
        raise CannotJudge(f"{what} = {argnum!r}: there are {count} arguments, numbered from 0, each of them once")
    for k in given:
        if not arguments.of((k,)):
            name = arguments.names[k]
            raise CannotJudge(
                f"{what} = {argnum!r}: {name} holds no real or complex numbers, by which to differentiate"
            )
    return tuple(given)


def is_wide(fn: Callable[..., Any], arguments: Arguments) -> bool:
    """Whether fn takes float64 for what the example has in fewer bits, as far as that is known without a long computation."""
    if all(leaf.dtype == "float64" for leaf in arguments.leaves):
        return True
    wide = function_of_leaves(fn, arguments, None, narrow=False)
    arrays = [a.copy() for a in arguments.examples()]
    frameworks = {leaf.framework for leaf in arguments.leaves}
    try:
        with np.errstate(all="ignore"):
            if "jax" in frameworks:
                import jax

                with double_precision():
                    jax.eval_shape(wide, *arrays)
            else:
                on_tensors(wide, arguments)(*arrays)
    except Exception:  # whatever it raises, these are not its arguments
        return False
    return True
