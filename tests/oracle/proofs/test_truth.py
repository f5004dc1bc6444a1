"""Truth is semantic: δ is ∂C/∂z, whatever a page says."""

import re
from pathlib import Path

import pytest

from .page import NETWORK, aligned, check, complaints, math

BP2 = r"\delta^i = \left( (W^{i+1})^T \delta^{i+1} \right) \odot \sigma'(z^i) && \text{(BP2)}"
FOR = r"\qquad \text{for } 2 \le i < L"


def chain(row: str, condition: str = FOR) -> str:
    return aligned(row, condition)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (r"\delta^L \ne \nabla_{a^L} C \odot \sigma'(z^L)", True),
        (r"\delta^L \ne \nabla_{a^L} C \odot \sigma'(a^L)", False),
        (r"\delta^i \ne (W^{i+1})^T \delta^{i+1} \qquad \text{for } 2 \le i < L", False),
        (r"\frac{\partial C}{\partial b^i} \ne \delta^i", True),
        (r"\frac{\partial C}{\partial b^i} \ne \delta^i \odot \delta^i", False),
        (r"\frac{\partial C}{\partial w^i_{jk}} \ne \delta^i_j a^{i-1}_k", True),
    ],
)
def test_a_falsehood_must_be_false(row: str, wrong: bool, tmp_path: Path) -> None:
    assert bool(complaints(tmp_path, row)) == wrong


def test_a_falsehood_must_be_well_typed(tmp_path: Path) -> None:
    assert "matrix product" in complaints(tmp_path, r"\delta^i \ne W^i \delta^i")[0]


def test_the_step_and_the_place_are_named(tmp_path: Path) -> None:
    rows = r"""\delta^L_j &= \frac{\partial C}{\partial z^L_j} && \text{(definition of delta)} \\
        &= \frac{\partial C}{\partial a^L_j} && \text{(algebra)}"""
    report = check(tmp_path, NETWORK + math(aligned(rows)))
    assert [p.line for p in report.problems] == [5]
    where, _, numbers = report.problems[0].message.partition(": ")
    assert where == "false at step 2 (j = 1, widths (1, 1), m = 1)"
    left, right = re.fullmatch(r"the left side is (\S+), the right side (\S+)", numbers).groups()  # type: ignore[union-attr]
    assert float(left) != float(right)


def test_the_smallest_network_on_which_a_step_is_false(tmp_path: Path) -> None:
    left, right = r"\left( \sum_{j=1}^{n_L} a^L_j \right)^2", r"\sum_{j=1}^{n_L} (a^L_j)^2"
    found = check(tmp_path, NETWORK + math(aligned(rf"{left} &= {right} && \text{{(algebra)}}"))).problems
    assert found[0].message.startswith("false at step 1 (widths (1, 2)")


def test_grades(tmp_path: Path) -> None:
    blocks = (
        aligned(r"(x + y)^2 &= x^2 + 2 x y + y^2 && \text{(algebra)}"),
        aligned(r"\ln 4 &= 2 \ln 2 && \text{(algebra)}"),
        aligned(r"e^{x + y} &= e^{x} e^{y} && \text{(algebra)}"),
    )
    report = check(tmp_path, NETWORK + math(*blocks))
    assert not report.problems
    assert [e.grade for e in report.equations] == ["exact", "floats only", "exact"]


def test_numbers_beyond_floats(tmp_path: Path) -> None:
    assert complaints(tmp_path, r"10^{400} = 10^{400}") == []
    assert "false at step 1" in complaints(tmp_path, r"10^{400} = 10^{401}")[0]


def test_what_has_no_value(tmp_path: Path) -> None:
    assert complaints(tmp_path, r"\ln(-1) = \ln(-1)") == ["has a value on no draw"]


def test_numbers_and_rounding(tmp_path: Path) -> None:
    define = r"f(x, y) := x^2 + y^2"
    assert not complaints(tmp_path, define, r"\lVert \nabla f(-2, 4) \rVert \approx 8.944", r"f(-2, 4) = 20")
    assert complaints(tmp_path, define, r"\lVert \nabla f(-2, 4) \rVert \approx 8.945")
    assert complaints(tmp_path, define, r"-\nabla f(-2, 4) = (4, 8)")


