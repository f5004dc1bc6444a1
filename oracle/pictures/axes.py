"""Coordinates: a frame with ticks, and curves in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from oracle.pictures.canvas import FAINT, INK, Canvas, Point

MARGIN = 34
TICK = 12


@dataclass(frozen=True)
class Axes:
    """A part of a canvas in which x and y mean numbers. corner: its upper left; low, high: of x and of y."""

    canvas: Canvas
    corner: Point
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    log_x: bool = False

    def at(self, x: float, y: float) -> Point:
        (left, right), (low, high) = self.x, self.y
        share = np.log(x / left) / np.log(right / left) if self.log_x else (x - left) / (right - left)
        return self.corner[0] + share * self.width, self.corner[1] + (high - y) / (high - low) * self.height

    def frame(self, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> None:
        """Thin lines at the ticks, with their numbers; the axes where they are zero."""
        for tick in x_ticks:
            bottom, top = self.at(tick, self.y[0]), self.at(tick, self.y[1])
            self.canvas.line(bottom, top, INK if tick == 0 and not self.log_x else FAINT, 1)
            self.canvas.words((bottom[0], bottom[1] + 16), plain(tick), size=TICK)
        for tick in y_ticks:
            left, right = self.at(self.x[0], tick), self.at(self.x[1], tick)
            self.canvas.line(left, right, INK if tick == 0 else FAINT, 1)
            self.canvas.words((left[0] - 7, left[1] + 4), plain(tick), anchor="end", size=TICK)

    def curve(self, xs: np.ndarray, ys: np.ndarray, color: str, thick: float = 2, dash: str = "") -> None:
        """The curve where it lies within the frame; it breaks where it leaves."""
        inside: list[Point] = []
        margin = 1e-9 + 0.001 * (self.y[1] - self.y[0])
        for x, y in zip(xs, ys, strict=True):
            if self.x[0] <= x <= self.x[1] and self.y[0] - margin <= y <= self.y[1] + margin:
                inside.append(self.at(float(x), float(y)))
            elif inside:
                self._draw(inside, color, thick, dash)
                inside = []
        self._draw(inside, color, thick, dash)

    def _draw(self, points: Sequence[Point], color: str, thick: float, dash: str) -> None:
        if len(points) > 1:
            self.canvas.curve(straightened(points), color, thick, dash)


def straightened(points: Sequence[Point], within: float = 0.08) -> list[Point]:
    """Without the points that lie on the line between those that stay (Douglas and Peucker): straight parts cost nothing."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    length = np.hypot(x1 - x0, y1 - y0)
    if length:
        away = [abs((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / length for x, y in points]
    else:  # a closed curve
        away = [np.hypot(x - x0, y - y0) for x, y in points]
    k = int(np.argmax(away))
    if away[k] <= within:
        return [points[0], points[-1]]
    return [*straightened(points[: k + 1], within)[:-1], *straightened(points[k:], within)]


def sampled(
    f: Callable[[np.ndarray], np.ndarray], low: float, high: float, count: int = 241
) -> tuple[np.ndarray, np.ndarray]:
    xs = np.linspace(low, high, count)
    with np.errstate(all="ignore"):  # outside of its domain a function has no value, and the curve a gap
        return xs, f(xs)


def plain(tick: float) -> str:
    return f"{tick:,g}".replace("-", "−").replace(",", " ")
