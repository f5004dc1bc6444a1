"""`check_vjp`: vector–Jacobian products of functions with array output, as gradients of Σ c·fn(x) for a cotangent c."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate import CannotJudge
from oracle.check import check_gradient
from oracle.conclusion import import_of, name_of
from oracle.report import Report, arrays

Array = NDArray[Any]


class Declined(CannotJudge):
    """The rule gives None: it does not differentiate by this argument."""


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
    returned, else the last. An entry None declines to differentiate by that argument, and is not judged. Takes the other options of
    `check_gradient` but for argnum. Raises CannotJudge where vjp does not return a tuple with one entry for each argument.
    """
    count = len(domains)
    title = name or name_of(vjp)
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
    imports = [line for each in (fn, vjp) for line in import_of(each)]
    shown = script(report, imports, name_of(fn), name_of(vjp), seed)
    return replace(report, notes=(*report.notes, *notes), reproduction=shown)


def cotangent(shape: tuple[int, ...], seed: int) -> Array:
    """Multiples of ⅛ between −2.5 and 2.5, none zero, the same for the same shape and seed: exact in every dtype that is judged."""
    rng = np.random.default_rng([seed, *shape])
    return rng.integers(1, 21, shape) / 8 * rng.choice([-1.0, 1.0], shape)


def _weighted(fn: Callable[..., Any], seed: int) -> Callable[..., Any]:
    @functools.wraps(fn)
    def weighted(*arrays: Any) -> Any:
        y = fn(*arrays)
        return (y * cotangent(np.shape(y), seed)).sum()

    return weighted


def _component(
    fn: Callable[..., Any], vjp: Callable[..., Any], argnum: int, count: int, seed: int
) -> Callable[..., Any]:
    @functools.wraps(vjp)
    def component(*arrays: Any) -> Any:
        result = vjp(*arrays, cotangent(np.shape(fn(*arrays)), seed))
        if not isinstance(result, tuple | list) or len(result) != count:
            what = f"{len(result)} arrays" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
            raise CannotJudge(f"vjp returned {what}; it must return a tuple of {count}, one array for each argument")
        if result[argnum] is None:
            raise Declined(f"vjp gives None for argument {argnum}")
        return result[argnum]

    return component


def script(report: Report, imports: Sequence[str], fn: str, vjp: str, seed: int = 0) -> str:
    """What shows the number again, with the cotangent that a vjp needs; nothing where there is no counterexample."""
    if report.counterexample is None:
        return ""
    arguments = ", ".join(report.arguments)
    argnum = int(report.name.rpartition(" ")[2])
    index = f"[{', '.join(map(str, report.component))}]" if report.component else ""
    lines = ["import numpy as np", "from oracle.vjp import cotangent", *imports]
    lines += arrays(report.arguments, report.counterexample)
    lines.append(f"c = cotangent(np.shape({fn}({arguments})), {seed})")
    return "\n".join([*lines, f"print({vjp}({arguments}, c)[{argnum}]{index})"])
