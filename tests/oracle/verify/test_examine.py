"""One case examined: by every equation, in balls and in floats; wrong and inaccurate are told apart."""

from dataclasses import replace

import numpy as np
import pytest

import manualbp
from manualbp import HEADS, IDENTITY_QUADRATIC, RELU, SIGMOID, TANH
from oracle.balls.errors import Undecidable
from oracle.judgement.verdict import Verdict
from oracle.verify.blame import Blame, blame
from oracle.verify.case import Case
from oracle.verify.edge_cases import activation_case, head_case
from oracle.verify.examination import Step
from oracle.verify.examine import BALLS, BY_COST, as_floats, examine
from oracle.verify.settling import overflows

from .records import LOSES_DIGITS, SIGMA_PRIME_OF_A, drawn, wrong_activation, wrong_head


def test_what_is_right_is_right_by_every_equation():
    found = examine(drawn())
    assert found.verdict is Verdict.RIGHT
    assert found.first_wrong is None
    assert [step.symbol for step in found.steps] == [
        *("C", "δ^4", "δ^3", "δ^2", "∂C/∂W^4", "∂C/∂b^4", "∂C/∂W^3", "∂C/∂b^3", "∂C/∂W^2", "∂C/∂b^2")
    ]
    with pytest.raises(ValueError, match="nobody to blame"):
        blame(found)


def test_a_wrong_derivative_is_wrong_from_bp2_on():
    found = examine(drawn(hidden=SIGMA_PRIME_OF_A))
    assert found.verdict is Verdict.WRONG
    assert (found.first_wrong.equation, found.first_wrong.layer) == ("BP2", 3)
    assert blame(found).what == "activation tanh"
    assert "σ′ of tanh is not the derivative of its σ" in blame(found).sentence


@pytest.mark.parametrize(("hidden", "verdict"), [(SIGMOID, Verdict.RIGHT), (LOSES_DIGITS, Verdict.INACCURATE)])
@pytest.mark.parametrize("z", [20.0, 40.0])
def test_a_derivative_that_loses_digits_is_inaccurate_and_not_wrong(hidden, verdict, z):
    """a(1 − a) has no digit left in float64 at z = 40, and seven at 20; in balls it is right."""
    found = examine(activation_case(hidden, np.array([z])))
    assert found.verdict is verdict
    if verdict is Verdict.INACCURATE:
        assert blame(found).what == "activation sigmoid"
        assert blame(found).sentence.startswith("right in balls, and in floats this: σ′ of sigmoid is not")


def test_no_more_digits_are_asked_for_than_autodiff_keeps():
    """JAX differentiates tanh as 1 − tanh², of which nothing is left at z = 19: what rounding may cost is measured on that."""
    textbook = wrong_activation(TANH, lambda z: 1 - z.__array_namespace__().tanh(z) ** 2)
    assert textbook.sigma_prime(np.array([19.0])) == 0 < TANH.sigma_prime(np.array([19.0]))
    assert examine(activation_case(textbook, np.array([19.0]))).verdict is Verdict.RIGHT
    assert examine(activation_case(TANH, np.array([19.0]))).verdict is Verdict.RIGHT


def test_a_right_formula_where_no_digit_is_lost_is_right():
    assert examine(activation_case(LOSES_DIGITS, np.array([0.4]))).verdict is Verdict.RIGHT


def test_a_mistake_beside_lost_digits_is_wrong():
    both = wrong_activation(SIGMOID, lambda z: 1.5 * LOSES_DIGITS.sigma_prime(z))
    assert examine(activation_case(both, np.array([40.0, 0.4]))).verdict is Verdict.WRONG


def test_the_formula_that_floats_replace_is_judged_in_balls():
    def prime(z):
        return TANH.sigma_prime(z) * (2 if z.dtype == object else 1)

    found = examine(drawn(hidden=wrong_activation(TANH, prime)))
    assert found.verdict is Verdict.WRONG
    assert isinstance(found.first_wrong, Step)
    assert (found.first_wrong.equation, found.first_wrong.way) == ("BP2", BALLS)
    assert blame(found).what == "activation tanh"


def test_code_that_cannot_run_on_balls_is_judged_by_its_floats():
    def floats_alone(z):
        return TANH.sigma_prime(np.asarray(z, dtype=float))

    assert examine(drawn(hidden=wrong_activation(TANH, floats_alone))).verdict is Verdict.RIGHT
    found = examine(drawn(hidden=wrong_activation(TANH, lambda z: 2 * floats_alone(z))))
    assert found.verdict is Verdict.WRONG
    assert blame(found).what == "activation tanh"


