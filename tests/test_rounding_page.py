"""The tables of proofs/51-rounding.md, measured anew: each textbook form runs in float64, and in 6000 bits for the truth."""

import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest

import manualbp
from manualbp.activations import SELU_ALPHA, SELU_LAMBDA

PAGE = Path(__file__).parent.parent / "proofs" / "51-rounding.md"
BITS = 6000  # e^-800 beside 1 needs 1200 of them, and its square twice as many
EPS = 2.0**-52
LOST = 0.5 / EPS
SLACK = 3  # a figure has one digit, and another libm may round a step the other way
ROW = re.compile(r"^\| `([^`]+)` (σ|σ′|C|∇|δ) \| `([^`]+)` \| `([^`]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)

FLOATS: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("exp", "log", "sqrt", "tanh", "sinh", "cosh", "cos", "arctan", "maximum")},
    "erf": lambda x: np.float64(math.erf(x)),
    "erfc": lambda x: np.float64(math.erfc(x)),
    "pi": np.float64(np.pi),
    "number": np.float64,
}
REALS: dict[str, Any] = {
    **{name: getattr(mpmath, name) for name in ("exp", "log", "sqrt", "tanh", "sinh", "cosh", "cos", "erf", "erfc")},
    "arctan": mpmath.atan,
    "maximum": max,
    "pi": mpmath.mp.pi,
    "number": mpmath.mpf,
}


class Row(NamedTuple):
    name: str
    quantity: str
    textbook: str
    at: str
    error: str
    ours: str


ROWS = [Row(*cells) for cells in ROW.findall(PAGE.read_text(encoding="utf-8"))]
#: the textbook value of each activation, which its derivative may call `a`
VALUES = {row.name: row.textbook for row in reversed(ROWS) if row.quantity == "σ"}


def point(at: str) -> dict[str, float]:
    return {name: float(value) for name, value in (part.split(" = ") for part in at.split(", "))}


def evaluated(row: Row, arithmetic: dict[str, Any]) -> Any:
    """The textbook form at the row's point, in floats or reals."""
    number = arithmetic["number"]
    names = {**arithmetic, **{name: number(value) for name, value in point(row.at).items()}}
    names |= {"__builtins__": {}, "abs": abs, "lam": number(SELU_LAMBDA), "alpha": number(SELU_ALPHA)}
    if row.quantity == "σ′" and re.search(r"\ba\b", row.textbook):
        names["a"] = eval(VALUES[row.name], names)
    elif row.name.startswith("sigmoid+"):
        names["a"] = eval("1/(1 + exp(-z))", names)
    elif row.name.startswith("softmax+"):
        names |= {f"a{k}": eval(f"exp(z{k})/(exp(z1) + exp(z2))", names) for k in (1, 2)}
    return eval(row.textbook, names)


def ours(row: Row) -> float:
    """What manualbp says at the row's point; of two outputs, the first."""
    at = point(row.at)

    def column(letter: str) -> np.ndarray:
        return np.array([[value] for name, value in at.items() if name[0] == letter])

    if row.quantity in "σ′":
        activation = manualbp.ACTIVATIONS[row.name]
        return (activation.sigma if row.quantity == "σ" else activation.sigma_prime)(column("z")).flat[0]
    if "+" not in row.name:
        cost = manualbp.COSTS[row.name]
        return (cost.C if row.quantity == "C" else cost.nabla_a)(column("a"), column("E")).flat[0]
    head = manualbp.HEADS[f"{row.name}:fused"]
    z = column("z")
    return (head.C if row.quantity == "C" else head.delta)(z, head.sigma(z), column("E")).flat[0]


def error_in_eps(got: float, truth: mpmath.mpf) -> float:
    """|got − truth|/|truth| in eps, or what is not finite as it stands."""
    return float(abs((mpmath.mpf(float(got)) - truth) / truth)) / EPS if math.isfinite(got) else abs(float(got))


