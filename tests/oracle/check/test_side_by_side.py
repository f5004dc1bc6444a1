"""Pairs of files judged by several processes: the same words, and one that kills its process is told from the others."""

import json
import sys

import pytest

from ..console.answers import run

FILE = """
import os, signal
import jax.numpy as jnp
import oracle

def square(x):
    return jnp.sum(x**2)

def square_grad(x):
    return 2 * x

def cube(x):
    return jnp.sum(x**3)

def cube_grad(x):
    return 2 * x**2

@oracle.takes("real", deliberate="straight-through")
def step(x):
    return jnp.sum(jnp.floor(x))

def step_grad(x):
    return x * 0 + 1

def deadly(x):
    return jnp.sum(x)

def deadly_grad(x):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def two_files(tmp_path):
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(FILE.partition("def deadly")[0])
    return [str(tmp_path / "one.py"), str(tmp_path / "two.py")]


def without_seconds(data):
    if isinstance(data, dict):
        return {k: without_seconds(v) for k, v in data.items() if k != "seconds"}
    return [without_seconds(v) for v in data] if isinstance(data, list) else data


@pytest.mark.longer
def test_workers_say_what_one_process_says(two_files):
    options = ("--examples", "8", "--no-memory", "--json")
    alone, three = run("check", *two_files, *options), run("check", *two_files, *options, "--workers", "3")
    assert alone.exit_code == three.exit_code == 1
    assert without_seconds(json.loads(three.stdout)) == without_seconds(json.loads(alone.stdout))
    assert len(json.loads(three.stdout)[0]["reports"]) == 2


@pytest.mark.longer
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_code_that_kills_its_process_is_refused_alone(tmp_path):
    path = tmp_path / "deadly.py"
    path.write_text(FILE)
    result = run("check", str(path), "--examples", "8", "--no-memory", "--workers", "2")
    assert result.exit_code == 1
    assert "deadly_grad could not be judged: its process died more than once" in result.stderr
    assert "3 gradients: 1 right, 1 wrong, 1 could not be judged" in result.stdout


def test_the_same_is_refused_in_both_ways(tmp_path):
    path = tmp_path / "none.py"
    path.write_text("x = 1\n")
    for more in ((), ("--workers", "2")):
        result = run("check", str(path), *more)
        assert result.exit_code == 2
        assert "none.py" in result.stderr
    assert run("check", str(path), "--workers", "2", "--if-any").exit_code == 0
    assert "--workers = 0" in run("check", str(path), "--workers", "0").stderr
