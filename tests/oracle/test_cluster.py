"""Every command that has much to do, on a Dask cluster of two workers: what it says is what one process says."""

import importlib
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from oracle.cli import main
from oracle.verify.parts import Part

pytestmark = [pytest.mark.longer, pytest.mark.filterwarnings("default")]  # Dask's own warnings

#: What may be otherwise from one run to the next.
CLOCKED = ("seconds", "seconds_by_stage", "architectures_per_second", "loop_per_second", "median", "worst_seconds")
HEADS = ("--head", "tanh+quadratic", "--dtype", "float64")
PAIRS = """
import jax.numpy as jnp

def cost(x):
    return jnp.sum(x**3)

def cost_grad(x):
    return 3 * x**2

def other(x):
    return jnp.sum(x**4)

def other_grad(x):
    return 3 * x**3
"""


@pytest.fixture(scope="module")
def address():
    distributed = pytest.importorskip("distributed")
    local = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    )
    with local as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def file_of_pairs(tmp_path):
    path = tmp_path / "pairs.py"
    path.write_text(PAIRS)
    return str(path)


def without_seconds(data):
    if isinstance(data, dict):
        return {k: without_seconds(v) for k, v in data.items() if k not in CLOCKED}
    return [without_seconds(v) for v in data] if isinstance(data, list) else data


def said(*words):
    result = CliRunner().invoke(main, [*words, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, without_seconds(json.loads(result.stdout))


def the_same(address, *words):
    one, elsewhere = said(*words), said(*words, "--scheduler", address)
    assert elsewhere == one
    return one


def test_verify(address, monkeypatch):
    small = [Part(20, 0, 0, 3), Part(20, 0, 3, 5), Part(20, 0, 0, 20, 0)]
    monkeypatch.setattr("oracle.verify.run.parts", lambda cases, seed, edges: small)
    code, data = the_same(address, "verify", "--cases", "20")
    assert (code, data["verdict"]) == (0, "right")


def test_conform(address):
    code, data = the_same(address, "conform", "manualbp", *HEADS)
    assert (code, data["verdict"]) == (0, "right")
    assert data["cases"] > 10


def test_vectors(address):
    code, data = the_same(address, "vectors", "regenerate", "--only", "float32/tanh+huber/*")
    assert code == 0
    assert data["different"] == []
    assert data["vectors"] > 1


def test_proofs(address):
    page = Path(__file__).parents[2] / "proofs" / "03-hadamard.md"
    assert the_same(address, "proofs", str(page))[0] == 0


def test_check(address, file_of_pairs):
    code, data = the_same(address, "check", file_of_pairs, "--no-memory", "--examples", "20")
    assert code == 1
    assert "wrong" in json.dumps(data)


def test_the_corpus(address):
    command = importlib.import_module("oracle.scores.mutants.command")

    def score(*words):
        with redirect_stdout(StringIO()) as out:
            code = command.main(["--only", "quadratic_form", "--json", *words])
        return code, without_seconds(json.loads(out.getvalue()))

    one = score()
    assert score("--scheduler", address) == one
    assert score("--workers", "2") == one
    assert one[0] == 0
    assert one[1]["oracle.check_gradient"]["caught"] == one[1]["oracle.check_gradient"]["wrong"] > 0
