"""What keeps a hand-derived pass from yielding arrays to compare: it raises, a shape is wrong, or the cost is undefined."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from manualbp import Gradients, backprop
from oracle.verify.case import Case


@dataclass(frozen=True)
class Breakdown:
    """The equation, the layer (0: not known), and what happened."""

    equation: str
    layer: int
    sentence: str

    @property
    def symbol(self) -> str:
        """What was to be computed."""
        symbols = {"C": "C", "BP3": f"∂C/∂W^{self.layer or 'i'}", "BP4": f"∂C/∂b^{self.layer or 'i'}"}
        return symbols.get(self.equation, f"δ^{self.layer or 'i'}")


def raised(error: Exception, L: int) -> Breakdown:
    """Which equation of backprop.py raised: its lines bear the equations' numbers. Raises `error` again where none of them did."""
    for frame, line_number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename != backprop.__file__:
            continue
        line = linecache.getline(backprop.__file__, line_number).strip()
        equation = re.search(r"# \((BP\d)\)|^(cost) =", line)
        if equation:
            name = equation[1] or "C"
            layer = L if name in ("C", "BP1") else frame.f_locals.get("i", 0)
            return Breakdown(name, layer, f"`{line}` raises {type(error).__name__}: {error}")
    raise error


def wrong_shape(case: Case, g: Gradients, way: str) -> Breakdown | None:
    """The first array that has not the shape it must have."""
    for equation, layer, got, shape in _shapes(case, g):
        if np.shape(got) != shape:
            found = Breakdown(equation, layer, "")
            said = f"{found.symbol} {way}".rstrip()
            return Breakdown(equation, layer, f"{said} has shape {np.shape(got)}, and must have {shape}")
    return None


def _shapes(case: Case, g: Gradients) -> Iterator[tuple[str, int, Any, tuple[int, ...]]]:
    """(equation, layer, array, the shape it must have), in the order of the backward pass."""
    net, m = case.net, case.x.shape[-1]
    L = len(net.weights)
    yield "C", L + 1, g.cost, ()
    for k in reversed(range(L)):
        yield "BP1" if k == L - 1 else "BP2", k + 2, g.deltas[k], (net.weights[k].shape[0], m)
    for k in reversed(range(L)):
        yield "BP3", k + 2, g.nabla_w[k], net.weights[k].shape
        yield "BP4", k + 2, g.nabla_b[k], net.biases[k].shape


def undefined(case: Case) -> Breakdown:
    """C is NaN although every E and a is in the domain of the cost."""
    return Breakdown("C", len(case.net.sizes), "C is NaN at outputs and targets in the domain of its cost")
