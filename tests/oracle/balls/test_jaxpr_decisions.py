"""What the interpreter refuses or flags: open decisions, ties, primitives that it does not know."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from oracle.balls.arrays import contains, midpoints, precision, radii
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate, supported_primitives
from oracle.balls.watch import watch_ties
from oracle.witnesses.tracing import double_precision

V = np.array([3.0, -1.0, 4.0, -2.0, 5.0, 0.5])


def traced(fn: Any, *args: np.ndarray) -> Any:
    with double_precision():
        return jax.make_jaxpr(fn)(*args)


def test_overlapping_balls_have_a_maximum_but_no_order():
    """max, min, abs and clamp of what cannot be told apart are enclosures; a comparison of it is refused."""
    both = lambda x: jnp.stack([jnp.exp(jnp.log(x)), x])  # noqa: E731
    x = np.array([1.7, 0.3])
    with precision(60):
        for continuous, expected in [(jnp.maximum, x), (jnp.minimum, x), (lambda a, b: jnp.abs(a - b), [0.0, 0.0])]:
            result = evaluate(traced(lambda v, f=continuous: f(*both(v)), x), [x])[0]
            assert contains(result, expected).all()
        for decided in (
            lambda v: jnp.where(both(v)[0] > v, 1.0, 2.0),
            lambda v: jnp.sort(both(v), axis=0),
            lambda v: jnp.argmax(both(v), axis=0),
            lambda v: jnp.floor(both(v)[0] - v),
            lambda v: jnp.sign(both(v)[0] - v),
            lambda v: lax.cond(both(v)[0][0] > v[0], jnp.sin, jnp.cos, v),
            lambda v: lax.while_loop(lambda s: jnp.exp(jnp.log(s)) > s, lambda s: s, v[0]),
        ):
            with pytest.raises(Undecidable):
                evaluate(traced(decided, x), [x])


TIES: list[tuple[str, Any, list[float], bool]] = [
    ("comparison", lambda x: jnp.where(x > 1, x, 2 * x), [1.0], True),
    ("comparison decided", lambda x: jnp.where(x > 1, x, 2 * x), [1.5], False),
    ("between constants", lambda x: jnp.where(jnp.arange(2.0) > 0, x, 2 * x), [1.0, 2.0], False),
    ("nan check of itself", lambda x: jnp.where(x != x, 0.0, x), [1.0], False),
    ("sign", jnp.sign, [0.0], True),
    ("floor", jnp.floor, [2.0], True),
    ("round at half", jnp.round, [2.5], True),
    ("round off half", jnp.round, [2.0], False),
    ("sort of one operand", jnp.sort, [1.0, 1.0], False),
    ("argsort", jnp.argsort, [1.0, 1.0], True),
    ("argmax", jnp.argmax, [1.0, 1.0], True),
    ("top_k", lambda x: lax.top_k(x, 1)[0], [1.0, 1.0], True),
    ("max is continuous", jnp.max, [1.0, 1.0], False),
    ("its gradient is not", jax.grad(jnp.max), [1.0, 1.0], True),
    ("abs is continuous", lambda x: jnp.sum(jnp.abs(x)), [0.0], False),
    ("its gradient is not ", jax.grad(lambda x: jnp.sum(jnp.abs(x))), [0.0], True),
    ("gradient of relu", jax.grad(lambda x: jnp.sum(jax.nn.relu(x))), [0.0], True),
    ("gradient of relu off zero", jax.grad(lambda x: jnp.sum(jax.nn.relu(x))), [3.0, -2.0], False),
    ("gradient of clip", jax.grad(lambda x: jnp.sum(jnp.clip(x, 0.0, 1.0))), [1.0], True),
    ("gradient of sort", jax.grad(lambda x: jnp.dot(jnp.sort(x), jnp.arange(2.0))), [1.0, 1.0], True),
    ("shift of softmax", jax.grad(lambda x: jax.nn.softmax(x)[0]), [1.0, 1.0], False),
    ("cond", lambda x: lax.cond(x[0] >= 0, jnp.sin, jnp.cos, x), [0.0], True),
]


@pytest.mark.parametrize(("name", "fn", "x", "tied"), TIES, ids=[t[0] for t in TIES])
def test_ties_are_flagged_where_a_branch_turns_and_nowhere_else(name, fn, x, tied):
    with precision(100), watch_ties() as watch:
        evaluate(traced(fn, np.array(x)), [np.array(x)])
    assert bool(watch.ties) is tied


def test_decisions_between_arguments_that_stay_fixed_are_no_ties():
    fn = lambda a, e: jnp.sum(jnp.where(e == 0, 0.0, e * jnp.log(a)))  # noqa: E731
    args = [np.array([0.5, 0.5]), np.array([0.0, 1.0])]
    for active, tied in [((True, False), False), ((True, True), True)]:
        with precision(100), watch_ties() as watch:
            evaluate(traced(fn, *args), args, active=active)
        assert bool(watch.ties) is tied


def test_untaken_branches_may_be_anything_and_taken_ones_spread():
    fn = lambda x: jnp.where(x > 0, jnp.log(x), x)  # noqa: E731
    result = evaluate(traced(fn, np.array([-1.0, 2.0])), [np.array([-1.0, 2.0])])[0]
    assert all(ball.is_finite() for ball in result)
    result = evaluate(traced(lambda x: jnp.log(x) * 0.0, np.array([-1.0])), [np.array([-1.0])])[0]
    assert not result[0].is_finite()


@pytest.mark.parametrize(
    ("fn", "primitive"),
    [
        (lambda x: jax.pure_callback(np.sin, jax.ShapeDtypeStruct((6,), float), x), "pure_callback"),
        (lambda x: jax.scipy.linalg.hessenberg(jnp.outer(x, x)), "hessenberg"),
        (lambda x: lax.bitcast_convert_type(lax.bitcast_convert_type(x, jnp.int64) + 1, float), "bitcast_convert_type"),
        (lambda x: jnp.linalg.svd(jnp.outer(x, x)[:, :2], full_matrices=True)[0], "svd"),
        (lambda x: x.at[jnp.array([1, 1])].set(jnp.array([2.0, 3.0])), "scatter"),
        (lambda x: x.at[jnp.array([1, 1])].set(jnp.sqrt(x[0]) * jnp.ones(2)), "scatter"),
    ],
)
def test_the_unsupported_is_named(fn, primitive):
    with pytest.raises(UnsupportedPrimitive, match=primitive):
        evaluate(traced(fn, V), [V])


@pytest.mark.parametrize(
    ("fn", "expected"),
    [
        (lambda x: x.at[jnp.array([4, 1, 4])].set(8.0), [3.0, 8.0, 4.0, -2.0, 8.0, 0.5]),
        (lambda x: x.at[jnp.array([0, 0])].set(-jnp.inf).at[jnp.array([0, 0])].max(x[1:3])[:2], [4.0, -1.0]),
        (lambda x: x.at[jnp.array([1, 1])].set(x[jnp.array([0, 0])]), [3.0, 3.0, 4.0, -2.0, 5.0, 0.5]),
    ],
)
def test_one_number_twice_at_one_place_is_that_number(fn, expected):
    (found,) = evaluate(traced(fn, V), [V])
    assert contains(found, np.array(expected)).all()
    assert not radii(found).any()


def test_gradients_of_a_network_of_23860_parameters_are_enclosed():
    rng = np.random.default_rng(0)
    sizes = (784, 30, 10)
    args = []
    for n, m in itertools.pairwise(sizes):
        args += [rng.normal(size=(m, n)) / np.sqrt(n), rng.normal(size=m)]
    args += [rng.random(784), rng.random(10)]

    def cost(w2, b2, w3, b3, x, expected):
        a = jax.nn.sigmoid(w3 @ jax.nn.sigmoid(w2 @ x + b2) + b3)
        return jnp.sum((a - expected) ** 2) / 2

    gradient = jax.grad(cost, (0, 1, 2, 3))
    with precision(200):
        balls = evaluate(traced(gradient, *args), args)
    with double_precision():
        expected = gradient(*args)
    for ball, value in zip(balls, expected, strict=True):
        assert radii(ball).max() < 1e-55
        assert np.abs(midpoints(ball) - np.asarray(value)).max() < 1e-15


def test_the_tables_cover_what_is_promised():
    promised = (
        "abs acos acosh add add_any and argmax argmin asin asinh atan atan2 atanh broadcast_in_dim cbrt ceil "
        "clamp concatenate cond convert_element_type copy cos cosh cumlogsumexp cummax cummin cumprod cumsum "
        "custom_jvp_call custom_vjp_call digamma div dot_general dynamic_slice dynamic_update_slice eq erf "
        "erf_inv erfc exp exp2 expand_dims expm1 floor gather ge gt integer_pow iota is_finite jit le lgamma "
        "log log1p logistic lt max min mul ne neg not or pad pjit pow reduce_and reduce_max reduce_min "
        "reduce_or reduce_precision reduce_prod reduce_sum rem remat2 reshape rev round rsqrt scan scatter "
        "scatter-add select_n sign sin sinh slice sort split sqrt square squeeze stop_gradient sub tan tanh "
        "top_k transpose while xor "
    )
    assert set(promised.split()) <= supported_primitives()
