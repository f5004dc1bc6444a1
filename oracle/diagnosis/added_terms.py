"""The truth plus something: a term too many, missing, or of the wrong size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import added_to_truth, enough, multiple_of
from oracle.diagnosis.formula_terms import dimensions, elementwise, of_the_whole
from oracle.diagnosis.number_names import Named, name_of


class Term(NamedTuple):
    """What is added to the truth, in words, and the sentence that says so."""

    words: str
    sentence: str


def extra_term(evidence: Evidence, parameters: Mapping[str, float]) -> Term | None:
    """got = truth + c · term."""
    for words, term in _terms(evidence):
        interval = added_to_truth(evidence, term)
        if interval is None or interval.holds(0.0):
            continue
        c = name_of(interval, parameters)
        if c is not None:
            return Term(_product(c, words), _sentence(c, words))
    return None


def another_formula(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · term, whatever the truth is."""
    for words, term in _terms(evidence):
        interval = multiple_of(evidence, term)
        if (
            interval is None
            or np.ptp(term) == 0
            or not enough(evidence, evidence.told_apart(evidence.slack_of_a_multiple))
        ):
            continue
        c = name_of(interval, parameters)
        if c is not None:
            return f"It is {_product(c, words)}, which is not the derivative"
    return None


def _terms(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """The constant, then quantities of the arguments, each also over n and times n."""
    one = np.ones_like(evidence.size)
    plain = [("1", one), *elementwise(evidence), *of_the_whole(evidence)]
    if evidence.weight is not None:  # in a product every term is multiplied by the cotangent
        c, name = evidence.weight, evidence.names[-1]
        yield from ((name if words == "1" else f"{words} times {name}", c * term) for words, term in plain)
    yield from plain
    for n, length in dimensions(evidence):
        if len(np.unique(length)) > 1:
            for words, term in plain:
                yield f"{words}/{n}" if words != "1" else f"1/{n}", term / length
                yield f"{n}·{words}" if words != "1" else n, term * length


def _product(c: Named, words: str) -> str:
    if words == "1":
        return c.words
    if c.value == 1:
        return words
    return f"−{words}" if c.value == -1 else f"{c.words}·{words}"


def _sentence(c: Named, words: str) -> str:
    size = _product(Named(abs(c.value), c.words.lstrip("−-")), words)
    if c.value > 0:
        return f"It is the truth plus {size}: a term {size} too many, or a term −{size} missing"
    return f"It is the truth minus {size}: a term {size} missing, or a term −{size} too many"
