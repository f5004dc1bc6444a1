"""Right gradients that compute and answer in float32 or float16: judged by the dtype that comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject
from oracle.scores.mutants.right_costs import CROSS_ENTROPY, HELLINGER, LOGITS, QUADRATIC
from oracle.scores.mutants.right_kinks import HUBER, RELU
from oracle.scores.mutants.right_softmax import LSE

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


def quadratic_bfloat16(a: Array, E: Array) -> Array:
    import ml_dtypes  # comes with JAX

    return a.astype(ml_dtypes.bfloat16) - E.astype(ml_dtypes.bfloat16)


QUADRATIC_32 = variant(QUADRATIC, "quadratic_float32", np.float32, ((-1e3, 1e3), (-1e3, 1e3)))
CROSS_ENTROPY_32 = variant(CROSS_ENTROPY, "cross_entropy_float32", np.float32, ((0.01, 0.99), (0.01, 0.99)))
HELLINGER_32 = variant(HELLINGER, "hellinger_float32", np.float32, ((0.01, 100), (0.01, 100)))
LOGITS_32 = variant(LOGITS, "logits_cross_entropy_float32", np.float32, ((-50, 50), "closed_unit"))
HUBER_32 = variant(HUBER, "huber_float32", np.float32, ((-1e3, 1e3), (-1e3, 1e3)))
LSE_32 = variant(LSE, "log_sum_exp_float32", np.float32, ((-20, 20),))
QUADRATIC_16 = variant(QUADRATIC, "quadratic_float16", np.float16, ((-100, 100), (-100, 100)), (1, 9))
QUADRATIC_B16 = replace(QUADRATIC_16, name="quadratic_bfloat16", kind="dtype: bfloat16", grad=quadratic_bfloat16)
RELU_16 = variant(RELU, "relu_float16", np.float16, ((-100, 100),))

SUBJECTS: tuple[Subject, ...] = (
    QUADRATIC_32,
    CROSS_ENTROPY_32,
    HELLINGER_32,
    LOGITS_32,
    HUBER_32,
    LSE_32,
    QUADRATIC_16,
    QUADRATIC_B16,
    RELU_16,
)
