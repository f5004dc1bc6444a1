"""Quoted code against the boxed equation that it implements: it runs, and its values are those of the right side."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

import manualbp
from manualbp import costs, descent, heads
from oracle.proofs import nodes as n
from oracle.proofs.draws import Draws, batch
from oracle.proofs.errors import ProofError
from oracle.proofs.frame import Frame
from oracle.proofs.networks import SHAPES, Run, run, scope_of_run
from oracle.proofs.pages import Block
from oracle.proofs.places import Place, places
from oracle.proofs.quotes import find, functions_with, runs, watched
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement

Executed = dict[str, set[int]]


def check_quote(block: Block, since: Sequence[Statement], scope: Scope) -> None:
    """since: the statements displayed since the last quotation; the line must implement one of them.

    Raises ProofError where the quoted lines are not the package's, do not run for this subject, or compute something else.
    """
    name = block.info.split()[-1]
    found = find(name, block.content)
    attributes = {part for statement in since if (part := attribute(statement, scope)) is not None}
    for part in sorted(attributes) or [""]:
        executed = executed_for(scope.kind, scope.name, part)
        if any(runs(name, place, executed) for place in found):
            break
    else:
        what = f"{scope.name or 'a network'}{' as ' + ' or '.join(sorted(attributes)) if attributes else ''}"
        raise ProofError(f"the quoted code stands in {name}, but does not run for {what}")
    boxes = [s for s in since if s.boxed]
    if boxes and scope.layered:
        check_network_line(name, block, boxes[-1], scope)


def check_network_line(name: str, block: Block, box: Statement, scope: Scope) -> None:
    quantities = quantity(box)
    if quantities is None:
        return
    computes = computed_by(name, block.content)
    allowed = {word for quantity in quantities for word in WORDS[quantity.removeprefix("index ")]}
    if not computes & allowed:
        raise ProofError(f"the quoted code computes {' and '.join(sorted(computes))}, not the boxed left side")
    if scope.get("C") is None or is_quadratic(scope):
        compare_values(box)


#: What the package calls a quantity: the name it is assigned to, or a word in the name of the function that returns it.
WORDS = {
    "z": ("z",),
    "a": ("a",),
    "delta": ("delta",),
    "slope w": ("nabla_w",),
    "slope b": ("nabla_b",),
    "slope a": ("nabla",),
    "Delta w": ("delta_w",),
    "w": ("weights",),
    "b": ("biases",),
}


def computed_by(name: str, quoted: str) -> set[str]:
    """The name that the last quoted line assigns to; of a `return`, the words of its function's name."""
    last = quoted.rstrip().splitlines()[-1].strip()
    target = re.match(r"(\w+)(\[.*?\])* *[-+*/]?= ", last)
    if target is not None:
        return {target.group(1)}
    return {word for function in functions_with(name, last) for word in (function, *function.split("_"))}


def attribute(statement: Statement, scope: Scope) -> str | None:
    """Which part of the subject's record a statement is about: sigma, sigma_prime, C, nabla_a or delta."""
    left = statement.sides[0]
    if scope.kind == "activation":
        is_sigma = isinstance(left, n.Call) and left.name == "sigma"
        return {0: "sigma", 1: "sigma_prime"}.get(left.primes) if is_sigma and isinstance(left, n.Call) else None
    if scope.kind not in ("cost", "head"):
        return None
    if isinstance(left, n.Derivative) and left.body == n.Symbol("C"):
        return {("cost", "a"): "nabla_a", ("head", "z"): "delta"}.get((scope.kind, left.by.name))
    if isinstance(left, n.Symbol):
        return {"C": "C", "delta": "delta" if scope.kind == "head" else None}.get(left.name)
    return None


@cache
def executed_for(kind: str, name: str, part: str = "") -> Executed:
    """The lines of the package that run when the subject's record, or that part of it, is used, by file."""
    executed: Executed = {}
    with np.errstate(all="ignore"), watched(executed):
        USES.get(kind, use_everything)(name, part)
    return executed


def use_network(_: str, part: str = "") -> None:
    for widths in SHAPES:
        run(Frame(widths, 3), 0)
    descent.descend(lambda p: 2 * p, (-2, 4), eta=0.25, steps=2)
    rng = np.random.default_rng(0)
    net = manualbp.init(
        (3, 2, 2), hidden=manualbp.SIGMOID, head=heads.chained(manualbp.SIGMOID, costs.QUADRATIC), rng=rng
    )
    x, E = rng.random((3, 8)), rng.random((2, 8))
    for updates in (
        descent.batch(net, x, E, eta=0.1),
        descent.single_sample(net, x, E, eta=0.1, rng=rng),
        descent.stochastic(net, x, E, eta=0.1, draw=4, mini_batch=2, rng=rng),
    ):
        list(islice(updates, 3))
    manualbp.per_sample_gradients(net, x, E)
    heads._all_heads()
    for cost in (costs.QUADRATIC, costs.CROSS_ENTROPY):
        use_cost(cost.name)
    for activation in ("sigmoid", "tanh", "relu"):
        use_activation(activation)


