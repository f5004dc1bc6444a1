"""What formulas a statement is made of: rational ones, ones in which sizes matter, ones whose numbers grow as e^x."""

from __future__ import annotations

from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement
from oracle.proofs.transfer import rests_on

#: Functions whose values are large where their arguments are not.
GROWING = frozenset({"exp", "sinh", "cosh"})


def compares_sizes(statement: Statement) -> bool:
    """Whether it matters how large numbers are: in an inequality, and where max, min, |·| or cases choose."""
    nodes = [node for side in statement.sides for node in n.walk(side)]
    chooses = any(
        isinstance(x, n.Cases) or (isinstance(x, n.Call) and x.name in ("max", "min", "abs", "norm")) for x in nodes
    )
    return chooses or bool(set(statement.relations) & {"\\ge", "\\le"})


def is_rational(scope: Scope, statement: Statement) -> bool:
    """Whether the field computes with it as the reals do: no function but rational ones, no root, no order."""
    ahead = [*statement.sides, *(side for condition in statement.conditions for side in condition.sides)]
    if any(c.operators != ("=",) and speaks_of_values(c) for c in statement.conditions):
        return False
    names: set[str] = set()
    while ahead:
        for node in n.walk(ahead.pop()):
            if isinstance(node, n.Cases) or (isinstance(node, n.Power) and node.exponent.denominator != 1):
                return False
            if isinstance(node, n.Call | n.Symbol):
                definition = scope.get(node.name)
                if definition is None and isinstance(node, n.Call) and node.name != "sigma":
                    return False
                if definition is not None and node.name not in names:
                    names.add(node.name)
                    ahead.append(definition.body)
    return True


def speaks_of_values(condition: n.Comparison) -> bool:
    leaves = [node for node in n.walk(condition) if isinstance(node, n.Call | n.Symbol)]
    return any(isinstance(leaf, n.Call) or leaf.name not in "Lijklmr" for leaf in leaves)


def may_cancel(scope: Scope, statement: Statement) -> bool:
    """Whether it speaks of numbers as large as e^x makes them."""
    ahead: list[Any] = list(statement.sides)
    names = set(rests_on(statement.sides, scope))
    ahead += [scope.definitions[name].body for name in names if scope.get(name) is not None]
    return any(isinstance(x, n.Call) and x.name in GROWING for side in ahead for x in n.walk(side))
