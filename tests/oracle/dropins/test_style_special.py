"""In the style of a package of Gaussian processes: special functions with a backward of their own, unittest, a custom tolerance."""

import math
import unittest

import pytest

torch = pytest.importorskip("torch")

from oracle import gradcheck  # noqa: E402 (from torch.autograd import gradcheck)

pytestmark = pytest.mark.longer


class LogNormalCDF(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        value = torch.special.log_ndtr(z)
        ctx.save_for_backward(z, value)
        return value

    @staticmethod
    def backward(ctx, grad_output):
        z, value = ctx.saved_tensors
        log_density = -(z**2) / 2 - math.log(2 * math.pi) / 2
        return torch.exp(log_density - value) * grad_output


class LogNormalCDFOfTheDensity(LogNormalCDF):
    @staticmethod
    def backward(ctx, grad_output):
        z, _ = ctx.saved_tensors
        return torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * grad_output


class TestLogNormalCDF(unittest.TestCase):
    def setUp(self):
        self.z = torch.tensor([-1.5, -0.3, 0.0, 0.4, 2.0], dtype=torch.float64).requires_grad_(True)

    def test_backward(self):
        self.assertTrue(gradcheck(LogNormalCDF.apply, (self.z,), eps=1e-4, atol=1e-3))  # noqa: PT009

    def test_backward_of_the_density(self):
        with self.assertRaises(RuntimeError):  # noqa: PT027
            gradcheck(LogNormalCDFOfTheDensity.apply, (self.z,), eps=1e-4, atol=1e-3)
