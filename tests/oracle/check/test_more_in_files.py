"""`manualbp check`: other derivatives than gradients, classes, modules of packages, what is deliberate, lines, what has changed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import oracle
from oracle.check.changed import changed_lines
from oracle.check.declarations import declaration
from oracle.check.settings import settings
from oracle.cli import main

from ...sweeps import thinned
from ..console.answers import one_sentence
from .users_files import QUICK, Command

pytestmark = pytest.mark.usefixtures("little_evidence")

SECOND = """
import numpy as np
import oracle

near = ((-2.0, 2.0),)

@oracle.takes(*near, lengths=(1, 3))
def cube(x):
    return (x**3).sum()

def cube_grad(x):
    return 3 * x**2

def cube_hess(x):
    return np.diag(6 * x)

def cube_hvp(x, v):
    return 6 * x * v

@oracle.takes(*near, lengths=(1, 3))
def square(x):
    return x**2

def square_jvp(primals, tangents):
    return primals[0] ** 2, 2 * primals[0] * tangents[0]
"""
CLASSES = """
import numpy as np

class Loss:
    def value(self, a, E):
        return 0.5 * ((a - E) ** 2).sum()

    def grad(self, a, E):
        return a - E

    def hess(self, a, E):
        return np.eye(len(a))

class Other:
    def __init__(self, needed):
        pass

    def grad(self, a):
        return a
"""
PAIRS = """
import numpy as np
import oracle

def p(z):
    return 1 / (1 + np.exp(-z))

@oracle.takes("closed_unit", (-5.0, 5.0), argnum=1, returns="grad_and_hess", hess_at_least=True, lengths=(1, 3))
def logloss(y, z):
    return np.sum(np.log1p(np.exp(z)) - y * z)

def logloss_grad(y, z):
    return p(z) - y, np.maximum(p(z) * p(-z), 0.05)
"""
WRONG = """
def half(a, E):
    return 0.5 * ((a - E) ** 2).sum()


def half_grad(a, E):
    return 2 * (a - E)


def whole(a):
    return (a * a).sum()


def whole_grad(a):
    return 2 * a
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments], prog_name="manualbp")


def test_each_derivative_by_its_name(check: Command) -> None:
    result = check(SECOND)
    assert result.exit_code == 0, result.output
    firsts = [line for line in result.output.splitlines() if line.endswith(": right")]
    assert [line.partition(":")[0].partition(",")[0] for line in firsts] == [
        "cube_grad",
        "cube_hess",
        "cube_hvp",
        "square_jvp",
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("np.diag(6 * x)", "np.diag(3 * x)", "cube_hess"),
        ("6 * x * v", "6 * x * x * v", "cube_hvp"),
        ("2 * primals[0] * tangents[0]", "primals[0] * tangents[0]", "square_jvp"),
        ("return primals[0] ** 2, ", "return primals[0], ", "square_jvp"),
    ],
)
def test_each_derivative_can_be_wrong(right: str, wrong: str, name: str, check: Command) -> None:
    result = check(SECOND.replace(right, wrong), target=f"costs.py:{name.rpartition('_')[0]}")
    assert result.exit_code == 1
    assert f"{name}" in result.output


BOOSTER = """
def squared(y_true, y_pred):
    return ((y_true - y_pred) ** 2).sum()

def squared_grad(y_true, y_pred):
    return 2 * (y_pred - y_true)
"""


def test_a_gradient_by_what_boosters_put_second_is_asked_for_its_argument(check: Command) -> None:
    found = check(BOOSTER).output
    assert "squared_grad: undecided" in found
    assert "wrong by y_true, and right by y_pred: if that is meant, declare argnum=1" in found
    assert "squared_grad: wrong" in check(BOOSTER.replace("2 *", "3 *")).output
    of_a_first = BOOSTER.replace("y_true", "a").replace("y_pred", "E")
    assert "squared_grad: wrong" in check(of_a_first).output  # by a loss's own argument it is a wrong sign


def test_methods_of_classes(check: Command) -> None:
    result = check(CLASSES)
    assert result.exit_code == 0, result.output
    assert "Loss.grad: right" in result.output
    assert "Loss.hess: right" in result.output
    wrong = check(CLASSES.replace("return a - E", "return E - a"))
    assert wrong.exit_code == 1
    assert "Loss.grad: wrong" in wrong.output