def test_updates_are_steps_of_descent(tmp_path: Path) -> None:
    assert not complaints(tmp_path, r"w^i_{jk} \leftarrow w^i_{jk} - \eta \delta^i_j a^{i-1}_k")
    assert "no step of gradient descent" in complaints(tmp_path, r"b^i \leftarrow b^i + \eta \delta^i")[0]
    mean = r"W^i \leftarrow W^i - \frac{\eta}{m} \sum_{r=1}^{m} \delta^{i,r} (a^{i-1,r})^T"
    assert not complaints(tmp_path, mean)
    assert complaints(tmp_path, mean.replace(r"\frac{\eta}{m}", r"\eta"))


def test_conditions_select_the_branch(tmp_path: Path) -> None:
    define = r"\sigma(z) := \begin{cases} z & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}"
    rows = r"\sigma'(z) &= \frac{d}{dz} \left( z \right) && \text{(definition of sigma)} \\ &= 1 && \text{(calculus)}"
    right = aligned(rows, r"\qquad \text{for } z > 0")
    assert not complaints(tmp_path, define, right, subject="activation relu")
    assert complaints(tmp_path, define, aligned(rows, r"\qquad \text{for } z < 0"), subject="activation relu")


@pytest.mark.parametrize(
    "row",
    [
        r"1 &= 1 + \frac{1}{100000000000000000000} && \text{(algebra)}",
        r"\frac{x}{1000000000000} &= 0 && \text{(algebra)}",
        r"\ln(e^{x}) &= x + \frac{1}{100000000000000000000} && \text{(algebra)}",
        r"\min(x, 3) &= x && \text{(algebra)}",
        r"\max(x, -50) &= x && \text{(algebra)}",
        r"|x - 5| &= 5 - x && \text{(algebra)}",
        r"\max(e^{x}, \frac{1}{100}) &= e^{x} && \text{(algebra)}",
        r"m &= 3 && \text{(algebra)}",
        r"(L - 2)(L - 3)(L - 4)(L - 5) &= 0 && \text{(algebra)}",
        r"(n_L - 2)(n_L - 3)(n_L - 5) &= 0 && \text{(algebra)}",
        r"\frac{1}{m} \sum_{r=1}^{m} \delta^{i,r}_j &= \frac{1}{3} \sum_{r=1}^{m} \delta^{i,r}_j && \text{(algebra)}",
        r"\frac{1}{PQ} \sum_{p=1}^{P} \sum_{q=1}^{Q} C_{pq} &="
        r"\frac{1}{P + Q + 1} \sum_{p=1}^{P} \sum_{q=1}^{Q} C_{pq} && \text{(algebra)}",
    ],
)
def test_what_is_true_on_few_draws_alone(row: str, tmp_path: Path) -> None:
    assert "false at step 1" in complaints(tmp_path, aligned(row))[0]


@pytest.mark.parametrize(
    "row",
    [
        r"x \le 5",
        r"e^{x} \le 8",
        r"x^2 \ge \frac{1}{1000}",
        r"b^i_j \leftarrow b^i_j + \Delta b^i_j + \frac{1}{1000000000000}",
    ],
)
def test_bounds_and_updates_that_hold_on_few_draws_alone(row: str, tmp_path: Path) -> None:
    assert "false at step 1" in complaints(tmp_path, row)[0]


def test_nearly_equal_is_said_of_numbers(tmp_path: Path) -> None:
    assert complaints(tmp_path, r"\pi \approx 3.14") == []
    assert "stands between numbers" in complaints(tmp_path, r"\frac{x}{10} \approx 0")[0]


def test_inequalities_are_not_exact(tmp_path: Path) -> None:
    report = check(tmp_path, NETWORK + math(r"x^2 \ge 0", r"\pi \approx 3.14"))
    assert [e.grade for e in report.equations] == ["floats only", "floats only"]


def test_a_side_without_a_value_is_not_unequal(tmp_path: Path) -> None:
    assert complaints(tmp_path, r"x \ne e^{\ln x}") == ["is true, though it is claimed to be false"]
    assert complaints(tmp_path, r"2 x \ne e^{\ln x}") == []


def test_an_equation_between_a_value_and_none(tmp_path: Path) -> None:
    assert "false at step 1" in complaints(tmp_path, aligned(r"e^{\ln x} &= x && \text{(algebra)}"))[0]
