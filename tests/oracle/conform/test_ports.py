"""The ports conform: what is in the page of the protocol is enough to write them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oracle.conform.run import Outcome

pytestmark = pytest.mark.longer  # each compiles and asks a port

PORTS = Path(__file__).parents[2] / "ports"
Report = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="session")
def javascript() -> str:
    if shutil.which("node") is None:
        pytest.skip("needs node")
    return f"node {PORTS / 'backend.mjs'}"


@pytest.fixture(scope="session")
def c(tmp_path_factory: pytest.TempPathFactory) -> str:
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    out = tmp_path_factory.mktemp("port") / "backend"
    words = ["cc", "-O2", "-std=c99", "-Wall", "-Wextra", "-Werror", "-o", str(out), str(PORTS / "backend.c"), "-lm"]
    subprocess.run(words, check=True, timeout=60)
    return str(out)


@pytest.mark.parametrize(("port", "least"), [("javascript", 100), ("c", 85)])
def test_it_conforms(port: str, least: int, report: Report, request: pytest.FixtureRequest) -> None:
    code, data = report("--command", request.getfixturevalue(port), "--min-cases", str(least), heads=())
    assert code == 0
    assert data["verdict"] == "right"
    assert data["judged"] >= least
    assert data["counts"][Outcome.SKIPPED] + data["judged"] == data["cases"]
    assert data["judged"] / data["seconds"] > 10  # a second, through the pipe, on a busy machine


@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("mean(j, () => 1)", "mean(j, () => m)", "1/m missing in BP4"),
        ("return s * slope(v); // BP2", "return s; // BP2", "sigma_prime missing in BP2"),
    ],
)
def test_a_wrong_port_does_not(
    right: str, wrong: str, mistake: str, javascript: str, report: Report, tmp_path: Path
) -> None:
    source = (PORTS / "backend.mjs").read_text(encoding="utf-8")
    assert source.count(right) == 1
    (tmp_path / "wrong.mjs").write_text(source.replace(right, wrong), encoding="utf-8")
    code, data = report("--command", f"node {tmp_path / 'wrong.mjs'}")
    assert code == 1
    assert next(iter(data["mistakes"])) == mistake


def test_small_enough_to_copy() -> None:
    for name in ("backend.mjs", "backend.c"):
        assert len((PORTS / name).read_text(encoding="utf-8").splitlines()) < 300
