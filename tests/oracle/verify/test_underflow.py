"""A z that underflows to a kink: what backpropagation and autodiff take there is no lost digit; anything else is. What underflows
before an enormous error is at the ends of the floats; what floats alone make 0 is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import manualbp
from manualbp import ACTIVATIONS
from manualbp.special import is_numpy_float
from oracle.judgement.verdict import Verdict
from oracle.verify.case import Case
from oracle.verify.examine import at_kink, examine
from oracle.verify.underflow import explains


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


def enormous(z: float, sigma_prime=ACTIVATIONS["gelu_tanh"].sigma_prime) -> Case:
    """δ³ is about 1e112, and σ′(z²) of gelu_tanh −3e-259 at −20, some 1e-311 at −21.3, and at −23 −3e-390, which floats call 0."""
    hidden = replace(ACTIVATIONS["gelu_tanh"], sigma_prime=sigma_prime)
    net = manualbp.from_parameters(
        [np.array([[z]]), np.array([[1.0]])],
        [np.zeros((1, 1)), np.array([[16.0]])],
        [hidden],
        manualbp.HEADS["gelu+exponential"],
    )
    return Case(net, np.array([[1.0]]), np.array([[0.0]]))


@pytest.mark.parametrize(("z", "equation"), [(-23.0, "BP2"), (-21.3, "BP3")])
def test_below_the_normal_floats_before_an_enormous_error(z: float, equation: str) -> None:
    """σ′(−23) is lost; at −21.3 σ′ is a normal number and a = σ(z), which is smaller, is not."""
    found = examine(enormous(z))
    assert found.verdict is Verdict.INACCURATE
    assert found.first_wrong.equation == equation
    assert explains(found)


def test_a_slope_that_floats_alone_make_0_is_no_end_of_the_floats() -> None:
    def floored(z):
        slope = ACTIVATIONS["gelu_tanh"].sigma_prime(z)
        return slope if z.dtype == object else np.where(slope < 1e-200, 0.0, slope)

    found = examine(enormous(-20.0, floored))
    assert found.verdict is Verdict.INACCURATE
    assert not explains(found)
    assert examine(enormous(-20.0)).verdict is Verdict.RIGHT


def test_an_activation_that_floats_alone_make_0_is_no_end_of_the_floats() -> None:
    case = enormous(-20.0)
    sigma = case.net.activations[0].sigma
    floored = replace(case.net.activations[0], sigma=lambda z: sigma(z) * (0.0 if is_numpy_float(z) else 1.0))
    found = examine(replace(case, net=replace(case.net, activations=(floored,))))
    assert (found.verdict, found.first_wrong.equation) == (Verdict.INACCURATE, "BP3")
    assert not explains(found)


def test_where_bp1_meets_such_a_slope() -> None:
    """σ′(−745) of the sigmoid is the smallest float, of one digit, and ∇ₐC about 1e213."""
    net = manualbp.from_parameters(
        [np.array([[-745.0]])],
        [np.zeros((1, 1))],
        [],
        manualbp.chained(ACTIVATIONS["sigmoid"], manualbp.exponential(1e-3)),
    )
    found = examine(Case(net, np.array([[1.0]]), np.array([[0.7]])))
    assert (found.verdict, found.first_wrong.equation) == (Verdict.INACCURATE, "BP1")
    assert explains(found)
