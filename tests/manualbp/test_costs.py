"""The costs: C against formulas in mpmath, ∇ₐC against the derivative of C in balls, at ordinary and extreme points."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from manualbp import domains
from manualbp.costs import COSTS, Cost, exponential, huber
from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift, precision
from oracle.judgement.verdict import Comparison, compare
from oracle.witnesses import Enclosure, Traced, certified, trace

BITS = {np.float64: 53, np.float32: 24}
n, m = 3, 5  # every batch of points: three outputs, five samples

EVERY = {
    **COSTS,
    "exponential(-0.7)": exponential(-0.7),
    "exponential(40)": exponential(40),
    "huber(0.25)": huber(0.25),
    "huber(6)": huber(6),
}
COST = pytest.mark.parametrize("name", EVERY)
DTYPE = pytest.mark.parametrize("dtype", list(BITS))

ln, exp, sqrt, mpf = mpmath.log, mpmath.exp, mpmath.sqrt, mpmath.mpf


def x_ln(x: Any, y: Any) -> Any:
    """x ln y, 0 for x = 0."""
    return x * ln(y) if x else mpf(0)


def huber_term(r: Any, d: Any) -> Any:
    return r**2 / 2 if abs(r) <= d else d * abs(r) - d**2 / 2


#: one term of C at (a, E), typed from the papers and not from the code
TERMS: dict[str, Callable[[Any, Any], Any]] = {
    "quadratic": lambda a, E: (a - E) ** 2 / 2,
    "cross_entropy": lambda a, E: -(x_ln(E, a) + x_ln(1 - E, 1 - a)),
    "hellinger": lambda a, E: (sqrt(a) - sqrt(E)) ** 2 / sqrt(mpf(2)),
    "kullback_leibler": lambda a, E: x_ln(E, E / a),
    "generalized_kullback_leibler": lambda a, E: x_ln(E, E / a) - E + a,
    "itakura_saito": lambda a, E: E / a - ln(E / a) - 1,
    "categorical_cross_entropy": lambda a, E: -x_ln(E, a),
    "huber": lambda a, E: huber_term(a - E, mpf(1)),
    "huber(0.25)": lambda a, E: huber_term(a - E, mpf(0.25)),
    "huber(6)": lambda a, E: huber_term(a - E, mpf(6)),
    "log_cosh": lambda a, E: ln(mpmath.cosh(a - E)),
    "squared_hinge": lambda a, E: max(mpf(0), 1 - E * a) ** 2,
    "poisson": lambda a, E: a - x_ln(E, a),
}


def formula(name: str, a: Any, E: Any) -> list[Any]:
    """C of each column, in 700 digits: enough for cosh 2000 and for 1 − 1e-300."""
    with mpmath.workdps(700):
        pairs = [[(mpf(float(v)), mpf(float(w))) for v, w in zip(a[:, r], E[:, r], strict=True)] for r in range(m)]
        if name.startswith("exponential"):
            tau = mpf(EVERY[name].parameters["tau"])
            return [tau * exp(mpmath.fsum((v - w) ** 2 for v, w in column) / tau) for column in pairs]
        return [mpmath.fsum(TERMS[name](v, w) for v, w in column) for column in pairs]


PIECEWISE = ("huber", "log_cosh", "squared_hinge")

# points


def smallest(cost: Cost, dtype: Any) -> float:
    """The smallest number to try; beside a seam less small, since 1 − 1e-300 ≠ 1 takes more bits than an allowance has."""
    return 2.0**-120 if cost.name in PIECEWISE else float(np.finfo(dtype).tiny)


def special_a(cost: Cost, dtype: Any) -> np.ndarray:
    """Tiny, huge and ordinary a."""
    info = np.finfo(dtype)
    if cost.a_domain is domains.UNIT:
        return np.array([info.tiny, info.eps**2, info.eps, 0.25, 0.5, 1 - info.eps, 1 - info.epsneg], dtype)
    if cost.name == "exponential":  # exp(Σ (a − E)²/τ) leaves the floats soon
        return np.array([0, -0.0, info.tiny, -info.eps, 0.5, -1, 1.75, 2], dtype)
    far = 10.0 ** (0.45 * math.log10(info.max))  # its square and quotients stay finite
    if cost.name in ("huber", "log_cosh"):  # these grow like |a|
        far = float(info.max) / 1e8
    if cost.a_domain is domains.POSITIVE:
        return np.array([1 / far, info.eps, 0.25, 0.5, 1 - info.epsneg, 1, 2, 1e3, far], dtype)
    tiny = smallest(cost, dtype)
    return np.array([0, -0.0, tiny, -tiny, 0.25, -0.25, 1, -1, 6, -30, 1e3, far, -far], dtype)


def special_E(cost: Cost, dtype: Any) -> np.ndarray:
    info = np.finfo(dtype)
    return {
        "real": np.array([0, 1, -1, smallest(cost, dtype), 0.5, -0.25], dtype),
        "closed_unit": np.array([0, 1, info.tiny, info.eps, 0.5, 1 - info.epsneg], dtype),
        "nonnegative": np.array([0, 1, info.eps, 0.5, 7], dtype),
        "positive": np.array([info.eps, 1, 0.5, 7, 100], dtype),
        "closed_simplex": np.array([0, 1], dtype),
        "sign": np.array([-1, 1], dtype),
    }[cost.e_domain.name]


def random_a(rng: np.random.Generator, cost: Cost) -> np.ndarray:
    if cost.a_domain is domains.UNIT:
        return rng.uniform(size=(n, m))
    return rng.exponential(size=(n, m)) + 1e-3 if cost.a_domain is domains.POSITIVE else rng.normal(size=(n, m))


def random_E(rng: np.random.Generator, cost: Cost) -> np.ndarray:
    if cost.e_domain is domains.SIGN:
        return rng.choice([-1.0, 1.0], (n, m))
    if cost.e_domain is domains.CLOSED_SIMPLEX:
        weights = rng.exponential(size=(n, m))
        return weights / weights.sum(axis=0)
    return rng.normal(size=(n, m)) if cost.e_domain is domains.REAL else rng.uniform(0.01, 1, (n, m))


def points(name: str, dtype: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Batches of ordinary points, of extreme ones, with a = E, and on and beside the seams of a piecewise cost."""
    cost, rng = EVERY[name], np.random.default_rng(sum(map(ord, name)))
    one_hot = np.eye(n)[:, np.arange(m) % n]

    def targets() -> np.ndarray:
        return (
            one_hot
            if cost.e_domain is domains.CLOSED_SIMPLEX
            else rng.permuted(np.resize(special_E(cost, dtype), (n, m)))
        )

    a = special_a(cost, dtype)
    batches = [(random_a(rng, cost), random_E(rng, cost)) for _ in range(2)]
    batches += [(rng.permuted(np.resize(a, (n, m))), targets()) for _ in range(2)]
    batches += [(random_a(rng, cost), targets()), (rng.permuted(np.resize(a, (n, m))), random_E(rng, cost))]
    if cost.e_domain in (domains.REAL, domains.CLOSED_UNIT, domains.NONNEGATIVE, domains.POSITIVE):
        same = random_E(rng, cost).astype(dtype)
        nearly = np.nextafter(same, dtype(2))
        batches += [(same, same), (nearly, same)]
    if cost.e_domain in (
        domains.NONNEGATIVE,
        domains.POSITIVE,
    ):  # a and E both tiny, both huge: their squares leave the floats
        scale = 2.0 ** (np.where(np.arange(m) % 2, 1, -1) * (np.finfo(dtype).maxexp * 0.6))
        batches += [(scale * rng.uniform(0.1, 1, (n, m)), scale * random_E(rng, cost))]
    if cost.name in PIECEWISE:  # seams: |a − E| = d, E a = 1
        d, E = cost.parameters.get("threshold", 1.0), rng.choice([-1.0, 1.0], (n, m))
        seam = E if cost.name == "squared_hinge" else E + rng.choice([-d, d], (n, m))
        batches += [(seam, E), (np.nextafter(seam.astype(dtype), dtype(0)), E)]
    return [(a.astype(dtype), E.astype(dtype)) for a, E in batches]


