"""Guards that stay in a program: an ε in a denominator, a clamp of the probabilities; mistakes with a number of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.passes import Forward, run_backward, run_forward
from oracle.vectors.record import Answer, Question

Array = NDArray[Any]
#: From a question and the number to the mistaken answer; None where it cannot be made.
Made = Callable[[Question, float], Answer | None]

#: ∇ₐC with an ε in each denominator, by cost: the two usual forms, and those under a root or a square.
WITH_EPSILON: Mapping[str, tuple[Callable[[Array, Array, float], Array], ...]] = {
    "cross_entropy": (
        lambda a, E, eps: (a - E) / (a * (1 - a) + eps),
        lambda a, E, eps: -E / (a + eps) + (1 - E) / (1 - a + eps),
    ),
    "hellinger": (
        lambda a, E, eps: (np.sqrt(a) - np.sqrt(E)) / (np.sqrt(2) * (np.sqrt(a) + eps)),
        lambda a, E, eps: (np.sqrt(a) - np.sqrt(E)) / (np.sqrt(2) * np.sqrt(a + eps)),
        lambda a, E, eps: (np.sqrt(a + eps) - np.sqrt(E + eps)) / (np.sqrt(2) * np.sqrt(a + eps)),
    ),
    "kullback_leibler": (lambda a, E, eps: -E / (a + eps),),
    "generalized_kullback_leibler": (
        lambda a, E, eps: (a - E) / (a + eps),
        lambda a, E, eps: 1 - E / (a + eps),
    ),
    "itakura_saito": (
        lambda a, E, eps: (a - E) / (a * a + eps),
        lambda a, E, eps: 1 / (a + eps) - E / (a + eps) ** 2,
        lambda a, E, eps: (a - E) / (a + eps) ** 2,
    ),
    "categorical_cross_entropy": (lambda a, E, eps: -E / (a + eps),),
    "poisson": (lambda a, E, eps: 1 - E / (a + eps), lambda a, E, eps: (a - E) / (a + eps)),
}


def epsilon(which: int) -> Made:
    def made(question: Question, eps: float) -> Answer | None:
        f = run_forward(question)
        forms = WITH_EPSILON.get(f.net.head.cost.name, ())
        if which >= len(forms):
            return None
        return run_backward(f, question.format, delta_last=lambda f: f.bp1(forms[which](f.a[f.L], f.E, eps)))

    return made


def probability(f: Forward) -> bool:
    return f.net.head.activation in ("sigmoid", "softmax") or f.net.head.cost.name in WITH_EPSILON


def _clip(a: Array, bound: float, low: bool, high: bool) -> Array:
    return np.minimum(np.maximum(a, bound if low else -np.inf), 1 - bound if high else np.inf)


def clamped(low: bool, high: bool, delta: Callable[[Forward, Array, Array], Array]) -> Made:
    """delta: of the pass, the clipped a, and where that is a itself."""

    def made(question: Question, bound: float) -> Answer | None:
        f = run_forward(question)
        few = 8 * 2.0**-question.format.bits  # so near to 1 a is rounded
        if not probability(f) or (not low and bound < few):
            return None
        a = f.a[f.L]
        clipped = _clip(a, bound, low, high)
        if not np.any((clipped != a) & (1 - a >= few)):  # where a rounds to 1, a(1 − a) is 0 without any clamp
            return None
        return run_backward(f, question.format, delta_last=lambda f: delta(f, clipped, clipped == a))

    return made


def stopped(f: Forward, clipped: Array, inside: Array) -> Array:
    """The derivative of a clip is 0 outside of it."""
    return f.bp1(np.where(inside, f.net.head.cost.nabla_a(clipped, f.E), 0.0))


def delta_zero(f: Forward, clipped: Array, inside: Array) -> Array:
    return np.where(inside, f.net.head.delta(f.z[f.L], f.a[f.L], f.E), 0.0)


def through(f: Forward, clipped: Array, inside: Array) -> Array:
    """∇ₐC of the clipped a, and σ′ as it is."""
    return f.bp1(f.net.head.cost.nabla_a(clipped, f.E))


def both(f: Forward, clipped: Array, inside: Array) -> Array:
    """The clipped a for a, in σ′ = a(1 − a) too: what a − E becomes where σ′ cancels."""
    g = f.net.head.cost.nabla_a(clipped, f.E)
    if f.elementwise:
        return g * (clipped * (1 - clipped) if f.net.head.activation == "sigmoid" else f.output_slope(f.z[f.L]))
    return clipped * (g - np.sum(clipped * g, axis=0, keepdims=True))


BOUNDS = (1e-7, 1e-3, 1e-2, 1e-4, 1e-5, 1e-6, 1e-8, 1e-9, 1e-12, 0.05, 0.1)
SIDES = (
    (True, True, "[{0}, 1 - {0}]"),
    (True, False, "{0} and above"),
    (False, True, "1 - {0} and below"),
)
