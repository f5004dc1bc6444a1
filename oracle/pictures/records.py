"""σ and σ′ of an activation, with its kink; C and ∇C of a cost against one output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

import manualbp
from oracle.pictures.axes import Axes, plain, sampled
from oracle.pictures.canvas import BACKWARD, FORWARD, Canvas

#: Which expected outputs are shown, by the domain of E: the second one dashed.
EXPECTED = {
    "real": (0.0,),
    "sign": (1.0, -1.0),
    "closed_unit": (1.0, 0.0),
    "closed_simplex": (1.0, 0.5),
    "nonnegative": (1.0, 0.0),
    "positive": (1.0, 0.5),
}
#: The window of a, by its domain.
WINDOW = {"real": (-3.0, 3.0), "unit": (0.0, 1.0), "positive": (0.0, 3.0)}
DASH = "6 4"


def activation(name: str) -> str:
    record = manualbp.ACTIVATIONS[name]
    low, high = (-4.0, 4.0)
    xs, ys = sampled(record.sigma, low, high)
    bottom, top = heights(np.concatenate([ys, record.sigma_prime(xs)]), at_most=3)
    canvas = Canvas(520, 280, f"{name}: sigma and its derivative for z from −4 to 4{at_kinks(record)}.")
    axes = Axes(canvas, (40, 34), 460, 206, (low, high), (bottom, top))
    axes.frame((-4, -2, 0, 2, 4), ticks(bottom, top))
    legend(canvas, ((f"σ, {name}", FORWARD, ""), ("σ′", BACKWARD, "")))
    axes.curve(xs, ys, FORWARD, 3.5)  # below: where the two are equal, both are seen
    for left, right in zip((low, *record.kinks), (*record.kinks, high), strict=True):
        near = 1e-9 * (right - left)
        axes.curve(*sampled(record.sigma_prime, left + near, right - near), BACKWARD, 1.8)
    for kink in record.kinks:
        canvas.circle(axes.at(kink, value(record.sigma, kink)), 6, FORWARD, filled=True)
        for z in (kink - 1e-9, kink + 1e-9):
            canvas.circle(axes.at(kink, value(record.sigma_prime, z)), 3.5, BACKWARD)
        canvas.circle(axes.at(kink, value(record.sigma_prime, kink)), 3.5, BACKWARD, filled=True)
    return canvas.svg()


def at_kinks(record: manualbp.Activation) -> str:
    if not record.kinks:
        return ""
    places = " and ".join(plain(kink) for kink in record.kinks)
    return f"; at z = {places} sigma has a kink, the derivative jumps, and a filled dot marks the value taken there"


def value(f: Callable[[np.ndarray], np.ndarray], z: float) -> float:
    return float(f(np.array([z]))[0])


def cost(name: str) -> str:
    record = manualbp.COSTS[name]
    low, high = WINDOW[record.a_domain.name]
    expected = EXPECTED[record.e_domain.name]
    named = " and ".join(f"E = {plain(E)}" for E in expected)
    canvas = Canvas(520, 280, f"{name}: the cost C and its derivative against one output a, for {named}.")
    inside = 1e-6 if low == 0 else 0.0
    curves = [
        (sampled(partial(of_one, f, E), low + inside, high - inside, 481), color, dash, f"{what}, E = {plain(E)}")
        for E, dash in zip(expected, ("", DASH), strict=False)
        for f, color, what in ((record.C, FORWARD, "C"), (record.nabla_a, BACKWARD, "∂C/∂a"))
    ]
    bottom, top = heights(np.concatenate([ys for (_, ys), *_ in curves]), at_most=4)
    axes = Axes(canvas, (40, 34), 460, 206, (low, high), (bottom, top))
    axes.frame(ticks(low, high), ticks(bottom, top))
    legend(canvas, [(label, color, dash) for _, color, dash, label in curves])
    for (xs, ys), color, dash, _ in curves:
        axes.curve(xs, ys, color, dash=dash)
    return canvas.svg()


def of_one(f: Callable[[np.ndarray, np.ndarray], np.ndarray], E: float, a: np.ndarray) -> np.ndarray:
    """A cost or its derivative for one output: the samples of a batch are the points of the curve."""
    return np.asarray(f(a[np.newaxis], np.full((1, len(a)), E))).reshape(-1)


def heights(values: np.ndarray, at_most: float) -> tuple[float, float]:
    """The lowest and the highest value that are shown, with a little room."""
    finite = np.clip(values[np.isfinite(values)], -at_most, at_most)
    bottom, top = min(float(finite.min()), 0.0), max(float(finite.max()), 1.0)
    room = 0.06 * (top - bottom)
    return bottom - room, top + room


def ticks(low: float, high: float) -> Sequence[float]:
    """Whole numbers, or halves in a narrow window."""
    unit = next(u for u in (0.25, 0.5, 1.0, 2.0) if (high - low) / u <= 8)
    return [k * unit for k in range(int(np.ceil(low / unit)), int(np.floor(high / unit)) + 1)]


def legend(canvas: Canvas, entries: Sequence[tuple[str, str, str]]) -> None:
    for k, (label, color, dash) in enumerate(entries):
        x = 30 + 122 * k
        canvas.line((x, 17), (x + 20, 17), color, 2, dash)
        canvas.formula((x + 25, 21), label, color, anchor="start", size=13)
