"""Points of a subject's domains: ordinary ones, and corners of it, for the labels and for the peers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject

Rng = np.random.Generator

LENGTHS = (1, 2, 3, 5, 8, 9, 17, 65, 129)
POSITIVE = (1.0, 0.5, 2.0, 3.0, 40.0, 800.0, 1e-3, 1e-12, 1e-150, 1e-300, 1e150, 1e300, 5e-324, 1 - 2**-53)
UNIT = (0.5, 1e-3, 1e-12, 1e-150, 1e-300, 0.25, 0.9999, 1 - 2**-53)
SIGNED = (0.0, -0.0, *POSITIVE, *(-x for x in POSITIVE))


def shapes_of(subject: Subject, length: int) -> tuple[tuple[int, ...], ...]:
    return subject.shapes or ((length,),) * len(subject.domains)


def lengths_of(subject: Subject, lengths: Sequence[int] = LENGTHS) -> tuple[int, ...]:
    """Those of `lengths` that the subject allows, with its least and greatest; one entry where its shapes are fixed."""
    if not lengths:
        return ()
    if subject.shapes is not None:
        return (0,)
    low, high = subject.lengths or (1, max(lengths))
    return tuple(sorted({n for n in lengths if low <= n <= high} | {low} | ({high} if subject.lengths else set())))


def ordinary(subject: Subject, rng: Rng, length: int = 3) -> tuple[Any, ...]:
    """One random point, of ordinary size."""
    shapes = shapes_of(subject, length)
    return tuple(draw(domain, shape, rng) for domain, shape in zip(subject.domains, shapes, strict=True))


def corner(subject: Subject, rng: Rng, length: int = 3) -> tuple[Any, ...]:
    """One random point whose entries are special values of their domain, with ties inside and between the arguments."""
    args: list[Any] = []
    for domain, shape in zip(subject.domains, shapes_of(subject, length), strict=True):
        special = specials(domain)
        array = draw(domain, shape, rng)
        if special and array.size:
            chosen = rng.random(shape) < rng.choice([0.3, 0.7, 1.0])
            few = rng.choice(special, size=min(len(special), int(rng.choice([1, 2, 20]))))
            array = np.where(chosen, rng.choice(few, size=shape), array)
            if args and args[0].shape == shape and rng.random() < 0.5:
                tied = (rng.random(shape) < 0.5) & inside(domain, args[0])
                array = np.where(tied, args[0], array)
        args.append(array)
    return tuple(args)


def level(subject: Subject, rng: Rng, length: int = 3) -> tuple[Any, ...]:
    """A corner at which all entries of the argument that is differentiated are equal."""
    args = list(corner(subject, rng, length))
    here = args[subject.argnum]
    if here.size:
        args[subject.argnum] = np.full(here.shape, here.flat[0])
    return tuple(args)


def many(subject: Subject, seed: int, each: int = 2, lengths: Sequence[int] = LENGTHS) -> Iterator[tuple[Any, ...]]:
    """Ordinary points, corners and one point of equal entries at several lengths; the same for the same seed."""
    rng = np.random.default_rng(seed)
    for length in lengths_of(subject, lengths):
        for _ in range(each * (1 if subject.shapes is None else len(lengths))):
            yield ordinary(subject, rng, length)
            yield corner(subject, rng, length)
        yield level(subject, rng, length)


def is_ordinary(args: tuple[Any, ...]) -> bool:
    """Whether every number is 0 or of a magnitude that people compute with."""
    sizes = np.concatenate([np.abs(a).ravel() for a in args])
    return bool(np.all((sizes == 0) | ((sizes >= 1e-9) & (sizes <= 1e4))))


def draw(domain: Any, shape: tuple[int, ...], rng: Rng) -> Any:
    """A random array of the domain. Raises ValueError for a domain it does not know."""
    if isinstance(domain, tuple):
        low, high = domain
        if low <= -100 and high >= 100:
            return rng.normal(0, 2, shape)  # as in "real"
        return low + (high - low) * rng.uniform(0.01, 0.99, shape)
    if domain == "real":
        return rng.normal(0, 2, shape)
    if domain in ("positive", "nonnegative"):
        return rng.uniform(0.1, 3, shape)
    if domain in ("unit", "closed_unit"):
        return rng.uniform(0.02, 0.98, shape)
    if domain in ("simplex", "closed_simplex"):
        weights = rng.uniform(0.1, 1, shape)
        return weights / weights.sum()
    if domain == "sign":
        return rng.choice([-1.0, 1.0], shape)
    if domain == "one_hot":
        array = np.zeros(shape)
        array.flat[rng.integers(array.size)] = 1.0
        return array
    raise ValueError(f"domain {domain!r} is unknown here")


def specials(domain: Any) -> list[float]:
    """Special values, each inside the domain; none where entries depend on one another."""
    if isinstance(domain, tuple):
        low, high = domain
        width = high - low
        edges = [float(np.nextafter(low, high)), float(np.nextafter(high, low)), low + width * 1e-9, (low + high) / 2]
        return edges + [x for x in SIGNED if low < x < high]
    table = {
        "real": SIGNED,
        "positive": POSITIVE,
        "nonnegative": (0.0, *POSITIVE),
        "unit": UNIT,
        "closed_unit": (0.0, 1.0, *UNIT),
    }
    return list(table.get(domain, ()))


def inside(domain: Any, array: Any) -> Any:
    """Elementwise: which entries belong to a domain of independent entries."""
    if isinstance(domain, tuple):
        return (array > domain[0]) & (array < domain[1])
    tests = {
        "real": array == array,
        "positive": array > 0,
        "nonnegative": array >= 0,
        "unit": (array > 0) & (array < 1),
        "closed_unit": (array >= 0) & (array <= 1),
    }
    return tests.get(domain, np.zeros(array.shape, dtype=bool))
