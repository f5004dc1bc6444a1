"""What kind of mistake it is: every known pattern is held against all the evidence, the most specific first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oracle.diagnosis.additions import another_formula, extra_term
from oracle.diagnosis.evidence import Evidence, gather
from oracle.diagnosis.factors import constant_factor, factor_of_arguments, factor_of_cost, factor_of_length, is_the_cost
from oracle.diagnosis.parameters import parameters_of
from oracle.judge import Finding
from oracle.truth import Function
from oracle.verdict import Verdict

NOTHING_FITS = "No known pattern of mistakes fits all the points"

Pattern = Callable[[Evidence, Mapping[str, float]], str | None]

#: In this order; the first that fits is the answer.
EVERYWHERE: Sequence[Pattern] = (
    constant_factor,
    factor_of_length,
    extra_term,
    factor_of_arguments,
    another_formula,
    factor_of_cost,
    lambda evidence, _: is_the_cost(evidence),
)


def diagnose(function: Function, grad: Callable[..., Any], findings: Sequence[Finding]) -> list[str]:
    """Sentences on what kind of mistake the wrong ones among the findings show; empty where none is wrong.

    A pattern is claimed only where it fits every point, right ones included, to rounding. Where none does, one sentence says so.
    """
    wrong = [f for f in findings if f.verdict in (Verdict.WRONG, Verdict.INACCURATE)]
    if not wrong:
        return []
    evidence = gather(function, grad, findings)
    parameters = parameters_of(function.fn, grad)
    comparable = evidence.only(evidence.comparable)
    for pattern in EVERYWHERE:
        sentence = pattern(comparable, parameters)
        if sentence:
            return [sentence]
    return [NOTHING_FITS]
