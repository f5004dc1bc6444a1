"""A narrower arithmetic is a finding where it explains every disagreement, and excuses nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oracle.backends.manualbp_numpy import run as right
from oracle.conform.names import named
from oracle.judgement.verdict import Verdict
from oracle.vectors import Answer, Question
from oracle.vectors.formats import FORMATS, round_array

from .wrong import conformed, gradients_only, passes, told


def narrow(q: Question, inside: str) -> Answer:
    """Every number of the question, and of the answer, in a narrower format."""
    cut = lambda v: round_array(v, FORMATS[inside]).astype(q.x.dtype)  # noqa: E731
    each = lambda values: tuple(map(cut, values))  # noqa: E731
    given = replace(
        q, x=cut(q.x), expected=cut(q.expected), weights=each(q.weights), biases=each(q.biases), dtype="float64"
    )
    a = passes(given, np.float32 if inside == "float32" else np.float64)
    return Answer(each(a.nabla_w), each(a.nabla_b), cut(a.cost), each(a.activations or ()), each(a.deltas or ()))


NARROW_IN_FLOAT32 = [pytest.param(inside, "float32", marks=pytest.mark.longer) for inside in ("bfloat16", "float16")]


@pytest.mark.parametrize(("inside", "dtype"), [("float32", "float64"), *NARROW_IN_FLOAT32])
def test_a_narrower_format_inside(inside: str, dtype: str) -> None:
    found = conformed(lambda q: narrow(q, inside), dtype)
    assert told(found) == [f"{inside} inside {dtype}"]
    assert found.verdict is Verdict.INACCURATE


@pytest.mark.parametrize(("inside", "dtype"), [("float32", "float64"), NARROW_IN_FLOAT32[1]])
def test_matrix_products(inside: str, dtype: str) -> None:
    product = lambda v, w: (v.astype(inside) @ w.astype(inside)).astype(dtype)  # noqa: E731
    found = conformed(lambda q: passes(q, product=product), dtype)
    assert told(found) == [f"matrix products in {inside}"]
    assert found.verdict is Verdict.INACCURATE


@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=pytest.mark.longer), "float32"])
def test_zeros_are_no_mark(dtype: str) -> None:
    """Every hidden weight gradient is 0, and 0 is a number of every format."""

    def run(q: Question) -> Answer:
        a = right(q)
        return gradients_only(replace(a, nabla_w=(*(0 * w for w in a.nabla_w[:-1]), a.nabla_w[-1])))

    found = conformed(run, dtype)
    assert found.verdict is Verdict.WRONG
    assert told(found)[0] == "no weight gradient in the hidden layers"


def test_zeros_alone_are_no_mark() -> None:
    found = conformed(lambda q: replace(a := right(q), nabla_w=tuple(0 * w for w in a.nabla_w), deltas=None), "float32")
    assert found.verdict is Verdict.WRONG


def test_one_case_that_it_does_not_explain_denies_it() -> None:
    def run(q: Question) -> Answer:
        a = narrow(q, "float32")
        return replace(a, nabla_b=tuple(-b for b in a.nabla_b)) if q.id.endswith("/thin") else a

    found = conformed(run)
    assert found.verdict is Verdict.WRONG
    assert "float32 inside float64" not in told(found)


def test_one_number_that_the_format_does_not_hold_denies_it() -> None:
    found = conformed(lambda q: right(q) if q.id.endswith("/square") else narrow(q, "float32"))
    assert found.verdict is Verdict.WRONG
    assert "float32 inside float64" not in told(found)


def test_a_flush_is_told_by_the_absence_of_subnormal_numbers() -> None:
    def flushes(q: Question) -> Answer:
        tiny = float(np.finfo(q.x.dtype).tiny)
        a = right(q)
        each = lambda values: tuple(np.where(np.abs(v) < tiny, 0, v).astype(q.x.dtype) for v in values)  # noqa: E731
        return Answer(each(a.nabla_w), each(a.nabla_b), a.cost, each(a.activations or ()), each(a.deltas or ()))

    found = conformed(flushes)
    assert told(found) == ["flushed subnormals (not declared)"]
    assert found.verdict is Verdict.INACCURATE
    assert conformed(flushes, flush_to_zero=True).verdict is Verdict.RIGHT


def test_nothing_is_nothing() -> None:
    assert named([]) == []
