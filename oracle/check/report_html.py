"""A report in a notebook: the verdict in colour, then what a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

#: Readable on white and on black.
COLOURS = {"right": "#2e8b57", "wrong": "#d03a3a", "inaccurate": "#c77700", "undecided": "#808080"}


def as_html(verdict: str, text: str, sentences: Sequence[str]) -> str:
    """The first line of a report's text in the verdict's colour, the sentences that matter, and the rest to unfold: unfolded unless
    it is right."""
    first, _, rest = text.partition("\n")
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return (
        f'<div><strong style="color:{COLOURS[verdict]}">{escape(first)}</strong>'
        + (f"<ul>{said}</ul>" if said else "")
        + f"<details{'' if verdict == 'right' else ' open'}><summary>the report</summary><pre>{escape(rest)}</pre></details></div>"
    )
