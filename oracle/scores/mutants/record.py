"""The record of the corpus: a function, a candidate for its gradient, and what is true of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from oracle.scores.mutants.truth import Formula, Truth

RIGHT, WRONG, INACCURATE = "right", "wrong", "inaccurate"

Domains = tuple[Any, ...]
Point = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Subject:
    """A function, a candidate for its gradient by argument `argnum`, and the label that a checker should find.

    `kind` is `family: detail`; for a wrong one it names the mistake. `where` lists points at which it is wrong (or
    loses its digits), called one after the other. `digits_only`: labelled wrong, but its formula is right and its
    program loses digits, or it is not finite at a point: what the verdict `inaccurate` is for, and so sees too.
    `extremes`: its digits are lost at extreme arguments alone, which make a verdict where they are asked for. `make`
    builds a gradient that keeps a state between its calls: `renewed()` is the subject with its state forgotten.
    """

    name: str
    kind: str
    label: str
    fn: Callable[..., Any]
    grad: Callable[..., Any]
    domains: Domains
    truth: Truth
    note: str = ""
    lengths: tuple[int, int] | None = None
    shapes: tuple[tuple[int, ...], ...] | None = None
    argnum: int = 0
    where: tuple[Point, ...] = ()
    digits_only: bool = False
    extremes: bool = False
    make: Callable[[], Callable[..., Any]] | None = None

    def renewed(self) -> Subject:
        return self if self.make is None else replace(self, grad=self.make())

    @property
    def family(self) -> str:
        return self.kind.partition(":")[0]


def right(
    name: str,
    kind: str,
    domains: Domains,
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    value: Formula,
    argnum: int = 0,
    **others: Any,
) -> Subject:
    """A right one. `value(m, *arrays)` is the formula of fn in mpmath's numbers, typed anew."""
    return Subject(name, kind, RIGHT, fn, grad, domains, Truth(value, argnum), argnum=argnum, **others)


def wrong(
    of: Subject, name: str, kind: str, grad: Callable[..., Any], where: Sequence[Point], **others: Any
) -> Subject:
    """The function of `of` with another, wrong, gradient."""
    return replace(of, name=name, kind=kind, label=WRONG, grad=grad, where=tuple(where), **{"note": "", **others})


def inaccurate(
    of: Subject, name: str, kind: str, grad: Callable[..., Any], where: Sequence[Point], **others: Any
) -> Subject:
    """The function of `of` with a right formula that loses its digits at `where`."""
    return replace(of, name=name, kind=kind, label=INACCURATE, grad=grad, where=tuple(where), **{"note": "", **others})


def stateful(
    of: Subject, name: str, kind: str, make: Callable[[], Callable[..., Any]], where: Sequence[Point], **others: Any
) -> Subject:
    """A wrong one whose gradient, built by `make`, remembers its calls."""
    return wrong(of, name, kind, make(), where, make=make, **others)
