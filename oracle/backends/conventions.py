"""From the conventions of the vectors to those of a backend, and back.

The vectors: samples are columns, W is (out, in), b is the column (n, 1), gradients are those of the mean over the samples, and δ is
∂C/∂z of each sample's own cost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.backends.backend import Capabilities
from oracle.vectors.record import Answer, Question

Array = NDArray[Any]


def asked(question: Question, kept: Capabilities) -> Question:
    """The question as a backend with these conventions wants it."""
    if kept.targets == "classes":
        question = replace(question, expected=np.argmax(question.expected, axis=0))
    if kept.samples == "rows":
        question = replace(
            question,
            x=_transposed(question.x),
            expected=_transposed(question.expected) if question.expected.ndim == 2 else question.expected,
            biases=tuple(b[:, 0] for b in question.biases),
        )
    if kept.weights == "in_out":
        question = replace(question, weights=tuple(_transposed(w) for w in question.weights))
    return question


def answered(answer: Answer, kept: Capabilities, samples: int) -> Answer:
    """Its answer in the conventions of the vectors. What has not the number of axes that it should have is left as it is, for the
    judge to refuse."""
    if kept.samples == "rows":
        answer = replace(
            answer,
            nabla_b=_each(answer.nabla_b, 1, lambda b: b[:, None]),
            activations=_each(answer.activations, 2, _transposed),
            deltas=_each(answer.deltas, 2, _transposed),
        )
    if kept.weights == "in_out":
        answer = replace(answer, nabla_w=_each(answer.nabla_w, 2, _transposed))
    if kept.reduction == "sum":
        mean = lambda v: np.asarray(v / np.asarray(samples, v.dtype))  # noqa: E731
        answer = replace(
            answer,
            nabla_w=_each(answer.nabla_w, None, mean),
            nabla_b=_each(answer.nabla_b, None, mean),
            cost=None if answer.cost is None else _each((answer.cost,), None, mean)[0],
        )
    return answer


def _transposed(v: Array) -> Array:
    return np.ascontiguousarray(v.T)


def _each(values: Any, ndim: int | None, change: Any) -> Any:
    """The arrays with that number of axes (None: any) changed; whatever is no sequence of arrays as it is."""
    if not isinstance(values, tuple | list):
        return values
    fits = lambda v: isinstance(v, np.ndarray | np.generic) and ndim in (None, v.ndim)  # noqa: E731
    return tuple(change(v) if fits(v) else v for v in values)
