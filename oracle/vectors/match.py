"""Which standard mistake an answer is: a hint beside the verdict, never part of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.formats import FORMATS, Format, as_floats, round_array
from oracle.vectors.mistakes import MISTAKES, right
from oracle.vectors.record import Answer, Question, Vector, tensors

Array = NDArray[Any]
#: Computed in a narrower format, an answer is as far from the truth as that format allows; its digits are nobody's to foretell.
NARROWER = {"float32 inside float64": ("float64", "float32"), "bfloat16 inside float32": ("float32", "bfloat16")}
#: What an allowance lacks for this: it takes x and E for exact, which a narrower format does not hold.
INPUTS = 16.0
GRADIENTS = ("nabla_w", "nabla_b")
OPTIONAL = ("activations", "cost", "deltas")
LAYERED = ("activations", "deltas", *GRADIENTS)
Given = dict[tuple[str, int], Array]


def matching(vector: Vector, answer: Answer) -> tuple[str, ...]:
    """The standard mistakes whose gradients are those of the answer, the likeliest first: those that explain all it gives.

    A mistake of the cost alone must explain all. An answer that lacks a gradient or a layer, or has one too many, is none.
    """
    given = _given(vector, answer)
    if given is None:
        return ()
    found = []
    with np.errstate(all="ignore"):  # answers and mistakes may be of any size
        nan = any(bool(np.isnan(as_floats(v)).any()) for v in given.values())
        base = right(vector.question)
        for position, (name, mistaken) in enumerate(_mistaken(vector.question, vector.catches)):
            if _alike(vector, given, mistaken, GRADIENTS):
                whole = _alike(vector, given, mistaken, OPTIONAL)
                if whole or not _same_gradients(mistaken, base):
                    found.append((not whole, position, name))
        if not found and not nan:
            found = [(True, 0, name) for name in NARROWER if _narrow(vector, given, name)]
    names = tuple(name for _, _, name in sorted(found))
    return ("NaN", *(name for name in names if name != "NaN")) if nan else names


def _same_gradients(one: Answer, other: Answer) -> bool:
    """Whether no gradient differs in any bit, so that the mistake is elsewhere."""
    pairs = zip((*one.nabla_w, *one.nabla_b), (*other.nabla_w, *other.nabla_b), strict=True)
    return all(v.tobytes() == w.tobytes() for v, w in pairs)


@lru_cache(maxsize=16)
def _mistaken(question: Question, catches: tuple[str, ...]) -> tuple[tuple[str, Answer], ...]:
    """The answers of the mistakes that a vector catches, of all that can be made where it names none.

    A question is itself the key, not what it holds.
    """
    names = [name for name in catches or MISTAKES if name not in NARROWER]
    made = ((name, MISTAKES[name](question)) for name in names)
    return tuple((name, answer) for name, answer in made if answer is not None)


def _alike(vector: Vector, answer: Given, mistaken: Answer, fields: tuple[str, ...]) -> bool:
    """Whether all the tensors of some fields that the answer gives are the mistaken ones, as far as rounding lets one see."""
    given = {(field, layer): v for (field, layer), v in answer.items() if field in fields}
    truths = {(field, layer): v for field, layer, v in tensors(vector.truth)}
    allowances = {(field, layer): v for field, layer, v in tensors(vector.allowance)}
    wanted = {(field, layer): v for field, layer, v in tensors(mistaken)}
    eps = 2.0 ** (5 - vector.question.format.bits)
    for key, got in given.items():
        expected = as_floats(wanted[key])
        if got.shape != expected.shape:
            return False
        g = as_floats(got)
        finite = np.isfinite(expected)
        if not np.array_equal(g[~finite], expected[~finite], equal_nan=True) or not np.isfinite(g[finite]).all():
            return False
        largest = float(np.max(np.abs(expected[finite]), initial=0.0))
        growth = max(1.0, largest / max(float(np.max(np.abs(as_floats(truths[key])), initial=0.0)), 1e-300))
        room = float(np.max(allowances[key])) * growth if got.shape != truths[key].shape else allowances[key] * growth
        near = np.abs(g - np.where(finite, expected, 0.0)) <= room + eps * np.abs(expected)
        if not np.all(near | ~finite):
            return False
    return True


def _narrow(vector: Vector, given: Given, name: str) -> bool:
    """Whether a narrower format left its marks, numbers that it holds though not the truth's, and no error that it cannot explain.

    Arrays of another dtype than the question's are another mistake.
    """
    dtype, inside = NARROWER[name]
    fmt, narrow = vector.question.format, FORMATS[inside]
    if vector.question.dtype != dtype or any(v.dtype != fmt.dtype for v in given.values()):
        return False
    wider = INPUTS * 2.0 ** (fmt.bits - narrow.bits)
    truths = {(field, layer): as_floats(v) for field, layer, v in tensors(vector.truth)}
    allowances = {(field, layer): v for field, layer, v in tensors(vector.allowance)}
    if any(v.shape != truths[key].shape for key, v in given.items()):
        return False
    marked = any(_holds(narrow, as_floats(v)) and not _holds(narrow, truths[key]) for key, v in given.items())
    return marked and all(
        bool(np.all(np.abs(as_floats(v) - truths[key]) <= wider * allowances[key] + narrow.tiny))
        for key, v in given.items()
    )


def _holds(fmt: Format, v: NDArray[np.float64]) -> bool:
    return bool(np.array_equal(round_array(v, fmt), v))


def _given(vector: Vector, answer: Answer) -> Given | None:
    """The tensors of an answer by field and layer; None where they are not one array of numbers for each layer that is due."""
    layers = range(2, len(vector.truth.nabla_w) + 2)
    found = {} if answer.cost is None else {("cost", layers[-1]): answer.cost}
    for field in LAYERED:
        values = getattr(answer, field)
        if values is None and field not in GRADIENTS:
            continue
        if not isinstance(values, Sequence) or len(values) != len(layers):
            return None
        found |= {(field, i): v for i, v in zip(layers, values, strict=True)}
    floating = (vector.question.format.dtype, np.float64, np.float32, np.float16)
    numbers = all(isinstance(v, np.ndarray | np.generic) and v.dtype in floating for v in found.values())
    return found if numbers else None
