"""Probabilities near 0 and 1: a clamp is caught in every head with a logarithm, a root or a quotient; rounding of a is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from manualbp import HEADS
from oracle.vectors import Vector, judge, vectors
from oracle.vectors.formats import as_floats
from oracle.vectors.passes import Forward, run_backward, run_forward
from oracle.vectors.probabilities import has_probabilities

Array = Any
FOUND = {dtype: [v for v in vectors(dtype) if v.id.endswith("/probabilities")] for dtype in ("float64", "float32")}


def answered(vector: Vector, delta: Callable[[Forward], Array]) -> bool:
    """Whether gradients from this δᴸ are right; δ itself is not given."""
    answer = run_backward(run_forward(vector.question), vector.question.format, delta_last=delta)
    return bool(judge(vector, replace(answer, deltas=None, activations=None, cost=None), named=False))


def stopped(bound: float) -> Callable[[Forward], Array]:
    """δ = 0 where a lies beyond a bound, as autodiff of a clip has it."""

    def delta(f: Forward) -> Array:
        a = f.a[f.L]
        return np.where((a < bound) | (a > 1 - bound), 0.0, f.net.head.delta(f.z[f.L], a, f.E))

    return delta


@pytest.mark.parametrize("dtype", FOUND)
def test_every_such_head_is_asked(dtype: str) -> None:
    assert {v.question.head for v in FOUND[dtype]} == {name for name, head in HEADS.items() if has_probabilities(head)}
    assert len(FOUND[dtype]) == 30


@pytest.mark.parametrize("dtype", FOUND)
@pytest.mark.parametrize("bound", [1e-7, 1e-3])
def test_a_clamp_is_caught_in_every_head(bound: float, dtype: str) -> None:
    assert [v.id for v in FOUND[dtype] if answered(v, stopped(bound))] == []


@pytest.mark.parametrize("dtype", FOUND)
def test_and_above_0_999_alone(dtype: str) -> None:
    def delta(f: Forward) -> Array:
        return np.where(f.a[f.L] > 0.999, 0.0, f.net.head.delta(f.z[f.L], f.a[f.L], f.E))

    tried = [v for v in FOUND[dtype] if v.question.head_record().activation != "softplus"]
    assert [v.id for v in tried if answered(v, delta)] == []


@pytest.mark.parametrize("dtype", FOUND)
def test_rounding_of_a_is_right(dtype: str) -> None:
    """a − E, and σ′ = a(1 − a) of a that was rounded to the dtype."""

    def delta(f: Forward) -> Array:
        a = as_floats(f.a[f.L].astype(dtype))
        g = f.net.head.cost.nabla_a(a, f.E)
        return g * a * (1 - a) if f.elementwise else a * (g - np.sum(a * g, axis=0, keepdims=True))

    tried = [v for v in FOUND[dtype] if v.question.head_record().activation in ("sigmoid", "softmax")]
    assert [v.id for v in tried if v.question.head_record().form != "fused" and not answered(v, delta)] == []
    fused = [v for v in tried if v.question.head == "sigmoid+cross_entropy:fused"]
    assert [v.id for v in fused if not answered(v, lambda f: as_floats(f.a[f.L].astype(dtype)) - f.E)] == []


@pytest.mark.parametrize("dtype", FOUND)
def test_a_lies_where_it_should_and_targets_on_both_sides(dtype: str) -> None:
    for v in FOUND[dtype]:
        a, E = as_floats(v.truth.activations[-1]), as_floats(v.question.expected)  # type: ignore[index]
        assert a.min() < 1e-7
        assert np.any(np.isclose(a, 0.75e-3, rtol=1e-3))
        assert np.any(a < E)
        assert np.any(a > E)
        if v.question.head_record().activation != "softplus":
            assert 1 - a.max() < 2e-5
