"""One question: random numbers from its name, rounded to its dtype.

Python's `random.random` is the same in every version, so that the same name draws the same numbers for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import Head
from oracle.vectors.formats import FORMATS, Format, round_array
from oracle.vectors.record import Question, head_with

Array = NDArray[Any]
#: Columns of the simplex that every format holds exactly, by their number of entries.
SIMPLEX = {
    1: ((1.0,), (1.0,), (1.0,)),
    2: ((0.25, 0.75), (0.0, 1.0), (0.625, 0.375)),
    3: ((0.25, 0.25, 0.5), (0.0, 1.0, 0.0), (0.5, 0.125, 0.375)),
}
#: How often a question is drawn until it fits, and how often one that is optional.
ATTEMPTS = 40
OPTIONAL_ATTEMPTS = 10


@dataclass(frozen=True)
class Kind:
    """One kind of question.

    make: from the draw of one attempt. must: the mistakes it is for; a draw that misses one is drawn again. flags: what its maker
    knows. optional: whether there need be none where no attempt fits. rounded_a: whether a program that goes through aᴸ rounded to
    the dtype is right here, so that the allowance holds what that costs (`oracle.vectors.probabilities`).
    """

    name: str
    make: Callable[[Draw], Question]
    must: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    optional: bool = False
    rounded_a: bool = False


@dataclass(frozen=True, eq=False)
class Draw:
    """Random numbers for one question of a head in a dtype."""

    id: str
    fmt: Format
    head: str
    parameters: Mapping[str, float]
    rng: Random

    @property
    def record(self) -> Head:
        return head_with(self.head, self.parameters)

    @property
    def calm(self) -> float:
        """A factor for weights and inputs: exp(Σ (a − E)²) soon leaves the narrow formats."""
        return 0.5 if self.record.cost.name == "exponential" else 1.0

    def uniform(self, *shape: int, low: float, high: float) -> Array:
        flat = [low + (high - low) * self.rng.random() for _ in range(int(np.prod(shape)))]
        return np.array(flat).reshape(shape)

    def expected(self, n: int, m: int) -> Array:
        """E inside its domain; the boundary has a kind of its own."""
        domain = self.record.cost.e_domain.name
        if domain == "sign":
            return np.array([[self.rng.choice((-1.0, 1.0)) for _ in range(m)] for _ in range(n)])
        if domain == "closed_simplex":
            return np.array([self._shares(n, k) for k in range(m)]).T
        low, high = {"real": (-1.5, 1.5), "closed_unit": (0.1, 0.9)}.get(domain, (0.2, 2.0))
        return self.uniform(n, m, low=low * self.calm, high=high * self.calm)

    def _shares(self, n: int, k: int) -> Sequence[float]:
        """A column of the simplex: all of it on one or two entries where there are many."""
        if n in SIMPLEX:
            return SIMPLEX[n][(k + self.rng.randrange(3)) % 3]
        column = [0.0] * n
        for share in (0.25, 0.75):
            column[self.rng.randrange(n)] += share
        return column

    def question(
        self, x: Array, expected: Array, weights: Sequence[Array], biases: Sequence[Array], hidden: Sequence[str] = ()
    ) -> Question:
        """All of it rounded to the dtype."""

        def cut(v: Any) -> Array:
            return round_array(np.asarray(v, dtype=np.float64), self.fmt).astype(self.fmt.dtype)

        return Question(
            self.id,
            self.fmt.name,
            self.head,
            tuple(hidden),
            cut(x),
            cut(expected),
            tuple(map(cut, weights)),
            tuple(map(cut, biases)),
            self.parameters,
        )

    def network(self, sizes: Sequence[int], m: int, hidden: Sequence[str]) -> Question:
        """Weights and biases of a size at which nothing is extreme."""
        weights, biases = [], []
        for k, n in pairwise(sizes):
            size = self.calm * 1.5 / k**0.5
            weights.append(self.uniform(n, k, low=-size, high=size))
            biases.append(self.uniform(n, 1, low=-0.5 * self.calm, high=0.5 * self.calm))
        x = self.uniform(sizes[0], m, low=-1.5, high=1.5)
        return self.question(x, self.expected(sizes[-1], m), weights, biases, hidden)


def draw(id: str, dtype: str, head: str, parameters: Mapping[str, float], kind: Kind, attempt: int) -> Question:
    """The question of a plan; the numbers depend on its name without the dtype, and on the attempt."""
    seed = f"{id.partition('/')[2]} {attempt}"
    return kind.make(Draw(id, FORMATS[dtype], head, parameters, Random(seed)))
