"""Fitting one unknown number to every row: each row leaves an interval for it, and all of them must have one in common."""

from __future__ import annotations

import numpy as np

from oracle.diagnosis.evidence import NARROW, Evidence, Floats, Mask
from oracle.diagnosis.number_names import Interval

#: A row tells something about the number where it fixes it to within this part.
TELLING = 0.05
#: Rows, and points, that must tell something before a pattern counts as seen.
LEAST_ROWS, LEAST_POINTS = 3, 2
#: What a user's own formula may lose of its digits, where no number is free to fit it: nobody meets it so closely by chance.
NEARLY = 1e-10
#: A result of a narrow dtype is rounded once, or a few times.
STEPS = (0.5001, 1.5)


def multiple_of(evidence: Evidence, basis: Floats) -> Interval | None:
    """c where got = c · basis in every row; None where no c fits, or too few rows would tell.

    Of a narrow dtype by the rounding of the result alone, where that is enough: it fixes c far better.
    """
    if len(evidence.unit) and np.min(evidence.unit) >= NARROW:
        for steps in STEPS:
            found = fit(evidence, evidence.got, basis, steps * evidence.step)
            if found is not None:
                return found
    return fit(evidence, evidence.got, basis, evidence.slack_of_a_multiple)


def without_silent(evidence: Evidence, basis: Floats) -> tuple[Evidence, Floats]:
    """Without the rows where a multiple of the truth is no number, though the truth is 0 and so is what was got: 0 · 1/0."""
    silent = ~np.isfinite(basis) & evidence.neutral
    return (evidence, basis) if not silent.any() else (evidence.only(~silent), basis[~silent])


def added_to_truth(evidence: Evidence, basis: Floats) -> Interval | None:
    """c where got = truth + c · basis in every row."""
    return fit(evidence, evidence.got - evidence.true, basis, evidence.slack)


def fit(evidence: Evidence, left: Floats, basis: Floats, slack: Floats) -> Interval | None:
    """c where |left − c · basis| ≤ slack in every row. A basis that is not finite fits nothing, save where it overflows at
    extreme arguments: those rows say nothing."""
    lost = ~np.isfinite(basis)
    if not len(left) or not np.isfinite(left).all() or np.any(lost & ~evidence.extreme):
        return None
    if lost.any():
        return fit(evidence.only(~lost), left[~lost], basis[~lost], slack[~lost])
    zero = basis == 0
    if np.any(np.abs(left[zero]) > slack[zero]):
        return None
    some = ~zero
    with np.errstate(all="ignore"):
        middle, half = left[some] / basis[some], np.abs(slack[some] / basis[some])
    return common(evidence.only(some), middle, half)


def common(evidence: Evidence, middle: Floats, half: Floats) -> Interval | None:
    """The intersection of the rows' intervals middle ± half, where it is not empty and enough rows tell."""
    known = np.isfinite(middle) & np.isfinite(half)
    if not known.any():
        return None
    low, high = float(np.max((middle - half)[known])), float(np.min((middle + half)[known]))
    if low > high:
        return None
    telling = known & (half <= TELLING * np.abs(middle))
    return Interval(low, high) if enough(evidence, telling) else None


def enough(evidence: Evidence, rows: Mask) -> bool:
    """Whether so many rows are evidence: at LEAST_POINTS points, and LEAST_ROWS in all."""
    return int(np.count_nonzero(rows)) >= LEAST_ROWS and len(np.unique(evidence.point[rows])) >= LEAST_POINTS


def equals(evidence: Evidence, prediction: Floats, slack: Floats | None = None) -> bool:
    """Whether got is the prediction in every row, and enough of the wrong ones are so wrong that it explains something."""
    slack = evidence.slack if slack is None else slack
    if not len(prediction) or not np.isfinite(prediction).all():
        return False
    off = np.abs(evidence.got - prediction)
    room = slack + UNIT_ROOM * evidence.unit * np.abs(prediction)
    return bool(np.all(off <= room)) and enough(evidence, evidence.wrong & evidence.told_apart(slack))


def is_formula(evidence: Evidence, prediction: Floats) -> bool:
    """Whether got is a formula without a free number in every row, to what such a formula may lose of its digits."""
    lost = ~np.isfinite(prediction)
    if np.any(lost & ~evidence.extreme & ~evidence.neutral):
        return False
    rows = evidence.only(~lost) if lost.any() else evidence
    expected = prediction[~lost]
    room = rows.slack_of_a_multiple + NEARLY * np.abs(expected)
    off = np.abs(rows.got - expected)
    return len(off) > 0 and bool(np.all(off <= room)) and enough(rows, rows.wrong & rows.told_apart(room))


UNIT_ROOM = 8.0