@COST
@DTYPE
def test_the_draw_lies_in_the_domain_and_reaches_its_edges(name: str, dtype: Any) -> None:
    cost, batches = EVERY[name], points(name, dtype)
    a, E = (np.concatenate([batch[k] for batch in batches], axis=1) for k in (0, 1))
    assert a.dtype == E.dtype == dtype
    assert cost.a_domain.contains(a).all()
    assert cost.e_domain.contains(E).all()
    assert set(special_a(cost, dtype).tolist()) <= set(a.ravel().tolist())
    assert set(special_E(cost, dtype).tolist()) <= set(E.ravel().tolist())
    if cost.e_domain not in (domains.SIGN, domains.CLOSED_SIMPLEX):
        assert np.any((a == E).all(axis=0)), "a = E"
        assert np.any((a != E) & np.isclose(a, E, rtol=8 * np.finfo(dtype).eps, atol=0)), "a beside E"
    if cost.e_domain in (domains.NONNEGATIVE, domains.POSITIVE):
        with np.errstate(all="ignore"):
            assert np.any((a**2 == 0) & (E > 0))
            assert np.any(np.isinf(a**2) & (E > 0))
    if cost.name == "huber":
        r, d = abs(a.astype(float) - E), cost.parameters["threshold"]
        assert np.any(r == d)
        assert np.any(r < d)
        assert np.any(r > d)
    if cost.name == "squared_hinge":
        assert {-1.0, 0.0, 1.0} <= set(np.sign(1 - (a * E)).ravel().tolist())


