"""The README's examples run as they stand, and print what it says they print."""

import contextlib
import importlib.util
import io
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import manualbp

README = Path(__file__).parent.parent / "README.md"


def blocks() -> list[tuple[str, str]]:
    """(language, content) of every fenced block, in order."""
    tokens = MarkdownIt().parse(README.read_text(encoding="utf-8"))
    return [(token.info.strip(), token.content) for token in tokens if token.type == "fence"]


def examples() -> list[tuple[str, str | None]]:
    """(Python, what the README says it prints, if anything)."""
    found = blocks()
    return [
        (content, found[k + 1][1] if k + 1 < len(found) and found[k + 1][0] == "text" else None)
        for k, (language, content) in enumerate(found)
        if language == "python"
    ]


@pytest.mark.parametrize(("code", "printed"), examples())
def test_example(code: str, printed: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        # A name in angle brackets is no file: what Hypothesis draws hangs on the source it finds, and here it finds none anywhere.
        exec(compile(code, "<README>", "exec"), {"__name__": "__main__"})
    if printed is not None:
        assert out.getvalue().strip() == printed.strip()


def test_a_changed_output_would_be_noticed() -> None:
    checked = [printed for _, printed in examples() if printed is not None]
    assert len(checked) >= 2, "the README shows the output of at least two examples"


def test_the_counts_in_the_readme_are_those_of_the_package() -> None:
    text = README.read_text(encoding="utf-8")
    for name in (*manualbp.ACTIVATIONS, *manualbp.COSTS):
        assert f"`{name}`" in text, f"{name} is not named in the README"
    assert re.search(rf"lists all {len(manualbp.HEADS)}\b", text)
    fused = sum(head.form == "fused" for head in manualbp.HEADS.values())
    assert re.search(rf"\b{fused} fused ones", text)


def test_no_placeholder_is_left() -> None:
    assert not re.findall(r"@[A-Z]+@", README.read_text(encoding="utf-8"))


@pytest.fixture
def for_the_index(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str | None], str]:
    """What the build makes of the README; hatchling itself need not be installed here."""
    hook = types.ModuleType("hatchling.metadata.plugin.interface")
    hook.MetadataHookInterface = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, hook.__name__, hook)
    spec = importlib.util.spec_from_file_location("index_readme", README.parent / ".ci" / "index_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Callable[[str, str | None], str] = module.for_the_index
    return made


def test_no_link_of_the_readme_leads_nowhere_on_a_package_index(
    for_the_index: Callable[[str, str | None], str],
) -> None:
    text = README.read_text(encoding="utf-8")
    relative = re.compile(r"\]\((?!https://)")
    assert relative.search(text)
    assert not relative.search(for_the_index(text, None))
    assert not relative.search(for_the_index(text, "https://example.org/manualbp/"))


def test_what_becomes_of_a_link(for_the_index: Callable[[str, str | None], str]) -> None:
    text = "on [45 pages](proofs/README.md), [`a/b.py`](a/b.py) and [NumPy](https://numpy.org)"
    assert for_the_index(text, None) == "on 45 pages (`proofs/README.md`), `a/b.py` and [NumPy](https://numpy.org)"
    absolute = for_the_index(text, "https://example.org/m/")
    assert absolute.startswith("on [45 pages](https://example.org/m/blob/main/proofs/README.md), ")
    assert absolute.endswith("[NumPy](https://numpy.org)")


def test_every_file_that_the_readme_links_to_is_there() -> None:
    for path in re.findall(r"\]\((?!https?://)([^)#]+)", README.read_text(encoding="utf-8")):
        assert (README.parent / path).exists(), path
