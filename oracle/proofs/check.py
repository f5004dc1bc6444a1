"""Checks a page, block by block, and collects what was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError
from oracle.proofs.known import Citation, citation_of
from oracle.proofs.pages import Section, read_page
from oracle.proofs.reasons import Reasoner
from oracle.proofs.scope import Scope, definition_of, is_batch_mean
from oracle.proofs.statements import Statement, functions_of, parse_statement
from oracle.proofs.truth import check_truth, is_false


@dataclass(frozen=True)
class Problem:
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Equation:
    """One displayed statement and its grade: exact, floats only, false as claimed, definition, update."""

    line: int
    kind: str
    grade: str
    steps: int = 0
    tested: int = 0
    reasons: int = 0
    source: str = ""


@dataclass
class PageReport:
    file: str
    equations: list[Equation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def check_page(path: Path, citations: dict[str, list[Citation]]) -> PageReport:
    """citations: the tagged boxes of the pages before; those of this page are added."""
    report = PageReport(str(path))
    try:
        for section in read_page(path):
            check_section(section, report, citations)
    except ProofError as error:
        report.problems.append(Problem(report.file, error.line or 1, error.message))
    return report


def check_section(section: Section, report: PageReport, citations: dict[str, list[Citation]]) -> None:
    """Definitions hold for the whole section, wherever in it they stand."""
    statements, scope = parsed(section, report)
    draws = Draws(scope, domains_of(scope))
    reasoner = Reasoner(draws, citations)
    for statement in statements:
        try:
            report.equations.append(check_statement(statement, reasoner))
            if statement.tag is not None:
                citations.setdefault(statement.tag, []).append(citation_of(statement))
        except ProofError as error:
            report.problems.append(Problem(report.file, error.line or statement.line, error.message))


def parsed(section: Section, report: PageReport) -> tuple[list[Statement], Scope]:
    blocks = [block for block in section.blocks if block.info == "math"]
    functions = functions_of([block.content for block in blocks])
    scope, statements = Scope(*section.subject), []
    for block in blocks:
        try:
            statement = parse_statement(block.content, block.line, section.layered, functions)
            if statement.kind == "definition" and not is_batch_mean(statement):
                scope = scope.with_definition(definition_of(statement, scope))
            statements.append(statement)
        except ProofError as error:
            report.problems.append(Problem(report.file, error.line or block.line, error.message))
    return statements, scope


def check_statement(statement: Statement, reasoner: Reasoner) -> Equation:
    draws = reasoner.draws
    line, source = statement.line, statement.source
    if statement.kind == "definition" and not is_batch_mean(statement):
        return Equation(line, "definition", "definition", source=source)
    if statement.kind == "update":
        return Equation(line, "update", "update", source=source)
    if statement.kind == "falsehood":
        if not is_false(draws, statement):
            raise ProofError("is true, though it is claimed to be false", line)
        return Equation(line, "falsehood", "false, as claimed", 1, source=source)
    if statement.kind == "definition":
        statement = replace(statement, relations=("=",))
    truth = check_truth(draws, statement)
    grade = "exact" if truth.exact else "floats only"
    reasons = reasoner.check(statement) if statement.aligned else 0
    return Equation(line, statement.kind, grade, len(statement.relations), truth.tested, reasons, source)


def domains_of(scope: Scope) -> tuple[str, str]:
    """Where a and E are drawn: as the record of the section's subject says."""
    import manualbp

    if scope.kind == "cost" and scope.name in manualbp.COSTS:
        cost = manualbp.COSTS[scope.name]
        return cost.a_domain.name, cost.e_domain.name
    if scope.kind == "head" and scope.name in manualbp.HEADS:
        cost = manualbp.HEADS[scope.name].cost
        return cost.a_domain.name, cost.e_domain.name
    return "real", "real"
