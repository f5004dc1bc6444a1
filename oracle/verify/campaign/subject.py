"""The subject of the campaign: `manualbp.gradients` itself, on a stack of networks.

BP1–BP4 are matrix equations, and NumPy's `@` applies them to each network of a stack. Where the networks of a stack differ in
their activations or heads, a record of the same kind hands each its own.
"""

from dataclasses import dataclass

import numpy as np

import manualbp
from manualbp import costs, domains
from manualbp.activations import ACTIVATIONS, Activation
from manualbp.checks import CostOverflow
from manualbp.costs import Cost
from manualbp.heads import HEADS, Head
from oracle.verify.campaign.draw import ACTIVATION_NAMES, SAMPLES, WEIGHTS, WIDTH, Stack

#: Below this, ∇ₐC of a cost with 1/a² overflows, though δᴸ, in which it meets a small σ′, need not; and a σ′ below it may be no
#: float where ∇ₐC is as large as its inverse, and δᴸ one. BP1 stays as it stands, and is called inaccurate there; it does not
#: decide the verdict.
EDGE = 1e-150


@dataclass(frozen=True)
class StackGradients:
    """For each network: cost (K,), deltas (K, 6, 12, 5) of each sample, nabla_w (K, 6, 12, 12), nabla_b (K, 6, 12, 1),
    refused (K,): true where an output saturated out of the cost's domain, for which `gradients` raises DomainError; and extreme
    (K,): true where an output of a chained or Jacobian head is below EDGE, and a gradient not finite, or where the σ′ of a chained
    head is below EDGE and its ∇ₐC above 1/EDGE."""

    cost: np.ndarray
    deltas: np.ndarray
    nabla_w: np.ndarray
    nabla_b: np.ndarray
    refused: np.ndarray
    extreme: np.ndarray


def run_subject(stack: Stack) -> StackGradients:
    """Hand-derived gradients of every network of the stack, by `manualbp.gradients`."""
    K = len(stack.heads)
    cost, refused, extreme, vanishing = np.empty(K), np.zeros(K, bool), np.zeros(K, bool), np.zeros(K, bool)
    deltas, nabla_w, nabla_b = np.zeros((*stack.b.shape[:3], SAMPLES)), np.empty_like(stack.w), np.empty_like(stack.b)
    for m in range(1, SAMPLES + 1):
        rows = np.flatnonzero(stack.samples == m)
        net = manualbp.Network(
            tuple(stack.w[rows, i] for i in range(WEIGHTS)),
            tuple(stack.b[rows, i] for i in range(WEIGHTS)),
            tuple(mixed_activation(stack.kinds[rows, i]) for i in range(WEIGHTS - 1)),
            mixed_head([stack.heads[k] for k in rows], stack.sizes[rows, -1]),
        )
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # of refused networks alone
            refused[rows], extreme[rows], vanishing[rows] = at_the_edge(net, stack, rows, m)
            try:
                g = manualbp.gradients(net, stack.x[rows, :, :m], stack.expected[rows, :, :m])
            except CostOverflow as overflow:
                g = overflow.gradients
            except Exception:  # an equation that cannot be carried out; each network by itself will say which
                cost[rows], deltas[rows], nabla_w[rows], nabla_b[rows] = np.nan, np.nan, np.nan, np.nan
                continue
        cost[rows] = fitting(g.cost, (len(rows),))
        for i in range(WEIGHTS):
            deltas[rows, i, :, :m] = fitting(g.deltas[i], (len(rows), WIDTH, m))
            nabla_w[rows, i] = fitting(g.nabla_w[i], (len(rows), WIDTH, WIDTH))
            nabla_b[rows, i] = fitting(g.nabla_b[i], (len(rows), WIDTH, 1))
    extreme &= ~np.isfinite(nabla_b).all(axis=(1, 2, 3)) | ~np.isfinite(nabla_w).all(axis=(1, 2, 3))
    return StackGradients(cost, deltas, nabla_w, nabla_b, refused, extreme | vanishing)


