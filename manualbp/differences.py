"""σ(z) − E, and softmax's error, on NumPy's floats where the two terms nearly agree: in sums of two doubles.

Each term comes from an exponential whose last digit is rounded, and a difference of 1% of its terms makes a hundred of that error.
The exponential is therefore needed to more than 53 bits, as the sum of two doubles (T. J. Dekker, Numer. Math. 18, 1971). All
is scaled by 2^300, so that the smaller of two doubles is no subnormal. Only entries that cancel are computed anew. Where not even
2^−40 of the terms is left (z is as near to the root as floats come), 80 decimal digits do it, number by number.
"""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import wraps

import numpy as np

from manualbp.compensated import two_product, two_sum
from manualbp.special import is_numpy_float
from manualbp.types import Array

Double = tuple[Array, Array]  # hi + lo, lo at most half an ulp of hi

CANCELS = 0.5  # of the term with E: what is left has lost a bit or more
NEARLY_ALL = 2.0**-40
DIGITS = 80
SCALE = 300
LARGEST = 2.0**200  # scaled, its products are still far from the largest float
#: ln 2 in three parts, of which the first two have 42 bits, so that k times them is exact for |k| < 2048
LN2 = (0.6931471805598903, 5.49792301870721e-14, 1.1612227229362532e-26)
STEPS = 5  # e^s from e^(s/32), by squaring
FACTORIALS = [1 / math.factorial(k) for k in range(14)]


def corrected(by: Callable[..., Array]) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """On NumPy's floats the value f(z, …) is handed to `by(value, z, …)`; in every other arithmetic f runs as it stands."""

    def decorate(f: Callable[..., Array]) -> Callable[..., Array]:
        @wraps(f)
        def careful(z: Array, *others: Array) -> Array:
            value = f(z, *others)
            return by(value, z, *others) if is_numpy_float(z) else value

        return careful

    return decorate


def softmax(a: Array, z: Array) -> Array:
    """a with what was rounded off when the largest z was subtracted: e^(d + r) = e^d (1 + r), d + r exact."""
    with np.errstate(over="ignore", invalid="ignore"):
        _, rest = two_sum(z, -np.max(z, axis=-2, keepdims=True))
    a = a + a * np.where(np.isfinite(rest), rest, 0)
    return a / a.sum(axis=-2, keepdims=True)


def sigmoid_error(value: Array, z: Array, a: Array, E: Array) -> Array:
    """σ(z) − E: `value`, but where that cancels ((1 − E) e − E)/(1 + e) for z ≤ 0, (1 − E − E e)/(1 + e) for z > 0, e = e^−|z|."""
    wide = z.astype(np.float64)
    e = np.exp(-np.abs(wide))
    other = np.where(wide > 0, np.abs(1 - E), E) / (1 + e)
    cancels = (np.abs(value) < CANCELS * other) & (E.astype(np.float64) < LARGEST)
    if not cancels.any():
        return value
    wide, target, e = wide[cancels], E[cancels].astype(np.float64), e[cancels]
    right, rest = two_sum(np.ones_like(target), -target)  # 1 − E, exactly
    above = wide > 0
    with_e = np.where(above, -target, right), np.where(above, 0, rest)
    alone = np.where(above, -right, target), np.where(above, -rest, 0)
    term = product(exp_two(-np.abs(wide), np.zeros_like(wide)), with_e)
    left, left_rest = plus(term, (np.ldexp(-alone[0], SCALE), np.ldexp(-alone[1], SCALE)))
    error = np.ldexp((left + left_rest) / (1 + e), -SCALE)
    for k in np.flatnonzero(np.abs(error) < NEARLY_ALL * other[cancels]):
        error[k] = sigmoid_error_in_decimals(wide[k], target[k])
    value = value.copy()
    value[cancels] = error
    return value


def sigmoid_error_in_decimals(z: float, expected: float) -> float:
    with localcontext(prec=DIGITS):
        e, E = (-abs(Decimal(z))).exp(), Decimal(expected)
        return float(((1 - E) - E * e if z > 0 else (1 - E) * e - E) / (1 + e))


