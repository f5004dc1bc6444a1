"""The grammar of formulas: tokens into a syntax tree. Ambiguity is an error."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.operators import NAMED, OPERATOR_NAMES, OperatorParser

#: What ends a product.
STOP = frozenset({"+", "-", "=", ":=", "\\ne", ")", "]", "}", ",", "<", ">", "\\le", "\\ge", ".", "&", "\\approx"})
STOP |= {"\\leftarrow", "\\rVert", "\\rvert", ""}
#: Larger ones are not worked out.
LARGEST_POWER = 400
STOP_KINDS = frozenset({"text", "tag", "newline", "end", "end of block"})


class Grammar(OperatorParser):
    """Recursive descent: expression, term, factor, atom. See `NameParser` for symbols, `PieceParser` for cases, `OperatorParser`
    for what is applied to a formula."""

    def expression(self) -> n.Node:
        negative = self.c.accept("-")
        first = self.term()
        terms = [n.Negative(first) if negative else first]
        while self.c.sees_any(("+", "-")):
            sign = self.c.next().text
            term = self.term()
            terms.append(n.Negative(term) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else n.Sum(tuple(terms))

    def term(self) -> n.Node:
        factors, hadamard = [self.factor()], 0
        while not self.ends_term():
            if self.c.sees("/"):
                raise self.c.error("a slash is ambiguous, write \\frac{}{}:")
            if self.open_reach:
                raise self.c.error(
                    f"ambiguous: how far {self.open_reach} reaches is not said: put it and its operand in parentheses, "
                    "or all that it is applied to"
                )
            if self.c.accept("\\odot"):
                hadamard += 1
            elif not (self.c.accept("\\cdot") or self.c.accept("\\times")):
                self.check_juxtaposed(factors[-1])
                self.check_mixed(factors[-1])
            factors.append(self.factor())
        if hadamard and hadamard != len(factors) - 1:
            raise self.c.error("ambiguous: a product mixed with \\odot needs parentheses")
        if len(factors) == 1:
            return factors[0]
        return n.Hadamard(tuple(factors)) if hadamard else n.Product(tuple(factors))

    def check_juxtaposed(self, before: n.Node) -> None:
        """Raises ProofError where two factors stand side by side and could be read as something else than a product."""
        if self.bare_operand:
            raise self.c.error("ambiguous: put the operand of a function or derivative in parentheses, or write \\cdot")
        if self.c.peek(-1).kind == self.c.peek().kind == "number" and isinstance(before, n.Number):
            raise self.c.error("two numbers side by side read as one: write \\cdot between them")
        base = before.body if isinstance(before, n.Power) else before
        named = base.name if isinstance(base, n.Symbol) else "n" if isinstance(base, n.Width) else None
        if named is not None and self.c.peek().kind == "number":
            raise self.c.error(
                f"{named} {self.c.peek().text} reads as a lost index or power: put the number in front, or write \\cdot"
            )
        if named is not None and self.c.sees("(") and not self.is_transposed_group():
            raise self.c.error(
                f"{named}(…) reads as a function, but nothing above defines {named} as one: for a product write \\cdot"
            )

    def check_mixed(self, before: n.Node) -> None:
        """Raises ProofError where a whole number stands right before a fraction of numbers: 2 ½ reads as two and a half."""
        whole = isinstance(before, n.Number) and before.value.denominator == 1
        if not (whole and self.c.peek(-1).kind == "number" and self.c.sees("\\frac")):
            return
        texts = [self.c.peek(1 + k) for k in range(6)]
        marks = "".join("#" if token.kind == "number" else token.text for token in texts)
        if marks.startswith("{#}{#}"):
            number, top, bottom = self.c.peek(-1).text, texts[1].text, texts[4].text
            raise self.c.error(
                f"{number} \\frac{{{top}}}{{{bottom}}} reads as a mixed number: for a product write \\cdot between them"
            )

    def is_transposed_group(self) -> bool:
        """Whether a parenthesis opens here that closes before ^T: a matrix, and no argument."""
        depth, ahead = 0, 0
        while self.c.peek(ahead).text:
            depth += {"(": 1, ")": -1}.get(self.c.peek(ahead).text, 0)
            ahead += 1
            if depth == 0:
                return self.c.peek(ahead).text == "^" and self.transpose_follows(ahead + 1)
        return False

    def ends_term(self) -> bool:
        token = self.c.peek()
        if token.kind in STOP_KINDS:
            return True
        return token.text in STOP or (token.text == "|" and self.open_bars > 0)

    def factor(self) -> n.Node:
        self.bare_operand, self.open_reach = False, ""
        logarithm = self.c.sees("\\ln")
        body = self.atom()
        bare = self.bare_operand
        while self.c.sees("^"):
            if bare or logarithm:
                raise self.c.error("ambiguous: put parentheses around what is raised to a power")
            if self.raised_already():
                raise self.c.error("two powers in a row are no formula: put the first into parentheses")
            self.c.next()
            body = n.Transpose(body) if self.at_transpose() else n.Power(body, self.exponent())
        self.bare_operand = bare
        return body

    def raised_already(self) -> bool:
        """Whether what stands before is a script above the line, with or without one below it."""
        at = self.before_unit(self.c.at)
        while self.c.tokens[at - 1].text == "_":
            at = self.before_unit(at - 1)
        return self.c.tokens[at - 1].text == "^"

    def before_unit(self, at: int) -> int:
        """Where the token or the group that ends at this position begins."""
        depth = 0
        while at > 0:
            at -= 1
            depth += {"}": 1, "{": -1}.get(self.c.tokens[at].text, 0)
            if depth <= 0:
                break
        return at

    def exponent(self) -> Fraction:
        value = constant(self.script())
        if value is None:
            raise self.c.error("an exponent must be a number; write e^{…} for anything else:")
        return value

    def script(self) -> n.Node:
        """What stands above the line: in braces, or one token."""
        if self.c.sees("{"):
            return self.group()
        at = self.c.at
        node = self.atom()
        if self.c.at != at + 1:
            raise self.c.error("only the first token is raised: put the whole in braces")
        return node

    def atom(self) -> n.Node:
        token = self.c.peek()
        self.bare_operand = False
        special = self.specials().get(token.text) if token.kind not in ("name", "text") else None
        if special is not None:
            node = special()
            if token.text not in ("\\frac", "\\nabla"):
                self.bare_operand, self.open_reach = False, ""
            return node
        if token.kind == "number":
            self.c.next()
            return n.Number(Fraction(token.text), len(token.text.partition(".")[2]))
        if token.kind == "begin" and token.text in ("cases", "pmatrix"):
            node = self.cases() if token.text == "cases" else self.written_matrix()
            self.bare_operand, self.open_reach = False, ""
            return node
        if token.kind == "kronecker":
            return self.kronecker()
        if token.text in NAMED or token.text in OPERATOR_NAMES:
            return self.named_function()
        if token.text == "e" and self.c.peek(1).text == "^":
            self.c.next(), self.c.next()
            exponent = self.script()
            self.bare_operand, self.open_reach = False, ""
            return n.Call("exp", (exponent,))
        if token.kind in ("letter", "command", "name"):
            return self.named()
        raise self.c.error(f"unexpected {self.c.found()}")

    def specials(self) -> dict[str, Callable[[], n.Node]]:
        return {
            "(": self.parenthesis,
            "{": self.group,
            "[": self.entry,
            "|": self.absolute,
            "\\lvert": self.absolute,
            "\\lVert": self.norm,
            "\\frac": self.fraction,
            "\\sqrt": self.root,
            "\\sum": self.big_sum,
            "\\nabla": self.gradient,
        }

    def parenthesis(self) -> n.Node:
        self.c.expect("(")
        bars, self.open_bars = self.open_bars, 0
        parts = self.comma_separated()
        self.open_bars = bars
        self.c.expect(")")
        self.bare_operand = False
        return parts[0] if len(parts) == 1 else n.Column(tuple(parts))

    def entry(self) -> n.Node:
        self.c.expect("[")
        body = self.expression()
        self.c.expect("]")
        self.c.expect("_")
        return n.Entry(body, self.index())


def constant(node: n.Node) -> Fraction | None:
    """The number that the node is, if it is made of numbers."""
    match node:
        case n.Number(number):
            return number
        case n.Negative(body):
            found = constant(body)
            return None if found is None else -found
        case n.Quotient(top, bottom):
            over, under = constant(top), constant(bottom)
            return None if over is None or not under else over / under
        case n.Product(factors):
            parts = [part for factor in factors if (part := constant(factor)) is not None]
            return math.prod(parts, start=Fraction(1)) if len(parts) == len(factors) else None
        case n.Power(body, exponent) if exponent.denominator == 1 and abs(exponent) <= LARGEST_POWER:
            found = constant(body)
            return None if found is None or (found == 0 and exponent < 0) else found**exponent.numerator
    return None
