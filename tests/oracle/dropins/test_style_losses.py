"""In the style of a package of JAX losses: absl's parametrised classes, orders and modes, labels that are integers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle import check_grads  # from jax.test_util import check_grads

pytestmark = pytest.mark.longer


def huber(predictions, targets, delta=1.0):
    errors = jnp.abs(predictions - targets)
    quadratic = jnp.minimum(errors, delta)
    return 0.5 * quadratic**2 + delta * (errors - quadratic)


def softmax_cross_entropy_with_integer_labels(logits, labels):
    picked = jnp.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]
    return jax.nn.logsumexp(logits, axis=-1) - picked


@jax.custom_vjp
def focal(logits, labels):
    p = jax.nn.sigmoid(logits)
    return -(labels * (1 - p) ** 2 * jnp.log(p)).sum()


def focal_backward(residuals, g):
    logits, labels = residuals
    p = jax.nn.sigmoid(logits)
    return g * labels * (2 * p * (1 - p) ** 2 * jnp.log(p) - (1 - p) ** 3), -g * (1 - p) ** 2 * jnp.log(p)


focal.defvjp(lambda logits, labels: (focal(logits, labels), (logits, labels)), focal_backward)


@jax.custom_vjp
def focal_without_two(logits, labels):
    return focal.__wrapped__(logits, labels)


def backward_without_two(residuals, g):
    logits, labels = residuals
    p = jax.nn.sigmoid(logits)
    return g * labels * (p * (1 - p) ** 2 * jnp.log(p) - (1 - p) ** 3), -g * (1 - p) ** 2 * jnp.log(p)


focal_without_two.defvjp(
    lambda logits, labels: (focal.__wrapped__(logits, labels), (logits, labels)), backward_without_two
)


class TestLosses:
    def setup_method(self):
        self.logits = np.array([[0.3, -1.2, 2.0], [1.5, 0.1, -0.4]])
        self.targets = np.array([[0.1, 0.4, 1.0], [0.0, -2.0, 0.5]])

    def test_huber(self):
        check_grads(huber, (self.logits, self.targets), order=1)

    def test_integer_labels(self):
        labels = np.array([2, 0])
        check_grads(softmax_cross_entropy_with_integer_labels, (self.logits, labels), order=1, modes=("rev",))

    def test_focal(self):
        check_grads(focal, (self.logits[0], np.array([0.25, 0.5, 1.0])), order=1, modes=["rev"], atol=1e-2, rtol=1e-2)

    def test_focal_without_two(self):
        with pytest.raises(AssertionError, match="logits"):
            check_grads(
                focal_without_two, (self.logits[0], np.array([0.25, 0.5, 1.0])), order=1, modes=["rev"], atol=1e-2
            )
