"""Right gradients that answer in float32, float16 or bfloat16 and run on floats alone: no bias, and the rounding of one step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np

from oracle.scores.mutants import narrow_costs as costs
from oracle.scores.mutants.opaque import answering
from oracle.scores.mutants.record import Subject

DTYPES: tuple[tuple[str, Any], ...] = (
    ("float32", np.float32),
    ("float16", np.float16),
    ("bfloat16", ml_dtypes.bfloat16),
)


def answered(of: Subject, name: str, dtype: Any) -> Subject:
    return replace(
        of,
        name=of.name.replace("ordinary", f"answered_in_{name}"),
        kind=f"dtype: {name}, on floats",
        grad=answering(of.grad, dtype),
    )


SUBJECTS: tuple[Subject, ...] = tuple(
    answered(of, name, dtype)
    for of in (costs.LOGISTIC, costs.RELATIVE_ENTROPY, costs.BINARY, costs.SMOOTH_L1)
    for name, dtype in DTYPES
)
