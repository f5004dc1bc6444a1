"""Narrow arithmetic: on the way to a wide result it is digits, at every seed; a wrong formula or a bias of one sign is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import oracle
from oracle.judgement.bias import bias
from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare

from ...sweeps import thinned

Array = Any

check = partial(oracle.check_gradient, database=None, lengths=(1, 4))
DTYPES = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


def cosine_grad(a: Array, b: Array) -> Array:
    p, q, r = (a * a).sum(), (b * b).sum(), (a * b).sum()
    return b / np.sqrt(p * q) - a * (r / (p * np.sqrt(p * q)))


def softmax_error(z: Array, y: Array) -> Array:
    e = np.exp(z - z.max())
    return e / e.sum() - y


COSTS: dict[str, tuple[Any, Any, Any]] = {
    "softmax": (lambda z, y: jax.nn.logsumexp(z) - jnp.sum(z * y), softmax_error, ((-3.0, 3.0), "one_hot")),
    "logistic": (lambda z, y: jnp.logaddexp(0, -y * z).sum(), lambda z, y: -y / (1 + np.exp(y * z)), ("real", "sign")),
    "mse": (lambda a, y: ((a - y) ** 2).mean(), lambda a, y: 2 * (a - y) / a.dtype.type(a.size), ("real", "real")),
    "kl": (lambda a, e: (e * jnp.log(e / a)).sum(), lambda a, e: -e / a, ("unit", "unit")),
    "cosine": (
        lambda a, b: (a * b).sum() / jnp.sqrt((a * a).sum() * (b * b).sum()),
        cosine_grad,
        ((0.1, 4.0), (0.1, 4.0)),
    ),
}
WHERE: dict[str, Callable[[Any, Any], Any]] = {
    "whole": lambda grad, dtype: lambda *a: grad(*[x.astype(dtype) for x in a]).astype(np.float64),
    "an argument": lambda grad, dtype: lambda a, *rest: grad(a.astype(dtype).astype(np.float64), *rest),
    "the result": lambda grad, dtype: lambda *a: grad(*a).astype(dtype).astype(np.float64),
}


@pytest.mark.longer
@pytest.mark.parametrize(
    ("cost", "dtype", "where", "seed"),
    thinned(
        [
            ("softmax", "float32", "whole", 0),
            ("softmax", "bfloat16", "the result", 2),
            ("logistic", "float32", "the result", 3),
            ("kl", "float16", "whole", 7),
            ("logistic", "bfloat16", "whole", 4),
            ("mse", "bfloat16", "whole", 6),
            ("mse", "float32", "an argument", 5),
            ("kl", "float32", "the result", 8),
            ("cosine", "float32", "whole", 9),
            ("cosine", "bfloat16", "whole", 0),
            ("softmax", "float16", "an argument", 1),
        ],
        3,
    ),
)
def test_what_is_narrow_on_the_way_is_inaccurate_and_named(cost: str, dtype: str, where: str, seed: int) -> None:
    fn, grad, domains = COSTS[cost]
    report = check(fn, WHERE[where](grad, DTYPES[dtype]), domains, rng=np.random.default_rng(seed))
    assert report.verdict == "inaccurate"
    assert dtype in str(report)


@pytest.mark.longer
@pytest.mark.parametrize(
    ("cost", "dtype", "factor"),
    thinned(
        [
            ("softmax", "float32", 2.0),
            ("logistic", "float32", -1.0),
            ("mse", "float32", 1.0001),
            ("kl", "float16", 1.05),
            ("cosine", "bfloat16", 1.5),
        ],
        2,
    ),
)
def test_a_wrong_formula_is_wrong_in_narrow_arithmetic_too(cost: str, dtype: str, factor: float) -> None:
    fn, grad, domains = COSTS[cost]
    candidate = WHERE["whole"](lambda *a: grad(*a) * a[0].dtype.type(factor), DTYPES[dtype])
    assert check(fn, candidate, domains).verdict == "wrong"


def test_a_smooth_error_of_the_size_of_float32_is_no_narrow_arithmetic() -> None:
    fn, grad, domains = COSTS["kl"]

    def opaque(a: Array, e: Array) -> Array:
        return np.array([float(g) * (1 + 3e-8) for g in grad(a, e)])

    assert check(fn, opaque, domains).verdict == "wrong"


@pytest.mark.longer
def test_bfloat16_inside_a_float32_result_is_inaccurate() -> None:
    fn, grad, domains = COSTS["logistic"]
    candidate = WHERE["whole"](grad, ml_dtypes.bfloat16)
    report = check(fn, lambda *a: candidate(*a).astype(np.float32), domains)
    assert report.verdict == "inaccurate"
    assert "bfloat16" in str(report)


def gaussian_in_float32(x: Array) -> Array:
    """−2x e^(−x²), entry by entry, in NumPy's float32, which has subnormal numbers."""
    return np.array([float(-2 * v * np.exp(-v * v)) for v in x.astype(np.float32)])


