"""What is made of several formulas: columns written out, cases, conditions, and the Kronecker symbol."""

from __future__ import annotations

from oracle.proofs import nodes as n
from oracle.proofs.names import NameParser


class PieceParser(NameParser):
    """The part of the grammar that joins formulas."""

    def kronecker(self) -> n.Node:
        self.c.next()
        self.c.expect("[")
        left = self.c.next().text
        self.c.expect("=")
        right = self.c.next().text
        self.c.expect("]")
        return n.Kronecker(left, right)

    def written_matrix(self) -> n.Node:
        """What stands between the parentheses of a pmatrix: a column, or rows whose entries are parted by &."""
        self.c.next()
        rows = [self.row()]
        while self.c.peek().kind == "newline":
            self.c.next()
            rows.append(self.row())
        if not (self.c.peek().kind == "end" and self.c.next().text == "pmatrix"):
            raise self.c.error("a matrix has its rows one below the other, and & between the entries of a row:")
        if any(len(row) != len(rows[0]) for row in rows):
            raise self.c.error("the rows of a matrix are equally long:")
        if len(rows[0]) == 1:
            return n.Column(tuple(row[0] for row in rows))
        return n.Matrix(tuple(entry for row in rows for entry in row), len(rows[0]))

    def row(self) -> tuple[n.Node, ...]:
        entries = [self.expression()]
        while self.c.accept("&"):
            entries.append(self.expression())
        return tuple(entries)

    def cases(self) -> n.Node:
        self.c.next()
        branches = [self.branch()]
        while self.c.peek().kind == "newline":
            self.c.next()
            branches.append(self.branch())
        if not (self.c.peek().kind == "end" and self.c.next().text == "cases"):
            raise self.c.error("a case is a value, &, and a condition:")
        if any(not branch.conditions for branch in branches[:-1]):
            raise self.c.error("nothing follows the case `otherwise`:")
        return n.Cases(tuple(branches))

    def branch(self) -> n.Branch:
        value = self.expression()
        self.c.expect("&")
        token = self.c.next()
        word = token.text.strip()
        if token.kind != "text" or word not in ("if", "for", "otherwise", "else"):
            raise self.c.error(r"a case says \text{if } or \text{otherwise}:")
        return n.Branch(value, () if word in ("otherwise", "else") else self.conditions())

    def conditions(self) -> tuple[n.Comparison, ...]:
        found = [self.comparison()]
        while self.c.accept(",") or (self.c.peek().kind == "text" and self.c.peek().text.strip() in ("and", "for")):
            if self.c.peek().kind == "text":
                self.c.next()
            found.append(self.comparison())
        return tuple(found)

    def comparison(self) -> n.Comparison:
        sides, operators = [self.expression()], []
        while self.c.sees_any(("<", ">", "\\le", "\\ge", "=", "\\ne")):
            operators.append(self.c.next().text)
            sides.append(self.expression())
        if not operators:
            raise self.c.error("a condition compares, such as z > 0:")
        return n.Comparison(tuple(sides), tuple(operators))
