"""A large network's gradient, certified: seconds, radius, and the errors of ours, JAX's and PyTorch's float64 gradients.

    python -m oracle.scores large [--json]

784-30-10, 23,860 parameters, sigmoids, quadratic cost, one sample: the network of handwriting.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import manualbp
from oracle.judgement.verdict import distance
from oracle.scores.speed import torch_gradient
from oracle.verify.case import Case, on_arrays
from oracle.witnesses import Enclosure, autodiff, certified, trace

SIZES = (784, 30, 10)


@dataclass(frozen=True)
class Large:
    """parameters certified at `bits` in `seconds` after a trace of `trace_seconds`; worst relative radius; worst errors in eps of
    the largest entry of the same array (torch: None where it is not installed)."""

    parameters: int
    bits: int
    trace_seconds: float
    seconds: float
    worst_relative_radius: float
    ours_eps: float
    jax_eps: float
    torch_eps: float | None


def certify_large(seed: int = 0) -> Large:
    """Draws the network and one image-like sample, certifies its gradient, and holds the three float64 gradients against it."""
    rng = np.random.default_rng(seed)
    head = manualbp.chained(manualbp.SIGMOID, manualbp.QUADRATIC)
    net = manualbp.init(SIZES, hidden=manualbp.SIGMOID, head=head, rng=rng)
    case = Case(net, rng.random((SIZES[0], 1)), np.eye(SIZES[-1])[:, [3]])
    fn, args = on_arrays(case)
    which = tuple(range(2 * len(net.weights)))

    start = time.perf_counter()
    record = trace(fn, args, which)
    traced = time.perf_counter()
    truth = certified(record, args, which)
    done = time.perf_counter()

    g = manualbp.gradients(net, case.x, case.expected)
    run_torch = torch_gradient(net, case.x, case.expected)
    return Large(
        parameters=sum(args[k].size for k in which),
        bits=max(t.bits for t in truth),
        trace_seconds=traced - start,
        seconds=done - traced,
        worst_relative_radius=max(float(np.max(t.relative_radius())) for t in truth),
        ours_eps=worst_eps((*g.nabla_w, *g.nabla_b), truth),
        jax_eps=worst_eps(autodiff(fn, args, which), truth),
        torch_eps=None if run_torch is None else worst_eps(_in_our_order(run_torch()), truth),
    )


def _in_our_order(pairs: Sequence[Any]) -> tuple[NDArray[np.float64], ...]:
    """PyTorch's (∂W, ∂b, ∂W, ∂b, …) as all ∂W, then all ∂b as columns."""
    arrays = [p.numpy() for p in pairs]
    return (*arrays[0::2], *(b[:, None] for b in arrays[1::2]))


def worst_eps(got: Sequence[NDArray[np.float64]], truth: Sequence[Enclosure]) -> float:
    """Largest error, in eps of the largest entry of its array."""
    eps = np.finfo(np.float64).eps
    return max(
        float(np.max(distance(g, t)) / (np.max(np.abs(t.midpoint())) * eps)) for g, t in zip(got, truth, strict=True)
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m oracle.scores large", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = certify_large()
    if options.json:
        print(json.dumps(asdict(found), indent=2))
        return 0
    torch = "not installed" if found.torch_eps is None else f"{found.torch_eps:.2f}"
    print(
        f"{found.parameters} parameters certified at {found.bits} bits in {found.seconds:.2f} s "
        f"(trace {found.trace_seconds:.2f} s), worst relative radius {found.worst_relative_radius:.1e}\n"
        f"worst error in eps of the array's largest entry: ours {found.ours_eps:.2f}, JAX {found.jax_eps:.2f}, torch {torch}"
    )
    return 0
