"""Mistakes as people make them: a gradient or a vector–Jacobian product of their own, wrong in a way that has a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import oracle

Array = Any
POINTS = 40


class Mistake(NamedTuple):
    """say: what the diagnosis says; words: what it has to say."""

    say: Callable[[], tuple[str, ...]]
    words: str


def of_gradient(fn: Any, grad: Any, *domains: Any, words: str, shapes: Any = None, **options: Any) -> Mistake:
    def say() -> tuple[str, ...]:
        with np.errstate(all="ignore"):
            return tuple(oracle.check_gradient(fn, grad, domains, shapes=shapes, examples=POINTS, **options).diagnosis)

    return Mistake(say, words)


def of_vjp(fn: Any, vjp: Any, *domains: Any, words: str, shapes: Any = None, **options: Any) -> Mistake:
    def say() -> tuple[str, ...]:
        with np.errstate(all="ignore"):
            return tuple(
                oracle.check_vjp(fn, vjp, domains or None, shapes=shapes, examples=POINTS, **options).diagnosis
            )

    return Mistake(say, words)


def normal_nll(x: Array, s: Array) -> Array:
    return (jnp.log(s) + x**2 / (2 * s**2)).sum()


def normal_nll_s(x: Array, s: Array) -> Array:
    return 1 / s - x**2 / s**3


def gamma_nll(k: Array, x: Array) -> Array:
    return (jax.scipy.special.gammaln(k) - (k - 1) * jnp.log(x) + x).sum()


def gamma_nll_k(k: Array, x: Array) -> Array:
    from scipy.special import digamma

    return digamma(k) - np.log(x)


def bernoulli_nll(p: Array, y: Array) -> Array:
    return -(y * jnp.log(p) + (1 - y) * jnp.log1p(-p)).sum()


def normal_log_density(x: Array, m: Array) -> Array:
    return -((x - m) ** 2).sum() / 2


def softplus(x: Array) -> Array:
    return jnp.logaddexp(x, 0.0)


def expit(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def softmax_vjp(x: Array, c: Array, axis: int = -1) -> tuple[Array]:
    y = softmax(x)
    return (y * (c - (c * y).sum(axis, keepdims=True)),)


def rms_norm(x: Array) -> Array:
    return x / jnp.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)


def layer_norm(x: Array) -> Array:
    m = x.mean(-1, keepdims=True)
    return (x - m) / jnp.sqrt(((x - m) ** 2).mean(-1, keepdims=True) + 1e-5)


def normalised(x: Array, axis: int = -1) -> tuple[Array, Array]:
    m = x.mean(axis, keepdims=True)
    s = np.sqrt(((x - m) ** 2).mean(axis, keepdims=True) + 1e-5)
    return (x - m) / s, s


def layer_norm_vjp(x: Array, c: Array, *, count: int = 0, mean: bool = True, variance: bool = True) -> tuple[Array]:
    y, s = normalised(x)
    n = x.shape[-1] - count
    out = c - mean * c.sum(-1, keepdims=True) / n - variance * y * (c * y).sum(-1, keepdims=True) / n
    return (out / s,)


def batch_norm(x: Array) -> Array:
    m = x.mean(0)
    return (x - m) / jnp.sqrt(((x - m) ** 2).mean(0) + 1e-3)


def batch_norm_vjp(x: Array, c: Array, axis: int = 0, detached: bool = False) -> tuple[Array]:
    m, v = x.mean(0), x.var(0)
    s = np.sqrt(v + 1e-3)
    y = (x - m) / s
    if detached:
        return (c / s,)
    return ((c - c.mean(axis, keepdims=True) - y * (c * y).mean(axis, keepdims=True)) / s,)


def unit_vectors(x: Array) -> Array:
    return x / jnp.sqrt((x**2).sum(-1, keepdims=True))


def affine(x: Array, w: Array, b: Array) -> Array:
    return x @ w + b


def in_place(x: Array, c: Array) -> tuple[Array]:
    c *= 2 * x
    return (c,)


def accumulating(x: Array, c: Array) -> tuple[Array]:
    c += 2 * x
    return (c,)


def not_zeroed() -> Callable[[Array, Array], tuple[Array]]:
    """A buffer that every call adds to."""
    buffers: dict[tuple[int, ...], Array] = {}

    def vjp(x: Array, c: Array) -> tuple[Array]:
        held = buffers.setdefault(x.shape, np.zeros(x.shape))
        held += 2 * x * c
        return (held.copy(),)

    return vjp


def take(x: Array, index: Array) -> Array:
    return x[index]


def overwritten(x: Array, index: Array, c: Array) -> tuple[Array, None]:
    out = np.zeros(x.shape)
    out[index] = c
    return out, None


SQUARE = (3, 3)
CUBE = of_gradient(lambda x: (x**3).sum(), lambda x: 3 * x, (-3.0, 3.0), words="1/x")

MISTAKES: dict[str, Mistake] = {
    "3x for 3x²": CUBE,
    "x for x²": of_gradient(lambda x: (x**3 / 3).sum(), lambda x: x, (-3.0, 3.0), words="1/x"),
    "2 for 2x": of_gradient(lambda x: (x**2).sum(), lambda x: 2 + 0 * x, (-3.0, 3.0), words="2"),
    # by another parametrisation
    "by ln σ": of_gradient(
        normal_nll, lambda x, s: s * normal_nll_s(x, s), (-3.0, 3.0), (0.2, 4.0), argnum=1, words="by ln s"
    ),
    "by ln k": of_gradient(gamma_nll, lambda k, x: k * gamma_nll_k(k, x), (0.5, 6.0), (0.2, 5.0), words="by ln k"),
    "by σ where ln σ is given": of_gradient(
        lambda x, t: (t + x**2 * jnp.exp(-2 * t) / 2).sum(),
        lambda x, t: np.exp(-t) - x**2 * np.exp(-3 * t),
        (-3.0, 3.0),
        (-2.0, 2.0),
        argnum=1,
        words="by e^t",
    ),
    "by σ² for σ": of_gradient(
        normal_nll, lambda x, s: normal_nll_s(x, s) / (2 * s), (-3.0, 3.0), (0.2, 4.0), argnum=1, words="by s²"
    ),
    "by 1/σ": of_gradient(
        normal_nll, lambda x, s: -(s**2) * normal_nll_s(x, s), (-3.0, 3.0), (0.2, 4.0), argnum=1, words="by 1/s"
    ),
    "by the logit": of_gradient(bernoulli_nll, lambda p, y: p - y, "unit", "closed_unit", words="by the logit of p"),
    "by the probability": of_gradient(
        lambda z, y: (softplus(z) - y * z).sum(),
        lambda z, y: (expit(z) - y) / (expit(z) * (1 - expit(z))),
        (-6.0, 6.0),
        "closed_unit",
        words="by σ(z)",
    ),
    "log rule by ln x": of_vjp(lambda x: jnp.log1p(x), lambda x, c: (c * x / (1 + x),), (0.1, 5.0), words="by ln x"),
    # the density, not its logarithm
    "the density": of_gradient(
        normal_log_density,
        lambda x, m: -(x - m) * np.exp(-((x - m) ** 2).sum() / 2),
        (-2.0, 2.0),
        (-2.0, 2.0),
        words="e^C",
    ),
    "the likelihood of a loss": of_gradient(
        bernoulli_nll,
        lambda p, y: -(p - y) / (p * (1 - p)) * np.prod(p**y * (1 - p) ** (1 - y)),
        (0.1, 0.9),
        (0.0, 1.0),
        words="e^−C",
    ),
    "the logarithm of a density": of_gradient(
        lambda x, m: jnp.exp(-((x - m) ** 2).sum() / 2),
        lambda x, m: -(x - m),
        (-2.0, 2.0),
        (-2.0, 2.0),
        words="ln C",
    ),
    "a density elementwise": of_vjp(
        lambda x: -(x**2) / 2, lambda x, c: (-c * x * np.exp(-(x**2) / 2),), (-3.0, 3.0), words="e^fn"
    ),
    "a log density elementwise": of_vjp(
        lambda x: jnp.exp(-(x**2) / 2), lambda x, c: (-c * x,), (-3.0, 3.0), words="ln fn"
    ),
    # grad_output
    "not multiplied by grad_output": of_vjp(
        lambda x: x**2, lambda x, c: (2 * x,), (-3.0, 3.0), words="not multiplied by the cotangent"
    ),
    "softmax, not multiplied": of_vjp(
        lambda x: jnp.tanh(x), lambda x, c: (1 - np.tanh(x) ** 2,), (-3.0, 3.0), words="not multiplied by the cotangent"
    ),
    "multiplied twice": of_vjp(
        lambda x: x**2, lambda x, c: (2 * x * c * c,), (-3.0, 3.0), words="multiplied by the cotangent twice"
    ),
    "its sum": of_vjp(lambda x: x**2, lambda x, c: (2 * x * c.sum(),), (-3.0, 3.0), words="the sum of the cotangent"),
    "its mean": of_vjp(
        lambda x: x**2, lambda x, c: (2 * x * c.mean(),), (-3.0, 3.0), words="the mean of the cotangent"
    ),
    "overwritten in place": of_vjp(lambda x: x**2, in_place, (-3.0, 3.0), words="changes its cotangent"),
    "accumulated in place": of_vjp(lambda x: x**2, accumulating, (-3.0, 3.0), words="changes its cotangent"),
    "a buffer that is not zeroed": of_vjp(
        lambda x: x**2, not_zeroed(), (-3.0, 3.0), words="adds to what it returned before"
    ),
    "an index that overwrites": of_vjp(
        take,
        overwritten,
        like=(np.linspace(-1.0, 2.0, 5), np.array([0, 3, 3, 1, 0, 4])),
        words="overwritten",
    ),
    "the last of the batch": of_vjp(
        affine,
        lambda x, w, b, c: (c @ w.T, x.T @ c, c[-1]),
        *((-2.0, 2.0),) * 3,
        shapes=((4, 3), (3, 2), (2,)),
        words="overwritten",
    ),
    # denominators
    "a floored denominator": of_gradient(
        lambda a, b: (a / b).sum(),
        lambda a, b: 1 / np.maximum(b, 0.05) + 0 * a,
        (-3.0, 3.0),
        (0.001, 2.0),
        words="floored at 0.05",
    ),
    "a floored square": of_gradient(
        lambda a, b: (a / b).sum(),
        lambda a, b: -a / np.maximum(b**2, 0.01),
        (-3.0, 3.0),
        (0.001, 2.0),
        argnum=1,
        words="floored at 0.01",
    ),
    "a floored a(1 − a)": of_gradient(
        bernoulli_nll,
        lambda p, y: (p - y) / np.maximum(p * (1 - p), 0.05),
        "unit",
        "closed_unit",
        words="floored at 0.05",
    ),
    "a floored norm": of_gradient(
        lambda x: jnp.sqrt((x**2).sum()),
        lambda x: x / max(float(np.sqrt((x**2).sum())), 0.5),
        (-1.0, 1.0),
        words="floored at 0.5",
    ),
    # symmetric or not
    "not symmetrised": of_gradient(
        lambda x, A: x @ A @ x, lambda x, A: 2 * A @ x, *((-2.0, 2.0),) * 2, shapes=((3,), SQUARE), words="symmetri"
    ),
    "half of it": of_gradient(
        lambda x, A: x @ A @ x / 2, lambda x, A: A @ x, *((-2.0, 2.0),) * 2, shapes=((4,), (4, 4)), words="symmetri"
    ),
    "symmetrised": of_gradient(
        lambda A, B: (A * B).sum() + (A @ A * B).sum(),
        lambda A, B: (B + B @ A.T + A.T @ B + (B + B @ A.T + A.T @ B).T) / 2,
        *((-2.0, 2.0),) * 2,
        shapes=(SQUARE, SQUARE),
        words="the symmetric part",
    ),
    "symmetrised, doubled off the diagonal": of_gradient(
        lambda A, B: (A * jnp.sin(B)).sum(),
        lambda A, B: np.sin(B) + np.sin(B).T - np.diag(np.diag(np.sin(B))),
        *((-2.0, 2.0),) * 2,
        shapes=(SQUARE, SQUARE),
        words="counted once",
    ),
    # transposed
    "transposed": of_gradient(
        lambda A, B: (A * jnp.sin(B)).sum(),
        lambda A, B: np.sin(B).T.copy(),
        *((-2.0, 2.0),) * 2,
        shapes=(SQUARE, SQUARE),
        words="transposed",
    ),
    "W for Wᵀ": of_vjp(
        lambda x, w: x @ w,
        lambda x, w, c: (c @ w, x.T @ c),
        *((-2.0, 2.0),) * 2,
        shapes=((2, 3), (3, 3)),
        words="w has a transpose too many",
    ),
    "x for xᵀ": of_vjp(
        lambda x, w: jnp.tanh(x @ w),
        lambda x, w, c: ((c * (1 - np.tanh(x @ w) ** 2)) @ w.T, x @ (c * (1 - np.tanh(x @ w) ** 2))),
        *((-1.0, 1.0),) * 2,
        shapes=((3, 3), (3, 3)),
        words="x has a transpose too many",
    ),
    "X for Xᵀ": of_gradient(
        lambda w, X, y: ((X @ w - y) ** 2).sum() / 2,
        lambda w, X, y: X @ (X @ w - y),
        *((-1.0, 1.0),) * 3,
        shapes=((3,), (3, 3), (3,)),
        words="X has a transpose too many",
    ),
    # a wrong axis, a wrong count
    "softmax along the rows": of_vjp(
        lambda x: jax.nn.softmax(x, axis=-1),
        lambda x, c: softmax_vjp(x, c, axis=0),
        (-2.0, 2.0),
        shapes=((3, 4),),
        words="axis",
    ),
    "log softmax along the rows": of_vjp(
        lambda x: jax.nn.log_softmax(x, axis=-1),
        lambda x, c: (c - softmax(x) * c.sum(0, keepdims=True),),
        (-2.0, 2.0),
        shapes=((3, 4),),
        words="axis",
    ),
    "the bias summed over the wrong axis": of_vjp(
        affine,
        lambda x, w, b, c: (c @ w.T, x.T @ c, c.sum(1)),
        *((-2.0, 2.0),) * 3,
        shapes=((3, 2), (2, 3), (3,)),
        words="axis",
    ),
    "batch norm over the features": of_vjp(
        batch_norm,
        lambda x, c: batch_norm_vjp(x, c, axis=1),
        (-2.0, 2.0),
        shapes=((4, 3),),
        words="axis",
    ),
    "a loss over the wrong axis": of_gradient(
        lambda x, E: -(E * jax.nn.log_softmax(x, axis=1)).sum(),
        lambda x, E: E.sum(0, keepdims=True) * softmax(x, 0) - E,
        *((-2.0, 2.0),) * 2,
        shapes=((3, 4), (3, 4)),
        words="axis",
    ),
    "the mean over the batch, which is n·k": of_gradient(
        lambda x, E: ((x - E) ** 2).mean(),
        lambda x, E: 2 * (x - E) / x.shape[0],
        *((-2.0, 2.0),) * 2,
        shapes=((5, 3), (5, 3)),
        words="count",
    ),
    "the mean of the last axis": of_gradient(
        lambda x, E: ((x - E) ** 2).sum(1).mean(),
        lambda x, E: 2 * (x - E) / x.shape[1],
        *((-2.0, 2.0),) * 2,
        shapes=((5, 3), (5, 3)),
        words="count",
    ),
    "n − 1 for n": of_vjp(
        layer_norm,
        lambda x, c: layer_norm_vjp(x, c, count=1),
        (-2.0, 2.0),
        shapes=((2, 4),),
        words="count",
    ),
    "a variance's n": of_gradient(
        lambda x: jnp.var(x, ddof=1), lambda x: 2 * (x - x.mean()) / x.size, (-3.0, 3.0), shapes=((6,),), words="count"
    ),
    # statistics held constant
    "layer norm, detached": of_vjp(
        layer_norm,
        lambda x, c: layer_norm_vjp(x, c, mean=False, variance=False),
        (-2.0, 2.0),
        shapes=((2, 4),),
        words="statistics",
    ),
    "layer norm, the mean detached": of_vjp(
        layer_norm,
        lambda x, c: layer_norm_vjp(x, c, mean=False),
        (-2.0, 2.0),
        shapes=((2, 4),),
        words="mean",
    ),
    "layer norm, the variance detached": of_vjp(
        layer_norm,
        lambda x, c: layer_norm_vjp(x, c, variance=False),
        (-2.0, 2.0),
        shapes=((2, 4),),
        words="variance",
    ),
    "batch norm, detached": of_vjp(
        batch_norm,
        lambda x, c: batch_norm_vjp(x, c, detached=True),
        (-2.0, 2.0),
        shapes=((4, 3),),
        words="statistics",
    ),
    "rms norm, detached": of_vjp(
        rms_norm,
        lambda x, c: (c / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5),),
        (-2.0, 2.0),
        shapes=((2, 4),),
        words="held constant",
    ),
    "unit vectors, the norm detached": of_vjp(
        unit_vectors,
        lambda x, c: (c / np.sqrt((x**2).sum(-1, keepdims=True)),),
        (-2.0, 2.0),
        shapes=((2, 3),),
        words="held constant",
    ),
    # the same kinds once more, in other code
    "a rate by its logarithm": of_gradient(
        lambda r, k: (r - k * jnp.log(r)).sum(), lambda r, k: r - k, (0.2, 5.0), (0.0, 6.0), words="by ln r"
    ),
    "by what softplus takes": of_gradient(
        normal_nll,
        lambda x, s: -np.expm1(-s) * normal_nll_s(x, s),
        (-3.0, 3.0),
        (0.2, 4.0),
        argnum=1,
        words="ln(1 + e^ρ)",
    ),
    "by the logits of a softmax": of_gradient(
        lambda p, y: -(y * jnp.log(p)).sum(), lambda p, y: p * y.sum() - y, "simplex", (0.1, 2.0), words="by the logits"
    ),
    "by the precision": of_gradient(
        normal_nll, lambda x, s: -(s**3) / 2 * normal_nll_s(x, s), (-3.0, 3.0), (0.2, 4.0), argnum=1, words="by 1/s²"
    ),
    "the loss of a mean squared error's exponential": of_gradient(
        lambda a, E: ((a - E) ** 2).sum() / 2,
        lambda a, E: -(a - E) * np.exp(-((a - E) ** 2).sum() / 2),
        *((-1.5, 1.5),) * 2,
        words="e^−C",
    ),
    "a product's root": of_vjp(lambda x: x**2 + 1, lambda x, c: (c * x / np.sqrt(x**2 + 1),), (-3.0, 3.0), words="√fn"),
    "a sum's rows": of_vjp(
        lambda x: jnp.tanh(x).sum(0),
        lambda x, c: ((1 - np.tanh(x) ** 2) * c[:, None],),
        (-2.0, 2.0),
        shapes=((3, 3),),
        words="axis",
    ),
    "a cumulative sum the other way": of_vjp(
        lambda x: jnp.cumsum(x, axis=1),
        lambda x, c: (np.cumsum(c[::-1], axis=0)[::-1],),
        (-2.0, 2.0),
        shapes=((3, 4),),
        words="axis",
    ),
    "a mean taken along the other axis": of_gradient(
        lambda x: ((x - x.mean(0)) ** 2).sum(),
        lambda x: 2 * (x - x.mean(1, keepdims=True)),
        (-2.0, 2.0),
        shapes=((3, 4),),
        words="axis",
    ),
    "rows in a form": of_gradient(
        lambda x, A: ((x @ A) * x).sum(),
        lambda x, A: 2 * x @ A,
        *((-2.0, 2.0),) * 2,
        shapes=((2, 3), (3, 3)),
        words="symmetric",
    ),
    "a covariance": of_gradient(
        lambda A, x: jnp.trace(A @ A) / 2 + x @ A @ x,
        lambda A, x: (A + A.T) / 2 + np.outer(x, x),
        *((-2.0, 2.0),) * 2,
        shapes=((3, 3), (3,)),
        words="the symmetric part",
    ),
    "clipped probabilities": of_gradient(
        bernoulli_nll,
        lambda p, y: -y / np.maximum(p, 0.1) + (1 - y) / np.maximum(1 - p, 0.1),
        "unit",
        "closed_unit",
        words="floored at 0.1",
    ),
    "instance norm, detached": of_vjp(
        lambda x: (x - x.mean((1, 2), keepdims=True)) / jnp.sqrt(x.var((1, 2), keepdims=True) + 1e-3),
        lambda x, c: (c / np.sqrt(x.var((1, 2), keepdims=True) + 1e-3),),
        (-2.0, 2.0),
        shapes=((2, 2, 3),),
        words="statistics",
    ),
    "a norm layer in a loss, detached": of_gradient(
        lambda x, E: ((x - x.mean()) / jnp.sqrt(x.var() + 1e-3) * E).sum(),
        lambda x, E: E / np.sqrt(x.var() + 1e-3),
        *((-2.0, 2.0),) * 2,
        shapes=((5,), (5,)),
        words="held constant",
    ),
    "a weight's norm, detached": of_vjp(
        lambda v, g: g * v / jnp.sqrt((v**2).sum()),
        lambda v, g, c: (c * g / np.sqrt((v**2).sum()), np.array([(c * v).sum()]) / np.sqrt((v**2).sum())),
        (-2.0, 2.0),
        (0.5, 2.0),
        shapes=((4,), (1,)),
        words="held constant",
    ),
    "one too many in a mean": of_gradient(
        lambda a: (a**2).mean(), lambda a: 2 * a / (a.size + 1), (-3.0, 3.0), words="count"
    ),
}
