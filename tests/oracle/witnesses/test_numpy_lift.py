"""NumPy code read as code of JAX: trusted where its values are the code's, and else left to differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

import oracle
from oracle.witnesses.function import ON_BALLS, ON_FLOATS, TRACED
from oracle.witnesses.numpy_lift import NumpyLift
from oracle.witnesses.prepare import prepare
from oracle.witnesses.torch_way import Unlike
from oracle.witnesses.truth import truth

Array = Any
X = np.array([0.3, -1.2, 2.5])
P = np.array([0.3, 1.2, 2.5])


def layer_norm(x: Array) -> Array:
    centred = x - np.mean(x)
    return np.sum(np.arange(1.0, x.size + 1) * centred / np.sqrt(np.mean(centred**2) + 1e-5))


def layer_norm_grad(x: Array) -> Array:
    centred = x - np.mean(x)
    s = 1 / np.sqrt(np.mean(centred**2) + 1e-5)
    c, normed = np.arange(1.0, x.size + 1), centred * s
    return s * (c - np.mean(c) - normed * np.mean(c * normed))


def in_place(x: Array) -> Array:
    p = np.exp(x - np.max(x))
    p /= np.sum(p)
    return -np.log(p[0])


def entry_by_entry(x: Array) -> Array:
    out = np.zeros_like(x)
    for k in range(len(x)):
        out[k] = np.tanh(x[k]) * (k + 1)
    return np.sum(out**2)


def log_det(x: Array) -> Array:
    matrix = np.outer(x, x) + np.eye(x.size)
    return np.linalg.slogdet(matrix)[1] + x @ np.linalg.solve(matrix, x)


def through_a_view(x: Array) -> Array:
    z = np.array(x, copy=True) if x.dtype == object else x.copy()
    rest = z[1:]
    rest[...] = rest * 2
    return np.sum(z**2)


def branching(x: Array) -> Array:
    return np.sum(x**2) if np.max(x) > 0 else np.sum(x)


def masked(x: Array) -> Array:
    out = 0.1 * x
    out[x > 0] = np.square(x[x > 0])
    return np.sum(out)


def validated(p: Array) -> Array:
    if np.any(p <= 0):
        raise ValueError("p must be positive")
    return -np.sum(np.log(p))


def outside(x: Array) -> Array:
    """Another function for what is no array of NumPy: what a translation sees is not the code."""
    return np.sum(np.exp(x)) + np.sum(x**3 if isinstance(x, np.ndarray) else x**2)


TRANSLATED: dict[str, tuple[Callable[..., Any], Array]] = {
    "layer norm": (layer_norm, X),
    "in place": (in_place, X),
    "entry by entry": (entry_by_entry, X),
    "linear algebra": (log_det, X),
    "scipy.special": (lambda x: np.sum(scipy.special.gammaln(x) + scipy.special.erf(x)), P),
    "fft": (lambda x: np.sum(np.abs(np.fft.fft(x)) ** 3), X),
    "einsum": (lambda x: np.einsum("i,j->", x, x**2), X),
    "where": (lambda x: np.sum(np.where(np.abs(x) <= 1, x**2 / 2, np.abs(x) - 0.5)), X),
    "methods": (lambda x: np.exp(x).mean() * x.max() + x.reshape(-1, 1).T.dot(np.sqrt(x * x + 1)).sum(), X),
    "branching": (branching, X),
    "a mask": (masked, X),
    "places": (lambda x: np.sum(np.exp(x)[np.flatnonzero(x > 0)]) - np.exp(x)[int(np.argmax(x))], X),
    "validated": (validated, P),
    "scalar of NumPy": (lambda x: np.float64(2.0) * np.square(x).sum() - np.pi * np.sin(x)[0], X),
}
LEFT_TO_DIFFERENCES: dict[str, tuple[Callable[..., Any], str]] = {
    "through a view": (through_a_view, ON_BALLS),
    "outside of NumPy": (outside, ON_BALLS),
    "floats alone": (lambda x: float(np.sum(np.array([float(v) ** 2 for v in x]))), ON_FLOATS),
}


@pytest.mark.parametrize("name", TRANSLATED)
def test_its_truth_is_that_of_the_translation(name: str) -> None:
    fn, x = TRANSLATED[name]
    function = prepare(fn, (x,), 0, [None])
    assert function.level == TRACED
    assert not function.proved
    found = truth(function, (x,)).enclosure.midpoint()
    step = 1e-6
    for k, unit in enumerate(np.eye(x.size) * step):
        slope = (fn(x + unit) - fn(x - unit)) / (2 * step)
        assert found[k] == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", LEFT_TO_DIFFERENCES)
def test_what_is_not_the_code_is_not_trusted(name: str) -> None:
    fn, level = LEFT_TO_DIFFERENCES[name]
    function = prepare(fn, (X,), 0, [None])
    assert function.level == level
    assert function.lift is None


def test_the_value_is_compared_at_each_point() -> None:
    """On floats beyond 100 it is another function; on balls it raises, so that the floats are compared."""

    def fn(x: Array) -> Array:
        if isinstance(x, np.ndarray) and x.dtype == object:
            raise TypeError("no floats")
        return np.sum(np.square(x)) if not isinstance(x, np.ndarray) or x[0] < 100 else np.sum(x**4)

    function = prepare(fn, (X,), 0, [None])
    assert (function.level, function.otherwise) == (TRACED, ON_FLOATS)
    far = (X + 500,)
    with pytest.raises(Unlike, match="its translation to JAX is"):
        function.traced(far)
    assert function.at(far).level == ON_FLOATS
    assert function.at((X,)) is function


def squares_or_cubes(x: Array) -> Array:
    """Σ|x|³ of arrays of NumPy, and what a translation sees is Σx²: the same where every entry is 1, and not beside."""
    return np.sum(np.abs(x) ** 3) if isinstance(x, np.ndarray) else np.sum(np.square(x))


def test_a_step_aside_tells_what_the_point_does_not() -> None:
    ones = np.ones(3)
    with pytest.raises(Unlike, match="its translation to JAX is"):
        NumpyLift(squares_or_cubes).traced((ones,), 0, [None])


def test_a_large_point_is_compared_in_floats() -> None:
    large = np.linspace(1.0, 2.0, 700)
    NumpyLift(layer_norm).traced((large,), 0, [None])
    with pytest.raises(Unlike, match="its translation to JAX computes"):
        NumpyLift(squares_or_cubes).traced((large,), 0, [None])


@pytest.mark.parametrize("fn", [branching, masked])
def test_at_the_switch_of_a_decision_it_is_not_trusted(fn: Callable[..., Any]) -> None:
    function = prepare(fn, (X,), 0, [None])
    assert function.level == TRACED
    at_switch = (np.array([0.0, -1.0, 0.0]),)
    assert function.at(at_switch).level == ON_BALLS
    assert function.at((-np.abs(X),)) is function  # another way, of its own trace


def test_what_computes_with_a_number_that_it_took_out_is_not_trusted() -> None:
    function = prepare(
        lambda x: np.sum(np.exp(x)) * (1 + int(10 * float(x[0].item() if x.dtype != object else 3))), (X,), 0, [None]
    )
    assert function.lift is None


@pytest.mark.parametrize("off", [1.0, 1 + 1e-9], ids=["right", "wrong"])
def test_a_verdict_by_it(off: float) -> None:
    report = oracle.check_gradient(layer_norm, lambda x: off * layer_norm_grad(x), lengths=(2, 5), database=None)
    assert report.verdict == ("right" if off == 1 else "wrong")
    assert not report.certified
    assert "by a translation of its NumPy code" in str(report)
    assert report.tried.certified == 0
