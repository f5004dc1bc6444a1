"""`check_gradient` of functions that JAX cannot trace: judged by differences, and never called certified."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from .pairs import REAL2, check, on_floats

pytestmark = pytest.mark.usefixtures("little_evidence")

Array = Any


def branching(a: Array, E: Array) -> Array:
    distance = ((a - E) ** 2).sum()
    return distance if distance > 1 else distance * 0.5 + distance * 0.5


@pytest.mark.longer
@pytest.mark.parametrize(
    ("fn", "words"), [(branching, "judged by differences in balls"), (on_floats, "extrapolated differences in floats")]
)
def test_untraceable_functions_are_judged_by_differences_and_not_certified(fn: Any, words: str) -> None:
    options: Any = {"lengths": (1, 3), "examples": 12}
    report = check(fn, lambda a, E: 2 * (a - E), **options)
    assert report
    assert not report.certified
    assert "JAX cannot trace fn (" in report.why_not
    assert words in report.why_not
    assert f"certified: no ({report.why_not})" in str(report)
    wrong = check(fn, lambda a, E: 2 * (a - E) * (1 + 1e-6), **options)
    assert wrong.verdict == "wrong"
    assert not wrong.certified
    assert "proved" not in wrong.how
    assert "(estimated)" in str(wrong)


@pytest.mark.longer
def test_a_primitive_without_ball_arithmetic_is_judged_in_float64() -> None:
    """JAX's own precision here is float32, in which differences would see nothing."""

    @jax.custom_jvp
    def called_back(a: Array) -> Array:
        return jax.pure_callback(lambda x: 1 - (1 + x) * np.exp(-x), jax.ShapeDtypeStruct(a.shape, a.dtype), a)

    called_back.defjvp(lambda at, along: (called_back(*at), at[0] * jax.numpy.exp(-at[0]) * along[0]))

    def incomplete_gamma(a: Array) -> Array:
        return called_back(jax.numpy.asarray(a)).sum()

    options: Any = {"lengths": (1, 2), "examples": 8}
    report = check(incomplete_gamma, lambda a: a * np.exp(-a), ((0.5, 4),), **options)
    assert report
    assert report.why_not.startswith("primitive 'pure_callback' has no ball arithmetic")
    assert check(incomplete_gamma, lambda a: 1.00001 * a * np.exp(-a), ((0.5, 4),), **options).verdict == "wrong"


def test_points_that_fn_refuses_are_undecided_not_a_crash() -> None:
    report = check(
        on_floats, lambda a, E: 2 * (a - E), REAL2, lengths=(1, 3), examples=60
    )  # 1e300² overflows: Python raises
    assert report.verdict == "right"
    assert report.tried.undecided > 0
    assert any(note.startswith("undecided at ") for note in report.notes)


@pytest.mark.longer
def test_a_function_in_few_digits_makes_no_right_gradient_wrong() -> None:
    def in_float32(a: Array, E: Array) -> float:
        return float(sum((np.float32(x) - np.float32(y)) ** 2 for x, y in zip(a, E, strict=True)))

    options: Any = {"lengths": (1, 4), "examples": 25}
    for domains in (("unit", "unit"), REAL2):
        assert check(in_float32, lambda a, E: 2 * (a - E), domains, **options).verdict != "wrong"
        assert check(in_float32, lambda a, E: 2 * (a - E) * (1 + 1e-3), domains, **options).verdict == "wrong"
