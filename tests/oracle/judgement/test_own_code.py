"""An answer kept from another call is told from lost digits: no rounding of the candidate's own code gives it."""

import jax.numpy as jnp
import numpy as np

import oracle
from oracle.judgement.own_code import explains
from oracle.witnesses.prepare import prepare
from oracle.witnesses.truth import truth


def kept_by(key):
    """A right gradient of ½ Σ (a − E)² that keeps its answers by key(a, E)."""
    answers = {}
    return lambda a, E: answers.setdefault(key(a, E), a - E).copy()


def quadratic(a, E):
    return jnp.sum((a - E) ** 2) / 2


def test_a_cache_that_forgets_an_argument_is_wrong():
    report = oracle.check_gradient(quadratic, kept_by(lambda a, E: a.tobytes()), ("real", "real"))
    assert report.verdict == "wrong"


def test_a_cache_with_a_rounded_key_is_wrong():
    report = oracle.check_gradient(
        quadratic, kept_by(lambda a, E: (a.round(6).tobytes(), E.tobytes())), ("real", "real")
    )
    assert report.verdict == "wrong"
    assert "kept from another call" in str(report)


def test_a_cache_with_the_whole_key_is_right():
    assert oracle.check_gradient(quadratic, kept_by(lambda a, E: (a.tobytes(), E.tobytes())), ("real", "real"))


def at(fn, grad, *args):
    args = [np.array(a) for a in args]
    got = grad(*args)
    known = truth(prepare(fn, args, 0, [None] * len(args)), args).enclosure
    return explains(grad, args, got, known, np.ones(got.shape, dtype=bool))


def test_cancellation_is_explained_and_another_number_is_not():
    def fn(a):
        return jnp.sum(a - jnp.sin(a))

    def cancelling(a):
        return 1 - np.cos(a)

    assert at(fn, cancelling, [1e-8])
    assert not at(fn, lambda a: cancelling(a) + (1e-3 if a.dtype != object else 0), [1e-8])


def test_what_leaves_the_floats_is_explained():
    def fn(a):
        return jnp.sum(jnp.log1p(jnp.exp(a)))

    assert at(fn, lambda a: np.exp(a) / (1 + np.exp(a)) if a.dtype == object else 1 - 1 / (1 + np.exp(a)), [-745.5])