# the gradient


@functools.cache
def traced(name: str) -> Traced:
    a, E = points(name, np.float64)[0]
    return trace(lambda a, E: EVERY[name].C(a, E).sum(), [a, E], (0,))


@functools.cache
def truths(name: str, dtype: Any) -> list[Enclosure]:
    """∇ₐC of each batch."""
    return [certified(traced(name), [a, E])[0] for a, E in points(name, dtype)]


def comparisons(name: str, dtype: Any) -> list[tuple[np.ndarray, np.ndarray, Callable[[Any], Comparison]]]:
    """(a, E, got ↦ got against the enclosure of ∇ₐC) for each batch."""
    record = traced(name)

    def against(a: np.ndarray, E: np.ndarray, truth: Enclosure) -> Callable[[Any], Comparison]:
        _, allowance = rounding_allowance(record.gradient, [a, E], BITS[dtype])
        assert not truth.kink.any()
        assert np.isfinite(allowance).all()
        last_rounding = abs(truth.midpoint()) * float(np.finfo(dtype).eps) / 2  # chance may spare the other program it
        return lambda got: compare(np.asarray(got), truth, np.maximum(allowance, last_rounding))

    batches = zip(points(name, dtype), truths(name, dtype), strict=True)
    return [(a, E, against(a, E, truth)) for (a, E), truth in batches]


def wrong_at(batches: list[Any], nabla_a: Callable[[Any, Any], Any]) -> int:
    """In how many entries a gradient is beyond what rounding explains."""
    with np.errstate(all="ignore"):
        return sum(int(judge(nabla_a(a, E)).beyond.sum()) for a, E, judge in batches)


#: what one writes by mistake: a wrong factor, a missing denominator, a lost branch
MISTAKES: dict[str, list[Callable[[Any, Any], Any]]] = {
    "quadratic": [lambda a, E: a],
    "cross_entropy": [lambda a, E: a - E, lambda a, E: (a - E) / a, lambda a, E: -E / a],
    "exponential": [lambda a, E: 2 * (a - E), lambda a, E: 2 * (a - E) * np.exp((a - E) ** 2)],
    "exponential(-0.7)": [lambda a, E: -2 * (a - E) * exponential(-0.7).C(a, E)],
    "hellinger": [lambda a, E: (np.sqrt(a) - np.sqrt(E)) / np.sqrt(a), lambda a, E: (a - E) / a],
    "kullback_leibler": [lambda a, E: (a - E) / a, lambda a, E: np.log(a)],
    "generalized_kullback_leibler": [lambda a, E: -E / a],
    "itakura_saito": [lambda a, E: (a - E) / a, lambda a, E: 1 / a],
    "categorical_cross_entropy": [lambda a, E: a - E],
    "huber": [lambda a, E: a - E, lambda a, E: np.sign(a - E)],
    "huber(0.25)": [huber(1).nabla_a],
    "log_cosh": [lambda a, E: a - E, lambda a, E: np.sign(a - E)],
    "squared_hinge": [lambda a, E: -2 * E * (1 - E * a), lambda a, E: 2 * E * np.maximum(0, 1 - E * a)],
    "poisson": [lambda a, E: -E / a, lambda a, E: 1 - E],
}


