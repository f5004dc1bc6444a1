"""What is displayed is parsed whole: what the grammar does not cover, and what is ambiguous, is an error with a sentence."""

from pathlib import Path

import pytest

from .page import aligned, complaints

FOR_LAYERS = r"\qquad \text{for } 2 \le i < L"


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (r"x \heartsuit y = 1", "unknown command \\heartsuit"),
        (r"\operatorname{erf}(x) = 1", "GitHub refuses \\operatorname"),
        (r"x = y / 2", "a slash is ambiguous"),
        (r"W^i a^{i-1} \odot b^i = z^i", "a product mixed with \\odot needs parentheses"),
        (r"\ln x y = y \ln x", "ambiguous: put the operand"),
        (r"\ln(x)^2 = 1", "ambiguous: put parentheses around what is raised to a power"),
        (r"x + y", "a displayed block states something"),
        (r"x^y = 1", "an exponent must be a number"),
        (r"\frac{1}{2 = x", "expected '}'"),
        (r"x = \begin{cases} 1 & \text{if } x > 0", "never closed"),
        (r"\sum_{k=1}^{n_i} a^i_k + a^i_k = 1", "index k is bound by a sum and used outside it"),
        (r"\sum_{k=1}^{n_i} a^i_j = 1", "the sum over k has no k in it"),
        (r"\sum_{k=1}^{n_L} a^i_k = 1 \qquad \text{for } 2 \le i < L", "but its index has"),
        (r"z^i_i = 1", "i stands for a layer and for an index"),
        (r"a_j = a_j", "a needs a layer"),
        (r"z^1 = W^1 a^0 + b^1", "does not exist in a network"),
        (r"a^L_j = a^L_j \qquad \text{for } k \ne j", "the condition speaks of k"),
        (r"C = C \qquad \text{for } a^L_j > 0", "the condition speaks of j"),
        (r"a^L_j = a^L_j \qquad \text{for } L < 1", "vacuous: the condition holds on no network"),
        (r"w^i_j = 1", "w has 1 indices"),
        (r"\eta := 2", "has its meaning already"),
        (r"2 3 = 6", "two numbers side by side"),
        (r"1 000 = 0", "two numbers side by side"),
        (r"x 2 = 2 x", "x 2 reads as a lost index or power"),
        (r"n_L 2 = 2 n_L", "n 2 reads as a lost index or power"),
        (r"x^{2}^{3} = x^6", "two powers in a row"),
        (r"W^i^T \delta^i = (W^i)^T \delta^i", "two powers in a row"),
        (r"e^{x}^2 = e^{2 x}", "two powers in a row"),
        (r"x^12 = x^{12}", "only the first digit of 12"),
        (r"e^x_j = 1", "only the first token is raised"),
        (r"g(x + y) = g x + g y", "g(…) reads as a function"),
        (r"\mathrm{sin}(x) = x \mathrm{sin}", "sin is no function that the page defines"),
        (r"e + x = x + e", "e is Euler's number"),
        (r"\frac{d x}{d y} = 0", "does not contain y"),
    ],
)
def test_what_is_refused(block: str, sentence: str, tmp_path: Path) -> None:
    assert any(sentence in message for message in complaints(tmp_path, block)), complaints(tmp_path, block)


def test_an_unknown_subject(tmp_path: Path) -> None:
    assert (
        "the subject 'networks' is unknown: it is one of network, cost"
        in complaints(tmp_path, "x = x", subject="networks")[0]
    )


def test_an_unboxed_equation_without_a_reason(tmp_path: Path) -> None:
    assert complaints(tmp_path, "x + x = 2 x") == [
        "gives no reason, but no chain of this section leads from its left to its right side"
    ]


def test_what_is_nested_too_deeply(tmp_path: Path) -> None:
    assert complaints(tmp_path, "(" * 2000 + "x" + ")" * 2000 + " = x") == ["is nested too deeply"]
    assert complaints(tmp_path, aligned("1 &= " + r"\ln " * 3000 + r"x && \text{(algebra)}")) == [
        "is nested too deeply"
    ]


def test_an_index_over_two_widths(tmp_path: Path) -> None:
    block = rf"z^i_j = \sum_{{k=1}}^{{n_{{i-1}}}} w^i_{{kj}} a^{{i-1}}_k + b^i_j {FOR_LAYERS}"
    assert (
        complaints(tmp_path, block) == ["index j would run over widths [2, 4]"]
        or "would run over widths [2, 4]" in (complaints(tmp_path, block)[0])
    )


def test_a_definition_by_itself_and_a_second_one(tmp_path: Path) -> None:
    assert "s is defined by itself" in complaints(tmp_path, "s := s + 1", subject="rounding")[0]
    messages = complaints(tmp_path, "s := 1", "s := 2", subject="rounding")
    assert "s is defined twice" in messages[0]


def test_a_function_without_its_argument(tmp_path: Path) -> None:
    messages = complaints(tmp_path, "h(x) := e^{-|z|}", subject="rounding")
    assert messages == ["h is defined for every x, but has z in its place"]
    assert complaints(tmp_path, "h(x) := x + c", "g(x) := 3", subject="rounding") == []


def test_numbers_and_powers_that_read_in_one_way(tmp_path: Path) -> None:
    rows = r"x \cdot 2 + (y^2)^3 &= 2 x + y^6 && \text{(algebra)}"
    assert complaints(tmp_path, aligned(rows), subject="rounding") == []
