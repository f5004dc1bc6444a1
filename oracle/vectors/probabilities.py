"""Probabilities near 0 and near 1: what a clamp or an ε of a logarithm, a root or a quotient would change.

x is the identity matrix, so that every column of W is the z of one sample, and every entry of ∂W is δ of one output and sample.
The targets lie on both sides of a.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import Head
from oracle.judgement.verdict import SLACK
from oracle.vectors.draw import Draw
from oracle.vectors.record import Answer, Question

Array = NDArray[Any]
LOGARITHMS_ROOTS_QUOTIENTS = frozenset(
    {
        "cross_entropy",
        "hellinger",
        "kullback_leibler",
        "generalized_kullback_leibler",
        "itakura_saito",
        "categorical_cross_entropy",
        "poisson",
    }
)
#: a, or 1 − a, is this part of the magnitudes that people clamp at, so as to lie beyond the clamp.
BEYOND = 0.75
#: The least target where 0 is none.
LEAST_E = 2.0**-30
#: 1 − a of a chained 1/(1 − a) in float32 is not less than this: nothing would be known of the rest.
LEAST_IN_FLOAT32 = 1e-5
SATURATED = 1e-10


def has_probabilities(head: Head) -> bool:
    return head.cost.name in LOGARITHMS_ROOTS_QUOTIENTS and head.activation in ("sigmoid", "softmax", "softplus")


def probabilities(draw: Draw) -> Question:
    """aᴸ at 1e-7, 1e-3, 1 − 1e-3, 1 − 1e-7 and saturated, each times `BEYOND`; softplus has no upper end."""
    head = draw.record
    least = LEAST_IN_FLOAT32 if draw.fmt.name == "float32" and head.a_domain.name == "unit" else 1e-7
    z, E = _of_softmax(least) if head.activation == "softmax" else _elementwise(head, least)
    if head.cost.e_domain.name == "positive":
        E = np.where(E == 0, LEAST_E, E)
    return draw.question(np.eye(z.shape[1]), E, [z], [np.zeros((z.shape[0], 1))])


def _elementwise(head: Head, least: float) -> tuple[Array, Array]:
    """The same z for two outputs, of which one has a target below every a, the other one above."""
    low = [BEYOND * p for p in (SATURATED, 1e-7, 1e-3)]
    if head.activation == "softplus":
        row = [math.log(math.expm1(p)) for p in low] + [0.5, 12.0]
    else:
        row = [_logit(p) for p in low] + [-_logit(BEYOND * p) for p in (1e-3, least)]
    m = len(row)
    return np.array([row, row]), np.array([[0.0] * m, [1.0] * m])


def _of_softmax(least: float) -> tuple[Array, Array]:
    """Columns of ln a; the target is one of the three outputs in turn."""
    columns = [
        (BEYOND * least, BEYOND * 1e-3, None),
        (BEYOND * least, None, BEYOND * 1e-3),
        (None, BEYOND * least, BEYOND * least),
        (None, BEYOND * 1e-3, BEYOND * least),
        (max(SATURATED, least**2), None, 0.25),
    ]
    targets = (0, 0, 1, 0, 0)
    z = np.array([[math.log(p if p is not None else 1 - sum(q for q in c if q)) for p in c] for c in columns]).T
    return z, np.eye(3)[:, targets]


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def with_rounded_a(question: Question, allowance: Answer) -> Answer:
    """The allowance of this kind, and what half an ulp of every aᴸ may cost: a right program may go through a, as a(1 − a) and
    a − E do.

    ∂a/∂z moves by at most half an ulp of a, for softmax each product a_j a_k; it is multiplied by ∇ₐC, or by 1 where that is a
    difference of terms of that size. a − E itself moves by half an ulp of a.
    """
    head = question.head_record()
    x, E = question.x.astype(np.float64), question.expected.astype(np.float64)
    z = question.weights[0].astype(np.float64) @ x
    a = head.sigma(z)
    g = np.maximum(np.abs(head.cost.nabla_a(a, E)), 1.0)
    if head.form == "fused" and head.cost.name == "cross_entropy":
        g = np.ones_like(a)
    move = a * g if head.activation != "softmax" else a * (g + np.sum(a * g, axis=0, keepdims=True))
    extra = SLACK * 2.0**-question.format.bits * move
    m = question.samples

    def more(v: Array, part: Array) -> Array:
        return np.array([float(f"{t:.2e}") for t in (v + 1.01 * part).ravel()]).reshape(v.shape)

    return Answer(
        (more(allowance.nabla_w[0], extra @ np.abs(x).T / m),),
        (more(allowance.nabla_b[0], np.sum(extra, axis=1, keepdims=True) / m),),
        allowance.cost,
        allowance.activations,
        (more(allowance.deltas[0], extra),) if allowance.deltas else None,
    )
