"""Special functions: incomplete gamma and beta functions, Bessel functions, Hurwitz zeta, and derivatives by a parameter.

FLINT proves the values. A derivative by a parameter is a central difference at a step far below the precision; by Cauchy's
estimate its error is at most M h²/(r² − h²)/r, where M bounds the function on the complex disc of radius r around the parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, acb_series, arb, ctx

from oracle.balls import real_functions as real
from oracle.balls.arrays import precision
from oracle.balls.primitives.equation import Handler, on_reals

Real = Any
ZERO, ONE = arb(0), arb(1)


def _ball(value: Any) -> Real:
    """A value of FLINT's complex functions that is real by its mathematics."""
    return value.real if value.is_finite() else real.NAN


def _most_accurate(*attempts: Callable[[], Real]) -> Real:
    """The first ball that is as good as the precision allows, else the best."""
    best = real.NAN
    for attempt in attempts:
        ball = attempt()
        if ball.is_finite() and (not best.is_finite() or ball.rel_accuracy_bits() > best.rel_accuracy_bits()):
            best = ball
        if best.is_finite() and best.rel_accuracy_bits() > ctx.prec - 40:
            break
    return best


def _in_domain(a: Real, x: Real) -> bool:
    return bool(a > 0 and x > 0 and a.is_finite() and x.is_finite())


def _front(a: Real, x: Real) -> Real:
    """xᵃ e⁻ˣ/Γ(a + 1)."""
    return (a * x.log() - x - (a + 1).lgamma()).exp()


def igamma(a: Real, x: Real) -> Real:
    """P(a, x) = γ(a, x)/Γ(a) = xᵃ e⁻ˣ/Γ(a + 1) · ₁F₁(1; a + 1; x) for a > 0 and x ≥ 0; NaN elsewhere."""
    if a > 0 and (x.is_zero() or real.infinity(x) > 0):
        return ONE if x > 0 else ZERO
    if not _in_domain(a, x):
        return real.NAN
    return _most_accurate(
        lambda: x.gamma_lower(a, regularized=1),
        lambda: _front(a, x) * x.hypgeom_1f1(ONE, a + 1),
        lambda: 1 - x.gamma_upper(a, regularized=1),
    )


def igammac(a: Real, x: Real) -> Real:
    """Q(a, x) = 1 − P(a, x)."""
    if a > 0 and (x.is_zero() or real.infinity(x) > 0):
        return ZERO if x > 0 else ONE
    if not _in_domain(a, x):
        return real.NAN
    return _most_accurate(
        lambda: x.gamma_upper(a, regularized=1),
        lambda: 1 - _front(a, x) * x.hypgeom_1f1(ONE, a + 1),
    )


def derivative_by_parameter(function: Callable[[Any], Any], at: Real, radius: Real) -> Real:
    """d/da of a function that is analytic for complex a within `radius` of `at`, and real on the reals.

    function: takes and returns `acb`.
    """
    bits = ctx.prec
    found = real.NAN
    for shrink in (1, 2, 4):
        with precision((2 + shrink) * bits + 64):
            found = _central_difference(function, at, radius.lower(), shrink * bits + 32)
        if found.is_finite() and found.rel_accuracy_bits() > bits - 40:
            break
    return found + 0


def _central_difference(function: Callable[[Any], Any], at: Real, radius: Real, step_bits: int) -> Real:
    """The difference over a step of radius/2^step_bits, with its error; NaN where the function has no finite bound."""
    for _ in range(12):
        bound = abs(function(acb(arb(at, radius), arb(0, radius)))).upper()
        if bound.is_finite():
            break
        radius = radius / 4
    else:
        return real.NAN
    step = radius * arb(2) ** -step_bits
    slope = ((function(acb(at + step)) - function(acb(at - step))) / (2 * step)).real
    error = (bound * step**2 / radius / (radius**2 - step**2)).upper()
    return slope + arb(0, error) if error.is_finite() and slope.is_finite() else real.NAN


MOST_TERMS = 40_000
#: Beyond this x the series takes more terms than that, each of as many bits.
LARGEST_IN_SERIES = 4000


def _grad_by_series(a: Real, x: Real) -> Real:
    """∂P/∂a = (log x − ψ(a + 1)) P − F Σ tₙ hₙ, with P = F Σ tₙ, F = xᵃ e⁻ˣ/Γ(a + 1), tₙ = xⁿ/((a + 1) … (a + n)) and
    hₙ = Σ 1/(a + k), k = 1 … n; all terms are positive, and the tail is bounded by a geometric series.
    """
    term, total, harmonic, weighted = ONE, ONE, ZERO, ZERO
    least = arb(2) ** -(ctx.prec + 8)
    for n in range(1, MOST_TERMS):
        factor = 1 / (a + n)
        term = term * x * factor
        harmonic = harmonic + factor
        total = total + term
        weighted = weighted + term * harmonic
        ratio = x / (a + n + 1)
        if ratio < 0.5 and term < least * total:
            tail = (term * (harmonic * 2 + 4)).upper()
            total, weighted = total + arb(0, (2 * term).upper()), weighted + arb(0, tail)
            return _front(a, x) * ((x.log() - (a + 1).digamma()) * total - weighted)
    return real.NAN


