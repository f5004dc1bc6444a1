"""The derivative of a function of the value: of the density where its logarithm was meant, of a square, of a root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import is_formula, multiple_of
from oracle.diagnosis.number_names import name_of

Slope = Callable[[Floats], Floats]
DENSITY = "the density in the place of its logarithm"
LOGARITHM = "the logarithm in the place of what it is taken of"

#: h(C), h′(C) in words and as a function, and what people call the mistake.
FUNCTIONS: Sequence[tuple[str, str, Slope, str]] = (
    ("ln C", "1/C", lambda c: 1 / c, LOGARITHM),
    ("e^C", "e^C", np.exp, DENSITY),
    ("e^−C", "−e^−C", lambda c: -np.exp(-c), DENSITY),
    ("C²", "2·C", lambda c: 2 * c, ""),
    ("C²/2", "C", lambda c: c, ""),
    ("√C", "1/(2·√C)", lambda c: 1 / (2 * np.sqrt(c)), ""),
    ("1/C", "−1/C²", lambda c: -1 / c**2, ""),
)
MULTIPLES: Sequence[tuple[str, Slope]] = (
    ("C", lambda c: c),
    ("1/C", lambda c: 1 / c),
    ("√C", np.sqrt),
    ("1/√C", lambda c: 1 / np.sqrt(c)),
    ("e^C", np.exp),
    ("e^−C", lambda c: np.exp(-c)),
)


def of_the_value(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = h′(C) · truth, C being the value of the function; with another factor c, c · C^±1 · truth and the like."""
    if evidence.function.of_product:
        return None
    values = _values(evidence)
    if values is None or len(np.unique(values)) < 2:
        return None
    with np.errstate(all="ignore"):
        for words, factor, slope, why in FUNCTIONS:
            for sign, signed in ((1.0, words), (-1.0, f"−({words})")):
                if is_formula(evidence, sign * evidence.true * slope(values)):
                    times = factor if sign > 0 else f"−({factor})"
                    also = f": {why}" if why else ""
                    return f"It is the truth times {times}, the derivative of {signed}, C being the value of fn{also}"
        for words, slope in MULTIPLES:
            interval = multiple_of(evidence, evidence.true * slope(values))
            c = name_of(interval, parameters) if interval else None
            if c is not None:
                return f"It is the truth times {c.words}·{words}, C being the value of fn"
    return None


def is_the_cost(evidence: Evidence) -> str | None:
    """got = C in every component."""
    values = _values(evidence)
    interval = multiple_of(evidence, values) if values is not None else None
    if interval is not None and interval.holds(1.0) and len(np.unique(evidence.got)) > 1:
        return "Every component is the value of the function, not its derivative"
    return None


def _values(evidence: Evidence) -> Floats | None:
    from oracle.balls.arrays import precision
    from oracle.witnesses.function import ON_FLOATS, TRACED
    from oracle.witnesses.slopes import value_in_balls

    function = evidence.function
    values = np.full(len(evidence.cases), np.nan)
    try:
        for n in np.unique(evidence.point):
            args = evidence.cases[n].args
            if function.level == ON_FLOATS:
                values[n] = float(function.fn(*(a.copy() for a in args)))
                continue
            with precision(120):
                values[n] = float(
                    value_in_balls(function.traced(args) if function.level == TRACED else function.fn, args)
                )
    except Exception:  # a value that is not to be had is no pattern
        return None
    return values[evidence.point]