@pytest.mark.parametrize("far", [12.012345678, 9.912345678, 9.612345678], ids=["0", "few digits", "subnormal"])
def test_components_that_leave_float32_say_nothing_of_the_others(far: float) -> None:
    x = np.array([far, 1.312345678, 0.712345678])
    function = prepare(lambda x: jnp.sum(jnp.exp(-x * x)), (x,), 0, [None])
    found = judge_point(function, gaussian_in_float32, (x,))
    assert found.verdict == "inaccurate"
    assert "float32" in found.how
    off = np.array([1, 1 + 1e-4, 1])
    assert judge_point(function, lambda x: gaussian_in_float32(x) * off, (x,)).verdict == "wrong"


BIASES = {"float32": 1e-5, "float16": 1e-3, "bfloat16": 1e-2}


@pytest.mark.costly
@pytest.mark.longer
@pytest.mark.parametrize(("cost", "sign", "dtype"), thinned(product(["logistic", "kl"], [1, -1], BIASES), 5))
def test_a_bias_of_one_sign_is_wrong_mathematics(cost: str, sign: int, dtype: str) -> None:
    fn, grad, domains = COSTS[cost]
    biased = check(fn, lambda *a: (grad(*a) * (1 + sign * BIASES[dtype])).astype(DTYPES[dtype]), domains)
    assert biased.verdict == "wrong"


@pytest.mark.costly
@pytest.mark.parametrize(("cost", "dtype", "seed"), thinned(product(COSTS, BIASES, (0, 1)), 7))
def test_a_right_narrow_gradient_is_not_accused(cost: str, dtype: str, seed: int) -> None:
    fn, grad, domains = COSTS[cost]
    report = check(fn, lambda *a: grad(*a).astype(DTYPES[dtype]), domains, rng=np.random.default_rng(seed))
    assert report.verdict in ("right", "inaccurate"), report


def rounded(relative: Array) -> list[tuple[Array, Array, Array]]:
    """Answers off by these parts, one for each point, and what the rounding of float16 may cost them."""
    truths = np.linspace(1, 2, len(relative))
    return [
        (np.array([t * (1 + r)]), np.array([t]), np.array([t * 2.0**-8])) for t, r in zip(truths, relative, strict=True)
    ]


def test_the_vote_needs_one_sign_a_size_and_many_points() -> None:
    rng = np.random.default_rng(0)
    noise = rng.uniform(-(2.0**-11), 2.0**-11, 60)
    found = bias(rounded(noise + 1e-3), "float16")
    assert found is not None
    assert (found.votes, found.points) == (60, 60)
    assert "too large" in str(found)
    assert bias(rounded(noise - 1e-3), "float16") is not None
    assert bias(rounded(noise), "float16") is None
    assert bias(rounded(noise + 2.0**-12), "float16") is None, "one rounded constant"
    assert bias(rounded(noise[:30] + 1e-3), "float16") is None, "2 · 2⁻³⁰ is more than 1e-9"
    assert bias(rounded(np.where(np.arange(60) % 5, 1e-3, -1e-3)), "float16") is None


def test_the_same_truth_again_is_no_further_vote_and_large_rounding_hides_a_bias() -> None:
    same = [(np.array([1.001]), np.ones(1), np.array([2.0**-8]))] * 60
    assert bias(same, "float16") is None, "random numbers drawn once are rounded once"
    assert bias([(got, true, 64 * cost) for got, true, cost in rounded(np.full(60, 1e-3))], "float16") is None
    assert bias([(got, true, 64 * cost) for got, true, cost in rounded(np.full(60, 5e-2))], "float16") is not None


def test_the_first_and_the_last_component_vote_too() -> None:
    rng = np.random.default_rng(0)
    truths = np.array([1.0, 4.0, 2.0]) * rng.uniform(1, 2, (60, 1))
    noise = rng.uniform(-(2.0**-11), 2.0**-11, (60, 3))
    for k, voter in ((0, "first"), (2, "last"), (1, "largest")):
        off = noise.copy()
        off[:, k] += 1e-3
        found = bias([(t * (1 + r), t, t * 2.0**-8) for t, r in zip(truths, off, strict=True)], "float16")
        assert found is not None
        assert (found.voter, found.component) == (voter, k)
    assert bias([(t * (1 + r), t, t * 2.0**-8) for t, r in zip(truths, noise, strict=True)], "float16") is None