def igamma_grad_a(a: Real, x: Real) -> Real:
    """∂P/∂a; where x is far beyond a, as −∂Q/∂a, which does not cancel."""
    if x.is_zero() and a > 0:
        return ZERO
    if not _in_domain(a, x):
        return real.NAN
    if x < 40 + 3 * a:
        if not x < LARGEST_IN_SERIES:
            return real.NAN
        bits = ctx.prec
        with precision(bits + 64 + 2 * int(float(x.upper()))):
            found = _grad_by_series(a, x)
        return found + 0
    return -derivative_by_parameter(lambda s: acb(x).gamma_upper(s, regularized=1), a, a / 4)


def random_gamma_grad(a: Real, x: Real) -> Real:
    """dx/da of a sample x of the gamma distribution of shape a, at a fixed quantile: −(∂P/∂a)/(∂P/∂x)."""
    if not _in_domain(a, x):
        return real.NAN
    return -igamma_grad_a(a, x) / gamma_density(a, x)


def gamma_density(a: Real, x: Real) -> Real:
    """p(a, x) = ∂P/∂x = x^(a − 1) e⁻ˣ/Γ(a), of a > 0 and x > 0."""
    return ((a - 1) * x.log() - x - a.lgamma()).exp()


def betainc(a: Real, b: Real, x: Real) -> Real:
    """I_x(a, b) for a, b > 0 and 0 ≤ x ≤ 1; NaN elsewhere."""
    if not (a > 0 and b > 0 and a.is_finite() and b.is_finite()):
        return real.NAN
    if x.is_zero():
        return ZERO
    if bool(x == 1):
        return ONE
    if not (x > 0 and x < 1):
        return real.NAN
    from_zero: Callable[[], Real] = lambda: _ball(acb(x).beta_lower(acb(a), acb(b), regularized=True))  # noqa: E731
    from_one: Callable[[], Real] = lambda: 1 - _ball(acb(1 - x).beta_lower(acb(b), acb(a), regularized=True))  # noqa: E731
    return _most_accurate(from_one, from_zero) if x > 0.5 else _most_accurate(from_zero, from_one)


def bessel_i0e(x: Real) -> Real:
    """e^(−|x|) I₀(x)."""
    if real.infinity(x):
        return ZERO
    return abs(x).bessel_i(arb(0), scaled=True) if x.is_finite() else real.NAN


def bessel_i1e(x: Real) -> Real:
    """e^(−|x|) I₁(x), odd."""
    if real.infinity(x):
        return ZERO
    if not x.is_finite():
        return real.NAN
    if x.is_zero():
        return ZERO
    size = abs(x)
    value = size.bessel_i(arb(1), scaled=True)
    if x > 0:
        return value
    return -value if x < 0 else _around_zero(x)


def _around_zero(x: Real) -> Real:
    """|I₁(x)| e^(−|x|) ≤ |x|/2."""
    return arb(0, (abs(x).upper() / 2).upper())


def zeta(s: Real, q: Real) -> Real:
    """Hurwitz ζ(s, q) = Σ (q + k)^(−s) for s > 1 and q > 0; ∞ at s = 1."""
    if bool(s == 1):
        return real.INF
    if not (s > 1 and q > 0 and s.is_finite() and q.is_finite()):
        return real.NAN
    return s.zeta(q)


def zeta_grad_s(s: Real, q: Real) -> Real:
    """∂ζ(s, q)/∂s = −Σ ln(q + k) (q + k)^(−s) for s > 1 and q > 0."""
    if not (s > 1 and q > 0 and s.is_finite() and q.is_finite()):
        return real.NAN
    kept, ctx.cap = ctx.cap, 2
    try:
        return acb_series([acb(s), acb(1)]).zeta(acb(q))[1].real
    finally:
        ctx.cap = kept


def nextafter(x: Real, y: Real) -> Real:
    """The float64 after x in the direction of y, of a float x."""
    value, towards = float(x), float(y)
    if not (x.is_exact() and bool(arb(value) == x)):
        return real.NAN
    return arb(float(np.nextafter(value, towards)))


SPECIAL_FUNCTIONS: dict[str, Handler] = {
    "igamma": on_reals(igamma, 2),
    "igammac": on_reals(igammac, 2),
    "igamma_grad_a": on_reals(igamma_grad_a, 2),
    "random_gamma_grad": on_reals(random_gamma_grad, 2),
    "regularized_incomplete_beta": on_reals(betainc, 3),
    "bessel_i0e": on_reals(bessel_i0e, 1),
    "bessel_i1e": on_reals(bessel_i1e, 1),
    "zeta": on_reals(zeta, 2),
    "zeta_grad_s": on_reals(zeta_grad_s, 2),
    "nextafter": on_reals(nextafter, 2),
}
