"""What is applied to a formula: functions, bars, roots, fractions, derivatives, sums and gradients."""

from __future__ import annotations

from oracle.proofs import nodes as n
from oracle.proofs.cursor import Cursor
from oracle.proofs.pieces import PieceParser
from oracle.proofs.tokens import FUNCTIONS

NAMED = {"\\" + name: name for name in FUNCTIONS}
OPERATOR_NAMES = frozenset({"erf", "erfc"})
TWO_ARGUMENTS = frozenset({"max", "min"})


class OperatorParser(PieceParser):
    """The part of the grammar whose words take operands, and say how far they reach."""

    def __init__(self, cursor: Cursor, layered: bool, functions: frozenset[str]) -> None:
        super().__init__(cursor, layered, functions)
        self.open_bars = 0

    def factor(self) -> n.Node:
        raise NotImplementedError

    def term(self) -> n.Node:
        raise NotImplementedError

    def script(self) -> n.Node:
        raise NotImplementedError

    def group(self) -> n.Node:
        self.c.expect("{")
        node = self.expression()
        self.c.expect("}")
        return node

    def comma_separated(self) -> list[n.Node]:
        parts = [self.expression()]
        while self.c.accept(","):
            parts.append(self.expression())
        return parts

    def absolute(self) -> n.Node:
        closing = "|" if self.c.next().text == "|" else "\\rvert"
        self.open_bars += 1
        body = self.expression()
        self.open_bars -= 1
        self.c.expect(closing)
        return n.Call("abs", (body,))

    def norm(self) -> n.Node:
        self.c.next()
        body = self.expression()
        self.c.expect("\\rVert")
        return n.Call("norm", (body,))

    def root(self) -> n.Node:
        self.c.next()
        return n.Call("sqrt", (self.group(),))

    def named_function(self) -> n.Node:
        name = NAMED.get(self.c.peek().text, self.c.peek().text)
        self.c.next()
        power = None
        if self.c.accept("^"):
            power = self.exponent()
            if power.denominator != 1 or power < 1:
                raise self.c.error(f"ambiguous: is {name}^{{{power}}} a power or an inverse?")
        if self.c.accept("("):
            arguments = tuple(self.comma_separated())
            self.c.expect(")")
            self.bare_operand, self.open_reach = False, ""
            if self.c.sees("("):
                raise self.c.error(f"ambiguous: how far \\{name} reaches is not said: write \\cdot after its argument")
        else:
            if name in TWO_ARGUMENTS:
                raise self.c.error(f"\\{name} needs parentheses")
            arguments = (self.factor(),)
            self.bare_operand, self.open_reach = True, ""
        if len(arguments) != (2 if name in TWO_ARGUMENTS else 1):
            raise self.c.error(f"{name} of {len(arguments)} arguments")
        call = n.Call(name, arguments)
        return call if power is None else n.Power(call, power)

    def fraction(self) -> n.Node:
        self.c.next()
        derivative = self.derivative()
        if derivative is not None:
            return derivative
        top = self.group()
        bottom = self.group()
        self.bare_operand, self.open_reach = False, ""
        return n.Quotient(top, bottom)

    def derivative(self) -> n.Node | None:
        r"""\frac{\partial X}{\partial Y}, \frac{\partial}{\partial Y}( … ), and the same with d; None for a plain fraction."""
        start, sign = self.c.at, self.c.peek(1).text
        if sign not in ("\\partial", "d"):
            return None
        self.c.next(), self.c.next()
        try:
            body = None if self.c.sees("}") else self.factor()
            self.c.expect("}"), self.c.expect("{"), self.c.expect(sign)
            by = self.factor()
            self.c.expect("}")
            if not isinstance(by, n.Symbol):
                raise self.c.error("a derivative is taken with respect to a symbol")
        except Exception:
            if sign == "d":  # the letter d, no derivative
                self.c.at = start
                return None
            raise
        if body is None:
            operand_in_parentheses = self.c.sees("(")
            body = self.factor()
            self.bare_operand = not operand_in_parentheses
            self.open_reach = "a derivative"
        else:
            self.bare_operand, self.open_reach = False, ""
        return n.Derivative(body, by)

    def big_sum(self) -> n.Node:
        self.c.next()
        self.c.expect("_")
        without = None
        if self.c.accept("{"):
            index = self.c.next().text
            if self.c.accept("="):
                self.c.expect("1")
            elif self.c.accept("\\ne"):
                without = self.c.next().text
            self.c.expect("}")
        else:
            index = self.c.next().text
        if not (len(index) == 1 and index.isalpha()):
            raise self.c.error("a sum runs over an index such as k:")
        upper = None
        if self.c.accept("^"):
            upper = self.script()
        return n.BigSum(index, upper, without, self.term())

    def gradient(self) -> n.Node:
        self.c.next()
        by: n.Node | None = None
        if self.c.accept("_"):
            braces = self.c.accept("{")
            by = self.symbol()
            if braces:
                self.c.expect("}")
        if not (by is None or isinstance(by, n.Symbol)):
            raise self.c.error("\\nabla is taken with respect to a symbol")
        operand_in_parentheses = self.c.sees("(")
        body = self.factor()
        self.bare_operand = True
        self.open_reach = "\\nabla" if operand_in_parentheses else ""
        return n.Gradient(body, by)
