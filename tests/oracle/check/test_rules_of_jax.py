"""`manualbp check`: rules of JAX of every form, right and wrong, against the derivative of the function as it is coded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax
import pytest

from oracle.check.judge_pair import judge
from oracle.check.options import Options
from oracle.check.pairs_in_file import pairs_in
from oracle.check.user_file import loaded

from .users_files import Command

HEAD = """
import jax
import jax.numpy as jnp
from functools import partial
"""

#: A file with a rule, where FACTOR is 1 in a right one.
FORMS = {
    "custom_jvp": """
@jax.custom_jvp
def f(x):
    return jnp.sin(x)
f.defjvp(lambda at, along: (jnp.sin(at[0]), FACTOR * jnp.cos(at[0]) * along[0]))
""",
    "defjvps": """
@jax.custom_jvp
def f(x, y):
    return x * jnp.sin(y)
f.defjvps(lambda t, value, x, y: t * jnp.sin(y), lambda t, value, x, y: FACTOR * t * x * jnp.cos(y))
""",
    "a custom_jvp with a static argument": """
@partial(jax.custom_jvp, nondiff_argnums=(1,))
def f(x, n):
    return x**n
f.defjvp(lambda n, at, along: (f(at[0], n), FACTOR * n * at[0] ** (n - 1) * along[0]))
""",
    "a custom_vjp with a static argument": """
@partial(jax.custom_vjp, nondiff_argnums=(0,))
def f(n, x):
    return x**n
f.defvjp(lambda n, x: (x**n, x), lambda n, x, c: (FACTOR * c * n * x ** (n - 1),))
""",
    "a static function": """
@partial(jax.custom_jvp, nondiff_argnums=(0,))
def f(g, x):
    return g(x) * 2
f.defjvp(lambda g, at, along: (f(g, at[0]), FACTOR * 2 * jax.jvp(g, at, along)[1]))
""",
    "a default": """
@jax.custom_vjp
def f(x, slope=2.0):
    return jnp.tanh(slope * x)
def derivative(r):
    return FACTOR / jnp.cosh(r[0] * r[1]) ** 2
f.defvjp(
    lambda x, slope: (jnp.tanh(slope * x), (x, slope)),
    lambda r, c: (c * r[1] * derivative(r), jnp.sum(c * r[0] * derivative(r))),
)
""",
    "a default that is left out": """
@jax.custom_vjp
def f(x, eps=1e-3):
    return x / jnp.sqrt(jnp.sum(x * x) + eps)
def backward(r, c):
    x, n = r
    return (FACTOR * c / n - x * jnp.sum(c * x) / n**3, None)
def forward(x, eps):
    n = jnp.sqrt(jnp.sum(x * x) + eps)
    return x / n, (x, n)
f.defvjp(forward, backward)
""",
    "symbolic zeros": """
@jax.custom_vjp
def f(x, y):
    return x * jnp.sin(y)
def forward(x, y):
    return x.value * jnp.sin(y.value), (x.value, y.value)
f.defvjp(forward, lambda r, c: (FACTOR * c * jnp.sin(r[1]), c * r[0] * jnp.cos(r[1])), symbolic_zeros=True)
""",
    "a wrong case where one argument alone moves": """
@jax.custom_vjp
def f(x, y):
    return x * jnp.sin(y)
def forward(x, y):
    return x.value * jnp.sin(y.value), (x.value, y.value, x.perturbed and y.perturbed)
def backward(r, c):
    return (c * jnp.sin(r[1]) * (1 if r[2] else FACTOR), c * r[0] * jnp.cos(r[1]))
f.defvjp(forward, backward, symbolic_zeros=True)
""",
    "a label": """
@jax.custom_vjp
def f(logits, label):
    return jax.nn.logsumexp(logits) - logits[label]
f.defvjp(
    lambda z, y: (f(z, y), (z, y)),
    lambda r, c: (c * (FACTOR * jax.nn.softmax(r[0]) - jax.nn.one_hot(r[1], r[0].shape[-1])), None),
)
""",
    "labels of rows": """
@jax.custom_vjp
def f(logits, labels):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1)[:, 0]
f.defvjp(
    lambda z, y: (f(z, y), (z, y)),
    lambda r, c: (FACTOR * c[:, None] * (jax.nn.softmax(r[0]) - jax.nn.one_hot(r[1], r[0].shape[-1])), None),
)
""",
    "several outputs": """
@jax.custom_jvp
def f(x):
    return jnp.sin(x), jnp.cos(x)
f.defjvp(lambda at, along: (f(at[0]), (jnp.cos(at[0]) * along[0], -FACTOR * jnp.sin(at[0]) * along[0])))
""",
    "matrices": """
@jax.custom_vjp
def f(a, b):
    return a @ b
f.defvjp(lambda a, b: (a @ b, (a, b)), lambda r, c: (c @ r[1].T, FACTOR * r[0].T @ c))
""",
    "a jitted rule": """
@jax.custom_vjp
def f(x):
    return x**3
f.defvjp(jax.jit(lambda x: (x**3, x)), jax.jit(lambda x, c: (FACTOR * 3 * x**2 * c,)))
g = jax.jit(f)
""",
    "a rule that is not linear": """
@jax.custom_jvp
def f(x):
    return jnp.sin(x)
