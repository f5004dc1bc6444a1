"""Right gradients of functions with kinks, in several conventions, and of smooth functions written with kinked ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.mutants.record import Subject, right
from oracle.mutants.right_costs import logistic, pair_sum, sigmoid

Array = Any

SLOPE = 0.01
TAU = 0.3


def l1(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.abs(a - E))


def relu(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(a, xp.zeros_like(a)))


def leaky(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a, SLOPE * a))


def elu(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a, xp.expm1(xp.minimum(a, xp.zeros_like(a)))))


def elu_steep(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a, 1.6732632423543772 * xp.expm1(xp.minimum(a, xp.zeros_like(a)))))


def greatest(a: Array) -> Array:
    return a.__array_namespace__().max(a)


def ties_averaged(a: Array) -> Array:
    tied = a == np.max(a)
    return tied / np.sum(tied)


def least_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[a.size - 1 - np.argmin(a[::-1])] = 1
    return out


def spread(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.max(a) - xp.min(a)


def spread_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[np.argmax(a)] += 1
    out[np.argmin(a)] -= 1
    return out


def top_two(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.sort(a)[-2:])


def top_two_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[np.argsort(a, kind="stable")[-2:]] = 1
    return out


def by_rank(a: Array) -> Array:
    """Σ i·a₍ᵢ₎ over the sorted entries."""
    xp = a.__array_namespace__()
    return xp.sum(xp.sort(a) * xp.arange(1, a.shape[0] + 1))


def by_rank_prime(a: Array) -> Array:
    out = np.empty(a.shape)
    out[np.argsort(a, kind="stable")] = np.arange(1, a.size + 1)
    return out


def pinball(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    r = E - a
    return xp.sum(xp.maximum(TAU * r, (TAU - 1) * r))


def hinge(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(1 - E * a, xp.zeros_like(a)))


def multiclass_hinge(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.max(a + 1 - E) - xp.sum(E * a)


def multiclass_hinge_prime(a: Array, E: Array) -> Array:
    out = -E
    out[np.argmax(a + 1 - E)] += 1
    return out


def insensitive(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(xp.abs(a - E) - 0.5, xp.zeros_like(a)))


def huber(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    r = xp.abs(a - E)
    near = xp.minimum(r, xp.ones_like(r))
    return xp.sum(near * (r - near / 2))


def l_infinity(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.max(xp.abs(a))


def l_infinity_prime(a: Array) -> Array:
    k = np.argmax(np.abs(a))
    return np.where(np.arange(a.size) == k, np.sign(a[k]), 0.0)


def total_variation(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.abs(a[1:] - a[:-1]))


def total_variation_prime(a: Array) -> Array:
    steps = np.sign(np.diff(a))
    return np.concatenate([[0.0], steps]) - np.concatenate([steps, [0.0]])


def smaller(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.minimum(a, E))


def weighted_l1(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.abs(a * E))


def squared_relu(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(a, xp.zeros_like(a)) ** 2)


def softplus(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.log1p(xp.exp(-xp.abs(a))) + xp.maximum(a, xp.zeros_like(a)))


def norm(a: Array) -> Array:
    """√Σa², scaled by the greatest entry, and 0 at 0 without a 0/0."""
    xp = a.__array_namespace__()
    big = xp.max(xp.abs(a))
    scale = xp.where(big > 0, big, xp.ones_like(big))
    squares = xp.sum((a / scale) ** 2)
    return xp.where(big > 0, scale * xp.sqrt(xp.where(big > 0, squares, xp.ones_like(big))), xp.zeros_like(big))


def norm_prime(a: Array) -> Array:
    scale = np.max(np.abs(a))
    if scale == 0:
        return np.zeros(a.shape)
    unit = a / scale
    return unit / np.sqrt(np.sum(unit * unit))


def middle(m: Any, a: Any) -> Any:
    ordered = sorted(a)
    return ordered[len(a) // 2]


def median(a: Array) -> Array:
    """The middle entry of an odd number."""
    return a.__array_namespace__().sort(a)[a.shape[0] // 2]


def median_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[np.argsort(a, kind="stable")[a.size // 2]] = 1
    return out


def each(f: Any) -> Any:
    """The formula Σ f(m, a_j)."""
    return lambda m, a: m.fsum(f(m, x) for x in a.flat)


def huber_formula(m: Any, x: Any, y: Any) -> Any:
    return (x - y) ** 2 / 2 if abs(x - y) <= 1 else abs(x - y) - m.mpf(1) / 2


ABS_OF = pair_sum(lambda m, x, y: abs(x - y))

L1 = right("l1_sign", "kink: sign(0) = 0", ("real", "real"), l1, lambda a, E: np.sign(a - E), ABS_OF)
L1_RIGHT = right("l1_from_the_right", "kink", ("real", "real"), l1, lambda a, E: np.where(a >= E, 1.0, -1.0), ABS_OF)
RELU = right(
    "relu_left",
    "kink: relu'(0) = 0",
    ("real",),
    relu,
    lambda a: np.where(a > 0, 1.0, 0.0),
    each(lambda m, x: x if x > 0 else m.mpf(0)),
)
RELU_RIGHT = right("relu_right", "kink: relu'(0) = 1", ("real",), relu, lambda a: (a >= 0) * 1.0, RELU.truth.value)
RELU_HALF = right("relu_half", "kink: relu'(0) = ½", ("real",), relu, lambda a: np.heaviside(a, 0.5), RELU.truth.value)
LEAKY = right(
    "leaky_relu",
    "kink",
    ("real",),
    leaky,
    lambda a: np.where(a > 0, 1, SLOPE),
    each(lambda m, x: x if x > 0 else m.mpf(SLOPE) * x),
)
ELU = right(
    "elu",
    "tie of a smooth function",
    ("real",),
    elu,
    lambda a: np.where(a > 0, 1, np.exp(np.minimum(a, 0))),
    each(lambda m, x: x if x > 0 else m.exp(x) - 1),
)
ELU_STEEP = right(
    "elu_steep",
    "kink: selu without its scale",
    ("real",),
    elu_steep,
    lambda a: np.where(a > 0, 1, 1.6732632423543772 * np.exp(np.minimum(a, 0))),
    each(lambda m, x: x if x > 0 else m.mpf(1.6732632423543772) * (m.exp(x) - 1)),
)
MAX = right(
    "max_first",
    "kink: the first of the greatest",
    ("real",),
    greatest,
    lambda a: (np.arange(a.size) == np.argmax(a)) * 1.0,
    lambda m, a: max(a),
)
MAX_TIES = right("max_averaged", "kink: ties averaged", ("real",), greatest, ties_averaged, MAX.truth.value)
MIN_LAST = right(
    "min_last",
    "kink: the last of the least",
    ("real",),
    lambda a: a.__array_namespace__().min(a),
    least_prime,
    lambda m, a: min(a),
)
SPREAD = right("spread", "kink", ("real",), spread, spread_prime, lambda m, a: max(a) - min(a))
TOP_TWO = right(
    "top_two", "sorting", ("real",), top_two, top_two_prime, lambda m, a: m.fsum(sorted(a)[-2:]), lengths=(2, 40)
)
BY_RANK = right(
    "weights_by_rank",
    "sorting",
    ("real",),
    by_rank,
    by_rank_prime,
    lambda m, a: m.fsum((i + 1) * x for i, x in enumerate(sorted(a))),
)
MEDIAN = right(
    "median_of_three", "sorting: a kink that is not convex", ("real",), median, median_prime, middle, shapes=((3,),)
)
PINBALL = right(
    "pinball",
    "kink",
    ("real", "real"),
    pinball,
    lambda a, E: np.where(a > E, 1 - TAU, -TAU),
    pair_sum(lambda m, x, y: m.mpf(TAU) * (y - x) if y > x else m.mpf(TAU - 1) * (y - x)),
)
HINGE = right(
    "hinge",
    "kink",
    ("real", "sign"),
    hinge,
    lambda a, E: np.where(E * a < 1, -E, 0.0),
    pair_sum(lambda m, x, y: 1 - x * y if x * y < 1 else m.mpf(0)),
)
MULTICLASS_HINGE = right(
    "multiclass_hinge",
    "kink",
    ((-10, 10), "one_hot"),
    multiclass_hinge,
    multiclass_hinge_prime,
    lambda m, a, E: max(x + (0 if y else 1) for x, y in zip(a, E, strict=True)) - m.fsum(a * E),
)
INSENSITIVE = right(
    "insensitive",
    "kink",
    ("real", "real"),
    insensitive,
    lambda a, E: np.where(np.abs(a - E) > 0.5, np.sign(a - E), 0.0),
    pair_sum(lambda m, x, y: abs(x - y) - m.mpf(1) / 2 if 2 * abs(x - y) > 1 else m.mpf(0)),
)
HUBER = right(
    "huber",
    "piecewise",
    ("real", "real"),
    huber,
    lambda a, E: np.minimum(np.maximum(a - E, -1), 1),
    pair_sum(huber_formula),
)
L_INFINITY = right("l_infinity", "kink", ("real",), l_infinity, l_infinity_prime, lambda m, a: max(abs(x) for x in a))
TOTAL_VARIATION = right(
    "total_variation",
    "kink",
    ("real",),
    total_variation,
    total_variation_prime,
    lambda m, a: m.fsum(abs(a[i] - a[i + 1]) for i in range(len(a) - 1)),
)
SMALLER = right(
    "smaller_of_two",
    "kink",
    ("real", "real"),
    smaller,
    lambda a, E: np.where(a < E, 1.0, 0.0),
    pair_sum(lambda m, x, y: min(x, y)),
)
WEIGHTED_L1 = right(
    "weighted_l1",
    "kink",
    ("real", "real"),
    weighted_l1,
    lambda a, E: np.sign(a) * np.abs(E),
    pair_sum(lambda m, x, y: abs(x) * abs(y)),
)
SQUARED_RELU = right(
    "squared_relu",
    "piecewise",
    ("real",),
    squared_relu,
    lambda a: 2 * np.maximum(a, 0),
    each(lambda m, x: x * x if x > 0 else m.mpf(0)),
)
SOFTPLUS = right(
    "softplus_with_max_and_abs",
    "tie of a smooth function",
    ("real",),
    softplus,
    sigmoid,
    each(lambda m, x: m.log(1 + m.exp(-abs(x))) + (x if x > 0 else 0)),
    note="autodiff says 0 at 0, the derivative is ½",
)
SILU = right(
    "silu",
    "smooth",
    ((-300, 300),),
    lambda a: a.__array_namespace__().sum(a / (1 + a.__array_namespace__().exp(-a))),
    lambda a: sigmoid(a) * (1 + a * sigmoid(-a)),
    each(lambda m, x: x * logistic(m, x)),
)
NORM = right(
    "norm",
    "kink: 0 at the origin",
    ("real",),
    norm,
    norm_prime,
    lambda m, a: m.sqrt(m.fsum(x * x for x in a)),
)

SUBJECTS: tuple[Subject, ...] = (
    L1,
    L1_RIGHT,
    RELU,
    RELU_RIGHT,
    RELU_HALF,
    LEAKY,
    ELU,
    ELU_STEEP,
    MAX,
    MAX_TIES,
    MIN_LAST,
    SPREAD,
    TOP_TWO,
    BY_RANK,
    MEDIAN,
    PINBALL,
    HINGE,
    MULTICLASS_HINGE,
    INSENSITIVE,
    HUBER,
    L_INFINITY,
    TOTAL_VARIATION,
    SMALLER,
    WEIGHTED_L1,
    SQUARED_RELU,
    SOFTPLUS,
    SILU,
    NORM,
)
