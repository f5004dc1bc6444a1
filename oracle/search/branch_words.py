"""Branch conditions of a jaxpr in words: what a report calls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from oracle.balls.primitives.identities import IDENTITIES
from oracle.search.branch_margins import CALLS, CHOICES, COMPARISONS, KINKS, Path

LONGEST = 48

_SIGNS = {"gt": ">", "lt": "<", "ge": "≥", "le": "≤", "eq": "=", "ne": "≠"}
_OPERATORS = {"add": "+", "sub": "−", "mul": "·", "div": "/", "and": "and", "or": "or"}
_SILENT = (
    "convert_element_type",
    "broadcast_in_dim",
    "reshape",
    "squeeze",
    "expand_dims",
    *IDENTITIES,
    "stop_gradient",
)
_NAMES = {"reduce_sum": "sum", "reduce_max": "max", "reduce_min": "min", "integer_pow": "power", "logistic": "sigmoid"}


class Words(NamedTuple):
    """kind: the primitive; text: "|a| > 3"; below, above: what is said of each side of the switch."""

    kind: str
    text: str
    below: str
    above: str


def describe(closed: Any, names: Sequence[str]) -> dict[Path, Words]:
    """What every condition of a closed jaxpr says, its inputs called by `names`."""
    found: dict[Path, Words] = {}
    _walk(closed, list(names), (), found)
    return found


def _walk(program: Any, inputs: list[str], path: Path, found: dict[Path, Words]) -> list[str]:
    jaxpr = program.jaxpr if hasattr(program, "consts") else program
    names: dict[Any, str] = dict.fromkeys(jaxpr.constvars, "c")
    names.update(zip(jaxpr.invars, inputs, strict=True))

    def read(atom: Any) -> str:
        if not hasattr(atom, "val"):
            return names[atom]
        is_number = getattr(atom.val, "shape", ()) == () and np.asarray(atom.val).dtype.kind in "fiubV"
        return f"{float(atom.val):.6g}" if is_number else "c"

    for index, eqn in enumerate(jaxpr.eqns):
        operands = [read(atom) for atom in eqn.invars]
        here = (*path, index)
        found.update(_conditions(eqn.primitive.name, operands, here))
        results = _results(eqn, operands, here, found)
        names.update(zip(eqn.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _results(eqn: Any, operands: list[str], path: Path, found: dict[Path, Words]) -> list[str]:
    name, params = eqn.primitive.name, eqn.params
    if name == "cond":
        for k, branch in enumerate(params["branches"]):
            results = _walk(branch, operands[1:], (*path, k), found)
        return results
    inner = next((params[key] for key in CALLS if key in params), None)
    if inner is not None and name not in ("scan", "while"):
        return _walk(inner, operands, path, found)
    return [_expression(name, params, operands)] * len(eqn.outvars)


def _expression(name: str, params: Any, operands: list[str]) -> str:
    if name in _SILENT:
        text = operands[0]
    elif name in _SIGNS:
        text = f"{operands[0]} {_SIGNS[name]} {operands[1]}"
    elif name in _OPERATORS:
        text = f"({operands[0]} {_OPERATORS[name]} {operands[1]})"
    elif name == "abs":
        text = f"|{_bare(operands[0])}|"
    elif name == "neg":
        text = f"−{operands[0]}"
    elif name in ("square", "integer_pow"):
        text = f"{operands[0]}^{params.get('y', 2)}"
    else:
        text = f"{_NAMES.get(name, name)}({', '.join(_bare(o) for o in operands)})"
    return text if len(text) <= LONGEST else "…"


def _bare(text: str) -> str:
    """Without the parentheses around the whole."""
    if not text.startswith("(") or not text.endswith(")"):
        return text
    depth = 0
    for k, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and k < len(text) - 1:
            return text
    return text[1:-1]


def _conditions(name: str, operands: list[str], path: Path) -> dict[Path, Words]:
    if name in COMPARISONS:
        x, y = (_bare(o) for o in operands)
        return {path: Words(name, f"{x} {_SIGNS[name]} {y}", f"{x} < {y}", f"{x} > {y}")}
    if name in CHOICES:
        x, y = (_bare(o) for o in operands)
        return {path: Words(name, f"{name}({x}, {y})", f"{x} < {y}", f"{x} > {y}")}
    if name in KINKS:
        x = _bare(operands[0])
        return {path: Words(name, f"|{x}|" if name == "abs" else f"sign({x})", f"{x} < 0", f"{x} > 0")}
    if name == "clamp":
        low, x, high = (_bare(o) for o in operands)
        text = f"clamp({x}, {low}, {high})"
        return {
            (*path, 0): Words(name, text, f"{x} < {low}", f"{x} > {low}"),
            (*path, 1): Words(name, text, f"{x} < {high}", f"{x} > {high}"),
        }
    return {}
