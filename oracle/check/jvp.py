"""`check_jvp`: Jacobian–vector products of functions with array output, asked along every coordinate."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge
from oracle.candidate.inward import tangents_inside
from oracle.candidate.names import Called, called
from oracle.candidate.parameters import with_parameters
from oracle.check.along_coordinates import along_coordinates, called_jvp, is_moved, is_pair
from oracle.check.assumption import number_of_arguments
from oracle.check.inside_domains import kinds_of
from oracle.check.leaf_problems import Question
from oracle.check.listeners import heard
from oracle.check.products_by_example import vjp_by_example
from oracle.check.report import Report
from oracle.check.second_order import Asked
from oracle.check.sizes import have_names
from oracle.check.values import with_its_value
from oracle.check.vjp import check_vjp, script
from oracle.search.constants import signature_names

Array = NDArray[Any]

#: Every coordinate is asked for, so long arguments take long.
LENGTHS = (1, 17)


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
    a pair has to be fn's. options: those of `check_vjp`; without lengths or shapes the arguments have 1 to 17 entries,
    and so have the axes that shapes name.
    Raises CannotJudge where jvp does not return one array.
    """
    known = {p.name for p in inspect.signature(check_vjp).parameters.values() if p.kind is p.KEYWORD_ONLY}
    for unknown in options.keys() - known:
        raise TypeError(f"check_jvp() got an unexpected keyword argument {unknown!r}")
    if not callable(fn):
        raise CannotJudge(f"fn is of type {type(fn).__name__}: give a function")
    if not callable(jvp):
        raise CannotJudge(f"jvp is of type {type(jvp).__name__}: give a function of (primals, tangents)")
    if options.get("like") is not None:
        return _by_example(fn, jvp, domains, options)
    given = domains is None and options.get("shapes") is None
    count = (
        number_of_arguments(fn, fn) if given else len(domains if domains is not None else options.get("shapes") or ())
    )
    if options.get("lengths") is None and (options.get("shapes") is None or have_names(options["shapes"])):
        options["lengths"] = LENGTHS
    own = called(jvp, "jvp")
    options.setdefault("name", own.title)
    inside = tangents_inside(jvp, kinds_of(domains))
    report = check_vjp(fn, along_coordinates(inside, signature_names(fn, count)), domains, **options)
    lines = (*own.lines, "from oracle.check.along_coordinates import along_coordinates")
    report = replace(
        report,
        convention="",
        reproduction=script(report, Called(own.title, f"along_coordinates({own.expression})", lines)),
    )
    return _with_value(report, fn, jvp, domains, options, own) if report else report


def _with_value(
    report: Report, fn: Callable[..., Any], jvp: Callable[..., Any], domains: Any, options: dict[str, Any], own: Called
) -> Report:
    """The report, with what is to be said of the value where jvp returns a pair."""
    count = len(report.arguments) - 1
    seen = {"pairs": 0, "others": 0}

    def value(*arrays: Any) -> Any:
        result = called_jvp(jvp, arrays, tuple(np.ones(np.shape(a)) if is_moved(a) else a for a in arrays))
        seen["pairs" if is_pair(result) else "others"] += 1
        return result[0] if is_pair(result) else fn(*arrays)

    names = signature_names(fn, count)
    with_parameters(value, names)
    asked = Asked(domains, **{k: v for k, v in options.items() if k in OF_THE_QUESTION})
    ones = ", ".join(f"np.ones_like({name})" for name in names)
    given = ", ".join(names)
    expression = f"(lambda {given}: {own.expression}(({given},), ({ones},))[0])"
    found = with_its_value(report, fn, value, "jvp", asked, expression)
    return found if seen["pairs"] else report


def _by_example(fn: Any, jvp: Any, domains: Any, options: dict[str, Any]) -> Report:
    """Tangents, and what jvp returns, have the form of the arguments and of fn's output."""
    like, argnums, title = options.pop("like"), options.pop("argnums", None), options.pop("name", None)
    of_example = {key: options.pop(key, None) for key in ("lengths", "shapes", "static")}
    question, title = Question(domains, **options), title or called(jvp, "jvp").title
    return vjp_by_example(fn, jvp, like, argnums, title, question, forward=True, **of_example)
