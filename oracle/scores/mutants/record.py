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
class Product:
    """f(*arrays) -> array, and vjp(*arrays, cotangent) -> tuple, as `check_vjp` takes them."""

    fn: Callable[..., Any]
    vjp: Callable[..., Any]

    def paired(self, *arrays: Any) -> Any:
        """Σ c·f(*arrays)."""
        *args, c = arrays
        return (self.fn(*args) * c).sum()

    def entry(self, argnum: int) -> Callable[..., Any]:
        return lambda *arrays: self.vjp(*arrays)[argnum]


@dataclass(frozen=True, eq=False)
class Subject:
    """A function, a candidate for its gradient by argument `argnum`, and the label that a checker should find.

    `kind` is `family: detail`; for a wrong one it names the mistake. `where` lists points at which it is wrong (or
    loses its digits), called one after the other. `digits_only`: labelled wrong, but its formula is right and its
    program loses digits, or it is not finite at a point: what the verdict `inaccurate` is for, and so sees too.
    `extremes`: its digits are lost at extreme arguments alone, which make a verdict where they are asked for. `make`
    builds a gradient that keeps a state between its calls: `renewed()` is the subject with its state forgotten. `guise`
    names the arrays in which the points of `where` come (oracle.scores.mutants.guises), if not as fresh ones in C order.
    `product` is the function with array output and its vector–Jacobian product, where that is the question: fn is then
    Σ c·f(*arrays), its last argument c the cotangent, and grad the entry of the product for argument `argnum`.
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
    guise: str = ""
    product: Product | None = None

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


def right_product(
    name: str,
    kind: str,
    domains: Domains,
    product: Product,
    value: Formula,
    argnum: int = 0,
    **others: Any,
) -> Subject:
    """A right vector–Jacobian product. domains: of the arrays and of the cotangent; `value` is the formula of Σ c·f."""
    grad = product.entry(argnum)
    return right(name, kind, domains, product.paired, grad, value, argnum, product=product, **others)


def wrong_product(
    of: Subject, name: str, kind: str, vjp: Callable[..., Any], where: Sequence[Point], **others: Any
) -> Subject:
    """The function of `of`, a right product, with another, wrong, one."""
    assert of.product is not None
    product = Product(of.product.fn, vjp)
    return wrong(of, name, kind, product.entry(of.argnum), where, product=product, **others)


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
