"""The same numbers in other arrays, arrays used again, answers kept, many calls: what is right must stay so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle

Array = Any

check = partial(oracle.check_gradient, domains=("real",), database=None, examples=24)
MATRIX = ((2, 3),)


def half_square(a: Array) -> Array:
    return (a**2).sum() / 2


def by_rows(a: Array) -> Array:
    return (a * jnp.arange(1.0, 1.0 + a.size).reshape(a.shape)).sum()


def by_identity() -> Callable[[Array], Array]:
    known: dict[int, tuple[Array, Array]] = {}
    return lambda a: known.setdefault(id(a), (a, a.copy()))[1].copy()


def by_address() -> Callable[[Array], Array]:
    known: dict[int, tuple[Array, Array]] = {}
    return lambda a: known.setdefault(a.__array_interface__["data"][0], (a, a.copy()))[1].copy()


def ring(count: int) -> Callable[[Array], Array]:
    buffers: dict[Any, Array] = {}
    turn = 0

    def gradient(a: Array) -> Array:
        nonlocal turn
        turn = (turn + 1) % count
        buffer = buffers.setdefault((a.shape, turn), np.empty(a.shape))
        buffer[...] = a
        return buffer

    return gradient


def from_call(first_wrong: int) -> Callable[[Array], Array]:
    calls = 0

    def gradient(a: Array) -> Array:
        nonlocal calls
        calls += 1
        return a * (1.0 if calls < first_wrong else 1.5)

    return gradient


def as_if_contiguous(a: Array) -> Array:
    return np.lib.stride_tricks.as_strided(a, (a.size,), (8,)).reshape(a.shape).copy()


def in_memory_order(order: Any) -> Callable[[Array], Array]:
    return lambda a: a.ravel(order=order).reshape(a.shape) * 1.0


WRONG: dict[str, tuple[Callable[[], Any], dict[str, Any], str]] = {
    "order K": (lambda: in_memory_order("K"), {"shapes": MATRIX}, "Given its arguments in Fortran order"),
    "order A": (lambda: in_memory_order("A"), {"shapes": MATRIX}, "Given its arguments in Fortran order"),
    "its strides not read": (lambda: as_if_contiguous, {}, "Given its arguments as every other entry"),
    "of a matrix": (lambda: as_if_contiguous, {"shapes": MATRIX}, "Given its arguments in Fortran order"),
    "its base": (
        lambda: lambda a: (a if a.base is None else np.resize(a.base, a.shape)) * 1.0,
        {"lengths": (4, 9)},
        "Given its arguments as every other entry",
    ),
    "the sign of a stride": (
        lambda: lambda a: a[:: -1 if a.strides[0] < 0 else 1] * 1.0,
        {"lengths": (3, 9)},
        "Given its arguments as a view with negative strides",
    ),
    "by identity": (by_identity, {}, "Given arrays that it was given before"),
    "by address": (by_address, {}, "Given arrays that it was given before"),
    "two buffers": (lambda: ring(2), {}, "It overwrites an earlier answer"),
    "five buffers": (lambda: ring(5), {}, "It overwrites an earlier answer"),
    "from the 500th call": (lambda: from_call(500), {}, "After hundreds of calls"),
    "from the 250th call": (lambda: from_call(250), {}, "After hundreds of calls"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_another_guise_alone_is_wrong_and_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, options, words = WRONG[name]
    report = check(half_square, make(), **options)
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith(words), report.diagnosis
    candidate = make()
    exec(report.reproduction, {name: candidate for name in ("grad", "gradient", "as_if_contiguous")})
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(lines) // 2] != lines[len(lines) // 2 :]


RIGHT: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "a copy": (half_square, lambda a: a.copy(), {}),
    "a matrix": (half_square, lambda a: a * 1.0, {"shapes": MATRIX}),
    "in C order, copied": (half_square, lambda a: np.ravel(a).reshape(a.shape) + 0.0, {"shapes": MATRIX}),
    "of its bytes": (half_square, lambda a: np.frombuffer(a.tobytes()).reshape(a.shape), {"shapes": MATRIX}),
    "a cache by contents": (half_square, lambda a, kept={}: kept.setdefault(a.tobytes(), a.copy()).copy(), {}),
    "a number": (lambda a: a**2, lambda a: 2 * a, {"shapes": ((),)}),
    "jax": (half_square, jax.jit(jax.grad(half_square)), {}),
    "weights": (by_rows, lambda a: np.arange(1.0, 1.0 + a.size).reshape(a.shape), {"shapes": MATRIX}),
    "its sums in memory order": (
        lambda a: jnp.exp(a).sum() ** 2,
        lambda a: 2 * np.exp(a).sum() * np.exp(a),
        {"domains": ((-3.0, 3.0),), "shapes": ((5, 7),)},
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_in_every_guise_is_right(name: str) -> None:
    fn, grad, options = RIGHT[name]
    report = check(fn, grad, **options)
    assert report
    narrow = [w for w in report.warnings if "in float32 (JAX computes so" in w]
    assert len(narrow) == (name == "jax")
    assert len(report.warnings) == len(narrow)


def test_what_refuses_an_array_is_right_and_its_refusal_noted() -> None:
    def gradient(a: Array) -> Array:
        if not a.flags.writeable:
            raise ValueError("cannot work in place")
        return a * 1.0

    report = check(half_square, gradient)
    assert report
    assert report.notes == ("given its arguments in read-only arrays, grad raises ValueError: cannot work in place",)


def test_integers_that_are_truncated_are_a_warning() -> None:
    def gradient(a: Array) -> Array:
        out = np.zeros_like(a)
        out[...] = a / 2
        return out

    report = check(lambda a: (a**2).sum() / 4, gradient)
    assert report
    assert report.warnings == ("given argument 0 as integers, grad truncates its answer: pass floats",)


def test_labels_may_be_integers() -> None:
    def cost(z: Array, y: Array) -> Array:
        return jnp.logaddexp(0, -y * z).sum()

    def gradient(z: Array, y: Array) -> Array:
        return -y / (1 + np.exp(y * z))

    def truncating(z: Array, y: Array) -> Array:
        out = np.zeros_like(y)
        out[...] = gradient(z, y)
        return out

    domains = ((-3.0, 3.0), "sign")
    assert check(cost, gradient, domains=domains)
    report = check(cost, truncating, domains=domains)
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith("Given its labels as integers, it returns the dtype int64")


def test_what_raises_at_some_points_is_judged_at_the_others_and_the_first_lines_say_so() -> None:
    def at_short_ones(a: Array) -> Array:
        if a.size > 5:
            raise ValueError("too long")
        return a * 1.0

    report = check(half_square, at_short_ones)
    assert report
    assert (
        str(report).splitlines()[1].startswith("warning: grad raised ValueError at arguments of shapes (9,): too long")
    )
    wrong = check(half_square, lambda a: 2 * at_short_ones(a))
    assert wrong.verdict == "wrong"
    with pytest.raises(oracle.CannotJudge, match="grad raised ValueError at arguments of shapes"):
        check(half_square, lambda a: at_short_ones(np.zeros(9)))


def test_a_pair_is_refused_with_what_to_do() -> None:
    for result, words in (
        (lambda a: (a, np.ones_like(a)), "a tuple of 2 arrays, each shaped as the argument: check one entry"),
        (lambda a: [a, a, a], "a list of 3 arrays"),
        (lambda a: (a,), "a tuple of one array in it: it must return the array itself"),
    ):
        with pytest.raises(oracle.CannotJudge, match=words):
            check(half_square, result)
