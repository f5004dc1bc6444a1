"""Arithmetic that is narrower than the dtype, or without subnormal numbers: a finding about all answers of a dtype, or none.

A narrower format explains a backend where it explains every disagreement in a dtype: each within what that format must cost, marked
by numbers that it holds; and no answer there holds a number that it does not. A zero is no mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from oracle.conform.outcome import Outcome, Result, spread
from oracle.conform.reasons import FLUSHED
from oracle.vectors.arithmetic import Arithmetic, rounded_passes, widened
from oracle.vectors.formats import FORMATS, Format, as_floats
from oracle.vectors.judgement import judge
from oracle.vectors.match import GRADIENTS, alike, given_of
from oracle.vectors.narrow import INSIDE, PRODUCTS, Given, cut, held, loses_all, marked, within
from oracle.vectors.narrow import OPERANDS as FORMATS_OF_OPERANDS
from oracle.vectors.record import Vector, tensors

OPERANDS: Mapping[str, Arithmetic] = MappingProxyType(
    {name: Arithmetic(products=narrow) for name, narrow in FORMATS_OF_OPERANDS.items()}
)
#: So many of the wrong answers are held against the very numbers that narrow operands give, and this part of them must be those.
PROBES, MOST = 24, 0.5


def arithmetic_names(results: Sequence[Result]) -> dict[int, str]:
    """Which case is explained by which name."""
    found: dict[int, str] = {}
    for dtype in dict.fromkeys(r.vector.question.dtype for r in results):
        mine = {k: r for k, r in enumerate(results) if r.vector.question.dtype == dtype and r.answer is not None}
        wrong = {k: r for k, r in mine.items() if r.outcome is Outcome.WRONG and not r.mistakes}
        flushed = _flushed(mine, wrong)
        found |= dict.fromkeys(flushed, FLUSHED)
        rest = {k: r for k, r in wrong.items() if k not in flushed}
        if rest and (name := _narrower(dtype, mine, rest)):
            found |= dict.fromkeys(rest, name)
    return found


def _flushed(mine: dict[int, Result], wrong: dict[int, Result]) -> set[int]:
    """The cases that are right but for numbers below the least normal one, where no answer holds such a number."""
    fmt = next(iter(mine.values())).vector.question.format if mine else None
    if fmt is None or any(_has_subnormal(r, fmt) for r in mine.values()):
        return set()
    return {
        k
        for k, r in wrong.items()
        if r.answer is not None and _meets_subnormal(r, fmt) and judge(r.vector, r.answer, flush_to_zero=True)
    }


def _has_subnormal(result: Result, fmt: Format) -> bool:
    assert result.answer is not None
    return any(_subnormal(v, fmt) for _, _, v in tensors(result.answer))


def _meets_subnormal(result: Result, fmt: Format) -> bool:
    q = result.vector.question
    arrays = [*(v for _, _, v in tensors(result.vector.truth)), q.x, *q.weights, *q.biases, q.expected]
    return any(_subnormal(v, fmt) for v in arrays)


def _subnormal(v: object, fmt: Format) -> bool:
    floats = np.abs(as_floats(np.asarray(v)))
    return bool(np.any((floats > 0) & (floats < fmt.tiny)))


def _narrower(dtype: str, mine: dict[int, Result], wrong: dict[int, Result]) -> str:
    """The widest of the narrower formats that explains every wrong answer, or nothing."""
    for name, (of, inside) in INSIDE.items():
        if of == dtype and _explains(mine, wrong, FORMATS[inside], products=False):
            return name
    for name, inside in PRODUCTS.items():
        if FORMATS[inside].bits < FORMATS[dtype].bits and _explains(mine, wrong, FORMATS[inside], products=True):
            return name
    for name, operands in OPERANDS.items():
        if operands.in_dtype(dtype).words and _of_operands(wrong, operands):
            return name
    return ""


def _of_operands(wrong: dict[int, Result], operands: Arithmetic) -> bool:
    """Whether every wrong answer is as near as products of such operands let a right program come, and most of some that are looked
    at are what those operands give when each is rounded to the nearest: the others met a tie, or round elsewhere first."""
    probes = [wrong[k] for k in spread(sorted(wrong), PROBES)]
    if sum(_as_rounded(r, operands) for r in probes) < MOST * len(probes):
        return False
    for r in wrong.values():
        wide = widened(r.vector, operands)
        if r.answer is None or (wide is not None and not judge(wide, r.answer, named=False)):
            return False
    return True


def _as_rounded(result: Result, operands: Arithmetic) -> bool:
    given = given_of(result.vector, result.answer) if result.answer is not None else None
    with np.errstate(all="ignore"):
        return given is not None and alike(
            result.vector, given, rounded_passes(result.vector.question, operands, None), GRADIENTS
        )


def _explains(mine: dict[int, Result], wrong: dict[int, Result], narrow: Format, *, products: bool) -> bool:
    marks = 0
    for k, r in mine.items():
        given = given_of(r.vector, r.answer) if r.answer is not None else None
        if given is None:
            return False
        if loses_all(r.vector.question, narrow.name):
            continue
        if not all(np.isfinite(as_floats(v)).all() for v in given.values()):
            return False
        if products and not _of_products(given, r.vector.question.samples, narrow):
            return False
        if not products and not all(held(v, narrow) for v in given.values()):
            return False
        if k in wrong:
            if not within(r.vector, given, narrow):
                return False
            marks += _is_off(r.vector, given) if products else marked(r.vector, given, narrow)
    return marks > 0


def _is_off(vector: Vector, given: Given) -> bool:
    """Whether some wrong entry of ∂W is not 0: zeros are no mark of products in any format."""
    for i, (truth, allowance) in enumerate(zip(vector.truth.nabla_w, vector.allowance.nabla_w, strict=True), start=2):
        got = as_floats(given["nabla_w", i])
        with np.errstate(all="ignore"):
            if np.any((got != 0) & ~(np.abs(got - as_floats(truth)) <= as_floats(allowance))):
                return True
    return False


def _of_products(given: Given, samples: int, narrow: Format) -> bool:
    """Whether ∂W is what the format holds, or such a number divided by m afterwards."""
    weights = [v for (field, _), v in given.items() if field == "nabla_w"]
    if all(held(v, narrow) for v in weights):
        return True
    with np.errstate(all="ignore"):
        m = [v.dtype.type(samples) for v in weights]
        products = [cut(v * n, narrow).astype(v.dtype) for v, n in zip(weights, m, strict=True)]
        return all(np.array_equal(p / n, v) for p, n, v in zip(products, m, weights, strict=True))
