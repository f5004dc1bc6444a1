"""Wrong derivatives of released libraries, as data: the call, what it says, and the right value.

    python -m oracle.scores defects     asks the libraries that are installed once more, and says which answers still stand

All were met by the checker. The right value is that of the mathematical definition, differentiated by mpmath (a test holds the two
together). kind: `mathematics` where another number is returned than any rounding explains, `digits` where a derivative that
float64 (or the dtype of the call) can hold is lost, `not finite` where NaN stands for one.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
from collections.abc import Sequence
from typing import Any

from oracle.scores.defect_table import DEFECTS, Defect


def right(defect: Defect) -> Any:
    """The derivative of the definition at `at`, which is taken as the float that it is, by mpmath in 60 digits."""
    import mpmath

    with mpmath.workdps(60):
        f = eval(f"lambda x: {defect.definition}", {"mp": mpmath.mp})
        with mpmath.workdps(400):  # 1 − e⁻⁸⁰⁰/2, differenced
            return mpmath.diff(f, mpmath.mpf(defect.at), h=mpmath.mpf(10) ** -60)


def asked(defect: Defect) -> float:
    """What the installed library says today. Raises ImportError where it is not installed."""
    if defect.call.startswith("slope("):
        return float(eval(defect.call, _torch()))
    names = _jax()
    with names["jax"].enable_x64(True):
        return float(eval(defect.call, names))


def released(module: str, name: str) -> Any:
    """Of a package that is installed."""
    return getattr(importlib.import_module(module), name)


def _jax() -> dict[str, Any]:
    import jax

    return {"jax": jax, "jnp": jax.numpy, "sp": jax.scipy.special, "stats": jax.scipy.stats, "released": released}


def _torch() -> dict[str, Any]:
    import torch

    def slope(f: Any, at: Any, dtype: Any = torch.float64) -> float:
        x = torch.tensor(at, dtype=dtype, requires_grad=True)
        f(x).sum().backward()
        return float(x.grad.flatten()[0])

    return {"torch": torch, "F": torch.nn.functional, "slope": slope, "released": released}


def main(argv: Sequence[str] | None = None) -> int:
    """Prints one line for each."""
    argparse.ArgumentParser(prog="python -m oracle.scores defects", description=__doc__.splitlines()[0]).parse_args(
        argv
    )
    for defect in DEFECTS:
        name, version = defect.package
        try:
            now = asked(defect)
        except ImportError:
            print(f"{name} is not installed: {defect.call}")
            continue
        stands = now == defect.got or (now != now and defect.got != defect.got)
        words = "still" if stands else f"was {defect.got!r} in {version}"
        installed = importlib.metadata.version(name)
        print(f"{name} {installed}: {defect.call} = {now!r} ({words}), right is {defect.right}: {defect.kind}")
    return 0
