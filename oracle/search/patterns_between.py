"""Patterns across arguments: ties between them, and values that meet or straddle a mined constant.

A recipe makes the arguments of one point, or says None where the domains or shapes have none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.domains import Domain, short_values, within
from oracle.search.lengths import Shapes
from oracle.search.patterns import fill, generic
from oracle.search.problem import Arguments, Problem

Array = NDArray[Any]
Recipe = Callable[[Problem, Shapes, np.random.Generator, int], Arguments | None]

OFF = (1 + 1e-3, 1 - 1e-3)
#: So many entries at each end of a long argument are related to those of another, one by one.
MOST_RELATED = 150


def ordinary(problem: Problem, shapes: Shapes, rng: np.random.Generator) -> list[Array] | None:
    """Ordinary numbers everywhere; None where a shape has no column for a simplex or one-hot argument."""
    filled = [fill("ordinary numbers", d, s, rng) for d, s in zip(problem.domains, shapes, strict=True)]
    return None if any(x is None for x in filled) else [x for x in filled if x is not None]


def filling(name: str, where: str = "all") -> Recipe:
    """The pattern in all arguments that have it, in the differentiated one, or in the others; the rest are ordinary."""

    def recipe(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
        args = ordinary(problem, shapes, rng)
        if args is None:
            return None
        filled = False
        for k, (domain, shape) in enumerate(zip(problem.domains, shapes, strict=True)):
            if where == "all" or (k == problem.argnum) == (where == "it"):
                x = fill(name, domain, shape, rng, turn)
                if x is not None:
                    args[k], filled = x, True
        return tuple(args) if filled else None

    return recipe


def again(what: str) -> Recipe:
    """One point, the same at every turn: "itself", with the "others" than the differentiated argument redrawn, or with that one
    "moved" by less than a millionth. A gradient that keeps answers by a key too coarse is caught at the second of two."""

    def recipe(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
        base, fresh = (ordinary(problem, shapes, np.random.default_rng(k)) for k in (0, 1 + turn))
        if base is None or fresh is None:
            return None
        n = problem.argnum
        if what == "others":
            return tuple(base[k] if k == n else fresh[k] for k in range(len(base))) if len(base) > 1 else None
        if what == "moved":
            base[n] = base[n] * (1 + 2.0**-22)
        return tuple(base) if problem.domains[n].holds(base[n]) else None

    return recipe


def others(problem: Problem, shapes: Shapes) -> list[int]:
    """The arguments shaped as the differentiated one: those that it can tie with."""
    return [k for k, s in enumerate(shapes) if k != problem.argnum and s == shapes[problem.argnum]]


def tied(how: str) -> Recipe:
    """The differentiated argument equal to another one: in "every" entry, in "some", "nearly", or with the "opposite" sign."""

    def recipe(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
        args = ordinary(problem, shapes, rng)
        partners = others(problem, shapes)
        if args is None or not partners:
            return None
        k = partners[turn % len(partners)]
        for source, target in ((k, problem.argnum), (problem.argnum, k)):
            changed = _tie(how, args[source], args[target], rng)
            if problem.domains[target].holds(changed):
                args[target] = changed
                return tuple(args)
        return None

    return recipe


def _tie(how: str, source: Array, target: Array, rng: np.random.Generator) -> Array:
    if how == "every":
        return source.copy()
    if how == "opposite":
        return -source
    if how == "some":
        chosen = np.arange(source.size).reshape(source.shape) % 2 == 0
        return np.where(chosen, source, target)
    far = np.arange(source.size).reshape(source.shape) % 3
    return np.asarray(
        np.choose(far, [np.nextafter(source, math.inf), np.nextafter(source, -math.inf), source * (1 + 1e-9)])
    )


def neighbours(c: float) -> tuple[float, ...]:
    """c(1 ± 1e-3), the floats beside c, 2c, c/2, the same with the other sign; 10c, c/10, and as far beside 1 − c."""
    beside = (float(np.nextafter(c, math.inf)), float(np.nextafter(c, 0.0)))
    one_side = (c * OFF[0], c * OFF[1], *beside, 2 * c, c / 2)
    both = (v for pair in zip(one_side, (-v for v in one_side), strict=True) for v in pair)
    complement = (1 - c * OFF[0], 1 - c * OFF[1], 1 - c / 2, 1 - 2 * c) if 1 - c != 1 else ()
    return tuple(v for v in (*both, 10 * c, c / 10, *complement) if math.isfinite(v) and v)


def at_values(c: float, where: str) -> Recipe:
    """Entries exactly c, −c and 1 − c, or with `where` "beside" their neighbours, in the differentiated argument first."""
    return holding((c, -c, 1 - c) if where == "at" else neighbours(c))


def holding(values: Sequence[float]) -> Recipe:
    """As many of the values as fit, in the differentiated argument first, then in the others."""

    def recipe(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
        args = ordinary(problem, shapes, rng)
        if args is None:
            return None
        order = [problem.argnum, *(k for k in range(len(args)) if k != problem.argnum)]
        for k in order[turn % len(order) :]:
            changed = _with_values(problem.domains[k], args[k], values, turn // len(order), rng)
            if changed is not None:
                args[k] = changed
                return tuple(args)
        return None

    return recipe


def _with_values(
    domain: Domain, x: Array, values: Sequence[float], turn: int, rng: np.random.Generator
) -> Array | None:
    """x with as many of the values as it holds, going on where the last turn ended; in a simplex one of them a column."""
    inside = [v for v in within(domain, values) if domain.kind != "simplex" or 0 < v < 1]
    if not inside or not x.size or domain.kind not in ("interval", "simplex"):
        return None
    x = x.copy()
    if domain.kind == "simplex":
        if x.shape[-1] < 2:
            return None
        v = inside[turn % len(inside)]
        x[..., 1:] *= (1 - v) / x[..., 1:].sum(axis=-1, keepdims=True)
        x[..., 0] = v
        return x if domain.holds(x) else None
    start = turn * x.size % len(inside)
    chosen = (inside[start:] + inside[:start])[: x.size]
    x.flat[: len(chosen)] = chosen
    return x


_RELATIONS: dict[str, Callable[[Any, float], Any]] = {
    "difference": lambda base, c: base + c,
    "sum": lambda base, c: c - base,
    "ratio": lambda base, c: c * base,
    "product": lambda base, c: c / base,
}


def related(c: float, kind: str, where: str) -> Recipe:
    """The differentiated argument and another one whose difference, sum, ratio or product is c or −c, or "beside" it."""
    values = (c, -c) if where == "at" else neighbours(c)[:14]

    def recipe(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
        args = ordinary(problem, shapes, rng)
        partners = [k for k in others(problem, shapes) if problem.domains[k].kind in ("interval", "one_hot", "sign")]
        n = problem.argnum
        if args is None or not partners or problem.domains[n].kind != "interval":
            return None
        k = partners[turn % len(partners)]
        first = turn // len(partners) * args[n].size
        found = False
        args[k] = args[k].copy()
        for i in _places(args[n].size):
            value = values[(first + i) % len(values)]
            for base in _bases(problem.domains[k], args[k].flat[i], rng, short=where == "at"):
                with np.errstate(all="ignore"):  # a ratio to nothing is outside the domain
                    a = float(_RELATIONS[kind](np.float64(base), value))
                if within(problem.domains[n], (a,)):
                    args[n].flat[i], args[k].flat[i], found = a, base, True
                    break
        return tuple(args) if found else None

    return recipe


def _places(size: int) -> Sequence[int]:
    """Entries that are related: all, of a long argument the first and the last ones."""
    return range(size) if size <= 2 * MOST_RELATED else (*range(MOST_RELATED), *range(size - MOST_RELATED, size))


def _bases(domain: Domain, present: float, rng: np.random.Generator, *, short: bool) -> Iterator[float]:
    """Values for the other argument: short ones are met exactly; the present one where it may not change."""
    if domain.kind != "interval":
        yield float(present)
        return
    if not short:
        yield from (float(v) for v in generic(domain, (4,), rng))
    exact = within(domain, (0.5, 1.0, 2.0, 0.25, -1.0, 0.125))
    start = int(rng.integers(len(exact))) if exact else 0
    yield from (*exact[start:], *exact[:start], *short_values(domain))


def with_norm(c: float, factor: float, of: str) -> Recipe:
    """The Euclidean norm of the differentiated argument, or of its "difference" from another, is factor·c."""

    def recipe(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
        args = ordinary(problem, shapes, rng)
        n = problem.argnum
        if args is None or not args[n].size or problem.domains[n].kind != "interval":
            return None
        scaled = args[n] / float(np.max(np.abs(args[n])))  # whose squares leave no floats
        step = scaled / float(np.linalg.norm(scaled)) * (factor * c)
        if of == "difference":
            partners = others(problem, shapes)
            if not partners:
                return None
            step = args[partners[0]] + step
        args[n] = np.asarray(step)
        return tuple(args) if problem.domains[n].holds(args[n]) else None

    return recipe
