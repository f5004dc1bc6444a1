"""The passes as a program would do them, in NumPy, with each step open to be done wrong: what the standard mistakes are made of.

Nothing here is the truth, which is an enclosure (`oracle.vectors.truth`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS, Network
from manualbp.forward_pass import by_layer, forward
from oracle.vectors.formats import Format
from oracle.vectors.record import Answer, Question

Array = NDArray[Any]
Deltas = dict[int, Array]


class CannotBeMade(Exception):
    """A step that has no meaning at these shapes."""


@dataclass(frozen=True, eq=False)
class Forward:
    """z and a by the layer's number, with what they came from."""

    net: Network
    E: Array
    z: dict[int, Array]
    a: dict[int, Array]
    #: the weight of each sample, and λ
    s: Array | None = None
    l2: float = 0.0

    @property
    def L(self) -> int:
        return len(self.net.sizes)

    @property
    def m(self) -> int:
        return int(self.E.shape[1])

    @property
    def w(self) -> dict[int, Array]:
        return by_layer(self.net.weights)

    @property
    def elementwise(self) -> bool:
        """Whether the output activation is σ of each z by itself: not softmax."""
        return self.net.head.activation in ACTIVATIONS

    def output_slope(self, at: Array) -> Array:
        """σ′ᴸ at any numbers; for softmax the diagonal of its Jacobian, a(1 − a)."""
        if self.elementwise:
            return ACTIVATIONS[self.net.head.activation].sigma_prime(at)
        a = self.net.head.sigma(at)
        return a * (1 - a)

    def nabla_a(self) -> Array:
        return self.net.head.cost.nabla_a(self.a[self.L], self.E)

    def bp1(self, g: Array) -> Array:
        """δᴸ of a gradient g in a: g ⊙ σ′(zᴸ), or softmax's Jacobian times g."""
        if self.elementwise:
            return g * self.output_slope(self.z[self.L])
        a = self.a[self.L]
        return a * (g - np.sum(a * g, axis=0, keepdims=True))


@lru_cache(maxsize=64)
def run_forward(question: Question, dtype: Any = np.float64) -> Forward:
    """The forward pass in a dtype of NumPy."""
    net = question.network(dtype)
    z, a = forward(net, question.x.astype(dtype))
    s = None if question.sample_weights is None else question.sample_weights.astype(dtype)
    return Forward(net, question.expected.astype(dtype), by_layer(z), dict(enumerate(a, start=1)), s, question.l2)


@lru_cache(maxsize=64)
def right_delta(f: Forward) -> Array:
    """δᴸ as the head has it: one array for all who ask, not to be written into."""
    return f.net.head.delta(f.z[f.L], f.a[f.L], f.E)


def right_slope(f: Forward, i: int) -> Array:
    """σ′ⁱ(zⁱ)"""
    return f.net.activations[i - 2].sigma_prime(f.z[i])


def right_back(f: Forward, i: int, delta: Deltas) -> Array:
    """(Wⁱ⁺¹)ᵀ δⁱ⁺¹"""
    return f.w[i + 1].T @ delta[i + 1]


def right_nabla_w(f: Forward, i: int, delta: Deltas) -> Array:
    """δⁱ (aⁱ⁻¹)ᵀ, mean over the samples: divided first, as a tiny δ must not overflow nor a tiny product be halved twice."""
    return delta[i] / f.m @ f.a[i - 1].T


def right_nabla_b(f: Forward, i: int, delta: Deltas) -> Array:
    """δⁱ, mean over the samples"""
    return np.sum(delta[i] / f.m, axis=1, keepdims=True)


def right_cost(f: Forward) -> Array:
    """The mean of C over the samples."""
    each = f.net.head.C(f.z[f.L], f.a[f.L], f.E)
    return np.sum(each if f.s is None else f.s * each) / f.m


def run_backward(
    f: Forward,
    fmt: Format,
    *,
    delta_last: Callable[[Forward], Array] = right_delta,
    slope: Callable[[Forward, int], Array] = right_slope,
    back: Callable[[Forward, int, Deltas], Array] = right_back,
    nabla_w: Callable[[Forward, int, Deltas], Array] = right_nabla_w,
    nabla_b: Callable[[Forward, int, Deltas], Array] = right_nabla_b,
    cost: Callable[[Forward], Array] = right_cost,
) -> Answer:
    """The whole answer, rounded to the format at the end; each step can be given another way. The weights of the samples and the
    decay come beside whatever is done."""
    delta = {f.L: delta_last(f) if f.s is None else f.s * delta_last(f)}
    for i in range(f.L - 1, 1, -1):
        delta[i] = back(f, i, delta) * slope(f, i)
    layers = range(2, f.L + 1)
    decay = f.l2 / 2 * sum(float(np.sum(w * w)) for w in f.net.weights) if f.l2 else 0.0
    return rounded(
        Answer(
            tuple(_decayed(f, i, nabla_w(f, i, delta)) for i in layers),
            tuple(nabla_b(f, i, delta) for i in layers),
            np.asarray(cost(f) + decay),
            tuple(f.a[i] for i in layers),
            tuple(delta[i] for i in layers),
        ),
        fmt,
    )


def _decayed(f: Forward, i: int, v: Array) -> Array:
    """∂W with λW; a ∂W of another shape takes none."""
    if not f.l2:
        return v
    if v.shape != f.w[i].shape:
        raise CannotBeMade
    return v + f.l2 * f.w[i]


def rounded(answer: Answer, fmt: Format) -> Answer:
    """Every number of an answer, in the format."""
    return each(answer, lambda v: np.asarray(v).astype(fmt.dtype))


def each(answer: Answer, change: Callable[[Array], Array]) -> Answer:
    """The answer with every array changed."""

    def all_of(values: tuple[Array, ...] | None) -> Any:
        return None if values is None else tuple(map(change, values))

    cost = None if answer.cost is None else change(answer.cost)
    return Answer(
        all_of(answer.nabla_w), all_of(answer.nabla_b), cost, all_of(answer.activations), all_of(answer.deltas)
    )
