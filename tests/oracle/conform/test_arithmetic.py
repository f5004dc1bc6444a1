"""A narrower arithmetic is a finding where it explains every disagreement, and excuses nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oracle.backends import Capabilities, Skipped
from oracle.backends.manualbp_numpy import run as right
from oracle.backends.wire import started
from oracle.conform.names import named
from oracle.conform.report import as_dict, as_text
from oracle.judgement.verdict import Verdict
from oracle.vectors import Answer, Question, vectors
from oracle.vectors.arithmetic import Arithmetic, rounder, widened
from oracle.vectors.encoding import Malformed
from oracle.vectors.formats import FORMATS, round_array
from oracle.vectors.match import given_of
from oracle.vectors.narrow import within

from .wrong import HEADS, conformed, gradients_only, passes, told

Run = Callable[[Question], Answer]


def narrow(q: Question, inside: str) -> Answer:
    """Every number of the question, and of the answer, in a narrower format."""
    cut = lambda v: round_array(v, FORMATS[inside]).astype(q.x.dtype)  # noqa: E731
    each = lambda values: tuple(map(cut, values))  # noqa: E731
    given = replace(
        q, x=cut(q.x), expected=cut(q.expected), weights=each(q.weights), biases=each(q.biases), dtype="float64"
    )
    a = passes(given, np.float32 if inside == "float32" else np.float64)
    return Answer(each(a.nabla_w), each(a.nabla_b), cut(a.cost), each(a.activations or ()), each(a.deltas or ()))


def test_a_narrower_format_across_a_kink() -> None:
    """What is a little below a relu's kink in float32 is a little above it in bfloat16, where a right program must round it too."""
    vector = next(v for v in vectors("float32", ["identity+quadratic"]) if v.id.endswith("/relu:2-33-2x1"))
    given = given_of(vector, narrow(vector.question, "bfloat16"))
    assert given is not None
    assert within(vector, given, FORMATS["bfloat16"])
    assert not within(
        vector, {**given, ("activations", 2): given["activations", 2] * np.float32(1.2)}, FORMATS["bfloat16"]
    )


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


@pytest.mark.longer
def test_zeros_alone_are_no_mark() -> None:
    found = conformed(lambda q: replace(a := right(q), nabla_w=tuple(0 * w for w in a.nabla_w), deltas=None), "float32")
    assert found.verdict is Verdict.WRONG


@pytest.mark.longer
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


# operands of matrix products, and what is declared


def operands(name: str) -> Run:
    """Products of operands rounded to a format, summed in the question's dtype."""
    cut = rounder(name, None)
    return lambda q: passes(q, product=lambda v, w: (cut(v.astype(float)) @ cut(w.astype(float))).astype(q.x.dtype))


NAMES = {"tf32": "TF32", "bfloat16": "bfloat16", "float16": "float16", "float32": "float32"}
OPERANDS = [
    ("tf32", "float32"),
    *(
        pytest.param(*one, marks=pytest.mark.longer)
        for one in (("bfloat16", "float32"), ("float16", "float32"), ("float32", "float64"))
    ),
]


@pytest.mark.parametrize(("inside", "dtype"), OPERANDS)
def test_narrow_operands_are_a_finding_and_excused_where_declared(inside: str, dtype: str) -> None:
    words = f"matrix products of {NAMES[inside]} operands"
    silent = conformed(operands(inside), dtype)
    assert told(silent) == [words]
    assert silent.verdict is Verdict.INACCURATE
    declared = conformed(operands(inside), dtype, products=inside)
    assert declared.verdict is Verdict.RIGHT
    assert declared.excused == {words: len(silent.failures)}
    assert f"excused by the arithmetic that is declared: {len(silent.failures)}" in as_text(declared, "mine")
    assert as_dict(declared)["excused"] == {words: len(silent.failures)}


@pytest.mark.parametrize(
    "change",
    [
        lambda a: replace(a, nabla_w=(0 * a.nabla_w[0], *a.nabla_w[1:])),
        *(
            pytest.param(change, marks=pytest.mark.longer)
            for change in (
                lambda a: replace(a, nabla_b=tuple(1.1 * b for b in a.nabla_b)),
                lambda a: replace(a, nabla_w=tuple(0 * w for w in a.nabla_w)),
                lambda a: replace(a, nabla_w=tuple(-w for w in a.nabla_w)),
                lambda a: replace(a, nabla_w=tuple(1.05 * w for w in a.nabla_w)),
            )
        ),
    ],
)
def test_what_is_declared_excuses_no_mathematics(change: Callable[[Answer], Answer]) -> None:
    """Neither as a finding nor as an excuse."""
    run = operands("tf32")
    for said in ({}, {"products": "tf32"}):
        found = conformed(lambda q: gradients_only(change(run(q))), "float32", ("tanh+quadratic",), **said)
        assert found.verdict is Verdict.WRONG
        assert len(found.failures) > 0.8 * len(found.results)


