"""Mistakes that a backend is told of by name and that no vector lists: too special to be asked of every head.

As in `oracle.vectors.mistakes` each is carried out in float64 and rounded, and is None where it cannot be made or changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS
from oracle.vectors.mistakes import Mistake, guarded, of_samples, right, scaled, step
from oracle.vectors.passes import (
    CannotBeMade,
    Forward,
    right_back,
    right_cost,
    right_nabla_b,
    right_nabla_w,
    run_backward,
    run_forward,
)
from oracle.vectors.record import Answer, Question
from oracle.vectors.rounded_constants import CONSTANTS, forward_with_rounded_constant

Array = NDArray[Any]


def _delta_over_m(question: Question) -> Answer:
    """∂C/∂z of the batch's mean for that of each sample's own cost."""
    answer = right(question)
    return replace(answer, deltas=tuple(d / np.asarray(question.samples, d.dtype) for d in answer.deltas or ()))


def _slope_of(neighbour: int) -> Callable[[Forward, int], Array]:
    """σ′ of the layer `neighbour` further, at this layer's z."""

    def slope(f: Forward, i: int) -> Array:
        k = i + neighbour
        if k < 2:
            return f.net.activations[i - 2].sigma_prime(f.z[i])
        name = f.net.head.activation if k == f.L else f.net.activations[k - 2].name
        if name not in ACTIVATIONS:
            raise CannotBeMade
        return ACTIVATIONS[name].sigma_prime(f.z[i])

    return slope


def _one_sample(keep: Callable[[Array], Array]) -> Mistake:
    """∂W and ∂b of one sample, divided by m as if they were all."""
    return lambda question: run_backward(
        run_forward(question),
        question.format,
        nabla_w=lambda f, i, d: keep(d[i]) @ keep(f.a[i - 1]).T / f.m,
        nabla_b=lambda f, i, d: keep(d[i]) / f.m,
    )


def _last(v: Array) -> Array:
    return v[:, -1:]


def _constant(name: str) -> Mistake:
    def mistake(question: Question) -> Answer | None:
        if question.dtype != "float64":
            return None
        f = forward_with_rounded_constant(question, name)
        return None if f is None else run_backward(f, question.format)

    return mistake


def _rounded_logarithm(question: Question) -> Answer | None:
    f = run_forward(question)
    if question.dtype != "float64" or f.net.head.cost.name != "log_cosh":
        return None
    off = np.log(2.0) - float(np.float32(np.log(2.0)))
    return run_backward(f, question.format, cost=lambda f: right_cost(f) + off * f.E.shape[0])


def _of_layer(layer: Callable[[Forward], int]) -> Mistake:
    """∂W and ∂b of one layer are 0."""

    def keep(f: Forward, i: int, v: Array) -> Array:
        return np.zeros_like(v) if i == layer(f) else v

    return step(
        nabla_w=lambda f, i, d: keep(f, i, right_nabla_w(f, i, d)),
        nabla_b=lambda f, i, d: keep(f, i, right_nabla_b(f, i, d)),
    )


def _hidden_weights_zero(f: Forward, i: int, d: Any) -> Array:
    v = right_nabla_w(f, i, d)
    return v if i == f.L else np.zeros_like(v)


def _one_less(f: Forward) -> float:
    if f.m == 1:
        raise CannotBeMade
    return f.m / (f.m - 1)


def _in_other_order(f: Forward, i: int, d: Any) -> Array:
    """∂W whose memory is column by column, read row by row."""
    v = right_nabla_w(f, i, d)
    return v.T.reshape(v.shape)


def _slope_from_behind(f: Forward, i: int) -> Array:
    """σ′ of the activation that stands as far from the other end."""
    return f.net.activations[f.L - 1 - i].sigma_prime(f.z[i])


def _asked(change: Callable[[Question], Question]) -> Mistake:
    """The right answer to another question."""
    return lambda question: right(change(question))


def _without_biases(layers: Callable[[int, int], bool]) -> Mistake:
    """Biases are no part of the forward pass. layers: of a bias's number from 0, and how many there are."""

    def changed(q: Question) -> Question:
        return replace(q, biases=tuple(0 * b if layers(k, len(q.biases)) else b for k, b in enumerate(q.biases)))

    return _asked(changed)


def _classes_off(by: int) -> Mistake:
    return _asked(lambda q: replace(q, expected=np.roll(q.expected, by, axis=0)))


_MADE: Mapping[str, Mistake] = {
    "1/m twice in BP3": scaled(lambda f: 1 / f.m, b=False),
    "1/m twice in BP4": scaled(lambda f: 1 / f.m, w=False),
    "gradients averaged over the outputs": scaled(lambda f: 1 / f.E.shape[0]),
    "gradients averaged over the outputs, and no 1/m": scaled(lambda f: f.m / f.E.shape[0]),
    "divided by m - 1": scaled(_one_less),
    "divided by m + 1": scaled(lambda f: f.m / (f.m + 1)),
    "divided by the square root of m": scaled(lambda f: float(np.sqrt(f.m))),
    "sign in BP2": step(back=lambda f, i, d: -right_back(f, i, d)),
    "dW in another memory order": step(nabla_w=_in_other_order),
    "sigma_prime of the layers in reversed order": step(slope=_slope_from_behind),
    "the quadratic cost's gradient for every cost": step(delta_last=lambda f: f.bp1(f.a[f.L] - f.E)),
    "no biases in the forward pass": _without_biases(lambda k, n: True),
    "no biases in the forward pass, in the first layer": _without_biases(lambda k, n: k == 0),
    "no biases in the forward pass, in the last layer": _without_biases(lambda k, n: k == n - 1),
    "targets one class too far": _classes_off(1),
    "targets one class too early": _classes_off(-1),
    "cost averaged over the outputs": step(cost=lambda f: right_cost(f) / f.E.shape[0]),
    "delta divided by m": _delta_over_m,
    "factor 2 in BP3": scaled(lambda f: 2, b=False),
    "factor 2 in BP4": scaled(lambda f: 2, w=False),
    "sign in BP3": scaled(lambda f: -1, b=False),
    "sign in BP4": scaled(lambda f: -1, w=False),
    "last sample only": of_samples(_last),
    "last sample only, divided by m": _one_sample(_last),
    "first sample only, divided by m": _one_sample(lambda v: v[:, :1]),
    "sigma_prime of the next layer's activation": step(slope=_slope_of(1)),
    "sigma_prime of the layer before's activation": step(slope=_slope_of(-1)),
    "no gradient in the last layer": _of_layer(lambda f: f.L),
    "no weight gradient in the hidden layers": step(nabla_w=_hidden_weights_zero),
    **{name: _constant(name) for name in CONSTANTS},
    "log_cosh's ln 2 is a float32": _rounded_logarithm,
}

MORE_MISTAKES: Mapping[str, Mistake] = MappingProxyType({name: guarded(made) for name, made in _MADE.items()})
