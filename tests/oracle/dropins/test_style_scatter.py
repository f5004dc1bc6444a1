"""In the style of a package of scatter operations: parametrised over operations, double inputs, an index that is no float."""

import pytest

torch = pytest.importorskip("torch")

from oracle import gradcheck  # noqa: E402 (from torch.autograd import gradcheck)

pytestmark = pytest.mark.longer


def scatter_sum(src, index, size):
    return torch.zeros(size, dtype=src.dtype).index_add(0, index, src)


def scatter_mean(src, index, size):
    count = torch.zeros(size, dtype=src.dtype).index_add(0, index, torch.ones_like(src)).clamp(min=1)
    return scatter_sum(src, index, size) / count


class ScatterMean(torch.autograd.Function):
    @staticmethod
    def forward(ctx, src, index, size):
        ctx.save_for_backward(index)
        ctx.size = size
        return scatter_mean(src, index, size)

    @staticmethod
    def backward(ctx, grad_out):
        (index,) = ctx.saved_tensors
        count = torch.zeros(ctx.size, dtype=grad_out.dtype)
        count = count.index_add(0, index, torch.ones_like(index, dtype=grad_out.dtype)).clamp(min=1)
        return (grad_out / count)[index], None, None


class ScatterMeanWithoutCount(ScatterMean):
    @staticmethod
    def backward(ctx, grad_out):
        (index,) = ctx.saved_tensors
        return grad_out[index], None, None


index = torch.tensor([0, 1, 0, 2, 1])


@pytest.mark.parametrize("reduce", [scatter_sum, scatter_mean, ScatterMean.apply])
def test_backward(reduce):
    src = torch.tensor([1.0, 2.0, -3.0, 4.0, 0.5], dtype=torch.float64, requires_grad=True)
    assert gradcheck(reduce, (src, index, 3)) is True


def test_backward_without_the_count():
    src = torch.tensor([1.0, 2.0, -3.0, 4.0, 0.5], dtype=torch.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match="src"):
        gradcheck(ScatterMeanWithoutCount.apply, (src, index, 3))
