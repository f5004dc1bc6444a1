"""Words and numbers of the other side: a harmless line in the report, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from oracle.backends.words import MOST_QUOTED, printable, quoted, told

Conform = Callable[..., Result]
Report = Callable[..., tuple[int, dict[str, Any]]]
Program = Callable[[str], str]


@pytest.mark.longer
def test_names_and_words_are_one_harmless_line(conform: Conform, program: Program) -> None:
    for way in ("injects", "injects_name"):
        for more in ((), ("--json",)):
            result = conform("--command", program(way), *more, heads=("tanh+quadratic",))
            assert "\x1b" not in result.output
            assert "\nverdict: right" not in result.stdout.replace("\nverdict: right (", "", 1)
            assert max(map(len, result.stdout.splitlines())) < 2000
            assert result.exit_code == (1 if way == "injects" else 0)


@pytest.mark.parametrize("way", ["many_axes", "huge_shape", "surrogates", "no_layers"])
def test_odd_replies_are_no_crash(way: str, report: Report, program: Program) -> None:
    code, data = report("--command", program(way), heads=("tanh+quadratic",))
    assert code == (2 if way == "surrogates" else 1)
    words = {
        "many_axes": ("broken", "answer: "),
        "huge_shape": ("broken", "answer: "),
        "surrogates": ("skipped", r"\ud800"),
        "no_layers": ("wrong", "nabla_w is 0 arrays"),
    }
    assert data["results"][0]["outcome"] == words[way][0]
    assert words[way][1] in data["results"][0]["words"] or way in ("many_axes", "huge_shape")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain wörds ∂C", "plain wörds ∂C"),
        ("two\nlines\r\n\tand tabs", "two lines and tabs"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\ud800 \u202e\u2028 \x85", r"\ud800 \u202e"),
        ("", ""),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).encode() == shown.encode()  # what no file could hold would raise


def test_length_is_bounded() -> None:
    assert len(printable("x" * 10_000_000)) < MOST_QUOTED + 3
    assert len(printable("\x00" * 10_000)) < 4 * MOST_QUOTED + 3
    assert len(quoted("\x00" * 10_000)) < 400
    assert len(told(ValueError("x" * 10_000))) < 400
