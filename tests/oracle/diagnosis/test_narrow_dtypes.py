"""The diagnosis of results in few bits: their own rounding is no mistake, and hides none that is larger."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import oracle

from ...sweeps import thinned

Array = Any
bfloat16 = ml_dtypes.bfloat16
check = partial(oracle.check_gradient, database=None, lengths=(1, 5))
AROUND_0 = ((-3.0, 3.0),)


def squares(a: Array) -> Array:
    return (a * a).sum()


@pytest.mark.parametrize(
    ("grad", "domains", "words"),
    thinned(
        [
            (lambda a: (2.02 * a).astype(np.float16), ("real",), "It is 1.01 times the truth: a constant factor"),
            (lambda a: (3 * a).astype(np.float16), ("real",), "It is 3/2 times the truth: a constant factor"),
            (lambda a: (3 * a).astype(bfloat16), AROUND_0, "It is 3/2 times the truth: a constant factor"),
            (lambda a: (3 * a).astype(bfloat16), ("real",), "It is 3/2 times the truth: a constant factor"),
            (lambda a: (2.06 * a).astype(bfloat16), ("real",), "It is 1.03 times the truth: a constant factor"),
            (lambda a: (-2 * a).astype(np.float16), AROUND_0, "It is −1 times the truth: the sign is wrong"),
            (lambda a: (2 * a[::-1]).astype(np.float16), AROUND_0, "It is the truth reversed"),
            (lambda a: np.clip(2 * a, -2, 2).astype(np.float16), AROUND_0, "It is the truth clipped to ±2"),
            (lambda a: (2 * a.size * a).astype(np.float16), AROUND_0, "It is n times the truth: a sum where the"),
            (lambda a: (2.00002 * a).astype(np.float32), ("real",), "It is 1.00001 times the truth: a constant factor"),
            (lambda a: np.round(2 * a, 2).astype(np.float32), AROUND_0, "Every result is rounded to 2 decimal places"),
        ],
        2,
    ),
)
def test_a_mistake_larger_than_the_rounding_is_named(grad: Any, domains: Any, words: str) -> None:
    report = check(squares, grad, domains)
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith(words)


@pytest.mark.parametrize(
    "dtype",
    [pytest.param(np.float32, marks=pytest.mark.longer), np.float16, pytest.param(bfloat16, marks=pytest.mark.longer)],
)
def test_no_digits_are_thrown_away_where_the_formula_is_wrong(dtype: Any) -> None:
    for fn, grad in (
        (lambda a: jnp.sin(a).sum(), np.tan),
        (lambda a: jnp.tanh(a).sum(), lambda a: 1 - np.tanh(a)),
        (lambda a: (jnp.sin(a) * jnp.cos(a)).sum(), lambda a: np.cos(a) ** 2),
    ):
        report = check(fn, lambda a, grad=grad: grad(a).astype(dtype), AROUND_0)
        assert report.verdict == "wrong"
        for words in ("rounded", "float16", "bfloat16", "clipped", "scaled down"):
            assert not any(words in sentence for sentence in report.diagnosis), report.diagnosis


#: In so few bits a formula of no kind is close to many that have a name.
OF_NO_KIND: dict[str, tuple[Any, Any]] = {
    "silu": (lambda x: (x * jax.nn.sigmoid(x)).sum(), lambda x: (1 + x) / (1 + np.exp(-x))),
    "elu": (lambda x: jax.nn.elu(x).sum(), lambda x: np.where(x > 0, 1, np.exp(x) / (1 - x))),
    "square of tanh": (lambda x: (jnp.tanh(x) ** 2).sum(), lambda x: 2 * np.tanh(x) * (1 - np.tanh(x))),
    "softplus": (lambda x: jax.nn.softplus(x).sum(), lambda x: (1 + np.exp(-x)) ** -1.2),
    "x tanh x": (lambda x: (x * jnp.tanh(x)).sum(), lambda x: np.tanh(x) + x * (1 - np.tanh(x))),
    "mish": (lambda x: jax.nn.mish(x).sum(), lambda x: np.tanh(np.log1p(np.exp(x))) + x / (1 + np.exp(-x))),
    "arctan": (lambda x: jnp.arctan(x).sum(), lambda x: 1 / (1 + np.abs(x) + x * x)),
}


@pytest.mark.parametrize("name", OF_NO_KIND)
def test_a_mistake_of_no_kind_has_no_name_in_few_bits(name: str) -> None:
    fn, grad = OF_NO_KIND[name]
    report = check(fn, lambda x: np.asarray(grad(x)).astype(bfloat16), ((-4.0, 4.0),), lengths=(1, 4), examples=12)
    assert report.verdict == "wrong"
    assert not any("σ" in sentence for sentence in report.diagnosis), report.diagnosis


@pytest.mark.parametrize(
    ("dtype", "through", "name"),
    [
        (np.float64, np.float32, "float32"),
        (np.float64, np.float16, "float16"),
        (np.float64, bfloat16, "bfloat16"),
        (np.float32, np.float16, "float16"),
        (np.float32, bfloat16, "bfloat16"),
    ],
)
def test_a_narrow_intermediate_is_that_of_its_own_dtype(dtype: Any, through: Any, name: str) -> None:
    report = check(lambda a: jnp.exp(a).sum(), lambda a: np.exp(a.astype(through).astype(dtype)), AROUND_0)
    assert report.diagnosis[0].endswith(f": a {name} intermediate")
