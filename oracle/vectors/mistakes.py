"""The standard mistakes: what people get wrong most, each run on a question and answering as such a program would.

They are carried out in float64 and rounded to the dtype, so that the mistake is all that is wrong with an answer. A mistake that
cannot be made at a question (Wᵀ missing where W is not square) or changes nothing there (1/m for one sample) is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import HEADS
from oracle.vectors.formats import FORMATS, as_floats, round_array
from oracle.vectors.passes import (
    CannotBeMade,
    Deltas,
    Forward,
    each,
    right_cost,
    right_delta,
    right_nabla_b,
    right_nabla_w,
    rounded,
    run_backward,
    run_forward,
)
from oracle.vectors.record import Answer, Question, tensors

Array = NDArray[Any]
#: From a question to the mistaken answer; None where the mistake cannot be made or changes nothing.
Mistake = Callable[[Question], Answer | None]
#: The learning rate of those who update a layer before they propagate through it.
ETA = 0.1


@lru_cache(maxsize=64)
def right(question: Question) -> Answer:
    """The answer without any mistake, in float64, rounded once."""
    with np.errstate(all="ignore"):  # what is not finite is the judge's to say
        return run_backward(run_forward(question), question.format)


def step(**steps: Any) -> Mistake:
    """The passes with some steps done otherwise."""
    return lambda question: run_backward(run_forward(question), question.format, **steps)


def _gradients(change: Callable[[Array], Array]) -> Mistake:
    """The right answer with every ∂W and ∂b changed, all of it once rounded."""

    def mistake(question: Question) -> Answer:
        f = run_forward(question)
        return run_backward(
            f,
            question.format,
            nabla_w=lambda f, i, d: change(right_nabla_w(f, i, d)),
            nabla_b=lambda f, i, d: change(right_nabla_b(f, i, d)),
        )

    return mistake


def scaled(factor: Callable[[Forward], float], *, w: bool = True, b: bool = True, also: bool = False) -> Mistake:
    """∂W, ∂b or both times a factor; `also`: the cost and every δ too."""

    def mistake(question: Question) -> Answer:
        f = run_forward(question)
        c = factor(f)
        return run_backward(
            f,
            question.format,
            delta_last=lambda f: (c if also else 1.0) * right_delta(f),
            cost=lambda f: (c if also else 1.0) * right_cost(f),
            nabla_w=lambda f, i, d: (c if w and not also else 1.0) * right_nabla_w(f, i, d),
            nabla_b=lambda f, i, d: (c if b and not also else 1.0) * right_nabla_b(f, i, d),
        )

    return mistake


def _sum_for_mean(question: Question) -> Answer:
    f = run_forward(question)
    return run_backward(
        f,
        question.format,
        cost=lambda f: f.m * right_cost(f),
        nabla_w=lambda f, i, d: f.m * right_nabla_w(f, i, d),
        nabla_b=lambda f, i, d: f.m * right_nabla_b(f, i, d),
    )


def of_samples(keep: Callable[[Array], Array]) -> Mistake:
    """∂W and ∂b of some samples only, divided by their number."""

    def mistake(question: Question) -> Answer:
        def nabla_w(f: Forward, i: int, d: Deltas) -> Array:
            return keep(d[i]) @ keep(f.a[i - 1]).T / keep(f.E).shape[1]

        def nabla_b(f: Forward, i: int, d: Deltas) -> Array:
            return np.mean(keep(d[i]), axis=1, keepdims=True)

        return run_backward(run_forward(question), question.format, nabla_w=nabla_w, nabla_b=nabla_b)

    return mistake


def _first_layer_zero(question: Question) -> Answer:
    answer = right(question)
    return replace(
        answer,
        nabla_w=(np.zeros_like(answer.nabla_w[0]), *answer.nabla_w[1:]),
        nabla_b=(np.zeros_like(answer.nabla_b[0]), *answer.nabla_b[1:]),
    )


def _output(delta: Callable[[Forward], Array], needs: Callable[[Forward], bool]) -> Mistake:
    """BP1 done otherwise, where that can be."""

    def mistake(question: Question) -> Answer | None:
        f = run_forward(question)
        return run_backward(f, question.format, delta_last=delta) if needs(f) else None

    return mistake


def _exchanged(f: Forward) -> Array:
    return f.bp1(f.net.head.cost.nabla_a(f.E, f.a[f.L]))


def _parameter_ignored(question: Question) -> Answer | None:
    """The parameter of the cost left at its default; None where the cost has none."""
    default = HEADS[question.head].cost.parameters
    return right(replace(question, parameters=default)) if question.parameters else None


def _softmax_over_samples(question: Question) -> Answer | None:
    f = run_forward(question)
    if f.elementwise:
        return None
    return run_backward(replace(f, a={**f.a, f.L: f.net.head.sigma(f.z[f.L].T).T}), question.format)


def _slope_of_next(f: Forward, i: int) -> Array:
    if f.z[i].shape != f.z[i + 1].shape:
        raise CannotBeMade
    return f.net.activations[i - 2].sigma_prime(f.z[i + 1])


def _not_transposed(f: Forward, i: int, d: Deltas) -> Array:
    if f.w[i + 1].shape[0] != f.w[i + 1].shape[1]:
        raise CannotBeMade
    return f.w[i + 1] @ d[i + 1]


def _own_weights(f: Forward, i: int, d: Deltas) -> Array:
    if f.w[i].shape != f.w[i + 1].shape:
        raise CannotBeMade
    return f.w[i].T @ d[i + 1]


def _updated_first(question: Question) -> Answer:
    def back(f: Forward, i: int, d: Deltas) -> Array:
        return (f.w[i + 1] - ETA * right_nabla_w(f, i + 1, d)).T @ d[i + 1]

    return run_backward(run_forward(question), question.format, back=back)


def _bias_over_neurons(f: Forward, i: int, d: Deltas) -> Array:
    return np.broadcast_to(np.mean(d[i]), (d[i].shape[0], 1))


def _reversed(question: Question) -> Answer:
    answer = right(question)
    return replace(answer, nabla_w=answer.nabla_w[::-1], nabla_b=answer.nabla_b[::-1])


def _lower(dtype: str, inside: str) -> Mistake:
    """Every number, the inputs first and the results last, held in a narrower format."""

    def mistake(question: Question) -> Answer | None:
        if question.dtype != dtype:
            return None
        narrow = FORMATS[inside]
        cut = replace(
            question,
            x=round_array(question.x, narrow),
            expected=round_array(question.expected, narrow),
            weights=tuple(round_array(w, narrow) for w in question.weights),
            biases=tuple(round_array(b, narrow) for b in question.biases),
        )
        f = run_forward(cut)
        narrowed = each(run_backward(f, FORMATS["float64"]), lambda v: round_array(v, narrow))
        return rounded(narrowed, question.format)

    return mistake


def _flushed(question: Question) -> Answer:
    tiny = question.format.tiny
    return each(right(question), lambda v: np.where(np.abs(as_floats(v)) < tiny, np.zeros_like(v), v))


_MADE: Mapping[str, Mistake] = {
    "no 1/m": scaled(lambda f: f.m),
    "sum over the batch instead of mean": _sum_for_mean,
    "cost summed over the batch": step(cost=lambda f: f.m * right_cost(f)),
    "1/m twice": scaled(lambda f: 1 / f.m),
    "1/m missing in BP3": scaled(lambda f: f.m, b=False),
    "1/m missing in BP4": scaled(lambda f: f.m, w=False),
    "mean over the outputs too": scaled(lambda f: 1 / f.E.shape[0], also=True),
    "factor 2": scaled(lambda f: 2),
    "factor 1/2": scaled(lambda f: 0.5),
    "sign": scaled(lambda f: -1),
    "zero gradient": _gradients(np.zeros_like),
    "zero gradient in the first layer": _first_layer_zero,
    "NaN": _gradients(lambda v: np.full_like(v, np.nan)),
    "only the first sample": of_samples(lambda v: v[:, :1]),
    "last sample ignored": of_samples(lambda v: v[:, : max(v.shape[1] - 1, 1)]),
    "sigma_prime missing in BP1": _output(lambda f: f.nabla_a(), lambda f: True),
    "sigma_prime twice in BP1": _output(lambda f: right_delta(f) * f.output_slope(f.z[f.L]), lambda f: True),
    "sigma_prime at a in BP1": _output(lambda f: f.nabla_a() * f.output_slope(f.a[f.L]), lambda f: f.elementwise),
    "a - E for every head": _output(lambda f: f.a[f.L] - f.E, lambda f: True),
    "E and a exchanged": _output(_exchanged, lambda f: True),
    "parameter ignored": _parameter_ignored,
    "softmax as a diagonal": _output(lambda f: f.nabla_a() * f.output_slope(f.z[f.L]), lambda f: not f.elementwise),
    "softmax over the samples": _softmax_over_samples,
    "sigma_prime missing in BP2": step(slope=lambda f, i: np.ones_like(f.z[i])),
    "sigma_prime at a in BP2": step(slope=lambda f, i: f.net.activations[i - 2].sigma_prime(f.a[i])),
    "sigma_prime at the next layer's z": step(slope=_slope_of_next),
    "W not transposed in BP2": step(back=_not_transposed),
    "W of the layer itself in BP2": step(back=_own_weights),
    "weights updated before propagating": _updated_first,
    "dW transposed": step(nabla_w=lambda f, i, d: right_nabla_w(f, i, d).T),
    "a of the layer itself in BP3": step(nabla_w=lambda f, i, d: d[i] / f.m @ f.a[i].T),
    "z for a in BP3": step(nabla_w=lambda f, i, d: d[i] / f.m @ f.z.get(i - 1, f.a[i - 1]).T),
    "bias gradient unsummed": step(nabla_b=lambda f, i, d: d[i] / f.m),
    "bias gradient summed over the neurons": step(nabla_b=_bias_over_neurons),
    "bias gradient zero": step(nabla_b=lambda f, i, d: np.zeros_like(right_nabla_b(f, i, d))),
    "layer order reversed": _reversed,
    "float32 inside float64": _lower("float64", "float32"),
    "bfloat16 inside float32": _lower("float32", "bfloat16"),
    "flushed subnormals": _flushed,
}


def guarded(made: Mistake) -> Mistake:
    """None where a mistake cannot be made, or changes nothing but last digits."""

    def mistake(question: Question) -> Answer | None:
        with np.errstate(all="ignore"):  # a mistake may well divide by zero
            try:
                answer = made(question)
            except CannotBeMade:
                return None
            return None if answer is None or _unchanged(answer, right(question), question) else answer

    return mistake


def _unchanged(answer: Answer, base: Answer, question: Question) -> bool:
    """Whether a mistake changed nothing but last digits."""
    few = 2.0 ** (4 - question.format.bits)
    return all(
        v.shape == w.shape and bool(np.all(np.abs(as_floats(v) - as_floats(w)) <= few * np.abs(as_floats(w))))
        for (_, _, v), (_, _, w) in zip(tensors(answer), tensors(base), strict=True)
    )


MISTAKES: Mapping[str, Mistake] = MappingProxyType({name: guarded(made) for name, made in _MADE.items()})
