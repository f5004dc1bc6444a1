"""An author's own cost or activation: its definition on the page, its code in the file beside it, the package untouched."""

from pathlib import Path

import pytest

from oracle.proofs.check import check_page
from oracle.proofs.citations import Citations
from oracle.proofs.page_check import run_proofs_command

from .page import aligned, math

SUBJECT = "own cost ratio, a in positive, E in nonnegative"
COST = r"C := \sum_{j=1}^{n} \frac{E_j}{1 + \tau \, a_j} \qquad \text{for } \tau > 0"
BOX = r"\boxed{\frac{\partial C}{\partial a_j} = -\frac{\tau \, E_j}{(1 + \tau \, a_j)^2}}"
CHAIN = aligned(
    r"""\frac{\partial C}{\partial a_j}
    &= \frac{\partial}{\partial a_j} \left( \sum_{k=1}^{n} \frac{E_k}{1 + \tau \, a_k} \right) && \text{(definition of C)} \\
    &= -\frac{\tau \, E_j}{(1 + \tau \, a_j)^2} && \text{(calculus)}"""
)
GRADIENT = "-tau * E / (1 + tau * a) ** 2"
CODE = f"""
import numpy as np


def ratio(a, E, tau=1.0):
    return np.sum(E / (1 + tau * a))


def ratio_grad(a, E, tau=1.0):
    return {GRADIENT}
"""

LONGER = pytest.mark.longer


def said(folder: Path, text: str, code: str | None = None) -> str:
    page = folder / "my_ratio.md"
    page.write_text(text, encoding="utf-8")
    if code is not None:
        page.with_suffix(".py").write_text(code, encoding="utf-8")
    return " | ".join(problem.message for problem in check_page(page, Citations()).problems)


def quoted(code: str) -> str:
    return f"\n```python my_ratio.py\n{code}\n```\n"


def page(*blocks: str, subject: str = SUBJECT) -> str:
    return f"<!-- subject: {subject} -->\n# Mine\n" + math(*blocks)


def test_without_a_file_the_definition_stands_alone(tmp_path: Path) -> None:
    assert said(tmp_path, page(COST, BOX, CHAIN)) == ""


def test_with_a_file(tmp_path: Path) -> None:
    text = (
        page(COST) + quoted("return np.sum(E / (1 + tau * a))") + math(BOX) + quoted(f"return {GRADIENT}") + math(CHAIN)
    )
    assert said(tmp_path, text, CODE) == ""
    assert run_proofs_command([str(tmp_path / "my_ratio.md")], as_json=True) == 0


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (GRADIENT, GRADIENT.removeprefix("-"), "ratio_grad of my_ratio.py is"),
        pytest.param(GRADIENT, GRADIENT.replace("** 2", ""), "ratio_grad of my_ratio.py is", marks=LONGER),
        (GRADIENT, f"({GRADIENT}).sum()", "an array of the shape ()"),
        ("np.sum(E / (1 + tau * a))", "np.mean(E / (1 + tau * a))", "ratio of my_ratio.py is"),
        pytest.param("np.sum(E / (1 + tau * a))", "np.sum(E / (1 + a))", "ratio of my_ratio.py is", marks=LONGER),
        ("tau", "scale", "ratio has no keyword tau"),
        ("ratio_grad", "ratio_slope", "defines no function ratio_grad"),
        ("import numpy as np", "import numpy as np\nimport sys\nsys.exit()", "ends the process that runs it"),
        ("import numpy as np", "import numpy as np\nopen('x', 'w')", "opens a file to write"),
        pytest.param("import numpy as np", "import numpy as np\n1 / 0", "fails: ZeroDivisionError", marks=LONGER),
        ("import numpy as np", "import numpy as np:", "is no Python"),
        (f"return {GRADIENT}", "return None", "ratio_grad of my_ratio.py is (nan"),
        pytest.param(f"return {GRADIENT}", "return np.nan * a", "ratio_grad of my_ratio.py is", marks=LONGER),
        pytest.param(f"return {GRADIENT}", "import os\n    os._exit(0)", "ends the process that runs it", marks=LONGER),
        (f"return {GRADIENT}", f"import numpy\n    numpy.cosh = abs\n    return {GRADIENT}", "changes numpy.cosh"),
    ],
)
def test_a_wrong_file(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    assert old in CODE
    assert sentence in said(tmp_path, page(COST, BOX, CHAIN), CODE.replace(old, new))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (page(COST, BOX) + quoted("return 0") + math(CHAIN), "does not stand in my_ratio.py"),
        (
            page(COST, BOX) + quoted("return np.sum(E / (1 + tau * a))") + math(CHAIN),
            "not stand in the function ratio_grad",
        ),
        (page(COST, BOX, CHAIN.replace("-\\frac", "\\frac")), "false at step 2"),
        (page(BOX, CHAIN), "the page defines no C"),
        (page(BOX, CHAIN, COST), "false at step"),  # a definition holds from where it stands
        (page(COST, BOX, CHAIN, subject="own cost ratio, a in halfline"), "declares no domain"),
        (page(COST, BOX, CHAIN, subject="own thing ratio"), "an own subject is cost, activation, head"),
        (page(COST, BOX, CHAIN, subject="cost ratio"), "own cost NAME"),
    ],
)
def test_a_wrong_page(text: str, sentence: str, tmp_path: Path) -> None:
    assert sentence in said(tmp_path, text, CODE)


