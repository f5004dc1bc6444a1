"""What cannot be judged is refused in one sentence, and never gets a verdict."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import numpy as np
import pytest

from oracle import CannotJudge

from .pairs import REAL2, check, cost, cost_grad

Array = Any


def raising(a: Array, E: Array) -> Array:
    raise RuntimeError("out of order\nsecond line")


def leaving(a: Array, E: Array) -> Array:
    raise SystemExit(3)


def sleeping(a: Array, E: Array) -> Array:
    with contextlib.suppress(Exception):
        time.sleep(60)
    return a - E


BAD: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "fn returns a vector": (lambda a, E: a - E, cost_grad, {}, "fn returned the shape (3,)"),
    "fn returns one number in an array": (
        lambda a, E: ((a - E) ** 2).sum(keepdims=True),
        cost_grad,
        {},
        "fn returned the shape (1,)",
    ),
    "fn returns None": (lambda a, E: None, cost_grad, {}, "fn returned None"),
    "fn returns text": (lambda a, E: "0", cost_grad, {}, "fn returned a str"),
    "fn returns a truth value": (lambda a, E: True, cost_grad, {}, "fn returned a bool"),
    "fn returns a complex number": (lambda a, E: 1j, cost_grad, {}, "fn returned a complex"),
    "fn is NaN everywhere": (
        lambda a, E: (a * np.nan).sum(),
        cost_grad,
        {},
        "fn is not finite at any of the 24 points",
    ),
    "fn raises": (raising, cost_grad, {}, "fn raised RuntimeError: out of order"),
    "fn leaves": (leaving, cost_grad, {}, "fn called sys.exit(3)"),
    "fn sleeps": (sleeping, cost_grad, {"timeout": 0.2}, "fn took longer than 0.2 seconds"),
    "fn takes another number of arguments": (lambda a: a.sum(), cost_grad, {}, "takes 1 positional argument"),
    "fn is no function": (3, cost_grad, {}, "fn is of type int: give a function"),
    "grad is no function": (cost, None, {}, "grad is of type NoneType"),
    "grad raises": (cost, raising, {}, "grad raised RuntimeError at arguments of shapes (3,), (3,): out of order"),
    "grad returns None": (cost, lambda a, E: None, {}, "grad returned None"),
    "grad returns text": (cost, lambda a, E: "abc", {}, "grad returned a str"),
    "grad returns a dictionary": (cost, lambda a, E: {"a": a}, {}, "grad returned a dict"),
    "grad leaves": (cost, leaving, {}, "grad called sys.exit(3)"),
    "grad sleeps": (cost, sleeping, {"timeout": 0.2}, "grad took longer than 0.2 seconds for one call"),
    "an unknown domain": (cost, cost_grad, {"domains": ("unit", "plane")}, "unknown domain 'plane': give one of real"),
    "an empty interval": (cost, cost_grad, {"domains": ((1, 0), "unit")}, "domain '(1, 0)' is empty"),
    "one domain without its tuple": (cost, cost_grad, {"domains": "unit"}, "domains = 'unit': give a sequence"),
    "no domain": (cost, cost_grad, {"domains": ()}, "domains = ()"),
    "a number as a domain": (cost, cost_grad, {"domains": (3, "unit")}, "domain 3 is of type int"),
    "too many domains": (cost, cost_grad, {"domains": ("unit",) * 3}, "fn raised TypeError"),
    "lengths of 0": (cost, cost_grad, {"lengths": (0, 3)}, "lengths = (0, 3): give (low, high)"),
    "lengths the wrong way round": (cost, cost_grad, {"lengths": (5, 3)}, "lengths = (5, 3)"),
    "one length": (cost, cost_grad, {"lengths": 5}, "lengths = 5: give (low, high)"),
    "shapes without their tuples": (cost, cost_grad, {"shapes": (3, 4)}, "shapes = (3, 4): give one shape for each"),
    "too few shapes": (cost, cost_grad, {"shapes": ((3,),)}, "shapes has 1 entries, domains 2"),
    "an empty shape": (cost, cost_grad, {"shapes": ((0,), (3,))}, "every length must be at least 1"),
    "lengths and shapes": (cost, cost_grad, {"lengths": (1, 2), "shapes": ((3,), (3,))}, "are both given"),
    "an argnum too high": (cost, cost_grad, {"argnum": 2}, "argnum = 2: there are 2 arguments"),
    "an argnum that is no number": (cost, cost_grad, {"argnum": "E"}, "argnum = 'E'"),
    "no examples": (cost, cost_grad, {"examples": 0}, "examples = 0: give a whole number"),
    "a negative seed": (cost, cost_grad, {"rng": -3}, "rng = -3: give a seed of at least 0"),
    "an unknown database": (cost, cost_grad, {"database": "here"}, "database = 'here'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_no_verdict(name: str) -> None:
    fn, grad, options, words = BAD[name]
    started = time.perf_counter()
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 — what it says is checked below
        check(fn, grad, **{"domains": REAL2} | options)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert time.perf_counter() - started < 10
    if name != "an unknown database":
        assert isinstance(refusal.value, CannotJudge)


def test_what_grad_prints_harms_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(cost, lambda a, E: print("hello") or a - E, REAL2, examples=5)
    assert capsys.readouterr().out.startswith("hello\n")


def test_the_limit_leaves_the_alarm_as_it_was() -> None:
    import signal

    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(CannotJudge):
        check(cost, sleeping, timeout=0.1)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    signal.setitimer(signal.ITIMER_REAL, 60)  # somebody else's, such as a test runner's: there is no limit of ours then
    try:
        assert check(cost, cost_grad, examples=3, timeout=1e-9)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