@COST
@DTYPE
def test_the_gradient_is_the_derivative_within_what_rounding_may_cost(name: str, dtype: Any) -> None:
    cost, batches = EVERY[name], comparisons(name, dtype)
    for a, E, judge in batches:
        before = a.copy(), E.copy()
        got = cost.nabla_a(a, E)  # no warning either: pytest makes them errors
        comparison = judge(got)
        at = comparison.worst
        assert not comparison.beyond.any(), (a[at], E[at], got[at], comparison.expected[at])
        assert got.dtype == dtype
        assert got.shape == a.shape
        assert not np.shares_memory(got, a)
        assert not np.shares_memory(got, E)
        assert np.array_equal(a, before[0])
        assert np.array_equal(E, before[1])

    nabla, off = cost.nabla_a, dtype(1 + (1e-9 if dtype is np.float64 else 1e-4))
    general = [
        lambda a, E: -nabla(a, E),
        lambda a, E: 2 * nabla(a, E),
        lambda a, E: nabla(a, E) * off,
        lambda a, E: nabla(a, E)[::-1],
        lambda a, E: 0 * a,
        lambda a, E: np.full_like(a, np.nan),
    ]
    for mistake in (*general, *MISTAKES.get(name, [])):
        assert wrong_at(batches, lambda a, E: mistake(a, E).astype(dtype)) > 0  # noqa: B023 called at once


def test_every_listed_cost_has_a_mistake_of_its_own() -> None:
    assert set(COSTS) <= set(MISTAKES)


@COST
def test_on_balls_the_gradient_meets_the_derivative(name: str) -> None:
    cost = EVERY[name]
    for (a, E), truth in zip(points(name, np.float64), truths(name, np.float64), strict=True):
        with precision(400):
            for factor, right in ((1, True), (1 + 2.0**-40, False)):
                balls = cost.nabla_a(lift(a), lift(E)) * factor
                meets = [
                    ball.arb.overlaps(t) for ball, t in zip(balls.ravel(), truth.lower.ravel(), strict=True) if t != 0
                ]
                assert all(meets) if right else not any(meets)


# the cost itself


def farther_than_rounding(got: np.ndarray, exact: list[Any], allowance: np.ndarray) -> np.ndarray:
    tiny = float(np.finfo(got.dtype).tiny)
    with mpmath.workdps(700):
        errors = [abs(mpf(float(g)) - true) for g, true in zip(got, exact, strict=True)]
    return np.array([not e <= 4 * bound + tiny for e, bound in zip(errors, allowance, strict=True)])


@COST
@DTYPE
def test_the_cost_is_its_formula(name: str, dtype: Any) -> None:
    cost, caught = EVERY[name], 0
    for a, E in points(name, dtype):
        exact = formula(name, a, E)
        (allowance,) = rounding_allowance(cost.C, [a, E], BITS[dtype])
        got = cost.C(a, E)
        assert got.shape == (m,)
        assert got.dtype == dtype
        assert np.isfinite(allowance).all()
        assert not farther_than_rounding(got, exact, allowance).any()
        off = dtype(1 + (1e-9 if dtype is np.float64 else 1e-4))
        caught += farther_than_rounding(got * off, exact, allowance).sum()
        caught += farther_than_rounding(got[::-1], exact, allowance).sum()
        with precision(2400):
            balls = cost.C(lift(a), lift(E))
        assert all(agree(name, ball, true) for ball, true in zip(balls, exact, strict=True))
        assert not any(
            agree(name, ball * (1 + 2.0**-50), true) for ball, true in zip(balls, exact, strict=True) if true
        )
    assert caught > 0


def agree(name: str, ball: Any, true: Any) -> bool:
    """Whether a ball is the truth to 60 digits; Hellinger's √2 is the double nearest to it."""
    with mpmath.workdps(700):
        fraction = ball.fraction()
        value = mpf(fraction.numerator) / fraction.denominator
        return bool(abs(value - true) <= abs(true) * (mpf(2) ** -53 if name == "hellinger" else mpf(10) ** -60))


