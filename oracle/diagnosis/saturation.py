"""A result that stops growing: clipped, bounded in norm, or the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from oracle.diagnosis.evidence import Evidence
from oracle.diagnosis.fitting import common, enough, equals
from oracle.diagnosis.number_names import in_digits, name_of


def clipped(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = min(max(truth, low), high), with one of the two bounds or both."""
    high, low = float(np.max(evidence.got)), float(np.min(evidence.got))
    for words, bound, prediction in (
        (f"clipped to ±{high:g}", high, np.clip(evidence.true, -high, high) if high > 0 else None),
        (f"clipped from above at {high:g}", high, np.minimum(evidence.true, high)),
        (f"clipped from below at {low:g}", low, np.maximum(evidence.true, low)),
        (f"clipped to [{low:g}, {high:g}]", low and high, np.clip(evidence.true, low, high)),
    ):
        if prediction is None or not bound or not equals(evidence, prediction):
            continue
        if np.any(evidence.wrong & (prediction == evidence.true)):  # it is wrong where nothing is clipped
            continue
        inside = ~evidence.wrong & ~evidence.neutral
        if enough(evidence, evidence.wrong) and np.count_nonzero(inside) >= 2:
            return f"It is the truth {words}"
    return None


def clipped_norm(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = truth · min(1, c/‖truth‖)."""
    with np.errstate(all="ignore"):
        true_norm = evidence.each(lambda v: np.sqrt(np.sum(v * v)), evidence.true)
        got_norm = evidence.each(lambda v: np.sqrt(np.sum(v * v)), evidence.got)
        apart = evidence.each(lambda v: float(np.any(v > 0)), evidence.wrong.astype(float)) > 0
        if not apart.any() or apart.all():
            return None
        bound = float(np.median(got_norm[apart]))
        prediction = evidence.true * np.minimum(1.0, bound / true_norm)
    if bound > 0 and np.isfinite(prediction).all() and equals(evidence, prediction, evidence.slack * 2):
        interval = common(evidence.only(apart), got_norm[apart], 16 * evidence.unit[apart] * got_norm[apart])
        c = (name_of(interval, parameters) or in_digits(interval)).words if interval else f"{bound:g}"
        return f"It is the truth scaled down to a norm of at most {c}"
    return None


def never_changes(evidence: Evidence) -> str | None:
    """got is the same at every point of one shape, though the truth is not."""
    results: dict[tuple[int, ...], list[int]] = {}
    for n, shape in enumerate(evidence.shapes):
        results.setdefault(shape, []).append(n)
    got = [np.asarray(c.got) for c in evidence.cases]
    several = [group for group in results.values() if len(group) > 1]
    if not several or sum(map(len, several)) < 4:
        return None
    if not all(np.array_equal(got[group[0]], got[n], equal_nan=True) for group in several for n in group):
        return None
    if all(np.all(g == 0) for g in got):
        return "It is 0 everywhere"
    if all(np.all(g == got[0].flat[0]) for g in got):
        return f"It is {float(got[0].flat[0]):g} everywhere, whatever the arguments"
    return "It is the same at every point of one shape: a result that was kept, or one that does not depend on the arguments"
