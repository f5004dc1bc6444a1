"""The screen: which networks of a stack differ from the witness by more than rounding explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp.activations import ACTIVATIONS
from manualbp.heads import HEADS
from oracle.judgement.verdict import allowed
from oracle.verify.campaign.draw import ACTIVATION_NAMES, WEIGHTS, Stack
from oracle.verify.campaign.reference import Reference
from oracle.verify.campaign.subject import StackGradients
from oracle.verify.case import Case
from oracle.verify.examine import whatever_the_cost

#: What the order of sums may change, in units of the network's largest ∂C/∂w: XLA's σ′ is 0 in a tail, and allows nothing there.
ROUNDED_AWAY = 2.0**-50
#: Relative allowance for the embedding where XLA's own overflow leaves none.
ROUGHLY = 1e-9
#: Which equation yields which array of the backward pass.
ARRAYS = {"C": "cost", "BP1": "deltas", "BP2": "deltas", "BP3": "nabla_w", "BP4": "nabla_b"}


@dataclass(frozen=True, eq=False)
class Screened:
    """For each network of a stack: `differs` (K,), and by equation the error in eps of the largest entry of its arrays (K,)."""

    differs: NDArray[np.bool_]
    eps: dict[str, NDArray[np.float64]]


def screen(stack: Stack, subject: StackGradients, reference: Reference) -> Screened:
    """Every entry of every real layer, hand-derived against `jax.grad`; refused networks are left out by the caller."""
    K = len(stack.heads)
    differs, eps = np.zeros(K, bool), {}
    real = np.arange(WEIGHTS) >= WEIGHTS - stack.depth[:, None]
    last = np.arange(WEIGHTS) == WEIGHTS - 1
    layers = {"BP1": real & last, "BP2": real & ~last, "BP3": real, "BP4": real}
    for equation, name in ARRAYS.items():
        got, expected = getattr(subject, name), reference.value[name]
        with np.errstate(invalid="ignore"):
            error = np.abs(got - expected)
        error[got == expected] = 0.0  # equal infinities too
        limit = allowed(reference.allowance[name], got.dtype)
        if equation == "C":
            differs |= ~(error <= limit)
            eps[equation] = _in_eps(error, np.abs(expected))
            continue
        mask = layers[equation].reshape(K, WEIGHTS, *(1,) * (got.ndim - 2))
        axes = tuple(range(1, got.ndim))
        differs |= (mask & ~(error <= limit)).any(axis=axes)
        inner = axes[1:]
        largest = np.max(np.abs(expected), axis=inner)
        eps[equation] = np.max(np.where(layers[equation], _in_eps(np.max(error, axis=inner), largest), 0.0), axis=1)
    return Screened(differs, eps)


def _in_eps(error: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    tiny = np.finfo(np.float64).tiny
    return np.where(error > 0, error / np.maximum(scale, tiny) / np.finfo(np.float64).eps, 0.0)


def case_of(stack: Stack, k: int) -> Case:
    """Network k of the stack by itself, without its padding."""
    first, sizes, m = WEIGHTS - int(stack.depth[k]), stack.sizes[k], int(stack.samples[k])
    weights = [stack.w[k, i, : sizes[i + 1], : sizes[i]].copy() for i in range(first, WEIGHTS)]
    biases = [stack.b[k, i, : sizes[i + 1]].copy() for i in range(first, WEIGHTS)]
    hidden = [ACTIVATIONS[ACTIVATION_NAMES[stack.kinds[k, i]]] for i in range(first, WEIGHTS - 1)]
    net = manualbp.from_parameters(weights, biases, hidden, HEADS[stack.heads[k]])
    return Case(net, stack.x[k, : sizes[first], :m].copy(), stack.expected[k, : sizes[-1], :m].copy())


def embedding_error(stack: Stack, subject: StackGradients, reference: Reference, k: int) -> float:
    """Largest difference between network k alone and in the stack, in units of what rounding explains: the padding is to change
    nothing but the order of sums. NaN counts as infinite."""
    case, first, sizes = case_of(stack, k), WEIGHTS - int(stack.depth[k]), stack.sizes[k]
    g = whatever_the_cost(manualbp.gradients, case)
    negligible = ROUNDED_AWAY * max(float(np.max(np.abs(nabla))) for nabla in g.nabla_w)
    worst = 0.0
    for i in range(len(case.net.weights)):
        here = np.s_[k, first + i, : sizes[first + i + 1], : sizes[first + i]]
        off, allowance = np.abs(subject.nabla_w[here] - g.nabla_w[i]), reference.allowance["nabla_w"][here]
        known = np.where(np.isfinite(allowance), allowance, ROUGHLY * np.abs(g.nabla_w[i]))
        share = float(np.max(off / (allowed(known, off.dtype) + negligible)))
        worst = max(worst, np.inf if np.isnan(share) else share)
    return worst