@pytest.mark.longer
def test_pairs_are_declared(check: Command) -> None:
    options = ("--examples", "24", "--no-memory")
    assert check(PAIRS, *options, quick=False).exit_code == 0
    below = check(PAIRS.replace("p(z) * p(-z), 0.05", "0.5 * p(z) * p(-z), 0.05"), *options, quick=False)
    assert below.exit_code == 1
    assert "hess[" in below.output


def test_what_is_deliberate_is_listed_and_not_judged(check: Command) -> None:
    source = WRONG.replace("def half_grad", "def half_grad").replace(
        "def half(", '@__import__("oracle").takes(deliberate="straight-through")\ndef half('
    )
    result = check(source)
    assert result.exit_code == 0
    assert "half_grad: not judged, deliberately no derivative (straight-through)" in result.output
    assert json.loads(check(source, "--json").output)["deliberate"] == {"half_grad": "straight-through"}


@pytest.mark.parametrize("words", ["", "  ", True, 3])
def test_a_deliberate_gradient_has_a_reason(words: Any) -> None:
    with pytest.raises(oracle.CannotJudge, match="say in a few words why"):
        oracle.takes(deliberate=words)


BAD_DECLARATIONS: dict[str, tuple[tuple[Any, ...], dict[str, Any], str]] = {
    "without parentheses": ((lambda x: x,), {}, "put the domains in parentheses"),
    "no such domain": (("plane",), {}, "unknown domain 'plane'"),
    "a number for a domain": ((3,), {}, "domain 3 is of type int"),
    "lengths in reverse": (("real",), {"lengths": (3, 1)}, "lengths = (3, 1): give (low, high)"),
    "one shape": (("real",), {"shapes": 3}, "shapes = 3: give one shape for each argument"),
    "an empty shape": (("real",), {"shapes": ((0,),)}, "every length must be at least 1"),
    "argnum by name": (("real",), {"argnum": "x"}, "argnum = 'x': give the number of an argument"),
    "argnum from the end": (("real",), {"argnum": -1}, "argnum = -1: give the number of an argument"),
    "no such pair": (("real",), {"returns": "both"}, "returns = 'both': give one of 'value_and_grad'"),
    "a bound of text": (("real",), {"hess_at_least": "yes"}, "hess_at_least = 'yes': give True or False"),
    "a diagonal of 1": (("real",), {"diagonal": 1}, "diagonal = 1: give True or False"),
    "an accuracy of text": (("real",), {"accuracy": "1e-6"}, "accuracy = '1e-6': give how much"),
    "static without an example": (("real",), {"static": ("x",)}, "give like=… as well"),
    "an example and lengths": ((), {"like": (1.0,), "lengths": (1, 2)}, "like fixes the lengths already"),
    "a reference without a reason": ((), {"reference": abs}, "say why, as in deliberate='straight-through'"),
    "a reference that is none": ((), {"reference": 3, "deliberate": "rounded"}, "reference is of type int"),
    "an accuracy of a half": (("real",), {"accuracy": 0.5}, "accuracy = 0.5: give how much"),
}


@pytest.mark.parametrize("name", BAD_DECLARATIONS)
def test_a_declaration_that_nobody_could_follow_is_refused_where_it_stands(name: str) -> None:
    domains, options, words = BAD_DECLARATIONS[name]
    with pytest.raises(oracle.CannotJudge) as raised:
        oracle.takes(*domains, **options)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_declaration_of_everything() -> None:
    def cost(x: Any, y: Any) -> Any:
        return (x * y).sum()

    oracle.takes("real", (0, 1), lengths=[1, 3], argnum=(0, 1), hess_at_least=True, accuracy=1e-9)(cost)
    said = declaration(cost)
    assert said.domains == ("real", (0, 1))
    assert (said.lengths, said.argnum, said.hess_at_least, said.accuracy) == ((1, 3), (0, 1), True, 1e-9)


