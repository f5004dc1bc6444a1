"""In the style of a package of sparse activations: rows of random numbers, eps given, dims in turn."""

import pytest

torch = pytest.importorskip("torch")

from oracle import gradcheck  # noqa: E402 (from torch.autograd import gradcheck)

pytestmark = pytest.mark.longer


class Sparsemax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, dim=-1):
        ctx.dim = dim
        ordered, _ = torch.sort(z, dim=dim, descending=True)
        rho = torch.arange(1, z.size(dim) + 1, dtype=z.dtype)
        view = [1] * z.dim()
        view[0] = -1
        rho = rho.view(view).transpose(0, dim)
        cumsum = ordered.cumsum(dim) - 1
        support = (rho * ordered > cumsum).sum(dim=dim, keepdim=True)
        tau = cumsum.gather(dim, support - 1) / support.to(z.dtype)
        out = torch.clamp(z - tau, min=0)
        ctx.save_for_backward(support, out)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        support, out = ctx.saved_tensors
        grad = grad_output.clone()
        grad[out == 0] = 0
        mean = grad.sum(dim=ctx.dim, keepdim=True) / support.to(out.dtype)
        return torch.where(out != 0, grad - mean, grad), None


class SparsemaxOverTheRow(Sparsemax):
    """Divides by the length of the row instead of its support."""

    @staticmethod
    def backward(ctx, grad_output):
        _, out = ctx.saved_tensors
        grad = grad_output.clone()
        grad[out == 0] = 0
        mean = grad.sum(dim=ctx.dim, keepdim=True) / out.size(ctx.dim)
        return torch.where(out != 0, grad - mean, grad), None


x = torch.tensor([[0.3, -1.2, 0.9], [1.5, 1.1, -0.4]], dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("dim", [0, 1])
def test_sparsemax_grad(dim):
    gradcheck(lambda z: Sparsemax.apply(z, dim), (x,), eps=1e-5)


def test_sparsemax_grad_over_the_row():
    assert not gradcheck(lambda z: SparsemaxOverTheRow.apply(z, 1), (x,), eps=1e-5, raise_exception=False)
