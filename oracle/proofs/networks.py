"""`manualbp` run on a drawn network, to hold its values against the boxed right side that its line implements."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

import manualbp
from manualbp import gradients, index_form
from oracle.proofs.draws import Draws
from oracle.proofs.frame import Frame
from oracle.proofs.scope import Scope, definition_of
from oracle.proofs.statements import parse_statement
from oracle.proofs.world import World

#: The network that is run: its σ and C, as the pages would display them.
SIGMA = r"\sigma(z) := \frac{1}{1 + e^{-z}}"
COST = r"C := \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2"
SHAPES = ((2, 4, 3), (3, 2))


def scope_of_run() -> Scope:
    scope = Scope("network")
    for source in (SIGMA, COST):
        scope = scope.with_definition(definition_of(parse_statement(source, 0, True, frozenset()), scope))
    return scope


@dataclass(frozen=True)
class Run:
    """A drawn world, and what the package computes there: quantity → layer → array, samples in columns."""

    world: World
    values: dict[str, dict[int, np.ndarray]]


def run(frame: Frame, number: int) -> Run:
    world = Draws(scope_of_run()).world("floats", frame, number)
    L, everyone = frame.L, range(frame.samples)
    weights = [world.start.w[i].real.copy() for i in range(2, L + 1)]
    biases = [world.start.b[i].real.reshape(-1, 1).copy() for i in range(2, L + 1)]
    x = np.stack([world.start.a[1, r].real for r in everyone], axis=1)
    E = np.stack([world.expected[r].real for r in everyone], axis=1)
    head = manualbp.chained(manualbp.SIGMOID, manualbp.QUADRATIC)
    net = manualbp.from_parameters(weights, biases, [manualbp.SIGMOID] * (L - 2), head)
    z, a = manualbp.forward(net, x)
    g, by_index = gradients(net, x, E), index_form.gradients(net, x, E)
    eta = abs(float(world.variable("eta", None).real))
    world.variables["eta"] = world.f.number(Fraction(eta))  # the package takes no step uphill
    after = manualbp.step(net, g, eta)
    values = {"z": layers(z), "a": dict(enumerate(a, start=1)), "w": layers(after.weights), "b": layers(after.biases)}
    values |= {"delta": layers(g.deltas), "slope w": layers(g.nabla_w), "slope b": layers(g.nabla_b)}
    values |= {"Delta w": layers(tuple(-eta * w for w in g.nabla_w))}
    values |= {"index delta": layers(by_index.deltas), "index slope w": layers(by_index.nabla_w)}
    values |= {"index slope b": layers(by_index.nabla_b), "slope a": {L: manualbp.QUADRATIC.nabla_a(a[-1], E)}}
    if L == 2:
        ruled = manualbp.delta_rule(net, x, E, eta=eta)
        values["Delta w"] = {2: ruled.weights[0] - weights[0]}
    return Run(world, values)


def layers(values: Any) -> dict[int, np.ndarray]:
    return dict(enumerate(values, start=2))
