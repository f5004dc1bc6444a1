"""The draw of a stack: random architectures padded to one shape.

A network with fewer layers than the stack gets identity layers before its first (W = I, b = 0, σ = identity), which change no
number; one with fewer neurons gets rows and columns of zeros. So each is an ordinary network of the stack's shape, and the
equations that run on the stack are those of `manualbp` themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from manualbp.activations import ACTIVATIONS
from manualbp.costs import Cost
from manualbp.heads import HEADS, Head

WEIGHTS, WIDTH, SAMPLES = 6, 12, 5  # layers 2 … 7, up to 12 neurons, up to 5 samples
ACTIVATION_NAMES = tuple(ACTIVATIONS)
IDENTITY = ACTIVATION_NAMES.index("identity")

#: Costs whose formula changes at |a − E| = 1 or at E a = 1.
SEAM_AT_ONE = ("huber", "log_cosh", "squared_hinge")
#: Scales of weights and of inputs. Zero makes ties and kinks; 4 saturates.
WEIGHT_SCALES = np.array([0.0, 1e-3, 0.3, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0])
INPUT_SCALES = np.array([0.0, 1e-8, 0.3, 1.0, 1.0, 1.0, 1.0, 3.0])


@dataclass(frozen=True)
class Stack:
    """K networks and their batches, sorted by head, then by number of samples.

    w (K, 6, 12, 12), b (K, 6, 12, 1), x and expected (K, 12, 5), kinds (K, 5): index of each hidden activation in ACTIVATIONS,
    depth (K,): how many weight matrices are real, sizes (K, 7): the width of each layer of the stack, samples (K,); those of
    one head and number of samples have outputs of one width. heads: the name of each network's head (K,).
    """

    w: np.ndarray
    b: np.ndarray
    x: np.ndarray
    expected: np.ndarray
    kinds: np.ndarray
    depth: np.ndarray
    sizes: np.ndarray
    samples: np.ndarray
    heads: tuple[str, ...]


def head_order(heads: Sequence[Head]) -> tuple[Head, ...]:
    """Heads sorted so that those of one output form and cost stand together."""
    return tuple(sorted(heads, key=lambda h: (h.activation == "softmax", h.cost.name, h.form, h.name)))


def draw_stack(rng: np.random.Generator, repeats: int, heads: Sequence[Head] = tuple(HEADS.values())) -> Stack:
    """A stack in which every head occurs `repeats` times with every number of samples 1 … 5."""
    ordered = head_order(heads)
    head_index = np.repeat(np.arange(len(ordered)), repeats * SAMPLES)
    samples = np.tile(np.repeat(np.arange(1, SAMPLES + 1), repeats), len(ordered))
    K = len(head_index)

    depth = rng.permutation(np.resize(np.arange(1, WEIGHTS + 1), K))
    sizes = _draw_sizes(rng, depth, _output_widths(rng, ordered, head_index, samples))
    mask = np.arange(WIDTH) < sizes[:, :, None]  # (K, 7, 12)
    real = np.arange(WEIGHTS) >= WEIGHTS - depth[:, None]  # (K, 6)

    scale = rng.choice(WEIGHT_SCALES, (K, 1, 1, 1)) / np.sqrt(sizes[:, :-1, None, None])
    w = rng.standard_normal((K, WEIGHTS, WIDTH, WIDTH)) * scale * mask[:, 1:, :, None] * mask[:, :-1, None, :]
    w = np.where(real[:, :, None, None], w, np.eye(WIDTH) * mask[:, 1:, :, None])
    b = rng.standard_normal((K, WEIGHTS, WIDTH, 1)) * rng.choice([0.0, 0.3, 1.0], (K, 1, 1, 1))
    b = np.where(real[:, :, None, None], b, 0.0) * mask[:, 1:, :, None]
    x = rng.standard_normal((K, WIDTH, SAMPLES)) * rng.choice(INPUT_SCALES, (K, 1, 1))
    x = x * mask[:, 0, :, None] * (np.arange(SAMPLES) < samples[:, None, None])
    _repeat_neurons(rng, w, b, mask[:, 1:, 1] & real)

    kinds = np.full((K, WEIGHTS - 1), IDENTITY)
    for i in range(WEIGHTS - 1):  # every activation equally often in every layer
        here = np.flatnonzero(real[:, i])
        kinds[here, i] = rng.permutation(np.resize(np.arange(len(ACTIVATION_NAMES)), len(here)))
    expected = np.zeros((K, WIDTH, SAMPLES))
    for rows, head in runs(head_index, ordered):
        expected[rows] = draw_expected(rng, head.cost, expected[rows].shape, mask[rows, -1, :, None])
        if head.cost.name == "exponential":  # exp(Σ (a − E)²) leaves the floats for wide outputs
            w[rows, -1], b[rows, -1], x[rows] = w[rows, -1] * 0.2, b[rows, -1] * 0.2, x[rows] * 0.2
        if head.name == "softmax+itakura_saito":  # ∇ₐC = (a − E)/a² leaves the floats where softmax comes near 0
            w[rows, -1] *= 0.2
    names = tuple(ordered[h].name for h in head_index)
    return Stack(w, b, x, expected, kinds, depth, sizes, samples, names)


def _output_widths(
    rng: np.random.Generator, ordered: Sequence[Head], head_index: np.ndarray, samples: np.ndarray
) -> np.ndarray:
    """One width for each run of a head within a number of samples.

    Softmax over (0, 1) needs two outputs at least, and so does softmax before a cost with a seam at 1: its only output is 1, and
    for E = 0 no precision proves on which side of the seam it lies.
    """
    widths = rng.integers(1, WIDTH + 1, (SAMPLES + 1, len(ordered)))
    for h, head in enumerate(ordered):
        if head.activation == "softmax" and (head.a_domain.name == "unit" or head.cost.name in SEAM_AT_ONE):
            widths[:, h] = np.maximum(widths[:, h], 2)
    return widths[samples, head_index]


def _draw_sizes(rng: np.random.Generator, depth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Widths (K, 7) of the stack's layers; the identity layers before the first real one keep the input's width."""
    K = len(depth)
    sizes = rng.integers(1, WIDTH + 1, (K, WEIGHTS + 1))
    sizes[:, -1] = outputs
    first = WEIGHTS - depth
    before = np.arange(WEIGHTS + 1) < first[:, None]
    return np.where(before, sizes[np.arange(K), first][:, None], sizes)


