"""Right gradients that lose digits, overflow or vanish at extreme arguments alone: right, with a note.

Ordinary arguments decide a verdict: 0 and magnitudes of 1e-9 to 1e4. So these are right; at `where`, which is beyond, their digits
are lost, and their formulas are right there too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from oracle.scores.mutants.inaccurate import HELLINGER_RATIO
from oracle.scores.mutants.opaque import on_floats
from oracle.scores.mutants.record import RIGHT, Subject, right
from oracle.scores.mutants.right_costs import ITAKURA_SAITO
from oracle.scores.mutants.right_kinks import each

Array = Any
KIND = "extremes"


def mean(m: Any, x: Any) -> Any:
    return m.fsum(x.flat) / x.size


def rms_norm(eps: float) -> tuple[Any, Any, Any]:
    def cost(x: Array, w: Array) -> Array:
        xp = x.__array_namespace__()
        return xp.sum(x / xp.sqrt(xp.mean(x * x) + eps) * w)

    def gradient(x: Array, w: Array) -> Array:
        r = 1 / np.sqrt(np.sum(x * x) / x.size + eps)
        return r * w - x * np.sum(x * w) * r * r * r / x.size

    def formula(m: Any, x: Any, w: Any) -> Any:
        size = m.sqrt(m.fsum(v * v for v in x.flat) / x.size + m.mpf(eps))
        return m.fsum(v * u for v, u in zip(x.flat, w.flat, strict=True)) / size

    return cost, gradient, formula


def layer_norm(eps: float) -> tuple[Any, Any, Any]:
    def cost(x: Array, w: Array) -> Array:
        xp = x.__array_namespace__()
        d = x - xp.mean(x)
        return xp.sum(d / xp.sqrt(xp.mean(d * d) + eps) * w)

    def gradient(x: Array, w: Array) -> Array:
        d = x - np.sum(x) / x.size
        r = 1 / np.sqrt(np.sum(d * d) / x.size + eps)
        h = d * r
        return r * (w - np.sum(w) / x.size - h * (np.sum(h * w) / x.size))

    def formula(m: Any, x: Any, w: Any) -> Any:
        middle = mean(m, x)
        d = [v - middle for v in x.flat]
        size = m.sqrt(m.fsum(v * v for v in d) / x.size + m.mpf(eps))
        return m.fsum(v * u for v, u in zip(d, w.flat, strict=True)) / size

    return cost, gradient, formula


def extreme(name: str, detail: str, domains: Any, parts: tuple[Any, Any, Any], where: Any, **others: Any) -> Subject:
    cost, gradient, formula = parts
    return right(name, f"{KIND}: {detail}", domains, cost, gradient, formula, where=tuple(where), **others)


def ordinarily(of: Subject, name: str, detail: str, grad: Any, where: Any) -> Subject:
    """The function of `of`, whose gradient is right at ordinary arguments."""
    return replace(of, name=name, kind=f"{KIND}: {detail}", label=RIGHT, grad=grad, where=tuple(where), note="")


def elementwise(of: Any, formula: Any, grad: Any) -> tuple[Any, Any, Any]:
    """(cost, gradient, formula) of Σ f(a_j)."""
    return (lambda a: a.__array_namespace__().sum(of(a.__array_namespace__(), a)), grad, each(formula))


def hidden(parts: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """The same, whose gradient runs on floats alone."""
    return parts[0], on_floats(parts[1]), parts[2]


RMS = rms_norm(1e-5)
LAYER = layer_norm(1e-5)
CAUCHY = elementwise(lambda xp, a: xp.log(1 + a * a), lambda m, x: m.log(1 + x * x), lambda a: 2 * a / (1 + a * a))
GEMAN = elementwise(
    lambda xp, a: a * a / (1 + a * a), lambda m, x: x * x / (1 + x * x), lambda a: 2 * a / ((1 + a * a) * (1 + a * a))
)
ROOT = elementwise(lambda xp, a: xp.sqrt(1 + a * a), lambda m, x: m.sqrt(1 + x * x), lambda a: a / np.sqrt(1 + a * a))
RATIONAL = elementwise(
    lambda xp, a: a * a * a / (1 + a * a),
    lambda m, x: x**3 / (1 + x * x),
    lambda a: a * a * (3 + a * a) / ((1 + a * a) * (1 + a * a)),
)


def flushed_relu(a: Array) -> Array:
    """As a processor has it that takes subnormal numbers as 0."""
    return np.where(a > 0, 1 + 0 * a, 0 * a) if a.dtype == object else (a >= np.finfo(np.float64).tiny) * 1.0


RELU = elementwise(lambda xp, a: xp.where(a > 0, a, 0 * a), lambda m, x: max(x, m.mpf(0)), on_floats(flushed_relu))
REAL, PAIR = ("real",), ("real", "real")
HUGE = [([2e154, 1.0],)]
FAR = [([1e160, 1.0, 2.0], [1.0, 2.0, 0.5])]

SUBJECTS: tuple[Subject, ...] = (
    extreme("rms_norm_on_real", "squares overflow", PAIR, RMS, FAR, lengths=(3, 9)),
    extreme("rms_norm_on_floats", "squares overflow", PAIR, hidden(RMS), FAR, lengths=(3, 9)),
    extreme("layer_norm_on_real", "squares overflow", PAIR, LAYER, FAR, lengths=(3, 9)),
    extreme("layer_norm_on_floats", "squares overflow", PAIR, hidden(LAYER), FAR, lengths=(3, 9)),
    extreme("cauchy_on_real", "1 + a² overflows", REAL, CAUCHY, HUGE),
    extreme("cauchy_on_floats", "1 + a² overflows", REAL, hidden(CAUCHY), HUGE),
    extreme("geman_mcclure_on_real", "(1 + a²)² overflows", REAL, GEMAN, [([1e80, 1.0],)]),
    extreme(
        "geman_mcclure_on_floats",
        "(1 + a²)² overflows",
        REAL,
        hidden(GEMAN),
        [([1e80, 1.0],)],
    ),
    extreme("root_on_real", "1 + a² overflows", REAL, ROOT, HUGE),
    extreme("root_on_floats", "1 + a² overflows", REAL, hidden(ROOT), HUGE),
    extreme("rational_on_real", "a⁴ overflows", REAL, RATIONAL, [([1e80, 1.0],)]),
    extreme("rational_on_floats", "a⁴ overflows", REAL, hidden(RATIONAL), [([1e80, 1.0],)]),
    extreme("relu_flushed", "subnormals are taken as 0", REAL, RELU, [([5e-324, 1.0],)]),
    ordinarily(
        ITAKURA_SAITO,
        "itakura_saito_ordinarily",
        "a² underflows",
        lambda a, E: (a - E) / (a * a),
        [([1e-200], [1.5e-200])],
    ),
    ordinarily(
        HELLINGER_RATIO,
        "hellinger_ordinarily",
        "E/a overflows",
        lambda a, E: (1 - np.sqrt(E / a)) / np.sqrt(E * 0 + 2),
        [([1e-300], [1e300])],
    ),
)
