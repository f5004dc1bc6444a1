"""The records of a test vector: what is asked, what is answered, and the truth with what rounding may cost.

Layers are counted as on paper: every tuple holds one array for each of the layers 2 … L. Samples are columns, the cost is the
mean over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS, HEADS, Head, Network, chained, softmax
from manualbp.storage import PARAMETRIC
from oracle.vectors.formats import FORMATS, Format

Array = NDArray[Any]
NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Question:
    """A network, a batch and a dtype: what are the gradients of its mean cost?

    dtype: float64, float32, float16 or bfloat16. head: a key of manualbp.HEADS. hidden: the activations of layers 2 … L−1, keys of
    manualbp.ACTIVATIONS. parameters: those of the cost, `tau` of the exponential one, `threshold` of Huber's; empty for a cost
    without. x (n_1, m), expected (n_L, m), weights (n_i, n_(i−1)) and biases (n_i, 1), all of the dtype.
    A backend that declares other conventions gets these arrays in its own: x (m, n_1) and biases (n_i,), weights transposed, or for
    `expected` the class of each sample, (m,).

    sample_weights: s_r of each sample, which sum to m, or None: the cost is then the mean of s_r C_r, and δ is of s_r C_r. l2: λ;
    the cost has λ/2 times the sum of all W² beside, and ∂W has λW.
    """

    id: str
    dtype: str
    head: str
    hidden: tuple[str, ...]
    x: Array
    expected: Array
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    parameters: Mapping[str, float] = field(default_factory=lambda: NONE)
    sample_weights: Array | None = None
    l2: float = 0.0

    @property
    def format(self) -> Format:
        return FORMATS[self.dtype]

    @property
    def rows(self) -> bool:
        """Whether samples are rows; biases then have one axis."""
        return self.biases[0].ndim == 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """(n_1, …, n_L), in every convention."""
        return (int(self.x.shape[1 if self.rows else 0]), *(len(b) for b in self.biases))

    @property
    def samples(self) -> int:
        """m, in every convention."""
        return int(self.x.shape[0 if self.rows else 1])

    def head_record(self) -> Head:
        """The head, with the question's parameters."""
        return head_with(self.head, self.parameters)

    def network(self, dtype: Any = np.float64) -> Network:
        """The network in a dtype that manualbp computes in; float64 holds the numbers of every format exactly.

        Raises ValueError for arrays in other conventions than manualbp's, as far as their shapes show it.
        """
        wanted = list(zip(self.sizes[1:], self.sizes[:-1], strict=True))
        if self.rows or [w.shape for w in self.weights] != wanted:
            raise ValueError(
                "network() needs samples in columns and weights (out, in): this question is in other conventions"
            )
        return Network(
            tuple(w.astype(dtype) for w in self.weights),
            tuple(b.astype(dtype) for b in self.biases),
            tuple(ACTIVATIONS[name] for name in self.hidden),
            self.head_record(),
        )


def head_with(name: str, parameters: Mapping[str, float]) -> Head:
    """The listed head of that name, or the same with other parameters of its cost. Raises KeyError for an unknown name."""
    listed = HEADS[name]
    if dict(parameters) == dict(listed.cost.parameters):
        return listed
    cost = PARAMETRIC[listed.cost.name](**parameters)
    return softmax(cost) if listed.activation == "softmax" else chained(ACTIVATIONS[listed.activation], cost)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a backend answers; the gradients are required.

    nabla_w, nabla_b: ∂C/∂W and ∂C/∂b of the mean cost. cost: that mean, of shape (). activations: a² … aᴸ (n_i, m). deltas: δ² … δᴸ
    (n_i, m) of each sample's own cost, not divided by m, as in manualbp.gradients.
    """

    nabla_w: tuple[Array, ...]
    nabla_b: tuple[Array, ...]
    cost: Array | None = None
    activations: tuple[Array, ...] | None = None
    deltas: tuple[Array, ...] | None = None


@dataclass(frozen=True, eq=False)
class Vector:
    """A question with its truth.

    truth: the exact result, rounded to the nearest number of the dtype, ties to even; every field given. allowance: the same
    shapes in float64: how far from the truth an answer may be that was computed in the arithmetic of the dtype, slack and gradual
    underflow included. flags: what is special here, keys of `oracle.vectors.flags.FLAGS`. catches: the standard mistakes
    (keys of `oracle.vectors.mistakes.MISTAKES`) whose answer is judged wrong here, each of them tried. stored: the allowance as it
    is stored, where `allowance` holds what a backend declared of its arithmetic as well; else None.
    """

    question: Question
    truth: Answer
    allowance: Answer
    flags: tuple[str, ...] = ()
    catches: tuple[str, ...] = ()
    notes: str = ""
    stored: Answer | None = None

    @property
    def id(self) -> str:
        return self.question.id

    @property
    def of_dtype(self) -> Answer:
        """What the arithmetic of the dtype may cost, whatever was declared beside."""
        return self.allowance if self.stored is None else self.stored


def tensors(answer: Answer) -> list[tuple[str, int, Array]]:
    """(field, layer, array) of what an answer gives, in the order of the passes: a² … aᴸ, C, δᴸ … δ², then ∂W and ∂b of L … 2."""
    out: list[tuple[str, int, Array]] = []
    L = len(answer.nabla_w) + 1
    for i, a in enumerate(answer.activations or (), start=2):
        out.append(("activations", i, a))
    if answer.cost is not None:
        out.append(("cost", L, answer.cost))
    for name, values in (("deltas", answer.deltas), ("nabla_w", answer.nabla_w), ("nabla_b", answer.nabla_b)):
        out += [(name, len(values) + 1 - k, v) for k, v in enumerate(reversed(values))] if values is not None else []
    return out
