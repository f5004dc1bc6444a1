"""How accurate δ of the fused heads is, against balls. `python -m oracle.scores heads [--json] [--count N]`

z from −10⁴ to 10⁴, dense where outputs saturate and where they come close to E; E at 0 and 1, near both, and between. The error is
relative to the truth, in eps, wherever that is a normal number: BP1 as it stands, in balls of so many bits that its own
cancellation does not matter.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from manualbp.heads import HEADS, Head
from oracle.balls.arrays import lift, lift_arb, precision
from oracle.scores.accuracy import DTYPES, error_in_eps

FUSED = tuple(name for name, head in HEADS.items() if head.form == "fused")
TARGETS = (0.0, 1.0, 5e-324, 1e-310, 1e-300, 1e-100, 1e-30, 1e-9, 1e-3, 0.25, 0.5, 0.999, 1 - 1e-9, 1 - 2.0**-53)
BEYOND = (1.5, 40.0)  # where E need not be below 1
TIERS = (20.0, 120.0, 900.0, 1e4)


@dataclass(frozen=True)
class HeadRow:
    """The worst error of δ, in eps, over so many entries whose truth is normal, and the z and E where it happens."""

    head: str
    dtype: str
    eps: float
    entries: int
    worst_z: list[float]
    worst_e: list[float]


def head_table(names: Iterable[str] = FUSED, dtypes: Iterable[str] = DTYPES, count: int = 100) -> list[HeadRow]:
    """The worst errors of every named head, in the order asked."""
    return [worst_of(HEADS[name], dtype, count) for name in names for dtype in dtypes]


def worst_of(head: Head, dtype: str, count: int) -> HeadRow:
    z, E = columns(head, dtype, count)
    errors, normal = error_at(head, z, E)
    worst = np.unravel_index(int(np.argmax(errors)), errors.shape)
    at = worst[1]
    return HeadRow(head.name, dtype, float(errors[worst]), normal, z[:, at].tolist(), E[:, at].tolist())


def error_at(head: Head, z: np.ndarray, E: np.ndarray) -> tuple[np.ndarray, int]:
    """The error of each entry of δ, in eps, and of how many the truth is normal."""
    got, info = head.delta(z, head.sigma(z), E), np.finfo(z.dtype)
    errors, normal = np.zeros(z.shape), 0
    for chosen in by_size(z):
        for k, true in zip(chosen, truths(head, z[:, chosen], E[:, chosen]), strict=True):
            for j, ball in enumerate(true):
                errors[j, k] = error_in_eps(float(got[j, k]), ball, info)
                normal += bool(ball.abs_lower() >= float(info.tiny))
    return errors, normal


def columns(head: Head, dtype: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """z and E in columns: every E beside every z, and beside z close to where the output equals it."""
    rng = np.random.default_rng(count)
    far = 10.0 ** rng.uniform(-3, 4, count)
    z = np.concatenate([[0.0, 1e4, -1e4], far, -far, np.linspace(-760, 760, count), np.linspace(-40, 40, count)])
    above = BEYOND if head.cost.e_domain.name in ("nonnegative", "real") else ()
    pairs = [(z, np.full_like(z, e)) for e in (*TARGETS, *above)]
    for e in TARGETS:
        if 0 < e < 1:
            root = np.log(e) - np.log1p(-e)
            near = root + np.concatenate([10.0 ** rng.uniform(-14, 0, 20), -(10.0 ** rng.uniform(-14, 0, 20)), [0.0]])
            pairs.append((near, np.full_like(near, e)))
    zs, es = (np.concatenate(values) for values in zip(*pairs, strict=True))
    rest = rng.uniform(0.1, 0.9, zs.shape)
    if head.activation == "softmax":  # one output against another that is 0, or against two of any size
        shift = np.where(rng.random(zs.shape) < 0.5, 0.0, rng.normal(size=zs.shape))
        third = np.where(shift == 0, -1e4, shift - rng.exponential(3, zs.shape))
        rows = np.stack([zs + shift, shift, third])
        targets = np.stack([es, (1 - es) * np.where(shift == 0, 1, rest), (1 - es) * np.where(shift == 0, 0, 1 - rest)])
    elif head.cost.e_domain.name == "closed_simplex":
        rows, targets = np.stack([zs, -zs * rest]), np.stack([es, 1 - es])
    else:
        rows, targets = zs[None, :], es[None, :]
    with np.errstate(under="ignore"):
        return rows.astype(dtype), targets.astype(dtype)


def by_size(z: np.ndarray) -> list[np.ndarray]:
    """Columns of like magnitude: the larger, the more bits."""
    largest, low = np.max(np.abs(z), axis=0), -1.0
    tiers = []
    for high in (*TIERS, np.inf):
        tiers.append(np.flatnonzero((largest > low) & (largest <= high)))
        low = high
    return [columns for columns in tiers if columns.size]


def truths(head: Head, z: np.ndarray, E: np.ndarray) -> np.ndarray:
    """∂C/∂z of each column, as balls: BP1 of the chained or Jacobian head of the same pair."""
    plain = HEADS[head.name.removesuffix(":fused")]
    # 1 − a costs |z|/ln 2 bits, twice for a product of two, and a difference of terms as small as 1e-324 some 1100
    with precision(2400 + 6 * int(np.max(np.abs(z)))):
        balls = lift(z)
        return lift_arb(plain.delta(balls, plain.sigma(balls), lift(E))).T


def as_rich_table(rows: list[HeadRow]) -> Table:
    table = Table(title="worst relative error of δ in eps, and where")
    for heading in ("head", "dtype", "eps", "entries", "z", "E"):
        table.add_column(heading)
    for row in rows:
        z, e = (" ".join(f"{v:.6g}" for v in values) for values in (row.worst_z, row.worst_e))
        table.add_row(row.head, row.dtype, f"{row.eps:.2f}", str(row.entries), z, e)
    return table


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m oracle.scores heads", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument(
        "--count", type=int, default=100, help="how dense the points are (about 100 times so many columns)"
    )
    options = parser.parse_args(argv)
    rows = head_table(count=options.count)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        Console().print(as_rich_table(rows))
    return 0
