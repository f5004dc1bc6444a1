"""Constants that JAX's derivative rules round to floats: the enclosure needs the real numbers that they stand for.

∛x′ = ⅓ (∛x)⁻²,  erf′(x) = 2/√π · e^(−x²),  erfc′(x) = −2/√π · e^(−x²),  (erf⁻¹)′(x) = √π/2 · e^(erf⁻¹(x)²), and 1/n in a Fourier
transform of n entries: JAX writes ⅓, √π and 1/n as floats, so its gradient is off by a relative 2⁻⁵⁴ before anything is
computed. Source: `jax/_src/lax/lax.py`, `special.py`, `fft.py`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb

from oracle.balls.walk import every_equation

_RULES: dict[str, tuple[float, Callable[[], Any]]] = {
    "cbrt": (1 / 3, lambda: arb(1) / 3),
    "erf": (2.0 / np.sqrt(np.pi), lambda: 2 / arb.pi().sqrt()),
    "erfc": (-2.0 / np.sqrt(np.pi), lambda: -2 / arb.pi().sqrt()),
    "erf_inv": (np.sqrt(np.pi) / 2.0, lambda: arb.pi().sqrt() / 2),
}


def rule_constants(value: Any) -> Mapping[float, Callable[[], Any]]:
    """The rounded constants that differentiating this jaxpr brings in, with the exact ones.

    A constant that the function itself uses is left out: there it means the float. (What then is no derivative shows
    in the comparison with differences.)
    """
    primitives, literals, sizes = set(), set(), set()
    for eqn in every_equation(value):
        primitives.add(eqn.primitive.name)
        if eqn.primitive.name == "fft":
            sizes.add(math.prod(eqn.params["fft_lengths"]))
        literals |= {float(atom.val) for atom in eqn.invars if _is_real_literal(atom)}
    exact: dict[float, Callable[[], Any]] = {}
    for size in sizes:
        exact.update(dict.fromkeys({1 / size} - literals, functools.partial(_one_over, size)))
    for primitive, (constant, real) in _RULES.items():
        if primitive in primitives:
            for rounded in {float(constant), float(np.float32(constant))} - literals:
                exact[rounded] = real
    return exact


def literals_of(program: Any) -> set[float]:
    """The numbers that are written in a jaxpr, and in those inside it."""
    return {float(atom.val) for eqn in every_equation(program) for atom in eqn.invars if _is_real_literal(atom)}


def _one_over(size: int) -> Any:
    return arb(1) / size


def _is_real_literal(atom: Any) -> bool:
    return hasattr(atom, "val") and np.ndim(atom.val) == 0 and np.asarray(atom.val).dtype.kind in "fiubV"
