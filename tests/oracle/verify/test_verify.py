"""`manualbp verify`: what is right passes; what is wrong is found, blamed and shrunk; wrong and inaccurate are told apart."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import manualbp
from manualbp import ACTIVATIONS, COSTS, HEADS, IDENTITY, IDENTITY_QUADRATIC, RELU, SIGMOID, TANH, Activation, Head
from oracle.cli import main
from oracle.judgement.verdict import SLACK, Comparison, Verdict, allowed, compare
from oracle.verify.blame import Blame, blame
from oracle.verify.breakdown import Breakdown, raised, undefined
from oracle.verify.campaign.campaign import Tally, stack_number
from oracle.verify.campaign.draw import ACTIVATION_NAMES, SAMPLES, WEIGHTS, WIDTH, draw_stack
from oracle.verify.campaign.reference import compile_reference
from oracle.verify.campaign.screen import ARRAYS, case_of, embedding_error, screen
from oracle.verify.campaign.subject import fitting, run_subject
from oracle.verify.case import Case
from oracle.verify.edge_cases import PARAMETRISED, activation_case, edge_cases, head_case
from oracle.verify.examine import BALLS, BY_COST, Step, as_floats, examine
from oracle.verify.outcome import Verification
from oracle.verify.report import as_dict, as_text, failure_text, replay_text
from oracle.verify.run import explain, overflows, replay, verify
from oracle.verify.sampled_cases import Sample
from oracle.verify.shrink import candidates, shrink, simplicity, with_neurons, without_layer
from oracle.witnesses.enclosure import derivative

# Records with a mistake


def wrong_activation(activation: Activation, sigma_prime) -> Activation:
    return replace(activation, sigma_prime=sigma_prime)


def wrong_head(head: Head, **changes) -> Head:
    return replace(head, **changes)


def drawn(sizes=(3, 4, 3, 2), hidden=TANH, head=IDENTITY_QUADRATIC, samples=3, seed=0) -> Case:
    rng = np.random.default_rng(seed)
    net = manualbp.init(sizes, hidden=hidden, head=head, rng=rng)
    return Case(net, rng.standard_normal((sizes[0], samples)), rng.random((sizes[-1], samples)))


SIGMA_PRIME_OF_A = wrong_activation(TANH, lambda z: TANH.sigma_prime(TANH.sigma(z)))
LOSES_DIGITS = wrong_activation(SIGMOID, lambda z: SIGMOID.sigma(z) * (1 - SIGMOID.sigma(z)))
WRONG_NABLA = replace(manualbp.QUADRATIC, nabla_a=lambda a, E: 2 * (a - E))
WRONG_FUSED = wrong_head(IDENTITY_QUADRATIC, delta=lambda z, a, E: E - z)


# The comparison policy


def enclosure(values):
    from oracle.balls.arrays import lift_arb

    return derivative(lift_arb(np.asarray(values)), rigorous=True, bits=200)


def test_a_number_is_held_against_its_allowance():
    truth = enclosure([1.0, 2.0, 0.0])
    allowance = np.array([1e-16, 1e-16, 0.0])
    right = compare(np.array([1.0, 2.0 - 2**-52, 1e-310]), truth, allowance)
    assert not right.beyond.any()
    wrong = compare(np.array([1.0, 2.0 + 1e-14, 1e-300]), truth, allowance)
    assert wrong.beyond.tolist() == [False, True, True]
    assert wrong.worst == (2,)
    assert wrong.eps == pytest.approx(1e-14 / 2 / 2**-52, rel=0.05)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_excused(number):
    comparison = compare(np.array([number]), enclosure([1.0]), np.array([np.inf]))
    assert comparison.beyond.all()
    assert comparison.worst == (0,)


def test_an_unknown_allowance_excuses_nothing():
    assert allowed(np.array([np.inf, np.nan, 1.0]), np.dtype(float)).tolist() == pytest.approx([0.0, 0.0, SLACK])


def test_shapes_must_be_equal():
    with pytest.raises(ValueError, match=r"got \(1,\), truth \(2,\)"):
        compare(np.zeros(1), enclosure([0.0, 0.0]), np.zeros(2))


def test_eps_of_nothing_is_nothing():
    empty = np.zeros((0, 2))
    assert Comparison(empty, empty, empty, empty).eps == 0.0
    zero, one = np.zeros(1), np.ones(1)
    assert Comparison(one, zero, one, zero).eps == np.inf


# The examination of one case


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


# What yields no array to compare


def test_an_equation_that_raises_is_named():
    def prime(z):
        raise ZeroDivisionError("no slope")

    found = examine(drawn(hidden=wrong_activation(TANH, prime)))
    assert found.verdict is Verdict.WRONG
    assert isinstance(found.first_wrong, Breakdown)
    assert (found.first_wrong.equation, found.first_wrong.layer) == ("BP2", 3)
    assert "raises ZeroDivisionError: no slope" in found.first_wrong.sentence
    assert blame(found).what == "activation tanh"


def test_a_shape_that_does_not_fit_is_named():
    found = examine(drawn(head=wrong_head(IDENTITY_QUADRATIC, C=lambda z, a, E: (z - E) ** 2)))
    assert found.verdict is Verdict.WRONG
    assert found.first_wrong == Breakdown("C", 4, "C has shape (2,), and must have ()")
    assert blame(found).what == "C"
    text = failure_text(explain(found, 7), cases=10, seed=0)
    assert "C has shape" in text


def test_a_fault_elsewhere_is_not_the_equations():
    with pytest.raises(ValueError, match="the network needs"):
        examine(replace(drawn(), x=np.zeros((5, 3))))
    with pytest.raises(KeyError):
        raised(KeyError("x"), 3)


def test_a_cost_that_is_undefined_in_its_domain_is_wrong():
    kl = COSTS["kullback_leibler"]
    undefined_at_0 = replace(kl, C=lambda a, E: (E * a.__array_namespace__().log(E / a)).sum(axis=-2))
    case = head_case(manualbp.chained(SIGMOID, undefined_at_0))
    found = examine(case)
    assert found.verdict is Verdict.WRONG
    assert found.first_wrong == undefined(case)
    assert blame(found).what == "cost kullback_leibler"


# Blame


def test_a_wrong_gradient_of_a_cost_is_the_costs():
    found = examine(drawn(head=manualbp.chained(SIGMOID, WRONG_NABLA)))
    assert found.first_wrong.equation == "BP1"
    assert blame(found).what == "cost quadratic"
    assert "∇ₐC of quadratic is not the gradient of its C: at a = " in blame(found).sentence


def test_a_wrong_fused_delta_is_the_heads():
    culprit = blame(examine(drawn(head=WRONG_FUSED)))
    assert culprit.what == "head identity+quadratic:fused"
    assert "δ = " in culprit.sentence
    assert "∂C/∂z = " in culprit.sentence


@pytest.mark.parametrize("name", ["sigmoid+quadratic", "softmax+quadratic"])
def test_where_the_records_are_right_bp1_is_wrong(name):
    head = HEADS[name]
    culprit = blame(examine(drawn(head=wrong_head(head, delta=lambda z, a, E: head.delta(z, a, E) * a))))
    assert culprit.what == "BP1"
    assert head.name in culprit.sentence


def test_the_output_activation_is_to_blame_for_a_chained_head():
    """By a head that ACTIVATIONS does not know, whose records are right: BP1 itself is left."""
    found = examine(drawn(head=manualbp.chained(SIGMA_PRIME_OF_A, manualbp.QUADRATIC)))
    assert found.first_wrong.equation == "BP1"
    assert blame(found).what == "BP1"  # tanh in ACTIVATIONS is right


# Shrinking


@pytest.mark.parametrize(
    ("case", "sizes"),
    [
        (drawn((5, 7, 4, 6, 3), hidden=SIGMA_PRIME_OF_A, samples=5), (1, 1, 1)),
        (drawn((5, 7, 4, 3), head=WRONG_FUSED, samples=5), (1, 1)),
        (drawn((5, 7, 4, 3), head=manualbp.chained(SIGMOID, WRONG_NABLA), samples=5), (1, 1)),
    ],
)
def test_a_wrong_case_shrinks_to_a_tiny_network(case, sizes):
    failure = explain(examine(case), 3)
    assert failure.smallest.case.net.sizes == sizes
    assert failure.smallest.case.x.shape[-1] == 1
    assert failure.smallest.verdict is Verdict.WRONG
    assert failure.blame.what == blame(failure.found).what
    assert simplicity(failure.smallest.case) < simplicity(case)


def test_shrinking_keeps_to_its_time_and_its_condition():
    case = drawn()
    assert shrink(case, lambda _: True, seconds=0.0) is case
    assert shrink(case, lambda _: False, seconds=1.0) is case
    smallest = shrink(case, lambda c: c.size >= 20)
    assert 20 <= smallest.size < case.size


@pytest.mark.parametrize("head", ["identity+quadratic:fused", "softmax+categorical_cross_entropy:fused"])
def test_every_candidate_is_a_network(head):
    case = drawn(head=HEADS[head])
    case = replace(case, expected=case.expected / case.expected.sum(axis=0))
    seen = 0
    for candidate in candidates(case):
        net = candidate.net
        manualbp.from_parameters(net.weights, net.biases, net.activations, net.head)
        assert candidate.x.shape == (net.sizes[0], candidate.expected.shape[1])
        assert candidate.expected.shape[0] == net.sizes[-1]
        seen += 1
    assert seen > 20


def test_a_network_without_a_layer_or_neurons():
    case = drawn((3, 4, 5, 2))
    assert without_layer(case.net, 0).sizes == (3, 5, 2)
    assert without_layer(case.net, 1).sizes == (3, 4, 2)
    assert with_neurons(case, 0, [2]).x.tolist() == case.x[[2]].tolist()
    assert with_neurons(case, 2, [0, 4]).net.sizes == (3, 4, 2, 2)
    assert with_neurons(case, 3, [1]).expected.tolist() == case.expected[[1]].tolist()


# Edge cases


def test_edge_cases_hold_every_record():
    cases = list(edge_cases())
    heads = {case.net.head.name for case in cases}
    assert {f.name for case in cases for f in case.net.activations} == set(ACTIVATIONS)
    assert {case.net.head.cost.name for case in cases} == set(COSTS)
    assert {name for name, head in HEADS.items() if head.form != "chained"} <= heads
    assert any(case.net.head.cost is PARAMETRISED[1] for case in cases)
    zeros = [case for case in cases if case.net.head.cost.e_domain.name != "sign" and (case.expected == 0).any()]
    assert len(zeros) > 20


def test_the_code_of_a_parametrised_cost_builds_it():
    case = head_case(manualbp.chained(IDENTITY, manualbp.huber(threshold=0.3)))
    names: dict = {}
    exec(case.code(), names)
    assert names["g"].cost == manualbp.gradients(case.net, case.x, case.expected).cost
    assert names["net"].head.cost.parameters == {"threshold": 0.3}


def test_a_parameter_that_is_ignored_is_seen():
    def nabla_a(a, E):
        return manualbp.HUBER.nabla_a(a, E)  # the threshold of the default

    wrong = replace(manualbp.huber(threshold=0.3), nabla_a=nabla_a)
    found = examine(head_case(manualbp.chained(IDENTITY, wrong)))
    assert found.verdict is Verdict.WRONG
    assert blame(found).what == "cost huber"


# The campaign's stack

FEW = tuple(
    HEADS[name]
    for name in (
        *("identity+quadratic:fused", "tanh+huber", "sigmoid+cross_entropy:fused", "softplus+poisson"),
        *("softmax+hellinger", "softmax+poisson:fused"),
    )
)


@pytest.fixture(scope="module")
def few():
    """A stack of a few heads, its subject and its witness: one compile."""
    stack = draw_stack(np.random.default_rng(0), 5, FEW)
    return stack, run_subject(stack), compile_reference(stack)(stack)()


def test_a_campaign_draws_every_head_and_activation():
    stack, order = stack_number(0, 0, 500)
    assert set(stack.heads) == set(HEADS)
    assert set(order.tolist()) == set(range(len(stack.heads)))
    real = np.arange(WEIGHTS - 1) >= WEIGHTS - stack.depth[:, None]
    for layer in range(WEIGHTS - 1):
        assert set(stack.kinds[real[:, layer], layer]) == set(range(len(ACTIVATION_NAMES)))
    assert set(stack.depth) == set(range(1, WEIGHTS + 1))
    assert set(stack.samples) == set(range(1, SAMPLES + 1))
    assert {1, WIDTH} <= set(stack.sizes.ravel().tolist())
    assert not stack.w[stack.depth > 0].all()


def test_the_seed_decides_all():
    first, again, other = (stack_number(seed, 0, 500) for seed in (3, 3, 4))
    for name in ("w", "b", "x", "expected", "kinds", "depth", "sizes", "samples"):
        assert np.array_equal(getattr(first[0], name), getattr(again[0], name))
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0].x, other[0].x)
    assert not np.array_equal(first[1], other[1])


def test_embedding_changes_nothing_but_the_order_of_sums(few):
    stack, subject, reference = few
    judged = np.flatnonzero(~subject.refused & np.isfinite(subject.cost))
    errors = [embedding_error(stack, subject, reference, int(k)) for k in judged]
    assert len(judged) > 100
    assert max(errors) <= 1
    off = replace(subject, nabla_w=subject.nabla_w * (1 + 1e-10))
    assert max(embedding_error(stack, off, reference, int(k)) for k in judged[:20]) > 1e2
    nothing = replace(subject, nabla_w=subject.nabla_w * np.nan)
    assert embedding_error(stack, nothing, reference, int(judged[0])) == np.inf


def judged(stack, subject):
    return np.flatnonzero(~subject.refused & np.isfinite(subject.cost))


def test_the_screen_passes_what_is_right(few):
    """All but a few, whose rounding it cannot bound; those are right in balls."""
    stack, subject, reference = few
    networks = judged(stack, subject)
    differs = screen(stack, subject, reference).differs[networks]
    assert differs.sum() <= 0.05 * len(networks)
    for k in networks[differs]:
        assert examine(case_of(stack, int(k))).verdict is Verdict.RIGHT


@pytest.mark.parametrize(("relative", "share"), [(1e-9, 0.9), (1.0, 0.9), (np.nan, 1.0)])
@pytest.mark.parametrize("equation", ARRAYS)
def test_the_screen_sees_one_wrong_entry_of_each_equation(few, equation, relative, share):
    """In all networks but those so ill-conditioned that rounding alone explains it."""
    stack, subject, reference = few
    name = ARRAYS[equation]
    rng = np.random.default_rng([len(equation), len(name)])
    right = getattr(subject, name)
    before = screen(stack, subject, reference).differs
    networks = judged(stack, subject)
    seen = []
    for k in rng.permutation(networks[~before[networks]])[:40]:
        first = WEIGHTS - stack.depth[k]
        layers = {"BP1": [WEIGHTS - 1], "BP2": range(first, WEIGHTS - 1)}.get(equation, range(first, WEIGHTS))
        if len(layers) == 0:
            continue
        at = (k,) if equation == "C" else (k, rng.choice(layers))
        at = (*at, *np.unravel_index(np.argmax(np.abs(right[at])), np.shape(right[at])))
        if abs(right[at]) < 1e-100:
            continue
        wrong = right.copy()
        wrong[at] *= 1 + relative
        differs = screen(stack, replace(subject, **{name: wrong}), reference).differs
        seen.append(differs[k])
        assert np.array_equal(np.delete(differs, k), np.delete(before, k))
    assert len(seen) >= 15
    assert np.mean(seen) >= share


def test_what_does_not_fit_the_stack_is_nan():
    assert fitting(np.ones(3), (3,)).tolist() == [1, 1, 1]
    assert np.isnan(fitting(np.ones((3, 2)), (3, 1))).all()


def test_a_case_of_the_stack_is_the_network_without_padding(few):
    stack, subject, _ = few
    for k in judged(stack, subject)[:30]:
        case = case_of(stack, int(k))
        assert len(case.net.weights) == stack.depth[k]
        assert case.net.head is HEADS[stack.heads[k]]
        assert case.x.shape[-1] == stack.samples[k]
        g = manualbp.gradients(case.net, case.x, case.expected)
        assert g.cost == pytest.approx(subject.cost[k], rel=1e-12)


# The whole


@pytest.fixture(scope="module")
def run():
    """One run by the command."""
    result = CliRunner().invoke(main, ["verify", "--cases", "40", "--seed", "1", "--json"])
    return result, json.loads(result.stdout)


def test_a_right_run_exits_0_and_says_what_it_did(run):
    result, data = run
    assert result.exit_code == 0
    assert data["verdict"] == "right"
    assert data["failure"] is None
    assert (data["cases"], data["seed"]) == (40, 1)
    assert data["edge_cases"] == len(list(edge_cases()))
    assert sum(data["heads"].values()) == 40
    assert data["certified"]["cases"] == 20
    assert data["certified"]["ball_differences_agree"] + data["certified"]["at_kink"] == 20
    assert data["certified"]["conflicts"] == []
    assert set(data["certified"]["worst_eps"]) == {"C", "BP1", "BP2", "BP3", "BP4"}
    assert data["unsettled"] == 0


def test_json_is_strict(run):
    result, _ = run

    def no_constants(word):
        raise AssertionError(f"{word} is no JSON")

    json.loads(result.stdout, parse_constant=no_constants)
    assert result.stdout.count("\n{") == 0


def test_a_case_is_replayed_alone():
    stack, order = stack_number(1, 0, 40)
    again = replay(40, 1, 7)
    assert again.case.words == case_of(stack, int(order[7])).words
    text = replay_text(again, 40, 1)
    assert text.startswith(again.case.words)
    assert text.endswith("verdict: right")
    result = CliRunner().invoke(main, ["verify", "--cases", "40", "--seed", "1", "--replay", "7"])
    assert result.exit_code == 0
    assert result.stdout == text + "\n"
    with pytest.raises(ValueError, match="has 0 to 39"):
        replay(40, 1, 40)


def test_replay_reaches_a_later_stack():
    length = len(stack_number(0, 0, 5000)[1])
    stack, order = stack_number(0, 1, 5000)
    assert replay(5000, 0, length + 2).case.words == case_of(stack, int(order[2])).words


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--cases", "0"], "--cases = 0"),
        (["--cases", "-3"], "--cases = -3"),
        (["--seed", "-1"], "--seed = -1"),
        (["--loop", "-1"], "--loop = -1"),
        (["--cases", "10", "--replay", "10"], "has 0 to 9"),
        (["--cases", "10", "--replay", "-1"], "has 0 to 9"),
    ],
)
def test_what_cannot_be_run_exits_2(arguments, sentence):
    result = CliRunner().invoke(main, ["verify", *arguments])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr


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


def test_verify_refuses_what_it_cannot_run():
    with pytest.raises(ValueError, match="give at least 1"):
        verify(0, 0)
    with pytest.raises(ValueError, match="give 0 or more"):
        verify(1, -1)


def test_the_verdict_needs_evidence():
    assert Verification(1, 0, Tally(), Sample()).verdict is Verdict.RIGHT
    assert Verification(1, 0, Tally(), Sample(conflicts=["x"])).verdict is Verdict.UNDECIDED
    assert Verification(1, 0, Tally(), Sample(), unsettled=1).verdict is Verdict.UNDECIDED


def failed(found, number):
    return Verification(50, 2, Tally(), Sample(), failure=explain(found, number))


def test_a_failure_is_told_in_text():
    result = failed(examine(drawn(hidden=SIGMA_PRIME_OF_A)), 31)
    assert result.verdict is Verdict.WRONG
    text = as_text(result)
    assert text.startswith("wrong: σ′ of tanh is not the derivative of its σ: at z = ")
    assert "first found in case 31: 3-4-3-2" in text
    assert "smallest like it: 1-1-1" in text
    assert "first wrong: δ^2 (BP2, layer 2)" in text
    assert "replay: manualbp verify --cases 50 --seed 2 --replay 31" in text
    assert text.endswith("verdict: wrong\n")


def test_an_edge_case_has_no_number():
    result = failed(examine(activation_case(SIGMA_PRIME_OF_A, np.array([0.5]))), None)
    assert "first found in an edge case" in as_text(result)
    assert "--replay" not in as_text(result)
    assert as_dict(result)["failure"]["case"] is None


@pytest.mark.parametrize("breaks", [False, True])
def test_a_failure_is_told_in_json(breaks):
    def raises(z):
        raise ValueError("no")

    hidden = wrong_activation(TANH, raises) if breaks else SIGMA_PRIME_OF_A
    data = json.loads(json.dumps(as_dict(failed(examine(drawn(hidden=hidden)), 31)), allow_nan=False))
    assert data["verdict"] == "wrong"
    failure = data["failure"]
    assert failure["case"] == 31
    assert (failure["blame"], failure["equation"], failure["layer"]) == ("activation tanh", "BP2", 2)
    assert failure["smallest"].startswith("1-1-1, hidden: tanh")
    if breaks:
        assert failure["got"] is failure["expected"] is failure["component"] is None
    else:
        assert failure["got"] != failure["expected"]
        assert failure["component"] == [0, 0]
    names: dict = {}
    exec(failure["code"], names)
    assert names["net"].sizes == (1, 1, 1)


def test_a_number_that_json_lacks_is_a_string():
    infinite = wrong_activation(TANH, lambda z: np.inf * np.ones_like(z))
    data = as_dict(failed(examine(activation_case(infinite, np.array([0.5]))), None))
    assert data["failure"]["got"] in ("inf", "-inf", "nan")
    json.dumps(data, allow_nan=False)


def test_as_floats_takes_sharp_balls_alone():
    from flint import arb

    balls = np.array([arb(2), arb(0), arb(1, 0.5), arb("nan")], dtype=object)
    assert as_floats(balls, np.array([7.0, 7.0, 7.0, 7.0])).tolist() == [2.0, 0.0, 7.0, 7.0]


def test_a_pipe_gets_no_bar():
    command = [sys.executable, "-c", "from oracle.cli import main; main()"]
    done = subprocess.run(
        [*command, "verify", "--cases", "10", "--replay", "3"], capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert "verdict: right" in done.stdout


def test_a_truth_that_stays_open_is_undecided():
    """tanh 3000 is 1 − 1e−2600: whether its margin is under 1 no precision in use decides."""
    case = head_case(HEADS["tanh+squared_hinge"])
    net = replace(case.net, weights=tuple(np.full_like(w, 3000.0) for w in case.net.weights))
    found = examine(replace(case, net=net, x=np.ones_like(case.x), expected=np.ones_like(case.expected)))
    assert found.verdict is Verdict.UNDECIDED
