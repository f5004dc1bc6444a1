"""How accurate activations are: ours, JAX's and torch's, against enclosures. `python -m oracle.scores accuracy [--json]`

The error is relative to the truth, in eps (2^−52 for float64, 2^−23 for float32), wherever the truth is a normal number
of that dtype: a subnormal or zero answer there has lost everything (1/eps eps), a non-finite one counts as infinite.
"""

import argparse
import json
import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from manualbp.activations import ACTIVATIONS
from oracle.scores.textbook_activations import activation_enclosure

DTYPES = ("float64", "float32")
CURVES = ("value", "derivative")
IMPLEMENTATIONS = ("manualbp", "jax", "torch")
DELICATE = (0.0, -0.7518, -0.7525, -1.1925, -1.2785)  # branches; roots of σ′

Elementwise = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class AccuracyRow:
    """The worst error of one curve, in eps, and the z where it happens; None if the implementation is not installed."""

    activation: str
    dtype: str
    curve: str
    implementation: str
    eps: float | None
    worst_z: float | None


def accuracy_table(
    names: Iterable[str] = tuple(ACTIVATIONS),
    dtypes: Iterable[str] = DTYPES,
    implementations: Iterable[str] = IMPLEMENTATIONS,
    count: int = 1000,
) -> list[AccuracyRow]:
    """The worst errors of every named activation over `points(dtype, count)`, in the order asked."""
    rows = []
    implementations = tuple(implementations)
    for name in names:
        for dtype in dtypes:
            z = points(dtype, count)
            for implementation in implementations:
                curves = IMPLEMENTED_BY[implementation](name) or (None, None)
                for curve, f, true in zip(CURVES, curves, truth(name, dtype, count), strict=True):
                    eps, worst_z = (None, None) if f is None else worst_error(f, z, true)
                    rows.append(AccuracyRow(name, dtype, curve, implementation, eps, worst_z))
    return rows


def worst_error(f: Elementwise, z: np.ndarray, true: list[Any]) -> tuple[float, float]:
    errors = errors_in_eps(f(z), true)
    worst = int(np.argmax(errors))
    return float(errors[worst]), float(z[worst])


