"""A function with a backward rule of its own, as the function without it and the rule as a product."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.candidate.asking import CannotJudge
from oracle.candidate.custom_rules import rule, rules, without_rule

Array = Any


@jax.custom_vjp
def product(a: Array, E: Array) -> Array:
    """The words of the function."""
    return a * E


product.defvjp(lambda a, E: (a * E, (a, E)), lambda kept, c: (7 * kept[1] * c, None))


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def power(a: Array, n: int) -> Array:
    return a**n


power.defvjp(lambda a, n: (a**n, a), lambda n, a, c: (c * n * a ** (n - 1),))


def test_a_rule_of_jax_and_the_function_without_it() -> None:
    found = rule(product)
    assert found is not None
    a, E, c = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([1.0, 10.0])
    by_a, by_E = found.vjp(a, E, c)
    assert np.asarray(by_a).tolist() == [21.0, 280.0]
    assert by_E is None
    (without,) = jax.vjp(lambda a: found.fn(a, E), a)[1](jnp.asarray(c))
    assert without.tolist() == [3.0, 40.0]
    assert found.vjp.__doc__ == "The words of the function."
    assert without_rule(product) is product.__wrapped__
    assert without_rule(jax.jit(product)) is product.__wrapped__


def test_what_has_no_rule() -> None:
    for value in (np.sin, jnp.sin, 3, "text", type("Class", (), {})):
        assert rule(value) is None
        assert without_rule(value) is value


def test_static_arguments_are_filled_in_and_said() -> None:
    two, three = rules(power)
    assert (two.words, three.words) == ("n = 2", "n = 3")
    assert np.asarray(three.fn(np.array([2.0]))).tolist() == [8.0]
    (by_a,) = three.vjp(np.array([2.0]), np.array([10.0]))
    assert np.asarray(by_a).tolist() == [120.0]


@jax.custom_vjp
def turned(q: Array, v: Array) -> Array:
    if q.shape != (4,):
        raise ValueError("q is no quaternion")
    return jnp.cross(q[1:], v) + q[0] * v


turned.defvjp(lambda q, v: (turned(q, v), (q, v)), lambda kept, c: jax.vjp(turned.fun, *kept)[1](c))


@partial(jax.custom_jvp, nondiff_argnums=(2, 3))
def dot(a: Array, b: Array, dimension_numbers: Any, precision: Any) -> Array:
    return jax.lax.dot_general(a, b, dimension_numbers, precision)


dot.defjvp(lambda axes, precision, at, along: (dot(*at, axes, precision), dot(along[0], at[1], axes, precision)))


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def cast(dtype: Any, x: Array) -> Array:
    return jnp.asarray(x, dtype)


cast.defjvp(lambda dtype, at, along: (cast(dtype, *at), along[0]))


def test_shapes_and_static_arguments_that_are_known_by_their_names() -> None:
    assert [(r.words, r.shapes) for r in rules(turned)] == [("", ((4,), (3,)))]
    (product_of_matrices,) = rules(dot)
    assert product_of_matrices.words == "dimension_numbers = (((1,), (0,)), ((), ())), precision = None"
    assert product_of_matrices.shapes == ((3, 4), (4,))
    assert [(r.words, r.shapes) for r in rules(cast)] == [("dtype = None", None)]


def test_a_jitted_forward_rule_and_one_that_leaves_an_argument_out() -> None:
    jitted = jax.custom_jvp(lambda x: jnp.sin(x))
    jitted.defjvp(jax.jit(lambda at, along: (jnp.sin(at[0]), 3 * along[0])))
    (found,) = rules(jitted)
    assert np.asarray(found.vjp(np.array([1.0]), np.array([2.0]))[0]).tolist() == [6.0]
    partly = jax.custom_jvp(lambda x, y: x * y)
    partly.defjvps(lambda t, value, x, y: t * y, None)
    (found,) = rules(partly)
    by_x, by_y = found.vjp(np.array([1.0]), np.array([2.0]), np.array([1.0]))
    assert (np.asarray(by_x).tolist(), by_y) == ([2.0], None)


def test_what_jax_says_of_its_own_functions_is_no_users_rule() -> None:
    assert rules(jax.nn.relu) == []
    assert without_rule(jax.nn.relu) is jax.nn.relu


def test_a_rule_that_was_never_given_is_refused_in_a_sentence() -> None:
    with pytest.raises(CannotJudge, match="it has no rule: defjvp or defvjp was not called"):
        rules(jax.custom_vjp(lambda x: x))


def test_a_rule_of_torch() -> None:
    torch = pytest.importorskip("torch")

    class Cube(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3 + y

        @staticmethod
        def backward(ctx: Any, c: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * x**2 * c, c

    found = rule(Cube)
    assert found is not None
    x, y, c = np.array([2.0]), np.array([1.0]), np.array([10.0])
    assert found.fn(x, y).tolist() == [9.0]
    by_x, by_y = found.vjp(x, y, c)
    assert (by_x.tolist(), by_y.tolist()) == ([80.0], [10.0])
    assert not np.shares_memory(by_y, c), "the cotangent handed on is copied"
    assert (found.fn.__name__, found.vjp.__name__) == ("Cube", "Cube_vjp")
    assert rule(torch.autograd.Function) is None
