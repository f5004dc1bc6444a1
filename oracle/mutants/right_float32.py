"""Right gradients that compute and answer in float32 or float16: judged by the dtype that comes back."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.mutants.record import Subject, replace, right
from oracle.mutants.right_costs import CROSS_ENTROPY, QUADRATIC, logits_cross_entropy, sigmoid, LOGITS
from oracle.mutants.right_kinks import HUBER, RELU, SOFTPLUS
from oracle.mutants.right_softmax import LSE

Array = Any


def narrow(grad: Any, dtype: Any) -> Any:
    """The same gradient, computed in a narrower dtype from its first operation on."""

    def gradient(*args: Array) -> Array:
        return grad(*(np.asarray(a, dtype=dtype) for a in args)).astype(dtype)

    return gradient


def variant(of: Subject, name: str, dtype: Any, domains: Any, lengths: Any = None) -> Subject:
    return replace(
        of,
        name=name,
        kind=f"dtype: {np.dtype(dtype).name}",
        grad=narrow(of.grad, dtype),
        domains=domains,
        lengths=lengths,
        note="",
    )