f.defjvp(lambda at, along: (jnp.sin(at[0]), jnp.cos(at[0]) * (along[0] if FACTOR == 1 else jnp.abs(along[0]))))
""",
    "a rule around another": """
@jax.custom_jvp
def inner(x):
    return x * x
inner.defjvp(lambda at, along: (at[0] ** 2, 7 * at[0] * along[0]))
@jax.custom_vjp
def f(x):
    return inner(x) * x
f.defvjp(lambda x: (x**3, x), lambda x, c: (FACTOR * 3 * x * x * c,))
""",
}


def verdicts(source: str, tmp_path: Path, *, wanted: str = "f") -> dict[str, Any]:
    path = tmp_path / "users.py"
    path.write_text(HEAD + source)
    with loaded(path) as module:
        pairs, refused = pairs_in(module, [wanted], path)
        assert not refused
        return {pair.name: judge(pair, Options(examples=6, memory=False)) for pair in pairs}


#: Those that stand for the others, where there is little time.
QUICK = ("custom_jvp", "a default")


@pytest.mark.costly
@pytest.mark.parametrize(
    "form", [form if form in QUICK else pytest.param(form, marks=pytest.mark.longer) for form in FORMS]
)
def test_a_right_rule_and_a_wrong_one_of_every_form(form: str, tmp_path: Path) -> None:
    with jax.enable_x64(True):
        right = verdicts(FORMS[form].replace("FACTOR", "1"), tmp_path)
        wrong = verdicts(FORMS[form].replace("FACTOR", "1.001"), tmp_path)
    assert {str(report.verdict) for report in right.values()} == {"right"}, right
    assert "wrong" in {str(report.verdict) for report in wrong.values()}
    assert all(report.certified for report in (*right.values(), *wrong.values()))


@pytest.mark.longer
def test_what_was_filled_in_is_said(tmp_path: Path) -> None:
    with jax.enable_x64(True):
        found = verdicts(FORMS["a custom_vjp with a static argument"].replace("FACTOR", "1"), tmp_path)
        assert list(found) == ["f, n = 2, by its own rule", "f, n = 3, by its own rule"]
        label = verdicts(FORMS["a label"].replace("FACTOR", "1"), tmp_path)
        assert list(label) == ["f, label = 1, by its own rule"]
        left_out = verdicts(FORMS["a default that is left out"].replace("FACTOR", "1"), tmp_path)
        assert list(left_out) == ["f, eps = 0.001 (by which the rule gives no derivative), by its own rule"]


def test_the_truth_says_which_rules_it_set_aside(tmp_path: Path) -> None:
    with jax.enable_x64(True):
        (report,) = verdicts(FORMS["a rule around another"].replace("FACTOR", "1"), tmp_path).values()
    assert "the truth is the derivative of fn as it is coded: the rule of inner is set aside" in report.notes


def test_jaxs_own_rules_in_a_file_are_not_the_users(tmp_path: Path) -> None:
    source = "from jax.nn import relu, silu\n@jax.custom_jvp\ndef unfinished(x):\n    return x\n"
    path = tmp_path / "users.py"
    path.write_text(HEAD + source)
    with loaded(path) as module:
        pairs, refused = pairs_in(module, [], path)
    assert not pairs
    assert refused == {"unfinished": "it has no rule: defjvp or defvjp was not called"}


def test_a_jitted_alias_is_the_same_rule(tmp_path: Path) -> None:
    path = tmp_path / "users.py"
    path.write_text(HEAD + FORMS["a jitted rule"].replace("FACTOR", "1"))
    with loaded(path) as module:
        assert [pair.name for pair in pairs_in(module, [], path)[0]] == ["f, by its own rule"]
        assert [pair.name for pair in pairs_in(module, ["g"], path)[0]] == ["g, by its own rule"]


EQUINOX = """
import equinox as eqx

@eqx.filter_custom_vjp
def f(x, power):
    return x**power
@f.def_fwd
def forward(perturbed, x, power):
    return x**power, x
@f.def_bwd
def backward(x, c, perturbed, x_again, power):
    return FACTOR * c * power * x ** (power - 1)

@eqx.filter_custom_jvp
def g(x, y):
    return x * y
@g.def_jvp
def rule(at, along):
    (x, y), (tx, ty) = at, along
    return x * y, (0 if tx is None else tx * y) + (0 if ty is None else FACTOR * ty * x)
"""


@pytest.mark.parametrize("name", ["f", "g"])
def test_filtered_rules_of_equinox(name: str, tmp_path: Path) -> None:
    pytest.importorskip("equinox")
    with jax.enable_x64(True):
        right = verdicts(EQUINOX.replace("FACTOR", "1"), tmp_path, wanted=name)
        wrong = verdicts(EQUINOX.replace("FACTOR", "1.001"), tmp_path, wanted=name)
    assert {str(report.verdict) for report in right.values()} == {"right"}
    assert "wrong" in {str(report.verdict) for report in wrong.values()}


def test_the_reproduction_of_a_wrong_rule_with_a_static_argument_runs(check: Command, tmp_path: Path) -> None:
    data = json.loads(check(HEAD + FORMS["a static function"].replace("FACTOR", "1.01"), "--json").stdout)
    (report,) = data["reports"]
    assert "rules(f)[0].vjp" in report["reproduction"]
