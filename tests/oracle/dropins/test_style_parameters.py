"""In the style of a package of neural networks in JAX: parameters in dicts, apply functions, several outputs, float32 and
bfloat16."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle import check_grads  # from jax.test_util import check_grads

pytestmark = pytest.mark.longer


def layer_norm(params, x, eps=1e-6):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return params["scale"] * (x - mean) / jnp.sqrt(variance + eps) + params["bias"]


def attention(params, x):
    q, k, v = (x @ params[name] for name in ("q", "k", "v"))
    weights = jax.nn.softmax(q @ k.T / jnp.sqrt(q.shape[-1]))
    return {"output": weights @ v, "weights": weights}


@jax.custom_vjp
def dense(params, x):
    return x @ params["kernel"] + params["bias"]


def dense_backward(residuals, g):
    params, x = residuals
    return {"kernel": x.T @ g, "bias": g[0]}, g @ params["kernel"].T


dense.defvjp(lambda params, x: (dense(params, x), (params, x)), dense_backward)

X = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_layer_norm(dtype):
    params = {"scale": jnp.array([1.0, 0.5], dtype), "bias": jnp.array([0.0, 0.25], dtype)}
    check_grads(layer_norm, (params, jnp.asarray(X, dtype)), 1, modes=("rev",), atol=1e-1, rtol=1e-1)


def test_attention():
    keys = jax.random.split(jax.random.key(0), 3)
    params = {name: jax.random.normal(key, (2, 2)) for name, key in zip("qkv", keys, strict=True)}
    check_grads(attention, (params, X), order=1, modes=("rev",))


def test_dense_with_the_bias_of_the_first_row():
    params = {"kernel": jnp.ones((2, 2)), "bias": jnp.zeros(2)}
    with pytest.raises(AssertionError, match=r"params\['bias'\]"):
        check_grads(dense, (params, X), order=1, modes=("rev",))
