"""What is evidently not negative: squares, absolute values, powers of e, what a condition says, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from oracle.proofs import nodes as n

#: Functions without a negative value.
NEVER_NEGATIVE = frozenset({"abs", "norm", "exp", "sqrt", "cosh", "erfc"})
ALWAYS_POSITIVE = frozenset({"exp", "cosh", "erfc"})
ZERO = n.Number(Fraction(0))


def evidently_at_least(left: n.Node, right: n.Node, conditions: Sequence[n.Comparison]) -> bool:
    """Whether left ≥ right is evident once their common terms are dropped."""
    mine, theirs = terms(left), terms(right)
    for term in list(theirs):
        if term in mine:
            mine.remove(term)
            theirs.remove(term)
    rest = [*mine, *(negated(term) for term in theirs)]
    return not rest or not_negative(n.Sum(tuple(rest)), conditions)


def terms(node: n.Node) -> list[n.Node]:
    if isinstance(node, n.Sum):
        return [part for term in node.terms for part in terms(term)]
    return [] if node == ZERO else [node]


def negated(node: n.Node) -> n.Node:
    return node.body if isinstance(node, n.Negative) else n.Negative(node)


def not_negative(node: n.Node, conditions: Sequence[n.Comparison]) -> bool:
    """Whether the formula is at least 0, evidently, where the conditions hold."""
    if isinstance(node, n.Number):
        return node.value >= 0
    if stated(node, conditions, strictly=False) or isinstance(node, n.Width | n.Kronecker):
        return True
    if isinstance(node, n.Power):
        return node.exponent.numerator % 2 == 0 or node.exponent.denominator == 2 or not_negative(node.body, conditions)
    if isinstance(node, n.Sum):
        return all(not_negative(term, conditions) for term in node.terms)
    if isinstance(node, n.Product):
        return all(not_negative(part, conditions) for part in unpaired(node.factors))
    if isinstance(node, n.Quotient):
        return not_negative(node.top, conditions) and positive(node.bottom, conditions)
    if isinstance(node, n.BigSum):
        return not_negative(node.body, conditions)
    if isinstance(node, n.Call):
        return node.name in NEVER_NEGATIVE or (
            node.name == "max" and any(not_negative(argument, conditions) for argument in node.arguments)
        )
    if isinstance(node, n.Cases):
        return all(not_negative(b.value, (*conditions, *b.conditions)) for b in node.branches)
    return isinstance(node, n.Symbol) and node.name in ("m", "L", "pi")


def positive(node: n.Node, conditions: Sequence[n.Comparison]) -> bool:
    if isinstance(node, n.Number):
        return node.value > 0
    if stated(node, conditions, strictly=True) or isinstance(node, n.Width):
        return True
    if isinstance(node, n.Product | n.Quotient):
        return all(positive(part, conditions) for part in n.children(node))
    if isinstance(node, n.Power):
        return positive(node.body, conditions)
    if isinstance(node, n.Sum):
        some = any(positive(term, conditions) for term in node.terms)
        return some and all(not_negative(term, conditions) for term in node.terms)
    if isinstance(node, n.BigSum):
        return node.without is None and positive(node.body, conditions)
    if isinstance(node, n.Call):
        return node.name in ALWAYS_POSITIVE
    return isinstance(node, n.Symbol) and node.name in ("m", "L", "pi")


def unpaired(factors: Sequence[n.Node]) -> list[n.Node]:
    """The factors without pairs of equal ones, which are squares."""
    left: list[n.Node] = []
    for factor in factors:
        if factor in left:
            left.remove(factor)
        else:
            left.append(factor)
    return left


def stated(node: n.Node, conditions: Sequence[n.Comparison], strictly: bool) -> bool:
    """Whether a condition says that the formula is positive, or at least 0: v - g for g \\le v."""
    wanted = sorted(terms(node), key=repr)
    for larger, sign, smaller in comparisons(conditions):
        if sign == "\\ge" and strictly:
            continue
        difference = [*terms(larger), *(negated(term) for term in terms(smaller))]
        if sorted(difference, key=repr) == wanted:
            return True
        if isinstance(smaller, n.Number) and smaller.value >= 0 and larger == node:
            return not strictly or sign == ">" or smaller.value > 0
    return False


def comparisons(conditions: Sequence[n.Comparison]) -> Iterator[tuple[n.Node, str, n.Node]]:
    """(larger, > or \\ge, smaller) for each inequality."""
    for condition in conditions:
        for left, sign, right in zip(condition.sides, condition.operators, condition.sides[1:], strict=False):
            if sign in (">", "\\ge"):
                yield left, sign, right
            elif sign in ("<", "\\le"):
                yield right, {"<": ">", "\\le": "\\ge"}[sign], left