def cell(error: float) -> str:
    """How the page writes an error."""
    if not math.isfinite(error):
        return "nan" if math.isnan(error) else "∞"
    if error >= LOST:
        return "all"
    return f"< {max(1, math.ceil(error + 0.3))}" if error < 8 else f"{error:.0e}".replace("e+0", "e").replace("e+", "e")


def agrees(written: str, error: float) -> bool:
    """Whether a cell of the page tells this error."""
    if written.startswith("< "):
        return error < float(written[2:])
    if written in ("all", "nan", "∞"):
        return cell(error) == written
    return float(written) / SLACK <= error <= float(written) * SLACK


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name} {row.quantity} {row.textbook}")
def test_row(row: Row) -> None:
    with mpmath.workprec(BITS):
        truth = evaluated(row, REALS)
        with np.errstate(all="ignore"):  # the textbook form is there to fail
            textbook = error_in_eps(evaluated(row, FLOATS), truth)
        own = error_in_eps(ours(row), truth)
    assert agrees(row.error, textbook), f"the textbook form: measured {cell(textbook)}"
    assert agrees(row.ours, own), f"ours: measured {cell(own)}"


def test_every_activation_cost_and_fused_head_is_in_the_tables() -> None:
    fused = [name.removesuffix(":fused") for name, head in manualbp.HEADS.items() if head.form == "fused"]
    wanted = {(name, quantity) for name in manualbp.ACTIVATIONS for quantity in ("σ", "σ′")}
    wanted |= {(name, quantity) for name in manualbp.COSTS for quantity in ("C", "∇")}
    wanted |= {(name, quantity) for name in fused for quantity in ("C", "δ")}
    assert {(row.name, row.quantity) for row in ROWS} == wanted
    assert PAGE.read_text(encoding="utf-8").count("\n| `") == len(ROWS), "a line of a table is not read"


def test_a_wrong_figure_is_noticed() -> None:
    assert agrees("2e8", 1.6e8)
    wrong = [
        ("2e7", 1.6e8),
        ("2e9", 1.6e8),
        ("< 1", 1.2),
        ("all", 1e9),
        ("1e9", 1 / EPS),
        ("∞", math.nan),
        ("nan", 3.0),
    ]
    assert not [pair for pair in wrong if agrees(*pair)]
    assert [cell(error) for error in (0.2, 3.1, 1.6e8, 1 / EPS, math.inf, math.nan)] == [
        *("< 1", "< 4", "2e8", "all", "∞", "nan")
    ]


def test_what_ours_loses_is_said_to_be_not_mended() -> None:
    losing = {(row.name, row.quantity) for row in ROWS if not row.ours.startswith("< ")}
    assert losing == {
        ("exponential", "C"),
        ("exponential", "∇"),
        ("hellinger", "C"),
        ("hellinger", "∇"),
        ("kullback_leibler", "C"),
        ("generalized_kullback_leibler", "C"),
        ("itakura_saito", "C"),
        ("sigmoid+hellinger", "C"),
    }


def test_the_thresholds_that_the_pages_name() -> None:
    def sigmoid(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    assert sigmoid(36) < 1 == sigmoid(37)  # 1 − a
    assert 1 - math.tanh(19) ** 2 > 0 == 1 - math.tanh(20) ** 2
    assert math.expm1(-40) == -1  # a + 1
    assert math.isfinite(math.exp(709.7))
    assert (manualbp.SIGMOID.sigma(np.array([-709.7, -709.8])) > 0).tolist() == [True, False]
    with pytest.raises(OverflowError):
        math.exp(709.8)
    assert 1.3e154**2 < math.inf == 1.4e154 * 1.4e154
    assert 1e-162 * 1e-162 == 0 < 1e-161 * 1e-161  # a²
    softsign = 1e8 / (1 + 1e8)
    assert 7 < -math.log10(abs((1 - softsign) ** 2 * (1 + 1e8) ** 2 - 1)) < 9  # half of 16 digits
