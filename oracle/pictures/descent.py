"""The bowl x² + y² from above, and the steps from (−2, 4) down to its bottom."""

from __future__ import annotations

import itertools

import numpy as np

from manualbp import descent
from oracle.pictures.axes import Axes
from oracle.pictures.canvas import BACKWARD, FAINT, FORWARD, Canvas


def bowl() -> str:
    canvas = Canvas(
        520,
        440,
        "The bowl x squared plus y squared from above: circles of equal height around the bottom at (0, 0). From (−2, 4) the "
        "gradient (−4, 8) points uphill; three steps with eta = 1/4 lead to (−1, 2), (−0.5, 1) and (−0.25, 0.5).",
    )
    axes = Axes(canvas, (44, 14), 460, 386, (-6, 5), (-1.6, 7.63))
    axes.frame((-6, -4, -2, 0, 2, 4), (0, 2, 4, 6))
    angles = np.linspace(0, 2 * np.pi, 181)
    for height in (1.25, 5, 20, 45):
        r = height**0.5
        axes.curve(r * np.cos(angles), r * np.sin(angles), FAINT, 1.5)
        if 2 < height < 40:
            x, y = axes.at(r * np.cos(0.62), r * np.sin(0.62))
            canvas.words((x + 4, y - 4), f"f = {height}", anchor="start", size=12)
    points = descent.descend(lambda p: 2 * p, (-2, 4), eta=0.25, steps=3)
    for start, end in itertools.pairwise(points):
        canvas.arrow(axes.at(*start), axes.at(*end), FORWARD, 2.2)
    for point in points:
        canvas.circle(axes.at(*point), 3.5, FORWARD, filled=True)
    canvas.arrow(axes.at(-2, 4), axes.at(-3.5, 7), BACKWARD, 2.2)
    x, y = axes.at(-3.5, 7)
    canvas.formula((x + 16, y + 2), "∇f, uphill", BACKWARD, anchor="start")
    x, y = axes.at(-2, 4)
    canvas.formula((x - 10, y + 4), "(−2, 4)", FORWARD, anchor="end")
    x, y = axes.at(-1, 2)
    canvas.formula((x - 10, y + 4), "(−1, 2)", FORWARD, anchor="end")
    x, y = axes.at(-1.5, 3)
    canvas.formula((x + 12, y), "−η ∇f, with η = ¼", FORWARD, anchor="start")
    return canvas.svg()
