"""A network given in numbers: what stands below is evaluated there; nothing false, cited or incomplete passes."""

from pathlib import Path

import pytest

from oracle.proofs.mutants import main as mutate

from .page import NETWORK, aligned, complaints, math

SIGMA = r"\sigma(z) := \frac{z}{1 + |z|}"
COST = r"C := \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2"
NUMBERS = (
    r"a^1 := \begin{pmatrix} 2 \\ -1 \end{pmatrix}",
    r"W^2 := \begin{pmatrix} 1 & 2 \\ -1 & 2 \end{pmatrix}",
    r"b^2 := \begin{pmatrix} 1 \\ 1 \end{pmatrix}",
    r"W^3 := \begin{pmatrix} 2 & 4 \end{pmatrix}",
    r"b^3 := 1",
    r"E := 1",
)

BY_W = r"\begin{pmatrix} -\frac{3}{8} & \frac{3}{16} \\ -\frac{3}{16} & \frac{3}{32} \end{pmatrix}"


def said(folder: Path, *blocks: str) -> str:
    return " | ".join(complaints(folder, SIGMA, COST, *NUMBERS, *blocks))


@pytest.mark.parametrize(
    "block",
    [
        r"z^2_2 = w^2_{2,1} \, a^1_1 + w^2_{2,2} \, a^1_2 + b^2_2 = (-1) \cdot 2 + 2 \cdot (-1) + 1 = -3",
        r"a^2 = \begin{pmatrix} \frac{1}{2} \\ -\frac{3}{4} \end{pmatrix}",
        r"C = \frac{9}{8}",
        r"\delta^2_1 = -\frac{3}{16}",
        r"\delta^3_1 \approx -0.375",
        rf"\frac{{\partial C}}{{\partial W^2}} = {BY_W}",
        r"\frac{\partial C}{\partial b^3} = -\frac{3}{8}",
        aligned(
            r"W^3 - \frac{\partial C}{\partial W^3} &= \begin{pmatrix} \frac{35}{16} & \frac{119}{32} \end{pmatrix}"
        ),
        r"\delta^2_1 \ne w^3_{1,1} \, \delta^3_1",
        r"\sum_{k=1}^{n_2} a^2_k = -\frac{1}{4}",
    ],
)
def test_right_numbers_pass(block: str, tmp_path: Path) -> None:
    assert said(tmp_path, block) == ""


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (r"z^2_2 = 3", "the left side is -3, the right side 3"),
        (r"z^2_2 = -1 \cdot 2 + 2 \cdot 1 + 1 = -3", "false at step 1"),
        (r"C = \frac{9}{4}", "false at step 1"),
        (r"\delta^2_1 = -\frac{3}{4}", "false at step 1"),  # the slope forgotten
        (r"\delta^3_1 \approx -0.376", "false at step 1"),
        (r"\delta^3_1 = -0.37500001", "and they differ by"),
        (r"\frac{\partial C}{\partial W^3} = \begin{pmatrix} \frac{9}{32} & -\frac{3}{16} \end{pmatrix}", "false"),
        (r"\frac{\partial C}{\partial W^2} = \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix}", "shape"),
        (r"a^2 = \begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", "equally long"),
        (r"\delta^2_1 \ne w^3_{1,1} \, \delta^3_1 \, \sigma'(z^2_1)", "is true, though it is claimed to be false"),
        (r"w^2_{1,3} = 0", "there is no entry 3"),
        (r"\boxed{z^2_1 = 1}", "cannot be cited"),
        (r"z^2_1 = 1 \tag{BP9}", "cannot be cited"),
        (aligned(r"z^2_1 &= 1 && \text{(definition of z)}"), "needs no reason"),
        (r"W^3 := \begin{pmatrix} 2 & 4 \end{pmatrix}", "W^3 is given twice"),
        (r"z^2 = W^2 a^1 + b^2", "end it with the number"),  # a law is not read off one network
        (r"z^2_1 = -a^1_2 = -a^1_2", "end it with the number"),
        (r"\delta^3_j = -\frac{3}{8}", "name the layer and the entry by numbers"),
        (r"\sum_{k=1}^{n_2} a^i_k = -\frac{1}{4} \qquad \text{for } i = 2", "name the layer and the entry by numbers"),
    ],
)
def test_wrong_ones_do_not(block: str, sentence: str, tmp_path: Path) -> None:
    assert sentence in said(tmp_path, block)


