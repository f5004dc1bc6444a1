"""Vectors that are made when they are asked for: the same for ever, judged as the others are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oracle.vectors import judge
from oracle.vectors.drawn import DTYPES, SHAPES, digest, drawn, is_drawn, names, question
from oracle.vectors.mistakes import MISTAKES, right

IDS = [names((kind,), 1, 0, ("float64",))[0] for kind in SHAPES]
SMALL = ("weighted", "decayed", "classes")


def test_names_say_all() -> None:
    ids = names(tuple(SHAPES), 12, 7)
    assert len(ids) == len(set(ids)) == 24
    assert all(map(is_drawn, ids))
    assert names(tuple(SHAPES), 6, 7) == ids[:12]
    assert names((), 5, 0) == []
    assert names(("wide",), 1, 0, ("float16",)) == []
    one, two = (question(id) for id in ids[:2])
    assert np.array_equal(one.x, two.x)  # on a grid that float32 holds
    assert {one.dtype, two.dtype} == set(DTYPES)


@pytest.mark.parametrize(
    "id",
    [
        "float64/tanh+quadratic/square",
        "float64/tanh+quadratic/wide:0-0",
        "float64/identity+huber/wide:0-1",
        "float16/tanh+quadratic/wide:0-1",
        "float64/tanh+quadratic/narrow:0-1",
        "float64/tanh+quadratic/wide:01-1",
        f"float64/tanh+quadratic/wide:{10**9}-1",
    ],
)
def test_other_ids_are_none(id: str) -> None:
    assert not is_drawn(id)
    with pytest.raises(ValueError, match="is no drawn vector"):
        drawn(id)


def small(id: str) -> bool:
    return id.rpartition("/")[2].startswith(SMALL)


@pytest.mark.parametrize("id", [id if small(id) else pytest.param(id, marks=pytest.mark.longer) for id in IDS])
def test_it_is_judged_as_the_others(id: str) -> None:
    vector = drawn(id)
    assert judge(vector, right(vector.question))
    assert set(vector.catches) >= {"sign", "zero gradient", "factor 2"}
    for name in vector.catches:
        mistaken = MISTAKES[name](vector.question)
        assert mistaken is not None
        assert not judge(vector, mistaken, named=False)


def test_the_same_to_the_last_bit() -> None:
    """On every machine, and in every release."""
    made = [drawn(id) for id in IDS if small(id)]
    assert digest(made) == "aef7ddd9f0c54628c48d01a7c6b49e0078a00b65aaf897ea40ad826acad6ec1e"
    assert digest(made[:1]) != digest(made[1:2])


@pytest.mark.longer
def test_the_larger_ones_are_the_same() -> None:
    assert (
        digest(drawn(id) for id in names(("wide", "batch", "deep"), 6, 0))
        == "00cfca0de7fa8289b3a363da0df22dc259c68afc2bce7b7b1d31ff4e26911b7e"
    )


def test_weights_and_decay_are_what_they_say() -> None:
    """Against the definition, sample by sample, from the vectors without them."""
    weighted = next(q for q in map(question, names(("weighted",), 9, 0, ("float64",))) if q.sample_weights is not None)
    s, m = weighted.sample_weights, weighted.samples
    assert s is not None
    assert s.sum() == m
    each = [
        right(replace(weighted, x=weighted.x[:, [r]], expected=weighted.expected[:, [r]], sample_weights=None))
        for r in range(m)
    ]
    got = right(weighted)
    for k, w in enumerate(got.nabla_w):
        assert np.allclose(w, sum(s[r] * a.nabla_w[k] for r, a in enumerate(each)) / m, rtol=1e-13, atol=1e-15)
    assert np.allclose(got.cost, sum(s[r] * a.cost for r, a in enumerate(each)) / m, rtol=1e-13)
    decayed = question(names(("decayed",), 1, 0, ("float64",))[0])
    got, plain = right(decayed), right(replace(decayed, l2=0.0))
    for k, w in enumerate(decayed.weights):
        assert np.allclose(got.nabla_w[k] - plain.nabla_w[k], decayed.l2 * w, rtol=1e-12, atol=1e-14)
    assert np.isclose(got.cost - plain.cost, decayed.l2 / 2 * sum((w**2).sum() for w in decayed.weights), rtol=1e-12)
