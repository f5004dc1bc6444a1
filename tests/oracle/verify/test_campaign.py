"""The campaign: what a stack of networks draws, and what its screen sees."""

from dataclasses import replace

import numpy as np
import pytest

import manualbp
from manualbp import HEADS
from oracle.judgement.verdict import Verdict
from oracle.verify.campaign.campaign import Screening, Tally, stack_number
from oracle.verify.campaign.draw import ACTIVATION_NAMES, SAMPLES, WEIGHTS, WIDTH, draw_stack
from oracle.verify.campaign.enclosures import start_enclosures
from oracle.verify.campaign.reference import compile_reference
from oracle.verify.campaign.screen import ARRAYS, case_of, screen
from oracle.verify.campaign.subject import fitting, run_subject
from oracle.verify.case import Case
from oracle.verify.examine import examine
from oracle.verify.outcome import Verification
from oracle.verify.report import as_dict, as_text
from oracle.verify.sampled_cases import Sample, embedding_error
from oracle.verify.settling import judge_suspicious

from .records import FEW, quick_compiling


@pytest.fixture(scope="module")
def few():
    """A stack of a few heads, its subject and its enclosures."""
    stack = draw_stack(np.random.default_rng(0), 5, FEW)
    return stack, run_subject(stack), start_enclosures(stack)(stack)


@pytest.fixture(scope="module")
def reference(few):
    """The witness of the stack: one compile."""
    with quick_compiling():
        return compile_reference(few[0])(few[0])()


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


@pytest.mark.longer
def test_embedding_changes_nothing_but_the_order_of_sums(few):
    stack, subject, _ = few
    judged = np.flatnonzero(~subject.refused & np.isfinite(subject.cost))
    assert len(judged) > 100
    alone = {int(k): examine(case_of(stack, int(k))) for k in judged[::3]}
    assert max(embedding_error(stack, subject, found, k) for k, found in alone.items()) <= 1
    off = replace(subject, nabla_w=subject.nabla_w * (1 + 1e-10))
    assert max(embedding_error(stack, off, alone[int(k)], int(k)) for k in judged[:12:3]) > 1e2
    nothing = replace(subject, nabla_w=subject.nabla_w * np.nan)
    assert embedding_error(stack, nothing, alone[int(judged[0])], int(judged[0])) == np.inf


def judged(stack, subject):
    return np.flatnonzero(~subject.refused & np.isfinite(subject.cost))


@pytest.mark.longer
def test_the_screen_certifies_what_is_right(few, reference):
    """All but a few, which float64 leaves open; those are right in balls."""
    stack, subject, enclosures = few
    networks = judged(stack, subject)
    screened = screen(stack, subject, reference, enclosures)
    passed = (screened.certified & ~screened.differs)[networks]
    assert (~passed).sum() <= 0.05 * len(networks)
    for k in networks[~passed]:
        assert examine(case_of(stack, int(k))).verdict is Verdict.RIGHT


@pytest.mark.longer
@pytest.mark.parametrize(("relative", "share"), [(1e-9, 0.9), (1.0, 0.9), (np.nan, 1.0)])
@pytest.mark.parametrize("equation", ARRAYS)
def test_the_screen_sees_one_wrong_entry_of_each_equation(few, reference, equation, relative, share):
    """In all networks but those so ill-conditioned that rounding alone explains it; by enclosure and by witness, each by itself."""
    stack, subject, enclosures = few
    name = ARRAYS[equation]
    rng = np.random.default_rng([len(equation), len(name)])
    right = getattr(subject, name)
    before = screen(stack, subject, reference, enclosures)
    networks = judged(stack, subject)
    seen = []
    for k in rng.permutation(networks[(before.certified & ~before.differs)[networks]])[:40]:
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
        after = screen(stack, replace(subject, **{name: wrong}), reference, enclosures)
        seen.append(after.differs[k] and not after.certified[k])
        assert np.array_equal(np.delete(after.differs, k), np.delete(before.differs, k))
        assert np.array_equal(np.delete(after.certified, k), np.delete(before.certified, k))
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