@pytest.mark.parametrize(
    ("blocks", "sentence"),
    [
        (NUMBERS[:-1], "E is not given"),
        (NUMBERS[1:], "a^1 is not given"),
        ((*NUMBERS[:4], NUMBERS[5]), "b^3 is not given"),
        ((r"a^1 := \begin{pmatrix} 2 \\ -1 \\ 0 \end{pmatrix}", *NUMBERS[1:]), "W^2 has 2 columns, but layer 1 has 3"),
        ((*NUMBERS[:2], r"b^2 := 1", *NUMBERS[3:]), "b^2 has 1 entries, but W^2 has 2 rows"),
        ((*NUMBERS[:5], r"E := \begin{pmatrix} 1 \\ 0 \end{pmatrix}"), "E has 2 entries, but layer 3 has 1"),
        ((r"a^1 := \begin{pmatrix} x \\ y \end{pmatrix}", *NUMBERS[1:]), "is given in numbers"),
        ((r"a^2 := \begin{pmatrix} 2 \\ -1 \end{pmatrix}", *NUMBERS[1:]), "all else follows from them"),
    ],
)
def test_what_is_given_is_whole_and_fits(blocks: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    assert sentence in " | ".join(complaints(tmp_path, SIGMA, COST, *blocks, "z^2_1 = 1"))


def test_an_upper_index_is_a_layer_and_no_power(tmp_path: Path) -> None:
    assert "z^2 is a layer here, no power: write (z)^2" in complaints(tmp_path, r"\sigma(z) := z^2")[0]
    assert complaints(tmp_path, r"\sigma(z) := (z)^2") == []


def test_without_a_cost_of_the_page_its_value_is_unknown(tmp_path: Path) -> None:
    assert "false at step 1" in " | ".join(complaints(tmp_path, SIGMA, *NUMBERS, r"C = \frac{9}{8}"))


def test_a_given_number_that_is_changed_is_contradicted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text(NETWORK + math(SIGMA, COST, *NUMBERS, r"z^2 = \begin{pmatrix} 1 \\ -3 \end{pmatrix}"))
    mutate([str(page)])
    found = capsys.readouterr()
    assert "W^2" not in found.out
    assert "0 crashes" in found.err


def test_matrices_of_numbers_anywhere(tmp_path: Path) -> None:
    product = r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{pmatrix} 5 \\ 6 \end{pmatrix}"
    assert complaints(tmp_path, rf"{product} = \begin{{pmatrix}} 17 \\ 39 \end{{pmatrix}}") == []
    assert "false at step 1" in complaints(tmp_path, rf"{product} = \begin{{pmatrix}} 17 \\ 38 \end{{pmatrix}}")[0]


@pytest.mark.parametrize(
    "block",
    [
        r"|\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}| = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",  # a determinant?
        r"e^{\begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix}} = e^{\begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix}}",
        r"\lVert \begin{pmatrix} 3 & 0 \\ 0 & 4 \end{pmatrix} \rVert = 5",  # or 4?
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}^2 = \begin{pmatrix} 1 & 4 \\ 9 & 16 \end{pmatrix}",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} + 1 = \begin{pmatrix} 2 & 3 \\ 4 & 5 \end{pmatrix}",
        r"\begin{pmatrix} 1 & 1 \\ 1 & 1 \end{pmatrix} = 1",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \odot \begin{pmatrix} 1 \\ 1 \end{pmatrix} = 1",
    ],
)
def test_what_a_matrix_could_mean_in_two_ways_is_refused(block: str, tmp_path: Path) -> None:
    assert complaints(tmp_path, block)


SYMMETRIC = (
    r"a^1 := \begin{pmatrix} 1 \\ 0 \end{pmatrix}",
    r"W^2 := \begin{pmatrix} 1 & 2 \\ 2 & 3 \end{pmatrix}",
    r"b^2 := \begin{pmatrix} 1 \\ -3 \end{pmatrix}",
    r"W^3 := \begin{pmatrix} 1 & 5 \\ 5 & 2 \end{pmatrix}",
    r"b^3 := \begin{pmatrix} 1 \\ 0 \end{pmatrix}",
    r"E := \begin{pmatrix} 1 \\ 1 \end{pmatrix}",
)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        (r"z^2_1 = w^2_{1,1} \, a^1_1 + b^2_1 = 2", r"z^2_1 = w^2_{1,1} \, a^1_1 + w^2_{1,2} \, a^1_2 + b^2_1 = 2"),
        (
            r"z^2_2 = w^2_{1,2} \, a^1_1 + w^2_{2,2} \, a^1_2 + b^2_2 = -1",
            r"z^2_2 = w^2_{2,1} \, a^1_1 + w^2_{2,2} \, a^1_2 + b^2_2 = 2 \cdot 1 + 3 \cdot 0 - 3 = -1",
        ),
        (
            r"\delta^2_1 = (w^3_{1,1} \, \delta^3_1 + w^3_{1,2} \, \delta^3_2) \sigma'(z^2_1) \approx -0.0631",
            r"\delta^2_1 = (w^3_{1,1} \, \delta^3_1 + w^3_{2,1} \, \delta^3_2) \sigma'(z^2_1) \approx -0.0631",
        ),
    ],
)
def test_a_slip_that_the_given_numbers_hide(slip: str, right: str, tmp_path: Path) -> None:
    assert "for the given numbers only" in " | ".join(complaints(tmp_path, SIGMA, COST, *SYMMETRIC, slip))
    assert " | ".join(complaints(tmp_path, SIGMA, COST, *SYMMETRIC, right)) == ""


def test_a_number_and_a_column_of_one_entry_have_no_hadamard_product(tmp_path: Path) -> None:
    assert "stands between columns" in said(tmp_path, r"b^3 - 5 \odot \frac{\partial C}{\partial b^3} = \frac{23}{8}")
    assert said(tmp_path, r"b^3 - 5 \cdot \frac{\partial C}{\partial b^3} = \frac{23}{8}") == ""
