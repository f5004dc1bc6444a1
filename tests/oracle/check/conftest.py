"""`manualbp check` in a directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oracle.cli import main

from ..little_evidence import little_evidence, unnamed_mistakes
from .users_files import QUICK, Command

__all__ = ["little_evidence", "unnamed_mistakes"]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`manualbp check costs.py OPTIONS` in a directory of its own, whose file has this source."""
    monkeypatch.chdir(tmp_path)

    def run(source: str, *options: str, target: str = "costs.py", quick: bool = True) -> Result:
        (tmp_path / "costs.py").write_text(source, encoding="utf-8")
        return CliRunner().invoke(main, ["check", target, *(QUICK if quick else []), *options], prog_name="manualbp")

    return run
