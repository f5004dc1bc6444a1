"""`import oracle` brings in neither JAX nor a test framework."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"jax", "jaxlib", "pytest", "_pytest", "hypothesis", "torch", "matplotlib", "sklearn"}


def heavy(statement: str) -> set[str]:
    """Which of the heavy packages a statement imports, in a process of its own."""
    script = f"import sys\nbefore = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return HEAVY & {name.partition(".")[0] for name in result.stdout.split()}


def test_the_package_alone_imports_nothing_heavy() -> None:
    assert heavy("import oracle") == set()


@pytest.mark.parametrize("package", ["jax", "pytest", "hypothesis"])
def test_that_check_sees_each(package: str) -> None:
    assert package in heavy(f"import oracle, {package}")
