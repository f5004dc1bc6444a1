"""Handwritten digits, split into training and held-out samples; samples are columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Digits:
    """x: (64, m), grey values in [0, 1]; expected: (10, m), one-hot."""

    x: Array
    expected: Array
    held_x: Array
    held_expected: Array


def digits(rng: np.random.Generator, held_out: float = 0.2) -> Digits:
    """scikit-learn's 1797 digits of 8×8 pixels, `held_out` of them kept from training; `rng` alone decides which.

    ModuleNotFoundError: scikit-learn is not installed.
    Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI (1998), its test part.
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = rng.permutation(len(labels))
    x = images[order].T / 16.0  # the pixels count from 0 to 16
    expected = np.eye(10)[:, labels[order]]
    held = round(held_out * len(labels))
    return Digits(x[:, held:], expected[:, held:], x[:, :held], expected[:, :held])
