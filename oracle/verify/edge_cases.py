"""Edge cases: every record by itself, in a network that hides nothing of it, at the ends of its domain.

Random draws seldom meet what is wrong at one point only (E = 0, a tie, a saturated output), and no draw meets another parameter
of a cost than the one in COSTS.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp import Activation, Cost, Head
from manualbp.activations import ACTIVATIONS, IDENTITY, SIGMOID, SOFTPLUS
from manualbp.costs import COSTS
from manualbp.heads import HEADS, IDENTITY_QUADRATIC
from oracle.verify.case import Case

#: Costs with a parameter, away from its default.
PARAMETRISED = (
    manualbp.exponential(tau=2.5),
    manualbp.exponential(tau=-0.5),
    manualbp.huber(threshold=0.3),
    manualbp.huber(threshold=2.0),
)
MAGNITUDES = np.array([1e-9, 1e-3, 0.3, 1.0, 2.5, 6.0, 15.0, 40.0])
#: Columns of z for three outputs: a tie of all, of the two largest, of the two smallest, none, and a saturated one.
COLUMNS = np.array([[0.0, 1.5, -1.0, -0.3, 4.0], [0.0, 1.5, -1.0, 0.8, -9.0], [0.0, -0.7, 2.0, 2.2, 0.5]])
#: Three targets a column, by domain of E, its boundary included.
TARGETS = {
    "real": [[0.0, 0.5, -2.0, 1.0, 4.0], [1.0, 1.0, 0.0, 0.8, 0.3], [-1.0, 0.0, 0.3, 0.7, 0.0]],
    "closed_unit": [[0.0, 1.0, 0.3, 0.9, 1.0], [1.0, 0.0, 0.5, 0.0, 0.0], [0.25, 0.75, 1.0, 0.0, 0.6]],
    "nonnegative": [[0.0, 1.0, 0.3, 2.5, 0.0], [1.0, 0.0, 0.5, 0.0, 0.7], [0.25, 3.0, 0.0, 0.2, 1.6]],
    "positive": [[0.001, 1.0, 0.3, 2.5, 0.1], [1.0, 0.02, 0.5, 0.4, 0.7], [0.25, 3.0, 0.01, 0.2, 1.6]],
    "closed_simplex": [[0.0, 1.0, 0.25, 0.0, 0.0], [1.0, 0.0, 0.25, 0.5, 0.0], [0.0, 0.0, 0.5, 0.5, 1.0]],
    "sign": [[-1.0, 1.0, 1.0, -1.0, -1.0], [1.0, 1.0, -1.0, 1.0, -1.0], [-1.0, -1.0, 1.0, 1.0, 1.0]],
}


def edge_cases() -> Iterator[Case]:
    """Activations first, then costs, then heads: what is wrong in a record is found in it, not in what is built on it."""
    for activation in ACTIVATIONS.values():
        yield activation_case(activation, np.zeros(1))
        yield activation_case(activation, np.concatenate([MAGNITUDES, -MAGNITUDES]))
    for cost in (*COSTS.values(), *PARAMETRISED):
        yield head_case(manualbp.chained(plainest(cost), cost))
    for head in HEADS.values():
        if head.form != "chained":
            yield head_case(head)


def activation_case(activation: Activation, z: NDArray[np.float64]) -> Case:
    """One hidden neuron, whose δ is σ′ times a known number that is not 0."""
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    net = manualbp.from_parameters([one, one], [zero, zero], [activation], IDENTITY_QUADRATIC)
    return Case(net, z[None, :], np.full((1, len(z)), -1.9))


def head_case(head: Head) -> Case:
    """One layer whose z are the inputs."""
    net = manualbp.from_parameters([np.eye(3)], [np.zeros((3, 1))], [], head)
    x = COLUMNS * 0.1 if head.cost.name == "exponential" else COLUMNS
    return Case(net, x.copy(), np.array(TARGETS[head.cost.e_domain.name]))


def plainest(cost: Cost) -> Activation:
    """The simplest activation that reaches only the domain of the cost."""
    return {"real": IDENTITY, "positive": SOFTPLUS}.get(cost.a_domain.name, SIGMOID)
