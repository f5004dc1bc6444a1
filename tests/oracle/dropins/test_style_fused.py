"""In the style of a package of fused kernels: needs_input_grad, float32, gradgradcheck, a helper that makes inputs."""

import pytest

torch = pytest.importorskip("torch")

from oracle import gradcheck, gradgradcheck  # noqa: E402 (from torch.autograd import gradcheck, gradgradcheck)


class FusedSwiGLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gate, up):
        ctx.save_for_backward(gate, up)
        return gate * torch.sigmoid(gate) * up

    @staticmethod
    def backward(ctx, dout):
        gate, up = ctx.saved_tensors
        s = torch.sigmoid(gate)
        dgate = dout * up * s * (1 + gate * (1 - s)) if ctx.needs_input_grad[0] else None
        dup = dout * gate * s if ctx.needs_input_grad[1] else None
        return dgate, dup


class FusedSwiGLUOfOne(FusedSwiGLU):
    """Wrong where up alone needs a gradient."""

    @staticmethod
    def backward(ctx, dout):
        gate, up = ctx.saved_tensors
        s = torch.sigmoid(gate)
        if not ctx.needs_input_grad[0]:
            return None, dout * gate
        return dout * up * s * (1 + gate * (1 - s)), dout * gate * s


def make(*shape, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator).to(dtype).requires_grad_()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_swiglu(dtype):
    assert gradcheck(FusedSwiGLU.apply, (make(2, 2, dtype=dtype), make(2, 2, dtype=dtype, seed=1)), atol=1e-2)


@pytest.mark.longer
def test_swiglu_of_one():
    with pytest.raises(RuntimeError, match="one input at a time"):
        gradcheck(FusedSwiGLUOfOne.apply, (make(2, 2), make(2, 2, seed=1)))


@pytest.mark.longer
def test_swiglu_twice():
    assert gradgradcheck(FusedSwiGLU.apply, (make(3), make(3, seed=1)))
