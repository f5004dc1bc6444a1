"""The package at work on a page's subject: what runs then can be quoted, and what comes out is what a quoted line computes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

import manualbp
from manualbp import costs, descent, heads
from oracle.proofs.frame import Frame
from oracle.proofs.networks import SHAPES, run
from oracle.proofs.quotes import watched

Executed = dict[str, set[int]]


@cache
def executed_for(kind: str, name: str, part: str = "") -> Executed:
    """The lines of the package that run when the subject's record, or that part of it, is used, by file."""
    executed: Executed = {}
    with np.errstate(all="ignore"), watched(executed):
        use(kind, name, part)
    return executed


def use(kind: str, name: str, part: str = "") -> list[Any]:
    """Uses the subject's record, or that part of it: sigma, sigma_prime, C, nabla_a, delta. What it returns each time."""
    return list(USES.get(kind, use_everything)(name, part))


def use_network(_: str, part: str = "") -> list[Any]:
    for widths in SHAPES:
        run(Frame(widths, 3), 0)
    descent.descend(lambda p: 2 * p, (-2, 4), eta=0.25, steps=2)
    rng = np.random.default_rng(0)
    net = manualbp.init(
        (3, 2, 2), hidden=manualbp.SIGMOID, head=heads.chained(manualbp.SIGMOID, costs.QUADRATIC), rng=rng
    )
    x, E = rng.random((3, 8)), rng.random((2, 8))
    for updates in (
        descent.batch(net, x, E, eta=0.1),
        descent.single_sample(net, x, E, eta=0.1, rng=rng),
        descent.stochastic(net, x, E, eta=0.1, draw=4, mini_batch=2, rng=rng),
    ):
        list(islice(updates, 3))
    manualbp.per_sample_gradients(net, x, E)
    heads._all_heads()
    for cost in (costs.QUADRATIC, costs.CROSS_ENTROPY):
        use_cost(cost.name)
    for activation in ("sigmoid", "tanh", "relu"):
        use_activation(activation)
    return []


def use_activation(name: str, part: str = "") -> list[Any]:
    from oracle.balls.arrays import lift

    points = np.array([-40.0, -3.0, -0.7, -0.1, 0.2, 0.8, 3.0, 40.0])
    parts = (part,) if part else ("sigma", "sigma_prime")
    return [getattr(manualbp.ACTIVATIONS[name], which)(z) for z in (points, lift(points)) for which in parts]


def use_cost(name: str, part: str = "") -> list[Any]:
    cost = {"exponential": costs.exponential(0.7), "huber": costs.huber(0.3)}.get(name) or manualbp.COSTS[name]
    a, E = np.array([[0.2], [0.7]]), np.array([[1.0], [0.0]])
    if cost.e_domain.name == "sign":
        E = np.array([[1.0], [-1.0]])
    return [getattr(cost, which)(a, E) for which in ((part,) if part else ("C", "nabla_a"))]


def use_head(name: str, part: str = "") -> list[Any]:
    heads._all_heads()
    return use_one(manualbp.HEADS[name], part)


def use_one(head: manualbp.Head, part: str = "") -> list[Any]:
    z, E = np.array([[0.2], [-0.7]]), np.array([[1.0], [0.0]])
    a = head.sigma(z)
    return [getattr(head, which)(z, a, E) for which in ((part,) if part else ("C", "delta"))]


def use_softmax(_: str, part: str = "") -> list[Any]:
    return [value for head in (heads.softmax(costs.QUADRATIC), *heads._fused_heads()) for value in use_one(head)]


def use_everything(_: str, part: str = "") -> list[Any]:
    use_network("")
    use_softmax("")
    for name in manualbp.ACTIVATIONS:
        use_activation(name)
    for name in manualbp.COSTS:
        use_cost(name)
    return []


USES: dict[str, Callable[[str, str], list[Any]]] = {
    "network": use_network,
    "activation": use_activation,
    "cost": use_cost,
    "head": use_head,
    "softmax": use_softmax,
}
