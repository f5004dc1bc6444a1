"""From a wrong case to the smallest one like it: fewer samples, layers and neurons, plainer activations and numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from manualbp import IDENTITY, Network
from oracle.verify.case import Case


def shrink(case: Case, fails: Callable[[Case], bool], seconds: float = 10.0) -> Case:
    """A smaller case that still `fails`, by greedy descent for at most so many seconds. `fails` is false where a candidate leaves
    the domain of its cost."""
    until = time.monotonic() + seconds
    progress = True
    while progress and time.monotonic() < until:
        progress = False
        for candidate in candidates(case):
            if time.monotonic() >= until:
                break
            if simplicity(candidate) < simplicity(case) and fails(candidate):
                case, progress = candidate, True
                break
    return case


def simplicity(case: Case) -> tuple[int, int, int]:
    """Smaller is simpler: how many numbers, how many activations besides the identity, how many digits."""
    arrays = (*case.net.weights, *case.net.biases, case.x, case.expected)
    digits = sum(len(f"{v:.17g}".strip("-0.")) for array in arrays for v in array.flat)
    return case.size, sum(f is not IDENTITY for f in case.net.activations), digits


def candidates(case: Case) -> Iterator[Case]:
    """Simpler cases, the boldest first."""
    net, m = case.net, case.x.shape[-1]
    if m > 1:
        for r in range(m):
            yield replace(case, x=case.x[:, [r]], expected=case.expected[:, [r]])
    for k in range(len(net.activations)):
        yield replace(case, net=without_layer(net, k))
    for i, n in enumerate(net.sizes):
        if n > 1:
            for keep in ([0], [n - 1], list(range(n // 2)), list(range(n // 2, n)), list(range(n - 1))):
                if 0 < len(keep) < n:
                    yield with_neurons(case, i, keep)
    for k, activation in enumerate(net.activations):
        if activation is not IDENTITY:
            yield replace(
                case, net=replace(net, activations=(*net.activations[:k], IDENTITY, *net.activations[k + 1 :]))
            )
    rounded = [partial(np.round, decimals=d) for d in (0, 1, 2)]
    plain: list[Callable[[Any], Any]] = [np.zeros_like, np.ones_like, *rounded]
    for plainer in plain:
        yield from _with_plainer_numbers(case, plainer)


def _with_plainer_numbers(case: Case, plainer: Callable[[Any], Any]) -> Iterator[Case]:
    net = case.net
    for k in range(len(net.weights)):
        yield replace(
            case, net=replace(net, weights=(*net.weights[:k], plainer(net.weights[k]), *net.weights[k + 1 :]))
        )
        yield replace(case, net=replace(net, biases=(*net.biases[:k], plainer(net.biases[k]), *net.biases[k + 1 :])))
    yield replace(case, x=plainer(case.x))
    yield replace(case, expected=plainer(case.expected))


def without_layer(net: Network, k: int) -> Network:
    """The network without its hidden layer k: the next weights take the layer before as their input, cut or padded to fit."""
    w, before = net.weights[k + 1], net.weights[k].shape[1]
    fitted = np.zeros((w.shape[0], before), w.dtype)
    n = min(before, w.shape[1])
    fitted[:, :n] = w[:, :n]
    return replace(
        net,
        weights=(*net.weights[:k], fitted, *net.weights[k + 2 :]),
        biases=(*net.biases[:k], *net.biases[k + 1 :]),
        activations=(*net.activations[:k], *net.activations[k + 1 :]),
    )


def with_neurons(case: Case, i: int, keep: list[int]) -> Case:
    """The case with only the given neurons in layer i (0 is the input)."""
    weights, biases = list(case.net.weights), list(case.net.biases)
    x, expected = case.x, case.expected
    if i > 0:
        weights[i - 1], biases[i - 1] = weights[i - 1][keep], biases[i - 1][keep]
    if i < len(weights):
        weights[i] = weights[i][:, keep]
    if i == 0:
        x = x[keep]
    if i == len(weights):
        expected = expected[keep]
        if case.net.head.cost.e_domain.name == "closed_simplex" and (expected.sum(axis=0) > 0).all():
            expected = expected / expected.sum(axis=0)
    return Case(replace(case.net, weights=tuple(weights), biases=tuple(biases)), x, expected)