@DTYPE
@pytest.mark.parametrize(
    ("name", "a", "E", "naive"),
    [
        ("cross_entropy", 1e-20, 0, lambda a, E: -np.log(1 - a)),
        ("cross_entropy", 1e-30, 0, lambda a, E: -np.log(1 - a)),
        ("log_cosh", 3e-9, 0, lambda a, E: np.log(np.cosh(a - E))),
        ("log_cosh", -1e-4, 0, lambda a, E: np.log(np.cosh(a - E))),
        ("log_cosh", 900, 0, lambda a, E: np.log(np.cosh(a - E))),
        ("quadratic", 1 + 1e-3, 1, lambda a, E: (a * a - 2 * a * E + E * E) / 2),
    ],
)
def test_a_small_or_large_cost_keeps_its_digits(name: str, a: float, E: float, naive: Any, dtype: Any) -> None:
    columns, targets = np.full((1, m), a, dtype), np.full((1, m), E, dtype)
    exact = float(formula(name, columns, targets)[0])
    eps = np.finfo(dtype).eps
    assert abs(float(EVERY[name].C(columns, targets)[0]) / exact - 1) < 8 * eps
    with np.errstate(all="ignore"):
        assert not abs(float(naive(columns, targets)[0, 0]) / exact - 1) < 100 * eps


@COST
def test_samples_are_columns_and_do_not_meet(name: str) -> None:
    cost = EVERY[name]
    a, E = points(name, np.float64)[0]
    stack = np.stack([a, a[:, ::-1]]), np.stack([E, E[:, ::-1]])
    for f in (cost.C, cost.nabla_a):
        whole = f(a, E)
        for r in range(m):
            alone = f(a[:, [r]], E[:, [r]])
            assert np.allclose(whole[..., [r]], alone, rtol=1e-14, atol=0)
        assert np.allclose(f(*stack), np.stack([whole, whole[..., ::-1]]), rtol=1e-14, atol=0)


ELSEWHERE = {
    "squared_hinge",
    "categorical_cross_entropy",
    "kullback_leibler",
}  # least elsewhere, or on the simplex alone


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ELSEWHERE])
def test_the_cost_is_least_at_a_equal_to_E(name: str) -> None:
    cost = EVERY[name]
    E = np.random.default_rng(3).uniform(0.1, 0.9, (n, m))
    at, beside = cost.C(E, E), [cost.C(E + h, E) for h in (1e-3, -1e-3)]
    assert all(np.all(at < near) for near in beside)
    assert np.all(cost.nabla_a(E, E) == 0)


# the records


def test_the_mapping_holds_every_cost_by_its_name() -> None:
    assert len(COSTS) == 12
    assert all(name == cost.name for name, cost in COSTS.items())
    with pytest.raises(TypeError):
        COSTS["quadratic"] = COSTS["huber"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "a", "E"),
    [
        ("quadratic", "real", "real"),
        ("cross_entropy", "unit", "closed_unit"),
        ("exponential", "real", "real"),
        ("hellinger", "positive", "nonnegative"),
        ("kullback_leibler", "positive", "nonnegative"),
        ("generalized_kullback_leibler", "positive", "nonnegative"),
        ("itakura_saito", "positive", "positive"),
        ("categorical_cross_entropy", "positive", "closed_simplex"),
        ("huber", "real", "real"),
        ("log_cosh", "real", "real"),
        ("squared_hinge", "real", "sign"),
        ("poisson", "positive", "nonnegative"),
    ],
)
def test_the_domains_stated(name: str, a: str, E: str) -> None:
    assert (COSTS[name].a_domain.name, COSTS[name].e_domain.name) == (a, E)