def use_activation(name: str, part: str = "") -> None:
    from oracle.balls.arrays import lift

    points = np.array([-40.0, -3.0, -0.7, -0.1, 0.2, 0.8, 3.0, 40.0])
    for z in (points, lift(points)):
        for which in (part,) if part else ("sigma", "sigma_prime"):
            getattr(manualbp.ACTIVATIONS[name], which)(z)


def use_cost(name: str, part: str = "") -> None:
    cost = {"exponential": costs.exponential(0.7), "huber": costs.huber(0.3)}.get(name) or manualbp.COSTS[name]
    a, E = np.array([[0.2], [0.7]]), np.array([[1.0], [0.0]])
    if cost.e_domain.name == "sign":
        E = np.array([[1.0], [-1.0]])
    for which in (part,) if part else ("C", "nabla_a"):
        getattr(cost, which)(a, E)


def use_head(name: str, part: str = "") -> None:
    heads._all_heads()
    use(manualbp.HEADS[name], part)


def use(head: manualbp.Head, part: str = "") -> None:
    z, E = np.array([[0.2], [-0.7]]), np.array([[1.0], [0.0]])
    a = head.sigma(z)
    for which in (part,) if part else ("C", "delta"):
        getattr(head, which)(z, a, E)


def use_softmax(_: str, part: str = "") -> None:
    use(heads.softmax(costs.QUADRATIC))
    for head in heads._fused_heads():
        use(head)


def use_everything(_: str, part: str = "") -> None:
    use_network("")
    use_softmax("")
    for name in manualbp.ACTIVATIONS:
        use_activation(name)
    for name in manualbp.COSTS:
        use_cost(name)


USES: dict[str, Callable[[str, str], None]] = {
    "network": use_network,
    "activation": use_activation,
    "cost": use_cost,
    "head": use_head,
    "softmax": use_softmax,
}


def is_quadratic(scope: Scope) -> bool:
    return scope.definitions["C"].body == scope_of_run().definitions["C"].body


def compare_values(box: Statement) -> None:
    """The package's values at every layer, entry and sample against the boxed right side."""
    quantities = quantity(box)
    if quantities is None:
        return
    count, _ = batch(box.sides)
    draws, found = Draws(scope_of_run()), 0
    for widths in SHAPES:
        this = run(Frame(widths, count), 0)
        draws.made["floats", this.world.frame, 0, box.conditions] = this.world
        for place in places_in(draws, this, box):
            expected = np.real(np.ravel(place.evaluator.value(box.sides[-1])))
            for name in quantities:
                got = picked(this, name, box, place)
                if got is None:
                    continue
                found += 1
                if not np.allclose(got, expected, rtol=1e-9, atol=1e-12):
                    raise ProofError(f"the quoted code does not compute the boxed right side ({place})", box.line)
    if not found:
        raise ProofError("no network could compare the quoted code with the boxed equation", box.line)


def places_in(draws: Draws, this: Run, box: Statement) -> list[Place]:
    try:
        return list(places(draws, "floats", this.world.frame, box, number=0))
    except ProofError as error:
        if "does not exist in a network" in error.message:
            return []  # too shallow for L − 1
        raise


def quantity(box: Statement) -> tuple[str, ...] | None:
    """What the package calls the left side: z, a, delta, the slope of w, its change; None for what it does not name."""
    left = box.sides[0]
    if isinstance(left, n.Gradient) and left.by is not None:
        left = n.Derivative(left.body, left.by)
    if isinstance(left, n.Derivative) and isinstance(left.body, n.Symbol) and left.body.name == "C":
        name = {"W": "w"}.get(left.by.name, left.by.name)
        return {"w": ("slope w", "index slope w"), "b": ("slope b", "index slope b"), "a": ("slope a",)}.get(name)
    if isinstance(left, n.Symbol):
        if left.name == "delta":
            return "delta", "index delta"
        if left.name in ("w", "W", "b"):
            return ({"W": "w"}.get(left.name, left.name),) if box.kind == "update" else None
        return (
            ({"Delta W": "Delta w"}.get(left.name, left.name),)
            if left.name in ("z", "a", "Delta w", "Delta W")
            else None
        )
    return None


def picked(this: Run, name: str, box: Statement, place: Any) -> np.ndarray | None:
    """The package's value of the left side in this place; None where there is none at this layer."""
    left: Any = box.sides[0]
    symbol: n.Symbol = left.by if isinstance(left, n.Derivative | n.Gradient) and left.by is not None else left
    here = place.evaluator
    layer = here.layer(symbol)
    if layer not in this.values.get(name, {}):
        return None
    values = this.values[name][layer]
    if name.removeprefix("index ") in ("z", "a", "delta", "slope a"):
        sample = here.sample_of(symbol)
        values = values[:, [sample]]
    if symbol.index:
        at = tuple(here.at(i) for i in symbol.index)
        values = values[at if len(at) == 2 else (at[0], 0)]
    return np.ravel(values)
