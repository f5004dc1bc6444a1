"""A gradient that is code of JAX is run on balls by its jaxpr: wrong mathematics is proved, and lost digits are told from it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.judgement.own_program import program_of
from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict
from oracle.witnesses.prepare import prepare


@jax.custom_jvp
def square(x):
    return x * x


square.defjvp(lambda at, along: (at[0] * at[0], 2.0001 * at[0] * along[0]))


@jax.custom_vjp
def cube(x):
    return x**3


cube.defvjp(lambda x: (x**3, x), lambda x, c: (c * 2.999 * x**2,))


def judged(fn, grad, *args, x64=True):
    args = tuple(np.asarray(a, dtype=np.float64) for a in args)
    with jax.enable_x64(x64):
        return judge_point(prepare(fn, args, 0, [None] * len(args)), grad, args)


def log(a):
    return jnp.log(a).sum()


def loop(x):
    return jax.lax.fori_loop(0, 3, lambda i, s: s * jnp.sin(s), x).sum()


@jax.jit
def slope_of_loop(x):
    return jax.grad(loop)(x) + 1e-9


WRONG = {
    "added to a denominator": (log, lambda a: 1 / (jnp.asarray(a) + 1e-12), [0.5]),
    "jitted": (log, jax.jit(lambda a: 1 / (a + 1e-12)), [0.5]),
    "a factor": (lambda x: jnp.exp(x).sum(), lambda x: jnp.exp(x) * (1 + 1e-12), [0.25, 1.0]),
    "by a wrong custom_jvp": (lambda x: (x * x).sum(), jax.grad(lambda x: square(x).sum()), [3.0]),
    "by a wrong custom_jvp in jit": (
        lambda x: (x * x).sum(),
        jax.jit(jax.grad(lambda x: jax.jit(square)(x).sum())),
        [3.0],
    ),
    "by a wrong custom_vjp": (lambda x: (x**3).sum(), jax.grad(lambda x: cube(x).sum()), [1.5]),
    "under vmap": (lambda x: (x * x).sum(), jax.vmap(jax.grad(square)), [3.0, -1.0]),
    "held constant": (lambda x: (x * jnp.sin(x)).sum(), lambda x: x * jnp.cos(x), [1.0]),
    "beside a loop": (loop, slope_of_loop, [1.0, 2.0]),
    "0 by its code at one argument": (lambda x: jnp.sin(x).sum(), lambda x: jnp.where(x == 1, 0.0, jnp.cos(x)), [1.0]),
    "by forward mode": (lambda x: (x * x).sum(), lambda x: jax.jacfwd(lambda y: square(y).sum())(x), [3.0]),
    "a cut series": (lambda x: jnp.sin(x).sum(), lambda x: 1 - x**2 / 2 + x**4 / 24, [0.125]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_mathematics_is_proved(name):
    found = judged(*WRONG[name])
    assert found.verdict is Verdict.WRONG
    assert found.how.endswith("proved")


LOST = {
    "e^x − e^(−x)": (lambda x: jnp.cosh(x).sum(), lambda x: (jnp.exp(x) - jnp.exp(-x)) / 2, [1e-9]),
    "a softmax that overflows": (jax.nn.logsumexp, lambda z: jnp.exp(z) / jnp.exp(z).sum(), [800.0, 1.0]),
    "in float32 on the way": (
        lambda x: jnp.sin(x).sum(),
        lambda x: jnp.cos(x.astype(jnp.float32)).astype(x.dtype),
        [1.0],
    ),
    "a large number added and taken away": (lambda x: (x * x).sum(), lambda x: (2 * jnp.asarray(x) + 1e9) - 1e9, [0.1]),
    "a sine by its cosine": (lambda x: jnp.cos(x).sum(), lambda x: -jnp.sqrt(1 - jnp.cos(x) ** 2), [1e-6]),
}


@pytest.mark.parametrize("name", LOST)
def test_lost_digits_are_told_from_it(name):
    found = judged(*LOST[name])
    assert found.verdict is Verdict.INACCURATE
    assert "mathematics is right" in found.how


def test_wrong_mathematics_in_the_users_float32():
    found = judged(log, lambda a: 1 / (jnp.asarray(a) + 1e-4), [0.5], x64=False)
    assert found.got.dtype == np.float32
    assert (found.verdict, found.how[-6:]) == (Verdict.WRONG, "proved")
    rounded = judged(lambda x: (0.1 * x).sum(), lambda x: jnp.full_like(jnp.asarray(x), 0.1), [0.5], x64=False)
    assert rounded.verdict is Verdict.RIGHT, "a constant is a float32"


@pytest.mark.longer
def test_draws_are_those_of_the_users_precision():
    key = jax.random.key(0)
    fn = lambda x: (x * jax.random.normal(key, (3,))).sum()  # noqa: E731
    draw = lambda x: jax.random.normal(key, (3,))  # noqa: E731
    for x64 in (True, False):
        assert judged(fn, jax.grad(fn), [1.0, 2.0, 3.0], x64=x64).verdict is Verdict.RIGHT
        assert judged(fn, draw, [1.0, 2.0, 3.0], x64=x64).verdict is Verdict.RIGHT
        wrong = judged(fn, lambda x: 1.001 * draw(x), [1.0, 2.0, 3.0], x64=x64)
        assert (wrong.verdict, wrong.how[-6:]) == (Verdict.WRONG, "proved")


def test_a_trace_that_is_not_what_runs_proves_nothing():
    """Traced it is 3x, and run 2x + 1e-6."""

    def otherwise(x):
        return 3 * x if isinstance(x, jax.core.Tracer) else jnp.asarray(2 * x + 1e-6)

    found = judged(lambda x: (x * x).sum(), otherwise, [1.0])
    assert "proved" not in found.how
    right = judged(lambda x: (x * x).sum(), lambda x: 3 * x if isinstance(x, jax.core.Tracer) else 2 * x, [1.0])
    assert right.verdict is Verdict.RIGHT


def test_what_jax_itself_approximates_is_no_wrong_mathematics():
    """A quantile of the normal distribution by fitted rational functions: some units off, however exactly it is evaluated."""
    point = [np.array([0.3])]
    assert program_of(lambda p: jax.scipy.special.ndtri(p), point).approximates()
    assert not program_of(lambda p: jnp.logaddexp(p, 1.0), point).approximates()


def test_what_has_no_program():
    point = [np.array([0.3, 0.4])]
    assert program_of(lambda x: np.asarray(x) * 2, point) is None
    assert program_of(lambda x: (x, x), point) is None
    assert program_of(lambda x: jnp.argsort(x), point) is None


@pytest.mark.parametrize(("slope", "verdict"), [(0.5, Verdict.RIGHT), (2.0, Verdict.WRONG)])
def test_one_number_at_a_kink(slope, verdict):
    found = judged(lambda x: jnp.maximum(x, 0) * 1.0, lambda x: jnp.where(x == 0, slope, x > 0) * 1.0, 0.0)
    assert found.verdict is verdict
