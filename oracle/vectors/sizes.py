"""Many sizes: what goes wrong from some width, batch or depth on, as a vectorised loop with a remainder does.

Widths and batches are those around the powers of two up to 33, layers up to eight. Weights are multiples of 2⁻¹⁰, so that the files
stay small. Each thin network has one such width, so that a failure tells from which on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import Head
from oracle.vectors.draw import Draw
from oracle.vectors.record import Question

Array = NDArray[Any]
Make = Callable[[Draw], Question]
#: Numbers of a network are multiples of this.
GRID = 2.0**-10
#: (n_1, …, n_L), m
THIN = (
    ((4, 3, 2), 1),
    ((2, 5, 2), 2),
    ((2, 2, 7), 1),
    ((8, 2, 2), 2),
    ((2, 9, 2), 1),
    ((2, 2, 15), 1),
    ((16, 2, 2), 1),
    ((2, 17, 2), 1),
    ((2, 2, 31), 1),
    ((32, 2, 2), 1),
    ((2, 33, 2), 1),
)
BATCHES = (((2, 3, 2), 4), ((3, 2), 5), ((2, 2), 7), ((2, 3, 2), 8), ((2, 2), 9), ((3, 2), 15), ((2, 3, 2), 16))
LARGE_BATCHES = (((2, 2), 17), ((1, 2), 31), ((2, 2, 2), 32), ((2, 3, 2), 33))
DEEP = (
    ((2, 3, 3, 2), 2),
    ((2, 3, 2, 3, 2), 2),
    ((3, 2, 3, 2, 3, 2), 1),
    ((2, 2, 3, 2, 2, 3, 2), 2),
    ((2, 3, 2, 3, 2, 3, 2, 2), 2),
)
THICK = (((8, 9, 4), 2), ((16, 17, 5), 1), ((33, 32, 2), 1))
#: What people build most: each of these heads under hidden layers of these kinds, with every size.
WHOLE = (
    ("softmax+categorical_cross_entropy:fused", "relu"),
    ("sigmoid+cross_entropy", "sigmoid"),
    ("identity+quadratic:fused", "tanh"),
)
#: These with thin networks and deep ones.
PARTS = (
    ("softmax+categorical_cross_entropy", "relu"),
    ("softmax+categorical_cross_entropy:fused", "tanh"),
    ("sigmoid+cross_entropy:fused", "relu"),
    ("sigmoid+quadratic", "sigmoid"),
    ("tanh+quadratic", "tanh"),
    ("identity+quadratic", "relu"),
)
#: Every other head has one wide network and one deep, and hidden layers of relu where it is one that classifies.
EVERY = (((9, 3, 2), 1), ((2, 2, 2, 2, 2), 1))
CLASSIFYING = ("sigmoid", "softmax")


def sizes_of(head: Head) -> Iterator[tuple[str, Make]]:
    """(name, maker) of each network of many sizes that a head is asked with."""
    asked: dict[tuple[tuple[int, ...], int, str], bool] = {}
    hidden = "relu" if head.activation in CLASSIFYING else "tanh"
    asked |= {(sizes, m, hidden): True for sizes, m in EVERY}
    for names, shapes in ((WHOLE, (*THIN, *BATCHES, *LARGE_BATCHES, *DEEP, *THICK)), (PARTS, (*THIN, *DEEP))):
        for name, activation in names:
            if name == head.name:
                asked |= {(sizes, m, activation): True for sizes, m in shapes}
    for sizes, m, activation in asked:
        yield f"{activation}:{'-'.join(map(str, sizes))}x{m}", _maker(sizes, m, activation)


def _maker(sizes: Sequence[int], m: int, activation: str) -> Make:
    return lambda draw: network_on_grid(draw, sizes, m, [activation] * (len(sizes) - 2))


def network_on_grid(draw: Draw, sizes: Sequence[int], m: int, hidden: Sequence[str]) -> Question:
    """As `Draw.network`; through many layers of relu the signal neither dies nor grows."""
    weights, biases = [], []
    for k, n in pairwise(sizes):
        size = draw.calm * 1.5 / k**0.5
        weights.append(_grid(draw.uniform(n, k, low=-size, high=size)))
        low = 0.0 if "relu" in hidden else -0.5 * draw.calm
        biases.append(_grid(draw.uniform(n, 1, low=low, high=0.5 * draw.calm)))
    x = _grid(draw.uniform(sizes[0], m, low=-1.5, high=1.5))
    return draw.question(x, _grid_of(draw, draw.expected(sizes[-1], m)), weights, biases, hidden)


def _grid(v: Array) -> Array:
    return np.round(v / GRID) * GRID


def _grid_of(draw: Draw, E: Array) -> Array:
    """E on the grid; never 0 where it must be positive."""
    return np.maximum(_grid(E), GRID) if draw.record.cost.e_domain.name == "positive" else _grid(E)
