"""An activation computed as another one: gelu by its approximation, leaky_relu with another slope, none at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS
from oracle.vectors.mistakes import Mistake, guarded
from oracle.vectors.passes import run_backward
from oracle.vectors.record import Answer, Question
from oracle.vectors.rounded_constants import Pair, forward_with

Array = NDArray[Any]


def _in_place_of(activation: str, other: str) -> Mistake:
    pair = ACTIVATIONS[other].sigma, ACTIVATIONS[other].sigma_prime
    return lambda question: _with(question, activation, pair)


def _with(question: Question, activation: str, pair: Pair) -> Answer | None:
    f = forward_with(question, activation, pair)
    return None if f is None else run_backward(f, question.format)


def with_slope(question: Question, slope: float) -> Answer | None:
    """leaky_relu with another slope below 0."""
    pair = lambda z: np.where(z > 0, z, slope * z), lambda z: np.where(z > 0, 1.0, slope)
    return _with(question, "leaky_relu", pair)


def with_alpha(question: Question, alpha: float) -> Answer | None:
    """elu with another α."""
    below: Callable[[Array], Array] = lambda z: np.minimum(z, 0.0)  # noqa: E731
    pair = (
        lambda z: np.where(z > 0, z, alpha * np.expm1(below(z))),
        lambda z: np.where(z > 0, 1.0, alpha * np.exp(below(z))),
    )
    return _with(question, "elu", pair)


#: name: the activation that is another.
REPLACED: Mapping[str, str] = MappingProxyType(
    {f"{other} in place of {name}": name for name in ACTIVATIONS for other in ACTIVATIONS if other != name}
)
OTHER_ACTIVATIONS: Mapping[str, Mistake] = MappingProxyType(
    {words: guarded(_in_place_of(name, words.partition(" ")[0])) for words, name in REPLACED.items()}
)
