"""Every function of jax.nn and every loss of optax: gradients enclosed, and equal to JAX's where float64 is well conditioned."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from oracle.witnesses import autodiff, certified

from ...sweeps import thinned

X = np.array([0.31, -0.52, 1.27, -1.9])
Y = np.array([0.2, 0.5, 0.3, 0.7])
P = np.array([0.1, 0.2, 0.3, 0.4])
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])
M = np.array([[0.31, -0.52, 1.27], [0.4, 0.9, -0.7]])
HEADS = np.random.default_rng(0).normal(size=(1, 3, 2, 2))

Case = tuple[Any, list[np.ndarray]]  # function, arguments; the first is differentiated

NAMES = (
    "celu elu gelu glu hard_sigmoid hard_silu hard_swish hard_tanh identity leaky_relu log_sigmoid "
    "log_softmax logmeanexp logsumexp mish relu relu6 selu sigmoid silu soft_sign softmax softplus "
    "sparse_plus sparse_sigmoid squareplus standardize swish tanh "
)
NN: dict[str, Case] = {name: (getattr(jax.nn, name), [X]) for name in NAMES.split() if hasattr(jax.nn, name)}
NN["gelu, erf"] = (lambda x: jax.nn.gelu(x, approximate=False), [X])
NN["softmax, masked"] = (lambda x: jax.nn.softmax(x, where=jnp.array([True, False, True, True])), [X])
NN["logsumexp, weighted"] = (lambda x: jax.nn.logsumexp(x, b=jnp.array([1.0, 2.0, 0.5, 3.0])), [X])
NN["dot_product_attention"] = (lambda q: jax.nn.dot_product_attention(q, q * 0.5, q + 0.25), [HEADS])
NN["dot_product_attention, causal"] = (lambda q: jax.nn.dot_product_attention(q, q, q, is_causal=True), [HEADS])
if hasattr(jax.nn, "log1mexp"):
    NN["log1mexp"] = (jax.nn.log1mexp, [np.abs(X)])

THROUGH_FLOAT32 = ("dot_product_attention", "dot_product_attention, causal")  # JAX rounds there; the enclosure does not

NN_LEFT_OUT = {
    "one_hot": "has no derivative",
    "get_scaled_dot_general_config": "is no function of arrays",
    "scaled_dot_general": "needs 8-bit floats",
    "scaled_matmul": "needs 8-bit floats",
}

losses = optax.losses
LOSSES: dict[str, Case] = {
    "binary_dice_loss": (losses.binary_dice_loss, [X, P.round()]),
    "convex_kl_divergence": (losses.convex_kl_divergence, [np.log(P), Y]),
    "cosine_distance": (losses.cosine_distance, [X, Y]),
    "cosine_similarity": (losses.cosine_similarity, [X, Y]),
    "ctc_loss": (
        lambda x, pad: losses.ctc_loss(x[None], pad, jnp.array([[1, 2]]), jnp.zeros((1, 2))),
        [np.random.default_rng(1).normal(size=(4, 3)), np.zeros((1, 4))],
    ),
    "ctc_loss_with_forward_probs": (
        lambda x, pad: losses.ctc_loss_with_forward_probs(x[None], pad, jnp.array([[1, 2]]), jnp.zeros((1, 2)))[0],
        [np.random.default_rng(1).normal(size=(4, 3)), np.zeros((1, 4))],
    ),
    "dice_loss": (losses.dice_loss, [M, np.eye(3)[:2]]),
    "generalized_kl_divergence": (losses.generalized_kl_divergence, [np.log(P), Y]),
    "hinge_loss": (losses.hinge_loss, [X, SIGNS]),
    "huber_loss": (losses.huber_loss, [X * 2, Y]),
    "kl_divergence": (losses.kl_divergence, [np.log(P), np.array([0.0, 0.5, 0.25, 0.25])]),
    "kl_divergence_with_log_targets": (losses.kl_divergence_with_log_targets, [np.log(P), np.log(P[::-1])]),
    "l2_loss": (losses.l2_loss, [X, Y]),
    "log_cosh": (losses.log_cosh, [X * 5, Y]),
    "make_fenchel_young_loss": (lambda x, y: losses.make_fenchel_young_loss(jax.nn.logsumexp)(x, y), [X, P]),
    "multiclass_generalized_dice_loss": (losses.multiclass_generalized_dice_loss, [M, np.eye(3)[:2]]),
    "multiclass_hinge_loss": (lambda x: losses.multiclass_hinge_loss(x, jnp.array([0, 2])), [M]),
    "multiclass_perceptron_loss": (lambda x: losses.multiclass_perceptron_loss(x, jnp.array([0, 2])), [M]),
    "multiclass_sparsemax_loss": (lambda x: losses.multiclass_sparsemax_loss(x, jnp.array([0, 2])), [M]),
    "ntxent": (
        lambda x: losses.ntxent(x, jnp.array([0, 1, 0, 1])),
        [np.random.default_rng(2).normal(size=(4, 3))],
    ),
    "perceptron_loss": (losses.perceptron_loss, [X, SIGNS]),
    "poly_loss_cross_entropy": (losses.poly_loss_cross_entropy, [X, P]),
    "ranking_softmax_loss": (losses.ranking_softmax_loss, [X, Y]),
    "safe_softmax_cross_entropy": (losses.safe_softmax_cross_entropy, [X, np.array([0.0, 0.5, 0.25, 0.25])]),
    "sigmoid_binary_cross_entropy": (losses.sigmoid_binary_cross_entropy, [X, P]),
    "sigmoid_focal_loss": (losses.sigmoid_focal_loss, [X, P.round()]),
    "smooth_labels": (lambda x: losses.smooth_labels(x, 0.1), [P]),
    "softmax_cross_entropy": (losses.softmax_cross_entropy, [X, P]),
    "softmax_cross_entropy_with_integer_labels": (
        lambda x: losses.softmax_cross_entropy_with_integer_labels(x, jnp.array([2, 0])),
        [M],
    ),
    "sparsemax_loss": (losses.sparsemax_loss, [X, SIGNS]),
    "squared_error": (losses.squared_error, [X, Y]),
    "triplet_margin_loss": (lambda x, y, z: losses.triplet_margin_loss(x, y, z), [X, Y, P]),
}


def public_functions(module: Any) -> set[str]:
    return {
        n
        for n in dir(module)
        if (not n.startswith("_") and inspect.isroutine(getattr(module, n))) or is_jitted(module, n)
    }


def is_jitted(module: Any, name: str) -> bool:
    return not name.startswith("_") and callable(getattr(module, name)) and not inspect.isclass(getattr(module, name))


def test_no_function_is_forgotten():
    assert public_functions(jax.nn) - {name.split(",")[0] for name in NN} <= set(NN_LEFT_OUT)
    assert public_functions(losses) <= set(LOSSES)


def scalar(fn: Any) -> Any:
    """A random linear function of what fn returns: a plain sum would be constant for some (softmax)."""

    def weighted(*args: Any) -> Any:
        out = jnp.asarray(fn(*args))
        return jnp.sum(out * (1.0 + jnp.arange(out.size).reshape(out.shape)) ** 0.5)

    return weighted


@pytest.mark.costly
@pytest.mark.parametrize(("name", "case"), thinned([*NN.items(), *LOSSES.items()], 6), ids=[*NN, *LOSSES])
def test_gradient_is_enclosed_and_agrees_with_float64(name, case):
    fn, args = case
    if not callable(fn):
        pytest.skip("not in this version")
    with warnings.catch_warnings():
        if name == "convex_kl_divergence":
            warnings.simplefilter("ignore", DeprecationWarning)  # deprecated, still there
        (enclosure,) = certified(scalar(fn), args)
        (expected,) = autodiff(scalar(fn), args)
    assert enclosure.rigorous.all() or name == "multiclass_sparsemax_loss"  # compares clipped zeros with zero: a tie
    assert not enclosure.kink.any()
    assert (enclosure.relative_radius()[~enclosure.straddles] < 2.0**-79).all()
    rtol = 1e-6 if name in THROUGH_FLOAT32 else 1e-12
    np.testing.assert_allclose(enclosure.midpoint(), expected, rtol=rtol, atol=1e-15)
    wrong = enclosure.midpoint() * (1 + 1e-9)
    assert not enclosure.contains(wrong)[(expected != 0) & ~enclosure.straddles].any()
