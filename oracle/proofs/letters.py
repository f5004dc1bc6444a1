"""A letter means one thing: an index, a layer or a sample is no number, and no name of the network is something else."""

from __future__ import annotations

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.scope import Scope, bound_indices, layer_variables
from oracle.proofs.statements import Statement

#: Letters that count neurons, layers and samples, whether a statement does so or not.
COUNTING_IN_NETWORKS = frozenset("ijklr")
COUNTING_IN_COLUMNS = frozenset("ijkl")


def check_letters(statement: Statement, scope: Scope) -> None:
    """Raises ProofError where a letter that counts something stands for a number as well."""
    counting = set().union(*(counters(side) for side in (*statement.sides, *statement.conditions)))
    counting |= COUNTING_IN_NETWORKS if scope.layered else COUNTING_IN_COLUMNS if scope.columnar else frozenset()
    definition = scope.get(name_of(statement.sides[0])) if statement.kind == "definition" else None
    arguments = set(definition.arguments) if definition is not None else set()
    numbers = set().union(*(values(side) for side in statement.sides))
    for name in sorted(numbers & (counting - arguments)):
        if scope.get(name) is None:
            raise ProofError(f"{name} is an index, and stands here for a number: take another letter", statement.line)
    clash = sorted(arguments & counters(statement.sides[-1]))
    if clash:
        raise ProofError(f"{clash[0]} is a variable of the definition, and an index in it", statement.line)


def name_of(left: n.Node) -> str:
    return left.name if isinstance(left, n.Symbol | n.Call) else ""


def counters(root: n.Node) -> set[str]:
    """The letters that count something in a formula: bound or free indices, layers, samples."""
    found = bound_indices(root) | layer_variables(root)
    for node in n.walk(root):
        if isinstance(node, n.Symbol):
            found |= {i for i in (*node.index, node.sample or "1") if i.isalpha()}
        elif isinstance(node, n.Kronecker):
            found |= {i for i in (node.left, node.right) if i.isalpha()}
        elif isinstance(node, n.Entry):
            found |= {i for i in node.index if i.isalpha()}
        elif isinstance(node, n.BigSum) and node.without:
            found.add(node.without)
    return found


def values(root: n.Node) -> set[str]:
    """The bare letters that stand for numbers; conditions compare indices, and are left out."""
    found: set[str] = set()
    ahead: list[n.Node] = [root]
    while ahead:
        node = ahead.pop()
        if isinstance(node, n.Symbol) and not (node.index or node.layer or node.sample):
            found.add(node.name)
        ahead += [child for child in n.children(node) if not isinstance(child, n.Comparison)]
    return found
