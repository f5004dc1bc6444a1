"""The Gaussian's relatives in float64, where plain formulas would lose digits: errors of a few eps at every magnitude.

exp(−x) multiplies the relative error of x by x, so an exponent near 700 is needed to more than 53 bits: it is carried
as the sum of two doubles (T. J. Dekker, Numer. Math. 18, 1971). Arguments are float64 arrays of finite numbers.
"""

import numpy as np

from manualbp import coefficients
from manualbp.types import Array

SPLITTER = 2.0**27 + 1
BEYOND_GAUSS = 40.0  # exp(−40²/2) and
BEYOND_CUBIC = 30.0  # exp(−1900) vanish even when multiplied by the largest float


def two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """(p, r): p = fl(a·b) and p + r = a·b exactly (Dekker), for |a|, |b| < 2^500."""
    a_hi, a_lo = split(a)
    b_hi, b_lo = split(b)
    p = a * b
    return p, ((a_hi * b_hi - p) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo


def split(a: Array) -> tuple[Array, Array]:
    """Two halves of at most 26 bits each, so that products of halves are exact (Veltkamp)."""
    c = SPLITTER * a
    hi = c - (c - a)
    return hi, a - hi


def exp_minus(hi: Array, lo: Array) -> Array:
    """exp(−(hi + lo)), lo ≪ 1."""
    e = np.exp(-hi)
    return e - e * lo


def erfcx(x: Array) -> Array:
    """exp(x²) erfc(x) for x ≥ 0, by one Chebyshev series in t = (x − K)/(x + K).

    Source: M. M. Shepherd, J. G. Laframboise, Math. Comp. 36 (1981), 249–253; coefficients by `oracle.scores.coefficients`.
    """
    t = (x - coefficients.ERFCX_CENTRE) / (x + coefficients.ERFCX_CENTRE)
    b, b_after = np.zeros_like(t), np.zeros_like(t)
    for c in coefficients.ERFCX_CHEBYSHEV[:0:-1]:  # Clenshaw
        b, b_after = c + 2 * t * b - b_after, b
    return (coefficients.ERFCX_CHEBYSHEV[0] + t * b - b_after) / (1 + 2 * x)


def erfc(x: Array) -> Array:
    """exp(−x²) erfcx(x) for x > 0, 2 − erfc(−x) for x ≤ 0."""
    size = np.minimum(np.abs(x), BEYOND_GAUSS)
    tail = exp_minus(*two_product(size, size)) * erfcx(size)
    return np.where(x > 0, tail, 2 - tail)


def half_gauss_and_mills(z: Array) -> tuple[Array, Array]:
    """(h, m) with Φ(−|z|) = h² m: h = exp(−z²/4), m = ½ erfcx(|z|/√2).

    h² alone may be subnormal where z h² is not, so the two factors stay apart.
    """
    size = np.minimum(np.abs(z), BEYOND_GAUSS)
    square, rest = two_product(size, size)
    return exp_minus(square / 4, rest / 4), erfcx(size / np.sqrt(2)) / 2


def gelu(z: Array) -> Array:
    """z Φ(z), with Φ(z) = 1 − Φ(−z) for z > 0."""
    h, m = half_gauss_and_mills(z)
    tail = z * h * m * h
    return np.where(z > 0, z - tail, tail)


def gelu_prime(z: Array) -> Array:
    """Φ(z) + z φ(z), with φ(z) = h²/√(2π)."""
    h, m = half_gauss_and_mills(z)
    slope = h * (z / np.sqrt(2 * np.pi))
    formula = np.where(z > 0, 1 - h * (h * m - slope), h * (h * m + slope))
    return near_root(z, coefficients.GELU_PRIME_ROOT, formula)


def gelu_tanh(z: Array) -> Array:
    """z/(1 + e^−w), with h² = e^−|w|."""
    h = half_exp_of_cubic(z)
    return np.where(z > 0, z, z * h * h) / (1 + h * h)


def gelu_tanh_prime(z: Array) -> Array:
    """(1 + e + z w′ e)/(1 + e)² for z > 0, e (1 + e + z w′)/(1 + e)² for z ≤ 0, with e = h² = e^−|w|."""
    h = half_exp_of_cubic(z)
    e = h * h
    bounded = np.clip(z, -BEYOND_CUBIC, BEYOND_CUBIC)  # beyond, e = 0
    slope = bounded * (coefficients.GELU_TANH_LINEAR[0] + 3 * coefficients.GELU_TANH_CUBIC[0] * bounded * bounded)
    formula = np.where(z > 0, 1 + e + h * slope * h, h * (1 + e + slope) * h) / (1 + e) ** 2
    return near_root(z, coefficients.GELU_TANH_PRIME_ROOT, formula)


def half_exp_of_cubic(z: Array) -> Array:
    """exp(−|w|/2), w = z (c_1 + c_3 z²) = 2√(2/π) (z + 0.044715 z³), the constants and every step in two doubles."""
    (c1, c1_rest), (c3, c3_rest) = coefficients.GELU_TANH_LINEAR, coefficients.GELU_TANH_CUBIC
    size = np.minimum(np.abs(z), BEYOND_CUBIC)
    square, square_rest = two_product(size, size)
    cubic, cubic_rest = two_product(np.float64(c3), square)
    factor, factor_rest = two_sum(c1, cubic)
    factor_rest = factor_rest + (cubic_rest + c3_rest * square + c3 * square_rest + c1_rest)
    w, w_rest = two_product(size, factor)
    return exp_minus(w / 2, (w_rest + size * factor_rest) / 2)


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """(s, r): s = fl(a + b) and s + r = a + b exactly (Knuth)."""
    s = a + b
    b_seen = s - a
    return s, (a - (s - b_seen)) + (b - b_seen)


def near_root(z: Array, root: coefficients.Root, formula: Array) -> Array:
    """`formula`, but near the root of σ′, where it cancels, t (p_0 + p_1 t + …) with t = z − root to 106 bits."""
    t = (z - root.hi) - root.lo
    near = np.abs(t) < root.radius
    t = np.where(near, t, 0)
    p = np.zeros_like(t)
    for coefficient in reversed(root.p):
        p = coefficient + t * p
    return np.where(near, t * p, formula)
