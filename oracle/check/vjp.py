"""`check_vjp`: vector–Jacobian products of functions with array output, as gradients of Σ c·fn(x) for a cotangent c."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge, Misconduct
from oracle.candidate.guard import Stopped
from oracle.candidate.names import Called, called
from oracle.check.gradient import check_gradient
from oracle.check.listeners import heard
from oracle.check.report import Report
from oracle.check.reproduction import of_vjp

Array = NDArray[Any]


class Declined(CannotJudge):
    """The rule gives None: it does not differentiate by this argument."""


@heard
def check_vjp(
    fn: Callable[..., Any],
    vjp: Callable[..., Any],
    domains: Sequence[Any] = ("real",),
    *,
    seed: int = 0,
    argnums: Sequence[int] | None = None,
    name: str | None = None,
    **options: Any,
) -> Report:
    """Is vjp(*arrays, cotangent) the tuple of vector–Jacobian products of fn, one for each argument?

    Each argument (or those of `argnums`) is checked by `check_gradient` on Σ c·fn(*arrays), with a cotangent c of random short
    decimals, never all ones: the sum of a softmax is constant, and tests nothing. The first report that is not `right` is
    returned, else the last. An entry None declines to differentiate by that argument, and is not judged. A vjp that changes its
    cotangent, or returns its memory, is wrong. seed: draws the cotangents. Takes the other options of `check_gradient` but for
    argnum. Raises CannotJudge where vjp does not return a tuple with one entry for each argument.
    """
    count = len(domains)
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise CannotJudge(f"seed = {seed!r}: give a whole number of at least 0")
    title = name or called(vjp).title
    report: Report | None = None
    declined: list[int] = []
    for argnum in range(count) if argnums is None else argnums:
        try:
            report = check_gradient(
                _weighted(fn, seed),
                _component(fn, vjp, argnum, count, seed),
                domains,
                argnum=argnum,
                name=f"{title}, argument {argnum}",
                **options,
            )
        except Declined:
            declined.append(argnum)
            continue
        if not report:
            break
    if report is None:
        raise CannotJudge("vjp gives None for every argument" if declined else "no argument is to be checked")
    notes = tuple(f"vjp gives None for argument {k}, which is not judged" for k in declined)
    shown = script(report, called(fn, "fn"), called(vjp, "vjp"), seed)
    return replace(report, notes=(*report.notes, *notes), reproduction=shown)


def cotangent(shape: tuple[int, ...], seed: int) -> Array:
    """Multiples of ⅛ between −2.5 and 2.5, none zero, the same for the same shape and seed: exact in every dtype that is judged."""
    rng = np.random.default_rng([seed, *shape])
    return rng.integers(1, 21, shape) / 8 * rng.choice([-1.0, 1.0], shape)


def _weighted(fn: Callable[..., Any], seed: int) -> Callable[..., Any]:
    @functools.wraps(fn)
    def weighted(*arrays: Any) -> Any:
        y = fn(*arrays)
        if y is None or isinstance(y, tuple | list | dict):
            raise Stopped(f"fn returned {'None' if y is None else f'a {type(y).__name__}'}; it must return one array")
        return (y * cotangent(np.shape(y), seed)).sum()

    return weighted


def _component(
    fn: Callable[..., Any], vjp: Callable[..., Any], argnum: int, count: int, seed: int
) -> Callable[..., Any]:
    @functools.wraps(vjp)
    def component(*arrays: Any) -> Any:
        c = cotangent(np.shape(fn(*arrays)), seed)
        before = c.copy()
        result = vjp(*arrays, c)
        if not np.array_equal(before, c):
            raise Misconduct("it changes its cotangent")
        if not isinstance(result, tuple | list) or len(result) != count:
            what = f"{len(result)} arrays" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
            raise CannotJudge(f"vjp returned {what}; it must return a tuple of {count}, one array for each argument")
        if result[argnum] is None:
            raise Declined(f"vjp gives None for argument {argnum}")
        if isinstance(result[argnum], np.ndarray) and np.shares_memory(result[argnum], c):
            raise Misconduct(
                "it returns its cotangent's memory, so that whoever writes to the product changes the cotangent"
            )
        return result[argnum]

    return component


def script(report: Report, fn: Called, vjp: Called, seed: int = 0) -> str:
    """What shows again what the report says, with the cotangent that a vjp needs; nothing where there is no counterexample."""
    if report.counterexample is None:
        return ""
    argnum = int(report.name.rpartition(" ")[2])
    return of_vjp(fn, vjp, report.counterexample, report.arguments, report.component, argnum, seed, report.complaint)
