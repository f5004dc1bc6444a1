"""A part of an earlier question that a backend keeps: weights, biases, inputs or targets set once, or one question too late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from oracle.conform.hypotheses import wrong_fields
from oracle.conform.outcome import Outcome, Result, spread
from oracle.vectors.match import GRADIENTS, alike, given_of
from oracle.vectors.mistakes import right
from oracle.vectors.record import Question

#: name: the fields of a question that are kept.
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"the {words} of an earlier question of these {'layers' if words == 'activations' else 'shapes'}": fields
        for words, fields in (
            ("weights", ("weights",)),
            ("biases", ("biases",)),
            ("weights and biases", ("weights", "biases")),
            ("inputs", ("x",)),
            ("targets", ("expected",)),
            ("inputs and targets", ("x", "expected")),
            ("activations", ("hidden",)),
        )
    }
)
#: So many wrong answers are looked at first; a part is kept where it explains this part of them.
PROBES, MOST = 12, 0.5
#: Under what a part may be kept, and whether the first question or the last one is.
Key = tuple[object, ...]
Way = tuple[str, int, bool]


def kept_parts(results: Sequence[Result]) -> dict[int, str]:
    """By the wrong cases, in the order of asking, the name of the part of an earlier question that explains them."""
    earlier = _earlier(results)
    wrong = [k for k, r in enumerate(results) if r.outcome is Outcome.WRONG and earlier[k]]
    probes = spread(wrong, PROBES)
    if len(probes) < 2:
        return {}
    ways: dict[Way, int] = {}
    for k in probes:
        for way in _ways(results[k], earlier[k]):
            ways[way] = ways.get(way, 0) + 1
    if not ways or max(ways.values()) <= max(1, MOST * len(probes)):
        return {}
    best = max(ways, key=lambda way: ways[way])
    return {k: best[0] for k in wrong if _explains(results[k], earlier[k], best)}


def _earlier(results: Sequence[Result]) -> list[dict[tuple[int, bool], Question]]:
    """For every case the questions before it that some key shares: by the number of the key, and whether it is the first."""
    first: dict[tuple[int, Key], Question] = {}
    last: dict[tuple[int, Key], Question] = {}
    found = []
    for r in results:
        mine: dict[tuple[int, bool], Question] = {}
        for number, key in enumerate(_keys(r.vector.question)):
            if (number, key) in first:
                mine |= {(number, True): first[number, key], (number, False): last[number, key]}
            if r.answer is not None:
                first.setdefault((number, key), r.vector.question)
                last[number, key] = r.vector.question
        found.append(mine)
    return found


def _keys(q: Question) -> Iterator[Key]:
    yield q.sizes, q.dtype
    yield q.sizes, q.samples, q.dtype
    yield q.sizes[0], q.samples, q.dtype
    yield len(q.hidden), q.dtype


def _ways(result: Result, earlier: Mapping[tuple[int, bool], Question]) -> Iterator[Way]:
    for name in PARTS:
        for number, is_first in earlier:
            if _explains(result, earlier, (name, number, is_first)):
                yield name, number, is_first


def _explains(result: Result, earlier: Mapping[tuple[int, bool], Question], way: Way) -> bool:
    name, number, is_first = way
    q, other = result.vector.question, earlier.get((number, is_first))
    if other is None or result.answer is None:
        return False
    parts = {field: getattr(other, field) for field in PARTS[name]}
    shapes = lambda value: [np.shape(v) for v in (value if isinstance(value, tuple) else (value,))]  # noqa: E731
    if any(shapes(value) != shapes(getattr(q, field)) for field, value in parts.items()):
        return False
    given = given_of(result.vector, result.answer)
    if given is None:
        return False
    with np.errstate(all="ignore"):
        answer = right(replace(q, **parts))
        # where that part was the same, or plays no role, it explains nothing
        shown = wrong_fields(result, answer).intersection(GRADIENTS)
        return bool(shown) and alike(result.vector, given, answer, GRADIENTS)
