"""A formula without the brackets that change nothing: 2 + (t − 1) is 2 + t − 1, and 3 (x y) is 3 x y."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.proofs import nodes as n


def regrouped(node: n.Node) -> n.Node:
    """The formula with sums in sums, products in products and double signs dissolved."""
    changed: n.Node = n.rewrite(node, dissolved)
    return changed


def dissolved(part: n.Node) -> n.Node:
    if isinstance(part, n.Sum):
        return n.Sum(tuple(term for each in part.terms for term in terms_of(each)))
    if isinstance(part, n.Product):
        parts = (x.factors if isinstance(x, n.Product) else (x,) for x in part.factors)
        return n.Product(tuple(factor for factors in parts for factor in factors))
    if isinstance(part, n.Negative) and isinstance(part.body, n.Negative):
        return part.body.body
    return part


def terms_of(node: n.Node) -> Iterator[n.Node]:
    """The terms that a term of a sum is made of, itself if it is no sum."""
    if isinstance(node, n.Sum):
        yield from node.terms
    elif isinstance(node, n.Negative) and isinstance(node.body, n.Sum):
        yield from (x.body if isinstance(x, n.Negative) else n.Negative(x) for x in node.body.terms)
    else:
        yield node
