"""Widths, batches and depths: each is there, and what is wrong from it on is caught."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from manualbp import HEADS
from oracle.vectors import Vector, judge, vectors
from oracle.vectors.sizes import BATCHES, CLASSIFYING, DEEP, GRID, LARGE_BATCHES, THICK, THIN, WHOLE

WIDTHS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33)
DTYPES = ("float64", "float32")


def of(dtype: str, head: str, hidden: str) -> list[Vector]:
    """Those of a head whose hidden layers are all of one kind."""
    return [v for v in vectors(dtype, [head]) if set(v.question.hidden) <= {hidden}]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("head", "hidden"), WHOLE)
def test_every_width_batch_and_depth(head: str, hidden: str, dtype: str) -> None:
    found = of(dtype, head, hidden)
    assert {n for v in found for n in v.question.sizes} >= set(WIDTHS)
    assert {v.question.samples for v in found} >= {n for n in WIDTHS if n != 3}
    assert {len(v.question.sizes) for v in found} >= {2, 3, 4, 5, 6, 7, 8}


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_head_has_a_wide_network_and_a_deep_one(dtype: str) -> None:
    for name, head in HEADS.items():
        found = [v.question for v in vectors(dtype, [name])]
        assert max(max(q.sizes) for q in found) >= 9, name
        assert max(len(q.sizes) for q in found) >= 5, name
        if head.activation in CLASSIFYING:
            assert [q for q in found if q.hidden and set(q.hidden) == {"relu"}], name


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("head", "hidden"), WHOLE)
@pytest.mark.parametrize("n", [4, 5, 8, 16, 17, 32, 33])
def test_wrong_from_a_width_on_is_caught(n: int, head: str, hidden: str, dtype: str) -> None:
    def wrong(v: Vector) -> Any:
        few = tuple(w * w.dtype.type(1.01) if max(w.shape) >= n else w for w in v.truth.nabla_w)
        return replace(v.truth, nabla_w=few, deltas=None)

    caught = [v for v in of(dtype, head, hidden) if not judge(v, wrong(v), named=False)]
    assert min(max(v.question.sizes) for v in caught) == n


def test_each_thin_network_has_a_width_of_its_own() -> None:
    widest = [max(sizes) for sizes, _ in THIN]
    assert sorted(set(widest)) == widest == [n for n in WIDTHS if n > 3]
    assert {m for _, m in (*BATCHES, *LARGE_BATCHES)} == {n for n in WIDTHS if n > 3}
    assert {len(sizes) for sizes, _ in DEEP} == {4, 5, 6, 7, 8}
    assert all(sorted(sizes)[-2] >= 8 for sizes, _ in THICK)


def test_weights_lie_on_a_grid_and_no_layer_is_dead() -> None:
    for v in of("float64", *WHOLE[0]):
        if "-" not in v.id.rpartition("/")[2]:
            continue
        assert all(np.array_equal(w, np.round(w / GRID) * GRID) for w in v.question.weights)
        assert all(np.any(w != 0) for w in v.truth.nabla_w), v.id
