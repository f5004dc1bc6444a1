"""oracle/check/REPORTS.md shows what the command prints: each file on it is run, and the output compared.

Run as a script, it writes the outputs anew; the difference is then for a reader to judge.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import oracle
from oracle.cli import main

PAGE = Path(oracle.__file__).parent / "check" / "REPORTS.md"
SECTION = re.compile(
    r"^## (?P<title>\w+)\n.*?^`(?P<file>\w+\.py)`:\n\n```python\n(?P<source>.*?)^```\n\n"
    r"```console\n\$ manualbp (?P<command>.*?)\n(?P<output>.*?)^\$ echo \$\?\n(?P<code>\d)\n```",
    re.MULTILINE | re.DOTALL,
)
SECTIONS = {found["title"]: found for found in SECTION.finditer(PAGE.read_text(encoding="utf-8"))}


def run(found: re.Match[str], directory: Path) -> Result:
    (directory / found["file"]).write_text(found["source"], encoding="utf-8")
    with contextlib.chdir(directory):
        return CliRunner().invoke(main, found["command"].split(), prog_name="manualbp")


def without_times(text: str) -> str:
    """Nor with the numbers that a random function happened to give: how often it was called before is no part of the report."""
    text = re.sub(r"\d+(\.\d+)? (s|seconds)\b", "… s", text)
    return re.sub(r"same arguments: [\d.]+, then [\d.]+", "same arguments: …, then …", text)


def test_the_page_has_the_four_verdicts() -> None:
    assert [(title, found["code"]) for title, found in SECTIONS.items()] == [
        ("Right", "0"),
        ("Wrong", "1"),
        ("Inaccurate", "3"),
        ("Undecided", "4"),
    ]


@pytest.mark.parametrize("title", SECTIONS)
def test_a_report_is_what_the_command_prints(title: str, tmp_path: Path) -> None:
    found = SECTIONS[title]
    result = run(found, tmp_path)
    assert without_times(result.stdout) == without_times(found["output"])
    assert (result.stderr, result.exit_code) == ("", int(found["code"]))


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for section in reversed(SECTIONS.values()):
        with tempfile.TemporaryDirectory() as directory:
            text = (
                text[: section.start("output")] + run(section, Path(directory)).stdout + text[section.end("output") :]
            )
    PAGE.write_text(text, encoding="utf-8")
