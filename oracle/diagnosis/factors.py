"""The truth times something: a constant, a power of n, a quantity of the arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import multiple_of, without_silent
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
    return f"It is {c.words} times the truth{_in_decimals(c)}: a constant factor{_as_a_count(evidence, interval)}"


def _as_a_count(evidence: Evidence, interval: Interval) -> str:
    """What of the shapes the factor is, where they are the same at every point."""
    lengths = {words: float(n[0]) for words, n in dimensions(evidence) if len(np.unique(n)) == 1 and n[0] > 1}
    if evidence.function.of_cotangent:
        lengths |= _of_the_output(evidence)
    counts: dict[str, float] = {}
    for words, n in lengths.items():
        counts |= {words: n, f"1/{words}": 1 / n}
    for words, n in lengths.items():
        near = f"{words}" if words == "n" else f"({words})"
        counts |= {f"({near} − 1)/{near}": (n - 1) / n, f"{near}/({near} − 1)": n / (n - 1)}
        counts |= {f"{near}/({near} + 1)": n / (n + 1), f"({near} + 1)/{near}": (n + 1) / n}
    for words, n in lengths.items():
        counts |= {f"{words} over {other}": n / m for other, m in lengths.items() if other != words and m != n}
    found = next((words for words, value in counts.items() if interval.holds(value) and value != 1), None)
    return f", which is {found} at every point tried: a sum or a mean over the wrong count" if found else ""


def _of_the_output(evidence: Evidence) -> dict[str, float]:
    shapes = {case.args[-1].shape for case in evidence.cases}
    shape = shapes.pop() if len(shapes) == 1 else ()
    return {f"dimension {k} of the output": float(n) for k, n in enumerate(shape) if n > 1}


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
    if "(" in power:
        return ": a mean over the wrong count"
    if "²" in power or "√" in power:
        return ": a factor that depends on the length"
    if power.startswith("1/"):
        return ": a mean where the function sums, or a division too many"
    return ": a sum where the function takes the mean"


class Factor(NamedTuple):
    """What the truth is multiplied by, in words, and the sentence that says so."""

    words: str
    sentence: str


def factor_of_arguments(evidence: Evidence, parameters: Mapping[str, float]) -> Factor | None:
    """got = c · truth · q or c · truth / q, with q a quantity of the arguments: a factor too many, missing, or twice."""
    for words, q in (*elementwise(evidence), *of_the_whole(evidence)):
        with np.errstate(all="ignore"):
            rows, basis = without_silent(evidence, evidence.true * q)
            interval = multiple_of(rows, basis)
        if interval is None or not _varies(evidence, q) or (words.startswith("sign ") and np.all(q >= 0)):
            continue
        c = name_of(interval, parameters)
        if c is not None:
            times = _times(c, words)
            return Factor(times, f"It is the truth times {times}: {_too_many(c, words)}")
    return None


def _too_many(c: Named, words: str) -> str:
    if c.value == 1 and words.startswith("1/") and "(" not in words:
        return f"a factor {words.removeprefix('1/')} is missing"
    return "that factor is too many, or its inverse is missing"


def _varies(evidence: Evidence, q: Floats) -> bool:
    """Whether a quantity is told from a constant."""
    finite = q[np.isfinite(q)]
    return len(finite) > 0 and bool(np.ptp(finite) > 0)
