"""ln over the prime field: a product's logarithm is taken apart as it is displayed, since no function there is a logarithm."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.errors import Resample


def logarithm(evaluator: Any, node: n.Node) -> Any:
    """ln of a positive formula: ln(xy) = ln x + ln y, ln x^k = k ln x, ln e^x = x, and a sum's common exponential in front."""
    f = evaluator.f
    if f.sign(evaluator.scalar(node)) <= 0:
        raise Resample
    if isinstance(node, n.Product):
        return total([logarithm(evaluator, factor) for factor in node.factors])
    if isinstance(node, n.Quotient):
        return logarithm(evaluator, node.top) - logarithm(evaluator, node.bottom)
    if isinstance(node, n.Power):
        return f.number(node.exponent) * logarithm(evaluator, node.body)
    if isinstance(node, n.Call) and node.name == "exp":
        return evaluator.scalar(node.arguments[0])
    if isinstance(node, n.Call) and node.name == "sqrt":
        return f.number(Fraction(1, 2)) * logarithm(evaluator, node.arguments[0])
    if isinstance(node, n.Sum) and len(node.terms) == 2:
        return of_two_terms(evaluator, node)
    return f.call("ln", evaluator.scalar(node))


def of_two_terms(evaluator: Any, node: n.Sum) -> Any:
    """ln(x + y) = ln x + ln(1 + y/x), or the other way round: of y/x and x/y always the same one, so that 1 + e^z and
    e^z (1 + e^−z) agree.
    """
    f, one = evaluator.f, evaluator.f.number(Fraction(1))
    values = [evaluator.scalar(term) for term in node.terms]
    if any(f.sign(value) <= 0 for value in values):
        return f.call("ln", values[0] + values[1])
    ratio = values[1] / values[0]
    first = 0 if ratio.v < (one / ratio).v else 1
    inside = one + (ratio if first == 0 else one / ratio)
    return logarithm(evaluator, node.terms[first]) + f.call("ln", inside)


def total(values: list[Any]) -> Any:
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result
