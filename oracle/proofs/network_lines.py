"""A quoted line of the network's code against the boxed equation: the package computes the box, and that line computes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.captured import Computed, Watch, capturing
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError
from oracle.proofs.frame import Frame
from oracle.proofs.networks import SHAPES, Run, run, scope_of_run
from oracle.proofs.places import Place, places
from oracle.proofs.quotes import functions_with
from oracle.proofs.sampled import batches
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement


def check_network_line(watch: Watch | None, quoted: str, box: Statement, scope: Scope) -> None:
    """Raises ProofError where the last quoted statement computes something else than the box, or at other layers."""
    if is_hadamard(box) and not (watch is not None and multiplies(watch.statement)):
        raise ProofError("the quoted code is no product of entries, as the boxed left side is")
    quantities = quantity(box)
    if quantities is None:
        if is_hadamard(box) or box.kind == "update":
            return
        raise ProofError(
            "the quoted line follows an equation that no line computes: quote it below the one that it does"
        )
    if watch is None:
        raise ProofError("the last quoted line computes nothing: quote the line that computes the boxed left side")
    computes = computed_by(watch.name, quoted)
    allowed = {word for quantity in quantities for word in WORDS[quantity.removeprefix("index ")]}
    if not computes & allowed:
        raise ProofError(f"the quoted code computes {' and '.join(sorted(computes))}, not the boxed left side")
    if scope.get("C") is None or is_quadratic(scope):
        compare_values(box)
        compare_line(watch, box, quantities)


def is_hadamard(box: Statement) -> bool:
    left = box.sides[0]
    return isinstance(left, n.Entry) and isinstance(left.body, n.Hadamard)


def multiplies(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AugAssign):
        return isinstance(statement.op, ast.Mult)
    value = getattr(statement, "value", None)
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult)


def compare_line(watch: Watch, box: Statement, quantities: Sequence[str]) -> None:
    """What the line computed in its own frame is the boxed quantity, at a layer for which the box holds."""
    count, _ = batches(box.sides).of_network()
    draws, found = Draws(scope_of_run()), 0
    for widths in SHAPES:
        watch.found.clear()
        with capturing(watch):
            this = run(Frame(widths, count), 0)
        draws.made["floats", this.world.frame, 0, box.conditions, ()] = this.world
        layers = {place.evaluator.layer(symbol_of(box)) for place in places_in(draws, this, box)}
        for computed in watch.found:
            if not any(is_layer(computed, this.values.get(name, {}), layers) for name in quantities):
                where = f" at layer {computed.layer}" if computed.layer is not None else ""
                raise ProofError(
                    f"the quoted line does not compute the boxed left side{where}, widths {widths}", box.line
                )
            found += 1
    if not found:
        raise ProofError("the quoted line computes nothing while a network runs", box.line)


def is_layer(computed: Computed, values: dict[int, np.ndarray], layers: set[int]) -> bool:
    """Whether what was computed is the quantity at one of those layers, or, a tuple, at all of them."""
    if isinstance(computed.value, tuple):
        return {*range(2, 2 + len(computed.value))} <= layers and all(
            same(value, values[layer]) for layer, value in enumerate(computed.value, start=2)
        )
    return any(
        layer in values and same(computed.value, values[layer]) for layer in layers if computed.layer in (None, layer)
    )


def same(value: Any, whole: np.ndarray) -> bool:
    """Whether a value is that array, or one entry of it."""
    value = np.asarray(value)
    if value.ndim == 0:
        return bool(np.any(np.isclose(value, whole, rtol=1e-9, atol=1e-12)))
    return value.shape == whole.shape and bool(np.allclose(value, whole, rtol=1e-9, atol=1e-12))


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


def is_quadratic(scope: Scope) -> bool:
    return scope.definitions["C"].body == scope_of_run().definitions["C"].body


def compare_values(box: Statement) -> None:
    """The package's values at every layer, entry and sample against the boxed right side."""
    quantities = quantity(box)
    if quantities is None:
        return
    count, _ = batches(box.sides).of_network()
    draws, found = Draws(scope_of_run()), 0
    for widths in SHAPES:
        this = run(Frame(widths, count), 0)
        draws.made["floats", this.world.frame, 0, box.conditions, ()] = this.world
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
    symbol, here = symbol_of(box), place.evaluator
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


def symbol_of(box: Statement) -> n.Symbol:
    """The symbol that says which layer the boxed left side is about."""
    left: Any = box.sides[0]
    symbol: n.Symbol = left.by if isinstance(left, n.Derivative | n.Gradient) and left.by is not None else left
    return symbol
