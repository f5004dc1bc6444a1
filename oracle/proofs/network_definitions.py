"""A line of the package quoted below a definition on a network page, g_j := a^L_j − E_j, computes what is defined.

A network runs with the sigmoid and the quadratic cost. A column has one entry for each output, samples stand side by side, as the
package has them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.captured import Watch, capturing
from oracle.proofs.errors import ProofError
from oracle.proofs.frame import Frame
from oracle.proofs.networks import SHAPES, Run, run, scope_of_run
from oracle.proofs.scope import Definition, Scope, reached

#: Samples of the networks that run: more than one, and no width of theirs.
SAMPLES = 5
#: What a page may define anew, and with it the network that would have to run.
OF_THE_RUN = ("C", "sigma", "a")


def check_network_definition(watch: Watch | None, definition: Definition, scope: Scope) -> None:
    """Raises ProofError where the last quoted statement computes something else than the definition right above it."""
    if watch is None:
        raise ProofError(f"the last quoted line computes nothing, and not {definition.name}: quote the one that does")
    check_common(definition, scope)
    ran = False
    for widths in SHAPES:
        watch.found.clear()
        with np.errstate(all="ignore"), capturing(watch):
            this = run(Frame(widths, SAMPLES), 0)
        if watch.found:
            ran = True
            check_found([computed.value for computed in watch.found], definition, list(values(definition, scope, this)))
    if not ran:
        raise ProofError(
            "the quoted line does not run in a network with the sigmoid and the quadratic cost: quote it in a section about "
            "the cost, activation or head that it belongs to"
        )


def check_found(found: Sequence[Any], definition: Definition, wanted: Sequence[np.ndarray]) -> None:
    """Raises ProofError where the line gave something else. Of a column, what it gave at layers of another width is not asked."""
    shapes = {shape for value in wanted for shape in (value.shape, (*value.shape[:-1], 1)) if shape not in ((), (1,))}
    tuples = [value if isinstance(value, tuple) else (value,) for value in found]
    whole = [parts for parts in tuples if any(np.shape(part) in shapes for part in parts)]
    asked = tuples if definition.arguments or not whole else whole
    if not all(any(same(part, value) for part in parts for value in wanted) for parts in asked):
        raise ProofError(f"the quoted code does not compute {definition.name}, which is defined right above it")


def check_common(definition: Definition, scope: Scope) -> None:
    """Raises ProofError where the definition is, or rests on, a σ or C of the page that is not that of the network which runs."""
    meant = scope_of_run()
    for name in OF_THE_RUN:
        mine, theirs = scope.get(name), meant.get(name)
        if mine is None or name not in {definition.name, *reached(definition.name, scope)}:
            continue
        if theirs is None or (mine.body, mine.arguments) != (theirs.body, theirs.arguments):
            raise ProofError(
                f"code of the network is compared with the sigmoid and the quadratic cost, and the page defines another {name}: "
                "quote it in a section about that cost or activation"
            )


def values(definition: Definition, scope: Scope, this: Run) -> Iterator[np.ndarray]:
    """What is defined, samples side by side; of a function, its values at every column that code may give it."""
    world = this.world
    world.scope = replace(scope, definitions={**scope_of_run().definitions, **scope.definitions})
    if definition.arguments:
        for columns in itertools.permutations(columns_of(this), len(definition.arguments)):
            if len({column.shape for column in columns}) == 1:
                yield applied(definition, world, columns)
        return
    by_sample = [np.ravel(world.evaluator(sample=r).value(n.Symbol(definition.name))) for r in range(SAMPLES)]
    whole = np.real(np.stack(by_sample, axis=1))
    yield whole
    if len(whole) == 1:
        yield whole[0]
        yield np.array(whole.mean())


def columns_of(this: Run) -> list[np.ndarray]:
    """Weighted inputs, outputs and what is expected."""
    made = [column for name in ("z", "a") for column in this.values[name].values()]
    return [*made, np.real(np.stack([this.world.expected[r] for r in range(SAMPLES)], axis=1))]


def applied(definition: Definition, world: Any, columns: tuple[np.ndarray, ...]) -> np.ndarray:
    here = world.evaluator(sample=0)
    entries = zip(*(np.ravel(column) for column in columns), strict=True)
    made = [here.of_function(definition.name, tuple(map(complex, x)), 0) for x in entries]
    return np.real(np.array(made)).reshape(columns[0].shape)


def same(value: Any, whole: np.ndarray) -> bool:
    """Whether a value is that array, or, where one sample or entry comes after the other, a column or entry of it."""
    try:
        value = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    if value.ndim == 0 or value.size == 1:
        return bool(np.any(np.isclose(value, whole, rtol=1e-9, atol=1e-12)))
    if value.shape == (*whole.shape[:-1], 1):
        return bool(np.any(np.all(np.isclose(value, whole, rtol=1e-9, atol=1e-12), axis=0)))
    return value.shape == whole.shape and bool(np.allclose(value, whole, rtol=1e-9, atol=1e-12))
