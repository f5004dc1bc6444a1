"""Every one-token change of every displayed equation: rejected, or a true identity. `python -m oracle.proofs.mutants [FILE…]`

Tokens are replaced by their neighbours, dropped and swapped; formulas lose signs, terms, factors, transposes, sums, primes.
A changed definition must disagree with the record, or make another statement of its section false. A changed falsehood is but
another falsehood, and is left out, with the definitions that serve falsehoods alone.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from oracle.proofs.check import definition_name
from oracle.proofs.domains import domains_of
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.given import gives_numbers, with_numbers
from oracle.proofs.mutate import token_mutants, tree_mutants
from oracle.proofs.page_check import all_pages
from oracle.proofs.pages import read_page
from oracle.proofs.records import COMPARISONS, compare_record
from oracle.proofs.scope import Scope, definition_of, is_batch_mean
from oracle.proofs.section import displayed
from oracle.proofs.statements import Statement, StatementParser
from oracle.proofs.tokens import Token, tokenize
from oracle.proofs.truth import Truth, check_definition, check_truth, draw_numbers, tested_in
from oracle.proofs.updates import check_update

SURVIVED, TYPE, VALUE, SAME, CRASH = "true", "ill-formed", "false", "unchanged", "crash"


@dataclass(frozen=True)
class Mutant:
    """A changed statement, and what became of it."""

    page: str
    line: int
    change: str
    verdict: str
    shown: str = ""

    def __str__(self) -> str:
        return f"{self.page}: {self.change}{': ' + self.shown if self.shown else ''}"


@dataclass
class Subject:
    """A section with what is needed to judge a changed statement of it."""

    page: str
    scope: Scope
    statements: list[Statement]
    draws: Draws


def subjects(path: Path) -> Iterator[Subject]:
    for section in read_page(path):
        found = displayed(section, lambda error, line: None)
        if found:
            scope = found[-1].scope
            yield Subject(path.stem, scope, [each.statement for each in found], Draws(scope, domains_of(scope)))


def mutants_of(subject: Subject, statement: Statement) -> Iterator[Mutant]:
    """Every mutant of one statement, judged."""
    seen = {statement.sides}
    for change, shown, mutant in changed(subject, statement):
        if mutant is None:
            yield Mutant(subject.page, statement.line, change, TYPE)
        elif mutant.sides in seen or mutant.kind != statement.kind:
            yield Mutant(subject.page, statement.line, change, SAME if mutant.sides in seen else TYPE)
        else:
            seen.add(mutant.sides)
            yield Mutant(subject.page, statement.line, change, judge(subject, statement, mutant), shown)
            forget(subject.draws)


def changed(subject: Subject, statement: Statement) -> Iterator[tuple[str, str, Statement | None]]:
    tokens = tokenize(statement.source, statement.line)
    for change, at, mutated in token_mutants(tokens, equation_ends(tokens)):
        yield change, text(mutated[max(0, at - 6) : at + 7]), parsed(subject, statement, mutated)
    for k, side in enumerate(statement.sides):
        if statement.kind in ("definition", "update") and k == 0:
            continue
        for change, node in tree_mutants(side):
            sides = (*statement.sides[:k], node, *statement.sides[k + 1 :])
            yield f"{change}, side {k + 1}", "", replace(statement, sides=sides)


def text(tokens: Sequence[Token]) -> str:
    """A few tokens, to recognise the place."""
    return f"… {' '.join(token.text for token in tokens if token.kind not in ('text', 'tag'))} …"


def equation_ends(tokens: Sequence[Token]) -> int:
    """Where the conditions begin: they say where the equation holds, and are no part of it."""
    for k, token in enumerate(tokens):
        if token.kind == "text" and token.text.strip() == "for":
            return k
    return len(tokens)


def parsed(subject: Subject, statement: Statement, tokens: list[Token]) -> Statement | None:
    scope = subject.scope
    try:
        return StatementParser(tokens, scope.layered, scope.functions, statement.line, statement.source).parse()
    except (ProofError, ValueError, ZeroDivisionError):
        return None


def judge(subject: Subject, statement: Statement, mutant: Statement) -> str:
    try:
        if statement.kind == "definition" and not is_batch_mean(statement):
            return judge_definition(subject, statement, mutant)
        if statement.kind == "update":
            check_update(mutant, subject.draws)
        elif refuted(
            subject.draws, replace(mutant, relations=tuple("=" if r == ":=" else r for r in mutant.relations))
        ):
            return VALUE
        else:
            check_truth(
                subject.draws, replace(mutant, relations=tuple("=" if r == ":=" else r for r in mutant.relations))
            )
    except ProofError as error:
        return VALUE if "false at" in error.message else TYPE
    except (Resample, ArithmeticError):
        return TYPE
    except Exception as error:  # a defect of the checker: it has no sentence for what is wrong here
        print(
            f"{subject.page}:{statement.line}: {type(error).__name__}: {error}: {mutant.sides}",
            file=sys.stderr,
            flush=True,
        )
        return CRASH
    return SURVIVED


def refuted(draws: Draws, statement: Statement) -> bool:
    """A quick look: one draw for each frame, in floats."""
    seen = set()
    for frame, number in draw_numbers(draws.scope, statement):
        if frame in seen:
            continue
        seen.add(frame)
        try:
            tested_in(draws, "floats", frame, number, statement, Truth())
        except ProofError as error:
            if error.message.startswith("false at"):
                return True
            raise
    return False


def judge_definition(subject: Subject, statement: Statement, mutant: Statement) -> str:
    """Whether the record, or any other statement of the section, contradicts the changed definition."""
    scope = Scope(subject.scope.kind, subject.scope.name, own=subject.scope.own)
    for other in subject.statements:
        if other.kind == "definition" and not is_batch_mean(other):
            made = mutant if other is statement else other
            given = gives_numbers(made, scope)
            scope = with_numbers(scope, made) if given else scope.with_definition(definition_of(made, scope))
    draws = Draws(scope, subject.draws.domains)
    if not gives_numbers(mutant, scope):
        check_definition(definition_of(mutant, without(subject.scope, statement)), draws)
    try:
        if scope.kind in COMPARISONS and scope.own is None:
            compare_record(scope, draws.domains)
    except ProofError as error:
        return VALUE if "definition says" in error.message else TYPE
    equations = [other for other in subject.statements if other.kind in ("chain", "claim")]
    if any(refuted(draws, other) for other in equations):
        return VALUE
    for other in equations:
        check_truth(draws, other)
    return SURVIVED


def without(scope: Scope, statement: Statement) -> Scope:
    """The scope as if that definition were not displayed."""
    name = definition_name(statement)
    return replace(scope, definitions={key: d for key, d in scope.definitions.items() if key != name})


def decisive(subject: Subject, statement: Statement) -> bool:
    """Whether some equation of the section needs this definition, so that it is not there for the falsehoods alone."""
    if subject.scope.kind in COMPARISONS or subject.scope.given or definition_name(statement) not in ("C", "sigma"):
        return True
    draws = Draws(without(subject.scope, statement), subject.draws.domains)
    try:
        return any(refuted(draws, other) for other in subject.statements if other.kind in ("chain", "claim"))
    except ProofError:
        return True


def forget(draws: Draws) -> None:
    """Drops what was kept for the last mutant."""
    draws.memory.clear()
    for world in draws.made.values():
        world.sums.clear()
        world.memory = {key: value for key, value in world.memory.items() if key[0] != "written without"}


def run(paths: Sequence[Path], every: int = 1) -> Iterator[Mutant]:
    """All mutants of these pages, or of every n-th statement."""
    count = 0
    for path in paths:
        for subject in subjects(path):
            for statement in subject.statements:
                count += 1
                if statement.kind == "falsehood" or count % every:
                    continue
                if statement.kind != "definition" or is_batch_mean(statement) or decisive(subject, statement):
                    yield from mutants_of(subject, statement)


def main(names: Sequence[str]) -> None:
    started, counts = time.perf_counter(), Counter[str]()
    for mutant in run([Path(name) for name in names] or all_pages()):
        counts[mutant.verdict] += 1
        if mutant.verdict == SURVIVED:
            print(mutant, flush=True)
    total = sum(counts.values()) - counts[SAME]
    rejected = counts[TYPE] + counts[VALUE]
    print(
        f"{total} mutants, {rejected} rejected ({counts[TYPE]} ill-formed, {counts[VALUE]} false), {counts[SURVIVED]} true "
        f"identities, {counts[CRASH]} crashes; {time.perf_counter() - started:.0f} s",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
