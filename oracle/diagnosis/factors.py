"""The truth times something: a constant, a power of n, a quantity of the arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import multiple_of
from oracle.diagnosis.formula_terms import dimensions, elementwise, of_the_whole
from oracle.diagnosis.number_names import Interval, Named, in_digits, name_of

#: A constant that no name fits is still reported where it is known so well.
KNOWN_WELL = 1e-3


def constant_factor(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · truth."""
    interval = multiple_of(evidence, evidence.true)
    if interval is None or interval.holds(1.0):
        return None
    named = name_of(interval, parameters)
    if named is None and interval.relative_width > KNOWN_WELL:
        return None
    return _sentence(evidence, named or in_digits(interval), interval)


def _sentence(evidence: Evidence, c: Named, interval: Interval) -> str:
    if interval.holds(-1.0):
        return "It is −1 times the truth: the sign is wrong"
    also = ""
    for words, length in dimensions(evidence):
        if len(np.unique(length)) == 1 and length[0] > 1:
            if interval.holds(float(length[0])):
                also = f", which is {words} at every point tried"
            elif interval.holds(1 / float(length[0])):
                also = f", which is 1/{words} at every point tried"
    return f"It is {c.words} times the truth{_in_decimals(c)}: a constant factor{also}"


def _in_decimals(c: Named) -> str:
    """The value behind a name that does not show it."""
    return "" if re.fullmatch(r"[−-]?[\d./]+(e[+-]\d+)?", c.words) else f" ({c.words} = {c.value:.6g})"


def factor_of_length(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · n^p · truth: a mean taken for a sum, or a sum for a mean."""
    for words, length in dimensions(evidence):
        if len(np.unique(length)) == 1:
            continue
        for power, basis in _powers(words, length):
            some = np.isfinite(basis)
            interval = multiple_of(evidence.only(some), (basis * evidence.true)[some])
            c = name_of(interval, parameters) if interval else None
            if c is not None:
                return f"It is {_times(c, power)} times the truth{_why(power)}"
    return None


def _powers(n: str, length: Floats) -> Iterator[tuple[str, Floats]]:
    yield n, length
    yield f"1/{n}", 1 / length
    yield f"{n}²", length**2
    yield f"1/{n}²", 1 / length**2
    yield f"√{n}", np.sqrt(length)
    yield f"1/√{n}", 1 / np.sqrt(length)
    yield f"({n} − 1)", length - 1
    yield f"({n} + 1)", length + 1
    yield f"({n} − 1)/{n}", (length - 1) / length
    yield f"{n}/({n} + 1)", length / (length + 1)
    with np.errstate(divide="ignore"):
        yield f"{n}/({n} − 1)", length / (length - 1)
        yield f"1/({n} − 1)", 1 / (length - 1)


def _times(c: Named, what: str) -> str:
    if c.value == 1:
        return what
    return f"−{what}" if c.value == -1 else f"{c.words}·{what}"


def _why(power: str) -> str:
    if "²" in power or "√" in power or "(" in power:
        return ": a factor that depends on the length"
    if power.startswith("1/"):
        return ": a mean where the function sums, or a division too many"
    return ": a sum where the function takes the mean"


def factor_of_arguments(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · truth · q or c · truth / q, with q a quantity of the arguments: a factor too many, missing, or twice."""
    for words, q in (*elementwise(evidence), *of_the_whole(evidence)):
        with np.errstate(all="ignore"):
            interval = multiple_of(evidence, evidence.true * q)
        if interval is None or not _varies(evidence, q) or (words.startswith("sign ") and np.all(q >= 0)):
            continue
        c = name_of(interval, parameters)
        if c is not None:
            return f"It is the truth times {_times(c, words)}: that factor is too many, or its inverse is missing"
    return None


def factor_of_cost(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · truth · C^±1, with C the value of the function."""
    values = _values(evidence)
    if values is None:
        return None
    with np.errstate(all="ignore"):
        for words, q in (("C", values), ("1/C", 1 / values), ("√C", np.sqrt(values)), ("1/√C", 1 / np.sqrt(values))):
            interval = multiple_of(evidence, evidence.true * q) if _varies(evidence, q) else None
            c = name_of(interval, parameters) if interval else None
            if c is not None:
                return f"It is the truth times {_times(c, words)}, C being the value of the function"
    return None


def is_the_cost(evidence: Evidence) -> str | None:
    """got = C in every component."""
    values = _values(evidence)
    interval = multiple_of(evidence, values) if values is not None else None
    if interval is not None and interval.holds(1.0) and _varies(evidence, evidence.got):
        return "Every component is the value of the function, not its derivative"
    return None


def _varies(evidence: Evidence, q: Floats) -> bool:
    """Whether a quantity is told from a constant."""
    finite = q[np.isfinite(q)]
    return len(finite) > 0 and bool(np.ptp(finite) > 0)


def _values(evidence: Evidence) -> Floats | None:
    from oracle.balls.arrays import precision
    from oracle.witnesses.slopes import value_in_balls
    from oracle.witnesses.truth import ON_FLOATS, TRACED

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
