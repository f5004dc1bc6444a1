"""In the style of a package of differentiable vision: a method of a class of tests, fast mode, batches of images."""

import pytest

torch = pytest.importorskip("torch")

from oracle import gradcheck  # noqa: E402 (from torch.autograd import gradcheck)

pytestmark = pytest.mark.longer


def rgb_to_grayscale(image):
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=image.dtype)
    return (image * weights.view(3, 1, 1)).sum(dim=-3, keepdim=True)


def total_variation(image):
    down = image[..., 1:, :] - image[..., :-1, :]
    right = image[..., :, 1:] - image[..., :, :-1]
    return down.abs().sum() + right.abs().sum()


def normalize(image, mean, std):
    return (image - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)


class TestColor:
    @pytest.fixture
    def image(self):
        generator = torch.Generator().manual_seed(1)
        return torch.rand(1, 3, 2, 3, dtype=torch.float64, generator=generator, requires_grad=True)

    def test_grayscale_gradcheck(self, image):
        assert gradcheck(rgb_to_grayscale, (image,), raise_exception=True, fast_mode=True)

    def test_normalize_gradcheck(self, image):
        mean = torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64, requires_grad=True)
        std = torch.tensor([0.5, 0.6, 0.7], dtype=torch.float64, requires_grad=True)
        assert gradcheck(normalize, (image, mean, std), raise_exception=True, fast_mode=True)

    def test_total_variation_gradcheck(self, image):
        assert gradcheck(total_variation, image, raise_exception=True, fast_mode=True)
