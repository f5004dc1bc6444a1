"""One displayed statement: chain, claim, falsehood, definition, update or number, with its conditions and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle.proofs import nodes as n
from oracle.proofs.cursor import Cursor
from oracle.proofs.errors import ProofError
from oracle.proofs.grammar import Grammar
from oracle.proofs.tokens import Token, tokenize

RELATIONS = ("=", ":=", "\\ne", "\\leftarrow", "\\approx", "\\ge", "\\le")


@dataclass(frozen=True)
class Statement:
    """sides[0] relations[0] sides[1] …; reasons[k] is printed beside relation k, or is None. line: of the block.

    lines[k] is where relation k stands. tag: what later pages cite it by.
    """

    sides: tuple[n.Node, ...]
    relations: tuple[str, ...]
    reasons: tuple[str | None, ...]
    conditions: tuple[n.Comparison, ...] = ()
    boxed: bool = False
    aligned: bool = False
    tag: str | None = None
    line: int = 0
    lines: tuple[int, ...] = ()
    source: str = ""

    @property
    def kind(self) -> str:
        kinds = {":=": "definition", "\\ne": "falsehood", "\\leftarrow": "update"}
        return kinds.get(self.relations[0], "claim" if self.boxed else "chain")


def parse_statement(source: str, line: int, layered: bool, functions: frozenset[str]) -> Statement:
    """The statement of one math block. Raises ProofError for whatever the grammar does not cover."""
    return StatementParser(tokenize(source, line), layered, functions, line, source).parse()


class StatementParser:
    def __init__(
        self, tokens: Sequence[Token], layered: bool, functions: frozenset[str], line: int, source: str
    ) -> None:
        self.c = Cursor(tokens)
        self.g = Grammar(self.c, layered, functions | defined_function(tokens))
        self.line, self.source = line, source
        self.sides: list[n.Node] = []
        self.relations: list[str] = []
        self.reasons: list[str | None] = []
        self.lines: list[int] = []
        self.boxed = self.aligned = False
        self.tag: str | None = None

    def parse(self) -> Statement:
        self.opened()
        self.chain()
        self.closed()
        conditions = self.ending()
        if not self.relations:
            raise ProofError("a displayed block states something: it has no =, :=, \\ne or \\leftarrow", self.line)
        kinds = set(self.relations)
        if len(kinds) > 1 and not kinds <= {"=", "\\approx"}:
            raise ProofError(f"a chain of mixed relations {', '.join(sorted(kinds))}", self.line)
        if len(self.relations) > 1 and not kinds <= {"=", "\\approx"}:
            raise ProofError(f"{self.relations[0]} stands once in a block", self.line)
        return Statement(
            tuple(self.sides),
            tuple(self.relations),
            tuple(self.reasons),
            conditions,
            self.boxed,
            self.aligned,
            self.tag,
            self.line,
            tuple(self.lines),
            self.source,
        )

    def opened(self) -> None:
        for _ in range(2):
            if self.c.sees("\\boxed", "{"):
                self.c.next(), self.c.next()
                self.boxed = True
            elif self.c.peek().kind == "begin" and self.c.peek().text == "aligned":
                self.c.next()
                self.aligned = True

    def chain(self) -> None:
        self.sides.append(self.g.expression())
        while True:
            if self.aligned and self.c.peek().kind == "newline":
                self.c.next()
            elif self.c.sees_any(RELATIONS):
                token = self.c.next()
                self.relations.append(token.text)
                self.lines.append(token.line)
                self.sides.append(self.g.expression())
                self.reasons.append(self.reason())
            else:
                return

    def reason(self) -> str | None:
        text = self.c.peek().text.strip()
        if self.c.peek().kind == "text" and text.startswith("("):
            self.c.next()
            if not text.endswith(")"):
                raise self.c.error("a reason stands in parentheses:")
            return " ".join(text[1:-1].split())
        return None

    def closed(self) -> None:
        if self.aligned and not (self.c.peek().kind == "end" and self.c.next().text == "aligned"):
            raise self.c.error(f"unexpected {self.c.found()}")
        if self.boxed:
            self.c.expect("}")

    def ending(self) -> tuple[n.Comparison, ...]:
        conditions: tuple[n.Comparison, ...] = ()
        while self.c.at < len(self.c.tokens):
            token = self.c.peek()
            if token.kind == "tag":
                self.tag = self.c.next().text
            elif token.kind == "text" and token.text.strip() in ("for", "if", "where", "and"):
                self.c.next()
                conditions += self.g.conditions()
            elif self.c.accept("."):
                pass
            elif self.c.accept(","):
                if self.c.peek().kind != "text":
                    conditions += self.g.conditions()
            else:
                raise self.c.error(f"unexpected {self.c.found()}")
        return conditions


def defined_function(tokens: Sequence[Token]) -> frozenset[str]:
    """{f} where the block reads f(x, y) := …, else nothing."""
    texts = [token.text for token in tokens]
    if ":=" in texts and len(tokens) > 1 and texts[1] == "(" and tokens[0].kind in ("letter", "command", "name"):
        return frozenset({texts[0].lstrip("\\")})
    return frozenset()