def test_modules_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "a_package_of_losses"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "parts.py").write_text("def half_of(x):\n    return 0.5 * x\n")
    source = "from .parts import half_of\n\ndef cost(a):\n    return half_of((a * a).sum())\n\ndef cost_grad(a):\n    return a\n"
    (package / "losses.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    assert run("a_package_of_losses.losses", *QUICK).exit_code == 0
    assert run("a_package_of_losses.losses:cost", *QUICK).exit_code == 0
    missing = run("a_package_of_losses.other", *QUICK)
    assert missing.exit_code == 2
    assert "no such file or module: a_package_of_losses.other" in missing.output


def test_lines_for_editors(check: Command) -> None:
    result = check(WRONG, "--format", "lines")
    assert result.exit_code == 1
    wrong, right = result.output.splitlines()
    assert wrong.startswith("costs.py:6: error: half_grad: wrong: gradient[0] got ")
    assert right == "costs.py:14: notice: whole_grad: right"


def test_annotations_for_github(check: Command) -> None:
    result = check(WRONG, "--format", "github")
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("::error file=costs.py,line=6,title=half_grad%3A wrong::half_grad: wrong%0A")
    broken = check(WRONG.replace("return 2 * (a - E)", "return None"), "--format", "github")
    assert broken.exit_code == 2
    assert broken.output.startswith(
        "::error file=costs.py,line=1,title=half_grad could not be judged::grad returned None"
    )


@pytest.mark.longer
def test_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "right.py").write_text(WRONG[WRONG.index("def whole") :])
    (tmp_path / "wrong.py").write_text(WRONG)
    (tmp_path / "nothing.py").write_text("x = 1\n")
    both = run("right.py", "wrong.py", "--format", "lines", *QUICK)
    assert both.exit_code == 1
    assert [line.partition(":")[0] for line in both.output.splitlines()] == ["right.py", "wrong.py", "wrong.py"]
    assert run("right.py", "nothing.py", *QUICK).exit_code == 2
    assert run("right.py", "nothing.py", "--if-any", *QUICK).exit_code == 0
    assert [d["exit_code"] for d in json.loads(run("right.py", "wrong.py", "--json", *QUICK).output)] == [0, 1]


def git(directory: Path, *arguments: str) -> None:
    named = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *named, *arguments], cwd=directory, check=True, capture_output=True)


def test_only_what_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "costs.py"
    git(tmp_path, "init", "-q")
    file.write_text(WRONG)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    assert run("costs.py", "--format", "lines", *QUICK, "--changed").output == ""
    file.write_text(WRONG.replace("return 2 * a\n", "return 2.0 * a\n"))
    assert changed_lines(file, "HEAD") == [range(15, 16)]
    only = run("costs.py", "--format", "lines", *QUICK, "--changed")
    assert (only.exit_code, only.output) == (0, "costs.py:14: notice: whole_grad: right\n")
    git(tmp_path, "commit", "-qam", "two")
    assert "whole_grad" not in run("costs.py", "--format", "lines", *QUICK, "--changed=HEAD").output
    assert "whole_grad" in run("costs.py", "--format", "lines", *QUICK, "--changed=HEAD~1").output
    (tmp_path / "new.py").write_text(WRONG)
    assert run("new.py", "--format", "lines", *QUICK, "--changed").exit_code == 1
    nowhere = run("costs.py", *QUICK, "--changed=nowhere")
    assert nowhere.exit_code == 2
    assert "--changed = nowhere" in nowhere.output


@pytest.mark.longer
def test_a_project_has_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "costs.py").write_text(WRONG)
    (tmp_path / "pyproject.toml").write_text('[tool.manualbp]\nformat = "lines"\nexamples = 5\nno-memory = true\n')
    assert run("costs.py").output.startswith("costs.py:6: error")
    assert run("costs.py", "--format", "text").output.startswith("half_grad: wrong")
    assert settings(tmp_path)["examples"] == 5


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("colour = 1", "tool.manualbp has no setting colour"),
        ("examples = 'many'", "tool.manualbp.examples = 'many': give a int"),
        ("extremes = 1", "tool.manualbp.extremes = 1: give a bool"),
        ("format = 'pdf'", "tool.manualbp.format = 'pdf': give one of text, lines, github"),
        ("examples = true", "tool.manualbp.examples = True"),
        ("= 3", "cannot be read"),
    ],
)
def test_bad_settings_get_one_sentence(table: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "costs.py").write_text(WRONG)
    (tmp_path / "pyproject.toml").write_text(f"[tool.manualbp]\n{table}\n")
    result = run("costs.py")
    assert result.exit_code == 2
    assert words in result.output


