"""A z that underflows to a kink: what backpropagation and autodiff take there is no lost digit; anything else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import manualbp
from manualbp import ACTIVATIONS
from oracle.judgement.verdict import Verdict
from oracle.verify.case import Case
from oracle.verify.examine import at_kink, examine


def underflown(sigma_prime_at_0: float | None = None) -> Case:
    """z² = −40 has gelu_tanh(z²) = −0 in floats, so that z³ = 0, at the kink of selu; it is a little less, or more."""
    head = manualbp.HEADS["selu+squared_hinge"]
    if sigma_prime_at_0 is not None:
        cost, selu = head.cost, ACTIVATIONS["selu"]

        def delta(z, a, E):
            return cost.nabla_a(a, E) * np.where(z == 0, sigma_prime_at_0, selu.sigma_prime(z))

        head = replace(head, delta=delta)
    weights = [np.array([[-40.0]]), np.array([[3.0], [-3.0]])]
    net = manualbp.from_parameters(weights, [np.zeros((1, 1)), np.zeros((2, 1))], [ACTIVATIONS["gelu_tanh"]], head)
    return Case(net, np.array([[1.0]]), np.array([[-1.0], [1.0]]))


def test_it_is_right_at_the_kink() -> None:
    case = underflown()
    z, _ = manualbp.forward(case.net, case.x)
    assert np.all(z[-1] == 0)
    assert at_kink(case)
    found = examine(case)
    assert found.verdict is Verdict.RIGHT
    assert found.at_kink


@pytest.mark.parametrize("slope", [0.0, 1.5])
def test_another_slope_there_is_not(slope: float) -> None:
    assert examine(underflown(slope)).verdict is not Verdict.RIGHT