@pytest.mark.parametrize("said", [{}, {"products": "tf32"}])
def test_what_is_declared_is_no_measure_of_a_narrower_format(said: dict[str, Any]) -> None:
    """1.2 times the truth, in numbers of bfloat16, is no rounding to bfloat16."""
    cut = lambda v: round_array(v, FORMATS["bfloat16"]).astype("f4")  # noqa: E731

    def run(q: Question) -> Answer:
        a = right(q)
        return gradients_only(
            replace(a, nabla_w=tuple(cut(1.2 * w) for w in a.nabla_w), nabla_b=tuple(map(cut, a.nabla_b)))
        )

    found = conformed(run, "float32", ("tanh+quadratic",), **said)
    assert found.verdict is Verdict.WRONG
    assert "bfloat16 inside float32" not in told(found)


def test_a_right_backend_that_declares_it_is_excused_nothing() -> None:
    found = conformed(right, "float32", products="tf32", sums="float16", ulps={"exp": 4})
    assert (found.verdict, dict(found.excused)) == (Verdict.RIGHT, {})


def test_sums_in_a_narrower_format() -> None:
    def product(v: np.ndarray, w: np.ndarray) -> np.ndarray:
        total = np.zeros((v.shape[0], w.shape[1]), "f4")
        for k in range(v.shape[1]):
            total = (total + v[:, k : k + 1] * w[k : k + 1]).astype("f4")
        return total.astype("f8")

    found = conformed(lambda q: passes(q, product=product), sums="float32")
    assert found.verdict is Verdict.RIGHT
    assert set(found.excused) == {"sums in float32"}


def test_a_library_function_that_is_off() -> None:
    """Seven digits of e^x in float64, which make the sigmoid as bad."""
    off = lambda z: 1 / (1 + np.exp(-z).astype("f4").astype("f8"))  # noqa: E731

    def run(q: Question) -> Answer:
        x, (w,), (b,) = q.x, q.weights, q.biases
        a = off(w @ x + b)
        d = a - q.expected
        return Answer((d @ x.T / q.samples,), (d.mean(axis=1, keepdims=True),), activations=(a,), deltas=(d,))

    def of_one_layer(q: Question) -> Answer:
        if q.hidden:
            raise Skipped("no hidden layers")
        return run(q)

    heads = ("sigmoid+cross_entropy", "sigmoid+cross_entropy:fused")
    assert conformed(of_one_layer, heads=heads).verdict is not Verdict.RIGHT
    found = conformed(of_one_layer, heads=heads, ulps={"exp": 2.0**29})
    assert (found.verdict, list(found.excused)) == (Verdict.RIGHT, ["exp within 5.36871e+08 ulp"])
    assert conformed(of_one_layer, heads=heads, ulps={"erf": 2.0**29}).verdict is not Verdict.RIGHT


def test_what_is_flushed_is_counted() -> None:
    def flushes(q: Question) -> Answer:
        tiny = float(np.finfo(q.x.dtype).tiny)
        a = right(q)
        return gradients_only(replace(a, nabla_w=tuple(np.where(np.abs(v) < tiny, 0, v) for v in a.nabla_w)))

    found = conformed(flushes, flush_to_zero=True)
    assert found.verdict is Verdict.RIGHT
    assert found.excused["flushed subnormals"] >= len(HEADS)


def test_out_of_range_nothing_is_known() -> None:
    """In float16 a z of 1e6 is none."""
    vector = next(v for v in vectors("float32", ["identity+quadratic"]) if v.id.endswith("/edge"))
    q = vector.question
    far = replace(q, x=q.x * np.float32(1e6))
    assert widened(replace(vector, question=far), Arithmetic(products="float16")) is None
    assert widened(replace(vector, question=far), Arithmetic(products="bfloat16")) is not None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"products": "float8"}, "products: 'float8' is unknown; give one of bfloat16, float16, float32, tf32"),
        ({"sums": ["float32"]}, "sums: ['float32'] is unknown"),
        ({"ulps": {"sinh": 2}}, "ulps: 'sinh' is unknown; give some of atan, erf, exp"),
        ({"ulps": {"exp": 0}}, "ulps: exp = 0; give a number of ulp above 0"),
        ({"ulps": {"exp": True}}, "ulps: exp = True"),
        ({"ulps": {"exp": float("nan")}}, "ulps: exp = nan"),
        ({"ulps": 2}, "ulps = 2: give numbers by function"),
        ({"same_hidden": "yes"}, "same_hidden = 'yes': give true or false"),
    ],
)
def test_bad_declarations(said: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        Capabilities(("float32",), **said)
    with pytest.raises(Malformed, match=re.escape(words)):
        started({"version": 1, "name": "mine", "capabilities": {"dtypes": ["float32"], **said}})


def test_what_is_flushed_hides_no_name() -> None:
    def run(q: Question) -> Answer:
        tiny = float(np.finfo(q.x.dtype).tiny)
        a = right(q)
        flushed = lambda v: np.where(np.abs(v) < tiny, 0, v)  # noqa: E731
        return gradients_only(
            replace(a, nabla_w=tuple(map(flushed, a.nabla_w)), nabla_b=tuple(flushed(-v) for v in a.nabla_b))
        )

    assert told(conformed(run, heads=("tanh+quadratic",), flush_to_zero=True)) == ["sign in BP4"]