def fitting(got: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The array itself, or NaN in its place where it has another shape than it must."""
    return got if np.shape(got) == shape else np.full(shape, np.nan)


def mixed_activation(kinds: np.ndarray) -> Activation:
    """σ and σ′ of a layer in which network k of the stack has activation number kinds[k]."""
    groups = [(ACTIVATIONS[name], np.flatnonzero(kinds == k)) for k, name in enumerate(ACTIVATION_NAMES)]
    groups = [(activation, rows) for activation, rows in groups if rows.size]

    def sigma(z: np.ndarray) -> np.ndarray:
        a = np.empty_like(z)
        for activation, rows in groups:
            a[rows] = activation.sigma(z[rows])
        return a

    def sigma_prime(z: np.ndarray) -> np.ndarray:
        slope = np.empty_like(z)
        for activation, rows in groups:
            slope[rows] = activation.sigma_prime(z[rows])
        return slope

    return Activation("mixed", sigma, sigma_prime, -np.inf, np.inf)


def stretches(names: list[str], widths: np.ndarray) -> list[tuple[Head, slice, int]]:
    """(head, rows, number of outputs) for each stretch of equal heads."""
    starts = [k for k in range(len(names)) if k == 0 or names[k] != names[k - 1]]
    stops = [*starts[1:], len(names)]
    return [
        (HEADS[names[start]], slice(start, stop), int(widths[start])) for start, stop in zip(starts, stops, strict=True)
    ]


def mixed_head(names: list[str], widths: np.ndarray) -> Head:
    """The head of a stack in which network k has head names[k] on widths[k] outputs; padded outputs are left alone."""
    groups = stretches(names, widths)

    def sigma(z: np.ndarray) -> np.ndarray:
        a = np.zeros_like(z)
        for head, rows, n in groups:
            a[rows, :n] = head.sigma(z[rows, :n])
        return a

    def C(z: np.ndarray, a: np.ndarray, E: np.ndarray) -> np.ndarray:
        return np.concatenate([head.C(z[rows, :n], a[rows, :n], E[rows, :n]) for head, rows, n in groups])

    def delta(z: np.ndarray, a: np.ndarray, E: np.ndarray) -> np.ndarray:
        d = np.zeros_like(z)
        for head, rows, n in groups:
            d[rows, :n] = head.delta(z[rows, :n], a[rows, :n], E[rows, :n])
        return d

    anything = Cost(
        "mixed", costs.quadratic, costs.quadratic_nabla, domains.REAL, domains.REAL
    )  # its domains alone are asked
    return Head("mixed", "mixed", "mixed", anything, sigma, C, delta, domains.REAL)


def at_the_edge(
    net: manualbp.Network, stack: Stack, rows: np.ndarray, m: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which networks have an output outside the domain of their cost, which one that is positive but below EDGE, and which a
    chained head whose ∇ₐC is above 1/EDGE where its σ′ is below EDGE."""
    zs, outputs = manualbp.forward(net, stack.x[rows, :, :m])
    refused, small, vanishing = (np.zeros(len(rows), bool) for _ in range(3))
    for head, stretch, n in stretches([stack.heads[k] for k in rows], stack.sizes[rows, -1]):
        z, a = zs[-1][stretch, :n], outputs[-1][stretch, :n]
        refused[stretch] = ~head.a_domain.contains(a).all(axis=(1, 2))
        if head.a_domain.name == "positive":
            small[stretch] = (a < EDGE).any(axis=(1, 2))
        if head.form == "chained":
            nabla_a = head.cost.nabla_a(a, stack.expected[rows[stretch], :n, :m])
            sigma_prime = ACTIVATIONS[head.activation].sigma_prime(z)
            vanishing[stretch] = ((np.abs(sigma_prime) < EDGE) & (np.abs(nabla_a) > 1 / EDGE)).any(axis=(1, 2))
    return refused, small & ~refused, vanishing & ~refused
