"""The heads: C and δᴸ of every pair against the derivative in balls, and the digits that the fused forms keep."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from manualbp import domains
from manualbp.activations import ACTIVATIONS, RELU, SIGMOID, SOFTPLUS, TANH, Activation
from manualbp.costs import COSTS, QUADRATIC
from manualbp.heads import HEADS, Head, chained, others, reaches_only, softmax, softmax_sigma
from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift, lift_arb, midpoints, precision
from oracle.judgement.verdict import compare
from oracle.witnesses import Enclosure, Traced, certified, trace
from oracle.witnesses.enclosure import derivative

from ..sweeps import thinned

BITS = {np.float64: 53, np.float32: 24}
n, m = 3, 4
EVERY = pytest.mark.parametrize("name", HEADS)
FUSED = [name for name, head in HEADS.items() if head.form == "fused"]
JACOBIAN = [name for name, head in HEADS.items() if head.form == "jacobian"]
DTYPE = pytest.mark.parametrize("dtype", list(BITS))


# which heads there are


def test_every_pair_whose_range_fits_is_there_and_no_other() -> None:
    to_positive = ("sigmoid", "softplus")
    fits = {"real": tuple(ACTIVATIONS), "positive": to_positive, "unit": ("sigmoid",)}
    expected = {f"{s}+{c.name}" for c in COSTS.values() for s in fits[c.a_domain.name]}
    assert {name for name, head in HEADS.items() if head.form == "chained"} == expected
    assert len(expected) == 5 * 14 + 6 * 2 + 1
    assert set(JACOBIAN) == {f"softmax+{c}" for c in COSTS}
    assert set(FUSED) == {
        "identity+quadratic:fused",
        *(
            f"sigmoid+{c}:fused"
            for c in (
                "cross_entropy",
                "kullback_leibler",
                "categorical_cross_entropy",
                "generalized_kullback_leibler",
                "poisson",
                "hellinger",
            )
        ),
        *(
            f"softmax+{c}:fused"
            for c in ("categorical_cross_entropy", "kullback_leibler", "generalized_kullback_leibler", "poisson")
        ),
    }
    assert len(HEADS) == 83 + 12 + 11


@EVERY
def test_a_record_says_what_it_is(name: str) -> None:
    head = HEADS[name]
    assert head.name == name
    assert name == f"{head.activation}+{head.cost.name}" + (":fused" if head.form == "fused" else "")
    assert head.a_domain is (domains.REAL if head.form == "fused" else head.cost.a_domain)


def test_the_mapping_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        HEADS["sigmoid+quadratic"] = HEADS["tanh+quadratic"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("activation", "cost", "sentence"),
    [
        (
            "tanh",
            "cross_entropy",
            "tanh with cross_entropy: the cost needs a in numbers in the open interval (0, 1), but tanh ranges over "
            "(-1, 1); take another activation, such as sigmoid, or manualbp.softmax",
        ),
        (
            "relu",
            "poisson",
            "relu with poisson: the cost needs a in finite numbers > 0, but relu ranges over [0, inf); "
            "take another activation, such as softplus, or manualbp.softmax",
        ),
        (
            "softplus",
            "cross_entropy",
            "softplus with cross_entropy: the cost needs a in numbers in the open interval (0, 1), but softplus ranges "
            "over (0, inf); take another activation, such as sigmoid, or manualbp.softmax",
        ),
        (
            "identity",
            "kullback_leibler",
            "identity with kullback_leibler: the cost needs a in finite numbers > 0, but identity ranges over "
            "(-inf, inf); take another activation, such as softplus, or manualbp.softmax",
        ),
    ],
)
def test_a_pair_whose_ranges_disagree_is_refused(activation: str, cost: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        chained(ACTIVATIONS[activation], COSTS[cost])


@pytest.mark.parametrize("cost", COSTS.values(), ids=list(COSTS))
def test_all_pairs_are_either_listed_or_refused(cost: Any) -> None:
    for activation in ACTIVATIONS.values():
        if f"{activation.name}+{cost.name}" in HEADS:
            assert chained(activation, cost).name in HEADS
        else:
            with pytest.raises(ValueError, match=f"^{activation.name} with {cost.name}: .* such as"):
                chained(activation, cost)


def test_an_activation_of_ones_own_is_judged_by_its_range() -> None:
    steep = Activation("steep", lambda z: SIGMOID.sigma(2 * z), lambda z: 2 * SIGMOID.sigma_prime(2 * z), 0, 1)
    head = chained(steep, COSTS["cross_entropy"])
    z, E = np.array([[0.3, -2.0]]), np.array([[0.0, 0.5]])
    a = head.sigma(z)
    assert np.allclose(head.delta(z, a, E), 2 * (a - E), rtol=1e-14, atol=0)
    with pytest.raises(ValueError, match=r"^wide with cross_entropy"):
        chained(dataclasses.replace(steep, name="wide", high=1.5), COSTS["cross_entropy"])


def test_what_a_range_reaches() -> None:
    reached = {
        d: {s.name for s in ACTIVATIONS.values() if reaches_only(s, domain)} for d, domain in domains.DOMAINS.items()
    }
    assert reached["real"] == set(ACTIVATIONS)
    assert reached["positive"] == {SIGMOID.name, SOFTPLUS.name}
    assert reached["nonnegative"] == {SIGMOID.name, SOFTPLUS.name, RELU.name}
    assert reached["unit"] == reached["closed_unit"] == {SIGMOID.name}
    assert reached["closed_simplex"] == reached["sign"] == set()


# every head against balls


def targets(rng: np.random.Generator, head: Head, shape: tuple[int, int], *, special: bool) -> np.ndarray:
    """E in the domain of the cost: on its boundary (0, 1, one-hot) if special."""
    name = head.cost.e_domain.name
    if name == "sign":
        return rng.choice([-1.0, 1.0], shape)
    if name == "closed_simplex":
        weights = rng.exponential(size=shape)
        one_hot = np.eye(shape[0])[:, rng.integers(0, shape[0], shape[1])]
        return one_hot if special else weights / weights.sum(axis=0)
    ends = {"closed_unit": [0.0, 1.0], "nonnegative": [0.0, 1.0, 3.0], "positive": [1.0, 0.125], "real": [0.0, 1, -1]}
    return rng.choice(ends[name], shape) if special else rng.uniform(0.01, 0.99, shape)


@functools.cache
def batches(name: str, dtype: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """(z, E): ordinary, wide, with E on the edge of its domain, and with equal z (ties in softmax's maximum, kinks at 0)."""
    head, rng = HEADS[name], np.random.default_rng(sum(map(ord, name)))
    wide = 1.0 if head.cost.name == "exponential" else 4.0
    tied = np.array([[0.0, 0.0, 1.0, 0.5], [0.0, -1.0, 1.0, 0.5], [0.0, -1.0, 0.25, 0.5]])
    found = [
        (rng.normal(size=(n, m)), targets(rng, head, (n, m), special=False)),
        (wide * rng.normal(size=(n, m)), targets(rng, head, (n, m), special=True)),
        (tied, targets(rng, head, (n, m), special=True)),
    ]
    return [(z.astype(dtype), E.astype(dtype)) for z, E in found]


@functools.cache
def traced(name: str) -> Traced:
    head, (z, E) = HEADS[name], batches(name, np.float64)[0]
    return trace(lambda z, E: head.C(z, head.sigma(z), E).sum(), [z, E], (0,))


@functools.cache
def truths(name: str, dtype: Any) -> list[Enclosure]:
    """∂C/∂z of each batch."""
    return [certified(traced(name), [z, E])[0] for z, E in batches(name, dtype)]


def test_the_draw_reaches_edges_ties_and_kinks() -> None:
    for name, head in HEADS.items():
        drawn = batches(name, np.float64)
        assert all(head.cost.e_domain.contains(E).all() for _, E in drawn)
        z, E = (np.concatenate([batch[k] for batch in drawn], axis=1) for k in (0, 1))
        assert np.any(z == 0)
        assert np.any(np.ptp(z, axis=0) == 0), "a column of equal z"
        if head.cost.e_domain.name in ("closed_unit", "nonnegative", "closed_simplex"):
            assert {0.0, 1.0} <= set(E.ravel().tolist())


@pytest.mark.parametrize(("name", "dtype"), thinned(product(HEADS, BITS), 3))
def test_C_and_delta_are_right_within_what_rounding_may_cost(name: str, dtype: Any) -> None:
    head, record = HEADS[name], traced(name)
    caught = dict.fromkeys([*MISTAKES, "C"], 0)
    for (z, E), truth in zip(batches(name, dtype), truths(name, dtype), strict=True):
        _, allowance = rounding_allowance(record.gradient, [z, E], BITS[dtype])
        last_rounding = abs(truth.midpoint()) * float(np.finfo(dtype).eps) / 2
        # what the p-bit program of this form may lose: what saturates is judged below, and by name
        C_allowance, own = rounding_allowance(
            lambda z, E: (head.C(z, head.sigma(z), E), delta(head, z, E)), [z, E], BITS[dtype]
        )
        allowance = np.maximum(np.maximum(allowance, last_rounding), own)
        assert np.isfinite(allowance).all()
        before = z.copy(), E.copy()
        a = head.sigma(z)
        got, value = head.delta(z, a, E), head.C(z, a, E)
        comparison = compare(got, truth, allowance)
        at = comparison.worst
        assert not comparison.beyond.any(), (z[at], E[at], got[at], comparison.expected[at], allowance[at])
        assert got.dtype == value.dtype == a.dtype == dtype
        assert value.shape == (m,)
        with precision(300):
            exact = derivative(lift_arb(head.cost.C(head.sigma(lift(z)), lift(E))), rigorous=True, bits=300)
        assert not compare(value, exact, C_allowance).beyond.any()
        caught["C"] += int(compare(value * dtype(1 + 64 * np.finfo(dtype).eps), exact, C_allowance).beyond.sum())
        assert np.array_equal(z, before[0])
        assert np.array_equal(E, before[1])
        for mistake, wrong in MISTAKES.items():
            caught[mistake] += int(compare(np.asarray(wrong(got), dtype), truth, allowance).beyond.sum())
    assert all(caught.values()), caught


MISTAKES: dict[str, Callable[[Any], Any]] = {
    "sign": lambda g: -g,
    "factor": lambda g: 2 * g,
    "columns": lambda g: g[:, ::-1],
    "outputs": lambda g: g[::-1],
    "nothing": lambda g: 0 * g,
    "nan": lambda g: np.full_like(g, np.nan),
    "mean over outputs": lambda g: g / n,
}


def delta(head: Head, z: Any, E: Any) -> Any:
    return head.delta(z, head.sigma(z), E)


def meets(balls: np.ndarray, truth: Enclosure) -> np.ndarray:
    """Whether each ball has a point in common with the right answers."""
    apart = np.frompyfunc(lambda v, low, high: bool(v.is_nan() or v < low or v > high), 3, 1)
    return ~np.asarray(apart(lift_arb(balls), truth.lower, truth.upper), dtype=bool)


@pytest.mark.parametrize("name", thinned(HEADS, 3))
def test_on_balls_delta_is_the_derivative(name: str) -> None:
    head = HEADS[name]
    for (z, E), truth in zip(batches(name, np.float64), truths(name, np.float64), strict=True):
        clear = (midpoints(truth.lower) != 0) & ~truth.kink & ~truth.straddles
        with precision(300):
            balls = delta(head, lift(z), lift(E))
            assert meets(balls, truth).all(), balls[~meets(balls, truth)]
            assert not meets(balls * (1 + 2.0**-45), truth)[clear].any()


# softmax's Jacobian


def diagonal_alone(head: Head) -> Callable[[Any, Any], Any]:
    """The mistake: ∂a_k/∂z_j for k = j only."""

    def wrong(z: Any, E: Any) -> Any:
        a = head.sigma(z)
        return head.cost.nabla_a(a, E) * a * (1 - a)

    return wrong


@pytest.mark.parametrize("name", JACOBIAN)
def test_a_diagonal_in_the_place_of_the_jacobian_is_seen(name: str) -> None:
    (z, E), truth = batches(name, np.float64)[0], truths(name, np.float64)[0]
    with precision(300):
        assert not meets(diagonal_alone(HEADS[name])(lift(z), lift(E)), truth).any()
    assert np.allclose(HEADS[name].delta(z, softmax_sigma(z), E).sum(axis=0), 0, atol=1e-14), "softmax ignores a shift"


def test_others_is_the_sum_without_its_own_term() -> None:
    v = np.array([[1.0, 1e300], [2.0, 1.0], [4.0, 0.5]])
    assert np.array_equal(others(v), [[6, 1.5], [5, 1e300], [3, 1e300]])
    assert np.array_equal(others(v[:1]), [[0, 0]])
    assert np.array_equal(others(np.stack([v, 2 * v])), np.stack([others(v), 2 * others(v)]))


def test_a_single_softmax_output_is_one_whatever_z() -> None:
    for name in ("softmax+quadratic", "softmax+categorical_cross_entropy:fused"):
        z = np.array([[-700.0, 0.0, 700.0]])
        assert np.array_equal(HEADS[name].sigma(z), np.ones((1, 3)))
        assert np.array_equal(HEADS[name].delta(z, np.ones((1, 3)), np.ones((1, 3))), np.zeros((1, 3)))


# fused and chained


def plain(name: str) -> Head:
    """The chained or Jacobian head of the same pair."""
    return HEADS[name.removesuffix(":fused")]


@pytest.mark.parametrize("name", FUSED)
def test_fused_is_chained_where_both_are_fine(name: str) -> None:
    rng, eps = np.random.default_rng(5), np.finfo(np.float64).eps
    head, other = HEADS[name], plain(name)
    for special in (False, True):
        z, E = rng.uniform(-2, 2, (n, 50)), targets(rng, head, (n, 50), special=special)
        a = head.sigma(z)
        size = 1 + abs(z) + E
        assert np.array_equal(a, other.sigma(z))
        assert np.all(abs(head.delta(z, a, E) - other.delta(z, a, E)) <= 32 * eps * size)
        assert np.all(abs(head.C(z, a, E) - other.C(z, a, E)) <= 32 * eps * size.sum(axis=0))
        with precision(300):
            fused, by_the_rule = delta(head, lift(z), lift(E)), delta(other, lift(z), lift(E))
            assert all(p.arb.overlaps(q.arb) for p, q in zip(fused.ravel(), by_the_rule.ravel(), strict=True))
            C, C_by_the_rule = (h.C(lift(z), h.sigma(lift(z)), lift(E)) for h in (head, other))
            assert all(p.arb.overlaps(q.arb) for p, q in zip(C, C_by_the_rule, strict=True))


def error_in_eps(got: np.ndarray, head: Head, z: np.ndarray, E: np.ndarray) -> float:
    """The largest relative error of δ, in eps, against the chain rule in 4000-bit balls; ∞ where got is not finite."""
    with precision(4000):
        truth = delta(plain(head.name), lift(z), lift(E))
        relative = [
            abs(float(((g.arb - t.arb) / t.arb).mid())) if t != 0 else float(g.arb != 0)
            for g, t in zip(lift(got).ravel(), truth.ravel(), strict=True)
        ]
    eps = float(np.finfo(got.dtype).eps)
    return math.inf if not np.isfinite(got).all() else max(relative) / eps


def saturated(head: Head, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Columns with |z| up to 700 (80 in float32), each with every E at the ends of its domain."""
    rng, far = np.random.default_rng(6), 700 if dtype is np.float64 else 80
    gaps = np.array([5, 17, 20, 37, 40, 60, far / 2, far], dtype)
    if head.activation == "softmax":  # the winner leads by the gap; E one-hot on the winner, on the loser, on the third
        z = np.concatenate([np.stack([gaps, 0 * gaps, 0 * gaps - 1])] * 3, axis=1)
        E = np.repeat(np.eye(3), len(gaps), axis=1)
    else:
        z = np.concatenate([gaps, -gaps] * 3).reshape(1, -1)
        E = np.repeat([[0, 1, 0.5]], 2 * len(gaps), axis=1)
        if head.cost.e_domain.name == "closed_simplex":
            z, E = np.concatenate([z, rng.permutation(z, axis=1)]), np.concatenate([E, 1 - E])
    return z.astype(dtype), E.astype(dtype)


@pytest.mark.parametrize("name", FUSED)
@DTYPE
def test_fused_heads_keep_their_digits_where_the_output_saturates(name: str, dtype: Any) -> None:
    head = HEADS[name]
    z, E = saturated(head, dtype)
    a = head.sigma(z)
    got = head.delta(z, a, E)
    with precision(4000):  # a truth below the normal numbers has fewer digits to keep
        truth = midpoints(delta(plain(name), lift(z), lift(E)))
    normal = (abs(truth) >= np.finfo(dtype).tiny).all(axis=0)
    assert normal.sum() >= 12
    assert np.isfinite(got).all()
    assert np.isfinite(head.C(z, a, E)).all()
    assert error_in_eps(got[:, normal], head, z[:, normal], E[:, normal]) < 24
    assert np.all(
        abs(got[:, ~normal].astype(float) - truth[:, ~normal])
        <= 24 * np.finfo(dtype).eps * abs(truth[:, ~normal]) + np.finfo(dtype).tiny
    )


NAIVE: dict[str, Callable[[Any, Any, Any], Any]] = {  # as one finds them in tutorials
    "sigmoid+cross_entropy:fused": lambda z, a, E: a - E,
    "sigmoid+kullback_leibler:fused": lambda z, a, E: -E * (1 - a),
    "sigmoid+categorical_cross_entropy:fused": lambda z, a, E: -E * (1 - a),
    "sigmoid+generalized_kullback_leibler:fused": lambda z, a, E: (a - E) * SIGMOID.sigma(-z),
    "sigmoid+poisson:fused": lambda z, a, E: (a - E) * (1 - a),
    "sigmoid+hellinger:fused": lambda z, a, E: np.sqrt(a) * (np.sqrt(a) - np.sqrt(E)) * SIGMOID.sigma(-z) / 2**0.5,
    "softmax+categorical_cross_entropy:fused": lambda z, a, E: a - E,
    "softmax+kullback_leibler:fused": lambda z, a, E: a - E,
    "softmax+generalized_kullback_leibler:fused": lambda z, a, E: a - E,
    "softmax+poisson:fused": lambda z, a, E: a * E.sum(axis=0) - E,
}


@pytest.mark.parametrize("name", NAIVE)
@pytest.mark.parametrize(("gap", "dtype"), [(20, np.float64), (40, np.float64), (300, np.float64), (20, np.float32)])
def test_the_naive_form_fails_that_check_at_one_hot_targets(name: str, gap: int, dtype: Any) -> None:
    head = HEADS[name]
    z = np.array([[gap], [0], [-1]] if head.activation == "softmax" else [[gap]], dtype)
    E = np.eye(len(z), 1).astype(dtype)
    a = head.sigma(z)
    assert error_in_eps(head.delta(z, a, E), head, z, E) < 24
    assert error_in_eps(NAIVE[name](z, a, E), head, z, E) > 1e5


def test_every_fused_head_has_a_naive_form_that_is_worse() -> None:
    assert set(NAIVE) == set(FUSED) - {"identity+quadratic:fused"}


@pytest.mark.parametrize("name", [name for name in FUSED if name.startswith("sigmoid")])
def test_beyond_the_range_of_exp_a_fused_head_stays_finite(name: str) -> None:
    head = HEADS[name]
    z = np.array([[-1000.0, -746.0, 746.0, 1000.0] * 2])
    E = np.repeat([[0.0, 1.0]], 4, axis=1)
    a = head.sigma(z)
    assert {0.0, 1.0} == set(a.ravel().tolist())
    assert np.isfinite(head.delta(z, a, E)).all()
    assert np.isfinite(head.C(z, a, E)).all()


# E off the simplex, and the columns apart


@pytest.mark.parametrize("name", [name for name in FUSED if HEADS[name].cost.e_domain.name != "closed_simplex"])
def test_columns_of_E_need_no_sum_of_one(name: str) -> None:
    head, rng = HEADS[name], np.random.default_rng(7)
    z, E = rng.normal(size=(n, m)), rng.uniform(size=(n, m))
    if head.cost.e_domain.name == "nonnegative":
        E *= [0, 0.1, 2, 30]
    (truth,) = certified(traced(name), [z, E])
    with precision(300):
        assert meets(delta(head, lift(z), lift(E)), truth).all()
        if head.activation == "softmax":
            assert not meets(head.sigma(lift(z)) - lift(E), truth).all(), "a − E takes Σ E = 1"


def test_the_well_known_form_is_right_on_the_simplex_alone() -> None:
    head = HEADS["softmax+kullback_leibler:fused"]
    z, E = np.array([[0.5], [1.0]]), np.array([[0.25], [0.75]])
    a = softmax_sigma(z)
    assert np.allclose(head.delta(z, a, E), a - E, rtol=1e-14)
    assert not np.allclose(head.delta(z, a, 2 * E), a - 2 * E, rtol=0.1)


@EVERY
def test_columns_do_not_meet_and_stacks_work(name: str) -> None:
    head, (z, E) = HEADS[name], batches(name, np.float64)[0]
    a = head.sigma(z)
    for f in (lambda z, a, E: head.C(z, a, E)[None], head.delta):
        whole = f(z, a, E)
        for r in range(m):
            alone = f(z[:, [r]], a[:, [r]], E[:, [r]])
            assert np.allclose(whole[:, [r]], alone, rtol=1e-13, atol=1e-15)
        stack = head.delta(np.stack([z, z[:, ::-1]]), np.stack([a, a[:, ::-1]]), np.stack([E, E[:, ::-1]]))
        assert np.allclose(stack, np.stack([head.delta(z, a, E), head.delta(z, a, E)[:, ::-1]]), rtol=1e-13, atol=1e-15)


def test_new_heads_come_from_the_same_two_functions() -> None:
    assert (chained(TANH, QUADRATIC).name, softmax(QUADRATIC).form) == ("tanh+quadratic", "jacobian")
