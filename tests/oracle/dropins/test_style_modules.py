"""In the style of a package of layers: modules in double precision, their parameters judged as well."""

import pytest

torch = pytest.importorskip("torch")

from oracle import gradcheck  # noqa: E402 (from torch.autograd import gradcheck)

pytestmark = pytest.mark.longer


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x * weight

    @staticmethod
    def backward(ctx, g):
        x, weight = ctx.saved_tensors
        return g * weight, (g * x).sum(0)


class ScaleOfTheFirstRow(Scale):
    @staticmethod
    def backward(ctx, g):
        x, weight = ctx.saved_tensors
        return g * weight, (g * x)[0]


class Scaling(torch.nn.Module):
    def __init__(self, function=Scale):
        super().__init__()
        self.function = function
        self.weight = torch.nn.Parameter(torch.tensor([0.5, -1.0, 2.0]))

    def forward(self, x):
        return self.function.apply(x, self.weight)


@pytest.fixture
def x():
    return torch.tensor([[0.2, -0.7, 1.1], [1.3, 0.4, -0.9]], dtype=torch.float64, requires_grad=True)


def test_linear(x):
    torch.manual_seed(0)
    assert gradcheck(torch.nn.Linear(3, 2).double(), x)


def test_scaling(x):
    assert gradcheck(Scaling().double(), (x,))


def test_scaling_by_the_first_row(x):
    with pytest.raises(RuntimeError, match=r"parameters\['weight'\]"):
        gradcheck(Scaling(ScaleOfTheFirstRow).double(), (x,))


def test_batch_norm_leaves_its_statistics(x):
    layer = torch.nn.BatchNorm1d(3).double()
    before = layer.running_mean.clone()
    assert gradcheck(layer, (x,))
    assert torch.equal(layer.running_mean, before)
