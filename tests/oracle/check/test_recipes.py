"""oracle/check/RECIPES.md: every block runs as it stands, in the real library, and prints what the page says."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import warnings
from pathlib import Path

import pytest

import oracle

PAGE = Path(oracle.__file__).parent / "check" / "RECIPES.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<printed>.*?)^```)?", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
LIBRARIES = ("xgboost", "lightgbm", "catboost", "statsmodels")


def blocks() -> dict[str, tuple[str, str]]:
    """The code and what it prints, by the heading above it and its number below that."""
    found: dict[str, tuple[str, str]] = {}
    text = PAGE.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        title = HEADING.findall(text[: block.start()])[-1]
        number = 1 + sum(name.startswith(title) for name in found)
        found[f"{title} {number}"] = block["code"], block["printed"] or ""
    return found


BLOCKS = blocks()


def run(code: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a library's own are no concern of the page
        exec(compile(code, "<RECIPES>", "exec"), {"__name__": "recipe"})
    return printed.getvalue()


def test_the_page_has_its_recipes() -> None:
    assert {name.rpartition(" ")[0] for name in BLOCKS} == {
        *("XGBoost", "LightGBM", "CatBoost", "scipy.optimize", "statsmodels", "An approximation")
    }


@pytest.mark.longer
@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_prints_what_the_page_says(name: str) -> None:
    code, printed = BLOCKS[name]
    missing = [
        lib for lib in LIBRARIES if re.search(rf"\bimport {lib}|from {lib}", code) and not importlib.util.find_spec(lib)
    ]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed: its recipe is not run")
    assert run(code) == printed


def test_a_short_block_in_every_run() -> None:
    code, printed = BLOCKS["An approximation 1"]
    assert run(code) == printed
    assert run(code.replace("accuracy=1e-6", "accuracy=1e-4")) != printed
