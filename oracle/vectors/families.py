"""Mistakes with a number of their own, which is found from what a backend answers: an ε, a clamp, a rate, a decay.

Each is carried out in float64 and rounded, as those of `oracle.vectors.mistakes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp.forward_pass import by_layer
from oracle.vectors.clamps import BOUNDS, SIDES, Made, both, clamped, delta_zero, epsilon, probability, stopped, through
from oracle.vectors.formats import as_floats
from oracle.vectors.local_mistakes import PLACES, Place
from oracle.vectors.mistakes import guarded, right
from oracle.vectors.other_activations import with_alpha, with_slope
from oracle.vectors.passes import (
    Deltas,
    Forward,
    right_back,
    right_delta,
    right_nabla_b,
    right_nabla_w,
    run_backward,
    run_forward,
)
from oracle.vectors.record import Answer, Question

Array = NDArray[Any]


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
        return self.name.format(f"{number:.4g}")


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


def _decay_in(place: Place) -> Made:
    def made(question: Question, number: float) -> Answer:
        return run_backward(
            run_forward(question),
            question.format,
            nabla_w=lambda f, i, d: right_nabla_w(f, i, d) + (number * f.w[i] if place(f, i) else 0.0),
        )

    return made


def _back_times(question: Question, number: float) -> Answer:
    return run_backward(run_forward(question), question.format, back=lambda f, i, d: number * right_back(f, i, d))


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


def _divided(question: Question, number: float) -> Answer:
    return run_backward(
        run_forward(question),
        question.format,
        nabla_w=lambda f, i, d: f.m / number * right_nabla_w(f, i, d),
        nabla_b=lambda f, i, d: f.m / number * right_nabla_b(f, i, d),
    )


def _placed(weights: bool, biases: bool, place: Place) -> Made:
    """Gradients of the layers in one place times a number."""

    def made(question: Question, number: float) -> Answer:
        times = lambda f, i, here: number if here and place(f, i) else 1.0  # noqa: E731
        return run_backward(
            run_forward(question),
            question.format,
            nabla_w=lambda f, i, d: times(f, i, weights) * right_nabla_w(f, i, d),
            nabla_b=lambda f, i, d: times(f, i, biases) * right_nabla_b(f, i, d),
        )

    return made


def _smoothed(question: Question, part: float) -> Answer | None:
    if not probability(run_forward(question)):
        return None
    E = question.expected.astype(np.float64)
    return run_backward(replace(run_forward(question), E=(1 - part) * E + part / E.shape[0]), question.format)


def _at_temperature(question: Question, T: float) -> Answer | None:
    f = run_forward(question)
    if f.elementwise:
        return None
    z = f.z[f.L] / T
    cooled = replace(f, z={**f.z, f.L: z}, a={**f.a, f.L: f.net.head.sigma(z)})
    return run_backward(cooled, question.format, delta_last=lambda f: right_delta(f) / T)


def _decimals(question: Question, digits: float) -> Answer:
    return _changed(question, lambda v: np.round(v, int(digits)))


def _cut_to_zero(question: Question, least: float) -> Answer:
    return _changed(question, lambda v: np.where(np.abs(v) < least, 0.0, v))


def _significant(question: Question, digits: float) -> Answer:
    """As numbers are printed by default."""
    return _changed(question, np.vectorize(lambda v: float(f"{v:.{int(digits)}g}"), otypes=[np.float64]))


def _changed(question: Question, change: Callable[[Array], Array]) -> Answer:
    return run_backward(
        run_forward(question),
        question.format,
        nabla_w=lambda f, i, d: change(right_nabla_w(f, i, d)),
        nabla_b=lambda f, i, d: change(right_nabla_b(f, i, d)),
    )


#: Sizes of a batch that are written into a program.
BATCHES = (2.0, 4.0, 8.0, 10.0, 16.0, 32.0, 50.0, 64.0, 100.0, 128.0, 256.0, 512.0, 1024.0)
TIMES = (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0, 1000.0, 10_000.0, 100_000.0)
BELOW = "gradients below {} are 0"
LEAST = (1e-8, 1e-7, 1e-6, 1e-10, 1e-12, 1e-5, 1e-16, 1e-20, 1e-4, 1e-30)
DIGITS = (4.0, 6.0, 5.0, 3.0, 8.0, 7.0, 2.0)
CLIPS = (1.0, 0.5, 5.0, 0.1, 0.25, 2.0, 0.01, 10.0)
FAMILIES = (
    Family("weight decay of {}", _decay(lambda w, m: w), _decades(-8, 1)),
    Family("weight decay of {}/m", _decay(lambda w, m: w / m), _decades(-8, 1)),
    Family("weight decay of the wrong sign, of {}", _decay(lambda w, m: -w), _decades(-8, 1)),
    *(
        Family(f"weight decay of {{}}, in {words}", _decay_in(PLACES[words]), _decades(-8, 1))
        for words in ("the last layer", "the hidden layers")
    ),
    Family("L1 decay of {}", _decay(lambda w, m: np.sign(w)), _decades(-8, 1)),
    Family("bias decay of {}", _decay_of_biases(False), _decades(-8, 1)),
    Family("weight and bias decay of {}", _decay_of_biases(True), _decades(-8, 1)),
    Family("weights updated before propagating, at the rate {}", _updated_first, _decades(-6, 1)),
    Family("gradients times {}", _times(True, True), (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0)),
    Family("weight gradients times {}", _times(True, False), (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0)),
    Family("bias gradients times {}", _times(False, True), (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0)),
    Family("delta times {} at each layer in BP2", _back_times, (0.01, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 100.0)),
    Family("divided by {} for m", _divided, BATCHES),
    *(
        Family(f"{which} times {{}}, in {words}", _placed(weights, biases, PLACES[words]), TIMES)
        for which, weights, biases in (
            ("gradients", True, True),
            ("weight gradients", True, False),
            ("bias gradients", False, True),
        )
        for words in ("the first layer", "the last layer", "the hidden layers")
    ),
    Family("targets smoothed by {}", _smoothed, (0.01, 0.05, 0.1, 0.2, 0.3, 0.9)),
    Family("softmax at the temperature {}", _at_temperature, (0.1, 0.5, 0.9, 1.1, 2.0, 5.0, 10.0)),
    Family("leaky_relu's slope is {}", with_slope, _decades(-4, 0)),
    Family("elu's alpha is {}", with_alpha, _decades(-2, 1)),
    Family(BELOW, _cut_to_zero, LEAST, continuous=False),
    Family("gradients rounded to {} decimals", _decimals, DIGITS, continuous=False),
    Family("gradients rounded to {} significant digits", _significant, DIGITS, continuous=False),
    Family("gradients clipped to [-{0}, {0}]", _clipped_values, CLIPS),
    Family("gradients clipped to the norm {}", _clipped_norm(True), CLIPS),
    Family("each gradient clipped to the norm {}", _clipped_norm(False), CLIPS),
    *(
        Family(f"{{}} is added {where}", epsilon(k), _decades(-16, 0), mathematics=True)
        for k, where in enumerate(
            ("to a denominator", "to the argument of a logarithm or root", "to a and to E, or to a")
        )
    ),
    *(
        Family(f"a clamped to {words.format('{0}')}{how}", clamped(low, high, delta), BOUNDS, continuous, True)
        for low, high, words in SIDES
        for delta, how, continuous in (
            (stopped, ", whose derivative is 0 beyond", False),
            (delta_zero, ": δ is 0 beyond", False),
            (through, " in the cost alone", True),
            (both, "", True),
        )
    ),
)