def softmax_error(value: Array, z: Array, a: Array, E: Array) -> Array:
    """(e_j Σ_{k≠j} E_k − E_j Σ_{k≠j} e_k)/Σ e_k with e = e^(z − max z): `value`, but in columns where some entry cancels."""
    n = E.shape[-2]
    from_others = E * ((1 - np.eye(n, dtype=a.dtype)) @ a)
    cancels = ((np.abs(value) < CANCELS * from_others) & (E.astype(np.float64) < LARGEST)).any(axis=-2)
    if not cancels.any():
        return value
    columns = np.moveaxis(z, -2, -1)[cancels].T.astype(np.float64)  # n outputs, one column for each sample that cancels
    targets = np.moveaxis(E, -2, -1)[cancels].T.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        e = exp_two(*two_sum(columns, -columns.max(axis=0)))
    target, minus_target = (targets, np.zeros_like(targets)), (-targets, np.zeros_like(targets))
    left, left_rest = plus(product(e, others(target)), product(others(e), minus_target))
    error = (left + left_rest) / e[0].sum(axis=0)
    nearly = np.abs(error) < NEARLY_ALL * np.moveaxis(from_others, -2, -1)[cancels].T
    for k in np.flatnonzero((nearly & (targets > 0)).any(axis=0)):
        error[:, k] = softmax_error_in_decimals(columns[:, k], targets[:, k])
    value = value.copy()
    np.moveaxis(value, -2, -1)[cancels] = error.T
    return value


def softmax_error_in_decimals(z: Array, expected: Array) -> list[float]:
    with localcontext(prec=DIGITS):
        E = [Decimal(float(v)) for v in expected]
        e = [(Decimal(float(v)) - Decimal(float(z.max()))).exp() for v in z]
        places = range(len(e))
        rest = [(sum(E[k] for k in places if k != j), sum(e[k] for k in places if k != j)) for j in places]
        return [float((e[j] * rest[j][0] - E[j] * rest[j][1]) / sum(e)) for j in places]


# sums of two doubles


def plus(x: Double, y: Double) -> Double:
    s, r = two_sum(x[0], y[0])
    return two_sum(s, r + (x[1] + y[1]))


def product(x: Double, y: Double) -> Double:
    p, r = two_product(x[0], y[0])
    return two_sum(p, r + (x[0] * y[1] + x[1] * y[0]))


def others(x: Double) -> Double:
    """Σ_{k≠j} x_k for each row j: the rows before it, and those after it."""
    n = len(x[0])
    nothing = np.zeros_like(x[0][0])
    before, after = [(nothing, nothing)], [(nothing, nothing)]
    for k in range(n - 1):
        before.append(plus(before[-1], (x[0][k], x[1][k])))
        after.append(plus(after[-1], (x[0][n - 1 - k], x[1][n - 1 - k])))
    sums = [plus(before[j], after[n - 1 - j]) for j in range(n)]
    return np.stack([s[0] for s in sums]), np.stack([s[1] for s in sums])


def exp_two(x: Array, rest: Array) -> Double:
    """2^300 e^(x + rest) for x ≤ 0, to about 2^−96, relatively; 0 below x = −800.

    x + rest = k ln 2 + 32 s; e^s − 1 by its series, whose first terms are sums of two doubles; then it is squared five times.
    """
    x, rest = np.maximum(x, -800.0), np.where(x > -800.0, rest, 0)
    k = np.rint(x / LN2[0])
    hi, lo = two_sum(x - k * LN2[0], -k * LN2[1])
    hi, lo = two_sum(hi, lo + (rest - k * LN2[2]))
    s = hi / 2**STEPS, lo / 2**STEPS
    tail = np.zeros_like(hi)
    for factorial in FACTORIALS[:5:-1]:
        tail = factorial + s[0] * tail
    series = tail, np.zeros_like(tail)
    for n in range(5, 0, -1):
        series = plus(inverse_factorial(n, tail), product(s, series))
    minus_one = product(s, series)
    for _ in range(STEPS):  # (1 + p)² = 1 + (2p + p²)
        minus_one = plus((2 * minus_one[0], 2 * minus_one[1]), product(minus_one, minus_one))
    one = np.ones_like(hi), np.zeros_like(hi)
    e = plus(one, minus_one)
    power = (k + SCALE).astype(int)
    return np.where(x > -800.0, np.ldexp(e[0], power), 0), np.where(x > -800.0, np.ldexp(e[1], power), 0)


def inverse_factorial(n: int, like: Array) -> Double:
    """1/n! as the sum of two doubles."""
    hi = FACTORIALS[n]
    numerator, rest = two_product(np.float64(hi), np.float64(math.factorial(n)))
    lo = ((1 - numerator) - rest) / math.factorial(n)
    return np.full_like(like, hi), np.full_like(like, lo)
