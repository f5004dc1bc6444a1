"""The same numbers in other arrays, written apart from the checker's own: what a gradient may depend on, and must not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Point, Subject

Array = Any
Guise = Callable[[Subject, Point, Point], Point]

BETWEEN = 7e5  # what stands beside the entries of a view
LABELS = ("sign", "one_hot")


def each(of_array: Callable[[Array], Array]) -> Guise:
    return lambda subject, args, before: tuple(of_array(a) for a in args)


def in_fortran_order(a: Array) -> Array:
    return np.array(a, order="F")


def in_every_third_entry(a: Array) -> Array:
    if a.ndim == 0:
        return a.copy()
    wide = np.full((3 * a.shape[0], *a.shape[1:]), BETWEEN)
    wide[1::3] = a
    return wide[1::3]


def from_the_end(a: Array) -> Array:
    return np.flip(np.flip(a).copy())


def inside_a_longer_one(a: Array) -> Array:
    """Contiguous, but not from the beginning of the memory."""
    longer = np.full(a.size + 4, BETWEEN)
    longer[2 : 2 + a.size] = a.ravel()
    return longer[2 : 2 + a.size].reshape(a.shape)


def read_only(a: Array) -> Array:
    out = a.copy()
    out.setflags(write=False)
    return out


def labels_as_integers(subject: Subject, args: Point, before: Point) -> Point:
    return tuple(
        a.astype(np.int64) if domain in LABELS and n != subject.argnum else a.copy()
        for n, (domain, a) in enumerate(zip(subject.domains, args, strict=True))
    )


def the_same_objects(subject: Subject, args: Point, before: Point) -> Point:
    """The arrays of the call before, with other numbers in them."""
    if [a.shape for a in before] != [a.shape for a in args]:
        return tuple(a.copy() for a in args)
    for old, new in zip(before, args, strict=True):
        old[...] = new
    return before


GUISES: Mapping[str, Guise] = MappingProxyType(
    {
        "in Fortran order": each(in_fortran_order),
        "in every third entry": each(in_every_third_entry),
        "from the end": each(from_the_end),
        "inside a longer array": each(inside_a_longer_one),
        "read-only": each(read_only),
        "labels as integers": labels_as_integers,
        "in the same objects": the_same_objects,
    }
)
