"""Where a gradient is wrong, by what can be counted: components, lengths, ties and special values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats, Mask

BLOCKS = (2, 3, 4, 5, 8, 16, 32, 64)


@dataclass(frozen=True, eq=False)
class Place:
    """Rows with something in common, and the words for it that follow "right except"."""

    words: str
    rows: Mask


def counted_place(evidence: Evidence, wrong: Mask, neutral: Mask, outside: Mask | None = None) -> Place | None:
    """The first of the known places that holds the wrong rows and no right one, nor any of those that must lie outside."""
    for place in (*_components(evidence), *_lengths(evidence), *_at_lengths(evidence), *special_values(evidence)):
        if outside is not None and np.any(place.rows & outside):
            continue
        if is_where(evidence, place.rows, wrong, neutral):
            return place
    return None


def is_where(evidence: Evidence, rows: Mask, wrong: Mask, neutral: Mask) -> bool:
    """Whether these rows are the wrong ones, at two points at least, with right ones beside them at two points at least."""
    if np.any(wrong & ~rows) or np.any(rows & ~wrong & ~neutral):
        return False
    right = ~rows & ~neutral
    return len(np.unique(evidence.point[wrong])) >= 2 and len(np.unique(evidence.point[right])) >= 2


def _components(evidence: Evidence) -> Iterator[Place]:
    k, n = evidence.index, evidence.size
    yield Place("in the first component", k == 0)
    yield Place("in the last component", k == n - 1)
    yield Place("in all but the first component", k > 0)
    yield Place("in all but the last component", k < n - 1)
    yield from _matrix_entries(evidence)
    wrong = np.unique(k[evidence.wrong])
    if len(wrong):
        first, last = int(wrong[0]), int(wrong[-1])
        if first == last:
            yield Place(f"in component {first}", k == first)
        yield Place(f"from component {first} on", k >= first)
        yield Place(f"up to component {last}", k <= last)
        back = n - k
        yield Place(f"in the last {int(np.max(back[evidence.wrong]))} components", back <= np.max(back[evidence.wrong]))
    yield Place("in the components of odd index", k % 2 == 1)
    yield Place("in the components of even index", k % 2 == 0)
    for m in BLOCKS:
        yield Place(f"in what is left over after blocks of {m}", k >= n // m * m)
        yield Place(f"in the last component of each block of {m}", k % m == m - 1)
        yield Place(f"in the first component of each block of {m}", k % m == 0)


def _matrix_entries(evidence: Evidence) -> Iterator[Place]:
    if not evidence.shapes or any(len(shape) != 2 for shape in evidence.shapes):
        return
    rows = np.array([shape[0] for shape in evidence.shapes])[evidence.point]
    columns = np.array([shape[1] for shape in evidence.shapes])[evidence.point]
    i, j = evidence.index // columns, evidence.index % columns
    yield Place("in the first row", i == 0)
    yield Place("in the last row", i == rows - 1)
    yield Place("in the first column", j == 0)
    yield Place("in the last column", j == columns - 1)
    yield Place("on the diagonal", i == j)
    yield Place("off the diagonal", i != j)
    yield Place("above the diagonal", i < j)
    yield Place("below the diagonal", i > j)
    for words, at in (("column", j), ("row", i)):
        wrong = np.unique(at[evidence.wrong])
        if len(wrong) > 1:
            yield Place(f"from {words} {int(wrong[0])} on", at >= wrong[0])
            yield Place(f"up to {words} {int(wrong[-1])}", at <= wrong[-1])


def _lengths(evidence: Evidence) -> Iterator[Place]:
    n = evidence.size
    lengths = np.unique(n)
    if len(lengths) == 1:
        return
    here = np.unique(n[evidence.wrong])
    if not len(here):
        return
    first, last = here[0], here[-1]
    if first == last:
        yield Place(f"at length {int(first)}", n == first)
    yield Place(f"from length {int(first)} on", n >= first)
    yield Place(f"up to length {int(last)}", n <= last)
    for m in BLOCKS:
        yield Place("at odd lengths" if m == 2 else f"at lengths that are no multiple of {m}", n % m != 0)
        yield Place("at even lengths" if m == 2 else f"at lengths that are multiples of {m}", n % m == 0)


def _at_lengths(evidence: Evidence) -> Iterator[Place]:
    """A component at some lengths."""
    lengths = list(_lengths(evidence))
    for component in (p for p in _components(evidence) if not p.words.startswith(("from", "up to", "in all but"))):
        for length in lengths:
            yield Place(f"{component.words} {length.words}", component.rows & length.rows)


def special_values(evidence: Evidence) -> Iterator[Place]:
    """At kinks, at 0, ±1, ties between and inside the arguments, the largest and the smallest entry; and everywhere but there."""
    for words, rows in _conditions(evidence):
        yield Place(f"where {words}", rows)
    for words, rows in _conditions(evidence):
        yield Place(f"at points where {words} in some component", _anywhere(evidence, rows))
    for words, rows in _conditions(evidence):
        yield Place(f"everywhere but where {words}", ~rows)
    for words, rows in _points(evidence):
        yield Place(f"where {words}", rows)


def _conditions(evidence: Evidence) -> Iterator[tuple[str, Mask]]:
    yield "the function has a kink", evidence.kink
    for name, v in zip(evidence.names, evidence.values, strict=True):
        if v is None:
            continue
        yield from ((f"{name} = {value:g}", v == value) for value in (0.0, 1.0, -1.0, 0.5))
        yield f"{name} is a repeated entry", evidence.each(_repeated, v) > 0
        yield f"{name} is the largest entry", evidence.each(lambda e: (e == e.max()).astype(float), v) > 0
        yield f"{name} is the smallest entry", evidence.each(lambda e: (e == e.min()).astype(float), v) > 0
        yield f"{name} is an integer", np.isfinite(v) & (v == np.round(v))
        yield f"{name} is negative", v < 0
        yield f"{name} is subnormal", (v != 0) & (np.abs(v) < np.finfo(np.float64).tiny)
    x, x_name = evidence.x, evidence.names[evidence.argnum]
    for j, y in enumerate(evidence.values):
        if j != evidence.argnum and y is not None:
            yield f"{x_name} = {evidence.names[j]}", x == y
            yield f"{x_name} = −{evidence.names[j]}", x == -y
            yield f"{x_name}·{evidence.names[j]} = 1", x * y == 1


def _points(evidence: Evidence) -> Iterator[tuple[str, Mask]]:
    """What is so of an argument as a whole."""
    for name, v in zip(evidence.names, evidence.values, strict=True):
        if v is None:
            continue
        more_than_one = evidence.size > 1
        yield (
            f"all entries of {name} are equal",
            more_than_one & (evidence.each(lambda e: float(np.ptp(e) == 0), v) > 0),
        )
        yield f"all entries of {name} are 0", evidence.each(lambda e: float(not e.any()), v) > 0
        yield f"{name} is sorted", more_than_one & (evidence.each(lambda e: float(np.all(np.diff(e) >= 0)), v) > 0)
        yield f"{name} is not sorted", evidence.each(lambda e: float(np.any(np.diff(e) < 0)), v) > 0
        yield f"the entries of {name} sum to 0", evidence.each(lambda e: float(np.sum(e) == 0), v) > 0


def _repeated(entries: Floats) -> Floats:
    _, back, counts = np.unique(entries, return_inverse=True, return_counts=True)
    return np.asarray(counts[back.ravel()] > 1, dtype=np.float64)


def _anywhere(evidence: Evidence, rows: Mask) -> Mask:
    return evidence.each(lambda v: float(v.any()), rows.astype(np.float64)) > 0
