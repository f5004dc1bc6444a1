"""What importing the package brings along, and what it offers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import manualbp


def foreign(statement: str) -> set[str]:
    """Top-level modules of other projects than NumPy that a statement imports, in a process of its own without site hooks."""
    paths = {str(Path(module.__file__).parents[1]) for module in (manualbp, np)}  # type: ignore[arg-type]
    script = (
        f"{statement}\nimport sys\nprint(*(name for name, m in sys.modules.items() if getattr(m, '__spec__', None)))"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
    )
    roots = {name.partition(".")[0] for name in result.stdout.split()}
    assert "numpy" in roots
    return {r for r in roots if r not in sys.stdlib_module_names and not r.startswith("_sysconfigdata")} - {
        "numpy",
        "manualbp",
    }


def test_it_needs_numpy_and_the_standard_library_alone() -> None:
    assert foreign("import manualbp") == set()


def test_so_does_every_module_of_it() -> None:
    modules = sorted(path.stem for path in Path(manualbp.__file__).parent.glob("*.py"))
    assert {"backprop", "costs", "storage", "special"} <= set(modules)
    assert foreign("import " + ", ".join(f"manualbp.{module}" for module in modules)) == set()


def test_that_check_sees_another_package() -> None:
    assert "click" in foreign("import manualbp, click")
    assert "oracle" in foreign("import manualbp, oracle")


def test_what_is_public_is_listed_once_exists_and_is_documented() -> None:
    assert len(set(manualbp.__all__)) == len(manualbp.__all__)
    assert manualbp.__all__ == sorted(
        manualbp.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    for name in manualbp.__all__:
        value = getattr(manualbp, name)
        if isinstance(value, Mapping):
            continue  # a list of the documented
        documented = value if callable(value) else type(value)  # a constant is described by its class
        assert documented.__doc__, name
        assert not documented.__doc__.startswith(f"{name}("), f"{name}: a dataclass's own signature is no docstring"


def test_the_list_is_complete() -> None:
    submodules = {path.stem for path in Path(manualbp.__file__).parent.glob("[!_]*.py")}
    public = {name for name in vars(manualbp) if not name.startswith(("_", "@")) and name not in submodules}
    public |= {name for name in submodules if callable(getattr(manualbp, name, None))}
    assert public == set(manualbp.__all__)


def test_every_activation_and_cost_is_a_public_constant_of_its_name() -> None:
    for records in (manualbp.ACTIVATIONS, manualbp.COSTS):
        for name, record in records.items():
            assert getattr(manualbp, name.upper()) is record
