"""Checks a page, block by block, and collects what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oracle.proofs.citations import Citations
from oracle.proofs.compare_own import compare_own
from oracle.proofs.domains import domains_of
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError
from oracle.proofs.examples import Example, Running, complaints, start
from oracle.proofs.given import check_stated, gives_numbers
from oracle.proofs.implements import check_quote
from oracle.proofs.other_numbers import check_with_others
from oracle.proofs.pages import Block, Section, read_page
from oracle.proofs.proved import check_proved
from oracle.proofs.reasons import Reasoner
from oracle.proofs.records import compare_record
from oracle.proofs.scope import Scope, is_batch_mean
from oracle.proofs.section import TOO_DEEP, Displayed, displayed
from oracle.proofs.statements import Statement
from oracle.proofs.truth import Truth, check_definition, check_truth, is_false
from oracle.proofs.updates import check_update


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

    def check(self) -> PageReport:
        running: Running | None = None
        try:
            sections = read_page(self.path)
            found = [example for section in sections for example in self.examples(section)]
            self.report.examples = len(found)
            running = start(found) if found else None
            for section in sections:
                self.check_section(section)
        except ProofError as error:
            self.problem(error, 1)
        finally:
            for complaint in complaints(running) if running is not None else ():
                self.problem(complaint, 1)
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
        found = displayed(section, self.problem)
        scope = found[-1].scope if found else Scope(*section.subject, own=section.own)
        by_line = {each.statement.line: each for each in found}
        unread = [b for b in section.blocks if b.info == "math" and ":=" in b.content and b.line not in by_line]
        if not unread and self.attempt(section.line, lambda: compared(scope)):  # else what it would say rests on a gap
            self.report.records += 1
        chains = [each for each in found if each.statement.kind == "chain"]
        reasoners: dict[int, Reasoner] = {}
        since: list[Statement] = []
        for block in section.blocks:
            here = by_line.get(block.line)
            if here is not None:
                self.citations.reach(block.line)
                fresh = Reasoner(Draws(here.scope, domains_of(here.scope)), self.citations)
                self.check_block(here.statement, reasoners.setdefault(id(here.scope), fresh), chains)
                since.append(here.statement)
            elif block.info.startswith("python "):
                self.check_code(block, since, scope)
                since = []
        self.citations.finish()

    def check_block(self, statement: Statement, reasoner: Reasoner, chains: list[Displayed]) -> None:
        found = self.attempt(statement.line, lambda: check_statement(statement, reasoner, chains))
        if found is None:
            return
        equation, proved_by = found
        self.report.equations.append(equation)
        if statement.boxed:
            self.report.boxes.append((reasoner.draws.scope, statement))
        self.citations.add(statement, proved_by, reasoner.draws.scope)

    def check_code(self, block: Block, since: list[Statement], scope: Scope) -> None:
        self.report.quotes += 1
        self.attempt(block.line, lambda: check_quote(block, since, scope))

    def examples(self, section: Section) -> Iterator[Example]:
        """The examples with their output; what stands there without the other is a problem."""
        for k, block in enumerate(section.blocks):
            if block.info == "python":
                after = section.blocks[k + 1] if k + 1 < len(section.blocks) else None
                if after is not None and after.info == "text":
                    yield Example(block, after)
                else:
                    self.problem(ProofError("an example is followed by its output, in ```text"), block.line)
            elif block.info == "text" and (k == 0 or section.blocks[k - 1].info != "python"):
                self.problem(ProofError("```text shows the output of the example right above it"), block.line)


def compared(scope: Scope) -> bool:
    """Whether the section's definition was compared with a record of the package, or with the code of its author."""
    return (compare_record if scope.own is None else compare_own)(scope, domains_of(scope))


def check_page(path: Path, citations: Citations) -> PageReport:
    return PageChecker(path, citations).check()


def check_statement(statement: Statement, reasoner: Reasoner, chains: list[Displayed]) -> tuple[Equation, int]:
    """The grade of one statement, and the line of the last chain that its proof needs, or its own.

    Raises ProofError for what is wrong with it.
    """
    if statement.tag is not None and set(statement.relations) != {"="}:
        raise ProofError("a tag is for an equation, which later steps may cite", statement.line)
    scope = reasoner.draws.scope
    if scope.given and not gives_numbers(statement, scope):
        check_stated(statement, scope.given)
    if "\\approx" in statement.relations and not speaks_of_numbers(statement, scope):
        raise ProofError("\\approx stands between numbers, and holds to the digits displayed", statement.line)
    equation = checked(statement, reasoner)
    wanted = needs_chain(statement, scope)
    return equation, check_proved(statement, chains, reasoner.draws) if wanted else statement.line


def needs_chain(statement: Statement, scope: Scope) -> bool:
    """Whether a statement gives no reason itself, so that a chain of its section has to prove it."""
    kind = statement.kind in ("chain", "claim")
    return kind and not reasons_itself(statement, scope) and not speaks_of_numbers(statement, scope)


def reasons_itself(statement: Statement, scope: Scope) -> bool:
    """Whether every relation of a statement must have its reason beside it: a single equation may have its proof elsewhere."""
    if scope.given:
        return False
    if statement.aligned or len(statement.relations) > 1:
        return statement.aligned or not speaks_of_numbers(statement, scope)
    return statement.reasons != (None,)


def checked(statement: Statement, reasoner: Reasoner) -> Equation:
    draws, kind = reasoner.draws, statement.kind
    line, source = statement.line, statement.source
    if gives_numbers(statement, draws.scope):
        return Equation(line, kind, kind, source=source)
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
    if draws.scope.given:
        check_with_others(statement, draws.scope)
    return graded(statement, truth, reasoner.check(statement) if reasons_itself(statement, draws.scope) else 0)


def definition_name(statement: Statement) -> str:
    left: Any = statement.sides[0]
    return str(left.name)


def graded(statement: Statement, truth: Truth, reasons: int) -> Equation:
    grade = "exact" if truth.exact else "floats only"
    steps = len(statement.relations)
    return Equation(statement.line, statement.kind, grade, steps, truth.tested, reasons, statement.source)


def speaks_of_numbers(statement: Statement, scope: Scope) -> bool:
    """Whether every letter in it is a function's, or of a network given in numbers: evaluating it is all the proof it needs."""
    from oracle.proofs import nodes as n

    if scope.given:
        return True
    letters = {
        node.name if isinstance(node, n.Symbol) else "n"
        for side in statement.sides
        for node in n.walk(side)
        if isinstance(node, n.Symbol | n.Width)
    }
    return letters <= {"pi"}
