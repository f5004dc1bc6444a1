"""Checks beside four busy processes say what they say on an idle machine, of the same points; every part keeps its limit."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.check import budgets, conclusion
from oracle.effort.budget import Budget

Array = Any
check = functools.partial(oracle.check_gradient, database=None)
Case = tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]


def squared(a: Array, E: Array) -> Array:
    return 0.5 * jnp.sum((a - E) ** 2)


def log_loss(a: Array, E: Array) -> Array:
    return -jnp.sum(E * jnp.log(a) + (1 - E) * jnp.log1p(-a))


def on_floats(a: Array) -> float:
    return float(sum(float(x) ** 2 for x in a))


def kinked(a: Array) -> float:
    return float(np.sum(np.abs(np.asarray(a, dtype=float))))


def softmax_error(z: Array, E: Array) -> Array:
    e = np.exp(z - z.max())
    return e / e.sum() - E


def softmax_loss(z: Array, E: Array) -> Array:
    top = jnp.max(z)
    return top + jnp.log(jnp.sum(jnp.exp(z - top))) - jnp.sum(E * z)


UNIT, REAL = ("unit", "closed_unit"), ("real", "real")
#: Right ones, wrong ones of several kinds, inaccurate and undecided ones.
CASES: dict[str, Case] = {
    "squared": (squared, lambda a, E: a - E, REAL, {}),
    "squared, no ½": (squared, lambda a, E: 2 * (a - E), REAL, {}),
    "squared, sign": (squared, lambda a, E: E - a, REAL, {}),
    "squared, 1/n": (squared, lambda a, E: (a - E) / a.size, REAL, {}),
    "squared, from 9 on": (squared, lambda a, E: (a - E) * (1 if a.size < 9 else 2), REAL, {}),
    "squared, beyond 3": (squared, lambda a, E: np.where(a > 3, 0, a - E), REAL, {}),
    "squared in float32": (squared, lambda a, E: (a - E).astype(np.float32), REAL, {}),
    "squared through float32": (squared, lambda a, E: (a - E).astype(np.float32).astype(float), REAL, {}),
    "log loss": (log_loss, lambda a, E: (a - E) / (a * (1 - a)), UNIT, {}),
    "log loss, ε": (log_loss, lambda a, E: (a - E) / (a * (1 - a) + 1e-9), UNIT, {}),
    "log loss, clipped": (log_loss, lambda a, E: np.clip((a - E) / (a * (1 - a)), -1e3, 1e3), UNIT, {}),
    "softmax": (softmax_loss, softmax_error, ("real", "one_hot"), {}),
    "softmax, p alone": (softmax_loss, lambda z, E: softmax_error(z, 0 * E), ("real", "one_hot"), {}),
    "sigmoid′": (lambda z: jnp.sum(1 / (1 + jnp.exp(-z))), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2, ("real",), {}),
    "tanh′": (lambda z: jnp.sum(jnp.tanh(z)), lambda z: 1 - np.tanh(z) ** 2, ("real",), {}),
    "relu": (lambda z: jnp.sum(jnp.maximum(z, 0)), lambda z: (z > 0) * 1.0, ("real",), {}),
    "on floats": (on_floats, lambda a: 2 * a, ("real",), {"lengths": (1, 9)}),
    "on floats, 3": (on_floats, lambda a: np.where(a > 1, 3 * a, 2 * a), ("real",), {"lengths": (1, 5)}),
    "on floats, too long": (on_floats, lambda a: 2 * a, ("real",), {"shapes": ((300,),)}),
    "1-norm of floats": (kinked, lambda a: np.sign(a), ("real",), {"lengths": (1, 5)}),
}


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that never rest."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def said(case: Case) -> tuple[str, Any]:
    """The report and all that was found, save the seconds it took."""
    fn, grad, domains, options = case
    report = check(fn, grad, domains, **options)
    return str(report), report.to_dict() | {"seconds": 0}


def beside_busy_processes(names: Sequence[str]) -> None:
    """All twenty take minutes: `beside_busy_processes([*CASES])`."""
    idle = {name: said(CASES[name]) for name in names}
    with busy(4):
        loaded = {name: said(CASES[name]) for name in names}
    for name in names:
        assert loaded[name] == idle[name], name
    verdicts = {words[1]["verdict"] for words in idle.values()}
    assert verdicts == {"right", "wrong", "inaccurate", "undecided"}


@pytest.mark.longer
def test_beside_four_busy_processes_checks_say_the_same_of_the_same_points() -> None:
    assert len(CASES) == 20
    beside_busy_processes(["log loss", "softmax, p alone", "tanh′", "on floats, too long", "1-norm of floats"])


@pytest.mark.longer
@pytest.mark.parametrize("name", ["on floats", "on floats, 3", "1-norm of floats", "squared, beyond 3", "log loss, ε"])
def test_every_part_keeps_its_limit_within_a_fifth(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[tuple[str, Budget]] = []

    def noted(part: str) -> Callable[[], Budget]:
        def small() -> Budget:
            whole = getattr(budgets, part)()
            spent.append((part, Budget(whole.calls // 4, whole.operations // 4)))
            return spent[-1][1]

        return small

    for part in ("for_shrinking", "for_diagnosis", "for_power"):
        monkeypatch.setattr(conclusion, part, noted(part))
    fn, grad, domains, options = CASES[name]
    check(fn, grad, domains, **options)
    assert spent
    for part, budget in spent:
        assert budget.part_spent <= 1.2, (part, budget)
