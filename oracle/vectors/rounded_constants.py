"""Activations and costs whose constants were rounded to float32, as a program has them that was written for float32 first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS, Network, chained
from manualbp.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_LAMBDA
from manualbp.forward_pass import by_layer, forward
from manualbp.special import erfc
from oracle.vectors.passes import Forward, run_forward
from oracle.vectors.record import Question

Array = NDArray[Any]
Pair = tuple[Callable[[Array], Array], Callable[[Array], Array]]


def _rounded(v: float) -> float:
    return float(np.float32(v))


def _leaky_relu() -> Pair:
    c = _rounded(LEAKY_SLOPE)
    return lambda z: np.where(z > 0, z, c * z), lambda z: np.where(z > 0, 1.0, c)


def _selu(scale: float = _rounded(SELU_LAMBDA), alpha: float = _rounded(SELU_ALPHA)) -> Pair:
    return (
        lambda z: np.where(z > 0, scale * z, scale * alpha * np.expm1(np.minimum(z, 0))),
        lambda z: np.where(z > 0, scale, scale * alpha * np.exp(np.minimum(z, 0))),
    )


def _gelu() -> Pair:
    half_root, density = _rounded(np.sqrt(0.5)), 1 / np.sqrt(2 * np.pi)

    def distribution(z: Array) -> Array:
        return erfc(-z * half_root) / 2

    # Φ(cz)′ = c √2 φ(√2 c z) with c = 1/√2
    scale = half_root * np.sqrt(2.0)
    return (
        lambda z: z * distribution(z),
        lambda z: distribution(z) + z * scale * density * np.exp(-((z * half_root) ** 2)),
    )


def _gelu_tanh(whole: bool = True) -> Pair:
    root, cubic = float(np.sqrt(2 / np.pi)), _rounded(0.044715)
    root = _rounded(root) if whole else root

    def sigma(z: Array) -> Array:
        return z / (1 + np.exp(-2 * root * (z + cubic * z**3)))

    def sigma_prime(z: Array) -> Array:
        s = 1 / (1 + np.exp(-2 * root * (z + cubic * z**3)))
        return s + z * s * (1 - s) * 2 * root * (1 + 3 * cubic * z * z)

    return sigma, sigma_prime


#: name: (activation, what it becomes)
CONSTANTS: Mapping[str, tuple[str, Callable[[], Pair]]] = MappingProxyType(
    {
        "leaky_relu's constant is a float32": ("leaky_relu", _leaky_relu),
        "selu's constants are float32": ("selu", _selu),
        "gelu's constant is a float32": ("gelu", _gelu),
        "gelu_tanh's constants are float32": ("gelu_tanh", _gelu_tanh),
        "gelu_tanh's 0.044715 is a float32": ("gelu_tanh", lambda: _gelu_tanh(whole=False)),
        "selu's constants have six digits": ("selu", lambda: _selu(1.0507, 1.67326)),
    }
)


def forward_with_rounded_constant(question: Question, name: str) -> Forward | None:
    """The forward pass with those constants, and a network that goes back so; None where it has no part."""
    activation, pair = CONSTANTS[name]
    return forward_with(question, activation, pair())


def forward_with(question: Question, activation: str, pair: Pair) -> Forward | None:
    """The forward pass with other functions for σ and σ′ of an activation, and a network that goes back so; None where it has no
    part."""
    net = question.network()
    if activation not in (*question.hidden, net.head.activation):
        return None
    sigma, sigma_prime = pair
    other = replace(ACTIVATIONS[activation], sigma=sigma, sigma_prime=sigma_prime)
    hidden = tuple(other if f.name == activation else f for f in net.activations)
    head = chained(other, net.head.cost) if net.head.activation == activation else net.head
    changed = Network(net.weights, net.biases, hidden, head)
    z, a = forward(changed, question.x.astype(np.float64))
    return replace(run_forward(question), net=changed, z=by_layer(z), a=dict(enumerate(a, start=1)))
