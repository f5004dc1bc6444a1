"""The sizes at which something changes in a formula that reckons with widths, depths or samples, n − 7, max(L, 4), 1/(m − 2), or
compares a sum with a number, max(Σ_j a_j, 10).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.scope import Scope, reached

#: The widest layer, and the most samples, that a test affords; and the most layers.
WIDEST = 129
DEEPEST = 40
#: A sum that is compared with k has so many terms for each unit of it that what is drawn comes to more than k.
TERMS = (1, 2, 4)
CHOOSING = ("max", "min", "abs")


def turning_sizes(roots: Sequence[n.Node], scope: Scope) -> list[int]:
    """Those just past every number in formulas that reckon with a size, and those where what they reckon is 0; past every number
    that a sum is compared with. Raises ProofError where a size is compared with one that no test affords.
    """
    sizes = {k * terms + 1 for k in compared_sums(roots, scope) for terms in TERMS if k * terms < WIDEST}
    if not any(counts_as_value(root) for root in roots):
        return sorted(sizes)
    numbers = {
        abs(int(x.value)) for r in roots for x in n.walk(r) if isinstance(x, n.Number) and x.value.denominator == 1
    }
    too_large = [number for number in numbers if number >= WIDEST and any(compares(root, number) for root in roots)]
    if too_large:
        raise ProofError(f"widths and samples are tested up to {WIDEST}: nothing can be said of {min(too_large)}")
    too_deep = [k for k in numbers if k >= DEEPEST and any(compares(root, k, depth_counts) for root in roots)]
    if too_deep:
        raise ProofError(f"networks are tested up to {DEEPEST} layers: nothing can be said of {min(too_deep)}")
    vanishing = {size for root in roots for size in zero_sizes(root)}
    return sorted({k + 1 for k in numbers if 2 <= k < WIDEST} | vanishing | sizes)


def compared_sums(roots: Sequence[n.Node], scope: Scope) -> set[int]:
    """The numbers from 2 on, or the denominators, with which sums over neurons or samples are compared."""
    names = {x.name for root in roots for x in n.walk(root) if isinstance(x, n.Symbol | n.Call)}
    names |= set().union(*(reached(name, scope) for name in names))
    definitions = [d for name in sorted(names) if (d := scope.get(name)) is not None]
    summing = {d.name for d in definitions if sums(d.body, frozenset())}
    found = set[int]()
    for root in (*roots, *(d.body for d in definitions)):
        for node in filter(chooses, n.walk(root)):
            if sums(node, summing):
                values = [x.value for x in n.walk(node) if isinstance(x, n.Number)]
                found |= {abs(part) for value in values for part in (value.numerator, value.denominator)}
    return {k for k in found if 2 <= k < WIDEST}


def chooses(node: n.Node) -> bool:
    return isinstance(node, n.Comparison) or (isinstance(node, n.Call) and node.name in CHOOSING)


def sums(node: n.Node, names: Collection[str]) -> bool:
    """Whether it contains a sum, or one of these names."""
    return any(isinstance(x, n.BigSum) or (isinstance(x, n.Symbol) and x.name in names) for x in n.walk(node))


def zero_sizes(root: n.Node) -> Iterator[int]:
    """Where denominators made of widths, depths and numbers are 0, such as n − 7, and where what is compared changes sides."""
    pairs = [(x.bottom, n.Number(Fraction(0))) for x in n.walk(root) if isinstance(x, n.Quotient)]
    pairs += [x.arguments for x in n.walk(root) if isinstance(x, n.Call) and x.name in ("max", "min")]  # type: ignore[misc]
    pairs += [
        (x.arguments[0], n.Number(Fraction(0))) for x in n.walk(root) if isinstance(x, n.Call) and x.name == "abs"
    ]
    for left, right in pairs:
        for size in range(1, WIDEST):
            values = reckoned(left, size), reckoned(right, size)
            if None in values or not (counts_as_value(left) or counts_as_value(right)):
                break
            if values[0] == values[1]:
                yield from (size, size + 1)


def reckoned(node: n.Node, size: int) -> Fraction | None:
    """The value of what is made of numbers, widths, L and m, where all of these are that size; None for anything else."""
    if isinstance(node, n.Number):
        return node.value
    if isinstance(node, n.Width) or (isinstance(node, n.Symbol) and node.name in "Lm" and not node.index):
        return Fraction(size)
    parts = [reckoned(child, size) for child in n.children(node)]
    if not parts or any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    if isinstance(node, n.Negative):
        return -known[0]
    if isinstance(node, n.Sum):
        return sum(known, Fraction(0))
    if isinstance(node, n.Product):
        return math.prod(known, start=Fraction(1))
    if isinstance(node, n.Power) and node.exponent.denominator == 1 and 0 < node.exponent < 9:
        return known[0] ** node.exponent.numerator
    return None


def counts_as_value(root: n.Node) -> bool:
    """Whether a width, L or m stands in the formula for a number, not as the end of a sum."""
    ahead: list[n.Node] = [root]
    while ahead:
        node = ahead.pop()
        if isinstance(node, n.Width) or (isinstance(node, n.Symbol) and node.name in "Lm" and not node.index):
            return True
        ahead += [child for child in n.children(node) if not (isinstance(node, n.BigSum) and child is node.upper)]
    return False


def depth_counts(root: n.Node) -> bool:
    return any(isinstance(x, n.Symbol) and x.name == "L" and not x.index for x in n.walk(root))


def compares(root: n.Node, number: int, counted: Callable[[n.Node], bool] = counts_as_value) -> bool:
    """Whether a width or a count is compared with that number: by max, min, cases or a condition."""
    for node in n.walk(root):
        same = (isinstance(x, n.Number) and abs(x.value) == number for x in n.walk(node))
        if chooses(node) and counted(node) and any(same):
            return True
    return False
