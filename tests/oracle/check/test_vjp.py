"""`check_vjp`: array-valued functions, several arguments, cotangents that hide nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle import CannotJudge
from oracle.search.cotangents import KINDS

Array = Any
check = partial(oracle.check_vjp, database=None, examples=12, lengths=(1, 3))


def softmax(z: Array) -> Array:
    e = jnp.exp(z - z.max())
    return e / e.sum()


def softmax_vjp(z: Array, c: Array) -> tuple[Array, ...]:
    e = np.exp(z - z.max())
    s = e / e.sum()
    return (s * (c - (s * c).sum()),)


def diagonal_alone(z: Array, c: Array) -> tuple[Array, ...]:
    e = np.exp(z - z.max())
    s = e / e.sum()
    return (s * (1 - s) * c,)


def nothing(z: Array, c: Array) -> tuple[Array, ...]:
    """What a cotangent of all ones would let pass: the entries of a softmax sum to 1, whatever z is."""
    return (0 * z,)


@pytest.mark.longer
def test_a_product_of_one_argument() -> None:
    assert check(softmax, softmax_vjp, ((-5, 5),))
    for wrong in (diagonal_alone, nothing):
        report = check(softmax, wrong, ((-5, 5),))
        assert report.verdict == "wrong"
        assert report.name == f"{wrong.__name__}, argument 0"


def scaled(a: Array, b: Array) -> Array:
    return a * b * b


def test_every_argument_is_checked_unless_some_are_named() -> None:
    def right(a: Array, b: Array, c: Array) -> tuple[Array, ...]:
        return c * b * b, 2 * c * a * b

    def wrong(a: Array, b: Array, c: Array) -> tuple[Array, ...]:
        return c * b * b, c * a * b

    domains = ("real", "real")
    assert check(scaled, right, domains).name == "right, argument 1"
    report = check(scaled, wrong, domains)
    assert (report.verdict, report.name) == ("wrong", "wrong, argument 1")
    assert check(scaled, wrong, domains, argnums=[0])


def test_the_snippet_runs_and_shows_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(softmax, diagonal_alone, ("real",))
    lines = [line for line in report.reproduction.splitlines() if not line.startswith(f"from {__name__}")]
    exec("\n".join(lines), {"softmax": softmax, "diagonal_alone": diagonal_alone})
    assert float(capsys.readouterr().out) == report.got


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (lambda z, c: c, "vjp returned a ndarray; it must return a tuple of 1"),
        (lambda z, c: (c, c), "vjp returned 2 arrays; it must return a tuple of 1"),
        (lambda z, c: None, "vjp returned a NoneType"),
    ],
)
def test_what_is_no_product_is_one_sentence(result: Any, words: str) -> None:
    with pytest.raises(CannotJudge) as refusal:
        check(softmax, result)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_cotangents_are_of_many_kinds_and_every_second_is_ordinary() -> None:
    drawn = [draw((9,), np.random.default_rng(n)) for n, draw in enumerate(KINDS)]
    for c in drawn[::2]:
        assert len(set(abs(c))) == 9
        assert not np.any(c == c.astype(np.float16))
    sizes = [float(np.max(abs(c))) for c in drawn]
    assert max(sizes) > 1e3
    assert 0 < min(size for size in sizes if size) < 1e-3
    assert any(0 < np.count_nonzero(c) < 9 for c in drawn)
    assert any(np.count_nonzero(c) == 1 for c in drawn)
    assert [draw((), np.random.default_rng(0)).shape for draw in KINDS] == [()] * len(KINDS)


def test_the_name_is_a_function_and_not_a_module() -> None:
    import oracle.check.vjp

    assert oracle.check_vjp is oracle.check.vjp.check_vjp
