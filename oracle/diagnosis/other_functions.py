"""The derivative of something else: of another cost that everybody knows, or of an activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

import manualbp
from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import enough, fit
from oracle.diagnosis.number_names import name_of

Array = Any
Gradient = Callable[[Array, Array], Array]


def _sigmoid(z: Array) -> Array:
    return manualbp.SIGMOID.sigma(z)


def _softmax(z: Array) -> Array:
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


#: C's derivative by a, vectors a and E; beside manualbp's own list.
USUAL: Mapping[str, Gradient] = {
    "the squared error Σ (a − E)²": lambda a, E: 2 * (a - E),
    "the mean squared error": lambda a, E: 2 * (a - E) / a.size,
    "the mean absolute error": lambda a, E: np.sign(a - E) / a.size,
    "the absolute error": lambda a, E: np.sign(a - E),
    "the root mean squared error": lambda a, E: (a - E) / np.sqrt(np.mean((a - E) ** 2)) / a.size,
    "the distance ‖a − E‖": lambda a, E: (a - E) / np.sqrt(np.sum((a - E) ** 2)),
    "the hinge cost": lambda a, E: np.where(E * a < 1, -E, 0 * a),
    "the logistic cost ln(1 + e^(−E a))": lambda a, E: -E * _sigmoid(-E * a),
    "the cross-entropy with a as logits": lambda a, E: _sigmoid(a) - E,
    "the softmax cross-entropy with a as logits": lambda a, E: np.sum(E) * _softmax(a) - E,
    "the softmax cross-entropy with E on the simplex": lambda a, E: _softmax(a) - E,
    "the softmax cross-entropy with the softmax's off-diagonal terms left out": lambda a, E: -E * (1 - _softmax(a)),
    "the quadratic cost of the softmax, with p(1 − p) for the softmax's Jacobian": lambda a, E: (
        (_softmax(a) - E) * _softmax(a) * (1 - _softmax(a))
    ),
    "the mean of E under the softmax of a": lambda a, E: _softmax(a) * (E - np.sum(_softmax(a) * E)),
    "the mean of E under the softmax of a, with the softmax's off-diagonal terms left out": lambda a, E: (
        _softmax(a) * (1 - _softmax(a)) * E
    ),
    "the cross-entropy, its part with E alone": lambda a, E: -E / a,
    "the cross-entropy, its part with 1 − E alone": lambda a, E: (1 - E) / (1 - a),
    "the Kullback–Leibler divergence the other way, Σ a ln(a/E)": lambda a, E: np.log(a / E) + 1,
    "the generalized Kullback–Leibler divergence the other way": lambda a, E: np.log(a / E),
    "the Poisson cost with a as the logarithm of the rate": lambda a, E: np.exp(a) - E,
    "the squared logarithmic error": lambda a, E: 2 * (np.log1p(a) - np.log1p(E)) / (1 + a),
    "the relative error (a − E)²/E²": lambda a, E: 2 * (a - E) / E**2,
    "the absolute percentage error": lambda a, E: np.sign(a - E) / np.abs(E),
    "the Cauchy cost ln(1 + (a − E)²/2)": lambda a, E: 2 * (a - E) / (2 + (a - E) ** 2),
    "the quartic cost": lambda a, E: 4 * (a - E) ** 3,
    "the cosine similarity": lambda a, E: (
        (E - a * np.sum(a * E) / np.sum(a * a)) / np.sqrt(np.sum(a * a) * np.sum(E * E))
    ),
    "the negative entropy Σ a ln a": lambda a, E: np.log(a) + 1,
    "chi squared Σ (a − E)²/a": lambda a, E: 1 - (E / a) ** 2,
}


def another_cost(evidence: Evidence, parameters: Mapping[str, float], *, times: bool = True) -> str | None:
    """got = c · ∇C of another cost, with two arguments in either order; c = 1 unless `times`."""
    points = evidence.whole()
    for j, other in enumerate(points.values):
        if other is None or j == points.argnum:
            continue
        x, names = points.x, (evidence.names[evidence.argnum], evidence.names[j])
        for first, second, order in ((x, other, names), (other, x, names[::-1])):
            found = _first_that_fits(points, first, second, parameters, times)
            if found:
                which = "" if order == ("a", "E") else f", with {order[0]} for a and {order[1]} for E"
                return f"It is {found}{which}{'' if order == names else ': the arguments are exchanged'}"
    return None


def _first_that_fits(
    evidence: Evidence, x: Floats, y: Floats, parameters: Mapping[str, float], times: bool
) -> str | None:
    for words, gradient in _costs(parameters):
        basis, spread = _with_spread(evidence, gradient, x, y)
        interval = fit(evidence, evidence.got, basis, evidence.slack_of_a_multiple + spread)
        c = name_of(interval, parameters) if interval else None
        told_apart = evidence.told_apart(evidence.slack_of_a_multiple + spread)
        if c is not None and (times or c.value == 1) and enough(evidence, told_apart):
            return f"{'' if c.value == 1 else f'{c.words} times '}the derivative of {words}"
    return None


def _costs(parameters: Mapping[str, float]) -> Iterator[tuple[str, Gradient]]:
    for cost in manualbp.COSTS.values():
        yield f"the {cost.name.replace('_', ' ')} cost", _of_columns(cost)
    yield from USUAL.items()
    for value in list(dict.fromkeys(abs(v) for v in parameters.values() if v))[:6]:
        yield f"the exponential cost with τ = {value:g}", _of_columns(manualbp.exponential(value))
        yield f"the Huber cost with the threshold {value:g}", _of_columns(manualbp.huber(value))


def _of_columns(cost: manualbp.Cost) -> Gradient:
    return lambda a, E: cost.nabla_a(a[:, None], E[:, None])[:, 0]


def _with_spread(evidence: Evidence, gradient: Gradient, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """A formula at every point, and how much it changes when the arguments move by a few units of rounding."""
    out, moved = np.full_like(x, np.nan), np.full_like(x, np.nan)
    nudge = 1 + 4 * evidence.unit * np.where(evidence.index % 2 == 0, 1.0, -1.0)
    with np.errstate(all="ignore"):
        for low, high in evidence.spans:
            try:
                out[low:high] = gradient(x[low:high], y[low:high])
                moved[low:high] = gradient((x * nudge)[low:high], (y / nudge)[low:high])
            except (ArithmeticError, ValueError):
                break
    return out, np.abs(moved - out)


def another_activation(evidence: Evidence, parameters: Mapping[str, float], *, times: bool = True) -> str | None:
    """got = c · σ′(x) or c · σ(x) of a known activation; c = 1 unless `times`."""
    for name, activation in manualbp.ACTIVATIONS.items():
        for words, basis in _of_activation(name, activation, evidence.x):
            if np.ptp(basis) == 0:
                continue
            interval = fit(
                evidence, evidence.got, basis, evidence.slack + evidence.units_of(UNITS_OF_SIGMA) * np.abs(basis)
            )
            c = name_of(interval, parameters) if interval else None
            if c is not None and name != "identity" and enough(evidence, evidence.wrong) and (times or c.value == 1):
                return f"It is {'' if c.value == 1 else c.words + ' times '}{words.format(z=evidence.names[evidence.argnum])}"
    return None


def _of_activation(name: str, activation: manualbp.Activation, z: Floats) -> Iterator[tuple[str, Floats]]:
    with np.errstate(all="ignore"):
        a = np.asarray(activation.sigma(z.copy()))
        yield f"the derivative of {name}", np.asarray(activation.sigma_prime(z.copy()))
        yield f"the value, not the derivative, of {name}", a
        yield f"σ′ at a = σ({{z}}) instead of {{z}}, σ = {name}", np.asarray(activation.sigma_prime(a))
        yield f"a(1 − a) with a = {name}", a * (1 - a)
        yield f"1 − a² with a = {name}", (1 - a) * (1 + a)


#: What manualbp promises of its activations, in units of rounding.
UNITS_OF_SIGMA = 16.0
