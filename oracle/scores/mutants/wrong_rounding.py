"""Wrong gradients that look like rounding: a bias in few bits, a wrong formula in narrow arithmetic, single points that are off."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from oracle.scores.mutants import narrow_costs as costs
from oracle.scores.mutants.inaccurate_narrow import PLACES
from oracle.scores.mutants.opaque import answering, on_floats, through
from oracle.scores.mutants.record import Subject, right, wrong
from oracle.scores.mutants.right_extremes import CAUCHY, RMS, extreme
from oracle.scores.mutants.right_kinks import each

Array = Any
F32, F16, B16 = np.float32, np.float16, ml_dtypes.bfloat16
NAMES = {F32: "float32", F16: "float16", B16: "bfloat16"}


def biased(of: Subject, dtype: Any, by: float) -> Subject:
    """Of one sign throughout: as many points show, and none by itself."""
    sign = "more" if by > 0 else "less"
    return wrong(
        of,
        of.name.replace("ordinary", f"{sign}_in_{NAMES[dtype]}"),
        f"bias: {by:g} in {NAMES[dtype]}",
        answering(of.grad, dtype, 1 + by),
        [PLACES[of.name]],
    )


def mistaken(of: Subject, dtype: Any, name: str, kind: str, change: Any) -> Subject:
    """A wrong formula, computed in a narrow dtype and given back as float64."""
    grad = through(lambda *args: change(of.grad(*args), *args), dtype)
    named = of.name.replace("ordinary", f"{name}_in_{NAMES[dtype]}")
    return wrong(of, named, f"{kind}, in {NAMES[dtype]}", grad, [PLACES[of.name]])


def at_whole_numbers(grad: Any, part: float, tolerance: float) -> Any:
    """The gradient, wrong by a part of itself where an argument is whole, or within a tolerance of that."""

    def gradient(a: Array) -> Array:
        return grad(a) * np.where(np.abs(a - np.round(a)) <= tolerance * np.maximum(1, np.abs(a)), 1 + part, 1)

    return on_floats(gradient)


def beyond(grad: Any, limit: float, factor: float) -> Any:
    return on_floats(lambda a, *others: grad(a, *others) * np.where(np.abs(a) > limit, factor, 1))


SINE = right(
    "sine_between",
    "smooth",
    ((0.5, 9.5),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().sin(a)),
    np.cos,
    each(lambda m, x: m.sin(x)),
)
POWER = right(
    "two_and_a_half",
    "smooth",
    ((0.5, 9.5),),
    lambda a: a.__array_namespace__().sum(a**2.5),
    lambda a: 2.5 * a * np.sqrt(a),
    each(lambda m, x: x**2 * m.sqrt(x)),
)
CAUCHY_LOSS = extreme("cauchy_loss", "1 + a² overflows", ("real",), CAUCHY, ())
RMS_NORM = extreme("rms_norm", "x³ overflows", ("real", "real"), RMS, ())
WHOLE = [([3.0, 1.7],)]

SUBJECTS: tuple[Subject, ...] = (
    *(
        biased(of, F32, by)
        for of, by in ((costs.LOGISTIC, 1e-5), (costs.RELATIVE_ENTROPY, -1e-5), (costs.BINARY, 1e-5))
    ),
    *(
        biased(of, F16, by)
        for of, by in ((costs.LOGISTIC, -1e-3), (costs.RELATIVE_ENTROPY, 1e-3), (costs.SMOOTH_L1, 1e-3))
    ),
    *(
        biased(of, B16, by)
        for of, by in ((costs.LOGISTIC, 1e-2), (costs.RELATIVE_ENTROPY, 1e-2), (costs.BINARY, -1e-2))
    ),
    mistaken(costs.SOFTMAX, F32, "doubled", "factor: 2", lambda g, z, E: 2 * g),
    mistaken(costs.LOGISTIC, F32, "without_sign", "sign: −1", lambda g, z, E: -g),
    mistaken(costs.SQUARED, F32, "halved", "factor: ½", lambda g, a, E: g / 2),
    mistaken(costs.POISSON, F32, "target_added", "terms: + E", lambda g, z, E: g + E),
    mistaken(costs.RELATIVE_ENTROPY, F16, "twentieth", "factor: 1.05", lambda g, a, E: g + g / 20),
    mistaken(costs.BINARY, F32, "ten_thousandth", "factor: 1.0001", lambda g, a, E: g + g / 10000),
    mistaken(costs.SMOOTH_L1, B16, "by_half", "factor: 1.5", lambda g, a, E: g + g / 2),
    mistaken(costs.COSINE, F32, "third_off", "factor: ⅔", lambda g, a, E: g - g / 3),
    wrong(SINE, "sine_at_whole_numbers", "point: 8 % off at whole numbers", at_whole_numbers(np.cos, 0.08, 0), WHOLE),
    wrong(
        SINE,
        "sine_beside_whole",
        "point: 8 % off at whole numbers ± 1e-15",
        at_whole_numbers(np.cos, 0.08, 1e-15),
        WHOLE,
    ),
    wrong(
        SINE,
        "sine_near_whole",
        "point: 8 % off at whole numbers ± 1e-12",
        at_whole_numbers(np.cos, -0.08, 1e-12),
        WHOLE,
    ),
    wrong(
        POWER, "power_at_whole_numbers", "point: 8 % off at whole numbers", at_whole_numbers(POWER.grad, 0.08, 0), WHOLE
    ),
    wrong(
        POWER,
        "power_beside_whole",
        "point: 1 % off at whole numbers ± 1e-14",
        at_whole_numbers(POWER.grad, 0.01, 1e-14),
        WHOLE,
    ),
    wrong(CAUCHY_LOSS, "cauchy_beyond_1e5", "region: doubled beyond 1e5", beyond(CAUCHY[1], 1e5, 2.0), [([2e5],)]),
    wrong(CAUCHY_LOSS, "cauchy_beyond_1e10", "region: 0 beyond 1e10", beyond(CAUCHY[1], 1e10, 0.0), [([1e16],)]),
    wrong(
        RMS_NORM, "rms_norm_beyond_1e5", "region: 1.5 beyond 1e5", beyond(RMS[1], 1e5, 1.5), [([1e6, 2.0], [1.0, 0.5])]
    ),
)
