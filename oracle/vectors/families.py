"""Mistakes with a number of their own, which is found from what a backend answers: an ε, a clamp, a rate, a decay.

Each is carried out in float64 and rounded, as those of `oracle.vectors.mistakes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp.forward_pass import by_layer
from oracle.vectors.formats import as_floats
from oracle.vectors.mistakes import guarded, right
from oracle.vectors.passes import Deltas, Forward, right_nabla_b, right_nabla_w, run_backward, run_forward
from oracle.vectors.record import Answer, Question

Array = NDArray[Any]
#: From a question and the number to the mistaken answer; None where it cannot be made.
Made = Callable[[Question, float], Answer | None]


@dataclass(frozen=True)
class Family:
    """name: with {} for the number. grid: the numbers that are tried first; what lies between is searched where `continuous`.

    mathematics: whether an answer that it explains is wrong however few digits it costs.
    """

    name: str
    made: Made
    grid: tuple[float, ...]
    continuous: bool = True
    mathematics: bool = False

    def answer(self, question: Question, number: float) -> Answer | None:
        return guarded(lambda q: self.made(q, number))(question)

    def named(self, number: float) -> str:
        return self.name.format(f"{number:.3g}")


def _decades(low: int, high: int) -> tuple[float, ...]:
    return tuple(10.0 ** (k / 2) for k in range(2 * low, 2 * high + 1))


def _decay(part: Callable[[Array, int], Array]) -> Made:
    def made(question: Question, number: float) -> Answer:
        return run_backward(
            run_forward(question),
            question.format,
            nabla_w=lambda f, i, d: right_nabla_w(f, i, d) + number * part(f.w[i], f.m),
        )

    return made


def _decay_of_biases(weights: bool) -> Made:
    def made(question: Question, number: float) -> Answer:
        return run_backward(
            run_forward(question),
            question.format,
            nabla_w=lambda f, i, d: right_nabla_w(f, i, d) + (number * f.w[i] if weights else 0.0),
            nabla_b=lambda f, i, d: right_nabla_b(f, i, d) + number * by_layer(f.net.biases)[i],
        )

    return made


def _clipped_values(question: Question, bound: float) -> Answer:
    return run_backward(
        run_forward(question),
        question.format,
        nabla_w=lambda f, i, d: np.minimum(np.maximum(right_nabla_w(f, i, d), -bound), bound),
        nabla_b=lambda f, i, d: np.minimum(np.maximum(right_nabla_b(f, i, d), -bound), bound),
    )


def _clipped_norm(whole: bool) -> Made:
    """Of all gradients together, or of each array by itself."""

    def made(question: Question, bound: float) -> Answer:
        f = run_forward(question)
        base = right(question)
        flat = np.concatenate([as_floats(v).ravel() for v in (*base.nabla_w, *base.nabla_b)])
        norm = float(np.linalg.norm(flat)) if whole else 0.0

        def cut(v: Array) -> Array:
            return v * min(1.0, bound / max(norm if whole else float(np.linalg.norm(v)), bound))

        return run_backward(
            f,
            question.format,
            nabla_w=lambda f, i, d: cut(right_nabla_w(f, i, d)),
            nabla_b=lambda f, i, d: cut(right_nabla_b(f, i, d)),
        )

    return made


def _updated_first(question: Question, rate: float) -> Answer:
    def back(f: Forward, i: int, d: Deltas) -> Array:
        return (f.w[i + 1] - rate * right_nabla_w(f, i + 1, d)).T @ d[i + 1]

    return run_backward(run_forward(question), question.format, back=back)


def _times(w: bool, b: bool) -> Made:
    def made(question: Question, number: float) -> Answer:
        return run_backward(
            run_forward(question),
            question.format,
            nabla_w=lambda f, i, d: (number if w else 1.0) * right_nabla_w(f, i, d),
            nabla_b=lambda f, i, d: (number if b else 1.0) * right_nabla_b(f, i, d),
        )

    return made


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


def _epsilon(which: int) -> Made:
    def made(question: Question, eps: float) -> Answer | None:
        f = run_forward(question)
        forms = WITH_EPSILON.get(f.net.head.cost.name, ())
        if which >= len(forms):
            return None
        return run_backward(f, question.format, delta_last=lambda f: f.bp1(forms[which](f.a[f.L], f.E, eps)))

    return made


def _probability(f: Forward) -> bool:
    return f.net.head.activation in ("sigmoid", "softmax") or f.net.head.cost.name in WITH_EPSILON


def _clip(a: Array, bound: float, low: bool, high: bool) -> Array:
    return np.minimum(np.maximum(a, bound if low else -np.inf), 1 - bound if high else np.inf)


def _clamped(low: bool, high: bool, delta: Callable[[Forward, Array, Array], Array]) -> Made:
    """delta: of the pass, the clipped a, and where that is a itself."""

    def made(question: Question, bound: float) -> Answer | None:
        f = run_forward(question)
        if not _probability(f) or (not low and bound < 8 * 2.0**-question.format.bits):  # so near to 1 a is rounded
            return None
        a = f.a[f.L]
        clipped = _clip(a, bound, low, high)
        return run_backward(f, question.format, delta_last=lambda f: delta(f, clipped, clipped == a))

    return made


def _stopped(f: Forward, clipped: Array, inside: Array) -> Array:
    """The derivative of a clip is 0 outside of it."""
    return f.bp1(np.where(inside, f.net.head.cost.nabla_a(clipped, f.E), 0.0))


def _delta_zero(f: Forward, clipped: Array, inside: Array) -> Array:
    return np.where(inside, f.net.head.delta(f.z[f.L], f.a[f.L], f.E), 0.0)


def _through(f: Forward, clipped: Array, inside: Array) -> Array:
    """∇ₐC of the clipped a, and σ′ as it is."""
    return f.bp1(f.net.head.cost.nabla_a(clipped, f.E))


def _both(f: Forward, clipped: Array, inside: Array) -> Array:
    """The clipped a for a, in σ′ = a(1 − a) too: what a − E becomes where σ′ cancels."""
    g = f.net.head.cost.nabla_a(clipped, f.E)
    if f.elementwise:
        return g * (clipped * (1 - clipped) if f.net.head.activation == "sigmoid" else f.output_slope(f.z[f.L]))
    return clipped * (g - np.sum(clipped * g, axis=0, keepdims=True))


CLIPS = (1.0, 0.5, 5.0, 0.1, 0.25, 2.0, 0.01, 10.0)
BOUNDS = (1e-7, 1e-3, 1e-2, 1e-4, 1e-5, 1e-6, 1e-8, 1e-9, 1e-12, 0.05, 0.1)
SIDES = (
    (True, True, "[{0}, 1 - {0}]"),
    (True, False, "{0} and above"),
    (False, True, "1 - {0} and below"),
)
FAMILIES = (
    Family("weight decay of {}", _decay(lambda w, m: w), _decades(-8, 1)),
    Family("weight decay of {}/m", _decay(lambda w, m: w / m), _decades(-8, 1)),
    Family("L1 decay of {}", _decay(lambda w, m: np.sign(w)), _decades(-8, 1)),
    Family("bias decay of {}", _decay_of_biases(False), _decades(-8, 1)),
    Family("weight and bias decay of {}", _decay_of_biases(True), _decades(-8, 1)),
    Family("weights updated before propagating, at the rate {}", _updated_first, _decades(-6, 1)),
    Family("gradients times {}", _times(True, True), (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0)),
    Family("weight gradients times {}", _times(True, False), (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0)),
    Family("bias gradients times {}", _times(False, True), (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0)),
    Family("gradients clipped to [-{0}, {0}]", _clipped_values, CLIPS),
    Family("gradients clipped to the norm {}", _clipped_norm(True), CLIPS),
    Family("each gradient clipped to the norm {}", _clipped_norm(False), CLIPS),
    *(
        Family(f"{{}} is added {where}", _epsilon(k), _decades(-16, 0), mathematics=True)
        for k, where in enumerate(
            ("to a denominator", "to the argument of a logarithm or root", "to a and to E, or to a")
        )
    ),
    *(
        Family(f"a clamped to {words.format('{0}')}{how}", _clamped(low, high, delta), BOUNDS, continuous, True)
        for low, high, words in SIDES
        for delta, how, continuous in (
            (_stopped, ", whose derivative is 0 beyond", False),
            (_delta_zero, ": δ is 0 beyond", False),
            (_through, " in the cost alone", True),
            (_both, "", True),
        )
    ),
)
