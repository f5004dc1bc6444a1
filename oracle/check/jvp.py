"""`check_jvp`: Jacobian–vector products of functions with array output, asked along every coordinate."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge, Misconduct, Raised
from oracle.candidate.names import Called, called
from oracle.check.assumption import number_of_arguments
from oracle.check.listeners import heard
from oracle.check.report import Report
from oracle.check.vjp import check_vjp, script
from oracle.search.constants import signature_names

Array = NDArray[Any]

#: Every coordinate is asked for, so long arguments take long.
LENGTHS = (1, 17)
#: Tangents of other sizes and either sign, in turn: a product is linear in its tangents. By powers of two nothing is rounded.
SIZES = (-16.0, 0.25, 1.0, 256.0, -1.0)


#: Options that the value of a pair is asked about with, too.
OF_THE_QUESTION = ("lengths", "shapes", "examples", "timeout", "accuracy")


@heard
def check_jvp(
    fn: Callable[..., Any], jvp: Callable[..., Any], domains: Sequence[Any] | None = None, **options: Any
) -> Report:
    """Is jvp(primals, tangents) the product of the Jacobian of fn at `primals` with `tangents`?

    jvp: takes two tuples, one array for each argument of fn, and returns an array of the shape of fn's output, or a pair (value,
    that array), as a rule of jax.custom_jvp does. It is asked along every coordinate of one argument at a time, with tangents of
    several sizes and either sign, and what it says together is judged as `check_vjp` judges a vector–Jacobian product; the value of
    a pair has to be fn's. options: those of `check_vjp`; without lengths or shapes the arguments have 1 to 17 entries.
    Raises CannotJudge where jvp does not return one array.
    """
    if not callable(jvp):
        raise CannotJudge(f"jvp is of type {type(jvp).__name__}: give a function of (primals, tangents)")
    given = callable(fn) and domains is None and options.get("shapes") is None
    count = (
        number_of_arguments(fn, fn) if given else len(domains if domains is not None else options.get("shapes") or ())
    )
    if options.get("lengths") is None and options.get("shapes") is None:
        options["lengths"] = LENGTHS
    own = called(jvp, "jvp")
    options.setdefault("name", own.title)
    report = check_vjp(fn, along_coordinates(jvp, signature_names(fn, count)), domains, **options)
    lines = (*own.lines, "from oracle.check.jvp import along_coordinates")
    report = replace(
        report, reproduction=script(report, Called(own.title, f"along_coordinates({own.expression})", lines))
    )
    return _with_value(report, fn, jvp, domains, options, own) if report else report


def _with_value(
    report: Report, fn: Callable[..., Any], jvp: Callable[..., Any], domains: Any, options: dict[str, Any], own: Called
) -> Report:
    """The report, with what is to be said of the value where jvp returns a pair."""
    from oracle.check.second_order import Asked
    from oracle.check.values import with_its_value

    count = len(report.arguments) - 1
    seen = {"pairs": 0, "others": 0}

    def value(*arrays: Any) -> Any:
        result = _called(jvp, arrays, tuple(np.ones(np.shape(a)) if _is_moved(a) else a for a in arrays))
        seen["pairs" if _is_pair(result) else "others"] += 1
        return result[0] if _is_pair(result) else fn(*arrays)

    names = signature_names(fn, count)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    value.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in names])  # type: ignore[attr-defined]
    asked = Asked(domains, **{k: v for k, v in options.items() if k in OF_THE_QUESTION})
    ones = ", ".join(f"np.ones_like({name})" for name in names)
    given = ", ".join(names)
    expression = f"(lambda {given}: {own.expression}(({given},), ({ones},))[0])"
    found = with_its_value(report, fn, value, "jvp", asked, expression)
    return found if seen["pairs"] else report


def _is_moved(x: Any) -> bool:
    return bool(getattr(x, "dtype", np.dtype(float)).kind in "fVO")


def _is_pair(result: Any) -> bool:
    return isinstance(result, tuple | list) and len(result) == 2


def along_coordinates(jvp: Callable[..., Any], names: Sequence[str] = ()) -> Callable[..., tuple[Any, ...]]:
    """vjp(*arrays, cotangent) from jvp(primals, tangents): its entry k is Σ c·jvp along the coordinate k."""

    @functools.wraps(jvp)
    def vjp(*arrays: Any) -> tuple[Any, ...]:
        *primals, cotangent = arrays
        return tuple(_by_argument(jvp, primals, n, cotangent) for n in range(len(primals)))

    parameters = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in (*names, "cotangent_of_jvp")]
    vjp.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return vjp


def _by_argument(jvp: Callable[..., Any], primals: Sequence[Any], number: int, cotangent: Any) -> Any:
    """The product of the cotangent with the Jacobian by one argument; None for integers."""
    x = primals[number]
    if not _is_moved(x):
        return None
    entries = []
    for k in range(int(np.size(x))):
        size = SIZES[k % len(SIZES)]
        direction = np.zeros(np.shape(x))
        direction.flat[k] = size
        tangents = [np.zeros(np.shape(p)) for p in primals]
        tangents[number] = direction
        result = _called(jvp, tuple(primals), tuple(tangents))
        entries.append((cotangent * _tangent(result, cotangent)).sum() / size)
    return _as_one(entries, np.shape(x))


def _called(jvp: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    try:
        return jvp(primals, tangents)
    except (CannotJudge, Misconduct):
        raise
    except Exception as error:
        shapes, words = ", ".join(str(np.shape(p)) for p in primals), (str(error).strip().splitlines() or [""])[0]
        raise Raised(
            f"jvp(primals, tangents) raised {type(error).__name__} at primals of shapes {shapes}: {words}"
        ) from error


def _tangent(result: Any, cotangent: Any) -> Any:
    """The tangent, of a pair (value, tangent) the second."""
    if _is_pair(result):
        result = result[1]
    if result is None or isinstance(result, tuple | list | dict):
        what = "None" if result is None else f"a {type(result).__name__}"
        raise CannotJudge(f"jvp returned {what}: it must return the tangent of fn's output, or a pair (value, tangent)")
    if np.shape(result) != np.shape(cotangent):
        raise CannotJudge(
            f"jvp returned the shape {np.shape(result)}; the output of fn has the shape {np.shape(cotangent)}"
        )
    return result


def _as_one(entries: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if type(entries[0]).__module__.partition(".")[0] in ("jax", "jaxlib"):
        import jax

        return jax.numpy.stack(entries).reshape(shape)
    return np.array(entries).reshape(shape)
