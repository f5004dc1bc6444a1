"""Whether an answer is what a narrower arithmetic gives: numbers that it holds, as far from the truth as it must be and no further.

The room is measured: the vector's allowance, which is the cost of rounding to its dtype, scaled to the narrower unit of rounding;
and how far the exact answer moves when the question is rounded to the narrower format, which an allowance lacks (x and E count as
exact there).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.formats import FORMATS, Format, as_floats, round_array
from oracle.vectors.mistakes import right
from oracle.vectors.passes import run_backward, run_forward
from oracle.vectors.record import Answer, Question, Vector, tensors

Array = NDArray[Any]
Given = Mapping[tuple[str, int], Array]
#: A program meets underflow in a few places, each of which may cost this many of the narrower format's least number.
UNDERFLOWS = 16
#: name: (dtype, narrower format)
INSIDE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        f"{narrow} inside {dtype}": (dtype, narrow)
        for dtype, narrow in (
            ("float64", "float32"),
            ("float64", "float16"),
            ("float64", "bfloat16"),
            ("float32", "bfloat16"),
            ("float32", "float16"),
        )
    }
)
#: name: narrower format. The same of matrix products alone: ∂W, or m times it, is what the format holds.
PRODUCTS: Mapping[str, str] = MappingProxyType(
    {f"matrix products in {narrow}": narrow for narrow in ("float32", "float16", "bfloat16")}
)
#: name: what the operands of every product are rounded to, its sums being of the dtype, as GPUs do it.
OPERANDS: Mapping[str, str] = MappingProxyType(
    {
        "matrix products of float32 operands": "float32",
        "matrix products of TF32 operands": "tf32",
        "matrix products of float16 operands": "float16",
        "matrix products of bfloat16 operands": "bfloat16",
    }
)
#: Names of arithmetic, not of mathematics.
NARROWER = frozenset({*INSIDE, *PRODUCTS, *OPERANDS})


def by_place(answer: Answer) -> dict[tuple[str, int], Array]:
    return {(field, layer): v for field, layer, v in tensors(answer)}


def held(v: Array, narrow: Format) -> bool:
    """Whether the format holds every number."""
    return bool(np.array_equal(cut(v, narrow), as_floats(v)))


def cut(v: Array, narrow: Format) -> NDArray[np.float64]:
    """Every number rounded to the format."""
    floats = as_floats(v)
    if narrow.name == "bfloat16":
        return round_array(floats, narrow)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(floats.astype(narrow.dtype).astype(np.float64))


def within(vector: Vector, given: Given, narrow: Format) -> bool:
    """Whether every entry is as near to the truth as the narrower arithmetic lets a right program come."""
    fmt = vector.question.format
    truths, allowances, of_dtype = map(by_place, (vector.truth, vector.allowance, vector.of_dtype))
    if any(key not in truths or v.shape != truths[key].shape or v.dtype != fmt.dtype for key, v in given.items()):
        return False
    moved = by_place(rounded_question(vector.question, narrow.name))
    scale = 2.0 ** (fmt.bits - narrow.bits)
    least = narrow.smallest if narrow.name == "float16" else narrow.tiny  # the others are flushed by some
    for key, v in given.items():
        truth, got, centre = as_floats(truths[key]), as_floats(v), as_floats(moved[key])
        with np.errstate(all="ignore"):
            declared = allowances[key] - of_dtype[key]  # of a wide format or none: not scaled
            moved_by = np.abs(centre - truth)
            room = scale * of_dtype[key] + declared + moved_by + UNDERFLOWS * least
            # across a kink the truth's allowance may be 0: what moved is rounded as the largest entry is
            room = room + moved_by * scale * np.max(of_dtype[key]) / max(float(np.max(np.abs(truth))), least)
            if not np.all(np.abs(got - truth) <= room):
                return False
    return True


def marked(vector: Vector, given: Given, narrow: Format) -> bool:
    """Whether the narrower format holds some wrong number that is not 0: a zero is in every format, and a mark of none."""
    truths, allowances = by_place(vector.truth), by_place(vector.allowance)
    for key, v in given.items():
        got, truth = as_floats(v), as_floats(truths[key])
        off = (np.abs(got - truth) > allowances[key]) & (got != 0)
        if np.any(off) and held(got[off], narrow) and not held(truth[off], narrow):
            return True
    return False


@lru_cache(maxsize=256)
def rounded_question(question: Question, narrow: str) -> Answer:
    """The exact answer to the question rounded to a narrower format."""
    moved = replace(
        question,
        dtype="float64",
        x=cut(question.x, FORMATS[narrow]),
        expected=cut(question.expected, FORMATS[narrow]),
        weights=tuple(cut(w, FORMATS[narrow]) for w in question.weights),
        biases=tuple(cut(b, FORMATS[narrow]) for b in question.biases),
    )
    with np.errstate(all="ignore"):
        return right(moved)


def loses_all(question: Question, narrow: str) -> bool:
    """Whether a right program in that format leaves its range here, so that nothing can be said of an answer."""
    if narrow == "bfloat16":
        return False
    with np.errstate(all="ignore"):
        answer = run_backward(run_forward(question, np.dtype(narrow)), FORMATS["float64"])
    return not all(np.isfinite(as_floats(v)).all() for _, _, v in tensors(answer))
