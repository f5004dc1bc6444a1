"""How much must be judged for a pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from click.testing import Result

from oracle.vectors import vectors

Conform = Callable[..., Result]
Report = Callable[..., tuple[int, dict[str, Any]]]


def test_half_of_what_it_declares_must_be_answered(conform: Conform, report: Report, mine: str, number: int) -> None:
    result = conform(f"{mine}:lazy")
    assert result.exit_code == 2
    assert (
        f"1 of the {number} cases that its capabilities cover were judged, and at least half must be" in result.stderr
    )
    code, data = report(f"{mine}:lazy", "--min-cases", "1")
    assert (code, data["verdict"], data["because"]) == (0, "right", f"1 of {number} cases judged")
    assert (data["covered"], data["judged"], data["right"]) == (number, 1, 1)
    code, data = report(f"{mine}:lazy")
    assert (code, data["verdict"], data["exit_code"]) == (2, "none", 2)


def test_what_it_does_not_declare_counts_for_nothing(conform: Conform, mine: str, number: int) -> None:
    result = conform(f"{mine}:small")
    n = len(vectors("float64", ["tanh+quadratic"]))
    assert result.exit_code == 0
    assert f"verdict: right ({n} of {number} cases judged)" in result.stdout


def test_a_dtype_declared_twice_is_asked_once(report: Report, mine: str, number: int) -> None:
    code, data = report(f"{mine}:twice")
    assert (code, data["cases"]) == (0, number)
