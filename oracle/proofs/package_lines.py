"""A line of the package quoted below a definition of the page, r_j := a_j − E_j, computes what is defined."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

import manualbp
from oracle.balls.ball import to_arb
from oracle.proofs.captured import Watch, capturing
from oracle.proofs.defined_above import check_any, check_computes, expected_values
from oracle.proofs.errors import ProofError
from oracle.proofs.records import PARAMETERS
from oracle.proofs.scope import Definition, Scope


def check_package_line(watches: Sequence[Watch | None], definition: Definition, scope: Scope) -> None:
    """Raises ProofError where none of the watched statements computes what the page defines right above it."""
    points, expected = expected_values(definition, scope)

    def computes(watch: Watch | None) -> None:
        computed = [recorded(watch, scope, point) for point in points] if watch is not None else []
        if not any(computed):
            raise ProofError(
                f"the last quoted line computes nothing, and not {definition.name}: quote the one that does"
            )
        check_computes(definition, expected, computed)

    check_any(partial(computes, watch) for watch in (watches if points else ()))


def recorded(watch: Watch, scope: Scope, point: dict[str, Any]) -> list[list[float]]:
    """What the statement computes while the subject's record is asked at this point."""
    watch.found.clear()
    with np.errstate(all="ignore"), capturing(watch):
        ask(scope, point)
    parts = [x for found in watch.found for x in (found.value if isinstance(found.value, tuple) else (found.value,))]
    return [numbers for part in parts if (numbers := floats(part)) is not None]


def ask(scope: Scope, point: dict[str, Any]) -> None:
    """Value and slopes of the subject's record there."""
    columns = [np.array(column)[:, None] for column in point["columns"]]
    if scope.kind == "activation":
        activation = manualbp.ACTIVATIONS[scope.name]
        activation.sigma(columns[0])
        activation.sigma_prime(columns[0])
    elif scope.kind == "cost":
        cost = manualbp.COSTS[scope.name]
        if scope.name in PARAMETERS:
            letter, make = PARAMETERS[scope.name]
            cost = make(point["parameters"][letter])
        cost.C(*columns)
        cost.nabla_a(*columns)
    else:
        head = manualbp.HEADS[scope.name]
        z, E = columns
        a = head.sigma(z)
        head.C(z, a, E)
        head.delta(z, a, E)


def floats(value: Any) -> list[float] | None:
    """The entries; None for what is made of no real numbers."""
    array = np.ravel(np.asarray(value))
    try:
        return [float(to_arb(x).mid()) if array.dtype == object else float(x) for x in array]
    except (TypeError, ValueError):
        return None
