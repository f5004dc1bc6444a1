"""The passes in NumPy, with each step open to be done wrong, as a backend would have it; and a run over a few heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from oracle.backends import Backend, Capabilities
from oracle.backends.session import in_process
from oracle.conform.asking import asked
from oracle.conform.run import Run, conform
from oracle.conform.summary import causes
from oracle.vectors import Answer, Question, Vector, vectors

HEADS = ("tanh+quadratic", "sigmoid+cross_entropy", "softmax+categorical_cross_entropy:fused")
Array = Any


def passes(q: Question, dtype: Any = None, **how: Any) -> Answer:
    """how: `last` δᴸ of (head, z, a, E), `slope` of (layer, z), `back` the weights that δ goes back through, `product` of matrices,
    `bp3` and `bp4` of (δ, a, m)."""
    dtype = dtype or q.x.dtype
    net = q.network(dtype)
    head, hidden, L = net.head, net.activations, len(net.weights)
    product = how.get("product", lambda v, w: v @ w)
    with np.errstate(all="ignore"):
        z, a = [], [q.x.astype(dtype)]
        for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
            z.append(product(w, a[i]) + b)
            a.append(head.sigma(z[i]) if i == L - 1 else hidden[i].sigma(z[i]))
        E, m = q.expected.astype(dtype), q.samples
        delta = [how.get("last", lambda head, z, a, E: head.delta(z, a, E))(head, z[-1], a[-1], E)]
        for i in range(L - 2, -1, -1):
            w = how.get("back", lambda i, net, delta, a, m: net.weights[i + 1])(i, net, delta[0], a, m)
            slope = how.get("slope", lambda i, z: hidden[i].sigma_prime(z[i]))(i, z)
            delta.insert(0, product(w.T, delta[0]) * slope)
        bp3 = how.get("bp3", lambda d, a, m: product(d, a.T) / m)
        bp4 = how.get("bp4", lambda d, a, m: d.sum(axis=1, keepdims=True) / m)
        out = lambda v: np.asarray(v).astype(q.x.dtype)  # noqa: E731
        return Answer(
            tuple(out(bp3(d, v, m)) for d, v in zip(delta, a, strict=False)),
            tuple(out(bp4(d, v, m)) for d, v in zip(delta, a, strict=False)),
            out(head.C(z[-1], a[-1], E).sum() / m),
            tuple(map(out, a[1:])),
            tuple(map(out, delta)),
        )


def gradients_only(answer: Answer) -> Answer:
    return replace(answer, cost=None, activations=None, deltas=None)


@cache
def few(dtype: str, heads: Sequence[str] = HEADS) -> tuple[Vector, ...]:
    """Those of a few heads, but of the many sizes a few."""
    found = vectors(dtype, heads)
    sizes = [v for v in found if "-" in v.id.rpartition("/")[2]]
    return tuple(v for v in found if v not in sizes[1::2] + sizes[::4])


def conformed(
    run: Callable[[Question], Answer], dtype: str = "float64", heads: Sequence[str] = HEADS, **said: Any
) -> Run:
    session = in_process(Backend("wrong", run, Capabilities((dtype,), **said)))
    return conform(session, few(dtype, tuple(heads)))


def told(run: Run) -> list[str]:
    """The causes, the commonest first."""
    return [cause.words for cause in causes(run.failures, run.results)]


def unnamed(run: Callable[[Question], Answer], heads: Sequence[str]) -> list[str]:
    """The causes of failures that nobody looks for a name of, over all cases of the heads."""
    session = in_process(Backend("wrong", run, Capabilities(("float64",))))
    results = [asked(session, v) for v in vectors("float64", heads)]
    return [cause.words for cause in causes([r for r in results if r.failed], results)]
