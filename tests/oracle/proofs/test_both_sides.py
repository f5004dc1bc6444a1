"""A step is tried on both sides of every kink; and what is said where an inequality, or a part of a claim, is not proved."""

from pathlib import Path

import pytest

from .page import aligned, complaints

SIX = r"(x - 1) (x - 2) (x - 3) (x - 4) (x - 5) (x - 6)"
APART = r",\ ".join(rf"x \ne {k}" for k in range(1, 7))


def chain(formula: str, why: str) -> tuple[str, ...]:
    row = rf"|p(x)| \, \frac{{d}}{{dx}} |p(x)| &= |p(x)| \frac{{p(x)}}{{|p(x)|}} \frac{{d}}{{dx}} p(x) && \text{{({why})}}"
    return f"p(x) := {formula}", aligned(row, rf"\qquad \text{{for }} {APART}")


@pytest.mark.parametrize("formula", [SIX, pytest.param("x - 6", marks=pytest.mark.longer)])
def test_the_slope_of_an_absolute_value_is_calculus(formula: str, tmp_path: Path) -> None:
    assert complaints(tmp_path, *chain(formula, "calculus"), subject="kinks") == []
    assert "it follows from calculus" in complaints(tmp_path, *chain(formula, "algebra"), subject="kinks")[0]


def test_algebra_that_holds_on_both_sides(tmp_path: Path) -> None:
    row = r"|x - 9| \cdot |x - 9| &= (x - 9)^2 && \text{(algebra)}"
    assert complaints(tmp_path, aligned(row), subject="kinks") == []


def test_what_is_said_of_a_chain_that_ends_at_no_square(tmp_path: Path) -> None:
    claim, definition = r"f(x) \ge 0", "f(x) := x^2 - 2 x + 1"
    row = r"f(x) - 0 &= x^2 - 2 x + 1 - 0 && \text{(definition of f)}"
    further = r" \\ &= (x - 1)^2 && \text{(algebra)}"
    none, short = (complaints(tmp_path, definition, claim, *rest, subject="kinks") for rest in ((), (aligned(row),)))
    assert "a chain must lead from f(x) - (0) to what is evidently at least 0" in none[0]
    assert "leads from f(x) - (0) to" in short[0]
    assert "which is not evidently at least 0" in short[0]
    assert complaints(tmp_path, definition, claim, aligned(row + further), subject="kinks") == []


def test_a_layer_is_named_once(tmp_path: Path) -> None:
    steps = (
        r"\frac{\partial C}{\partial b^i_j} &= \sum_{k=1}^{n_i} \frac{\partial C}{\partial z^i_k}"
        r"\frac{\partial z^i_k}{\partial b^i_j} && \text{(chain rule)} \\"
        r"&= \frac{\partial C}{\partial z^i_j} && \text{(local derivative)}"
    )
    box = r"\frac{\partial C}{\partial b^i_j} = \frac{\partial C}{\partial z^i_j} \qquad \text{for } 2 \le i \le L"
    found = complaints(tmp_path, aligned(steps, r"\qquad \text{for } 2 \le i \le L,\ b^i_j \ne 5"), box)
    assert "for a part of its conditions only" in found[0]
    assert found[0].count("i =") == 1
