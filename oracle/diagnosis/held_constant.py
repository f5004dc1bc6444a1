"""The derivative of fn with a part of it held constant, or taken for the identity: what stop_gradient, detach and straight-through
estimators make, and a term of the chain rule that was forgotten.

The jaxpr of fn is differentiated once more for each part, in floats, with that part held; the result must be grad's at every point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.diagnosis.evidence import Evidence
from oracle.diagnosis.fitting import equals
from oracle.diagnosis.part_words import PartWords, Step, words_of
from oracle.witnesses.function import TRACED
from oracle.witnesses.stopped import holds_a_part
from oracle.witnesses.tracing import double_precision

Array = NDArray[Any]

#: Points that are differentiated again, with at most so many components; steps of fn that are tried, one after the other.
POINTS, MOST_COMPONENTS, MOST_STEPS = 8, 64, 48
#: Equations that are run for one sentence, all derivatives together; one that holds a program counts as many, as it is compiled.
MOST_EQUATIONS, COMPILED = 5_000, 250
#: Primitives whose derivative is 0 nearly everywhere, or on one side: straight-through estimators take them for the identity.
STEPS = frozenset({"round", "floor", "ceil", "sign", "clamp", "max", "min"})
#: Programs inside a program, by the parameter that holds them.
INNER = {
    "pjit": "jaxpr",
    "jit": "jaxpr",
    "closed_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
}
HOLDING = "It is the derivative of fn with {} held constant, as by stop_gradient or detach"
TWICE = "It is twice the derivative of fn with {} held constant: as if what it is multiplied by were symmetric"
NOT_TRANSPOSED = "{} has a transpose too many, or too few, in the derivative of {}"
THROUGH = "It is the derivative of fn with {} taken for the identity, as a straight-through estimator does"


class Part(NamedTuple):
    """held: (step, operand) pairs that are held constant, the operand −1 for the result; through: steps taken for the identity;
    not_transposed: an operand of a product of matrices that is in the derivative what it is in the value; times: of the whole."""

    held: frozenset[tuple[int, int]] = frozenset()
    through: frozenset[int] = frozenset()
    not_transposed: frozenset[tuple[int, int]] = frozenset()
    times: float = 1.0


Parts = Callable[[Sequence[Step], PartWords], Iterator[tuple[Part, str]]]


def stops(evidence: Evidence) -> bool:
    """Whether fn itself holds a part of it constant."""
    function = evidence.function
    if function.level != TRACED or not evidence.cases:
        return False
    if function.lift is not None and function.lift.detaches:
        return True
    args = evidence.cases[0].args
    return function.at(args) is function and holds_a_part(function.traced(args).value)


def straight_through(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = the derivative of fn with a rounding, a sign, a clip taken for the identity."""
    return _first_that_fits(evidence, _through)


