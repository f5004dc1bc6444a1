"""Updates, old values on the right and the new one on the left: each must be a step against the gradient."""

from __future__ import annotations

from dataclasses import replace

from oracle.proofs import nodes as n
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement
from oracle.proofs.truth import Truth, check_truth

ETA = n.Symbol("eta")


def check_update(statement: Statement, draws: Draws) -> Truth:
    """Raises ProofError where the right side is not (old value) − η (derivative of the cost by it)."""
    old, new = statement.sides
    step = replace(statement, sides=(descended(old, draws.scope), new), relations=("=",))
    try:
        return check_truth(draws, step)
    except ProofError as error:
        if error.message.startswith("false at"):
            raise ProofError(f"is no step of gradient descent, old value − η · slope: {error.message}") from None
        raise


def descended(old: n.Node, scope: Scope) -> n.Node:
    """old − η ∂C/∂old; for the variables (x, y) of a function f of the page, with f for C."""
    if isinstance(old, n.Symbol) and scope.means(old) and old.name in ("w", "W", "b"):
        return minus_step(old, n.Derivative(n.Symbol("C"), old))
    if isinstance(old, n.Column) and all(isinstance(entry, n.Symbol) for entry in old.entries):
        names = tuple(entry.name for entry in old.entries if isinstance(entry, n.Symbol))
        for definition in scope.definitions.values():
            if definition.arguments == names:
                f = n.Call(definition.name, old.entries)
                slopes = [(entry, n.Derivative(f, entry)) for entry in old.entries if isinstance(entry, n.Symbol)]
                return n.Column(tuple(minus_step(entry, slope) for entry, slope in slopes))
    raise ProofError("an update is of a weight or bias, or of the variables of a function of the page")


def minus_step(old: n.Node, slope: n.Node) -> n.Node:
    return n.Sum((old, n.Negative(n.Product((ETA, slope)))))
