"""`check_grads` at order 2: in both modes, and a second derivative that is wrong where the first is right."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle


@jax.custom_jvp
def exp_once(x):
    return jnp.exp(x)


exp_once.defjvp(lambda p, t: (jnp.exp(p[0]), jax.lax.stop_gradient(jnp.exp(p[0])) * t[0]))


@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_right_in_both_modes(mode: str) -> None:
    assert oracle.check_grads(jnp.sin, (np.ones(2),), order=2, modes=(mode,)) is None


@pytest.mark.longer
def test_a_second_derivative_that_is_cut_off_is_wrong_and_its_first_one_is_right() -> None:
    assert oracle.check_grads(exp_once, (np.ones(2),), order=1) is None
    with pytest.raises(AssertionError, match="the derivative of its derivative"):
        oracle.check_grads(exp_once, (np.ones(2),), order=2, modes=("rev",))
