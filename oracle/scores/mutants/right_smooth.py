"""Right gradients of smooth functions; some cancel in the function, not in the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import logistic, pair_sum, sigmoid
from oracle.scores.mutants.right_kinks import each

Array = Any


def summed(name: str) -> Any:
    """a → Σ name(a)."""

    def fn(a: Array) -> Array:
        xp = a.__array_namespace__()
        return xp.sum(getattr(xp, name)(a))

    return fn


def variance(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.mean((a - xp.mean(a)) ** 2)


def variance_formula(m: Any, a: Any) -> Any:
    return m.fsum(x * x for x in a) / len(a) - (m.fsum(a) / len(a)) ** 2


def power(a: Array, E: Array) -> Array:
    return a.__array_namespace__().sum(a**E)


def product(a: Array) -> Array:
    return a.__array_namespace__().prod(a)


def product_formula(m: Any, a: Any) -> Any:
    out = m.mpf(1)
    for x in a:
        out *= x
    return out


def entropy_like(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(a * xp.log(a))


def focal(a: Array) -> Array:
    xp = a.__array_namespace__()
    return -xp.sum((1 - a) ** 2 * xp.log(a))


FOCAL = right(
    "focal",
    "cost",
    ("unit",),
    focal,
    lambda a: (1 - a) * (2 * np.log(a) - (1 - a) / a),
    lambda m, a: -m.fsum((1 - x) ** 2 * m.log(x) for x in a),
)
ONE_MINUS_COS = right(
    "one_minus_cos",
    "cancelling in fn",
    ((-100, 100),),
    lambda a: a.__array_namespace__().sum(1 - a.__array_namespace__().cos(a)),
    lambda a: np.sin(a),
    each(lambda m, x: 2 * m.sin(x / 2) ** 2),
)


EXPM1 = right(
    "expm1_minus_a",
    "cancelling in fn",
    ((-30, 30),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().expm1(a) - a),
    lambda a: np.expm1(a),
    each(lambda m, x: m.exp(x) - 1 - x),
)


LOG1P = right(
    "one_plus_a_log",
    "cancelling in fn",
    ((-1, 1e3),),
    lambda a: a.__array_namespace__().sum((1 + a) * a.__array_namespace__().log1p(a) - a),
    lambda a: np.log1p(a),
    each(lambda m, x: (1 + x) * m.log(1 + x) - x),
)


HYPERBOLA = right(
    "hyperbola",
    "cancelling in fn",
    ((-1e100, 1e100),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().sqrt(1 + a * a) - 1),
    lambda a: a / np.sqrt(1 + a * a),
    each(lambda m, x: m.sqrt(1 + x**2) - 1),
)


VARIANCE = right(
    "variance",
    "cancelling",
    ((-1e6, 1e6),),
    variance,
    lambda a: 2 * (a - np.mean(a)) / a.size,
    variance_formula,
    lengths=(1, 129),
)


ENTROPY = right(
    "a_log_a",
    "cancelling near 1/e",
    ("positive",),
    entropy_like,
    lambda a: np.log(a) + 1,
    each(lambda m, x: x * m.log(x)),
)


RECIPROCAL = right(
    "reciprocal",
    "badly scaled",
    ("positive",),
    lambda a: a.__array_namespace__().sum(1 / a),
    lambda a: -1 / a / a,
    each(lambda m, x: 1 / x),
)


POWER = right(
    "power",
    "smooth",
    ((0.1, 10), (-3, 3)),
    power,
    lambda a, E: E * a ** (E - 1),
    pair_sum(lambda m, x, y: m.exp(y * m.log(x))),
)


POWER_E = right(
    "power_of_E",
    "smooth: argument 1",
    ((0.1, 10), (-3, 3)),
    power,
    lambda a, E: a**E * np.log(a),
    pair_sum(lambda m, x, y: m.exp(y * m.log(x))),
    argnum=1,
)


ARCTAN = right(
    "arctan",
    "flat",
    ((-1e100, 1e100),),
    summed("atan"),
    lambda a: 1 / (1 + a * a),
    each(lambda m, x: m.atan(x)),
)


TANH = right(
    "tanh",
    "flat",
    ((-300, 300),),
    summed("tanh"),
    lambda a: 4 * sigmoid(2 * a) * sigmoid(-2 * a),
    each(lambda m, x: m.tanh(x)),
    note="keeps its digits at saturation",
)


SIGMOID = right(
    "sigmoid",
    "flat",
    ((-300, 300),),
    lambda a: a.__array_namespace__().sum(1 / (1 + a.__array_namespace__().exp(-a))),
    lambda a: sigmoid(a) * sigmoid(-a),
    each(logistic),
    note="keeps its digits at saturation",
)


PRODUCT = right(
    "product",
    "smooth",
    ((0.5, 2),),
    product,
    lambda a: np.prod(a) / a,
    product_formula,
)


SINC = right(
    "sine_over_a",
    "smooth",
    ((1, 50),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().sin(a) / a),
    lambda a: (np.cos(a) - np.sin(a) / a) / a,
    each(lambda m, x: m.sin(x) / x),
)


COMPLEX_STEP = right(
    "complex_step",
    "opaque: a complex step of 1e-30",
    ((-5, 5),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().exp(a) * a.__array_namespace__().sin(a)),
    lambda a: np.imag(np.exp(a + 1e-30j) * np.sin(a + 1e-30j)) / 1e-30,
    each(lambda m, x: m.exp(x) * m.sin(x)),
)

SUBJECTS: tuple[Subject, ...] = (
    FOCAL,
    ONE_MINUS_COS,
    EXPM1,
    LOG1P,
    HYPERBOLA,
    VARIANCE,
    ENTROPY,
    RECIPROCAL,
    POWER,
    POWER_E,
    ARCTAN,
    TANH,
    SIGMOID,
    PRODUCT,
    SINC,
    COMPLEX_STEP,
)
