"""∂X/∂a of what is written in the z of the same layer has two meanings: z stays, or moves with a. Neither is taken."""

from __future__ import annotations

from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError


def check_written_without(body: n.Node, key: tuple[Any, ...], evaluator: Any) -> None:
    """Raises ProofError where what is differentiated by an a speaks of the z that this a is made from. key: of the a."""
    world = evaluator.world
    told = "written without", id(body), key[1], *evaluator.layers.items()
    if key[0] != "a" or told in world.memory or not world.scope.means(n.Symbol("a", index=("1",))):
        return
    scope, seen = world.scope, {"a", "delta"}
    ahead: list[n.Node] = [body]
    while ahead:
        for node in n.walk(ahead.pop()):
            if (
                isinstance(node, n.Symbol)
                and node.name == "z"
                and scope.means(node)
                and layer_of(node, evaluator) == key[1]
            ):
                what = f"{body.name} is" if isinstance(body, n.Symbol) else "what is differentiated by a is"
                raise ProofError(
                    f"{what} written in the z that a is made from, so that ∂/∂a may mean z fixed or z moved with a: write it "
                    "in a, or differentiate by z"
                )
            if isinstance(node, n.Symbol | n.Call) and node.name not in seen and scope.get(node.name) is not None:
                seen.add(node.name)
                ahead.append(scope.definitions[node.name].body)
    world.memory[told] = body  # kept, so that its id stays its own


def layer_of(node: n.Symbol, evaluator: Any) -> int | None:
    """None where no network as deep as this one has it."""
    try:
        return int(evaluator.layer(node))
    except (ProofError, KeyError):
        return None
