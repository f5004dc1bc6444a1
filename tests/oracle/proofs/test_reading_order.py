"""Pages of one's own are read after those whose tags they cite, however they are named and given."""

from pathlib import Path

import pytest

from oracle.proofs.page_check import check_pages
from oracle.proofs.reading_order import by_citations, with_earlier_pages

from .page import aligned, math

SQUARE = math(
    aligned(r"(x - 1)^2 &= x^2 - 2 x + 1 && \text{(algebra)}"), r"\boxed{(x - 1)^2 = x^2 - 2 x + 1} \tag{SQUARE}"
)
CITES = math(aligned(r"(x - 1)^2 + y &= x^2 - 2 x + 1 + y && \text{(SQUARE)}"))


def written(folder: Path, name: str, text: str) -> Path:
    page = folder / name
    page.write_text(f"<!-- subject: kinks -->\n{text}", encoding="utf-8")
    return page


@pytest.mark.parametrize(
    ("names", "turned"),
    [
        (("beta.md", "alpha.md"), True),
        pytest.param(("beta.md", "alpha.md"), False, marks=pytest.mark.longer),
        pytest.param(("alpha.md", "beta.md"), True, marks=pytest.mark.longer),
    ],
)
def test_a_page_comes_after_what_it_cites(names: tuple[str, str], turned: bool, tmp_path: Path) -> None:
    pages = [written(tmp_path, names[0], SQUARE), written(tmp_path, names[1], CITES)]
    reports = check_pages(pages[::-1] if turned else pages)
    assert [problem.message for report in reports for problem in report.problems] == []


def test_pages_that_cite_each_other_stay_as_they_are_given(tmp_path: Path) -> None:
    one = written(tmp_path, "one.md", r"\text{(B)} \tag{A}")
    other = written(tmp_path, "other.md", r"\text{(A)} \tag{B}")
    assert by_citations([one, other, one]) == [one, other]
    assert by_citations([other, one]) == [other, one]


def test_what_a_page_boxes_itself_is_cited_from_no_other(tmp_path: Path) -> None:
    one = written(tmp_path, "one.md", r"\text{(A)} \tag{A}")
    other = written(tmp_path, "other.md", r"\tag{A}")
    assert by_citations([one, other]) == [one, other]


def test_the_book_comes_first_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    later, first = written(tmp_path, "02-later.md", ""), written(tmp_path, "01-first.md", "")
    own = written(tmp_path, "a.md", "")
    assert with_earlier_pages([own, later], list) == [first, later, own]
    assert with_earlier_pages([own], list) == [own]
    citing = written(tmp_path, "b.md", r"\text{(BP1)}")
    assert with_earlier_pages([citing, own], list) == [first, later, citing, own]
