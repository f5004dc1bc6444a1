"""`check_jvp`: Jacobian–vector products, right ones and wrong ones of every kind, NumPy's and JAX's."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle

Array = Any
OPTIONS: Any = {"database": None, "examples": 6, "lengths": (1, 4)}
NEAR = (-3.0, 3.0)


def product(x: Array, y: Array) -> Array:
    return x * y


RIGHT = {
    "NumPy": (jnp.sin, lambda p, t: np.cos(p[0]) * t[0]),
    "a pair (value, tangent)": (product, lambda p, t: (p[0] * p[1], p[0] * t[1] + p[1] * t[0])),
    "JAX": (jnp.exp, lambda p, t: jnp.exp(p[0]) * t[0]),
    "a kink, by the convention": (lambda x: jnp.maximum(x, 0), lambda p, t: np.where(p[0] > 0, t[0], 0.0)),
    "a scalar output": (lambda x: (x * x).sum(), lambda p, t: 2 * (p[0] * t[0]).sum()),
}
WRONG = {
    "a factor": (jnp.sin, lambda p, t: 1.0001 * np.cos(p[0]) * t[0]),
    "one argument is forgotten": (product, lambda p, t: p[1] * t[0]),
    "the size of the tangent": (jnp.sin, lambda p, t: np.cos(p[0]) * np.abs(t[0])),
    "a clipped tangent": (jnp.sin, lambda p, t: np.cos(p[0]) * np.clip(t[0], -5, 5)),
    "JAX, by 1e-11": (jnp.exp, lambda p, t: jnp.exp(p[0]) * t[0] * (1 + 1e-11)),
    "a slope outside of the kink": (lambda x: jnp.maximum(x, 0), lambda p, t: np.where(p[0] >= 0, 2 * t[0], 0.0)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_products(name: str) -> None:
    fn, jvp = RIGHT[name]
    domains = (NEAR, NEAR) if fn is product else (NEAR,)
    with jax.enable_x64(True):
        assert oracle.check_jvp(fn, jvp, domains, **OPTIONS).verdict == "right"
    with jax.enable_x64(False):
        assert oracle.check_jvp(fn, jvp, domains, **OPTIONS).verdict == "right"


@pytest.mark.parametrize("name", WRONG)
def test_wrong_products(name: str) -> None:
    with jax.enable_x64(True):
        report = oracle.check_jvp(*WRONG[name], **OPTIONS)
    assert report.verdict == "wrong"
    assert "along_coordinates(jvp)(" in report.reproduction


@pytest.mark.parametrize(
    ("jvp", "words"),
    [
        (lambda p: p, r"jvp\(primals, tangents\) raised TypeError at primals of shapes \(\d,\): .* takes 1 positional"),
        (3, "jvp is of type int: give a function of"),
        (lambda p, t: None, "jvp returned None: it must return the tangent"),
        (lambda p, t: t[0][:1], "jvp returned the shape"),
    ],
)
def test_what_is_no_product_is_refused_in_a_sentence(jvp: Any, words: str) -> None:
    with pytest.raises(oracle.CannotJudge, match=words):
        oracle.check_jvp(jnp.sin, jvp, ("real",), **{**OPTIONS, "lengths": (2, 2)})
