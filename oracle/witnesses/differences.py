"""The witness for any function of floats: central differences in float64, extrapolated to step zero."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oracle.witnesses.slopes import Domains
from oracle.witnesses.tracing import Array, Traced, as_arguments, double_precision

LEVELS = 10
EPS = float(np.finfo(np.float64).eps)
START_STEPS = (2.0**-3, 2.0**-12)


@dataclass(frozen=True, eq=False)
class Estimate:
    """value ± error, componentwise; the error is an estimate and no bound. NaN ± ∞ where no two levels agree."""

    value: NDArray[np.float64]
    error: NDArray[np.float64]


def differences(
    fn: Callable[..., Any] | Traced,
    args: Sequence[ArrayLike],
    argnums: Sequence[int] = (0,),
    *,
    domains: Domains | None = None,
    scale: float = 1.0,
) -> tuple[Estimate, ...]:
    """(f(x + h e_k) − f(x − h e_k))/2h for h = h₀/2ⁱ, extrapolated by Richardson's tableau: T_ij = T_i,j−1 + (T_i,j−1
    − T_i−1,j−1)/(4ʲ − 1).

    fn: NumPy arrays → scalar, any callable or a trace; JAX code runs in float64. The entry of the tableau that agrees
    best with its neighbours is the value, their distance and the rounding of f the error. Beside the edge of a domain
    the quotients are one-sided (powers of 2 for those of 4).
    domains: one (low, high) per argument, or None; fn is called at no point outside, and at an end only from that end. scale: of
    the first step h₀; where a function is rough, other steps disagree by more than the error that one estimates.
    """
    arrays = as_arguments(args)
    function, by = (fn.fn, fn.argnums) if isinstance(fn, Traced) else (fn, tuple(argnums))
    if domains is not None and len(domains) != len(arrays):
        raise ValueError(f"domains has {len(domains)} entries for {len(arrays)} arguments; give one each, None for any")
    estimates = []
    for argnum in by:
        bounds = (domains[argnum] if domains is not None else None) or (-np.inf, np.inf)
        with double_precision() if "jax" in sys.modules else contextlib.nullcontext():
            found = [_component(function, arrays, argnum, k, bounds, scale) for k in range(arrays[argnum].size)]
        value, error = np.array(found, dtype=np.float64).reshape(-1, 2).T
        shape = arrays[argnum].shape
        estimates.append(Estimate(value.reshape(shape), error.reshape(shape)))
    return tuple(estimates)


def _component(
    fn: Callable[..., Any], args: list[Array], argnum: int, k: int, bounds: tuple[float, float], scale: float
) -> tuple[float, float]:
    x = float(args[argnum].flat[k])

    def value(at: float) -> tuple[float, float]:
        moved = list(args)
        moved[argnum] = args[argnum].copy()
        moved[argnum].flat[k] = at
        result = np.asarray(fn(*moved))
        eps = float(np.finfo(result.dtype).eps) if result.dtype.kind == "f" else EPS
        return float(result), max(eps, EPS)

    best = (np.nan, np.inf)
    for relative in START_STEPS:
        step = scale * relative * (2.0 ** np.frexp(x)[1] if x else 1.0)
        for quotient, base in _quotients(value, x, step, bounds):
            with np.errstate(all="ignore"):
                candidate = extrapolate(quotient, base)
            if candidate[1] < best[1]:
                best = candidate
    return best


Quotients = Sequence[tuple[float, float]]  # (difference quotient, its rounding error) for h, h/2, h/4, …


def _quotients(
    value: Callable[[float], tuple[float, float]], x: float, step: float, bounds: tuple[float, float]
) -> list[tuple[Quotients, int]]:
    """Difference quotients inside the bounds, with the factor by which their error falls when the step is halved."""
    low, high = bounds
    room = min(x - low, high - x)
    if room > 0:
        step = min(step, room / 2)
        steps = [h for h in halved(step) if low < x - h and x + h < high]
        return [([_quotient(value, x - h, x + h) for h in steps], 4)]
    forward = high - x >= x - low
    step = min(step, max(high - x, x - low) / 2)
    if step <= 0:
        return []
    ends = [(x, x + h) if forward else (x - h, x) for h in halved(step)]
    return [([_quotient(value, a, b) for a, b in ends], 2)]


def halved(step: float) -> list[float]:
    """The steps h₀, h₀/2, h₀/4, …"""
    return [step / 2.0**i for i in range(LEVELS)]


def _quotient(value: Callable[[float], tuple[float, float]], a: float, b: float) -> tuple[float, float]:
    if not b > a:
        return np.nan, np.inf
    with np.errstate(all="ignore"):
        (f_a, eps), (f_b, _) = value(a), value(b)
        rounding = eps * (abs(f_a) + abs(f_b)) / (b - a)
        return (f_b - f_a) / (b - a), rounding


def extrapolate(quotients: Quotients, base: int) -> tuple[float, float]:
    """The entry of the tableau that agrees best with its neighbours, and its error; base: the power of ½ by which the error of a
    quotient falls when the step is halved (4 with even powers of h alone). A quotient that is NaN starts the tableau anew."""
    best = (np.nan, np.inf)
    row: list[float] = []
    for quotient, rounding in quotients:
        if not np.isfinite(quotient):
            row = []
            continue
        new = [quotient]
        for j, above in enumerate(row):
            factor = base ** (j + 1) if base == 4 else 2 ** (j + 1)
            new.append(new[j] + (new[j] - above) / (factor - 1))
            error = max(abs(new[-1] - new[-2]), abs(new[-1] - above)) + 2 * rounding
            if error < best[1]:
                best = (new[-1], float(error))
        row = new
    return best
