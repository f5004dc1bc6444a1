"""Of what is added and what is multiplied, the shorter to say: 3x for 3x² lacks a factor x, though 3x(1 − x) is added, too."""

from __future__ import annotations

from collections.abc import Mapping

from oracle.diagnosis.added_terms import extra_term
from oracle.diagnosis.evidence import Evidence
from oracle.diagnosis.factors import factor_of_arguments


def factor_or_term(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """The truth times a quantity of the arguments, or plus one; a factor where both are as short."""
    factor, term = factor_of_arguments(evidence, parameters), extra_term(evidence, parameters)
    if factor is None or term is None:
        return factor.sentence if factor else term.sentence if term else None
    return factor.sentence if len(factor.words) <= len(term.words) else term.sentence