EXAMPLES = """
import jax, jax.numpy as jnp, numpy as np
import oracle

@jax.custom_vjp
@oracle.takes(like=({"w": np.array([[0.3, -1.0], [2.0, 0.7]]), "b": np.zeros(2)}, 0.5), static=("slope",))
def layer(p, slope):
    z = p["w"].sum(0) + p["b"]
    return z * slope

def forwards(p, slope):
    return layer(p, slope), slope

def backwards(slope, g):
    return {"w": jnp.stack([g, g]) * slope, "b": g * slope}, None

layer.defvjp(forwards, backwards)

@oracle.takes(like=(np.array([0.3, -1.0, 2.0]), np.array([1.0, 0.5, -0.2])), returns="value_and_grad")
def mean_squared(a, b):
    return ((a - b) ** 2).mean()

def mean_squared_grad(a, b):
    return ((a - b) ** 2).mean(), 2 * (a - b) / a.size
"""


@pytest.mark.parametrize(
    ("change", "verdicts"),
    thinned(
        [
            (('"b": g * slope', '"b": g'), ("wrong", "right")),
            (("mean(), 2", "sum(), 2"), ("right", "wrong")),
            (("", ""), ("right", "right")),
        ],
        3,
    ),
)
def test_examples_are_declared_with_what_stays_as_it_is(change: Any, verdicts: Any, check: Command) -> None:
    reports = json.loads(check(EXAMPLES.replace(*change), "--json", "--examples", "12").output)["reports"]
    assert [r["verdict"] for r in reports] == list(verdicts)
    assert reports[0]["name"].startswith("layer, by its own rule")


MEANT = """
import jax.numpy as jnp, numpy as np
import oracle

@oracle.takes((-3.0, 3.0), lengths=(1, 3), deliberate="straight-through", reference=REFERENCE)
def signs(x):
    return jnp.sign(x).sum()

def signs_grad(x):
    return np.where(abs(x) <= 1, 1.0, 0.0)
"""


@pytest.mark.parametrize(
    ("reference", "verdict"),
    thinned(
        [
            ("lambda x: jnp.clip(x, -1, 1).sum()", "right"),
            ("lambda x: jnp.clip(x, -2, 2).sum()", "wrong"),
            ("lambda x: jnp.where(abs(x) <= 1, 1.0, 0.0)", "right"),
            ("lambda x: jnp.where(abs(x) <= 2, 1.0, 0.0)", "wrong"),
        ],
        3,
    ),
)
def test_what_is_deliberate_may_be_judged_by_a_reference(reference: str, verdict: str, check: Command) -> None:
    found = json.loads(check(MEANT.replace("REFERENCE", reference), "--json", "--examples", "20").output)
    assert [r["verdict"] for r in found["reports"]] == [verdict]
    assert "straight-through" in found["reports"][0]["notes"][0]
    assert not found["deliberate"]


def test_without_a_declaration_one_is_printed_to_paste(check: Command) -> None:
    source = """
import numpy as np, jax.numpy as jnp

def entropy(p, weights):
    return -(weights * p * jnp.log(p)).sum()

def entropy_grad(p, weights):
    return -weights * (1 + np.log(p))
"""
    output = check(source, "--examples", "12").output
    assert "entropy(p, weights)\n  @oracle.takes('positive', 'real')" in output
    pasted = source.replace("def entropy(", "import oracle\n@oracle.takes('positive', 'real')\ndef entropy(")
    assert "@oracle.takes" not in check(pasted, "--examples", "12").output
    assert "@oracle.takes" not in check(source, "--examples", "12", "--domains", "positive,real").output


def test_what_takes_other_arguments_is_told_how_to_show_them(check: Command) -> None:
    pair = "def f(p):\n    return (p.w ** 2).sum()\n\ndef f_grad(p):\n    return Weights(2 * p.w)\n"
    head = "import collections, numpy as np, oracle\nWeights = collections.namedtuple('Weights', ['w'])\n"
    assert "show them above its def: @oracle.takes(like=" in one_sentence(check(head + pair))
    shown = "@oracle.takes(like=(Weights(np.ones(2)),))\n"
    assert check(head + shown + pair, "--examples", "12").exit_code == 0
