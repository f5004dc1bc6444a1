"""Where no domain is declared: what is assumed and said, and no `right` that was not looked at."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import oracle

from ...sweeps import thinned
from .undeclared import CASES, sigmoid
from .users_files import Command

pytestmark = pytest.mark.usefixtures("little_evidence")

Array = Any
check = partial(oracle.check_gradient, database=None)


@pytest.mark.costly
@pytest.mark.parametrize("name", thinned(CASES, 8))
def test_a_wrong_gradient_is_not_right_where_nothing_is_declared(name: str) -> None:
    report = check(CASES[name].fn, CASES[name].wrong, lengths=(1, 4))
    assert report.verdict in ("wrong", "undecided")
    assert "no domain is declared" in str(report).splitlines()[1]


@pytest.mark.costly
@pytest.mark.parametrize("name", thinned(CASES, 6))
def test_a_right_gradient_is_right_where_nothing_is_declared(name: str) -> None:
    report = check(CASES[name].fn, CASES[name].right, lengths=(1, 4))
    assert report.verdict == "right", str(report)


@pytest.mark.parametrize(
    ("fn", "grad", "assumed"),
    [
        (lambda a: jnp.log(a).sum(), lambda a: 1 / a, "a in positive"),
        (lambda a: jnp.arcsin(a).sum(), lambda a: 1 / np.sqrt((1 - a) * (1 + a)), "a in (-1, 1)"),
        (lambda a: (1 / a).sum(), lambda a: -1 / a / a, "a in real"),
        (lambda p, q: (p * jnp.log(p / q)).sum(), lambda p, q: np.log(p / q) + 1, "p in positive, q in positive"),
        (lambda a, E: (jnp.sqrt(E) * a).sum(), lambda a, E: np.sqrt(E), "a in real, E in nonnegative"),
    ],
)
def test_the_domain_is_what_the_function_allows(fn: Any, grad: Any, assumed: str) -> None:
    report = check(fn, grad, examples=30)
    assert report.assumed.startswith(f"{assumed}: no domain is declared")
    assert ("on wider ones fn is not finite" in report.assumed) == ("real" not in assumed.replace("a in real, E", ""))
    assert report.to_dict()["assumed"] == report.assumed
    assert report.verdict in ("right", "inaccurate")


def test_what_is_declared_is_taken_and_nothing_assumed() -> None:
    report = check(CASES["relu"].fn, CASES["relu"].wrong, ("positive",))
    assert report.verdict == "right", "the user's word excludes what is below 0"
    assert report.assumed == ""
    assert "assumed" not in str(report)


def test_the_number_of_arguments_comes_from_a_signature() -> None:
    def pair(*arrays: Array) -> Array:
        return (arrays[0] * arrays[1]).sum()

    assert check(pair, lambda a, b: b + 0, examples=12).arguments == ("x0", "x1")
    assert check(lambda a, b, scale=2.0: scale * (a * b).sum(), lambda a, b: 2.0 * b, examples=12).verdict == "right"
    with pytest.raises(oracle.CannotJudge, match="fn does not say how many arguments it takes: give domains"):
        check(pair, lambda *arrays: arrays[1] + 0)
    assert check(pair, lambda *arrays: arrays[1] + 0, shapes=((3,), (3,)), examples=12).verdict == "right"


def test_a_vector_jacobian_product_too() -> None:
    report = oracle.check_vjp(lambda z: jnp.maximum(z, 0), lambda z, c: (c + 0,), lengths=(1, 3), database=None)
    assert report.verdict == "wrong"
    assert "z in real: no domain is declared" in report.assumed
    logarithm = oracle.check_vjp(lambda z: jnp.log(z), lambda z, c: (c / z,), lengths=(1, 3), database=None)
    assert logarithm.assumed.startswith("z in positive")


@pytest.mark.longer
def test_wrong_on_all_labels_and_right_with_those_that_are_usual_is_undecided() -> None:
    """softmax(z) − y is the gradient of cross-entropy where Σ y = 1."""

    def cross_entropy(z: Array, y: Array) -> Array:
        return (y * (jnp.log(jnp.exp(z - z.max()).sum()) + z.max() - z)).sum()

    def softmax_minus_y(z: Array, y: Array) -> Array:
        e = np.exp(z - z.max())
        return e / e.sum() - y

    few: Any = {"examples": 8, "lengths": (2, 3)}
    report = check(cross_entropy, softmax_minus_y, **few)
    assert report.verdict == "undecided"
    assert "right with y in simplex: declare" in report.how
    assert check(cross_entropy, softmax_minus_y, ("real", "one_hot"), **few).verdict != "wrong"
    wrong = check(cross_entropy, lambda z, y: softmax_minus_y(z, y) * 1.01, **few)
    assert wrong.verdict == "wrong"


@pytest.mark.longer
def test_a_branch_that_no_point_entered_is_undecided_and_one_that_none_can_enter_is_not() -> None:
    def far(a: Array) -> Array:
        return jnp.where(jnp.sum(jnp.sin(a) ** 2) > 300.0, 3.0, 1.0) * a.sum()

    report = check(far, np.ones_like, ("real",))
    assert report.verdict == "undecided"
    assert "no point entered" in report.how
    assert "declare domains or lengths" in report.how

    def guarded(a: Array) -> Array:
        safe = jnp.where(a > 0, a, 1.0)
        return jnp.where(jnp.isfinite(a), jnp.log(jnp.maximum(safe, 0.0)), 0.0).sum()

    assert check(guarded, lambda a: 1 / a, ("positive",)).verdict == "right"
    assert check(lambda a: jnp.where(a == 0, 1.0, a).sum(), np.ones_like, ("unit",)).verdict == "right"


def test_where_only_one_length_could_be_compared_it_is_undecided() -> None:
    def cost(a: Array) -> Array:
        return (a**2).sum() + jnp.where(a.size > 1, jnp.nan, 0.0)

    report = check(cost, lambda a: 2 * a * a.size, ("real",))
    assert report.verdict == "undecided"
    assert "could" in report.how
    assert check(cost, lambda a: 2 * a, ("real",), lengths=(1, 1)).verdict == "right"


def by_blocks(a: Array) -> Array:
    n = len(a)
    if n > 400:
        return 3 * a
    if n == 0:
        return a
    return 2 * a


@pytest.mark.longer
def test_a_length_that_the_code_asks_for_and_nobody_tried_is_undecided() -> None:
    report = check(lambda a: (a**2).sum(), by_blocks)
    assert report.verdict == "undecided"
    assert "n > 400 came out the same at every length tried, up to 129: declare lengths" in report.how
    assert check(lambda a: (a**2).sum(), by_blocks, lengths=(1, 99)).verdict == "right"
    assert check(lambda a: (a**2).sum(), by_blocks, lengths=(399, 403), examples=45).verdict == "wrong"
    few = check(lambda a: (a**2).sum(), by_blocks, lengths=(399, 403), examples=12)
    assert few.verdict == "undecided"
    assert "only at the shape (399,) could it be compared: a factor of the length would not be seen" in few.how


FILE = """
import numpy as np
import jax.numpy as jnp


