"""A wrong gradient of each known kind is named by its kind; the right one beside it is not diagnosed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest

from oracle.diagnosis import NOTHING_FITS

from ...sweeps import thinned

Array = Any
REAL, UNIT, POSITIVE = ("real", "real"), ("unit", "closed_unit"), ("positive", "positive")
TAU = 2.5


class Cost(NamedTuple):
    fn: Callable[..., Any]
    grad: Callable[..., Array]
    domains: tuple[Any, ...]
    shapes: Any = None


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def exponential(a: Array, E: Array) -> Array:
    return TAU * jnp.exp(jnp.sum((a - E) ** 2) / TAU)


QUADRATIC = Cost(lambda a, E: ((a - E) ** 2).sum() / 2, lambda a, E: a - E, REAL)
MEAN_SQUARED = Cost(lambda a, E: ((a - E) ** 2).mean(), lambda a, E: 2 * (a - E) / a.size, REAL)
CROSS_ENTROPY = Cost(
    lambda a, E: -(E * jnp.log(a) + (1 - E) * jnp.log1p(-a)).sum(), lambda a, E: (a - E) / (a * (1 - a)), UNIT
)
GENERALIZED_KL = Cost(lambda a, E: (E * jnp.log(E / a) - E + a).sum(), lambda a, E: (a - E) / a, POSITIVE)
EXPONENTIAL = Cost(
    exponential, lambda a, E: 2 * (a - E) * np.exp(np.sum((a - E) ** 2) / TAU), ((-1.5, 1.5), (-1.5, 1.5))
)
NEURON = Cost(
    lambda z, E: ((1 / (1 + jnp.exp(-z)) - E) ** 2).sum() / 2,
    lambda z, E: (sigmoid(z) - E) * sigmoid_prime(z),
    ((-9.0, 9.0), "closed_unit"),
)
TANH = Cost(lambda a: jnp.tanh(a).sum(), lambda a: 1 / np.cosh(a) ** 2, ((-9.0, 9.0),))
FORM = Cost(
    lambda a, E: (a @ a * E).sum(), lambda a, E: E @ a.T + a.T @ E, ((-2.0, 2.0), (-2.0, 2.0)), ((3, 3), (3, 3))
)
UNEVEN = Cost(lambda a, E: (a**2 * jnp.sin(E)).sum(), lambda a, E: 2 * a * np.sin(E), ((-3.0, 3.0), (-3.0, 3.0)))


def of(cost: Cost, change: Callable[[Array], Array]) -> Callable[..., Array]:
    """A change of the right result."""
    return lambda *args: change(cost.grad(*args))


def last(t: Array, value: Any) -> Array:
    out = t.copy()
    out[-1] = value
    return out


def swapped(t: Array) -> Array:
    out = t.copy()
    out[[0, -1]] = out[[-1, 0]]
    return out


def kept(cost: Cost) -> Callable[..., Array]:
    """The first result of each shape, at every call."""
    first: dict[tuple[int, ...], Array] = {}
    return lambda *args: first.setdefault(args[0].shape, cost.grad(*args)).copy()


def random(cost: Cost) -> Callable[..., Array]:
    rng = np.random.default_rng(0)
    return lambda *args: cost.grad(*args) + rng.normal(size=args[0].shape)


def in_float32(a: Array, E: Array) -> Array:
    a, E = a.astype(np.float32), E.astype(np.float32)
    return ((a - E) / (a * (1 - a))).astype(np.float64)


def clipped_argument(a: Array, E: Array) -> Array:
    a = np.maximum(a, 0.2)
    return (a - E) / (a * (1 - a))


KINDS: dict[str, tuple[Cost, Callable[..., Array], str]] = {
    "factor 2": (QUADRATIC, lambda a, E: 2 * (a - E), "It is 2 times the truth"),
    "factor ½": (QUADRATIC, lambda a, E: (a - E) / 2, "It is 1/2 times the truth"),
    "the sign": (QUADRATIC, lambda a, E: E - a, "the sign is wrong"),
    "factor √2": (CROSS_ENTROPY, of(CROSS_ENTROPY, lambda t: t * 2**0.5), "√2 times the truth"),
    "factor 1/π": (CROSS_ENTROPY, of(CROSS_ENTROPY, lambda t: t / np.pi), "1/π times the truth"),
    "factor τ": (EXPONENTIAL, of(EXPONENTIAL, lambda t: t * TAU), "TAU times the truth"),
    "factor 1.001": (QUADRATIC, lambda a, E: 1.001 * (a - E), "1.001 times the truth"),
    "one part in 1e12": (CROSS_ENTROPY, of(CROSS_ENTROPY, lambda t: t * (1 + 1e-12)), "times the truth"),
    "a mean for a sum": (QUADRATIC, of(QUADRATIC, lambda t: t / t.size), "1/n times the truth"),
    "a sum for a mean": (MEAN_SQUARED, lambda a, E: 2 * (a - E), "It is n times the truth"),
    "factor n²": (QUADRATIC, of(QUADRATIC, lambda t: t * t.size**2), "n² times the truth"),
    "the value missing": (EXPONENTIAL, lambda a, E: 2 * (a - E) / TAU, "1/C"),
    "a factor a": (GENERALIZED_KL, lambda a, E: a - E, "the truth times a"),
    "a missing 1": (GENERALIZED_KL, lambda a, E: -E / a, "a term 1 missing"),
    "an extra a": (QUADRATIC, lambda a, E: a - E + a, "a term a too many"),
    "weight decay": (QUADRATIC, lambda a, E: a - E + 1e-4 * a, "the truth plus 0.0001·a"),
    "an offset of 1e-9": (QUADRATIC, lambda a, E: a - E + 1e-9, "the truth plus 1e-09"),
    "half of cross-entropy": (CROSS_ENTROPY, lambda a, E: -E / a, "(1 − E)/(1 − a) missing"),
    "rolled": (CROSS_ENTROPY, of(CROSS_ENTROPY, lambda t: np.roll(t, 1)), "rolled by one"),
    "reversed": (CROSS_ENTROPY, of(CROSS_ENTROPY, lambda t: t[::-1].copy()), "reversed"),
    "a swapped pair": (QUADRATIC, of(QUADRATIC, swapped), "first and last component swapped"),
    "sorted": (QUADRATIC, of(QUADRATIC, np.sort), "sorted in ascending order"),
    "cumulative": (QUADRATIC, of(QUADRATIC, np.cumsum), "the cumulative sum of the truth"),
    "summed and spread": (CROSS_ENTROPY, of(CROSS_ENTROPY, lambda t: np.full_like(t, t.sum())), "the sum of the truth"),
    "centred": (QUADRATIC, of(QUADRATIC, lambda t: t - t.mean()), "the truth less its mean"),
    "transposed": (FORM, of(FORM, lambda t: t.T.copy()), "the truth transposed"),
    "rows for columns": (FORM, of(FORM, lambda t: np.roll(t, 1, axis=0)), "rows rolled by one"),
    "arguments exchanged": (UNEVEN, lambda a, E: 2 * E * np.sin(a), "a and E swapped is right"),
    "by the other argument": (UNEVEN, lambda a, E: a**2 * np.cos(E), "the derivative with respect to E"),
    "at 2a": (UNEVEN, lambda a, E: 2 * a * np.sin(E / 2), "the derivative at E/2"),
    "labels rolled": (UNEVEN, lambda a, E: 2 * a * np.sin(np.roll(E, 1)), "at E rolled by one"),
    "another cost": (CROSS_ENTROPY, lambda a, E: a - E, "the derivative of the quadratic cost"),
    "Huber": (QUADRATIC, lambda a, E: np.clip(a - E, -1, 1), "the derivative of the huber cost"),
    "log cosh": (QUADRATIC, lambda a, E: np.tanh(a - E), "the derivative of the log cosh cost"),
    "another activation": (TANH, lambda a: sigmoid_prime(a), "the derivative of sigmoid"),
    "σ for σ′": (TANH, np.tanh, "the value, not the derivative, of tanh"),
    "σ′ missing": (NEURON, lambda z, E: sigmoid(z) - E, "σ′(z) is missing"),
    "σ′ at a": (NEURON, lambda z, E: (sigmoid(z) - E) * sigmoid_prime(sigmoid(z)), "σ′ is taken at a = σ(z)"),
    "a(1 − a) of z": (NEURON, lambda z, E: (sigmoid(z) - E) * z * (1 - z), "with z in the place of a = σ(z)"),
    "ε below": (CROSS_ENTROPY, lambda a, E: (a - E) / (a * (1 - a) + 1e-8), "1e-08 is added to a denominator a(1 − a)"),
    "ε in one logarithm": (
        CROSS_ENTROPY,
        lambda a, E: -E / (a + 1e-7) + (1 - E) / (1 - a),
        "1e-07 is added to the denominator a",
    ),
    "ε in both": (
        CROSS_ENTROPY,
        lambda a, E: -E / (a + 1e-7) + (1 - E) / (1 - a + 1e-7),
        "1e-07 is added to the arguments of both logarithms",
    ),
    "the gradient clipped": (CROSS_ENTROPY, of(CROSS_ENTROPY, lambda t: np.clip(t, -5, 5)), "clipped to ±5"),
    "the norm clipped": (
        QUADRATIC,
        of(QUADRATIC, lambda t: t * min(1.0, 3 / max(float(np.sqrt(np.sum(t * t))), 1e-9))),
        "norm of at most 3",
    ),
    "the argument clipped": (CROSS_ENTROPY, clipped_argument, "a < 0.2; there it does not change with a"),
    "float32": (CROSS_ENTROPY, in_float32, "float32"),
    "a float32 argument": (
        CROSS_ENTROPY,
        lambda a, E: (a.astype(np.float32).astype(np.float64) - E) / (a * (1 - a)),
        "a float32 intermediate",
    ),
    "printed": (UNEVEN, of(UNEVEN, lambda t: np.round(t, 6)), "rounded to 6 decimal places"),
    "the absolute value": (CROSS_ENTROPY, of(CROSS_ENTROPY, np.abs), "sign(a − E)"),
    "zero": (QUADRATIC, lambda a, E: 0 * a, "It is 0 everywhere"),
    "kept": (QUADRATIC, kept(QUADRATIC), "the same at every point of one shape"),
    "random": (QUADRATIC, random(QUADRATIC), "answers otherwise the second time"),
    "mutation": (QUADRATIC, lambda a, E: np.subtract(a, E, out=a), "changes its argument 0"),
    "the last ignored": (QUADRATIC, of(QUADRATIC, lambda t: last(t, 0.0)), "right except in the last component"),
    "one component": (
        QUADRATIC,
        of(QUADRATIC, lambda t: np.where(np.arange(t.size) == 2, 3 * t, t)),
        "right except in component 2; there it is 3 times",
    ),
    "all but one": (
        QUADRATIC,
        of(QUADRATIC, lambda t: np.where(np.arange(t.size) == 0, t, 2 * t)),
        "right only in the first component; elsewhere it is 2 times",
    ),
    "from length 9 on": (QUADRATIC, of(QUADRATIC, lambda t: t * (1 + (t.size >= 9))), "from length 9 on"),
    "odd lengths": (QUADRATIC, of(QUADRATIC, lambda t: t * (1 + t.size % 2)), "at odd lengths"),
    "one length": (QUADRATIC, of(QUADRATIC, lambda t: t * (1 + (t.size == 7))), "at length 7"),
    "a remainder": (
        QUADRATIC,
        of(QUADRATIC, lambda t: np.where(np.arange(t.size) >= t.size // 4 * 4, 0 * t, t)),
        "left over after blocks of 4",
    ),
    "a region": (QUADRATIC, lambda a, E: np.where(a < 0.3, 2, 1) * (a - E), "where a < 0.3; there it is 2 times"),
    "a distance": (UNEVEN, lambda a, E: np.where(abs(a - E) > 0.75, 2, 1) * 2 * a * np.sin(E), "|a − E| > 0.75"),
    "two ends": (
        QUADRATIC,
        lambda a, E: np.where((a > 0.5) & (a < 1.5), 2, 1) * (a - E),
        "where 0.5 < a < 1.5; there it is 2 times",
    ),
    "a sum": (QUADRATIC, lambda a, E: (a - E) * (1 + (a.sum() > 1)), "the sum of a > 1"),
    "ties": (QUADRATIC, lambda a, E: np.where(a == E, 1.0, a - E), "where a = E; there it is 1"),
    "at zero": (CROSS_ENTROPY, lambda a, E: np.where(E == 0, 0.0, (a - E) / (a * (1 - a))), "where E = 0"),
    "NaN": (QUADRATIC, lambda a, E: np.where(a == E, np.nan, a - E), "NaN where a = E"),
    "overflow": (QUADRATIC, lambda a, E: np.where(a > 700, np.inf, a - E), "infinite where a > 700"),
}


@pytest.mark.costly
@pytest.mark.parametrize("kind", thinned(KINDS, 3))
def test_each_kind_is_named(kind, sentences):
    cost, wrong, words = KINDS[kind]
    found = sentences(cost.fn, wrong, cost.domains, shapes=cost.shapes, examples=40)
    assert any(words in sentence for sentence in found), found
    assert NOTHING_FITS not in found


@pytest.mark.parametrize(
    "cost",
    [QUADRATIC, MEAN_SQUARED, CROSS_ENTROPY, GENERALIZED_KL, EXPONENTIAL, FORM, UNEVEN],
    ids=["quadratic", "mse", "cross-entropy", "kl", "exponential", "form", "uneven"],
)
def test_a_right_gradient_is_not_diagnosed(cost, sentences):
    assert sentences(cost.fn, cost.grad, cost.domains, shapes=cost.shapes) == []


def test_there_are_distinct_kinds_enough():
    assert len(KINDS) >= 30
    assert len({words for _, _, words in KINDS.values()}) == len(KINDS)