def _repeat_neurons(rng: np.random.Generator, w: np.ndarray, b: np.ndarray, has_two: np.ndarray) -> None:
    """In a tenth of the networks the first two neurons of each layer that has two are the same: ties in every maximum."""
    chosen = (rng.random((len(w), 1)) < 0.1) & has_two
    w[:, :, 1] = np.where(chosen[..., None], w[:, :, 0], w[:, :, 1])
    b[:, :, 1] = np.where(chosen[..., None], b[:, :, 0], b[:, :, 1])


def draw_expected(rng: np.random.Generator, cost: Cost, shape: tuple[int, ...], mask: np.ndarray) -> np.ndarray:
    """Targets in the domain of the cost, its boundary included on purpose."""
    name = cost.e_domain.name
    special = rng.random(shape) < 0.2
    if name == "sign":
        return rng.choice([-1.0, 1.0], shape)
    if name == "closed_unit":
        return np.where(special, rng.integers(0, 2, shape), rng.random(shape))
    if name == "closed_simplex":
        weights = rng.exponential(size=shape) * mask
        one_hot = np.zeros(shape)
        winner = (rng.random((shape[0], 1, shape[2])) * mask.sum(axis=1, keepdims=True)).astype(int)
        np.put_along_axis(one_hot, winner, 1.0, axis=1)
        return np.where(special[:, :1], one_hot, weights / weights.sum(axis=1, keepdims=True))
    if name == "nonnegative":
        return np.where(special, 0.0, rng.exponential(size=shape))
    if name == "positive":
        return rng.exponential(size=shape) + 1e-3
    return np.where(special, 0.0, rng.standard_normal(shape))


def runs(index: np.ndarray, ordered: Sequence[Head]) -> Iterator[tuple[slice, Head]]:
    """The stretches of one head: (slice of rows, head)."""
    edges = np.flatnonzero(np.diff(index)) + 1
    for start, stop in zip([0, *edges], [*edges, len(index)], strict=True):
        yield slice(int(start), int(stop)), ordered[index[start]]
