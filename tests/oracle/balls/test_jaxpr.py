"""The interpreter against JAX itself: what only moves or adds small integers must agree exactly."""

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
M = np.arange(12.0).reshape(3, 4) - 5.0
T = np.arange(24.0).reshape(2, 3, 4) * 0.5 - 3.0
I32 = np.array([2, 0, 5, 2, -1], dtype=np.int32)

EXACT: dict[str, tuple[Any, ...]] = {
    "arithmetic": (lambda x: x * 2 - x / 4 + (-x), V),
    "reshape": (lambda x: x.reshape(4, 3), M),
    "transpose": (lambda x: jnp.transpose(x, (2, 0, 1)), T),
    "rev": (lambda x: x[::-1, ::-1], M),
    "slice": (lambda x: x[1:, ::2], M),
    "slice strided back": (lambda x: x[::-2], V),
    "broadcast": (lambda x: x[:, None] + jnp.ones((6, 2)), V),
    "expand and squeeze": (lambda x: lax.squeeze(lax.expand_dims(x, (1,)), (1,)), V),
    "pad": (lambda x: lax.pad(x, 7.0, ((1, 2, 0), (0, 1, 2))), M),
    "pad negative": (lambda x: lax.pad(x, 7.0, ((-1, 1, 0), (2, -2, 1))), M),
    "pad all away": (lambda x: lax.pad(x, 7.0, ((-2, -1, 0), (0, 0, 0))), M),
    "pad of nothing": (lambda x: lax.pad(x[:0], 7.0, ((1, 0, 2), (0, 0, 0))), M),
    "concatenate": (lambda x: jnp.concatenate([x, x * 2, x[:1]], axis=0), M),
    "split": (lambda x: jnp.concatenate(jnp.split(x, [1, 3], axis=1)[::-1], axis=1), M),
    "stack": (lambda x: jnp.stack([x, -x], axis=1), M),
    "tile": (lambda x: jnp.tile(x, (2, 3)), M),
    "repeat": (lambda x: jnp.repeat(x, 2, axis=1), M),
    "roll": (lambda x: jnp.roll(x, 2, axis=1), M),
    "iota": (lambda x: x + lax.broadcasted_iota(jnp.float64, (3, 4), 1), M),
    "dynamic slice": (lambda x: lax.dynamic_slice(x, (jnp.int32(2), jnp.int32(1)), (2, 2)), M),  # moved inside
    "dynamic update": (lambda x: lax.dynamic_update_slice(x, jnp.ones((2, 2)), (jnp.int32(2), jnp.int32(9))), M),
    "gather rows": (lambda x: x[jnp.array([2, 0, 0])], M),
    "gather elements": (lambda x: x[jnp.array([2, 0]), jnp.array([3, 1])], M),
    "gather columns": (lambda x: x[:, jnp.array([[3, 1], [0, 0]])], M),
    "gather middle": (lambda x: x[:, jnp.array([2, 0])], T),
    "take_along_axis": (lambda x: jnp.take_along_axis(x, jnp.array([[1, 0, 2, 2]]), axis=0), M),
    "take_along batched": (lambda x: jnp.take_along_axis(x, jnp.array([[[1], [0], [3]]] * 2), axis=2), T),
    "gather clipped": (lambda x: x.at[jnp.array([9, -9])].get(mode="clip"), V),
    "gather filled": (lambda x: x.at[jnp.array([9, 1])].get(mode="fill", fill_value=2.5), V),
    "gather batched": (lambda x: jax.vmap(lambda r, i: r[i])(x, jnp.array([3, 0, 1])), M),
    "scatter": (lambda x: x.at[jnp.array([4, 1])].set(jnp.array([8.0, 9.0])), V),
    "scatter dropped": (lambda x: x.at[jnp.array([9, 1])].set(7.0, mode="drop"), V),
    "scatter clipped": (lambda x: x.at[jnp.array([9, 1])].add(7.0, mode="clip"), V),
    "scatter add twice": (lambda x: x.at[jnp.array([1, 1, 2])].add(jnp.array([1.0, 2.0, 4.0])), V),
    "scatter sub": (lambda x: x.at[jnp.array([1, 1])].subtract(1.0), V),
    "scatter mul": (lambda x: x.at[jnp.array([1, 1, 2])].multiply(3.0), V),
    "scatter max": (lambda x: x.at[jnp.array([0, 1])].max(0.25), V),
    "scatter min": (lambda x: x.at[jnp.array([0, 1])].min(0.25), V),
    "scatter rows": (lambda x: x.at[jnp.array([2, 0])].add(jnp.ones((2, 4))), M),
    "scatter columns": (lambda x: x.at[:, 1].set(jnp.array([7.0, 8.0, 9.0])), M),
    "scatter batched": (lambda x: jax.vmap(lambda r, i: r.at[i].add(3.0))(x, jnp.array([3, 0, 1])), M),
    "sort": (lambda x: jnp.sort(x), V),
    "sort columns": (lambda x: jnp.sort(-x, axis=0), M),
    "sort descending": (lambda x: jnp.sort(x, descending=True), V),
    "argsort": (lambda x: jnp.argsort(x), V),
    "sort by key": (lambda x: lax.sort((x, jnp.arange(6.0)), num_keys=1)[1], V),
    "sort by two keys": (lambda x: lax.sort((jnp.floor(x / 4), x, x * 3), num_keys=2)[2], V),
    "sort integers": (lambda x: jnp.sort(jnp.array(I32)) * x[0], V),
    "top_k": (lambda x: lax.top_k(x, 2)[0], V),
    "top_k indices": (lambda x: lax.top_k(x, 3)[1], M),
    "searchsorted": (lambda x: jnp.searchsorted(jnp.sort(x), jnp.array([0.25, 4.5, 9.0])), V),
    "argmax": (lambda x: jnp.argmax(x, axis=1), M),
    "argmin": (lambda x: jnp.argmin(x), V),
    "median": (lambda x: jnp.median(x), V),
    "cumsum": (lambda x: jnp.cumsum(x, axis=1), M),
    "cumsum reversed": (lambda x: lax.cumsum(x, reverse=True), V),
    "cumprod": (lambda x: jnp.cumprod(x), V),
    "cummax": (lambda x: lax.cummax(x), V),
    "cummin": (lambda x: lax.cummin(x, reverse=True), V),
    "sum": (lambda x: jnp.sum(x, axis=(0, 2)), T),
    "sum of nothing": (lambda x: jnp.sum(x[:, :0], axis=1), M),
    "prod": (lambda x: jnp.prod(x), V),
    "prod of nothing": (lambda x: jnp.prod(x[:0]), V),
    "max": (lambda x: jnp.max(x, axis=1), M),
    "min": (lambda x: jnp.min(x), M),
    "max of nothing": (lambda x: jnp.max(x[:0], initial=-jnp.inf), V),
    "all and any": (lambda x: jnp.stack([jnp.all(x > -9, axis=0), jnp.any(x > 2.25, axis=0)]), M),
    "dot": (lambda x: x @ x, V),
    "matmul": (lambda x: x @ x.T, M),
    "batched matmul": (lambda x: jnp.matmul(x, jnp.swapaxes(x, 1, 2)), T),
    "einsum": (lambda x: jnp.einsum("bij,bkj->kib", x, x), T),
    "outer": (lambda x: jnp.outer(x, x), V),
    "dot of nothing": (lambda x: x[:, :0] @ x[:0], M),
    "trace": (lambda x: jnp.trace(x[:, :3]), M),
    "tril": (lambda x: jnp.tril(x), M),
    "where": (lambda x: jnp.where(x > 0.25, x, -2 * x), V),
    "select": (lambda x: jnp.select([x > 3.5, x > 0.25], [x, 2 * x], 7.0), V),
    "clip": (lambda x: jnp.clip(x, -1.5, 3.5), V),
    "clamp": (lambda x: lax.clamp(-1.5, x, 3.5), V),
    "floor ceil round trunc": (lambda x: jnp.stack([f(x / 8) for f in (jnp.floor, jnp.ceil, jnp.round, jnp.trunc)]), V),
    "round away": (lambda x: lax.round(x / 8, lax.RoundingMethod.AWAY_FROM_ZERO), V),
    "rem": (lambda x: lax.rem(x, 1.75), V),
    "mod": (lambda x: jnp.mod(x, -1.75), V),
    "integer arithmetic": (lambda x: (jnp.array(I32) // 2 * 3 - jnp.array(I32) % 4) * x[0], V),
    "integer division": (
        lambda x: lax.div(jnp.array(I32 * 7), jnp.array([2, 3, -2, -4, 3], dtype=jnp.int32)) * x[0],
        V,
    ),
    "bits": (lambda x: ((jnp.array(I32) ^ 3 | 8) & ~jnp.array(I32)) * x[0], V),
    "shifts": (lambda x: ((jnp.array(I32) << 3) >> 1) * x[0], V),
    "logical shift": (lambda x: lax.shift_right_logical(jnp.array(I32), jnp.int32(28)) * x[0], V),
    "to integer": (lambda x: (x / 8).astype(jnp.int32), V),
    "to bool": (lambda x: x.astype(bool), V),
    "from bool": (lambda x: (x > 0.25).astype(jnp.float64) * x, V),
    "through float32": (lambda x: x.astype(jnp.float32).astype(jnp.float64), V),
    "constants": (lambda x: x + jnp.array([0.1, 1e-300, 5e-324, -0.0, 1e300, 2.0]) * 0, V),
    "is_finite": (lambda x: jnp.isfinite(x) & ~jnp.isnan(x), V),
    "masked maximum": (lambda x: jnp.max(jnp.where(x > 0.25, x, -jnp.inf)), V),
    "power": (lambda x: x**3 + x**2 + x**0 + lax.integer_pow(x * 2 + 1 - 1, 1), V),
    "diff": (lambda x: jnp.diff(x), V),
    "while": (lambda x: lax.while_loop(lambda s: s[0] < 20, lambda s: (s[0] * 2, s[1] + 1), (x[0], 0.0))[1] * x, V),
    "fori": (lambda x: lax.fori_loop(0, 4, lambda i, s: s + x[i], 0.0), V),
    "scan": (lambda x: lax.scan(lambda c, a: (c + a, c * 2), 1.0, x)[1], V),
    "scan reversed": (lambda x: lax.scan(lambda c, a: (c + a, c), x[0], x, reverse=True)[1], V),
    "scan of nothing": (lambda x: lax.scan(lambda c, a: (c + a, c), x[0], x[:0])[0], V),
    "cond": (lambda x: lax.cond(x[0] > 0, lambda v: v + 1, lambda v: v - 1, x), V),
    "switch": (lambda x: lax.switch(jnp.argmax(x), [lambda v: v, lambda v: -v, lambda v: 3 * v], x), V),
    "map": (lambda x: lax.map(lambda r: jnp.sum(r), x), M),
    "vmap": (lambda x: jax.vmap(lambda r: jnp.dot(r, r))(x), M),
    "associative scan": (lambda x: lax.associative_scan(jnp.add, x), V),
    "checkpoint": (lambda x: jax.checkpoint(lambda v: v * v)(x), V),
    "custom_jvp": (lambda x: jax.nn.relu(x), V),
    "stop_gradient": (lambda x: lax.stop_gradient(x) * x, V),
    "segment_sum": (lambda x: jax.ops.segment_sum(x, jnp.array([0, 1, 0, 2, 2, 1]), 3), V),
    "corrcoef's diagonal": (lambda x: jnp.diag(jnp.outer(x, x)), V),
    "meshgrid": (lambda x: jnp.stack(jnp.meshgrid(x, x[:2])), V),
}


@jax.custom_vjp
def halved(x: Any) -> Any:
    return x / 2


halved.defvjp(lambda x: (x / 2, None), lambda _, g: (g / 2,))
EXACT["custom_vjp"] = (halved, V)
EXACT["custom_vjp in a scan"] = (lambda x: lax.scan(lambda c, a: (halved(c) + a, halved(a)), 0.0, x)[1], V)
EXACT["scan of no integers"] = (lambda x: lax.scan(lambda c, a: (c, a), 0, jnp.arange(0))[1], V)
EXACT["jit in a vmap"] = (lambda x: jax.vmap(jax.jit(lambda r: r - r[0]))(x), M)
EXACT["while under vmap"] = (
    lambda x: jax.vmap(lambda a: lax.while_loop(lambda s: s < 9, lambda s: s * 2 + 1, jnp.abs(a)))(x),
    V,
)


def traced(fn: Any, *args: np.ndarray) -> Any:
    with double_precision():
        return jax.make_jaxpr(fn)(*args)


@pytest.mark.parametrize("name", EXACT)
def test_agrees_exactly_with_jax(name):
    fn, x = EXACT[name]
    with double_precision():
        expected = np.asarray(jax.jit(fn)(jnp.asarray(x)))
    with precision(200):
        result = evaluate(traced(fn, x), [x])[0]
    assert result.shape == expected.shape
    if expected.dtype.kind == "f":
        assert radii(result).max(initial=0.0) < 1e-50
        np.testing.assert_array_equal(midpoints(result), expected)
    else:
        assert result.dtype == expected.dtype
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("name", EXACT)
def test_gradients_agree_with_jax(name):
    """Of a random linear function of each result, where it is differentiable at all."""
    fn, x = EXACT[name]
    with double_precision():
        shape = jax.eval_shape(fn, x).shape
        weights = np.random.default_rng(0).integers(-4, 5, size=shape).astype(float)
        loss = lambda v: jnp.sum(fn(v) * weights)  # noqa: E731
        try:
            expected = np.asarray(jax.jit(jax.grad(loss))(x))
        except (TypeError, ValueError, NotImplementedError) as error:  # JAX has no derivative: integers, while loops
            assert name in ("while", "while under vmap", "scatter mul") or "float" in str(error)  # noqa: PT017
            return
    with precision(200):
        result = evaluate(traced(jax.grad(loss), x), [x])[0]
    np.testing.assert_allclose(midpoints(result), expected, rtol=1e-14, atol=1e-14)


def test_transcendental_reductions_are_enclosed():
    for fn in (
        lambda x: lax.cumlogsumexp(x),
        jax.nn.logsumexp,
        lambda x: jnp.linalg.norm(x),
        lambda x: jnp.std(x),
        lambda x: jnp.logaddexp(x, -x),
        lambda x: jnp.sinc(x),
    ):
        with double_precision():
            expected = np.asarray(fn(jnp.asarray(V)))
        with precision(200):
            result = evaluate(traced(fn, V), [V])[0]
        assert radii(result).max() < 1e-50
        np.testing.assert_allclose(midpoints(result), expected, rtol=1e-14)


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
        (lambda x: jnp.convolve(x, x), "conv_general_dilated"),
        (lambda x: jnp.linalg.det(jnp.outer(x, x)), "lu"),
        (lambda x: jnp.linalg.cholesky(jnp.outer(x, x) + jnp.eye(6)), "cholesky"),
        (lambda x: jnp.abs(jnp.fft.fft(x)), "convert_element_type"),
        (lambda x: jax.scipy.special.gammainc(x, 2.0), "igamma"),
        (lambda x: jnp.nextafter(x, 1.0), "nextafter"),
        (lambda x: x + jax.random.normal(jax.random.key(0), (6,)), "random"),
        (lambda x: lax.bitcast_convert_type(x, jnp.int64), "bitcast_convert_type"),
        (lambda x: x.at[jnp.array([1, 1])].set(jnp.array([2.0, 3.0])), "scatter"),
    ],
)
def test_the_unsupported_is_named(fn, primitive):
    with pytest.raises(UnsupportedPrimitive, match=primitive):
        evaluate(traced(fn, V), [V])


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
