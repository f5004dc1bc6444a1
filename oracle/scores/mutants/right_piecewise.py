"""Right gradients of functions written piece by piece, some with a branch that is never taken and would be NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import pair_sum
from oracle.scores.mutants.right_kinks import each

Array = Any


def squared_log(a: Array) -> Array:
    """Σ a² ln a for a > 0, else 0; the branch that is not taken is NaN."""
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a * a * xp.log(a), xp.zeros_like(a)))


def squared_log_prime(a: Array) -> Array:
    safe = np.where(a > 0, a, 1)
    return np.where(a > 0, a * (2 * np.log(safe) + 1), 0)


def cube_root_cubed(a: Array) -> Array:
    """Σ a^(3/2) for a > 0, else a²; √ of a negative number is not taken."""
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a * xp.sqrt(a), a * a))


def late_square(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 3, (a - 3) ** 2, xp.zeros_like(a)))


def smoothstep(a: Array) -> Array:
    """0, then a²(3 − 2a), then 1."""
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a <= 0, xp.zeros_like(a), xp.where(a >= 1, xp.ones_like(a), a * a * (3 - 2 * a))))


def small_huber(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    r = a - E
    return xp.sum(xp.where(xp.abs(r) < 1e-3, r * r / 2e-3, xp.abs(r) - 5e-4))


def small_huber_formula(m: Any, x: Any, y: Any) -> Any:
    d = m.mpf(1e-3)
    return (x - y) ** 2 / m.mpf(2e-3) if abs(x - y) < d else abs(x - y) - m.mpf(5e-4)


def masked(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(E > 0.5, (a - E) ** 2, xp.zeros_like(a)))


def divided(a: Array, E: Array) -> Array:
    """Σ a/E where E is not 0, else 0."""
    xp = a.__array_namespace__()
    return xp.sum(xp.where(E != 0, a / xp.where(E != 0, E, xp.ones_like(E)), xp.zeros_like(a)))


def tukey(a: Array) -> Array:
    """Tukey's biweight: (1 − (1 − a²)³)/6 inside, 1/6 outside."""
    xp = a.__array_namespace__()
    inside = xp.minimum(a * a, xp.ones_like(a))
    return xp.sum(1 - (1 - inside) ** 3) / 6


def quadratic_then_log(a: Array) -> Array:
    xp = a.__array_namespace__()
    size = xp.maximum(xp.abs(a), xp.ones_like(a))
    return xp.sum(xp.where(xp.abs(a) <= 1, a * a / 2, 0.5 + xp.log(size)))


def horner(a: Array) -> Array:
    """1 + 2a + 3a² + 4a³, in a Python loop."""
    total = 0 * a
    for coefficient in (4.0, 3.0, 2.0, 1.0):
        total = total * a + coefficient
    return a.__array_namespace__().sum(total)


def selected(a: Array) -> Array:
    """jax.numpy.select over three pieces of a C¹ spline."""
    import jax.numpy as jnp

    return jnp.sum(jnp.select([a < -1, a > 1], [-2 * a - 1, 2 * a - 1], a * a))


def pieces(m: Any, x: Any) -> Any:
    return abs(2 * x) - 1 if abs(x) > 1 else x * x


SQUARED_LOG = right(
    "squared_log",
    "where: an untaken branch is NaN",
    ((-1e3, 1e3),),
    squared_log,
    squared_log_prime,
    each(lambda m, x: x * x * m.log(x) if x > 0 else m.mpf(0)),
    note="jax.grad is NaN for a ≤ 0",
)
ROOT = right(
    "power_three_halves",
    "where: an untaken branch is NaN",
    ((-1e3, 1e3),),
    cube_root_cubed,
    lambda a: np.where(a > 0, 1.5 * np.sqrt(np.abs(a)), 2 * a),
    each(lambda m, x: m.sqrt(x) ** 3 if x > 0 else x * x),
)
LATE = right(
    "square_beyond_three",
    "piecewise: far from 0",
    ("real",),
    late_square,
    lambda a: 2 * np.maximum(a - 3, 0),
    each(lambda m, x: (x - 3) ** 2 if x > 3 else m.mpf(0)),
)
SMOOTHSTEP = right(
    "smoothstep",
    "piecewise",
    ((-10, 10),),
    smoothstep,
    lambda a: np.where((a > 0) & (a < 1), 6 * a * (1 - a), 0),
    each(lambda m, x: x**2 * (3 - 2 * x) if 0 < x < 1 else m.mpf(int(x >= 1))),
)
SMALL_HUBER = right(
    "huber_at_a_thousandth",
    "piecewise: near 0",
    ((-10, 10), (-10, 10)),
    small_huber,
    lambda a, E: np.where(np.abs(a - E) < 1e-3, (a - E) / 1e-3, np.sign(a - E)),
    pair_sum(small_huber_formula),
)
MASKED = right(
    "masked",
    "where: by the other argument",
    ((-100, 100), "closed_unit"),
    masked,
    lambda a, E: np.where(E > 0.5, 2 * (a - E), 0),
    pair_sum(lambda m, x, y: (x - y) ** 2 if 2 * y > 1 else m.mpf(0)),
)
DIVIDED = right(
    "safe_division",
    "where: by the other argument",
    ((-100, 100), (-100, 100)),
    divided,
    lambda a, E: np.where(E != 0, 1 / np.where(E != 0, E, 1), 0),
    pair_sum(lambda m, x, y: x / y if y else m.mpf(0)),
)
CUBED_ABS = right(
    "cubed_abs",
    "tie of a smooth function",
    ((-1e50, 1e50),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().abs(a) ** 3),
    lambda a: 3 * a * np.abs(a),
    each(lambda m, x: abs(x) * x * x),
)
TUKEY = right(
    "tukey",
    "piecewise: flat outside",
    ((-10, 10),),
    tukey,
    lambda a: np.where(np.abs(a) < 1, a * ((1 - a) * (1 + a)) ** 2, 0),
    each(lambda m, x: (1 - (1 - min(x * x, m.mpf(1))) ** 3) / 6),
)
THEN_LOG = right(
    "quadratic_then_log",
    "piecewise",
    ("real",),
    quadratic_then_log,
    lambda a: np.where(np.abs(a) <= 1, a, 1 / np.where(np.abs(a) <= 1, 1, a)),
    each(lambda m, x: x * x / 2 if abs(x) <= 1 else m.mpf(1) / 2 + m.log(abs(x))),
)
HORNER = right(
    "horner",
    "cancelling",
    ((-10, 10),),
    horner,
    lambda a: 2 + a * (6 + a * 12),
    each(lambda m, x: 1 + 2 * x + 3 * x**2 + 4 * x**3),
)
SELECTED = right(
    "selected_pieces",
    "piecewise",
    ((-10, 10),),
    selected,
    lambda a: 2 * np.minimum(np.maximum(a, -1), 1),
    each(pieces),
)

SUBJECTS: tuple[Subject, ...] = (
    SQUARED_LOG,
    ROOT,
    LATE,
    SMOOTHSTEP,
    SMALL_HUBER,
    MASKED,
    DIVIDED,
    CUBED_ABS,
    TUKEY,
    THEN_LOG,
    HORNER,
    SELECTED,
)
