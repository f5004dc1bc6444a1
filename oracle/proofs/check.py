"""Checks a page, block by block, and collects what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oracle.proofs.citations import Citations
from oracle.proofs.domains import domains_of
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError
from oracle.proofs.examples import check_example
from oracle.proofs.implements import check_quote
from oracle.proofs.pages import Block, Section, read_page
from oracle.proofs.proved import check_proved
from oracle.proofs.reasons import Reasoner
from oracle.proofs.records import compare_record
from oracle.proofs.scope import Scope, definition_of, is_batch_mean
from oracle.proofs.statements import Statement, check_applied, functions_of, parse_statement
from oracle.proofs.tokens import tokenize
from oracle.proofs.truth import Truth, check_definition, check_truth, is_false
from oracle.proofs.updates import check_update

TOO_DEEP = ProofError("is nested too deeply")


@dataclass(frozen=True)
class Problem:
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Equation:
    """One displayed statement. grade: exact, floats only, false as claimed, or definition. source: its LaTeX."""

    line: int
    kind: str
    grade: str
    steps: int = 0
    tested: int = 0
    reasons: int = 0
    source: str = ""


@dataclass
class PageReport:
    """records: definitions compared in balls. quotes: blocks of code compared. examples: run."""

    file: str
    equations: list[Equation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    records: int = 0
    quotes: int = 0
    examples: int = 0
    boxes: list[tuple[Scope, Statement]] = field(default_factory=list, repr=False)


class PageChecker:
    """One page. citations: the tagged boxes of the pages before; those of this page are added."""

    def __init__(self, path: Path, citations: Citations) -> None:
        self.path, self.citations = path, citations
        self.report = PageReport(str(path))
        self.namespace: dict[str, Any] = {"__name__": "__main__"}

    def check(self) -> PageReport:
        try:
            for section in read_page(self.path):
                self.check_section(section)
        except ProofError as error:
            self.problem(error, 1)
        self.report.problems.sort(key=lambda problem: problem.line)
        return self.report

    def problem(self, error: ProofError, line: int) -> None:
        self.report.problems.append(Problem(self.report.file, error.line or line, error.message))

    def attempt(self, line: int, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except ProofError as error:
            self.problem(error, line)
        except RecursionError:
            self.problem(TOO_DEEP, line)
        return None

    def check_section(self, section: Section) -> None:
        statements, scope = self.parsed(section)
        reasoner = Reasoner(Draws(scope, domains_of(scope)), self.citations)
        chains = [s for s in statements.values() if s.kind == "chain"]
        if self.attempt(section.line, lambda: compare_record(scope, reasoner.draws.domains)):
            self.report.records += 1
        since: list[Statement] = []
        for k, block in enumerate(section.blocks):
            statement = statements.get(block.line)
            if statement is not None:
                self.citations.reach(statement.line)
                self.check_block(statement, reasoner, chains)
                since.append(statement)
            elif block.info.startswith("python "):
                self.check_code(block, since, scope)
                since = []
            elif block.info == "python":
                after = section.blocks[k + 1] if k + 1 < len(section.blocks) else None
                self.check_output(block, after)
            elif block.info == "text" and (k == 0 or section.blocks[k - 1].info != "python"):
                self.problem(ProofError("```text shows the output of the example right above it"), block.line)
        self.citations.finish()

    def parsed(self, section: Section) -> tuple[dict[int, Statement], Scope]:
        """The statements by line, and the definitions, which hold for the whole section, wherever in it they stand."""
        blocks = [block for block in section.blocks if block.info == "math"]
        functions = functions_of([block.content for block in blocks])
        scope, statements = Scope(*section.subject), {}
        for block in blocks:
            try:
                statement = parse_statement(block.content, block.line, section.layered, functions)
                if statement.kind == "definition" and not is_batch_mean(statement):
                    scope = scope.with_definition(definition_of(statement, scope))
                statements[block.line] = statement
            except ProofError as error:
                self.problem(error, block.line)
            except RecursionError:
                self.problem(TOO_DEEP, block.line)
        for statement in statements.values():
            try:
                check_applied(tokenize(statement.source, statement.line), scope.definitions)
            except ProofError as error:
                self.problem(error, statement.line)
        return statements, scope

    def check_block(self, statement: Statement, reasoner: Reasoner, chains: list[Statement]) -> None:
        found = self.attempt(statement.line, lambda: check_statement(statement, reasoner, chains))
        if found is None:
            return
        equation, proved_by = found
        self.report.equations.append(equation)
        if statement.boxed:
            self.report.boxes.append((reasoner.draws.scope, statement))
        self.citations.add(statement, proved_by)

    def check_code(self, block: Block, since: list[Statement], scope: Scope) -> None:
        self.report.quotes += 1
        self.attempt(block.line, lambda: check_quote(block, since, scope))

    def check_output(self, code: Block, printed: Block | None) -> None:
        if printed is None or printed.info != "text":
            self.problem(ProofError("an example is followed by its output, in ```text"), code.line)
            return
        self.report.examples += 1
        self.attempt(code.line, lambda: check_example(code, printed, self.namespace))


def check_page(path: Path, citations: Citations) -> PageReport:
    return PageChecker(path, citations).check()


def check_statement(statement: Statement, reasoner: Reasoner, chains: list[Statement]) -> tuple[Equation, int]:
    """The grade of one statement, and the line of the last chain that its proof needs, or its own.

    Raises ProofError for what is wrong with it.
    """
    if statement.tag is not None and set(statement.relations) != {"="}:
        raise ProofError("a tag is for an equation, which later steps may cite", statement.line)
    if "\\approx" in statement.relations and not speaks_of_numbers(statement):
        raise ProofError("\\approx stands between numbers, and holds to the digits displayed", statement.line)
    equation = checked(statement, reasoner)
    return equation, check_proved(statement, chains, reasoner.draws) if needs_chain(statement) else statement.line


def needs_chain(statement: Statement) -> bool:
    """Whether a statement gives no reason itself, so that a chain of its section has to prove it."""
    alone = not statement.aligned and statement.relations == ("=",) and statement.reasons == (None,)
    return alone and not speaks_of_numbers(statement)


def checked(statement: Statement, reasoner: Reasoner) -> Equation:
    draws, kind = reasoner.draws, statement.kind
    line, source = statement.line, statement.source
    if kind == "definition" and not is_batch_mean(statement):
        check_definition(draws.scope.definitions[definition_name(statement)], draws)
        return Equation(line, kind, kind, source=source)
    if kind == "falsehood":
        if not is_false(draws, statement):
            raise ProofError("is true, though it is claimed to be false", line)
        return Equation(line, kind, "false, as claimed", 1, source=source)
    if kind == "update":
        return graded(statement, check_update(statement, draws), 0)
    if kind == "definition":
        return graded(statement, check_truth(draws, replace(statement, relations=("=",))), 0)
    truth = check_truth(draws, statement)
    reasoned = statement.aligned or (statement.relations == ("=",) and statement.reasons != (None,))
    return graded(statement, truth, reasoner.check(statement) if reasoned else 0)


def definition_name(statement: Statement) -> str:
    left: Any = statement.sides[0]
    return str(left.name)


def graded(statement: Statement, truth: Truth, reasons: int) -> Equation:
    grade = "exact" if truth.exact else "floats only"
    steps = len(statement.relations)
    return Equation(statement.line, statement.kind, grade, steps, truth.tested, reasons, statement.source)


def speaks_of_numbers(statement: Statement) -> bool:
    """Whether there is no letter in it but functions': evaluating it is all the proof it needs."""
    from oracle.proofs import nodes as n

    letters = {
        node.name if isinstance(node, n.Symbol) else "n"
        for side in statement.sides
        for node in n.walk(side)
        if isinstance(node, n.Symbol | n.Width)
    }
    return letters <= {"pi"}
