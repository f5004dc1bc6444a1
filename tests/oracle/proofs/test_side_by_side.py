"""Pages checked in several processes: the same reports, whatever the number of processes."""

import shutil
from pathlib import Path

import pytest

from oracle.proofs.page_check import check_pages
from oracle.workers.executors import Where

PAGES = Path(__file__).parents[3] / "proofs"
NAMES = ("20-costs-poisson", "20-costs-quadratic", "30-activations-arctan", "30-activations-identity")


@pytest.mark.longer
@pytest.mark.skipif(not PAGES.is_dir(), reason="the pages are not installed")
def test_what_is_said_of_a_page_does_not_depend_on_the_processes(tmp_path: Path) -> None:
    paths = [Path(shutil.copy(PAGES / f"{name}.md", tmp_path)) for name in NAMES]
    wrong = paths[2]
    text = wrong.read_text(encoding="utf-8")
    assert r"\frac{1}{1 + z^2}" in text
    wrong.write_text(text.replace(r"\frac{1}{1 + z^2}", r"\frac{2}{1 + z^2}", 1), encoding="utf-8")
    one, two = (check_pages(paths, where=Where(count)) for count in (1, 2))
    for alone, beside in zip(one, two, strict=True):
        assert (alone.file, alone.equations, alone.problems) == (beside.file, beside.equations, beside.problems)
        assert len(alone.boxes) == len(beside.boxes)
    assert [report.problems != [] for report in two] == [False, False, True, False]