def test_a_sigma_that_is_another_function_on_floats_is_to_blame_for_the_cost():
    def sigma(z):
        return TANH.sigma(z) * (1.5 if isinstance(z, np.ndarray) and z.dtype != object else 1)

    found = examine(drawn(hidden=replace(TANH, sigma=sigma)))
    assert found.verdict is Verdict.INACCURATE
    assert found.first_wrong.equation == "C"
    assert blame(found).what == "activation tanh"


def test_a_fused_cost_must_be_its_cost():
    def C(z, a, E):
        return manualbp.QUADRATIC.C(z, E) + 1

    found = examine(drawn(head=wrong_head(IDENTITY_QUADRATIC, C=C)))
    assert found.verdict is Verdict.WRONG
    assert found.first_wrong.way == BY_COST
    assert blame(found) == Blame(
        "head identity+quadratic:fused", "C of the head identity+quadratic:fused is not its cost's C(σ(z), E)"
    )


def test_an_outside_target_is_no_verdict():
    with pytest.raises(manualbp.DomainError):
        examine(replace(drawn(head=HEADS["sigmoid+cross_entropy"]), expected=np.full((2, 3), 2.0)))


def test_at_a_kink_the_convention_is_judged():
    at = activation_case(RELU, np.zeros(1))
    found = examine(at)
    assert found.at_kink
    assert found.verdict is Verdict.RIGHT
    beyond = wrong_activation(RELU, lambda z: 1.5 + 0 * z)
    assert examine(activation_case(beyond, np.zeros(1))).verdict is Verdict.WRONG


def test_a_cost_beyond_the_floats_is_no_mistake():
    """Itakura–Saito at a = 1e-313: E/a is 1e313, and ∞ − ln ∞ is NaN."""
    case = Case(
        manualbp.from_parameters([np.ones((1, 1))], [np.zeros((1, 1))], [], HEADS["softplus+itakura_saito"]),
        np.array([[-720.0]]),
        np.array([[1.0]]),
    )
    with np.errstate(over="ignore", invalid="ignore"):
        found = examine(case)
    assert np.isnan(found.steps[0].comparison.got)
    assert found.verdict is not Verdict.RIGHT
    assert overflows(found)
    assert not overflows(examine(drawn(hidden=SIGMA_PRIME_OF_A)))


def test_as_floats_takes_sharp_balls_alone():
    from flint import arb

    balls = np.array([arb(2), arb(0), arb(1, 0.5), arb("nan")], dtype=object)
    assert as_floats(balls, np.array([7.0, 7.0, 7.0, 7.0])).tolist() == [2.0, 0.0, 7.0, 7.0]


def test_a_truth_that_stays_open_is_undecided(monkeypatch):
    """tanh 3000 is 1 − 1e−2600: whether its margin is under 1 no precision in use decides; its floats do."""

    def nobody_knows(*args):
        raise Undecidable("the seam")

    case = head_case(HEADS["tanh+squared_hinge"])
    net = replace(case.net, weights=tuple(np.full_like(w, 3000.0) for w in case.net.weights))
    at_margin = replace(case, net=net, x=np.ones_like(case.x), expected=np.ones_like(case.expected))
    assert examine(at_margin).verdict is Verdict.RIGHT
    monkeypatch.setattr("oracle.verify.examine.at_the_seam", nobody_knows)
    assert examine(at_margin).verdict is Verdict.UNDECIDED


def of_z(head, *z, E):
    """One layer of one output whose z are the inputs."""
    net = manualbp.from_parameters([np.eye(1)], [np.zeros((1, 1))], [], head)
    return Case(net, np.array([z]), np.full((1, len(z)), E))


@pytest.mark.parametrize("z", [250.0, 263.5, 270.0, 276.0, 278.0, 300.0, 333.8, 500.0, 711.9, -711.9])
def test_the_cost_of_a_fused_head_is_judged_with_the_bits_that_a_saturated_output_takes(z):
    """ln(1 − a) of 400 bits has few left at z = 264."""
    head = HEADS["sigmoid+cross_entropy:fused"]
    assert examine(of_z(head, z, 1.5, E=0.49)).verdict is Verdict.RIGHT
    off = replace(head, C=lambda z, a, E: head.C(z, a, E) + 1e-6)
    assert examine(of_z(off, z, 1.5, E=0.49)).first_wrong.way == BY_COST
