"""Quoted code against what the page says that it computes: it runs for the subject, and its own value is the record's."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

import manualbp
from oracle.balls.ball import to_arb
from oracle.proofs import nodes as n
from oracle.proofs.captured import Watch, capturing, watch_of
from oracle.proofs.defined_above import check_any, defined_above
from oracle.proofs.errors import ProofError
from oracle.proofs.network_definitions import check_network_definition
from oracle.proofs.network_lines import check_network_line
from oracle.proofs.own_lines import check_own_line
from oracle.proofs.own_quotes import check_own_quote
from oracle.proofs.package_lines import check_package_line
from oracle.proofs.pages import Block
from oracle.proofs.quotes import find, lines_of, runs
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement
from oracle.proofs.uses import executed_for, use


def check_quote(block: Block, since: Sequence[Statement], scope: Scope) -> None:
    """since: the statements displayed since the last quotation; the line must implement one of them.

    Raises ProofError where the quoted lines are not the package's, do not run for this subject, or compute something else.
    """
    name = block.info.split()[-1]
    defined = defined_above(since, scope)
    parts = [part for statement in since if (part := attribute(statement, scope)) is not None and defined is None]
    if "/" not in name:
        if scope.own is None:
            raise ProofError("a file beside the page is quoted in a section about a subject of your own: own cost NAME")
        check_own_quote(name, block.content, parts[-1:], scope)
        if defined is not None:
            check_own_line(name, block.content, defined, scope)
        return
    found = find(name, block.content)
    attributes = set(parts[-1:])
    if any(is_record(name, place, scope) for place in found):
        return
    what = f"{scope.name or 'a network'}{' as ' + ' or '.join(sorted(attributes)) if attributes else ''}"
    run = [
        (part, place)
        for part in sorted(attributes) or [""]
        for place in found
        if runs(name, place, executed_for(scope.kind, scope.name, part))
    ]
    if not run:
        raise ProofError(f"the quoted code stands in {name}, but does not run for {what}")
    if defined is not None and scope.layered:
        check_any(partial(check_network_definition, watch_of(name, place), defined, scope) for _, place in run)
        return
    if defined is not None:
        check_package_line([watch_of(name, place) for _, place in run], defined, scope)
        return
    equations = [s for s in since if s.kind != "falsehood"]
    if equations and scope.layered:
        check_network_line(watch_of(name, run[0][1]), block.content, equations[-1], scope)
    elif not scope.layered and not any(computes(watch_of(name, place), part, scope) for part, place in run):
        raise ProofError(f"the last quoted line does not compute {what}: quote the one that does")


def is_record(name: str, place: Sequence[int], scope: Scope) -> bool:
    """Whether the quoted lines define the subject's record itself."""
    records = {"activation": manualbp.ACTIVATIONS, "cost": manualbp.COSTS}.get(scope.kind, {})
    module = import_module(name.removesuffix(".py").replace("/", "."))
    for node in ast.parse("\n".join(lines_of(name))).body:
        if isinstance(node, ast.Assign) and all(node.lineno <= k <= (node.end_lineno or 0) for k in place):
            target = node.targets[0]
            if isinstance(target, ast.Name) and getattr(module, target.id, None) is records.get(scope.name, module):
                return True
    return False


def computes(watch: Watch | None, part: str, scope: Scope) -> bool:
    """Whether the watched statement computes that part of the subject's record; of no part in particular, anything."""
    if watch is None:
        return False
    with np.errstate(all="ignore"), capturing(watch):
        results = use(scope.kind, scope.name, part)
    if not part:
        return bool(watch.found)
    return any(agrees(computed.value, result, scope.name) for computed in watch.found for result in results)


def agrees(value: Any, result: Any, name: str) -> bool:
    """Whether a line's value is the record's; or a tuple of records, with the one of that name."""
    if isinstance(value, tuple):
        return any(getattr(record, "name", None) == name for record in value)
    try:
        value, result = floats(value), floats(result)
    except (TypeError, ValueError):  # no numbers
        return False
    return value.shape == result.shape and bool(np.allclose(value, result, rtol=1e-6, atol=0, equal_nan=True))


def floats(value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype != object:
        return array
    return np.array([float(to_arb(x).mid()) for x in array.reshape(-1)]).reshape(array.shape)


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
