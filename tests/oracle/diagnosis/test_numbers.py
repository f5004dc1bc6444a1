"""Naming a number by the interval that it lies in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.diagnosis.number_names import Interval, in_digits, is_short, name_of, simplest_decimal
from oracle.diagnosis.parameters import parameters_of


def around(value: float, width: float = 1e-13) -> Interval:
    return Interval(*sorted((value * (1 - width), value * (1 + width))))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2, "2"),
        (0.5, "1/2"),
        (-1, "−1"),
        (1.5, "3/2"),
        (-0.75, "−3/4"),
        (math.sqrt(2), "√2"),
        (1 / math.sqrt(2), "1/√2"),
        (math.pi, "π"),
        (2 * math.pi, "2·π"),
        (-1 / math.log(2), "−1/ln 2"),
        (1e-8, "1e-08"),
        (1.001, "1.001"),
        (17, "17"),
    ],
)
def test_the_simplest_number_is_named(value, words):
    found = name_of(around(value))
    assert found is not None
    assert found.words == words
    assert found.value == pytest.approx(value, rel=1e-12)


def test_a_parameter_is_named_by_its_name_and_small_fractions_come_first():
    assert name_of(around(0.37), {"tau": 0.37}).words == "tau"
    assert name_of(around(2 / 0.37), {"tau": 0.37}).words == "2/tau"
    assert name_of(around(0.37**2), {"tau": 0.37}).words == "tau²"
    assert name_of(around(0.5), {"tau": 0.5}).words == "1/2"


@pytest.mark.parametrize("value", [0.7318273645, 1.2345678901, 8.7654321098])
def test_what_has_no_name_gets_none_unless_its_digits_are_few(value):
    assert name_of(around(value, 1e-9)) is None


def test_a_wide_interval_is_named_by_nothing_that_could_stand_there_by_chance():
    assert name_of(Interval(1.999, 2.001)).words == "2"
    assert name_of(Interval(6.9, 7.1)) is None
    assert name_of(Interval(-1.0, 1.0)) is None


@settings(derandomize=True)
@given(st.floats(-1e9, 1e9), st.floats(0, 1))
def test_the_simplest_decimal_lies_inside(low, width):
    high = low + width
    assert low <= simplest_decimal(low, high) <= high
    assert low <= in_digits(Interval(low, high)).value <= high


def test_what_people_write_is_short():
    assert [is_short(x) for x in (0.001, 1e-12, 0.7071, 0.70710678, 1 / 3)] == [True, True, True, False, False]


def test_parameters_are_found_by_their_names():
    tau, unused = 2.5, 1.0

    def grad(x, scale=0.25):
        return x * tau * scale * unused

    assert parameters_of(grad) == {"tau": 2.5, "scale": 0.25}
