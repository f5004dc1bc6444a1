"""Whether a vector lies in the convex hull of others, told by a plane between them: what a solver returns is checked by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: What the gap that the solver returns may be off by, relative, for each component: ten times its own feasibility tolerance.
FEASIBLE = 1e-6
#: Points whose middles are tried before the solver is asked.
MOST_PAIRED = 48
#: Units of rounding of a sum of n products of floats, per product.
SUM_UNITS = 2.0


@dataclass(frozen=True, eq=False)
class Plane:
    """r with r·g > max r·m for all points m, by more than the allowed errors: g is outside of their hull.

    gap: how far, after what is allowed; support: max r·m; chosen: whether the solver chose r, which then suits the points found;
    axis: the one component that r looks at, None for several.
    """

    normal: Floats
    gap: float
    support: float
    chosen: bool = False
    axis: int | None = None


class Unsolved(Exception):
    """The solver found no plane that holds, and none that shows that there is none."""


def separate(points: Floats, g: Floats, allowed: Floats) -> Plane | None:
    """A plane between g and the hull of the points (rows), None where g is inside or as near as `allowed` (componentwise).

    By the sum, by the components, and by a linear programme: max r·g − t with r·m ≤ t for all m, −1 ≤ r ≤ 1 (in units of the
    largest entries). Whatever r comes out is a plane or is none: that takes no trust. Raises Unsolved.
    """
    plane = _checked(points, g, allowed, np.ones(len(g))) or _checked(points, g, allowed, -np.ones(len(g)))
    if plane is None or len(g) == 1:
        plane = _by_components(points, g, allowed)
    if plane is not None or len(g) == 1 or _is_point_or_middle(points, g, allowed):
        return plane
    return _by_programme(points, g, allowed)


def _by_components(points: Floats, g: Floats, allowed: Floats) -> Plane | None:
    over, under = g - points.max(axis=0), points.min(axis=0) - g
    excess = np.maximum(over, under) - allowed
    k = int(np.argmax(np.where(excess > 0, excess / np.maximum(allowed, np.finfo(np.float64).tiny), -1.0)))
    if not excess[k] > 0:
        return None
    normal = np.zeros(len(g))
    normal[k] = 1.0 if over[k] > under[k] else -1.0
    return Plane(normal, float(excess[k]), float(np.max(points @ normal)), axis=k)


def _checked(points: Floats, g: Floats, allowed: Floats, normal: Floats) -> Plane | None:
    """The plane of this normal if it separates, the rounding of the products allowed for."""
    support = float(np.max(points @ normal))
    sizes = np.maximum(np.max(np.abs(points), axis=0), np.abs(g))
    rounding = SUM_UNITS * len(g) * 2.0**-53 * float(np.abs(normal) @ sizes)
    gap = float(normal @ g) - support - float(np.abs(normal) @ allowed) - rounding
    return Plane(normal, gap, support) if gap > 0 else None


def _is_point_or_middle(points: Floats, g: Floats, allowed: Floats) -> bool:
    """Whether g is one of the points, or the middle of two: most gradients are."""
    if np.any(np.all(np.abs(points - g) <= allowed, axis=1)):
        return True
    points = points[:MOST_PAIRED]
    middles = (points[:, None, :] + points[None, :, :]) / 2
    return bool(np.any(np.all(np.abs(middles - g) <= allowed, axis=2)))


def _by_programme(points: Floats, g: Floats, allowed: Floats) -> Plane | None:
    unit = np.maximum(np.max(np.abs(points), axis=0), np.abs(g))
    moving = unit > 0
    unit, scaled, target = unit[moving], points[:, moving] / unit[moving], g[moving] / unit[moving]
    n = len(target)
    if not n:
        return None
    r = _solve(scaled, target)
    if r is None:
        raise Unsolved("no solution of the linear programme")
    normal = np.zeros(len(g))
    with np.errstate(all="ignore"):
        normal[moving] = r / unit
    plane = _checked(points, g, allowed, normal) if np.isfinite(normal).all() else None
    if plane is not None:
        return replace(plane, chosen=True)
    if float(r @ target) - float(np.max(scaled @ r)) <= float(np.abs(r) @ (allowed[moving] / unit)) + n * FEASIBLE:
        return None  # a plane that is none beyond what is allowed: the nearest point of the hull is as near
    raise Unsolved("the solver's answer does not hold")


def _solve(points: Floats, g: Floats) -> Floats | None:
    """The normal of the plane between the points and g that leaves the widest gap, as the solver says."""
    from scipy.optimize import linprog

    m, n = points.shape
    found: Any = linprog(
        np.append(-g, 1.0),
        A_ub=np.hstack([points, -np.ones((m, 1))]),
        b_ub=np.zeros(m),
        bounds=[(-1.0, 1.0)] * n + [(None, None)],
        method="highs",
    )
    if found.status != 0:
        return None
    return np.asarray(found.x[:n], dtype=np.float64)
