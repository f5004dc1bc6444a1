"""In the style of a package of signal processing: complex tensors and arrays, both libraries in one file."""

import jax.numpy as jnp
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from oracle import check_grads, gradcheck  # noqa: E402 (from jax.test_util, from torch.autograd)

pytestmark = pytest.mark.longer


class Modulus(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z.abs()

    @staticmethod
    def backward(ctx, g):
        (z,) = ctx.saved_tensors
        return g * z / z.abs()


class ModulusOfTheConjugate(Modulus):
    @staticmethod
    def backward(ctx, g):
        (z,) = ctx.saved_tensors
        return g * z.conj() / z.abs()


Z = torch.tensor([1.0 + 2.0j, -0.5 + 0.25j, 0.3 - 1.0j], dtype=torch.complex128, requires_grad=True)


def test_modulus():
    assert gradcheck(Modulus.apply, (Z,))


def test_modulus_of_the_conjugate():
    with pytest.raises(RuntimeError, match=r"z\.imag"):
        gradcheck(ModulusOfTheConjugate.apply, (Z,))


def test_power_of_a_spectrum():
    check_grads(lambda x: jnp.abs(jnp.fft.fft(x)) ** 2, (np.array([0.5, -1.0, 2.0, 0.25]),), order=1, modes=("rev",))


def test_product_of_complex_numbers():
    z = np.array([1.0 + 2.0j, -0.5 + 0.25j])
    check_grads(lambda z, w: z * w.conj(), (z, z[::-1]), order=1, modes=("rev",))
