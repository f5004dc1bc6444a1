"""`like=`: example arguments of any form; a right and a wrong gradient of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import oracle
from oracle.check.leaf_problems import Question
from oracle.check.question import make_problem
from oracle.search.around import AS_GIVEN, AWAY, BESIDE
from oracle.search.points import points
from oracle.search.problem import Example

Array = Any
check = partial(oracle.check_gradient, database=None, examples=16)
W, B, X = np.array([[0.5, -1.0], [2.0, 0.25], [1.5, -0.75]]), np.array([0.5, -0.25, 1.0]), np.array([1.0, -2.0])


def layer(params: Any, x: Array) -> Array:
    return jnp.sum((params["w"] @ x + params["b"]) ** 2)


def layer_grad(params: Any, x: Array) -> Any:
    z = params["w"] @ x + params["b"]
    return {"w": 2 * np.outer(z, x), "b": 2 * z}


def without_the_factor(params: Any, x: Array) -> Any:
    return {**layer_grad(params, x), "b": params["w"] @ x + params["b"]}


def test_a_dict_of_parameters() -> None:
    report = check(layer, layer_grad, like=({"w": W, "b": B}, X))
    assert report.verdict == "right", report
    assert report.name == "layer_grad, by params['w'], params['b']"
    assert report.certified

    report = check(layer, without_the_factor, like=({"w": W, "b": B}, X))
    assert report.verdict == "wrong"
    assert report.name == "without_the_factor, by params['b']"
    assert report.arguments == ("params['w']", "params['b']", "x")
    assert "params = {'w': np.array(" in report.reproduction
    assert "without_the_factor(params, x)['b'][" in report.reproduction


class Weights(NamedTuple):
    scale: Array
    shift: list[Array]


def affine(weights: Weights, x: Array) -> Array:
    return jnp.sum(weights.scale * x + weights.shift[0] ** 2)


def affine_grad(weights: Weights, x: Array) -> Weights:
    return Weights(x, [2 * weights.shift[0]])


def test_a_namedtuple_that_holds_a_list() -> None:
    example = (Weights(X, [X + 1.0]), X)
    report = check(affine, affine_grad, like=example)
    assert report.verdict == "right", report
    assert report.name.endswith("weights.scale, weights.shift[0]")

    report = check(affine, lambda weights, x: Weights(x, [weights.shift[0]]), like=example)
    assert report.verdict == "wrong"
    assert report.name.endswith("weights.shift[0]")


def power(x: Array, n: int, shift: Any, name: str) -> Array:
    assert isinstance(n, int)
    assert shift is None
    assert name == "power"
    return jnp.sum(x**n)


def test_what_is_no_array_stays_as_it_is() -> None:
    example = (X, 3, None, "power")
    assert check(power, lambda x, n, shift, name: n * x ** (n - 1), like=example)
    assert check(power, lambda x, n, shift, name: x ** (n - 1), like=example).verdict == "wrong"


def picked(x: Array, at: Array) -> Array:
    return (x[at] ** 2).sum()


def picked_grad(x: Array, at: Array) -> Array:
    assert at.dtype == np.int64
    out = np.zeros_like(x)
    np.add.at(out, at, 2 * x[at])
    return out


def picked_once(x: Array, at: Array) -> Array:
    out = np.zeros_like(x)
    out[at] = 2 * x[at]
    return out


def test_integers_stay_as_they_are_given() -> None:
    example = (X, np.array([0, 1, 0]))
    report = check(picked, picked_grad, like=example)
    assert report.verdict == "right", report
    assert "as they are given stay at (int64)" in report.notes
    assert check(picked, picked_once, like=example).verdict == "wrong"


@pytest.mark.parametrize("dtype", [np.float32, ml_dtypes.bfloat16, np.float16])
def test_an_example_is_asked_in_its_dtype(dtype: Any) -> None:
    asked = set()

    def grad(x: Array) -> Array:
        asked.add(x.dtype)
        return 2 * x

    report = check(lambda x: (x**2).sum(), grad, like=X.astype(dtype))
    assert report.verdict == "right", report
    assert asked == {np.dtype(dtype)}
    assert report.warnings == ()
    assert check(lambda x: (x**2).sum(), lambda x: x, like=X.astype(dtype)).verdict == "wrong"


def test_the_example_is_the_first_point() -> None:
    """Wrong at this very argument alone."""
    there = np.array([0.123456789, 0.987654321])
    wrong_there = lambda x: 2 * x + 1.0 * np.array_equal(x, there)  # noqa: E731
    assert check(lambda x: (x**2).sum(), wrong_there, like=there).verdict == "wrong"


def test_several_arrays_share_the_points() -> None:
    asked = Question(examples=60)
    assert [asked.each(count) for count in (1, 2, 3, 5)] == [60, 45, 30, 18]
    assert asked.each(100) == 16
    assert Question(examples=4).each(100) == 4


def test_few_points_go_further_than_about_what_was_given() -> None:
    given = np.array([0.5, -1.0, 2.0, 0.25, 3.0])
    problem = make_problem(lambda x: x, lambda x: x, ("real",), None, ((5,),), 16, None, 0)
    few = list(points(replace(problem, example=Example((given,), ("float64",))), np.random.default_rng(0), 16))
    assert len(few) == 16
    assert np.array_equal(few[0].args[0], given)
    about = [p for p in few if p.why in (AS_GIVEN, BESIDE, AWAY)]
    assert len(about) == 8
    assert any(not p.args[0].all() for p in few)


def test_a_tuple_of_arguments() -> None:
    fn: Callable[..., Any] = lambda a, b, c: (a * b**2 * c).sum()  # noqa: E731
    right = lambda a, b, c: (2 * a * b * c, b**2 * c)  # noqa: E731
    wrong = lambda a, b, c: [2 * a * b * c, b * c]  # noqa: E731
    for given in ({"like": (X, X, X)}, {"domains": ("real",) * 3, "lengths": (1, 3)}):
        report = check(fn, right, argnum=(1, 0), **given)
        assert report.verdict == "right", report
        assert report.name.endswith("by b, a")
        report = check(fn, wrong, argnum=(1, 0), **given)
        assert report.verdict == "wrong"
        assert report.name.endswith("by a")


def test_domains_in_the_form_of_the_argument() -> None:
    def fn(params: Any, x: Array) -> Array:
        return jnp.sum(jnp.log(params["scale"]) * x)

    def grad(params: Any, x: Array) -> Any:
        assert (params["scale"] > 0).all()
        return {"scale": x / params["scale"]}

    report = check(fn, grad, ({"scale": "positive"}, "real"), like=({"scale": np.array([1.0, 2.0])}, X))
    assert report.verdict == "right", report
    assert report.domains == ("positive", "real")


def test_where_fn_is_finite_is_found_out() -> None:
    report = check(lambda x: jnp.log(x).sum(), lambda x: 1 / x, like=np.array([1.0, 2.0]))
    assert report.verdict == "right", report
    assert report.assumed.startswith("x in positive")


@pytest.mark.longer
def test_labels_beside_it_stay_labels() -> None:
    """p − y is right where Σy = 1 alone."""

    def fn(z: Array, y: Array) -> Array:
        return -(y * jax.nn.log_softmax(z)).sum()

    def grad(z: Array, y: Array) -> Array:
        e = np.exp(z - z.max())
        return e / e.sum() - y

    assert check(fn, grad, like=(np.array([0.5, -1.0, 2.0]), np.array([0.0, 1.0, 0.0])))


Z = np.array([1.0 + 2.0j, -0.5 + 0.25j])


def squared(z: Array) -> Array:
    return (z * z * z.conj()).real.sum()


@pytest.mark.longer
def test_complex_numbers_by_either_convention() -> None:
    def by_jax(z: Array) -> Array:
        return np.asarray(jax.grad(squared)(z))

    report = check(squared, by_jax, like=jnp.asarray(Z))
    assert report.verdict == "right", report
    assert "∂f/∂x − i ∂f/∂y, as jax has it" in report.notes[-1]
    for convention, sign in (("jax", -1), ("torch", 1)):

        def written(z: Array, sign: int = sign) -> Array:
            return by_jax(z).real - sign * 1j * by_jax(z).imag

        report = check(squared, written, like=Z)
        assert report.verdict == "right", report
        assert f"as {convention} has it" in report.notes[-1]
    assert check(squared, lambda z: 2 * by_jax(z), like=jnp.asarray(Z)).verdict == "wrong"


@pytest.mark.longer
def test_the_wrong_convention_of_jax_arrays_is_wrong() -> None:
    report = check(squared, lambda z: jax.grad(squared)(z).conj(), like=jnp.asarray(Z))
    assert report.verdict == "wrong"
    assert report.name.endswith("z.imag")


@pytest.mark.longer
def test_none_for_what_has_a_derivative() -> None:
    report = check(layer, lambda params, x: {"w": layer_grad(params, x)["w"], "b": None}, like=({"w": W, "b": B}, X))
    assert report.verdict == "wrong"
    assert "Grad gives None for params['b'], which has a derivative" in report.diagnosis
