"""Wrong by conduct: shape, dtype, stale and random answers, arguments that are changed, buffers that are shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, stateful, wrong
from oracle.scores.mutants.right_costs import KULLBACK_LEIBLER, QUADRATIC
from oracle.scores.mutants.right_kinks import RELU
from oracle.scores.mutants.right_scales import TINY
from oracle.scores.mutants.right_shapes import BATCH_MEAN, BILINEAR, COLUMN, FROBENIUS, NUMBER
from oracle.scores.mutants.right_smooth import HYPERBOLA
from oracle.scores.mutants.right_softmax import LSE, softmax
from oracle.scores.mutants.right_sorting import BY_RANK, TOP_TWO

Array = Any
Gradient = Callable[..., Any]

PAIR = [([0.7, -0.2], [0.3, 0.4])]
TWO_PLACES = [([0.7, -0.2], [0.3, 0.4]), ([1.7, -0.5], [0.3, 0.4])]
MATRIX = np.arange(12.0).reshape(3, 4) / 2


def stale_by_shape() -> Gradient:
    """The first answer for a shape is kept."""
    kept: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        return kept.setdefault(a.shape, a - E).copy()

    return gradient


def stale_by_rounded_key() -> Gradient:
    """A cache keyed by six decimals."""
    kept: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        key = (a.round(6).tobytes(), E.round(6).tobytes())
        return kept.setdefault(key, a - E).copy()

    return gradient


def stale_by_first_argument() -> Gradient:
    """A cache that forgets E."""
    kept: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        return kept.setdefault(a.tobytes(), -E / a).copy()

    return gradient


def one_call_late() -> Gradient:
    """The answer to the call before."""
    last: dict[Any, Array] = {}

    def gradient(a: Array) -> Array:
        before = last.get(a.shape, softmax(a))
        last[a.shape] = softmax(a)
        return before

    return gradient


def right_once() -> Gradient:
    """Right at the first call of a shape, doubled later."""
    seen: set[Any] = set()

    def gradient(a: Array, E: Array) -> Array:
        factor = 2 if a.shape in seen else 1
        seen.add(a.shape)
        return factor * (a - E)

    return gradient


def accumulates() -> Gradient:
    """Gradients add up, as where nobody calls zero_grad."""
    sums: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        sums[a.shape] = sums.get(a.shape, 0) + (a - E)
        return sums[a.shape].copy()

    return gradient


def momentum() -> Gradient:
    velocity: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        velocity[a.shape] = 0.1 * velocity.get(a.shape, 0) + (a - E)
        return velocity[a.shape].copy()

    return gradient


def every_sixteenth() -> Gradient:
    calls = [0]

    def gradient(a: Array, E: Array) -> Array:
        calls[0] += 1
        return (a - E) * (1.1 if calls[0] % 16 == 0 else 1)

    return gradient


def alternating_sign() -> Gradient:
    calls = [0]

    def gradient(a: Array) -> Array:
        calls[0] += 1
        return (a > 0) * (1.0 if calls[0] % 2 else -1.0)

    return gradient


def noisy(size: float) -> Gradient:
    rng = np.random.default_rng(0)
    return lambda a, E: (a - E) * (1 + size * rng.standard_normal(a.shape))


def dropped_out() -> Gradient:
    rng = np.random.default_rng(1)
    return lambda a, E: (a - E) * (rng.random(a.shape) > 0.2)


def one_buffer() -> Gradient:
    """Every answer of a shape is written to the same memory."""
    buffers: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        out = buffers.setdefault(a.shape, np.empty(a.shape))
        np.subtract(a, E, out=out)
        return out

    return gradient


def in_place(a: Array, E: Array) -> Array:
    a -= E
    return a


def labels_overwritten(a: Array, E: Array) -> Array:
    E /= -a
    return E.copy()


def long_argument_overwritten(a: Array, E: Array) -> Array:
    g = a - E
    if a.size > 8:
        a[:] = 0
    return g


def sorted_in_place(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[np.argsort(a, kind="stable")[-2:]] = 1
    a.sort()
    return out


def normalized_in_place(z: Array) -> Array:
    z -= np.max(z)
    return np.exp(z) / np.sum(np.exp(z))


SUBJECTS: tuple[Subject, ...] = (
    wrong(QUADRATIC, "shape_one", "shape: (1,)", lambda a, E: np.array([np.sum(a - E)]), PAIR),
    wrong(QUADRATIC, "shape_scalar", "shape: ()", lambda a, E: np.sum(a - E), PAIR),
    wrong(QUADRATIC, "shape_column", "shape: (n, 1)", lambda a, E: (a - E)[:, None], PAIR),
    wrong(KULLBACK_LEIBLER, "shape_row", "shape: (1, n)", lambda a, E: (-E / a)[None, :], [([0.7, 0.2], [0.3, 0.4])]),
    wrong(QUADRATIC, "shape_longer", "shape: n + 1", lambda a, E: np.append(a - E, 0.0), PAIR),
    wrong(
        QUADRATIC,
        "shape_shorter",
        "shape: n − 1 from n = 8",
        lambda a, E: (a - E)[: a.size - (a.size >= 8)],
        [([1.0] * 8, [0.0] * 8)],
    ),
    wrong(FROBENIUS, "shape_transposed", "shape: transposed", lambda A, B: (A - B).T.copy(), [(MATRIX, 0 * MATRIX)]),
    wrong(
        BILINEAR,
        "shape_flat",
        "shape: flattened",
        lambda W, x, y: np.outer(x, y).ravel(),
        [(MATRIX, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0])],
    ),
    wrong(
        COLUMN,
        "shape_column_lost",
        "shape: (n,) for (n, 1)",
        lambda A, B: (A - B)[:, 0].copy(),
        [([[1.0]] * 5, [[0.5]] * 5)],
    ),
    wrong(COLUMN, "shape_outer", "shape: (n, n) by broadcasting", lambda A, B: A - B.T, [([[1.0]] * 5, [[0.5]] * 5)]),
    wrong(NUMBER, "shape_number_in_a_vector", "shape: (1,) for ()", lambda x: np.array([3 * float(x) ** 2]), [(2.0,)]),
    wrong(
        BATCH_MEAN,
        "shape_batch_reduced",
        "shape: the samples summed",
        lambda a, E: np.mean(a - E, axis=1),
        [(np.ones((3, 5)), np.zeros((3, 5)))],
    ),
    wrong(
        QUADRATIC, "dtype_integer", "dtype: integers", lambda a, E: (np.clip(a - E, -1e9, 1e9)).astype(np.int64), PAIR
    ),
    wrong(RELU, "dtype_bool", "dtype: bool", lambda a: a > 0, [([1.0, -1.0],)]),
    wrong(
        BY_RANK, "dtype_rank_integer", "dtype: integers", lambda a: BY_RANK.grad(a).astype(np.int64), [([1.0, 2.0],)]
    ),
    wrong(TINY, "dtype_complex", "dtype: complex", lambda a: 1e-150 * a + 0j, [([1.0],)]),
    wrong(
        HYPERBOLA,
        "dtype_object",
        "dtype: object",
        lambda a: np.array([x / (1 + x * x) ** 0.5 for x in a.tolist()], dtype=object),
        [([1.0],)],
    ),
    wrong(QUADRATIC, "mutates_and_returns", "mutation: a −= E", in_place, PAIR),
    wrong(KULLBACK_LEIBLER, "mutates_labels", "mutation: E", labels_overwritten, [([0.7, 0.2], [0.3, 0.4])]),
    wrong(QUADRATIC, "mutates_long", "mutation: a, from n = 9", long_argument_overwritten, [([1.0] * 9, [0.5] * 9)]),
    wrong(TOP_TWO, "mutates_by_sorting", "mutation: sorts a", sorted_in_place, [([2.0, 1.0, 3.0],)]),
    wrong(LSE, "mutates_by_shifting", "mutation: subtracts the greatest", normalized_in_place, [([2.0, 1.0, 3.0],)]),
    stateful(QUADRATIC, "same_buffer", "buffer: one for all answers", one_buffer, TWO_PLACES),
    stateful(QUADRATIC, "stale_by_shape", "stale: the first answer of a shape", stale_by_shape, TWO_PLACES),
    stateful(
        QUADRATIC,
        "stale_by_rounded_key",
        "stale: a cache keyed by six decimals",
        stale_by_rounded_key,
        [([0.7], [0.3]), ([0.7000001], [0.3])],
    ),
    stateful(
        KULLBACK_LEIBLER,
        "stale_by_first_argument",
        "stale: a cache that forgets E",
        stale_by_first_argument,
        [([0.7], [0.3]), ([0.7], [0.5])],
    ),
    stateful(
        LSE, "one_call_late", "stale: the answer to the call before", one_call_late, [([0.7, 0.1],), ([0.3, 0.2],)]
    ),
    stateful(QUADRATIC, "right_once", "stale: right at the first call only", right_once, TWO_PLACES),
    stateful(QUADRATIC, "accumulates", "stale: answers add up", accumulates, TWO_PLACES),
    stateful(QUADRATIC, "momentum", "stale: a tenth of the answer before", momentum, TWO_PLACES),
    stateful(QUADRATIC, "every_sixteenth", "random: every sixteenth call", every_sixteenth, PAIR * 16),
    stateful(RELU, "alternating_sign", "random: every other call", alternating_sign, [([1.0, -1.0],)] * 2),
    stateful(QUADRATIC, "noise_1e_6", "random: noise of 1e-6", lambda: noisy(1e-6), PAIR),
    stateful(QUADRATIC, "noise_tenth", "random: noise of 0.1", lambda: noisy(0.1), PAIR),
    stateful(QUADRATIC, "dropped_out", "random: a fifth of the entries is 0", dropped_out, [([1.0] * 30, [0.0] * 30)]),
)
