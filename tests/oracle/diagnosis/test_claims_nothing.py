"""What fits only nearly is not claimed, and of what no pattern fits one sentence says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from oracle.diagnosis import NOTHING_FITS, diagnose

from ...sweeps import thinned

Array = Any
REAL, UNIT = ((-3.0, 3.0), (-3.0, 3.0)), ("unit", "closed_unit")


def uneven(a: Array, E: Array) -> Array:
    return jnp.sum(a**2 * jnp.sin(E))


def uneven_grad(a: Array, E: Array) -> Array:
    return 2 * a * np.sin(E)


def cross_entropy(a: Array, E: Array) -> Array:
    return -(E * jnp.log(a) + (1 - E) * jnp.log1p(-a)).sum()


def cross_entropy_grad(a: Array, E: Array) -> Array:
    return (a - E) / (a * (1 - a))


def wrong_somewhere(a: Array, E: Array) -> Array:
    """Wrong where two conditions meet that have nothing to do with each other."""
    return uneven_grad(a, E) * np.where((np.sin(7 * a) > 0.2) & (np.cos(5 * E) > 0.1), 1.7, 1.0)


#: Of no kind that is known: a smooth function of both, a scale that changes, an irregular set of components …
UNLISTED: dict[str, Callable[[Array, Array], Array]] = {
    "a wave": lambda a, E: uneven_grad(a, E) * (1 + 0.1 * np.sin(3 * a)),
    "a small wave": lambda a, E: uneven_grad(a, E) * (1 + 1e-6 * np.sin(3 * a + E)),
    "a root of both": lambda a, E: uneven_grad(a, E) + 0.3 * np.sqrt(1 + a**2 + E**2),
    "a Taylor series cut off": lambda a, E: 2 * a * (E - E**3 / 6),
    "another angle": lambda a, E: 2 * a * np.sin(E + 0.1 * a**2),
    "a neighbour mixed in": lambda a, E: uneven_grad(a, E) + 0.1 * np.roll(a, 1) * E**3,
    "a power": lambda a, E: 2 * np.sign(a) * np.abs(a) ** 1.1 * np.sin(E),
    "two regions": wrong_somewhere,
    "prime components": lambda a, E: (
        uneven_grad(a, E) * np.where(np.isin(np.arange(a.size), (2, 3, 5, 7, 11, 13)), 1.1 + 0.1 * np.sin(a), 1.0)
    ),
    "a softened maximum": lambda a, E: uneven_grad(a, E) + 0.05 * np.log(np.exp(a).sum()) * E,
    "a table": lambda a, E: 2 * a * np.interp(E, np.linspace(-3, 3, 50), np.sin(np.linspace(-3, 3, 50))),
    "a drift": lambda a, E: uneven_grad(a, E) * 1.01 ** (1 + np.arange(a.size)),
    "an irrational mixture": lambda a, E: uneven_grad(a, E) + 0.1234567 * a + 0.7654321 * E,
}


@pytest.mark.costly
@pytest.mark.parametrize("name", thinned(UNLISTED, 2))
def test_of_what_no_pattern_fits_one_sentence_says_so(name, sentences):
    assert sentences(uneven, UNLISTED[name], REAL) == [NOTHING_FITS]


def but(change: Callable[[Array], Array], where: Callable[[Array], Array], other: Callable[[Array], Array]) -> Any:
    """One change of the right result, and another in a few components."""
    return lambda a, E: np.where(where(a), other(uneven_grad(a, E)), change(uneven_grad(a, E)))


def first(a: Array) -> Array:
    return np.arange(a.size) == 0


def third(a: Array) -> Array:
    return np.arange(a.size) == 2


def at_a_third(change: Callable[[Array], Array]) -> Any:
    """Changed as a whole, and then one part in a million off in component 2."""

    def grad(a: Array, E: Array) -> Array:
        out = change(uneven_grad(a, E))
        if out.size > 2:
            out[2] = out[2] * (1 + 1e-6) + 1e-7
        return out

    return grad


#: Near misses: the pattern's own words, and a gradient that keeps to it save in one component or by a little.
NEAR_MISSES: dict[str, tuple[Any, str]] = {
    "2 save in one component": (but(lambda t: 2 * t, third, lambda t: 3 * t), "It is 2 times the truth"),
    "−1 save in one component": (but(lambda t: -t, third, lambda t: -1.01 * t), "It is −1 times the truth"),
    "1/n save by a little": (at_a_third(lambda t: t / t.size), "1/n times the truth"),
    "n save by a little": (at_a_third(lambda t: t * t.size), "It is n times the truth"),
    "1 added save in one component": (but(lambda t: t + 1, third, lambda t: t + 1.1), "It is the truth plus 1"),
    "rolled save by a little": (at_a_third(lambda t: np.roll(t, 1)), "rolled by one"),
    "reversed save by a little": (at_a_third(lambda t: t[::-1].copy()), "reversed"),
    "sorted save by a little": (at_a_third(np.sort), "sorted"),
    "cumulative save by a little": (at_a_third(np.cumsum), "cumulative"),
    "the sum save by a little": (at_a_third(lambda t: np.full_like(t, t.sum())), "the sum of the truth"),
    "the mean save by a little": (at_a_third(lambda t: np.full_like(t, t.mean())), "the mean of the truth"),
    "clipped save by a little": (at_a_third(lambda t: np.clip(t, -1, 1)), "clipped to"),
    "the absolute value save by a little": (at_a_third(np.abs), "the absolute value"),
    "exchanged save by a little": (lambda a, E: 2 * E * np.sin(a * (1 + 1e-6)), "swapped is right"),
    "the other argument save by a little": (lambda a, E: a**2 * np.cos(E) + 1e-6, "with respect to E"),
    "float32 save by a little": (
        lambda a, E: uneven_grad(a, E).astype(np.float32).astype(np.float64) * (1 + 1e-4 * np.sin(a)),
        "float32",
    ),
    "quadratic save by a little": (lambda a, E: (a - E) * (1 + 1e-7 * a), "quadratic"),
    "last save one more": (but(lambda t: t, lambda a: first(a) | third(a), lambda t: 2 * t), "the last component"),
    "zero save one": (but(lambda t: 0 * t, third, lambda t: t + 1), "It is 0 everywhere"),
    "two thresholds": (
        lambda a, E: uneven_grad(a, E) * np.where((a < 0.3) & (E < 0.7), 2, 1),
        "where a < 0.3; there",
    ),
}


@pytest.mark.costly
@pytest.mark.parametrize("name", thinned(NEAR_MISSES, 2))
def test_a_near_miss_is_not_claimed(name, sentences):
    grad, words = NEAR_MISSES[name]
    found = sentences(uneven, grad, REAL)
    assert found
    assert not any(words in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("grad", "words"),
    thinned(
        [
            (lambda a, E: (a - E) / (a * (1 - a) + 1e-8 * (1 + 0.1 * a)), "is added to"),
            (lambda a, E: (a - E) / (a * (1 - a)) * (1 + 1e-8 * np.sin(9 * a)), "is added to"),
            (lambda a, E: (a - E) * (1 + 1e-6 * a), "the truth times a(1 − a)"),
            (lambda a, E: -E / a + 1e-6 * a, "missing"),
            (lambda a, E: -E / a + 1e-6 * a, "kullback"),
        ],
        2,
    ),
)
def test_nor_is_one_of_cross_entropy(grad, words, sentences):
    found = sentences(cross_entropy, grad, UNIT)
    assert found
    assert not any(words in sentence for sentence in found), found


def test_one_point_is_no_evidence(judge):
    def grad(a: Array, E: Array) -> Array:
        return 2 * uneven_grad(a, E)

    function, findings = judge(uneven, grad, REAL)
    assert diagnose(function, grad, findings[:1]) == [NOTHING_FITS]
    assert "2 times" in diagnose(function, grad, findings[:4])[0]


def test_a_missing_1_over_n_is_invisible_at_length_1(sentences):
    def mean(a: Array, E: Array) -> Array:
        return uneven(a, E) / a.size

    assert sentences(mean, uneven_grad, REAL, lengths=(1, 1)) == []
    assert "n times" in sentences(mean, uneven_grad, REAL, lengths=(1, 4))[0]


@pytest.mark.longer
def test_without_domains_fresh_points_stay_where_the_findings_were(judge):
    """Labels that are only ever 0 and 1 stay so, and no entry reaches the open end of its domain."""
    seen: list[Array] = []

    def grad(a: Array, E: Array) -> Array:
        assert np.isin(E, (0.0, 1.0)).all()
        assert ((a > 0) & (a < 1)).all()
        seen.append(a)
        return np.where(a < 0.3, 2, 1) * cross_entropy_grad(a, E)

    function, findings = judge(cross_entropy, grad, ("unit", "one_hot"))
    before = len(seen)
    assert "where a < 0.3; there it is 2 times" in diagnose(function, grad, findings)[0]
    assert len(seen) > before
