"""Lines, circles and formulas on a transparent ground, in tones that can be read on white and on black alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

#: Middle tones: each stands out from white and from GitHub's dark ground (contrast of 3.4 to 1 or better on both).
INK, FAINT = "#7a828e", "#7a828e55"
FORWARD, BACKWARD, THIRD, FOURTH = "#3b82c4", "#d9622b", "#3a9a5b", "#9a6ac4"
SIZE = 17
#: How wide a letter of a formula is, in font sizes: enough to put an index below an exponent.
LETTER, NARROW, WIDE = 0.5, 0.31, 0.7
FORMULA = re.compile(r"([_^])\{([^}]*)\}")

Point = tuple[float, float]


@dataclass
class Canvas:
    """A picture in the making. title: what it shows, for those who cannot see it."""

    width: float
    height: float
    title: str
    parts: list[str] = field(default_factory=list)

    def line(self, start: Point, end: Point, color: str = INK, thick: float = 1.5, dash: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        ends = f'x1="{number(start[0])}" y1="{number(start[1])}" x2="{number(end[0])}" y2="{number(end[1])}"'
        self.parts.append(f'<line {ends} stroke="{color}" stroke-width="{number(thick)}"{dashed}/>')

    def arrow(self, start: Point, end: Point, color: str = INK, thick: float = 1.8) -> None:
        """A line with a head at its end."""
        along = end[0] - start[0], end[1] - start[1]
        length = (along[0] ** 2 + along[1] ** 2) ** 0.5
        u, v = along[0] / length, along[1] / length
        neck = end[0] - 9 * u, end[1] - 9 * v
        self.line(start, neck, color, thick)
        head = (end, (neck[0] - 4.5 * v, neck[1] + 4.5 * u), (neck[0] + 4.5 * v, neck[1] - 4.5 * u))
        self.parts.append(f'<polygon points="{pairs(head)}" fill="{color}"/>')

    def curve(self, points: Sequence[Point], color: str, thick: float = 2, dash: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline points="{pairs(points)}" fill="none" stroke="{color}" stroke-width="{number(thick)}" '
            f'stroke-linejoin="round"{dashed}/>'
        )

    def circle(self, at: Point, radius: float, color: str = INK, filled: bool = False, thick: float = 1.8) -> None:
        fill = color if filled else "none"
        place = f'cx="{number(at[0])}" cy="{number(at[1])}" r="{number(radius)}"'
        self.parts.append(f'<circle {place} fill="{fill}" stroke="{color}" stroke-width="{number(thick)}"/>')

    def box(self, corner: Point, width: float, height: float, color: str = INK, filled: bool = False) -> None:
        place = f'x="{number(corner[0])}" y="{number(corner[1])}" width="{number(width)}" height="{number(height)}"'
        fill = f'fill="{color}"' if filled else f'fill="none" stroke="{color}" stroke-width="1.5" rx="4"'
        self.parts.append(f"<rect {place} {fill}/>")

    def words(self, at: Point, text: str, color: str = INK, anchor: str = "middle", size: float = SIZE - 3) -> None:
        """Plain words, upright."""
        self._text(at, escape(text), color, anchor, size, "sans-serif", "normal")

    def formula(self, at: Point, text: str, color: str = INK, anchor: str = "middle", size: float = SIZE) -> None:
        """A formula in italics; `w^{2}_{jk}` sets the index below the exponent."""
        self._text(at, formula(text, size), color, anchor, size, "STIX Two Text, Cambria, Georgia, serif", "italic")

    def _text(self, at: Point, inside: str, color: str, anchor: str, size: float, family: str, style: str) -> None:
        place = f'x="{number(at[0])}" y="{number(at[1])}" text-anchor="{anchor}"'
        font = f'font-family="{family}" font-size="{number(size)}" font-style="{style}"'
        self.parts.append(f'<text {place} {font} fill="{color}">{inside}</text>')

    def svg(self) -> str:
        size = f'width="{number(self.width)}" height="{number(self.height)}"'
        view = f'viewBox="0 0 {number(self.width)} {number(self.height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} role="img">'
        return "\n".join((head, f"<title>{escape(self.title)}</title>", *self.parts, "</svg>")) + "\n"


def formula(text: str, size: float) -> str:
    """The formula as `tspan`s. An index stands below the exponent before it; letters of Greek and digits are as they are."""
    found, at, raised, before = [], 0, 0.0, ""
    for match in FORMULA.finditer(text):
        between = text[at : match.start()]
        if between:
            found.append(shifted(between, -raised, 0, size))
            raised, before = 0.0, ""
        sign, content = match.groups()
        height = -0.42 * size if sign == "^" else 0.3 * size
        back = -0.72 * size * breadth(before) if before else 0
        found.append(shifted(content, height - raised, back, 0.72 * size))
        raised, at = height, match.end()
        before = "" if before else content
    if text[at:]:
        found.append(shifted(text[at:], -raised, 0, size))
    return "".join(found)


def breadth(text: str) -> float:
    return sum(NARROW if letter in "ijlt,′" else WIDE if letter in "+−=mLW" else LETTER for letter in text)


def shifted(text: str, down: float, right: float, size: float) -> str:
    moves = (f' dy="{number(down)}"' if down else "") + (f' dx="{number(right)}"' if right else "")
    return f'<tspan{moves} font-size="{number(size)}">{escape(text)}</tspan>'


def pairs(points: Sequence[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def number(value: float) -> str:
    """To a tenth of a pixel, so that the last bits of a run leave no trace."""
    return (
        f"{value + 0.0:.1f}".removesuffix(".0").replace("-0", "0")
        if abs(value) < 0.05
        else f"{value:.1f}".removesuffix(".0")
    )
