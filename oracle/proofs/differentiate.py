"""Formulas differentiated as formulas: needed only where a derivative is itself differentiated."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.scope import Scope

ZERO, ONE = n.Number(Fraction(0)), n.Number(Fraction(1))


def slope(node: n.Node, by: str, scope: Scope) -> n.Node:
    """d node/d by, for numbers."""

    def of(part: n.Node) -> n.Node:
        return slope(part, by, scope)

    if isinstance(node, n.Number | n.Width):
        return ZERO
    if isinstance(node, n.Symbol):
        definition = scope.get(node.name)
        if node.name == by and not node.index:
            return ONE
        return of(definition.body) if definition and not definition.indices and not scope.means(node) else ZERO
    if isinstance(node, n.Sum):
        return n.Sum(tuple(of(term) for term in node.terms))
    if isinstance(node, n.Negative):
        return n.Negative(of(node.body))
    if isinstance(node, n.Product):
        parts = node.factors
        return n.Sum(tuple(n.Product((*parts[:k], of(part), *parts[k + 1 :])) for k, part in enumerate(parts)))
    if isinstance(node, n.Quotient):
        change = n.Sum((times(of(node.top), node.bottom), n.Negative(times(node.top, of(node.bottom)))))
        return n.Quotient(change, n.Power(node.bottom, Fraction(2)))
    if isinstance(node, n.Power):
        if node.exponent == 0:
            return ZERO
        return times(n.Number(node.exponent), n.Power(node.body, node.exponent - 1), of(node.body))
    if isinstance(node, n.Cases):
        return n.Cases(tuple(n.Branch(of(branch.value), branch.conditions) for branch in node.branches))
    if isinstance(node, n.Call) and len(node.arguments) == 1:
        return times(of_call(node, scope), of(node.arguments[0]))
    raise ProofError("this second derivative is not covered")


def of_call(node: n.Call, scope: Scope) -> n.Node:
    """f′ at the argument of f."""
    if scope.get(node.name) is not None or node.name == "sigma":
        return n.Call(node.name, node.arguments, node.primes + 1)
    if node.name not in SLOPES:
        raise ProofError(f"a second derivative of {node.name} is not covered")
    return SLOPES[node.name](node.arguments[0])


def times(*factors: n.Node) -> n.Node:
    return n.Product(factors)


def call(name: str, x: n.Node) -> n.Node:
    return n.Call(name, (x,))


def one_over(x: n.Node) -> n.Node:
    return n.Quotient(ONE, x)


SQUARE = Fraction(2)
SLOPES: dict[str, Callable[[n.Node], n.Node]] = {
    "exp": lambda x: call("exp", x),
    "ln": one_over,
    "sqrt": lambda x: one_over(times(n.Number(SQUARE), call("sqrt", x))),
    "tanh": lambda x: n.Sum((ONE, n.Negative(n.Power(call("tanh", x), SQUARE)))),
    "sinh": lambda x: call("cosh", x),
    "cosh": lambda x: call("sinh", x),
    "arctan": lambda x: one_over(n.Sum((ONE, n.Power(x, SQUARE)))),
    "abs": lambda x: n.Quotient(call("abs", x), x),
}
