"""Where a cost lives, said beside the cost: `@oracle.takes("unit", "closed_unit", lengths=(1, 9))`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from oracle.candidate.asking import CannotJudge
from oracle.check.sizes import Lengths, Shapes, checked_lengths, checked_shapes, checked_sizes

F = TypeVar("F", bound=Callable[..., Any])

#: The attributes of a function that are read; whoever prefers not to import oracle sets them by hand.
ATTRIBUTES = ("domains", "lengths", "shapes", "argnum")
#: And these, of other things than where arguments live.
OTHERS = ("returns", "hess_at_least", "diagonal", "accuracy", "deliberate", "like", "static", "reference")


@dataclass(frozen=True)
class Declared:
    """What a function says of itself; None where it says nothing."""

    domains: tuple[Any, ...] | None = None
    lengths: Lengths | None = None
    shapes: Shapes | None = None
    argnum: int | None = None
    returns: str | None = None
    hess_at_least: bool | None = None
    diagonal: bool | None = None
    accuracy: float | None = None
    deliberate: str | None = None
    like: tuple[Any, ...] | None = None
    static: tuple[Any, ...] | None = None
    reference: Callable[..., Any] | None = None


def takes(
    *domains: Any,
    lengths: Lengths | None = None,
    shapes: Shapes | None = None,
    argnum: int | None = None,
    returns: str | None = None,
    hess_at_least: bool | None = None,
    diagonal: bool | None = None,
    accuracy: float | None = None,
    deliberate: str | None = None,
    like: Any = None,
    static: Any = None,
    reference: Callable[..., Any] | None = None,
) -> Callable[[F], F]:
    """Declares the domain of each argument of a cost, and how it is to be checked: `manualbp check` reads it.

    domains, lengths, shapes, argnum, returns, hess_at_least, accuracy: as in `oracle.check_gradient`; diagonal: whether a Hessian
    is a diagonal, as in `oracle.check_hessian`. deliberate: in a few words why the gradient is another than the derivative, such as
    "straight-through": it is then listed, and not judged; with reference, a function of the same arguments whose derivative it is
    meant to be (tanh for the sign), or a gradient that it is meant to equal, it is judged by that. like, static: example arguments,
    a tuple with one for each, and which of them stay as they are, as in `oracle.check_gradient`. It sets the attributes of those
    names, which may as well be set by hand. Raises CannotJudge, a ValueError, for what is no such declaration, and for a function
    that allows no attributes.
    """
    given: dict[str, Any] = {
        "domains": domains,
        "lengths": lengths,
        "shapes": shapes,
        "argnum": argnum,
        "returns": returns,
    }
    given |= {"hess_at_least": hess_at_least, "diagonal": diagonal, "accuracy": accuracy, "deliberate": deliberate}
    given |= {"like": like, "static": static, "reference": reference}
    _refuse(given)

    def declared(function: F) -> F:
        for name, value in given.items():
            if value is None or value == ():
                continue
            try:
                setattr(function, name, value)
            except (AttributeError, TypeError) as error:
                raise CannotJudge(
                    f"@oracle.takes cannot mark a {type(function).__name__}: put it directly above the def"
                ) from error
        return function

    return declared


def _refuse(given: dict[str, Any]) -> None:
    """Raises CannotJudge: what is said of a function in its file nobody would miss in a report."""
    from oracle.check.accuracy import checked_accuracy
    from oracle.check.pairs import KINDS
    from oracle.search.domains import as_domain

    if len(given["domains"]) == 1 and inspect.isfunction(given["domains"][0]):
        raise CannotJudge(
            "oracle.takes is given a function: put the domains in parentheses, as in @oracle.takes('unit'); a function that "
            "repairs a draw is oracle.as_domain(repair)"
        )
    try:
        for domain in given["domains"]:
            as_domain(domain)
    except (ValueError, TypeError) as error:
        raise CannotJudge(str(error)) from error
    if given["like"] is None:
        shapes = checked_shapes(given["shapes"])
        if checked_sizes(shapes, given["lengths"]) is None:
            checked_lengths(given["lengths"])
    checked_accuracy(given["accuracy"])
    argnum, returns, deliberate = given["argnum"], given["returns"], given["deliberate"]
    numbers = argnum if isinstance(argnum, tuple | list) else () if argnum is None else (argnum,)
    if not all(type(k) is int and k >= 0 for k in numbers):
        raise CannotJudge(f"argnum = {argnum!r}: give the number of an argument, from 0")
    if returns is not None and returns not in KINDS:
        raise CannotJudge(f"returns = {returns!r}: give one of {', '.join(map(repr, KINDS))}")
    for word in ("hess_at_least", "diagonal"):
        if not isinstance(given[word], bool | None):
            raise CannotJudge(f"{word} = {given[word]!r}: give True or False")
    if deliberate is not None and (not isinstance(deliberate, str) or not deliberate.strip()):
        raise CannotJudge(f"deliberate = {deliberate!r}: say in a few words why, such as 'straight-through'")
    if given["reference"] is not None and deliberate is None:
        raise CannotJudge(
            "reference says what a deliberate gradient is meant to be: say why, as in deliberate='straight-through'"
        )
    if given["reference"] is not None and not callable(given["reference"]):
        raise CannotJudge(f"reference is of type {type(given['reference']).__name__}: give a function")
    if given["like"] is not None and given["shapes"] is None and given["lengths"] is not None:
        raise CannotJudge("like fixes the lengths already: give no lengths beside it, or shapes with names as well")
    if given["static"] is not None and given["like"] is None:
        raise CannotJudge(
            f"static = {given['static']!r} says which example arguments stay as they are: give like=… as well"
        )


def declaration(*functions: Any) -> Declared:
    """What the first of the functions that says something says."""
    others = {name: next((v for v in (_own(f, name) for f in functions) if v is not None), None) for name in OTHERS}
    for function in functions:
        said: dict[str, Any] = {name: getattr(function, name, None) for name in ATTRIBUTES}
        domains = said["domains"]
        if isinstance(domains, str):
            said["domains"] = (domains,)
        elif domains is not None and not isinstance(domains, tuple | list):
            continue  # an attribute of that name which means something else
        if any(value is not None for value in said.values()):
            return Declared(
                _tuple(said["domains"]), _tuple(said["lengths"]), _tuple(said["shapes"]), said["argnum"], **others
            )
    return Declared(**others)


def _own(function: Any, name: str) -> Any:
    """An attribute that says what `takes` says; one of that name that means something else is left alone."""
    value = getattr(function, name, None)
    if name == "reference":
        return value if callable(value) else None
    if name == "like" and value is not None:
        return value if isinstance(value, tuple) else (value,)
    kinds: dict[str, type | tuple[type, ...]] = {"returns": str, "accuracy": (int, float), "deliberate": str}
    kinds["static"] = (str, int, tuple, list)
    found = value if isinstance(value, kinds.get(name, bool)) else None
    return found if name != "static" or found is None or isinstance(found, tuple | list) else (found,)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