# outputs so close to 0 that ∇ₐC overflows


@pytest.fixture(scope="module")
def saturated():
    """Sigmoids before Itakura–Saito at z below −360: a² is no float, and δ is."""
    stack = draw_stack(np.random.default_rng(1), 1, [HEADS["sigmoid+itakura_saito"]])
    for k, n in enumerate(stack.sizes[:, -1]):
        stack.b[k, -1, :n] -= 370
    return stack, run_subject(stack)


def screening_of(saturated, **changes):
    stack, subject = saturated
    (smallest, *_) = sorted(np.flatnonzero(subject.extreme), key=lambda k: stack.depth[k])
    found = np.array([smallest])
    return Screening(stack, replace(subject, **changes), None, found, found)


def test_an_output_close_to_zero_is_judged_and_called_inaccurate(saturated):
    stack, subject = saturated
    assert subject.extreme.any()
    assert not (subject.extreme & subject.refused).any()
    screening = screening_of(saturated)
    (k,) = screening.suspicious
    assert examine(case_of(stack, int(k))).verdict is Verdict.INACCURATE
    result = Verification(1, 0, Tally(), Sample())
    judge_suspicious(result, screening, {int(k): 0})
    assert result.tally.extreme == {"sigmoid+itakura_saito": 1}
    assert result.failed is None
    result.tally.cases, result.tally.heads["sigmoid+itakura_saito"] = 1, 1
    assert (
        "at the ends of the floats: 1 inaccurate, where ∇ₐC overflows, or σ′ or a underflows, "
        "though δ and ∂C/∂w do not (1 of sigmoid+itakura_saito)"
    ) in as_text(result)
    assert as_dict(result)["inaccurate_at_extreme_outputs"] == {"sigmoid+itakura_saito": 1}


def test_elsewhere_the_same_would_fail(saturated):
    screening = screening_of(saturated, extreme=np.zeros_like(saturated[1].extreme))
    result = Verification(1, 0, Tally(), Sample())
    judge_suspicious(result, screening, {int(screening.suspicious[0]): 7})
    assert result.failed == ("case", 7)


def test_a_slope_that_underflows_before_an_enormous_cost_is_extreme():
    stack = draw_stack(np.random.default_rng(1), 4, [HEADS["gelu_tanh+exponential"]])
    wide = np.flatnonzero(stack.sizes[:, -1] > 1)
    stack.w[:, -1], stack.b[:, -1] = 0, 0
    stack.b[wide, -1, 0], stack.b[wide, -1, 1] = -22.3, 20.6
    subject = run_subject(stack)
    assert (subject.cost[wide] > 1e160).any()
    assert subject.extreme[wide[subject.cost[wide] > 1e160]].all()
    assert not subject.extreme[subject.cost < 1e100].any()


def test_ordinary_outputs_are_not_extreme(few):
    assert not few[1].extreme.any()


@pytest.mark.parametrize(
    ("head", "dtype", "z"),
    [
        ("softmax+itakura_saito", np.float32, -46.0),
        ("softmax+itakura_saito", np.float64, -360.0),
        ("sigmoid+itakura_saito", np.float32, -46.0),
        ("softplus+itakura_saito", np.float64, -360.0),
    ],
)
def test_each_head_that_overflows_there_is_inaccurate(head, dtype, z):
    n = 2 if head.startswith("softmax") else 1
    net = manualbp.from_parameters([np.eye(n, dtype=dtype)], [np.zeros((n, 1), dtype)], [], HEADS[head])
    x, E = np.array([[z], [0.0]][:n], dtype), np.full((n, 1), 0.5, dtype)
    assert examine(Case(net, x, E)).verdict is Verdict.INACCURATE
    assert examine(Case(net, x / 16, E)).verdict is Verdict.RIGHT
