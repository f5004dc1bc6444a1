"""Right formulas that pass through a narrower dtype on the way to a float64 result, or round in ways that no bound shows."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from oracle.scores.mutants import narrow_costs as costs
from oracle.scores.mutants.opaque import first_through, on_floats, result_through, through
from oracle.scores.mutants.record import Point, Subject, inaccurate, right
from oracle.scores.mutants.right_kinks import each

WAYS: dict[str, Any] = {"whole": through, "argument": first_through, "result": result_through}
PLACES: dict[str, Point] = {
    "softmax_ordinary": ([0.7, -1.3, 2.1], [1.0, 0.0, 0.0]),
    "logistic_ordinary": ([0.7, -1.3, 2.1], [1.0, -1.0, -1.0]),
    "squared_ordinary": ([0.7, -1.3, 2.1], [0.3, 0.1, -0.2]),
    "poisson_ordinary": ([0.7, -1.3, 2.1], [0.3, 0.1, 2.2]),
    "relative_entropy_ordinary": ([0.7, 0.13, 0.21], [0.3, 0.1, 0.2]),
    "binary_ordinary": ([0.7, 0.13, 0.21], [0.3, 0.1, 0.9]),
    "smooth_l1_ordinary": ([0.7, -1.3, 2.1], [0.3, 0.1, -0.2]),
    "squared_hinge_ordinary": ([0.7, -1.3, 0.1], [1.0, 1.0, -1.0]),
    "cosine_ordinary": ([0.7, 1.3, 2.1], [0.3, 0.15, 3.2]),
}


def narrowed(of: Subject, how: str, name: str, dtype: Any) -> Subject:
    return inaccurate(
        of,
        of.name.replace("ordinary", f"{how}_in_{name}"),
        f"narrow: {name}, the {how}",
        WAYS[how](of.grad, dtype),
        [PLACES[of.name]],
    )


F32, F16, B16 = ("float32", np.float32), ("float16", np.float16), ("bfloat16", ml_dtypes.bfloat16)
LINEAR = right(
    "linear_ordinary",
    "cost",
    ((-3000.0, 3000.0),),
    lambda a: a.__array_namespace__().sum(3 * a),
    lambda a: 3 + 0 * a,
    each(lambda m, x: 3 * x),
)

SUBJECTS: tuple[Subject, ...] = (
    narrowed(costs.SOFTMAX, "whole", *F32),
    narrowed(costs.SOFTMAX, "whole", *B16),
    narrowed(costs.SOFTMAX, "result", *F16),
    narrowed(costs.LOGISTIC, "whole", *F32),
    narrowed(costs.LOGISTIC, "argument", *F16),
    narrowed(costs.SQUARED, "whole", *F16),
    narrowed(costs.SQUARED, "argument", *F32),
    narrowed(costs.POISSON, "whole", *F32),
    narrowed(costs.POISSON, "result", *B16),
    narrowed(costs.RELATIVE_ENTROPY, "whole", *F32),
    narrowed(costs.RELATIVE_ENTROPY, "argument", *B16),
    narrowed(costs.BINARY, "whole", *F32),
    narrowed(costs.BINARY, "result", *F32),
    narrowed(costs.SMOOTH_L1, "whole", *F32),
    narrowed(costs.SMOOTH_L1, "whole", *B16),
    narrowed(costs.SQUARED_HINGE, "whole", *F32),
    narrowed(costs.SQUARED_HINGE, "result", *F16),
    narrowed(costs.COSINE, "whole", *F32),
    narrowed(costs.COSINE, "argument", *F16),
    inaccurate(
        LINEAR,
        "exponential_of_logarithm",
        "opaque rounding: a + (ln 3 − a) keeps ln 3 to the digits of a",
        on_floats(lambda a: np.exp(a + (np.log(3 + 0 * a) - a))),
        [([2799.0],)],
    ),
)
