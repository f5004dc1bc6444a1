"""The pages are one book: numbered, each leading to the next, from the first to the last."""

import re
from pathlib import Path

import pytest

PAGES = {path.name: path for path in sorted((Path(__file__).parents[3] / "proofs").glob("[0-9]*.md"))}
TITLE = re.compile(r"^# (\d+)(\.\d+)?\.? (.+)$", re.MULTILINE)
pytestmark = pytest.mark.skipif(not PAGES, reason="the pages are not installed")


def title(name: str) -> str:
    match = TITLE.search(PAGES[name].read_text(encoding="utf-8"))
    assert match, f"{name} has no numbered title"
    return match.group(0).removeprefix("# ")


@pytest.mark.parametrize("name", PAGES)
def test_the_title_has_the_number_of_the_file(name: str) -> None:
    assert int(title(name).split(".")[0]) == int(name[:2])


def test_no_number_is_given_twice() -> None:
    numbers = [title(name).split(" ")[0] for name in PAGES]
    assert len(set(numbers)) == len(numbers)


def test_next_leads_through_all_pages_in_order() -> None:
    name, passed = "00-before.md", []
    while name in PAGES and name not in passed:
        passed.append(name)
        last = PAGES[name].read_text(encoding="utf-8").rstrip().rsplit("\n", 1)[-1]
        match = re.fullmatch(r"Next: \[(.+)\]\((.+)\)", last)
        assert match, f"{name} does not say at its end what comes next"
        said, name = match.groups()
        if name in PAGES:
            assert said == title(name)
    assert name == "formal/README.md"
    assert set(passed) == set(PAGES)
    assert passed == sorted(passed, key=lambda page: number(title(page)))


def number(said: str) -> tuple[int, int]:
    major, _, minor = said.split(" ")[0].partition(".")
    return int(major), int(minor or 0)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    text = PAGES[name].read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([\w./-]+\.(?:md|svg|py|txt))", text):
        assert (PAGES[name].parent / target).exists(), f"{name} links to {target}"
