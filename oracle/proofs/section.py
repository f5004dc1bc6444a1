"""The statements of one section, each with the definitions that stand above it: a definition holds from where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from oracle.proofs import nodes as n
from oracle.proofs.conditions import speaks_of
from oracle.proofs.errors import ProofError
from oracle.proofs.given import gives_numbers, with_numbers
from oracle.proofs.letters import check_letters
from oracle.proofs.pages import Section
from oracle.proofs.scope import Scope, definition_of, is_batch_mean, named_in, reached
from oracle.proofs.statements import Statement, parse_statement

TOO_DEEP = ProofError("is nested too deeply")


@dataclass(frozen=True)
class Displayed:
    """A statement and what names mean in it. The scope of a definition contains that definition."""

    statement: Statement
    scope: Scope


#: What the subject's record fixes: the section speaks of it from its first line on, and its definition is compared with the record.
OF_THE_RECORD = {"cost": ("C",), "activation": ("sigma",), "head": ("C", "a", "sigma"), "softmax": ("a",)}


def displayed(section: Section, complain: Callable[[ProofError, int], None]) -> list[Displayed]:
    """The statements that can be read, in order; what cannot is told to `complain`, with its line."""
    above = Scope(*section.subject, own=section.own)
    found = []
    for block in section.blocks:
        if block.info != "math":
            continue
        try:
            statement = parse_statement(block.content, block.line, section.layered, above.functions)
            if gives_numbers(statement, above):
                above = with_numbers(above, statement)
            elif statement.kind == "definition" and not is_batch_mean(statement):
                above = above.with_definition(definition_of(statement, above))
            check_letters(statement, above)
            found.append(Displayed(statement, above))
        except ProofError as error:
            complain(error, block.line)
        except RecursionError:
            complain(TOO_DEEP, block.line)
    scopes: dict[int, Scope] = {}  # one for all statements between two definitions
    for k, (statement, scope) in enumerate((each.statement, each.scope) for each in found):
        meant = scopes.setdefault(id(scope), with_record(scope, above))
        found[k] = Displayed(under_declarations(statement, meant), meant)
    return found


def with_record(scope: Scope, whole: Scope) -> Scope:
    """With the definitions of the subject's record, and what they are made of, wherever in the section they stand.

    An author's own subject has no record: there a definition holds from where it stands.
    """
    for name in OF_THE_RECORD.get(scope.kind, ()) if scope.own is None else ():
        for needed in (name, *sorted(reached(name, whole))):
            definition = whole.get(needed)
            if whole.get(name) is not None and definition is not None and scope.get(needed) is None:
                scope = scope.with_definition(definition)
    return scope


def under_declarations(statement: Statement, scope: Scope) -> Statement:
    """With the conditions that definitions have declared for letters which the statement rests on, such as d > 0."""
    if statement.kind == "definition":
        return statement
    named = set().union(*(named_in(side, scope) for side in statement.sides))
    declared = [c for c in declarations(scope) if speaks_of(c) & named and c not in statement.conditions]
    return replace(statement, conditions=(*statement.conditions, *declared)) if declared else statement


def declarations(scope: Scope) -> Iterator[n.Comparison]:
    """What the definitions in force declare of their parameters."""
    for definition in scope.definitions.values():
        yield from definition.conditions
