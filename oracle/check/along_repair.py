"""A gradient on a domain of which only a function is known that repairs a draw: accused along directions that stay inside alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.search.domains import Domain
from oracle.search.made_inside import repaired

#: A step aside, relative to the largest entry, and the share of a difference that is more than such a step makes of nothing.
STEP, SHARE = 2.0**-20, 2.0**-8
OUTSIDE = (
    "it differs from the truth only along directions that the domain takes back: declare matrices of a kind, or sorted"
)
NOT_KEPT = (
    "it is wrong as a function of all real numbers, and the domain changes what is inside already, so that no direction is known "
    "to stay there: repair only what is outside"
)


def unless_only_outside(found: Finding, domain: Domain, argnum: int) -> Finding:
    """The finding; `undecided` in place of `wrong` where no direction is known that stays inside and along which it is wrong.

    Of a direction d the domain keeps t = (r(x + hd) − r(x))/h, r being the repair: that of the difference from the truth is tried,
    and that of the component that is shown.
    """
    if (
        domain.kind != "repaired"
        or found.verdict is not Verdict.WRONG
        or found.component is None
        or found.truth is None
    ):
        return found
    assert found.got is not None
    x = found.args[argnum]
    if not _is_kept(domain, x):
        return replace(found, verdict=Verdict.UNDECIDED, component=None, how=NOT_KEPT)
    e = np.asarray(found.got, dtype=np.float64) - found.truth.midpoint()
    if not np.isfinite(e).all():
        return found
    e = e / np.max(np.abs(e))
    alone = np.zeros_like(e)
    alone[found.component] = e[found.component]
    for d in (e, alone):
        t = _kept(domain, x, d)
        if t is not None and abs(float(np.sum(e * t))) > SHARE * float(np.sum(e * d)):
            return found
    return replace(found, verdict=Verdict.UNDECIDED, component=None, how=OUTSIDE)


def _is_kept(domain: Domain, x: np.ndarray) -> bool:
    again = repaired(domain, x)
    return again is not None and bool(np.all(np.abs(again - x) <= 2.0**-40 * np.max(np.abs(x), initial=0.0)))


def _kept(domain: Domain, x: np.ndarray, d: np.ndarray) -> np.ndarray | None:
    """What the domain makes of a step along d."""
    h = STEP * (float(np.max(np.abs(x), initial=0.0)) or 1.0)
    here, there = repaired(domain, x), repaired(domain, x + h * d)
    return None if here is None or there is None else np.asarray((there - here) / h)
