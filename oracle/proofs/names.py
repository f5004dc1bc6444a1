"""Symbols as displayed: name, layer, sample, index, and functions with their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.proofs import nodes as n
from oracle.proofs.cursor import Cursor

if TYPE_CHECKING:
    from fractions import Fraction

#: What has a layer; E and C have at most a sample.
LAYERED = frozenset({"a", "z", "w", "W", "b", "delta", "Delta w", "Delta W", "Delta b"})
SAMPLED = frozenset({"E"})


class NameParser:
    """The part of the grammar that reads names.

    layered: on pages about a network a superscript of a, z, w, W, b, δ is a layer; elsewhere (one column a, one cost) it is
    a power, unless it is L, i or the like. functions: the names that the page defines as functions.
    """

    def __init__(self, cursor: Cursor, layered: bool, functions: frozenset[str]) -> None:
        self.c, self.layered, self.functions = cursor, layered, functions
        self.bare_operand = False
        self.open_reach = ""  # the operator that the last factor ends with, where it could be read to reach farther

    def expression(self) -> n.Node:
        raise NotImplementedError

    def exponent(self) -> Fraction:
        raise NotImplementedError

    def named(self) -> n.Node:
        """A symbol, a width n_i, or a function of the page with its arguments."""
        token = self.c.peek()
        name = token.text.lstrip("\\")
        if name != "sigma" and name not in self.functions:
            return self.symbol()
        following = 1
        while self.c.peek(following).text == "'":
            following += 1
        if self.c.peek(following).text != "(":
            if name == "sigma" or following > 1:
                raise self.c.error(f"{token.text} needs an argument in parentheses:")
            return self.symbol()
        self.c.next()
        for _ in range(following - 1):
            self.c.next()
        self.c.expect("(")
        arguments = [self.expression()]
        while self.c.accept(","):
            arguments.append(self.expression())
        self.c.expect(")")
        self.bare_operand, self.open_reach = False, ""
        return n.Call(name, tuple(arguments), following - 1)

    def symbol(self) -> n.Node:
        token = self.c.next()
        if token.kind not in ("letter", "command", "name"):
            raise self.c.error(f"unexpected {token.text!r}")
        name = token.text.lstrip("\\")
        if token.kind == "name" and name not in self.functions:
            raise self.c.error(f"{name} is no function that the page defines")
        if name == "e" and not self.c.sees("_"):
            raise self.c.error("e is Euler's number: write e^{…}, or another letter")
        if name in ("sigma", "infty", "partial", "boxed", "top", "mathsf"):
            raise self.c.error(f"unexpected {token.text}")
        if name == "Delta":
            name = f"Delta {self.c.next().text}"
        if name == "n":
            return n.Width(self.width_of_layer())
        layer = sample = None
        if self.superscript_is_layer(name):
            self.c.next()
            layer, sample = self.layer()
        index = self.index() if self.c.accept("_") else ()
        if layer is None and sample is None and index and self.superscript_is_layer(name):
            self.c.next()
            layer, sample = self.layer()
        if layer is None and name in SAMPLED and self.c.sees("^") and self.sample_follows():
            sample = self.sample()
            index = index or (self.index() if self.c.accept("_") else ())
        return n.Symbol(name, layer, sample, index)

    def superscript_is_layer(self, name: str) -> bool:
        if name not in LAYERED or not self.c.sees("^"):
            return False
        if self.transpose_follows(1):
            return False
        inside = self.c.peek(2) if self.c.peek(1).text == "{" else self.c.peek(1)
        return inside.kind == "letter" or (self.layered and inside.kind == "number")

    def layer(self) -> tuple[n.Layer, str | None]:
        braces = self.c.accept("{")
        token = self.c.next()
        base, offset = ("", int(token.text)) if token.kind == "number" else (token.text, 0)
        sample = None
        if braces and self.c.sees_any(("+", "-")):
            sign = -1 if self.c.next().text == "-" else 1
            shift = self.c.next()
            if shift.kind != "number":
                raise self.c.error("a layer is counted from another by a number, such as i+1:")
            offset += sign * int(shift.text)
        if braces and self.c.accept(","):
            sample = self.c.next().text
        if braces:
            self.c.expect("}")
        return n.Layer(base, offset), sample

    def sample_follows(self) -> bool:
        inside = self.c.peek(2) if self.c.peek(1).text == "{" else self.c.peek(1)
        return inside.kind == "letter" and not self.transpose_follows(1)

    def sample(self) -> str:
        self.c.expect("^")
        braces = self.c.accept("{")
        name = self.c.next().text
        if braces:
            self.c.expect("}")
        return name

    def width_of_layer(self) -> n.Layer | None:
        if not self.c.accept("_"):
            return None
        return self.layer()[0]

    def index(self) -> tuple[str, ...]:
        if not self.c.sees("{"):
            return (self.one_index(),)
        self.c.next()
        found = []
        while not self.c.accept("}"):
            if not self.c.accept(","):
                found.append(self.one_index())
        return tuple(found)

    def one_index(self) -> str:
        token = self.c.next()
        if token.kind not in ("letter", "number"):
            raise self.c.error(f"{token.text!r} is no index")
        return token.text

    def transpose_follows(self, ahead: int) -> bool:
        """Whether, `ahead` tokens on, T stands as a superscript: ^T, ^{T}, ^\\top, ^{\\mathsf T}."""
        texts = [self.c.peek(ahead + k).text for k in range(4)]
        return texts[0] in ("T", "\\top") or texts[:3] == ["{", "T", "}"] or texts[:3] == ["{", "\\top", "}"]

    def at_transpose(self) -> bool:
        if not self.transpose_follows(0):
            return False
        if self.c.accept("{"):
            self.c.next()
            self.c.expect("}")
        else:
            self.c.next()
        return True
