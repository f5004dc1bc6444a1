"""The truth by differences against derivatives known in closed form, where it is hard."""

import mpmath
import numpy as np
import pytest

from oracle.scores.mutants.truth import Truth, context, exact

CASES = [
    ("square at 0", lambda m, a: a[0] ** 2, [0.0], 0.0, 0.0),
    ("square at 1e300 beside 1e-300", lambda m, a: a[0] ** 2 + a[1] ** 2, [1e-300, 1e300], 2e-300, 2e-300),
    ("a true 1e-157", lambda m, a: m.exp(-(a[0] ** 2)), [19.0], -38 * mpmath.exp(-361), -38 * mpmath.exp(-361)),
    ("abs at 0", lambda m, a: abs(a[0]), [0.0], -1.0, 1.0),
    ("abs beside 0", lambda m, a: abs(a[0]), [5e-324], 1.0, 1.0),
    ("maximum at a tie", lambda m, a: max(a), [0.3, 0.3], 0.0, 1.0),
    ("softplus at its tie", lambda m, a: m.log(1 + m.exp(-abs(a[0]))) + max(a[0], 0), [0.0], 0.5, 0.5),
    ("one side where the other is not real", lambda m, a: m.sqrt(a[0]) ** 5, [0.0], 0.0, 0.0),
    ("a huge constant beside", lambda m, a: m.mpf(10) ** 600 + a[0], [1e-300], 1.0, 1.0),
]


@pytest.mark.parametrize(("name", "value", "point", "low", "high"), CASES, ids=[c[0] for c in CASES])
def test_the_slopes_are_those_of_the_closed_form(name, value, point, low, high) -> None:  # type: ignore[no-untyped-def]
    got = Truth(value)((np.array(point),), (0,))
    for mine, theirs in zip(got, (low, high), strict=True):
        assert abs(mine - theirs) <= 1e-15 * abs(theirs) + context(150).mpf(10) ** -350, name


def test_along_a_direction() -> None:
    """f′(x; d) of a maximum at a tie, along all ones: 1 on both sides."""
    low, high = Truth(lambda m, a: max(a)).along((np.array([2.0, 2.0]),), np.array([1, 1]))
    assert abs(low - 1) < 1e-20
    assert abs(high - 1) < 1e-20


def test_by_a_component_of_another_argument() -> None:
    low, high = Truth(lambda m, a, E: a[0] * E[1, 0] ** 2, 1)((np.array([3.0]), np.ones((2, 2))), (1, 0))
    assert abs(low - 6) + abs(high - 6) < 1e-15


def test_numbers_are_taken_exactly_and_the_global_precision_stays() -> None:
    before = mpmath.mp.dps
    assert exact(context(150), np.array([0.1]))[0] - context(150).mpf(1) / 10 > 5e-18
    assert mpmath.mp.dps == before
