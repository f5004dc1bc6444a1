"""Large gradients in float32: what only the worst case of rounding excuses is right, and a note says so."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle

SHAPES = ((2, 1500), (2, 1500))


def norm(x, g):
    return jnp.sum(g * x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-5))


def norm_grad(x, g):
    x, g = x.astype(np.float32), g.astype(np.float32)
    scale = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-5))
    h = x * scale
    return scale * (g - h * (g * h).mean(-1, keepdims=True))


def in_a_tile(relative):
    def grad(x, g):
        found = norm_grad(x, g)
        found[1, 700:900] *= np.float32(1 + relative)
        return found

    return grad


def check(grad):
    domains = [(0.5, 2.0), (0.5, 2.0)]
    return oracle.check_gradient(norm, grad, domains, shapes=SHAPES, examples=9, database=None, timeout=None)


@pytest.mark.parametrize(("grad", "noted"), [(norm_grad, False), pytest.param(in_a_tile(1e-4), True, id="1e-4")])
def test_what_independent_roundings_do_not_explain_is_noted(grad, noted):
    report = check(grad)
    assert report.verdict == "right"
    assert any("√n bound" in note for note in report.notes) is noted


@pytest.mark.longer
def test_what_no_rounding_explains_is_wrong():
    assert check(in_a_tile(1e-2)).verdict == "wrong"
