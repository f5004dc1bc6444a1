"""The syntax tree of a displayed formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's number: base + offset, where the base is L, a variable such as i, or nothing."""

    base: str
    offset: int = 0

    def __str__(self) -> str:
        if not self.base:
            return str(self.offset)
        return self.base + (f"{self.offset:+d}" if self.offset else "")


@dataclass(frozen=True, slots=True)
class Number:
    """digits: how many are displayed after the point."""

    value: Fraction
    digits: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Symbol:
    """name^{layer,sample}_{index}: index entries are letters, or numerals counted from 1."""

    name: str
    layer: Layer | None = None
    sample: str | None = None
    index: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Width:
    """n_i, the neurons of layer i; n alone has no layer."""

    layer: Layer | None


@dataclass(frozen=True, slots=True)
class Sum:
    """terms[0] + terms[1] + …; a difference has a Negative among its terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative:
    body: Node


@dataclass(frozen=True, slots=True)
class Product:
    """The product of numbers, or the matrix product."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Hadamard:
    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    top: Node
    bottom: Node


@dataclass(frozen=True, slots=True)
class Power:
    body: Node
    exponent: Fraction


@dataclass(frozen=True, slots=True)
class Transpose:
    body: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied: exp, ln, sigma, or one that the page defines; primes counts its derivatives."""

    name: str
    arguments: tuple[Node, ...]
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Derivative:
    """∂body/∂by; a column or matrix where `by` is one."""

    body: Node
    by: Symbol


@dataclass(frozen=True, slots=True)
class Gradient:
    """∇_by body, or ∇f(…) of a function that the page defines, where by is None."""

    body: Node
    by: Symbol | None


@dataclass(frozen=True, slots=True)
class BigSum:
    """Σ over `index`, up to `upper` where it is displayed, without the term `without` (Σ_{k ≠ j})."""

    index: str
    upper: Node | None
    without: str | None
    body: Node


@dataclass(frozen=True, slots=True)
class Kronecker:
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Entry:
    """[body]_j or [body]_{jk}."""

    body: Node
    index: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    entries: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Row by row, so many entries in each."""

    entries: tuple[Node, ...]
    columns: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """sides[0] operators[0] sides[1] …, such as 2 ≤ i < L."""

    sides: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """The value of the first branch whose conditions hold; conditions of `otherwise` are empty."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    value: Node
    conditions: tuple[Comparison, ...]


Node: TypeAlias = (
    Number
    | Symbol
    | Width
    | Sum
    | Negative
    | Product
    | Hadamard
    | Quotient
    | Power
    | Transpose
    | Call
    | Derivative
    | Gradient
    | BigSum
    | Kronecker
    | Entry
    | Column
    | Matrix
    | Comparison
    | Cases
    | Branch
)
KINDS = (
    Number,
    Symbol,
    Width,
    Sum,
    Negative,
    Product,
    Hadamard,
    Quotient,
    Power,
    Transpose,
    Call,
    Derivative,
    Gradient,
)
KINDS += (BigSum, Kronecker, Entry, Column, Matrix, Comparison, Cases, Branch)  # type: ignore[assignment]


NAMES = {kind: tuple(part.name for part in fields(kind)) for kind in KINDS}
IS_NODE = frozenset(KINDS)


def children(node: Any) -> Iterator[Any]:
    """The nodes directly below."""
    for name in NAMES[type(node)]:
        value = getattr(node, name)
        if type(value) in IS_NODE:
            yield value
        elif type(value) is tuple:
            yield from (part for part in value if type(part) in IS_NODE)


def walk(node: Any) -> Iterator[Any]:
    """The node and all below it."""
    found = [node]
    while found:
        node = found.pop()
        yield node
        found.extend(children(node))


def rewrite(node: Any, change: Any) -> Any:
    """The tree with `change` applied to every node, from the leaves up."""
    changed = {}
    for name in NAMES[type(node)]:
        value = getattr(node, name)
        if type(value) in IS_NODE:
            new = rewrite(value, change)
            if name == "by" and type(new) is not Symbol:
                continue  # a derivative is taken with respect to a symbol
        elif type(value) is tuple and any(type(part) in IS_NODE for part in value):
            new = tuple(rewrite(part, change) if type(part) in IS_NODE else part for part in value)
        else:
            continue
        if new != value:
            changed[name] = new
    return change(replace(node, **changed) if changed else node)
