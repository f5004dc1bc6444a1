"""A backend's identity changes with its code, and with nothing else."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from oracle.backends import Backend, Capabilities
from oracle.backends.identity import of_backend, of_command
from oracle.backends.manualbp_numpy import backend, run


def test_the_same_is_the_same() -> None:
    assert of_backend(backend()) == of_backend(backend())
    assert of_command("node backend.mjs") == of_command("node backend.mjs")


def test_what_it_declares_counts() -> None:
    one, two = (Backend("mine", run, Capabilities(flush_to_zero=flush)) for flush in (True, False))
    assert of_backend(one) != of_backend(two)


def test_a_function_in_parts_is_that_function() -> None:
    assert of_backend(Backend("mine", partial(run))) == of_backend(Backend("mine", run))


def test_a_module_that_it_has_loaded_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_kernels.py").write_text("scale = 1\n", encoding="utf-8")
    (tmp_path / "my_adapter.py").write_text("import my_kernels\ndef run(q): ...\n", encoding="utf-8")
    (tmp_path / "unused.py").write_text("scale = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import my_adapter  # type: ignore[import-not-found]

    mine = Backend("mine", my_adapter.run)
    before = of_backend(mine, "my_adapter")
    (tmp_path / "unused.py").write_text("scale = 2\n", encoding="utf-8")
    assert of_backend(mine, "my_adapter") == before
    (tmp_path / "my_kernels.py").write_text("scale = 2\n", encoding="utf-8")
    after = of_backend(mine, "my_adapter")
    assert after != before
    (tmp_path / "kernel.so").write_bytes(b"\x7fELF")
    assert of_backend(mine, "my_adapter") != after
    for name in ("my_adapter", "my_kernels"):
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("words", ["{python} {folder}/port.py --fast", "{folder}/port.py", "{python} -m port"])
def test_the_files_of_a_command_count(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "port.py").write_text("print(1)\n", encoding="utf-8")
    command = words.format(python=sys.executable, folder=tmp_path)
    before = of_command(command)
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    assert of_command(command) == before
    (tmp_path / "port.py").write_text("print(2)\n", encoding="utf-8")
    assert of_command(command) != before


def test_a_module_beside_a_script_counts(tmp_path: Path) -> None:
    (tmp_path / "port.mjs").write_text('import "./kernel.mjs"\n', encoding="utf-8")
    before = of_command(f"node {tmp_path}/port.mjs")
    (tmp_path / "kernel.mjs").write_text("1\n", encoding="utf-8")
    assert of_command(f"node {tmp_path}/port.mjs") != before


def test_what_is_no_command_has_an_identity_too() -> None:
    assert of_command("'unfinished") != of_command("\0") != of_command("")
