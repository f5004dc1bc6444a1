"""A denominator that is floored: max(q, ε) in the place of q."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import NEARLY, common, enough
from oracle.diagnosis.formula_terms import ONE, of_the_whole
from oracle.diagnosis.number_names import Interval, in_digits, is_short, name_of

#: Of the quantities of one argument, those that stand in denominators.
BENEATH = ("{v}", "{v}²", "{v}³", "√{v}", "(1 − {v})", "{v}(1 − {v})", "(1 + {v})", "|{v}|")


def floored_denominator(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = truth · q/max(q, ε): right where the denominator q is at least ε, and as if q were ε below."""
    for words, q in _denominators(evidence):
        epsilon = _floor(evidence, q)
        if epsilon is None:
            continue
        named, decimal = name_of(epsilon, parameters), in_digits(epsilon)
        floor = named.words if named is not None and named.words in parameters else decimal.words
        if floor in parameters or is_short(decimal.value):
            return f"A denominator {words} is floored at {floor}, by max({words}, {floor})"
    return None


def floored_logarithms(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = truth + y/x − y/max(x, ε), and the same of 1 − x: the derivatives of y ln x and (1 − y) ln(1 − x) with floors."""
    x, name = evidence.x, evidence.names[evidence.argnum]
    told = evidence.wrong & evidence.told_apart(evidence.slack) & ~evidence.extreme
    if not enough(evidence, told) or np.any((x <= 0) | (x >= 1)):
        return None
    rows = evidence.only(told)
    for j, y in enumerate(rows.values):
        if y is None or j == rows.argnum:
            continue
        for size, per in ((1.0, ""), (1 / rows.size, "/n")):
            epsilon = _floor_of_logarithms(rows, y * size, (1 - y) * size)
            if epsilon is None:
                continue
            floor = in_digits(epsilon)
            if is_short(floor.value) and _are_floored(evidence.only(~evidence.extreme), j, floor.value, per):
                other = evidence.names[j]
                return f"The denominators of −{other}/{name}{per} and (1 − {other})/(1 − {name}){per} are floored at {floor.words}"
    return None


def _are_floored(rows: Evidence, j: int, floor: float, per: str) -> bool:
    x, y = rows.x, rows.values[j]
    assert y is not None
    size = 1 / rows.size if per else 1.0
    terms = ((y * size, x, 1.0), ((1 - y) * size, 1 - x, -1.0))
    with np.errstate(all="ignore"):
        off = sum((sign * (weight / q - weight / np.maximum(q, floor)) for weight, q, sign in terms), np.zeros_like(x))
        lost = NEARLY * sum((np.abs(weight / q) for weight, q, _ in terms), np.zeros_like(x))
    return bool(np.all(np.abs(rows.got - rows.true - off) <= rows.slack + lost))


def _floor_of_logarithms(rows: Evidence, y: Floats, opposite: Floats) -> Interval | None:
    """ε, as every wrong row tells it: those with x below ½ of the one term, the others of the other."""
    low = rows.x < 0.5
    q, weight = np.where(low, rows.x, 1 - rows.x), np.where(low, y, opposite)
    off = np.where(low, 1.0, -1.0) * (rows.got - rows.true)
    with np.errstate(all="ignore"):
        kept = weight / q - off  # what is left of the term: weight/ε
        middle = weight / kept
        half = np.abs(middle) * (NEARLY + (rows.slack + NEARLY * np.abs(weight / q)) / np.abs(kept))
    found = common(rows, middle, half)
    return found if found is not None and not np.any(q > found.high * (1 + 1e-6)) else None


def _denominators(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    with np.errstate(all="ignore"):
        for name, v in zip(evidence.names, evidence.values, strict=True):
            if v is not None:
                yield from ((words.format(v=name), ONE[words](v)) for words in BENEATH)
        yield from of_the_whole(evidence)


def _floor(evidence: Evidence, q: Floats) -> Interval | None:
    """ε, where every wrong row tells the same, and every right one has more."""
    told = evidence.wrong & evidence.told_apart(evidence.slack)
    if (
        not enough(evidence, told)
        or np.any(q[told] <= 0)
        or not np.isfinite(q[told]).all()
        or np.any(evidence.got[told] == 0)
    ):
        return None
    rows = evidence.only(told)
    with np.errstate(all="ignore"):
        ratio = rows.true / rows.got
        if np.any(ratio <= 1):
            return None
        middle = q[told] * ratio
        half = middle * (NEARLY + rows.slack_of_a_multiple / np.abs(rows.got))
    found = common(rows, middle, half)
    if found is None:
        return None
    others = evidence.comparable & ~told & ~evidence.neutral
    high = others & (q >= found.low * (1 - NEARLY))
    low = others & ~high & (q < found.high * (1 - 1e-6)) & ~evidence.invisible
    return found if not low.any() and enough(evidence, high) and len(np.unique(q[told])) > 1 else None
