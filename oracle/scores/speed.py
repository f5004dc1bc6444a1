"""The speed table: `gradients` over its bare matrix products, and JAX and PyTorch over the same, interleaved in one run.

    python -m oracle.scores speed [--rounds N] [--json]

A figure is the median over the rounds of time / time of the bare products. Every round runs each contender once, in turn, so that
a machine that drifts drifts for all; before each, a pause lets the threads of the one before go to sleep.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import manualbp

SIZES = (
    ((784, 30, 10), 10),
    ((784, 128, 64, 10), 256),
    ((784, 512, 512, 10), 256),
    ((1024, 1024, 1024, 1024, 1024), 512),
)
PAUSE, LEAST_SECONDS = 0.02, 0.02
Contender = Callable[[], Any]


@dataclass(frozen=True)
class SpeedRow:
    """One network: microseconds of the bare products, and how many times as long each contender takes."""

    dtype: str
    sizes: tuple[int, ...]
    batch: int
    products_us: float
    ours: float
    jax: float | None
    torch: float | None


def speed_table(rounds: int = 15) -> list[SpeedRow]:
    """All sizes in float32 and float64."""
    return [measure(sizes, batch, dtype, rounds) for dtype in (np.float32, np.float64) for sizes, batch in SIZES]


def measure(sizes: tuple[int, ...], batch: int, dtype: Any, rounds: int) -> SpeedRow:
    """One row. The cost is quadratic, every layer a sigmoid."""
    rng = np.random.default_rng(0)
    head = manualbp.chained(manualbp.SIGMOID, manualbp.QUADRATIC)
    net = manualbp.init(sizes, hidden=manualbp.SIGMOID, head=head, rng=rng, dtype=dtype)
    x, E = rng.random((sizes[0], batch)).astype(dtype), rng.random((sizes[-1], batch)).astype(dtype)
    contenders: dict[str, Contender | None] = {
        "products": bare_products(net, x),
        "ours": lambda: manualbp.gradients(net, x, E),
        "jax": jax_gradient(net, x, E),
        "torch": torch_gradient(net, x, E),
    }
    seconds = interleaved({name: f for name, f in contenders.items() if f is not None}, rounds)
    ratios = {name: float(np.median(np.divide(t, seconds["products"]))) for name, t in seconds.items()}
    return SpeedRow(
        np.dtype(dtype).name,
        sizes,
        batch,
        float(np.median(seconds["products"]) * 1e6),
        ratios["ours"],
        ratios.get("jax"),
        ratios.get("torch"),
    )


def interleaved(contenders: dict[str, Contender], rounds: int) -> dict[str, list[float]]:
    """Seconds a call of each contender, one figure a round."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, f in contenders.items():
            time.sleep(PAUSE)
            f()
            calls, start = 0, time.perf_counter()
            while True:
                f()
                calls += 1
                elapsed = time.perf_counter() - start
                if elapsed > LEAST_SECONDS:
                    break
            seconds[name].append(elapsed / calls)
    return seconds


def bare_products(net: manualbp.Network, x: Any) -> Contender:
    """The matrix products of one forward and backward pass, into buffers, and nothing else."""
    z, a = manualbp.forward(net, x)
    w, L = net.weights, len(net.weights)
    delta = [v / 8 for v in z]
    out_z, out_delta, out_w = ([np.empty_like(v) for v in arrays] for arrays in (z, z, w))

    def run() -> None:
        for i in range(L):
            np.matmul(w[i], a[i], out=out_z[i])
        for i in reversed(range(L)):
            np.matmul(delta[i], a[i].T, out=out_w[i])
            if i:
                np.matmul(w[i].T, delta[i], out=out_delta[i - 1])

    return run


def jax_gradient(net: manualbp.Network, x: Any, E: Any) -> Contender:
    """`jax.jit(jax.grad(…))` of the same mean cost, arrays on the device before the clock starts."""
    import jax
    import jax.numpy as jnp

    from oracle.witnesses.tracing import double_precision

    def cost(parameters: Any, x: Any, E: Any) -> Any:
        a = x
        for w, b in parameters:
            a = jax.nn.sigmoid(w @ a + b)
        return 0.5 * jnp.sum((a - E) ** 2) / x.shape[1]

    with double_precision():
        arguments = jax.tree.map(jnp.asarray, (list(zip(net.weights, net.biases, strict=True)), x, E))
        compiled = jax.jit(jax.grad(cost)).lower(*arguments).compile()
    return lambda: jax.block_until_ready(compiled(*arguments))


def torch_gradient(net: manualbp.Network, x: Any, E: Any) -> Contender | None:
    """`torch.autograd.grad` of the same mean cost, samples in rows as PyTorch has them; None where torch is not installed."""
    try:
        import torch
    except ModuleNotFoundError:
        return None
    parameters = [
        (torch.tensor(w, requires_grad=True), torch.tensor(b[:, 0], requires_grad=True))
        for w, b in zip(net.weights, net.biases, strict=True)
    ]
    leaves = [p for pair in parameters for p in pair]
    rows, targets = torch.tensor(x.T.copy()), torch.tensor(E.T.copy())

    def run() -> Any:
        a = rows
        for w, b in parameters:
            a = torch.sigmoid(torch.nn.functional.linear(a, w, b))
        return torch.autograd.grad(0.5 * ((a - targets) ** 2).sum() / rows.shape[0], leaves)

    return run


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m oracle.scores speed", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    if options.rounds < 1:
        parser.error(f"--rounds = {options.rounds}: give at least 1")
    rows = speed_table(options.rounds)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table("dtype", "network", "batch", "products, µs", "ours", "JAX", "torch", box=None)
    for row in rows:
        times = [row.ours, row.jax, row.torch]
        cells = [f"{t:.2f}" if t is not None else "not installed" for t in times]
        table.add_row(row.dtype, "-".join(map(str, row.sizes)), str(row.batch), f"{row.products_us:.0f}", *cells)
    Console(width=110).print(table)
    return 0
