"""The screen: which networks of a stack are right for sure, and which differ from the witness by more than rounding explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp.activations import ACTIVATIONS
from manualbp.heads import HEADS
from oracle.verify.campaign.draw import ACTIVATION_NAMES, WEIGHTS, Stack
from oracle.verify.campaign.enclosures import NOTHING, Enclosures, real_layers
from oracle.verify.campaign.reference import Reference
from oracle.verify.campaign.subject import StackGradients
from oracle.verify.case import Case

#: Which equation yields which array of the backward pass.
ARRAYS = {"C": "cost", "BP1": "deltas", "BP2": "deltas", "BP3": "nabla_w", "BP4": "nabla_b"}


@dataclass(frozen=True, eq=False)
class Screened:
    """For each network of a stack (K,): whether it is `certified` by its enclosure, whether it `differs` from `jax.grad`, and by
    equation that difference in eps of the largest entry of its arrays."""

    certified: NDArray[np.bool_]
    differs: NDArray[np.bool_]
    eps: dict[str, NDArray[np.float64]]


def screen(stack: Stack, subject: StackGradients, reference: Reference, enclosures: Enclosures) -> Screened:
    """Every entry of every real layer, hand-derived, against its enclosure and against `jax.grad`; refused networks are left out
    by the caller."""
    K = len(stack.heads)
    differs, eps = np.zeros(K, bool), {}
    real = real_layers(stack)
    last = np.arange(WEIGHTS) == WEIGHTS - 1
    layers = {"BP1": real & last, "BP2": real & ~last, "BP3": real, "BP4": real}
    for equation, name in ARRAYS.items():
        got, expected = getattr(subject, name), reference[name]
        with np.errstate(invalid="ignore"):
            error = np.abs(got - expected)
        error[got == expected] = 0.0  # equal infinities too
        limit = enclosures.allow(name)
        if equation == "C":
            differs |= ~(error <= limit)
            eps[equation] = _in_eps(error, np.abs(expected))
            continue
        mask = layers[equation].reshape(K, WEIGHTS, *(1,) * (got.ndim - 2))
        axes = tuple(range(1, got.ndim))
        differs |= (mask & ~(error <= limit)).any(axis=axes)
        within = axes[1:]
        largest = np.max(np.abs(expected), axis=within)
        eps[equation] = np.max(np.where(layers[equation], _in_eps(np.max(error, axis=within), largest), 0.0), axis=1)
    return Screened(enclosures.hold(stack, subject), differs, eps)


def _in_eps(error: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(error > 0, error / np.maximum(scale, NOTHING) / np.finfo(np.float64).eps, 0.0)


def case_of(stack: Stack, k: int) -> Case:
    """Network k of the stack by itself, without its padding."""
    first, sizes, m = WEIGHTS - int(stack.depth[k]), stack.sizes[k], int(stack.samples[k])
    weights = [stack.w[k, i, : sizes[i + 1], : sizes[i]].copy() for i in range(first, WEIGHTS)]
    biases = [stack.b[k, i, : sizes[i + 1]].copy() for i in range(first, WEIGHTS)]
    hidden = [ACTIVATIONS[ACTIVATION_NAMES[stack.kinds[k, i]]] for i in range(first, WEIGHTS - 1)]
    net = manualbp.from_parameters(weights, biases, hidden, HEADS[stack.heads[k]])
    return Case(net, stack.x[k, : sizes[first], :m].copy(), stack.expected[k, : sizes[-1], :m].copy())
