"""Where a gradient is wrong, by a threshold: it is found by bisection between a wrong point and a right one, with fresh calls.

Many quantities tell a few wrong rows from a few right ones. The one that decides is the one whose value, on several paths from
wrong to right, is the same where the verdict turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats, Mask
from oracle.diagnosis.fresh_domains import Inside
from oracle.diagnosis.number_names import is_short, simplest_decimal
from oracle.diagnosis.places import Place, is_where
from oracle.diagnosis.quantities import Args, Quantity, tabulated
from oracle.diagnosis.turning_points import IsWrong, Search, Turn, exceeds, limited

#: Paths from wrong to right that are bisected.
PATHS = 3
#: Fresh points that are judged in one search.
MOST_POINTS = 260
#: A threshold is known to within this part, or it is none.
SHARP = 1e-3
#: Quantities that are tried for two thresholds.
MOST_BETWEEN = 3


def threshold_place(
    evidence: Evidence,
    wrong: Mask,
    neutral: Mask,
    parameters: Mapping[str, float],
    inside: Inside,
    is_wrong: IsWrong | None = None,
) -> Place | None:
    """The quantity and the threshold beyond which the wrong rows lie, or the two thresholds between which they do."""
    right = ~wrong & ~neutral
    if len(np.unique(evidence.point[wrong])) < 2 or not right.any():
        return None
    tables = [(q, v, _side(v, wrong, right)) for q, v in tabulated(evidence)]
    search = Search(evidence, wrong, inside, limited(is_wrong or exceeds, MOST_POINTS))
    if any(side in (BELOW, ABOVE) for _, _, side in tables):
        turns = search.turns(right, PATHS)
        for quantity, values, side in tables:
            limit = _shared(quantity, turns) if side in (BELOW, ABOVE) else None
            if limit is None or not (is_short(limit) or search.jumps(turns)):
                continue
            for sign, rows in (
                (BELOW, values < limit),
                (ABOVE, values > limit),
                ("≤", values <= limit),
                ("≥", values >= limit),
            ):
                if is_where(evidence, rows, wrong, neutral):
                    return Place(f"where {quantity.words} {sign} {_words(limit, parameters)}", rows)
        return None
    for quantity, values, side in [t for t in tables if t[2] in (BETWEEN, OUTSIDE)][:MOST_BETWEEN]:
        place = _two_sided(quantity, values, side == BETWEEN, search, right, neutral, parameters)
        if place is not None:
            return place
    return None


def _two_sided(
    quantity: Quantity,
    values: Floats,
    between: bool,
    search: Search,
    right: Mask,
    neutral: Mask,
    parameters: Mapping[str, float],
) -> Place | None:
    """The two thresholds between which, or beyond which, the wrong rows lie; or the one that is sharp."""
    inner = search.wrong if between else right
    low_end, high_end = values[inner].min(), values[inner].max()
    limits = []
    for sign in (-1.0, 1.0):
        beyond = sign * values > (high_end if sign > 0 else -low_end)
        wrong = search.wrong if between else search.wrong & beyond
        reach = (low_end, high_end)
        if between:
            reach = (high_end, np.inf) if sign > 0 else (-np.inf, low_end)
        turns = replace(search, wrong=wrong).turns(
            right & beyond if between else right, 2, partial(_reaches, quantity, reach)
        )
        limits.append(_shared(quantity, turns))
    low, high = limits
    q, evidence = quantity.words, search.evidence
    if low is not None and high is not None and is_short(low) and is_short(high):
        within = (values > low) & (values < high)
        rows = within if between else ~within
        words = f"{_words(low, parameters)} < {q} < {_words(high, parameters)}"
        words = words if between else f"not {words}"
        return Place(f"where {words}", rows) if is_where(evidence, rows, search.wrong, neutral) else None
    for limit, begins, rows in ((low, "begins", values >= low_end), (high, "ends", values <= high_end)):
        if between and limit is not None and is_short(limit):
            return Place(
                f"in a range that {begins} at {q} = {_words(limit, parameters)}",
                search.wrong & rows,
            )
    return None


def _reaches(quantity: Quantity, reach: tuple[float, float], args: Args, k: int) -> bool:
    return reach[0] <= quantity.of(args, k) <= reach[1]


BELOW, ABOVE, BETWEEN, OUTSIDE = "<", ">", "between", "outside"


def _side(values: Floats, wrong: Mask, right: Mask) -> str | None:
    """On which side of all right rows the wrong ones lie."""
    right = right & ~np.isnan(values)
    if np.isnan(values[wrong]).any() or not right.any():
        return None
    low, high = values[wrong].min(), values[wrong].max()
    if high < values[right].min():
        return BELOW
    if low > values[right].max():
        return ABOVE
    if not np.any((values[right] >= low) & (values[right] <= high)):
        return BETWEEN
    least, most = values[right].min(), values[right].max()
    return None if np.any((values[wrong] >= least) & (values[wrong] <= most)) else OUTSIDE


def _shared(quantity: Quantity, turns: Sequence[Turn]) -> float | None:
    """The simplest number at which the quantity turns on every path, where there is one."""
    if len(turns) < 2:
        return None
    low, high = -np.inf, np.inf
    with np.errstate(all="ignore"):
        for turn in turns:
            ends = sorted((quantity.of(turn.wrong, turn.component), quantity.of(turn.right, turn.component)))
            room = 1e-9 * max(abs(ends[0]), abs(ends[1]))
            low, high = max(low, ends[0] - room), min(high, ends[1] + room)
    if not low <= high or (high - low) > SHARP * max(abs(low), abs(high)):
        return None
    return simplest_decimal(float(low), float(high))


def _words(limit: float, parameters: Mapping[str, float]) -> str:
    """A threshold, with the name that the code gives it."""
    names = [name for name, value in parameters.items() if value == limit]
    return f"{limit:g} (= {names[0]})" if names else f"{limit:.12g}"
