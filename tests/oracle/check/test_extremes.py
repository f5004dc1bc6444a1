"""Ordinary arguments decide the verdict; digits lost beyond are a note, unless they are asked for."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from click.testing import CliRunner

import oracle
from oracle.cli import main
from oracle.search.domains import as_domain
from oracle.search.ordinary import are_ordinary

from ...sweeps import thinned

pytestmark = pytest.mark.usefixtures("little_evidence")

Array = Any

check = partial(oracle.check_gradient, database=None)


def rms_norm(x: Array, w: Array) -> Array:
    return (x / jnp.sqrt((x * x).mean() + 1e-6) * w).sum()


def rms_norm_grad(x: Array, w: Array) -> Array:
    r = 1 / np.sqrt((x * x).mean() + 1e-6)
    return r * w - x * (x * w).sum() * r**3 / x.size


def norm(x: Array) -> Array:
    return jnp.sqrt((x * x).sum())


def softsign_grad(x: Array) -> Array:
    return 1 / (1 + 2 * abs(x) + x * x)


def by_jax(fn: Any) -> Any:
    """jax.grad in float64."""
    compiled = jax.jit(jax.grad(fn))

    def grad(*args: Array) -> Array:
        with jax.enable_x64(True):
            return np.asarray(compiled(*args))

    return grad


RIGHT: dict[str, tuple[Any, Any, int]] = {
    "RMSNorm": (rms_norm, rms_norm_grad, 2),
    "RMSNorm by JAX": (rms_norm, by_jax(rms_norm), 2),
    "relu, subnormals flushed": (lambda x: jax.nn.relu(x).sum(), by_jax(lambda x: jax.nn.relu(x).sum()), 1),
    "abs": (lambda x: abs(x).sum(), np.sign, 1),
    "a square that overflows": (lambda x: (x / (1 + abs(x))).sum(), softsign_grad, 1),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_gradient_is_right_though_it_loses_digits_at_extremes(name: str) -> None:
    fn, grad, count = RIGHT[name]
    assert check(fn, grad, ("real",) * count, lengths=(1, 4)).verdict == "right"


@pytest.mark.longer
def test_what_is_lost_there_is_a_note_in_the_first_lines_and_a_verdict_where_it_is_asked_for() -> None:
    report = check(rms_norm, rms_norm_grad, ("real", "real"), lengths=(1, 7))
    lines = str(report).splitlines()
    assert lines[1].startswith("note: at extreme arguments: digits are lost at ")
    assert "gradient[" in lines[1]
    data = json.loads(json.dumps(report.to_dict()))
    assert data["notes"][0] == lines[1].removeprefix("note: ")
    assert data["tried"]["inaccurate_at_extremes"] == data["tried"]["inaccurate"] > 0

    extremes: Any = {"domains": ("real", "real"), "lengths": (1, 7), "extremes": True}
    asked = check(rms_norm, rms_norm_grad, **extremes)
    assert asked.verdict == "inaccurate"
    assert not any(note.startswith("at extreme arguments") for note in asked.notes)
    with pytest.raises(AssertionError, match="inaccurate"):
        oracle.assert_gradient(rms_norm, rms_norm_grad, database=None, **extremes)


@pytest.mark.parametrize("beyond", thinned([1e5, 1e9, 1e30], 2))
@pytest.mark.parametrize("opaque", [False, True])
def test_wrong_mathematics_at_extremes_is_wrong_still(beyond: float, opaque: bool) -> None:
    def grad(x: Array) -> Array:
        return np.where(abs(x) > beyond, 3, 2) * x

    def hidden(x: Array) -> Array:
        return np.array([float(g) for g in grad(x)])

    assert check(lambda x: (x**2).sum(), hidden if opaque else grad, ("real",), lengths=(1, 3)).verdict == "wrong"


def test_digits_lost_at_ordinary_arguments_are_the_verdict_and_are_shown_there() -> None:
    """At 40 the sigmoid's slope is 4e-18, and 1 − a is 0; at −1e300 the exponential overflows besides."""

    def grad(z: Array) -> Array:
        a = 1 / (1 + np.exp(-z))
        return a * (1 - a)

    report = check(lambda z: jax.nn.sigmoid(z).sum(), grad, ("real",))
    assert report.verdict == "inaccurate"
    assert report.counterexample is not None
    assert np.max(abs(report.counterexample[0])) <= 1e4


def test_where_every_argument_is_extreme_they_decide() -> None:
    drawn = oracle.check_gradient(rms_norm, rms_norm_grad, ((1e160, 1e170), "real"), lengths=(1, 4), database=None)
    assert drawn.verdict == "inaccurate"


@pytest.mark.parametrize(
    ("value", "domain", "dtype", "ordinary"),
    [
        (0.0, "real", "float64", True),
        (1e-9, "real", "float64", True),
        (-1e4, "real", "float64", True),
        (5e5, "real", "float64", False),
        (5e5, (0.0, 1e6), "float64", True),
        (1e-12, (0.0, 1e6), "float64", False),
        (1e-12, (1e-13, 1.0), "float64", True),
        (5e-324, "real", "float64", False),
        (300.0, "real", "float16", False),
        (100.0, "real", "float16", True),
        (1e-9, "real", "float32", True),
    ],
)
def test_what_is_ordinary(value: float, domain: Any, dtype: str, ordinary: bool) -> None:
    assert are_ordinary((np.array([1.0, value]),), (as_domain(domain),), dtype) is ordinary


def test_extremes_is_true_or_false() -> None:
    with pytest.raises(oracle.CannotJudge, match="extremes = 'yes': give True or False"):
        check(rms_norm, rms_norm_grad, ("real", "real"), extremes="yes")


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--extremes",), 3)])
def test_the_command(options: tuple[str, ...], code: int, tmp_path: Path) -> None:
    file = tmp_path / "norms.py"
    file.write_text(
        "import jax.numpy as jnp\nimport numpy as np\n\n"
        "def rms(x):\n    return (x / jnp.sqrt((x * x).mean() + 1e-6)).sum()\n\n"
        "def rms_grad(x):\n    r = 1 / np.sqrt((x * x).mean() + 1e-6)\n    return r - x * x.sum() * r**3 / x.size\n"
    )
    result = CliRunner().invoke(main, ["check", str(file), "--domains", "real", "--no-memory", *options])
    assert result.exit_code == code, result.output
