"""Truth is semantic: δ is ∂C/∂z, whatever a page says."""

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
    assert report.problems[0].message.startswith("false at step 2 (j = 1, widths (2, 4, 3, 5)")


def test_grades(tmp_path: Path) -> None:
    blocks = (
        aligned(r"(x + y)^2 &= x^2 + 2 x y + y^2 && \text{(algebra)}"),
        aligned(r"\ln 4 &= 2 \ln 2 && \text{(algebra)}"),
        aligned(r"e^{x + y} &= e^{x} e^{y} && \text{(algebra)}"),
    )
    report = check(tmp_path, NETWORK + math(*blocks))
    assert not report.problems
    assert [e.grade for e in report.equations] == ["exact", "floats only", "exact"]


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