def test_a_declared_domain_counts(tmp_path: Path) -> None:
    root = aligned(r"\sqrt{a_j^2} &= a_j && \text{(algebra)}")
    assert said(tmp_path, page(COST, root)) == ""
    assert "false" in said(tmp_path, page(COST, root, subject="own cost ratio, a in real, E in real"))


def test_a_right_file_with_edges(tmp_path: Path) -> None:
    cost = r"C := -\sum_{j=1}^{n} \left( E_j \ln a_j + (1 - E_j) \ln(1 - a_j) \right)"
    code = "import numpy as np\ndef bce(a, E):\n    return -np.sum(E * np.log(a) + (1 - E) * np.log(1 - a))\n"
    code += "def bce_grad(a, E):\n    return {}\n"
    text = page(cost, subject="own cost bce, a in unit, E in closed_unit")
    assert said(tmp_path, text, code.format("(a - E) / (a * (1 - a))")) == ""
    at_the_edge = "np.where(E == 0, -1 / (1 - a), (a - E) / (a * (1 - a)))"
    assert "bce_grad of my_ratio.py is" in said(tmp_path, text, code.format(at_the_edge))


def test_a_kink_accuses_nobody(tmp_path: Path) -> None:
    hinge = r"C := \sum_{j=1}^{n} \max(0, 1 - E_j \, a_j)"
    code = "import numpy as np\ndef hinge(a, E):\n    return np.maximum(0, 1 - E * a).sum()\n"
    code += "def hinge_grad(a, E):\n    return np.where(E * a < 1, -E, {})\n"
    text = page(hinge, subject="own cost hinge, a in real, E in sign")
    assert said(tmp_path, text, code.format("0")) == ""
    assert "hinge_grad of my_ratio.py is" in said(tmp_path, text, code.format("E"))


def test_an_activation(tmp_path: Path) -> None:
    square = r"\sigma(z) := \begin{cases} z^2 & \text{if } z \ge 0 \\ 0 & \text{otherwise} \end{cases}"
    text = page(square, subject="own activation requ")
    code = "import numpy as np\ndef requ(z):\n    return np.maximum(z, 0) ** 2\ndef requ_grad(z):\n    return {}\n"
    assert said(tmp_path, text, code.format("2 * np.maximum(z, 0)")) == ""
    assert "requ_grad of my_ratio.py is" in said(tmp_path, text, code.format("2 * z"))


def test_a_file_beside_a_page_about_the_package_is_not_quoted(tmp_path: Path) -> None:
    text = page(r"\frac{\partial C}{\partial b^i} = \delta^i", subject="network") + quoted("x = 1")
    assert "subject of your own" in said(tmp_path, text, "x = 1\n")


GUIDE = Path(__file__).parents[3] / "proofs" / "AUTHORS.md"


@pytest.mark.longer
@pytest.mark.skipif(not GUIDE.is_file(), reason="the pages are not installed")
def test_the_page_of_the_guide(tmp_path: Path) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    page = text.partition("````markdown\n")[2].partition("````\n")[0]
    code = text.partition("And this is `my_tversky.py`")[2].partition("```python\n")[2].partition("```\n")[0]
    (tmp_path / "my_tversky.md").write_text(page, encoding="utf-8")
    (tmp_path / "my_tversky.py").write_text(code, encoding="utf-8")
    assert run_proofs_command([str(tmp_path / "my_tversky.md")], as_json=True) == 0
    (tmp_path / "my_tversky.py").write_text(code.replace("- beta * E", "+ beta * E"), encoding="utf-8")
    assert run_proofs_command([str(tmp_path / "my_tversky.md")], as_json=True) == 1


@pytest.mark.skipif(not GUIDE.is_file(), reason="the pages are not installed")
def test_a_page_without_a_number_cites_the_book(tmp_path: Path) -> None:
    page = tmp_path / "mine.md"
    step = r"\frac{\partial C}{\partial b^i_j} &= \left[ \delta^i \right]_j && \text{(BP4)}"
    layers = r"\qquad \text{for } 2 \le i \le L"
    page.write_text("<!-- subject: network -->\n" + math(aligned(step, layers)), encoding="utf-8")
    assert run_proofs_command([str(page)], as_json=True) == 0


def test_code_is_not_compared_with_definitions_that_cannot_be_read(tmp_path: Path) -> None:
    blocks = r"f_j := (1 - a_j)^\gamma", r"C := \sum_{j=1}^{n} f_j \, E_j"
    text = f"<!-- subject: {SUBJECT} -->\n{math(*blocks)}"
    found = said(tmp_path, text, CODE)
    assert "an exponent must be a number" in found
    assert "the page's definition says" not in found
    assert "defines no C" not in said(tmp_path, f"<!-- subject: {SUBJECT} -->\n{math('C := x^y')}", CODE)
