"""Networks with a mistake, a random one, and XLA in a hurry."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import manualbp
from manualbp import HEADS, IDENTITY_QUADRATIC, SIGMOID, TANH, Activation, Head
from oracle.verify.case import Case


def wrong_activation(activation: Activation, sigma_prime) -> Activation:
    return replace(activation, sigma_prime=sigma_prime)


def wrong_head(head: Head, **changes) -> Head:
    return replace(head, **changes)


def drawn(sizes=(3, 4, 3, 2), hidden=TANH, head=IDENTITY_QUADRATIC, samples=3, seed=0) -> Case:
    rng = np.random.default_rng(seed)
    net = manualbp.init(sizes, hidden=hidden, head=head, rng=rng)
    return Case(net, rng.standard_normal((sizes[0], samples)), rng.random((sizes[-1], samples)))


SIGMA_PRIME_OF_A = wrong_activation(TANH, lambda z: TANH.sigma_prime(TANH.sigma(z)))
LOSES_DIGITS = wrong_activation(SIGMOID, lambda z: SIGMOID.sigma(z) * (1 - SIGMOID.sigma(z)))
WRONG_NABLA = replace(manualbp.QUADRATIC, nabla_a=lambda a, E: 2 * (a - E))
WRONG_FUSED = wrong_head(IDENTITY_QUADRATIC, delta=lambda z, a, E: E - z)

#: A few heads of every form, for a campaign that compiles soon.
FEW = tuple(
    HEADS[name]
    for name in (
        *("identity+quadratic:fused", "tanh+huber", "sigmoid+cross_entropy:fused", "softplus+poisson"),
        *("softmax+hellinger", "softmax+poisson:fused"),
    )
)


@contextlib.contextmanager
def quick_compiling() -> Iterator[None]:
    """XLA compiles in half the time what runs once."""
    import jax

    jax.config.update("jax_disable_most_optimizations", True)
    try:
        yield
    finally:
        jax.config.update("jax_disable_most_optimizations", False)
