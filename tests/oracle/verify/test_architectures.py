"""The strategies: what they draw, where they shrink, and the property that they exist for."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import manualbp
import oracle
from manualbp import ACTIVATIONS, HEADS, TANH
from manualbp.domains import DOMAINS
from oracle import Verdict
from oracle.verify.architectures import EXTREME, arrays, targets
from oracle.verify.examine import examine

DETERMINISTIC = settings(derandomize=True, deadline=None, database=None, print_blob=True)


def features(case: oracle.Case) -> set[str]:
    """What is special about a case."""
    net, x, expected = case.net, case.x, case.expected
    z, a = manualbp.forward(net, x)
    found = {f"head {net.head.form}", *(f"activation {f.name}" for f in net.activations)}
    tests = {
        "one neuron everywhere": set(net.sizes) == {1},
        "unequal widths": len(set(net.sizes)) > 1,
        "no hidden layer": len(net.sizes) == 2,
        "seven layers": len(net.sizes) == 7,
        "twelve neurons": max(net.sizes) == 12,
        "one sample": x.shape[1] == 1,
        "five samples": x.shape[1] == 5,
        "zero weights": any(not w.any() for w in net.weights),
        "zero input": not x.any(),
        "tied z": any(len(np.unique(v)) < v.size for v in z),
        "z at zero": any((v == 0).any() for v in z),
        "saturation": any((abs(v) > 30).any() for v in z),
        "subnormal": any(
            ((abs(v) > 0) & (abs(v) < np.finfo(float).tiny)).any() for v in (*net.weights, *net.biases, x)
        ),
        "E is 0": (expected == 0).any(),
        "E is 1": (expected == 1).any(),
        "a equals E": (a[-1] == expected).any(),
        "negative": any((w < 0).any() for w in net.weights),
        "full-rank weights": any(np.linalg.matrix_rank(w) == min(w.shape) >= 3 for w in net.weights),
    }
    return found | {name for name, held in tests.items() if held}


def test_the_draw_covers_degenerate_and_extreme_cases() -> None:
    seen: Counter[str] = Counter()

    @settings(DETERMINISTIC, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
    @given(oracle.networks())
    def collect(case: oracle.Case) -> None:
        seen.update(features(case))

    collect()
    wanted = {
        *(f"head {form}" for form in ("chained", "jacobian", "fused")),
        *(f"activation {name}" for name in ACTIVATIONS),
        *("one neuron everywhere", "unequal widths", "no hidden layer", "seven layers", "twelve neurons"),
        *("one sample", "five samples", "zero weights", "zero input", "tied z", "z at zero", "saturation", "subnormal"),
        *("E is 0", "E is 1", "a equals E", "negative", "full-rank weights"),
    }
    assert wanted <= seen.keys(), f"never drawn: {sorted(wanted - seen.keys())}"


@pytest.mark.parametrize("name", HEADS)
def test_every_head_can_be_drawn(name: str) -> None:
    find(
        oracle.networks(heads=[HEADS[name]], depths=(2, 3), widths=(1, 3), samples=(1, 2)),
        lambda case: case.net.head is HEADS[name],
        settings=settings(DETERMINISTIC, max_examples=50, phases=[Phase.generate]),
    )


@settings(DETERMINISTIC, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(oracle.networks(depths=(2, 5), widths=(1, 5), samples=(1, 3)))
def test_hand_derived_backpropagation_is_right(case: oracle.Case) -> None:
    found = examine(case)
    worst = found.first_wrong
    assert found.verdict is Verdict.RIGHT, worst and (
        worst.symbol,
        worst.comparison.got,
        worst.comparison.expected,
        case.code(),
    )


@settings(DETERMINISTIC, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(oracle.networks(depths=(2, 4), widths=(1, 4), samples=(1, 3), dtype=np.float32, extreme=False))
def test_hand_derived_backpropagation_is_right_in_float32(case: oracle.Case) -> None:
    assert case.x.dtype == np.float32
    assert examine(case).verdict is Verdict.RIGHT, case.code()


@pytest.mark.longer
def test_the_simplest_network_is_the_smallest() -> None:
    networks = oracle.networks(heads=[manualbp.IDENTITY_QUADRATIC])
    simplest = find(networks, lambda case: True, settings=settings(DETERMINISTIC, max_examples=100))
    assert simplest.net.sizes == (1, 1)
    assert simplest.x.tolist() == simplest.net.weights[0].tolist() == [[0.0]]


@pytest.mark.rest
@pytest.mark.longer
def test_a_wrong_derivative_shrinks_to_the_smallest_network() -> None:
    of_a = replace(TANH, sigma_prime=lambda z: TANH.sigma_prime(TANH.sigma(z)))  # σ′ of a instead of z
    cases = oracle.networks(activations=[manualbp.IDENTITY, of_a], heads=[manualbp.IDENTITY_QUADRATIC])

    def is_wrong(case: oracle.Case) -> bool:
        right = replace(case.net, activations=tuple(TANH if f is of_a else f for f in case.net.activations))
        gradients = [manualbp.gradients(net, case.x, case.expected).nabla_w for net in (case.net, right)]
        return not all(np.array_equal(*pair) for pair in zip(*gradients, strict=True))

    everything = list(HealthCheck)
    smallest = find(
        cases, is_wrong, settings=settings(DETERMINISTIC, max_examples=500, suppress_health_check=everything)
    )
    assert examine(smallest).verdict is Verdict.WRONG
    assert smallest.net.sizes == (1, 1, 1)
    assert smallest.x.shape == (1, 1)
    numbers = [v.item() for v in (*smallest.net.weights, *smallest.net.biases, smallest.x, smallest.expected)]
    assert set(numbers) <= {-1.0, 0.0, 1.0}, smallest.code()


@settings(DETERMINISTIC, max_examples=200)
@given(st.data())
def test_targets_lie_in_their_domain(data: st.DataObject) -> None:
    domain = DOMAINS[data.draw(st.sampled_from(sorted(DOMAINS)))]
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 4)))
    E = data.draw(targets(domain, shape, dtype))
    assert E.shape == shape
    assert E.dtype == dtype
    assert domain.contains(E).all()


@pytest.mark.parametrize("value", EXTREME)
def test_every_extreme_number_is_drawn(value: float) -> None:
    drawn = settings(DETERMINISTIC, max_examples=3000, phases=[Phase.generate])
    find(arrays((3,)), lambda x: (x == value).any(), settings=drawn)


@pytest.mark.parametrize(
    ("ranges", "sentence"),
    [
        ({"depths": (1, 3)}, r"depths = \(1, 3\): give \(low, high\) with 2 <= low <= high"),
        ({"widths": (4, 3)}, r"widths = \(4, 3\): give \(low, high\) with 1 <= low <= high"),
        ({"samples": (0, 2)}, r"samples = \(0, 2\): give \(low, high\) with 1 <= low <= high"),
    ],
)
def test_an_empty_range_is_refused(ranges: dict[str, tuple[int, int]], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        find(oracle.networks(**ranges), lambda case: True)