def relu(z):
    return jnp.maximum(z, 0).sum()


def relu_grad(z):
    return np.ones_like(z)
"""


def test_a_file_that_declares_nothing(check: Command) -> None:
    result = check(FILE)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == ["relu_grad: wrong", "assumed: z in real: no domain is declared"]
    assert check(FILE, "--domains", "positive").exit_code == 0


def test_the_cases_tell_right_from_wrong() -> None:
    assert len(CASES) == 30
    assert np.isclose(sigmoid(0.0), 0.5)


def logistic(w: Array, X: Array, y: Array) -> Array:
    return np.logaddexp(0, -y * (X @ w)).mean() + 0.5 * w @ w


def logistic_grad(w: Array, X: Array, y: Array) -> Array:
    return -X.T @ (y / (1 + np.exp(y * (X @ w)))) / len(y) + w


def test_numbers_that_stay_at_their_defaults_are_told() -> None:
    def pinball(r, q=0.5, *, reduce=True):
        return jnp.maximum(q * r, (q - 1) * r).sum()

    lines = str(check(pinball, lambda r, q=0.5: np.where(r > 0, q, q - 1), lengths=(1, 3))).splitlines()
    assert lines[1] == "assumed: r in real: no domain is declared; judged at q = 0.5 alone"
    declared = check(pinball, lambda r, q: np.where(r > 0, q, q - 1), ("real", "unit"), lengths=(1, 3))
    assert "alone" not in str(declared)


def ratio(x):
    return x[0] / x[1] * x[2]


def ratio_grad(x):
    return np.array([x[2] / x[1], -x[0] * x[2] / x[1] ** 2, x[0] / x[1]])


def test_a_function_of_three_numbers_is_asked_for_its_length() -> None:
    report = check(ratio, ratio_grad)
    assert report.verdict == "undecided"
    assert "right with 3 entries, and fn reads no more of them: declare lengths=(3, 3)" in report.how
    assert check(ratio, lambda x: np.abs(ratio_grad(x))).verdict == "wrong"
    assert check(lambda x: (x**2).sum(), lambda x: 2 * x[:3]).verdict == "wrong"


@pytest.mark.rest
@pytest.mark.longer
def test_wrong_for_vectors_and_right_with_a_matrix_is_undecided() -> None:
    report = check(logistic, logistic_grad)
    assert report.verdict == "undecided"
    assert "right with w of shape (4,), X of shape (3, 4), y of shape (3,): declare their shapes" in report.how
    assert check(logistic, logistic_grad, shapes=[(4,), (3, 4), (3,)]).verdict == "right"
    assert check(logistic, lambda w, X, y: logistic_grad(w, X, y) - w).verdict == "wrong"


@pytest.mark.longer
def test_a_matrix_excuses_nothing_that_is_wrong_with_one() -> None:
    off = check(lambda a, y: ((a - y) ** 2).mean(), lambda a, y: 2 * (a - y))
    assert off.verdict == "wrong"
    assert check(lambda z, y: jnp.maximum(0, 1 - y * z).sum(), lambda z, y: -y).verdict == "wrong"
