"""The list of wrong derivatives in released libraries: each right value is that of the definition, and each answer is none."""

from __future__ import annotations

import math

import jax
import mpmath
import pytest

from oracle.scores.defect_table import DEFECTS, JAX, Defect
from oracle.scores.defects import asked, right

DIGITS = 1e-12


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: d.call)
def test_the_right_value_is_that_of_the_definition_and_the_answer_is_not(defect: Defect) -> None:
    truth = right(defect)
    assert abs(mpmath.mpf(defect.right) - truth) <= DIGITS * abs(truth)
    wrong = not math.isfinite(defect.got) or abs(defect.got - truth) > 1e-9 * abs(truth)
    assert wrong
    assert (defect.kind == "not finite") == (not math.isfinite(defect.got))


def test_a_wrong_value_in_the_list_would_be_noticed() -> None:
    truth = right(DEFECTS[0]._replace(definition="4.000001 * x"))
    assert abs(mpmath.mpf(DEFECTS[0].right) - truth) > DIGITS


@pytest.mark.parametrize("wide", [False, True])
def test_asking_jax_leaves_its_flag_alone(wide: bool) -> None:
    first = next(d for d in DEFECTS if d.package == JAX)
    with jax.enable_x64(wide):
        asked(first)
        assert bool(jax.config.jax_enable_x64) is wide