@cache
def points(dtype: str, count: int = 1000) -> np.ndarray:
    """About 8·count floats: all magnitudes, tails down to underflow, dense near the roots of σ′, powers of 2, 0."""
    rng = np.random.default_rng(zlib.crc32(dtype.encode()))
    info = np.finfo(dtype)
    low, high = np.log(float(info.tiny)), np.log(float(info.max))
    magnitudes = np.exp(rng.uniform(low, high, count))
    powers = 2.0 ** np.arange(info.minexp, info.maxexp, 7)
    tail = -low * 1.02
    positive = [magnitudes, powers, np.linspace(0, tail, count), np.linspace(0, 60, count), rng.exponential(2, count)]
    near = [root + 2.0 ** rng.uniform(-52, 0, count // 10) * rng.choice([-1, 1], count // 10) for root in DELICATE]
    around = [root + np.arange(-20, 21) * float(info.eps) for root in DELICATE]
    bounds = [np.array([info.max, info.tiny, 0.0])]
    z = np.concatenate([*positive, *bounds, *(-p for p in (*positive, *bounds)), *near, *around])
    return np.unique(z.astype(dtype))


@cache
def truth(name: str, dtype: str, count: int = 1000) -> tuple[list[Any], list[Any]]:
    """σ and σ′ at `points(dtype, count)`, as balls; None for σ′ at a kink, where libraries choose."""
    z = [float(z) for z in points(dtype, count)]
    pairs = [activation_enclosure(name, at) for at in z]
    kinks = ACTIVATIONS[name].kinks
    return [value for value, _ in pairs], [
        None if at in kinks else prime for at, (_, prime) in zip(z, pairs, strict=True)
    ]


def errors_in_eps(got: np.ndarray, true: list[Any]) -> np.ndarray:
    """|got − truth|/|truth| in eps of got's dtype; 0 where the truth is None or no normal number of that dtype."""
    return np.array([error_in_eps(float(y), ball, np.finfo(got.dtype)) for y, ball in zip(got, true, strict=True)])


def error_in_eps(got: float, true: Any, info: Any) -> float:
    if true is None:
        return 0.0
    tiny, largest = float(info.tiny), float(info.max)
    if not (tiny <= true.abs_lower() and true.abs_upper() <= largest):
        return 0.0
    if not math.isfinite(got):
        return math.inf
    return float(((true - got) / true).abs_upper()) / float(info.eps)


def manualbp_curves(name: str) -> tuple[Elementwise, Elementwise]:
    return ACTIVATIONS[name].sigma, ACTIVATIONS[name].sigma_prime


def jax_curves(name: str) -> tuple[Elementwise, Elementwise] | None:
    """`jax.nn`'s function and its `jax.grad`, in the dtype of their argument; None where JAX is not installed."""
    try:
        import jax
    except ImportError:
        return None
    from jax import nn
    from jax import numpy as jnp

    functions = {
        "identity": nn.identity,
        "sigmoid": nn.sigmoid,
        "tanh": jnp.tanh,
        "relu": nn.relu,
        "leaky_relu": nn.leaky_relu,
        "elu": nn.elu,
        "selu": nn.selu,
        "softplus": nn.softplus,
        "silu": nn.silu,
        "gelu": lambda z: nn.gelu(z, approximate=False),
        "gelu_tanh": lambda z: nn.gelu(z, approximate=True),
        "mish": nn.mish,
        "softsign": nn.soft_sign,
        "arctan": jnp.arctan,
    }
    f = functions[name]

    def evaluated(g: Callable[[Any], Any]) -> Elementwise:
        def run(z: np.ndarray) -> np.ndarray:
            with jax.enable_x64(True):
                return np.asarray(jax.jit(g)(jnp.asarray(z)))

        return run

    return evaluated(f), evaluated(jax.vmap(jax.grad(f)))


def torch_curves(name: str) -> tuple[Elementwise, Elementwise] | None:
    """`torch.nn.functional`'s function and its autograd; None where torch is not installed."""
    try:
        import torch
    except ImportError:
        return None
    from oracle.backends.torch_functional import ACTIVATIONS

    f = ACTIVATIONS[name]

    def derivative(z: np.ndarray) -> np.ndarray:
        x = torch.tensor(z, requires_grad=True)
        f(x).sum().backward()
        return x.grad.numpy()

    return lambda z: f(torch.tensor(z)).numpy(), derivative


IMPLEMENTED_BY: dict[str, Callable[[str], tuple[Elementwise, Elementwise] | None]] = {
    "manualbp": manualbp_curves,
    "jax": jax_curves,
    "torch": torch_curves,
}


def as_rich_table(rows: list[AccuracyRow]) -> Table:
    table = Table(title="worst relative error in eps (and the z where it happens)")
    for heading in ("activation", "dtype", "curve"):
        table.add_column(heading)
    implementations = list(dict.fromkeys(row.implementation for row in rows))
    for implementation in implementations:
        table.add_column(implementation, justify="right")
    lines: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in rows:
        lines.setdefault((row.activation, row.dtype, row.curve), {})[row.implementation] = described(row)
    for key, cells in lines.items():
        table.add_row(*key, *(cells[implementation] for implementation in implementations))
    return table


def described(row: AccuracyRow) -> str:
    if row.eps is None:
        return "not installed"
    size = f"{row.eps:.2f}" if row.eps < 1000 else f"{row.eps:.1e}"
    return f"{size} ({row.worst_z:.6g})" if row.eps else "0"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m oracle.scores accuracy", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    rows = accuracy_table()
    if parser.parse_args(argv).json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        Console().print(as_rich_table(rows))
    return 0
