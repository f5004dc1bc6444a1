"""A line of the package quoted below a definition of the page computes what is defined, whatever box stands above that."""

from pathlib import Path

import pytest

from .page import aligned, check, complaints, math
from .test_own import page, quoted, said

COST = r"C := \frac{1}{2} \sum_{j=1}^{n} (a_j - E_j)^2"
CHAIN = aligned(
    r"""\frac{\partial C}{\partial a_j}
    &= \frac{\partial}{\partial a_j} \left( \frac{1}{2} \sum_{k=1}^{n} (a_k - E_k)^2 \right) && \text{(definition of C)} \\
    &= a_j - E_j && \text{(calculus)}"""
)
BOX = r"\boxed{\frac{\partial C}{\partial a_j} = a_j - E_j}"
SLOPE = "\n```python manualbp/costs.py\nreturn a - E\n```\n"


def below(folder: Path, text: str, subject: str) -> list[str]:
    return [problem.message for problem in check(folder, f"<!-- subject: {subject} -->\n{text}").problems]


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        (r"r_j := a_j - E_j", ""),
        (r"r_j := E_j - a_j", "r"),
        (r"g_j := 2 (a_j - E_j)", "g"),
        (r"g_j := e^{E_j}", "g"),
        (r"g_j := a_j - (E_j)^2", "g"),
        (r"s := \sum_{j=1}^{n} (a_j - E_j)", "s"),
        (r"h(x) := x", ""),
        (r"h(x) := x^2", "h"),
        (r"h(x, y) := x - y", ""),
        (r"h(x, y) := x + y", "h"),
    ],
)
def test_below_a_definition_on_the_page_of_a_cost(definition: str, name: str, tmp_path: Path) -> None:
    found = below(tmp_path, math(COST, CHAIN, BOX, definition) + SLOPE, "cost quadratic")
    assert found == ([f"the quoted code does not compute {name}, which is defined right above it"] if name else [])


def test_a_falsehood_defines_nothing(tmp_path: Path) -> None:
    text = math(COST, r"r_j := E_j - a_j", CHAIN, BOX) + "\n```math false\n" + r"a_j = E_j" + "\n```\n" + SLOPE
    assert "does not compute" not in "".join(below(tmp_path, text, "cost quadratic"))


SIGMOID = math(r"\sigma(z) := \frac{1}{1 + e^{-z}}", r"s := e^{-|z|}")
LINES = "\n```python manualbp/activations.py\ne = xp.exp(-xp.abs(z))\nreturn e / (1 + e) ** 2\n```\n"


@pytest.mark.parametrize(("power", "right"), [("2", True), ("3", False)])
def test_below_a_function_on_the_page_of_an_activation(power: str, right: bool, tmp_path: Path) -> None:
    found = below(tmp_path, SIGMOID + math(rf"g(z) := \frac{{s}}{{(1 + s)^{power}}}") + LINES, "activation sigmoid")
    assert found == ([] if right else ["the quoted code does not compute g, which is defined right above it"])


def test_the_letter_of_a_cost_is_that_of_the_record(tmp_path: Path) -> None:
    cost = r"C := \tau \exp\left( \frac{1}{\tau} \sum_{j=1}^{n} (a_j - E_j)^2 \right)"
    line = "\n```python manualbp/costs.py\nreturn tau * xp.exp(total((a - E) ** 2) / tau)\n```\n"
    for factor, right in ((r"\tau", True), (r"2 \tau", False)):
        again = math(cost, rf"c := {factor} \exp\left( \frac{{1}}{{\tau}} \sum_{{j=1}}^{{n}} (a_j - E_j)^2 \right)")
        assert bool(below(tmp_path, again + line, "cost exponential")) != right


OWN = """
import numpy as np


def ratio(a, E):
    r = a - E
    return np.sum(r**2)


def ratio_grad(a, E):
    return 2 * (a - E)
"""


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        (r"r_j := a_j - E_j", ""),
        (r"r_j := e^{a_j}", "r"),
        pytest.param(r"r_j := E_j - a_j", "r", marks=pytest.mark.longer),
        pytest.param(r"h(x) := 2 x", "h", marks=pytest.mark.longer),
    ],
)
def test_below_a_definition_that_follows_the_cost(definition: str, name: str, tmp_path: Path) -> None:
    text = page(r"C := \sum_{j=1}^{n} (a_j - E_j)^2", definition, subject="own cost ratio, a in real, E in real")
    found = said(tmp_path, text + quoted("r = a - E"), OWN)
    assert found == (f"the quoted code does not compute {name}, which is defined right above it" if name else "")


def test_the_cost_itself_is_still_compared_with_the_record(tmp_path: Path) -> None:
    assert complaints(tmp_path, COST, subject="cost quadratic") == []
    assert "does not run for quadratic as C" in below(tmp_path, math(COST) + SLOPE, "cost quadratic")[0]


OF_A_NETWORK = (
    r"\sigma(z) := \frac{1}{1 + e^{-z}}",
    r"C := \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2",
)
SUM = "\n```python manualbp/costs.py\nreturn total((a - E) ** 2) * 0.5\n```\n"
SLOPE_OF_SIGMOID = "\n```python manualbp/activations.py\nreturn e / (1 + e) ** 2\n```\n"


@pytest.mark.parametrize(
    ("definition", "line", "name"),
    [
        (r"g_j := a^L_j - E_j", SLOPE, ""),
        pytest.param(r"g := a^L - E", SLOPE, "", marks=pytest.mark.longer),
        (r"g_j := a^L_j", SLOPE, "g"),
        pytest.param(r"g_j := E_j - a^L_j", SLOPE, "g", marks=pytest.mark.longer),
        (r"g := \delta^L", SLOPE, "g"),
        pytest.param(r"g := \nabla_{a^L} C", SLOPE, "", marks=pytest.mark.longer),
        (r"h(x, y) := x - y", SLOPE, ""),
        pytest.param(r"h(x, y) := x y", SLOPE, "h", marks=pytest.mark.longer),
        (r"s := \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2", SUM, ""),
        pytest.param(r"s := \sum_{j=1}^{n_L} (a^L_j - E_j)^2", SUM, "s", marks=pytest.mark.longer),
        pytest.param(r"g(x) := \sigma(x) \cdot (1 - \sigma(x))", SLOPE_OF_SIGMOID, "", marks=pytest.mark.longer),
        (r"g_j := \sigma(z^L_j) \cdot (1 - \sigma(z^L_j))", SLOPE_OF_SIGMOID, ""),
        pytest.param(r"g(x) := \sigma(x) \cdot \sigma(x)", SLOPE_OF_SIGMOID, "g", marks=pytest.mark.longer),
    ],
)
def test_below_a_definition_on_the_page_of_a_network(definition: str, line: str, name: str, tmp_path: Path) -> None:
    found = below(tmp_path, math(*OF_A_NETWORK, definition) + line, "network")
    assert found == ([f"the quoted code does not compute {name}, which is defined right above it"] if name else [])


@pytest.mark.parametrize(
    ("definition", "complaint"),
    [
        (OF_A_NETWORK[1], ""),
        (OF_A_NETWORK[1].replace("{2}", "{3}"), "the page defines another C"),
        pytest.param(OF_A_NETWORK[1].replace("^2", "^4"), "the page defines another C", marks=pytest.mark.longer),
    ],
)
def test_the_cost_of_a_network_page_is_that_of_the_network_that_runs(
    definition: str, complaint: str, tmp_path: Path
) -> None:
    found = " ".join(below(tmp_path, math(definition) + SUM, "network"))
    assert (complaint in found) if complaint else not found