def held_constant(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = the derivative of fn with one part of it held constant, or two statistics."""
    return _first_that_fits(evidence, _held)


def not_transposed(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = the derivative of fn with one matrix of a product not transposed; or twice the one with one factor held constant."""
    return _first_that_fits(evidence, _with_products)


def _first_that_fits(evidence: Evidence, parts: Parts) -> str | None:
    if evidence.function.level != TRACED or not evidence.wrong.any():
        return None
    points = _points(evidence)
    if not points or any(evidence.function.at(evidence.cases[n].args) is not evidence.function for n in points):
        return None
    chosen = evidence.only(np.isin(evidence.point, points))
    first = chosen.only(chosen.point == points[0])
    jaxpr = evidence.function.traced(evidence.cases[points[0]].args).value.jaxpr
    steps = list(_inlined(jaxpr, {}))[:MOST_STEPS]
    each, left = _equations(jaxpr), MOST_EQUATIONS
    for part, sentence in parts(steps, words_of(steps, evidence.names, jaxpr.invars)):
        left -= each
        if left < 0:
            return None
        if not _is_close(first, _derivative(evidence, points[0], part)):
            continue
        left -= each * len(points)
        found = [_derivative(evidence, n, part) for n in points]
        if any(f is None for f in found):
            continue
        rows = np.concatenate([np.asarray(f).ravel() for f in found])
        if rows.shape == chosen.got.shape and equals(chosen, rows):
            return sentence
    return None


def _points(evidence: Evidence) -> list[int]:
    """Wrong ones and a few right ones, in ascending order; small ones, with all their components."""
    sizes = {n: int(np.prod(shape)) for n, shape in enumerate(evidence.shapes)}
    whole = [n for n, size in sizes.items() if np.count_nonzero(evidence.point == n) == size <= MOST_COMPONENTS]
    ordinary = [n for n in whole if not evidence.extreme[evidence.point == n].any()]
    wrong = [n for n in ordinary if evidence.wrong[evidence.point == n].any()]
    right = [n for n in ordinary if n not in wrong]
    wrong.sort(key=lambda n: -min(sizes[n], 4))
    return sorted([*wrong[:POINTS], *right[:2]]) if wrong else []


def _is_close(first: Evidence, found: Array | None) -> bool:
    if found is None or found.size != len(first.got) or not np.isfinite(found).all():
        return False
    room = first.slack + 64 * first.unit * np.abs(found.ravel())
    return bool(np.all(np.abs(first.got - found.ravel()) <= room))


def _held(steps: Sequence[Step], words: PartWords) -> Iterator[tuple[Part, str]]:
    """Each step's result, the last one first; each operand by itself; reductions in pairs."""
    reductions = [k for k, step in enumerate(steps) if step[0].startswith(("reduce_", "arg", "dot_general", "cumsum"))]
    for k in reversed(range(len(steps))):
        yield Part(frozenset({(k, -1)})), HOLDING.format(words.result(k))
    for k, (_, _, inputs, _) in enumerate(steps):
        for n in range(len(inputs)):
            if len(inputs) > 1 and not hasattr(inputs[n], "val"):
                yield Part(frozenset({(k, n)})), HOLDING.format(f"{words.operand(k, n)} in {words.result(k)}")
    for i, first in enumerate(reductions):
        for second in reductions[i + 1 :]:
            both = f"{words.result(first)} and {words.result(second)}"
            yield Part(frozenset({(first, -1), (second, -1)})), HOLDING.format(both)


def _with_products(steps: Sequence[Step], words: PartWords) -> Iterator[tuple[Part, str]]:
    products = [k for k, step in enumerate(steps) if step[0] == "dot_general"]
    for k in products:
        for n in (0, 1):
            shape = tuple(getattr(getattr(steps[k][2][n], "aval", None), "shape", ()))
            what, of = words.operand(k, n), words.result(k)
            if len(shape) == 2 and shape[0] == shape[1] > 1:
                yield Part(not_transposed=frozenset({(k, n)})), NOT_TRANSPOSED.format(what, of)
            yield Part(frozenset({(k, n)}), times=2.0), TWICE.format(f"{what} in {of}")


def _through(steps: Sequence[Step], words: PartWords) -> Iterator[tuple[Part, str]]:
    """Each step by itself, then all of them: a clip is a maximum and a minimum."""
    those = [k for k, step in enumerate(steps) if step[0] in STEPS]
    for k in those:
        yield Part(frozenset(), frozenset({k})), THROUGH.format(words.result(k))
    if len(those) > 1:
        yield Part(frozenset(), frozenset(those)), THROUGH.format(" and ".join(words.result(k) for k in those[-1:]))


def _inlined(jaxpr: Any, known: dict[Any, Any]) -> Iterator[Step]:
    """The steps of a program in order, those of the programs inside in their place."""
    for eqn in jaxpr.eqns:
        inputs = [atom if hasattr(atom, "val") else known.get(atom, atom) for atom in eqn.invars]
        inner = eqn.params.get(INNER.get(eqn.primitive.name, ""))
        if inner is None:
            yield eqn.primitive.name, eqn.params, inputs, eqn.outvars[0]
            continue
        inside = getattr(inner, "jaxpr", inner)
        own = dict(zip(inside.invars, inputs, strict=True))
        yield from _inlined(inside, own)
        for outer, result in zip(eqn.outvars, inside.outvars, strict=True):
            known[outer] = result if hasattr(result, "val") else own.get(result, result)


def _equations(jaxpr: Any) -> int:
    """What a run of a program costs, in equations."""
    total = 0
    for eqn in jaxpr.eqns:
        inner = eqn.params.get(INNER.get(eqn.primitive.name, ""))
        holds = any(
            hasattr(part, "jaxpr") for p in eqn.params.values() for part in (p if isinstance(p, tuple) else (p,))
        )
        total += _equations(getattr(inner, "jaxpr", inner)) if inner is not None else COMPILED if holds else 1
    return total


def _derivative(evidence: Evidence, point: int, part: Part) -> Array | None:
    """The derivative of the value at a point with the part held, by jax.grad in float64; None where that cannot be had."""
    import jax

    args = evidence.cases[point].args
    closed = evidence.function.traced(args).value
    argnum = evidence.argnum

    def value(x: Any) -> Any:
        given = [x if n == argnum else a for n, a in enumerate(args)]
        return _run(closed.jaxpr, closed.consts, given, part, iter(range(10**6)))[0]

    try:
        with double_precision():
            return part.times * np.asarray(jax.grad(value)(args[argnum]), dtype=np.float64)
    except Exception:  # a primitive that does not run so: this part is not tried
        return None


def _run(jaxpr: Any, consts: Sequence[Any], args: Sequence[Any], part: Part, count: Iterator[int]) -> list[Any]:
    """A jaxpr evaluated with a part held. Its own stop_gradients hold nothing here: what they hold is tried as any part is."""
    from jax import lax

    values: dict[Any, Any] = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *args), strict=True))

    def read(atom: Any) -> Any:
        return atom.val if hasattr(atom, "val") else values[atom]

    for eqn in jaxpr.eqns:
        inputs = [read(atom) for atom in eqn.invars]
        inner = eqn.params.get(INNER.get(eqn.primitive.name, ""))
        if inner is not None:
            inside = getattr(inner, "jaxpr", inner)
            results = _run(inside, getattr(inner, "consts", ()), inputs, part, count)
        else:
            results = _stepped(eqn, next(count), inputs, part, lax)
        values.update(zip(eqn.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _stepped(eqn: Any, k: int, inputs: list[Any], part: Part, lax: Any) -> list[Any]:
    held = [lax.stop_gradient(x) if (k, n) in part.held else x for n, x in enumerate(inputs)]
    if eqn.primitive.name == "stop_gradient":
        results = held
    else:
        found = eqn.primitive.bind(*held, **eqn.params)
        results = list(found) if eqn.primitive.multiple_results else [found]
    if (k, -1) in part.held:
        return [lax.stop_gradient(result) for result in results]
    for n in (0, 1):
        if (k, n) in part.not_transposed:
            return [_with_transpose(eqn, inputs, n, results[0], lax)]
    if k in part.through:
        moving = next((x for n, x in enumerate(inputs) if _is_main(eqn, n, x, results[0])), None)
        if moving is not None:
            return [moving + lax.stop_gradient(results[0] - moving)]
    return results


def _with_transpose(eqn: Any, inputs: list[Any], n: int, result: Any, lax: Any) -> Any:
    """The product as it is, whose derivative by the other operand holds operand n transposed once more."""
    still = lax.stop_gradient
    turned, by_itself = list(inputs), list(inputs)
    turned[n] = still(inputs[n]).T
    by_itself[1 - n] = still(inputs[1 - n])
    moving = [eqn.primitive.bind(*given, **eqn.params) for given in (turned, by_itself)]
    return still(result) + sum(m - still(m) for m in moving)


def _is_main(eqn: Any, n: int, x: Any, result: Any) -> bool:
    """The operand that a step is taken for: the one in the middle of a clamp, else the first that is no literal."""
    if eqn.primitive.name == "clamp":
        return n == 1
    return not hasattr(eqn.invars[n], "val") and np.shape(x) == np.shape(result)