OUTSIDE: dict[str, list[tuple[float, float]]] = {  # (a, E) just outside, where C is not finite or not real
    "cross_entropy": [(0.0, 0.5), (1.0, 0.5), (-0.1, 0.5), (1.1, 0.5)],
    "hellinger": [(-0.1, 0.5), (0.5, -0.1)],
    "kullback_leibler": [(0.0, 0.5), (-0.1, 0.5)],
    "generalized_kullback_leibler": [(0.0, 0.5), (-0.1, 0.5)],
    "itakura_saito": [(0.0, 0.5), (0.5, 0.0), (0.5, -0.1)],
    "categorical_cross_entropy": [(0.0, 0.5), (-0.1, 0.5)],
    "poisson": [(0.0, 0.5), (-0.1, 0.5)],
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_just_outside_its_domain_a_cost_has_no_value(name: str) -> None:
    cost = COSTS[name]
    for a, E in OUTSIDE[name]:
        columns = np.full((1, 1), a), np.full((1, 1), E)
        assert not (cost.a_domain.contains(columns[0]).all() and cost.e_domain.contains(columns[1]).all())
        with np.errstate(all="ignore"):
            assert not np.isfinite(cost.C(*columns)).any()


DOMAIN_MEMBERS: dict[str, tuple[list[float], list[float]]] = {  # single-row columns inside and outside
    "real": ([0, -1e308, 5e-324], [math.inf, -math.inf, math.nan]),
    "positive": ([5e-324, 1e308], [0, -0.0, -1, math.inf, math.nan]),
    "nonnegative": ([0, -0.0, 1e308], [-5e-324, math.inf, math.nan]),
    "unit": ([5e-324, 1 - 2**-53], [0, 1, -1, math.inf, math.nan]),
    "closed_unit": ([0, 1, 0.5], [-5e-324, 1 + 2**-52, math.inf, math.nan]),
    "closed_simplex": ([1, 1 - 2**-53], [0, 0.5, 1.1, math.nan]),
    "sign": ([1, -1], [0, 1 - 2**-53, 2, math.inf, math.nan]),
}


@pytest.mark.parametrize("name", domains.DOMAINS)
def test_what_a_domain_contains(name: str) -> None:
    inside, outside = DOMAIN_MEMBERS[name]
    domain = domains.DOMAINS[name]
    assert domain.contains(np.array([inside])).all()
    assert not domain.contains(np.array([outside])).any()


@DTYPE
def test_the_simplex_allows_for_the_rounding_of_a_sum_and_no_more(dtype: Any) -> None:
    rng, eps = np.random.default_rng(4), np.finfo(dtype).eps
    for rows in (1, 2, 10, 1000):
        weights = rng.exponential(size=(rows, 50)).astype(dtype)
        columns = weights / weights.sum(axis=0, keepdims=True)
        assert domains.CLOSED_SIMPLEX.contains(columns).all()
        assert not domains.CLOSED_SIMPLEX.contains(columns * dtype(1 + 20 * rows * eps)).any()
    assert not domains.CLOSED_SIMPLEX.contains(np.array([[-0.5], [1.5]], dtype)).any()


@pytest.mark.parametrize("tau", [0, 0.0, -0.0, math.nan, math.inf, -math.inf])
def test_a_tau_that_is_no_tau(tau: float) -> None:
    with pytest.raises(ValueError, match=f"^tau = {tau!r}: the exponential cost needs a finite tau that is not 0$"):
        exponential(tau)


@pytest.mark.parametrize("threshold", [0, -0.0, -1.0, math.nan, math.inf])
def test_a_threshold_that_is_no_threshold(threshold: float) -> None:
    with pytest.raises(ValueError, match=f"^threshold = {threshold!r}: the Huber cost needs a finite threshold > 0$"):
        huber(threshold)


def test_parameters_are_recorded_and_read_only() -> None:
    assert dict(exponential(tau=-2).parameters) == {"tau": -2.0}
    assert dict(huber(threshold=3).parameters) == {"threshold": 3.0}
    assert all(not cost.parameters for cost in COSTS.values() if cost.name not in ("exponential", "huber"))
    assert dict(COSTS["exponential"].parameters) == {"tau": 1.0}
    assert dict(COSTS["huber"].parameters) == {"threshold": 1.0}
    with pytest.raises(TypeError):
        huber().parameters["threshold"] = 2.0  # type: ignore[index]


@pytest.mark.parametrize("cost", [exponential(np.float64(2)), huber(np.float64(0.25))], ids=lambda cost: cost.name)
def test_a_parameter_in_float64_leaves_float32_alone(cost: Cost) -> None:
    a = np.array([[0.5, 3.0]], np.float32)
    assert cost.C(a, 0 * a).dtype == np.float32
    assert cost.nabla_a(a, 0 * a).dtype == np.float32
    assert all(type(value) is float for value in cost.parameters.values())
