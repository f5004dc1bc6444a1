"""Which standard mistake an answer is: a hint beside the verdict, never part of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.formats import FORMATS, as_floats
from oracle.vectors.mistakes import MISTAKES
from oracle.vectors.record import Answer, Question, Vector, tensors

Array = NDArray[Any]
#: Computed in a narrower format, an answer is as far from the truth as that format allows; its digits are nobody's to foretell.
NARROWER = {"float32 inside float64": ("float64", "float32"), "bfloat16 inside float32": ("float32", "bfloat16")}
#: What an allowance lacks for this: it takes x and E for exact, which a narrower format does not hold.
INPUTS = 16.0
GRADIENTS = ("nabla_w", "nabla_b")


def matching(vector: Vector, answer: Answer) -> tuple[str, ...]:
    """The standard mistakes whose gradients are those of the answer, the likeliest first: those that explain all it gives."""
    found = []
    with np.errstate(all="ignore"):  # answers and mistakes may be of any size
        for position, (name, mistaken) in enumerate(_mistaken(vector.question, vector.catches)):
            if _alike(vector, answer, mistaken, GRADIENTS):
                whole = _alike(vector, answer, mistaken, ("activations", "cost", "deltas"))
                found.append((not whole, position, name))
        if not found:
            found = [(True, 0, name) for name in NARROWER if _narrow(vector, answer, name)]
    return tuple(name for _, _, name in sorted(found))


@lru_cache(maxsize=16)
def _mistaken(question: Question, catches: tuple[str, ...]) -> tuple[tuple[str, Answer], ...]:
    """The answers of the mistakes that a vector catches, of all that can be made where it names none.

    A question is itself the key, not what it holds.
    """
    names = [name for name in catches or MISTAKES if name not in NARROWER]
    made = ((name, MISTAKES[name](question)) for name in names)
    return tuple((name, answer) for name, answer in made if answer is not None)


def _alike(vector: Vector, answer: Answer, mistaken: Answer, fields: tuple[str, ...]) -> bool:
    """Whether all the tensors of some fields that the answer gives are the mistaken ones, as far as rounding lets one see."""
    given = {(field, layer): v for field, layer, v in _given(answer) if field in fields}
    truths = {(field, layer): v for field, layer, v in tensors(vector.truth)}
    allowances = {(field, layer): v for field, layer, v in tensors(vector.allowance)}
    wanted = {(field, layer): v for field, layer, v in tensors(mistaken)}
    if not given.keys() <= wanted.keys() or (fields == GRADIENTS and not given):
        return False
    eps = 2.0 ** (5 - vector.question.format.bits)
    for key, got in given.items():
        expected = as_floats(wanted[key])
        if got.shape != expected.shape:
            return False
        g = as_floats(got)
        finite = np.isfinite(expected)
        if not np.array_equal(finite, np.isfinite(g)):
            return False
        largest = float(np.max(np.abs(expected[finite]), initial=0.0))
        growth = max(1.0, largest / max(float(np.max(np.abs(as_floats(truths[key])), initial=0.0)), 1e-300))
        room = float(np.max(allowances[key])) * growth if got.shape != truths[key].shape else allowances[key] * growth
        near = np.abs(g - np.where(finite, expected, 0.0)) <= room + eps * np.abs(expected)
        if not np.all(near | ~finite):
            return False
    return True


def _narrow(vector: Vector, answer: Answer, name: str) -> bool:
    dtype, inside = NARROWER[name]
    if vector.question.dtype != dtype:
        return False
    wider = INPUTS * 2.0 ** (FORMATS[dtype].bits - FORMATS[inside].bits)
    truths = {(field, layer): as_floats(v) for field, layer, v in tensors(vector.truth)}
    allowances = {(field, layer): v for field, layer, v in tensors(vector.allowance)}
    given = _given(answer)
    return bool(given) and all(
        (field, layer) in truths
        and v.shape == truths[field, layer].shape
        and bool(
            np.all(
                np.abs(as_floats(v) - truths[field, layer]) <= wider * allowances[field, layer] + FORMATS[inside].tiny
            )
        )
        for field, layer, v in given
    )


def _given(answer: Answer) -> list[tuple[str, int, Array]]:
    """The tensors of an answer, if they are arrays of numbers at all."""
    try:
        given = tensors(answer)
    except TypeError:
        return []
    return given if all(isinstance(v, np.ndarray | np.generic) and v.dtype != object for _, _, v in given) else []
