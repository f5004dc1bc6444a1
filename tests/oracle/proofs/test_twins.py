"""Wrong pages, and beside each a right one that differs in what is wrong."""

from pathlib import Path

import pytest

from .page import aligned, complaints

LOGITS = r"\sum_{k=1}^{n} \left( \ln(1 + e^{z_k}) - E_k z_k \right)"
HEAD = "own head mine, a in unit, E in unit"
SIGMOID = (r"\sigma(z) := \frac{1}{1 + e^{-z}}", r"a_j := \sigma(z_j)")
SQUARES = r"\sum_{k=1}^{n} (a_k - E_k)^2"


def derivative(of: str, by: str, result: str, written: str) -> str:
    return aligned(
        rf"\frac{{\partial {of}}}{{\partial {by}}} &= \frac{{\partial}}{{\partial {by}}} \left( {written} \right) "
        rf"&& \text{{(definition of {of})}} \\ &= {result} && \text{{(calculus)}}"
    )


def step(left: str, right: str, condition: str, reason: str = "algebra") -> str:
    return aligned(
        rf"{left} &= {right} && \text{{({reason})}}", rf"\qquad \text{{for }} {condition}" if condition else ""
    )


#: (subject, blocks, what is said of the wrong one; nothing of a right one)
WRITTEN_IN_Z = [
    (HEAD, (*SIGMOID, f"C := {LOGITS}", derivative("C", "a_j", "0", LOGITS)), "C is written in the z"),
    (
        HEAD,
        (*SIGMOID, f"C := {LOGITS}", derivative("C", "z_j", r"\frac{e^{z_j}}{1 + e^{z_j}} - E_j", LOGITS)),
        "",
    ),
    (HEAD, (*SIGMOID, f"C := {SQUARES}", derivative("C", "a_j", "2 (a_j - E_j)", SQUARES)), ""),
    (
        HEAD,
        (*SIGMOID, r"s := \sum_{k=1}^{n} a_k z_k", derivative("s", "a_j", "z_j", r"\sum_{k=1}^{n} a_k z_k")),
        "s is written in the z",
    ),
    (
        HEAD,
        (
            *SIGMOID,
            r"s := \sum_{k=1}^{n} z_k",
            f"C := s + {SQUARES}",
            r"\frac{\partial C}{\partial a_j} \ne 2 (a_j - E_j) + 1",
        ),
        "C is written in the z",
    ),
    (
        "network",
        (
            r"C := \sum_{k=1}^{n_L} z^L_k",
            derivative("C", "a^L_j", "0", r"\sum_{k=1}^{n_L} z^L_k"),
        ),
        "C is written in the z",
    ),
    (
        "network",
        (
            r"C := \sum_{k=1}^{n_L} z^L_k",
            r"\delta^L_j = \frac{\partial C}{\partial z^L_j} \qquad \text{for } L \ge 2",
            aligned(r"\delta^L_j &= \frac{\partial C}{\partial z^L_j} && \text{(definition of delta)}"),
        ),
        "",
    ),
]
NUMBERS = [
    ("rounding", (r"2 \frac{1}{2} = 1",), r"2 \frac{1}{2} reads as a mixed number"),
    ("rounding", (r"2 \cdot \frac{1}{2} = 1",), ""),
    ("rounding", (step(r"2 \frac{x}{2}", "x", ""), step(r"\frac{1}{2} \frac{1}{3} x", r"\frac{x}{6}", "")), ""),
    ("rounding", (r"-12 \, \frac{3}{4} = -9",), r"12 \frac{3}{4} reads as a mixed number"),
    ("rounding", (r"x \cdot 2 \frac{1}{2} = x",), r"2 \frac{1}{2} reads as a mixed number"),
    (
        "rounding",
        (step(r"x^2 \frac{1}{2}", r"\frac{x^2}{2}", ""), step(r"2 \frac{1}{x}", r"\frac{2}{x}", r"x \ne 0")),
        "",
    ),
]
TAGS = [
    ("rounding", (step("x + 0", "x", "", "BP1"),), "name the page that has it in the same run"),
    ("rounding", (step("x + 0", "x", "", "magic"),), "neither a kind of reason nor the tag"),
]


Page = tuple[str, tuple[str, ...], str]


def check(page: Page, folder: Path) -> None:
    subject, blocks, sentence = page
    found = " | ".join(complaints(folder, *blocks, subject=subject))
    assert sentence in found
    assert bool(found) == bool(sentence), found


@pytest.mark.parametrize("page", WRITTEN_IN_Z)
def test_what_is_written_in_z(page: Page, tmp_path: Path) -> None:
    check(page, tmp_path)


@pytest.mark.parametrize("page", NUMBERS[:3])
def test_mixed_numbers(page: Page, tmp_path: Path) -> None:
    check(page, tmp_path)


@pytest.mark.parametrize("page", NUMBERS[3:])
def test_more_mixed_numbers(page: Page, tmp_path: Path) -> None:
    check(page, tmp_path)


@pytest.mark.parametrize("page", TAGS)
def test_a_tag_of_another_page(page: Page, tmp_path: Path) -> None:
    check(page, tmp_path)


MEET = r"x^2 &= 2 x && \text{(algebra)}"


@pytest.mark.parametrize(
    ("of_the_chain", "of_the_box", "sentence"),
    [
        ("x^2 = 2 x", "x^2 = 2 x", ""),
        (r"x^2 = 2 x,\ x \ne 0", r"x^2 = 2 x,\ x \ne 0", ""),
        (r"x \ne 0,\ x^2 = 2 x", r"x^2 = 2 x,\ x \ne 0", ""),
        ("x^2 - 2 x = 0", "x^2 = 2 x", ""),
        ("x^2 = 2 x", r"x^2 = 2 x,\ x \ne 0", ""),
        (r"x^2 = 2 x,\ x \ne 0", "x^2 = 2 x", "is proved for a part of its conditions only"),
        ("x = 2", "x^2 = 2 x", "is proved for a part of its conditions only"),
    ],
)
def test_a_box_under_an_equation(of_the_chain: str, of_the_box: str, sentence: str, tmp_path: Path) -> None:
    chain = aligned(MEET, rf"\qquad \text{{for }} {of_the_chain}")
    box = rf"\boxed{{x^2 = 2 x}} \qquad \text{{for }} {of_the_box} \tag{{MEET}}"
    found = " | ".join(complaints(tmp_path, chain, box, subject="kinks"))
    assert sentence in found
    assert bool(found) == bool(sentence), found
