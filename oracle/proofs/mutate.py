"""One small change to a displayed equation, in every possible way: what slips of the pen and of understanding look like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.tokens import Token

#: Tokens of one kind, each of which is mistaken for the others.
FAMILIES = (
    ("a", "z", "\\delta"),
    ("W", "w", "b"),
    ("E", "a"),
    ("j", "k", "l", "i"),
    ("i", "L"),
    ("r", "j"),
    ("+", "-"),
    ("\\odot", "\\cdot"),
    ("\\exp", "\\ln", "\\tanh"),
    ("\\sinh", "\\cosh", "\\tanh"),
    ("\\max", "\\min"),
    ("\\partial", "d"),
    ("n", "m"),
    ("\\eta", "\\tau"),
)


def token_mutants(tokens: Sequence[Token], end: int) -> Iterator[tuple[str, int, list[Token]]]:
    """(what was changed, where, tokens): each of the first `end` tokens replaced by neighbours, dropped, swapped with the next."""
    for k in range(end):
        token = tokens[k]
        if token.kind in ("text", "tag", "begin", "end", "newline") or token.text in ("&", "\\boxed"):
            continue
        rest = list(tokens)
        for other in neighbours(token):
            yield f"{token.text} → {other}", k, [*rest[:k], Token(token.kind, other, token.line), *rest[k + 1 :]]
        yield f"{token.text} dropped", k, [*rest[:k], *rest[k + 1 :]]
        if k + 1 < end and tokens[k + 1].text != token.text and tokens[k + 1].kind not in ("text", "begin", "end"):
            yield f"{token.text} {tokens[k + 1].text} swapped", k, [*rest[:k], tokens[k + 1], token, *rest[k + 2 :]]


def neighbours(token: Token) -> list[str]:
    if token.kind == "number":
        if "." in token.text:
            return [str(Fraction(token.text) + 1)] if Fraction(token.text).denominator == 1 else [token.text + "1"]
        value = int(token.text)
        return [str(value + 1)] + ([str(value - 1)] if value else [])
    found = [other for family in FAMILIES if token.text in family for other in family if other != token.text]
    return list(dict.fromkeys(found))


def tree_mutants(node: Any) -> Iterator[tuple[str, Any]]:
    """(what was changed, formula) for every node of the formula."""
    yield from here(node)
    for name in n.NAMES[type(node)]:
        value = getattr(node, name)
        if type(value) in n.IS_NODE and not (isinstance(node, n.Derivative | n.Gradient) and name == "by"):
            for label, changed in tree_mutants(value):
                yield label, replace(node, **{name: changed})
        elif type(value) is tuple and not isinstance(node, n.Comparison | n.Branch):
            for k, part in enumerate(value):
                if type(part) in n.IS_NODE:
                    for label, changed in tree_mutants(part):
                        yield label, replace(node, **{name: (*value[:k], changed, *value[k + 1 :])})
        elif type(value) is tuple and isinstance(node, n.Branch):
            continue


def here(node: Any) -> Iterator[tuple[str, Any]]:
    """The changes at the root of a formula."""
    if not isinstance(node, n.Branch | n.Comparison):
        yield "sign", node.body if isinstance(node, n.Negative) else n.Negative(node)
    if isinstance(node, n.Symbol):
        yield from of_symbol(node)
    elif isinstance(node, n.Sum):
        yield from ((f"term {k + 1} dropped", without(node.terms, k, n.Sum)) for k in range(len(node.terms)))
    elif isinstance(node, n.Product | n.Hadamard):
        kind, other = (n.Product, n.Hadamard) if isinstance(node, n.Product) else (n.Hadamard, n.Product)
        yield from ((f"factor {k + 1} dropped", without(node.factors, k, kind)) for k in range(len(node.factors)))
        yield "⊙ and matrix product exchanged", other(node.factors)
        yield "factors reversed", kind(node.factors[::-1])
    elif isinstance(node, n.Quotient):
        yield "denominator dropped", node.top
        yield "fraction inverted", n.Quotient(node.bottom, node.top)
    elif isinstance(node, n.Power):
        yield "power dropped", node.body
    elif isinstance(node, n.Transpose):
        yield "transpose dropped", node.body
    elif isinstance(node, n.Call):
        yield f"{node.name} dropped", node.arguments[0]
        if node.name == "sigma":
            yield "prime added", replace(node, primes=node.primes + 1)
        if node.primes:
            yield "prime dropped", replace(node, primes=node.primes - 1)
    elif isinstance(node, n.BigSum):
        yield "sum dropped", node.body
        yield "sum over the others", replace(node, without=None)
    elif isinstance(node, n.Kronecker):
        yield "Kronecker symbol dropped", n.Number(Fraction(1))
    elif isinstance(node, n.Derivative):
        yield "derivative dropped", node.body
        yield from ((label, replace(node, by=by)) for label, by in of_symbol(node.by))
    elif isinstance(node, n.Entry):
        yield "indices exchanged", replace(node, index=node.index[::-1])


def of_symbol(node: n.Symbol) -> Iterator[tuple[str, n.Symbol]]:
    if node.layer is not None:
        for shift in (-1, 1):
            yield "neighbouring layer", replace(node, layer=replace(node.layer, offset=node.layer.offset + shift))
    if len(node.index) == 2:
        yield "indices exchanged", replace(node, index=node.index[::-1])
    if node.name == "W":
        yield "transposed", n.Transpose(node)  # type: ignore[misc]  # a derivative by it is refused as ill-formed


def without(parts: tuple[n.Node, ...], k: int, kind: Any) -> n.Node:
    rest = parts[:k] + parts[k + 1 :]
    return rest[0] if len(rest) == 1 else kind(rest)
