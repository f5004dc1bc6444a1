"""`manualbp proofs`: exit codes, sentences for bad input, JSON, and whatever is left out."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import manualbp
from oracle.cli import main
from oracle.proofs.claims import differences, lost_pages, missing, requirements
from oracle.proofs.pages import read_page
from oracle.proofs.section import displayed

PAGES = sorted((Path(__file__).parents[3] / "proofs").glob("[0-9]*.md"))
needs_pages = pytest.mark.skipif(not PAGES, reason="the pages are not installed")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["proofs", *arguments])


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("nowhere.md", None, "does not exist"),
        ("binary.md", b"\xff\xfe\x00", "is no text"),
        ("empty.md", b"\n", "is empty"),
        ("prose.md", b"# A page\n\nwithout mathematics\n", "displays no ```math block"),
    ],
)
def test_bad_input(name: str, content: bytes | None, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    result = run(str(path))
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_folder(tmp_path: Path) -> None:
    assert (run(str(tmp_path)).exit_code, "is a folder" in run(str(tmp_path)).stderr) == (2, True)


def test_a_page_without_a_subject(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("```math\nx = x\n```\n")
    result = run(str(tmp_path / "page.md"))
    assert result.exit_code == 1
    assert "page.md:1: says nowhere what it is about" in result.stdout


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        ("$$ 1 = 2 $$", "$$ is not checked: write ```math"),
        ("$$\n1 = 2\n$$", "$$ is not checked: write ```math"),
        ("<p>\n$$ 1 = 2 $$\n</p>", "inside of HTML is not checked"),
        ("<details>\n```math\n1 = 2\n```\n</details>", "inside of HTML is not checked"),
        ("    1 = 2", "an indented block is not checked"),
        ("```math x\n1 = 2\n```", "```math x is not checked: write ```math"),
        ("```Math\n1 = 2\n```", "```Math is not checked"),
        ("```latex\n1 = 2\n```", "```latex is not checked"),
        ("```py manualbp/costs.py\nreturn 0\n```", "```py manualbp/costs.py is not checked"),
        ("```Python\nprint(1)\n```", "```Python is not checked"),
        ("```python\nprint(1)\n```\n\n```\n2\n```", "a fence without a word is not checked"),
        ("```python\nprint(1)\n```\n", "an example is followed by its output"),
        ("```text\n2\n```", "```text shows the output of the example right above it"),
        ("~~~latex\n1 = 2\n~~~", "```latex is not checked"),
    ],
)
def test_whatever_is_displayed_is_checked(shown: str, sentence: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"<!-- subject: network -->\n\n```math\nf(2) = 2\n```\n\n```math\nf(x) := x\n```\n\n{shown}\n")
    result = run(str(page))
    assert result.exit_code == 1
    assert sentence in result.stdout


def test_a_page_without_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "proofs"
    folder.mkdir()
    for name in ("01-notation.md", "appendix.md", "README.md"):
        (folder / name).write_text("<!-- subject: network -->\n\n```math\n1 = 1\n```\n")
    monkeypatch.chdir(tmp_path)
    assert "appendix.md:1: is no page: its name begins with no number" in run().stdout


def blocks_removed(text: str, start: str) -> str:
    """The page without the fenced blocks that begin so."""
    return re.sub(rf"^{re.escape(start)}.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.longer
@needs_pages
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: blocks_removed(text, "```python manualbp"), "quotes no line of manualbp"),
        (lambda text: re.sub(r"```math\n[^`]*\\ne[^`]*```", "", text), "shows 0 tempting falsehoods"),
        (
            lambda text: text.replace("<details><summary>Answer</summary>", "").replace("</details>", ""),
            "has no exercise",
        ),
    ],
    ids=["code", "falsehoods", "exercise"],
)
def test_a_page_that_lacks_a_part(change: Callable[[str], str], sentence: str, tmp_path: Path) -> None:
    text = next(page for page in PAGES if page.stem == "05-bp1").read_text(encoding="utf-8")
    page = tmp_path / "05-bp1.md"
    page.write_text(text, encoding="utf-8")
    assert run(str(page)).exit_code == 0
    page.write_text(change(text), encoding="utf-8")
    result = run(str(page))
    assert result.exit_code == 1
    assert sentence in result.stdout


def test_the_readme_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "proofs"
    folder.mkdir()
    (folder / "01-notation.md").write_text("<!-- subject: network -->\n\n```math\n1 = 1\n```\n")
    monkeypatch.chdir(tmp_path)
    assert "README.md:1: is gone" in run().stdout


@needs_pages
def test_one_page_as_text_and_as_json() -> None:
    name = str(next(page for page in PAGES if page.name.startswith("06")))
    text, data = run(name), run(name, "--json")
    assert (text.exit_code, data.exit_code) == (0, 0), text.stdout
    assert "right, " in text.stdout
    found = json.loads(data.stdout)
    assert (found["exit_code"], found["verdict"], found["problems"]) == (0, "right", [])
    assert found["totals"]["exact"] >= 4
    assert {"line", "kind", "grade", "steps", "tested", "reasons", "source"} <= set(found["files"][0]["equations"][0])


@needs_pages
@pytest.mark.longer
def test_every_page_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PAGES[0].parents[1])
    result = run()
    assert result.exit_code == 0, result.stdout


def boxes_of(page: Path) -> list:
    found = [each for section in read_page(page) for each in displayed(section, lambda error, line: None)]
    return [(page.stem, each.scope, each.statement) for each in found if each.statement.boxed]


@pytest.mark.longer
@needs_pages
def test_whatever_is_deleted_is_missed() -> None:
    pages = [page.stem for page in PAGES]
    boxes = [box for page in PAGES for box in boxes_of(page)]
    assert differences(pages, boxes) == []
    assert missing(boxes) == []
    for k in range(len(boxes)):
        complaints = differences(pages, boxes[:k] + boxes[k + 1 :])
        assert [sentence.startswith("a boxed equation is gone") for _, sentence in complaints] == [True]
    for stem in pages:
        lost = lost_pages([page for page in pages if page != stem])
        assert lost == ([stem] if any(name == stem for name, _, _ in boxes) else [])


@needs_pages
def test_a_page_and_a_box_deleted_make_the_command_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "proofs"
    folder.mkdir()
    for page in PAGES[:3]:
        shutil.copy(page, folder)
    text = (folder / PAGES[1].name).read_text(encoding="utf-8")
    start = text.index("```math\n\\boxed")
    end = text.index("```\n", start + 3)
    (folder / PAGES[1].name).write_text(text[:start] + text[end + 4 :], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = run()
    assert result.exit_code == 1
    assert "a boxed equation is gone" in result.stdout
    assert f"{PAGES[3].stem}.md:1: this page is gone" in result.stdout


def test_every_record_is_required() -> None:
    wanted = {(r.kind, r.name) for r in requirements()}
    assert {("activation", name) for name in manualbp.ACTIVATIONS} <= wanted
    assert {("cost", name) for name in manualbp.COSTS} <= wanted
    assert {("head", name) for name, head in manualbp.HEADS.items() if head.form == "fused"} <= wanted
    assert ("softmax", "") in wanted


@needs_pages
@pytest.mark.parametrize("definition", [r"\sigma(z) := 2 z", r"C := \sum_{j=1}^{n_L} a^L_j E_j"])
def test_a_proof_for_one_network_is_none_for_every(definition: str, tmp_path: Path) -> None:
    page = tmp_path / "08-bp4.md"
    text = next(page for page in PAGES if page.stem == "08-bp4").read_text(encoding="utf-8")
    page.write_text(text.replace("```math", f"```math\n{definition}\n```\n\n```math", 1), encoding="utf-8")
    others = [box for other in PAGES if other.stem != "08-bp4" for box in boxes_of(other)]
    assert [sentence.partition(":")[0] for sentence in missing(others + boxes_of(page))] == [
        "BP4 is boxed in no section about every network"
    ]


def test_x_equals_x_proves_nothing() -> None:
    assert len(missing([])) == len(list(requirements())) + 8
