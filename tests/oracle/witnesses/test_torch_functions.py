"""The functions of torch that `tests/torch_functions.py` lists: each translation has torch's own value, on random arguments."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oracle.candidate.tensors import OnArrays
from oracle.witnesses.torch_lift import Lift

from ...optional import skip_without

pytest.importorskip("torch")
skip_without("torchax")

#: So many functions to one that the default run looks at.
STRIDE = 24
#: Whose value torch itself computes to fewer digits than rounding explains: trigamma is good to nine, at 1 it is not π²/6.
INEXACT = {"special.polygamma(1)": ("polygamma",)}


def _loaded(name: str) -> Any:
    path = Path(__file__).parents[2] / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there for the annotations
    spec.loader.exec_module(module)
    return module


ROWS = list(_loaded("torch_functions").rows())
SCALAR = _loaded("torch_coverage").scalar


def _drawn(domain: Any, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    x = np.asarray(rng.normal(size=shape))
    if domain == "real":
        return x
    if domain == "positive":
        return np.exp(x)
    low, high = (0.0, 1.0) if isinstance(domain, str) else domain
    return low + np.exp(x) if high == np.inf else low + (high - low) / (1 + np.exp(-x))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, marks=() if k % STRIDE == 0 else pytest.mark.longer, id=row.name.replace("::", "."))
        for k, row in enumerate(ROWS)
    ],
)
def test_its_translation_has_its_value(row: Any) -> None:
    rng = np.random.default_rng(5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's, about what is prototype or deprecated
        fn = OnArrays(SCALAR(row.fn))
        for _ in range(2):
            args = [_drawn(d, s, rng) for d, s in zip(row.domains, row.shapes, strict=True)]
            fn(*(a.copy() for a in args))
            assert fn.dtype == "float64"
            way = Lift(fn).way(args, 0, None)
            assert way.bits in (24, 53)
            assert way.approximated == INEXACT.get(row.name, way.approximated)


def test_every_part_of_torch_is_there() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    counts = {
        part: sum(name.startswith(part) for name in names) for part in ("nn.functional", "special", "linalg", "fft")
    }
    assert sum(counts.values()) == len(names) >= 200
    assert min(counts.values()) >= 20
