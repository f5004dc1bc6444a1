"""All pictures by the name of their file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import manualbp
from oracle.pictures import descent, learning, networks, records, two_minima, worked

FOLDER = Path(__file__).resolve().parents[2] / "proofs" / "pictures"

PICTURES: dict[str, Callable[[], str]] = {
    "network": networks.network,
    "forward-wires": networks.forward_wires,
    "backward-wires": networks.backward_wires,
    "bowl": descent.bowl,
    "graph-2-2-1": worked.graph,
    "learning-curves": learning.learning_curves,
    "two-minima": two_minima.two_minima,
    **{f"activation-{name.replace('_', '-')}": partial(records.activation, name) for name in manualbp.ACTIVATIONS},
    **{f"cost-{name.replace('_', '-')}": partial(records.cost, name) for name in manualbp.COSTS},
}


def draw(folder: Path = FOLDER) -> list[Path]:
    """Writes every picture; returns their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, picture in PICTURES.items():
        files.append(folder / f"{name}.svg")
        files[-1].write_text(picture(), encoding="utf-8")
    return files
