"""What a candidate does at right points in other guises, asked at two points; the whole check stands in tests/oracle/check/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from oracle.judgement.conduct import CALLS_OF_JAX, MOST_CALLS, Conduct, examine
from oracle.judgement.point import judge_point
from oracle.witnesses.function import Function
from oracle.witnesses.prepare import prepare

Array = Any
POINTS = (np.array([0.5, -1.25, 3.0, 0.75]), np.array([2.0, 0.25, -0.5, 1.5]))
SIGNS = np.array([1.0, -1.0, 1.0, 1.0])


def half_square(a: Array) -> Array:
    return (a * a).sum() / 2


def weighed(a: Array, y: Array) -> Array:
    return (a * a * y).sum() / 2


def conduct(grad: Callable[..., Any]) -> Conduct:
    """At points at which it is right, asked for the first time."""
    function: Function = prepare(half_square, (POINTS[0],), 0, [None])
    findings = [judge_point(function, grad, (p.copy(),)) for p in POINTS]
    assert [f.verdict for f in findings] == ["right", "right"]
    return examine(function, grad, findings)


def with_labels(grad: Callable[..., Any]) -> Conduct:
    function = prepare(weighed, (POINTS[0], SIGNS), 0, [None, None])
    findings = [judge_point(function, grad, (p.copy(), SIGNS.copy())) for p in POINTS]
    assert [f.verdict for f in findings] == ["right", "right"]
    return examine(function, grad, findings, labels=(1,))


def by_identity() -> Callable[[Array], Array]:
    held: list[Any] = []

    def grad(a: Array) -> Array:
        for array, answer in held:
            if array is a:
                return answer.copy()
        held.append((a, a.copy()))
        return a.copy()

    return grad


def ring(count: int) -> Callable[[Array], Array]:
    buffers, calls = [np.empty(4) for _ in range(count)], iter(range(10**6))

    def grad(a: Array) -> Array:
        out = buffers[next(calls) % count]
        out[...] = a
        return out

    return grad


def from_call(first: int) -> Callable[[Array], Array]:
    calls = iter(range(10**6))
    return lambda a: a * (1.0 if next(calls) < first else 1.5)


def by_the_ends() -> Callable[[Array], Array]:
    kept: dict[Any, Array] = {}
    return lambda a: kept.setdefault((a[0], a[-1]), a.copy()).copy()


def changing_what_is_not_contiguous(a: Array) -> Array:
    answer = a.copy()
    if not a.flags.c_contiguous:
        a += 1
    return answer


WRONG: dict[str, tuple[Callable[[], Callable[[Array], Array]], str]] = {
    "its strides not read": (
        lambda: lambda a: np.lib.stride_tricks.as_strided(a, (a.size,), (8,)).copy(),
        "given its arguments as every other entry of a longer array, it answers otherwise: component [1] is",
    ),
    "its argument changed": (
        lambda: changing_what_is_not_contiguous,
        "given its arguments as every other entry of a longer array, it changes its argument 0",
    ),
    "by identity": (
        by_identity,
        "given arrays that it was given before, with other numbers in them, it answers otherwise",
    ),
    "two buffers": (lambda: ring(2), "it overwrites an earlier answer: arrays that it returned are used again"),
    "seven buffers": (lambda: ring(7), "it overwrites an earlier answer: arrays that it returned are used again"),
    "by its ends": (by_the_ends, "it gives the answer that it gave at another point, "),
    "from the 300th call": (lambda: from_call(300), "after hundreds of calls it answers otherwise: component [0] is"),
}


@pytest.mark.parametrize("name", WRONG)
def test_misconduct_is_found_and_said(name: str) -> None:
    make, words = WRONG[name]
    found = conduct(make()).wrong
    assert found is not None
    assert found.complaint.startswith(words), found.complaint
    assert (found.verdict, found.component, found.how) == ("wrong", None, "how it behaved")


RIGHT: dict[str, Callable[[], Callable[[Array], Any]]] = {
    "a copy": lambda: lambda a: a.copy(),
    "a cache by its contents": lambda: lambda a, kept={}: kept.setdefault(a.tobytes(), a.copy()).copy(),
    "a ring of many": lambda: ring(40),
    "by JAX": lambda: lambda a: jnp.asarray(a) * 1.0,
    "rounded to float32": lambda: lambda a: a.astype(np.float32),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_keeps_nothing_is_left_alone(name: str) -> None:
    assert conduct(RIGHT[name]()) == Conduct(None)


def refusing(a: Array) -> Array:
    if not a.flags.writeable:
        raise ValueError("cannot work in place")
    return a.copy()


def test_a_refusal_is_a_note() -> None:
    found = conduct(refusing)
    assert found == Conduct(
        None, ("given its arguments in read-only arrays, grad raises ValueError: cannot work in place",)
    )


def test_truncated_integers_are_a_warning_and_a_refusal_or_a_float_is_none() -> None:
    def halves(a: Array) -> Array:
        return (a * a).sum() / 4

    function = prepare(halves, (POINTS[0],), 0, [None])

    def warnings_of(grad: Callable[[Array], Array]) -> tuple[str, ...]:
        findings = [judge_point(function, grad, (p.copy(),)) for p in POINTS]
        assert [f.verdict for f in findings] == ["right", "right"]
        return examine(function, grad, findings).warnings

    def into_its_like(a: Array) -> Array:
        out = np.zeros_like(a)
        out[...] = a / 2
        return out

    def refuses_integers(a: Array) -> Array:
        if a.dtype.kind != "f":
            raise TypeError("floats, please")
        return a / 2

    said = ("given argument 0 as integers, grad truncates its answer: pass floats",)
    assert warnings_of(into_its_like) == said
    assert warnings_of(lambda a: a / 2) == warnings_of(refuses_integers) == ()


def test_labels_may_be_integers() -> None:
    assert with_labels(lambda a, y: a * y) == Conduct(None)
    doubled = with_labels(lambda a, y: a * y * (2 if y.dtype.kind == "i" else 1)).wrong
    assert doubled is not None
    assert doubled.complaint.startswith("given its labels as integers, it answers otherwise")
    dtype = with_labels(lambda a, y: (a * y).astype(y.dtype)).wrong
    assert dtype is not None
    assert dtype.complaint == "given its labels as integers, it returns the dtype int64"

    def refuses(a: Array, y: Array) -> Array:
        return a * np.where(y > 0, 1.0, -1.0) if y.dtype.kind == "f" else 1 / 0

    assert with_labels(refuses) == Conduct(
        None, ("given its labels as integers, grad raises ZeroDivisionError: division by zero",)
    )


def test_code_of_jax_is_asked_less_often() -> None:
    calls = {"numpy": 0, "jax": 0}

    def counted(name: str, answer: Callable[[Array], Any]) -> Callable[[Array], Any]:
        def grad(a: Array) -> Any:
            calls[name] += 1
            return answer(a)

        return grad

    assert conduct(counted("numpy", lambda a: a.copy())) == conduct(counted("jax", lambda a: jnp.asarray(a) * 1.0))
    assert calls["numpy"] > MOST_CALLS
    assert CALLS_OF_JAX < calls["jax"] < 3 * CALLS_OF_JAX


def test_it_is_shown_at_the_smallest_of_the_points_that_tell_as_much() -> None:
    def unread(a: Array) -> Array:
        return np.lib.stride_tricks.as_strided(a, (a.size,), (8,)).copy()

    sizes = (6, 5, 9, 2)
    points = [np.linspace(-1.0, 2.0, size) for size in sizes]
    function = prepare(half_square, (points[0],), 0, [None])
    found = examine(function, unread, [judge_point(function, unread, (p.copy(),)) for p in points]).wrong
    assert found is not None
    assert found.args[0].size == 5, "two numbers tell less of an order than four"
