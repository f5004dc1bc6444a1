"""The runner of random changes: what it changes, that a seed decides it, and that it tells killed from survived."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).with_name("random_mutations.py")
SPEC = importlib.util.spec_from_file_location("random_mutations", PATH)
assert SPEC is not None
random_mutations = importlib.util.module_from_spec(SPEC)
sys.modules["random_mutations"] = random_mutations  # dataclasses look their module up
SPEC.loader.exec_module(random_mutations)

SOURCE = '''"""Words with 7 numbers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy


def f(σ: "int | float", n: int = 3) -> "float | None":
    """Not 1 of these."""
    if σ < 0 and n != 2:
        raise ValueError(f"{n + 1} is too many")
    n -= 1
    return -σ * n
'''


def of(source: str) -> list[tuple[str, str]]:
    """The kind of each change, and the line that it makes."""
    found = []
    for change in random_mutations.changes(source, "f.py"):
        lines = change.applied(source).splitlines()
        (line,) = [new for old, new in zip(source.splitlines(), lines, strict=True) if old != new]
        ast.parse(change.applied(source))
        found.append((change.kind, line.strip()))
    return found


def test_code_alone_is_changed() -> None:
    assert sorted(of(SOURCE)) == [
        ("comparison", "if (σ <= 0) and n != 2:"),
        ("comparison", "if σ < 0 and (n == 2):"),
        ("condition", "if (not (σ < 0 and n != 2)):"),
        ("constant", 'def f(σ: "int | float", n: int = 4) -> "float | None":'),
        ("constant", "if σ < 0 and n != 3:"),
        ("constant", "if σ < 1 and n != 2:"),
        ("constant", "n -= 2"),
        ("operator", "if (σ < 0 or n != 2):"),
        ("operator", "n += 1"),
        ("operator", "return (-σ / n)"),
        ("operator", "return σ * n"),
        ("return", "return None"),
    ]


def test_a_text_is_no_number() -> None:
    assert of("a = 'x' + b\nc = True\nd = [k for k in a if k]\ne = 0.0\n") == [
        ("constant", "c = False"),
        ("condition", "d = [k for k in a if (not k)]"),
        ("constant", "e = 1.0"),
    ]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package of two functions, one of them tested."""
    for name, text in {
        "pkg/room/code.py": "def down(a):\n    while a > 0:\n        a -= 1\n    return a\n\n\ndef other(a):\n    return a * 2\n",
        "tests/pkg/room/test_code.py": "from pkg.room.code import down\n\n\ndef test_it():\n    assert down(2) == 0\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_seed_decides(tree: Path) -> None:
    first, again, other = (random_mutations.drawn(tree / "pkg", tree, 4, seed) for seed in (0, 0, 1))
    assert first == again != other
    everything = random_mutations.drawn(tree / "pkg", tree, 99, 0)
    assert len(set(everything)) == len(everything) == 9
    assert {change.file for change in everything} == {"pkg/room/code.py"}


@pytest.mark.longer
def test_what_a_test_sees_is_killed_and_what_none_sees_survives(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random_mutations, "LEAST_SECONDS", 2)
    monkeypatch.setattr(random_mutations, "TIMES", 0)
    found = [c for c in random_mutations.drawn(tree / "pkg", tree, 99, 0) if c.kind in ("operator", "return")]
    outcomes = list(random_mutations.run_all(found, "pkg/room", tree, 1))
    assert {(o.change.line, o.change.new): o.result for o in outcomes} == {
        (3, "a += 1"): "endless",
        (4, "None"): "killed",
        (8, "(a / 2)"): "survived",
        (8, "None"): "survived",
    }
    shown = random_mutations.diff(outcomes[0].change, tree)
    assert shown.startswith("--- pkg/room/code.py\n")
    assert (tree / "pkg/room/code.py").read_text(encoding="utf-8").count("a -= 1") == 1


@pytest.mark.longer
def test_tests_that_fail_anyway_tell_nothing(tree: Path) -> None:
    (tree / "pkg/room/code.py").write_text("def down(a):\n    return 1\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="the tests fail without any change"):
        list(random_mutations.run_all(random_mutations.drawn(tree / "pkg", tree, 1, 0), "pkg/room", tree, 1))
