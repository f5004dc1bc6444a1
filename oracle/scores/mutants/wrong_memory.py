"""Wrong from some call on: buffers in a ring, caches by less than all of the content, answers that wear out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, stateful
from oracle.scores.mutants.right_memory import BETWEEN, MATRIX

Array = Any
Gradient = Callable[..., Any]

PLACES = [([0.75 + k / 2, -0.25], [0.25, 0.5 * k]) for k in range(7)]
GRIDS = [([[0.5 + k] * 4] * 3, [[0.25] * 4] * 3) for k in range(4)]
ONE = ([0.75], [0.25])
SAME_SUM = [([0.75, -0.25], [0.25, 0.5]), ([-0.25, 0.75], [0.25, 0.5])]
SAME_ENDS = [([0.75, 1.0, -0.25], [0.25] * 3), ([0.75, 2.0, -0.25], [0.25] * 3)]
THE_SAME = "in the same objects"


def ring(count: int) -> Callable[[], Gradient]:
    """As many buffers of a shape as told, handed out in turn."""

    def make() -> Gradient:
        rings: dict[Any, list[Array]] = {}

        def gradient(a: Array, E: Array) -> Array:
            buffers = rings.setdefault(a.shape, [np.empty(a.shape) for _ in range(count)])
            buffers.append(buffers.pop(0))
            return np.subtract(a, E, out=buffers[-1])

        return gradient

    return make


def kept_by(key: Callable[[Array, Array], Any]) -> Callable[[], Gradient]:
    def make() -> Gradient:
        kept: dict[Any, Any] = {}

        def gradient(a: Array, E: Array) -> Array:
            answer, *_ = kept.setdefault((a.shape, key(a, E)), (a - E, a, E))  # keeps them, and so their identity
            return answer.copy()

        return gradient

    return make


def from_call(number: int, factor: float) -> Callable[[], Gradient]:
    def make() -> Gradient:
        calls = [0]

        def gradient(a: Array, E: Array) -> Array:
            calls[0] += 1
            return (a - E) * (factor if calls[0] >= number else 1.0)

        return gradient

    return make


def wearing_out() -> Gradient:
    """A table of so many entries, and zeros when it is full."""
    seen: list[Any] = []

    def gradient(a: Array, E: Array) -> Array:
        seen.append(None)
        return a - E if len(seen) <= 256 else np.zeros(a.shape)

    return gradient


SUBJECTS: tuple[Subject, ...] = (
    stateful(BETWEEN, "ring_of_two", "buffer: a ring of two", ring(2), PLACES),
    stateful(BETWEEN, "ring_of_five", "buffer: a ring of five", ring(5), PLACES),
    stateful(MATRIX, "ring_of_three_matrices", "buffer: a ring of three", ring(3), GRIDS),
    stateful(
        BETWEEN,
        "kept_by_identity",
        "stale: a cache by the identity of the arrays",
        kept_by(lambda a, E: (id(a), id(E))),
        PLACES,
        guise=THE_SAME,
    ),
    stateful(
        BETWEEN,
        "kept_by_rounded_key",
        "stale: a cache keyed by eight decimals",
        kept_by(lambda a, E: (tuple(a.round(8)), tuple(E.round(8)))),
        [([0.75], [0.25]), ([0.75 + 3e-9], [0.25])],
    ),
    stateful(
        BETWEEN,
        "kept_by_sum",
        "stale: a cache by the sum of the entries",
        kept_by(lambda a, E: (float(a.sum()), float(E.sum()))),
        SAME_SUM,
    ),
    stateful(
        BETWEEN,
        "kept_by_ends",
        "stale: a cache by the first and the last entry",
        kept_by(lambda a, E: (a[0], a[-1], E[0], E[-1])),
        SAME_ENDS,
    ),
    stateful(MATRIX, "kept_by_shape", "stale: a cache by shape", kept_by(lambda a, E: a.shape), GRIDS),
    stateful(BETWEEN, "doubled_from_300", "random: doubled from the 300th call on", from_call(300, 2.0), [ONE] * 300),
    stateful(BETWEEN, "nan_from_300", "random: NaN from the 300th call on", from_call(300, np.nan), [ONE] * 300),
    stateful(BETWEEN, "full_at_256", "random: zeros when a table of 256 is full", wearing_out, [ONE] * 257),
)
