"""The derivative of the value as it is coded: what a rule says elsewise is set aside where it is no derivative of the value."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from flint import arb
from jax import lax

from oracle.balls.arrays import precision
from oracle.witnesses import certified, trace
from oracle.witnesses.without_rules import has_rules


@jax.custom_jvp
def cubed(x):
    return x**3


@cubed.defjvp
def _rule(primals, tangents):
    return primals[0] ** 3, 3.000001 * primals[0] ** 2 * tangents[0]


@jax.custom_vjp
def fifth(x):
    return x**5


fifth.defvjp(lambda x: (x**5, x), lambda x, g: (g * 5 * x**3,))


def in_a_loop(f):
    return lambda x: lax.fori_loop(0, 2, lambda i, c: c + f(x), 0.0)


def in_a_branch(f):
    return lambda x: lax.cond(x > 0, f, jnp.sin, x) + f(x)


WRONG_RULES = {
    "custom_jvp": (cubed, lambda x: 3 * x**2),
    "custom_vjp": (fifth, lambda x: 5 * x**4),
    "in jit": (jax.jit(cubed), lambda x: 3 * x**2),
    "in a loop": (in_a_loop(cubed), lambda x: 6 * x**2),
    "in a branch": (in_a_branch(cubed), lambda x: 6 * x**2),
    "in a map": (lambda x: jnp.sum(lax.map(cubed, jnp.stack([x, 2 * x]))), lambda x: 27 * x**2),
    "under checkpoint": (jax.checkpoint(cubed), lambda x: 3 * x**2),
    "under vmap": (lambda x: jnp.sum(jax.vmap(cubed)(jnp.stack([x, x]))), lambda x: 6 * x**2),
    "rule within a rule": (lambda x: fifth(cubed(x)), lambda x: 15 * x**14),
    "beside another": (lambda x: cubed(x) + jax.nn.softplus(x) - jax.nn.softplus(x), lambda x: 3 * x**2),
}


@pytest.mark.parametrize("name", WRONG_RULES)
def test_a_wrong_rule_is_no_part_of_the_truth(name):
    fn, slope = WRONG_RULES[name]
    (found,) = certified(fn, [np.array(1.5)])
    assert found.rigorous.all()
    with precision(200):
        assert found.lower.item().overlaps(slope(arb(1.5)))


@pytest.mark.parametrize(
    ("fn", "x"),
    [
        (jax.scipy.special.log_ndtr, -2.0),
        (jax.scipy.special.log_ndtr, 7.0),
        (jnp.fft.irfft, [1.0, 2.0, 5.0, 3.0]),
        (lambda a: jax.random.gamma(jax.random.key(0), a), 1.7),
        (lambda q: jax.scipy.special.zeta(jnp.full_like(q, 2.5), q), [0.7, 3.0]),
        (lambda s: jax.scipy.special.zeta(s, jnp.full_like(s, 0.7)), [2.5, 7.0]),
        (lambda x: jax.scipy.special.zeta(x + 1, x) * x, 1.5),
        (lambda x: jnp.where(x > 0, jnp.log(jax.scipy.special.zeta(2.0 + jnp.exp(x), jnp.exp(x))), x), 0.5),
        (lambda x: lax.fori_loop(0, 2, lambda k, y: jax.scipy.special.zeta(y + 1.5, x), x), 1.2),
    ],
)
def test_where_jax_s_own_rule_is_rounded_or_of_another_formula_the_truth_is_still_proved(fn, x):
    x = np.asarray(x)
    weighted = lambda x: jnp.sum(fn(x) * np.arange(1.0, 1.0 + fn(x).size).reshape(fn(x).shape))  # noqa: E731
    (found,) = certified(weighted, [x])
    assert found.rigorous.all()
    assert (found.relative_radius() < 2.0**-70).all()


def test_the_slopes_of_zeta_are_those_of_mathematics():
    fn = lambda s, q: jax.scipy.special.zeta(s, q)  # noqa: E731
    at = [np.array(2.5), np.array(0.7)]
    found = certified(fn, at, (0, 1))
    with mpmath.workdps(40):
        right = [mpmath.zeta(2.5, mpmath.mpf(0.7), 1), -2.5 * mpmath.zeta(3.5, mpmath.mpf(0.7))]
    for enclosure, value in zip(found, right, strict=True):
        assert enclosure.rigorous.all()
        low, high = (float(end.item().mid()) for end in (enclosure.lower, enclosure.upper))
        assert low == pytest.approx(float(value), rel=1e-12)
        assert high == pytest.approx(float(value), rel=1e-12)


@pytest.mark.skipif(not hasattr(jax.scipy.special, "wofz"), reason="JAX 0.8 has no wofz")
def test_an_approximation_of_jax_has_two_slopes_and_a_user_s_rule_has_no_say():
    fn = lambda x: jnp.sum(jax.scipy.special.wofz(x).imag)  # noqa: E731
    (found,) = certified(fn, [np.array([0.0, 0.3])])
    assert found.rigorous.all()
    assert not found.kink.any()
    with precision(200):
        apart = [(high - low) / abs(high) for low, high in zip(found.lower, found.upper, strict=True)]
        assert all(1e-20 < a < 1e-9 for a in apart)
        assert found.lower[0] <= 2 / arb.pi().sqrt() <= found.upper[0]

    @jax.custom_jvp
    def square(x):
        return x * x

    square.defjvp(lambda at, along: (square(*at), (2 + 1e-12) * at[0] * along[0]))
    (found,) = certified(lambda x: square(x), [np.array(1.5)])
    assert found.lower.item() == found.upper.item() == 3


def test_what_has_no_rules_has_none_to_set_aside():
    assert not has_rules(trace(lambda x: jnp.sin(x) ** 2, [np.array(1.0)]).value)
    assert has_rules(trace(lambda x: lax.scan(lambda c, _: (cubed(c), None), x, None, 2)[0], [np.array(1.0)]).value)
    assert trace(jnp.sin, [np.array(1.0)]).without_rules() is None


def test_a_loop_of_unknown_length_is_differentiated_forwards():
    fn = lambda x: lax.while_loop(lambda s: s < 100, lambda s: s * s, jnp.sum(x))  # noqa: E731
    (found,) = certified(fn, [np.array([1.5, 0.75])])
    assert found.rigorous.all()
    assert [float(v.mid()) for v in found.lower] == [8 * 2.25**7] * 2


def test_an_approximation_has_two_slopes_where_its_code_ties_as_well() -> None:
    """log_ndtr compares at x = 1; at −25 its series is cut short, and its rule is not."""

    def fn(x):
        return jax.scipy.special.log_ndtr(x).sum()

    (alone,) = certified(fn, [np.array([-25.0])])
    (tied,) = certified(fn, [np.array([1.0, -25.0])])
    assert float(alone.upper[0] - alone.lower[0]) > 1e-9
    assert abs(float(tied.lower[1] - alone.lower[0])) < 1e-15
    assert abs(float(tied.upper[1] - alone.upper[0])) < 1e-15
    (smooth,) = certified(lambda a: (jnp.log1p(jnp.exp(-abs(a))) + jnp.maximum(a, 0)).sum(), [np.zeros(1)])
    assert float(smooth.upper[0].mid()) == 0.5
