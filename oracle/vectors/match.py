"""Which standard mistake an answer is: a hint beside the verdict, never part of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.formats import FORMATS, as_floats
from oracle.vectors.mistakes import MISTAKES, right
from oracle.vectors.narrow import INSIDE, NARROWER, held, marked, within
from oracle.vectors.record import Answer, Question, Vector, tensors

Array = NDArray[Any]
GRADIENTS = ("nabla_w", "nabla_b")
OPTIONAL = ("activations", "cost", "deltas")
LAYERED = ("activations", "deltas", *GRADIENTS)
Given = dict[tuple[str, int], Array]


def matching(vector: Vector, answer: Answer) -> tuple[str, ...]:
    """The standard mistakes whose gradients are those of the answer, the likeliest first: those that explain all it gives.

    A mistake of the cost alone must explain all. An answer that lacks a gradient or a layer, or has one too many, is none.
    """
    given = given_of(vector, answer)
    if given is None:
        return ()
    found = []
    with np.errstate(all="ignore"):  # answers and mistakes may be of any size
        nan = any(bool(np.isnan(as_floats(v)).any()) for v in given.values())
        base = right(vector.question)
        off = not _near(vector, given)
        for position, (name, mistaken) in enumerate(_mistaken(vector.question, vector.catches)):
            if alike(vector, given, mistaken, GRADIENTS):
                whole = alike(vector, given, mistaken, OPTIONAL)
                if whole or (off and not _same_gradients(mistaken, base)):
                    found.append((not whole, position, name))
        if not found and not nan:
            found = [(True, k, name) for k, name in enumerate(INSIDE) if is_narrow(vector, given, name)]
    names = tuple(name for _, _, name in sorted(found))
    return ("NaN", *(name for name in names if name != "NaN")) if nan else names


def _near(vector: Vector, given: Given) -> bool:
    """Whether every gradient is right, so that a mistake of gradients is none."""
    pairs = zip(tensors(vector.truth), tensors(vector.allowance), strict=True)
    return all(
        given[field, layer].shape == truth.shape
        and bool(np.all(np.abs(as_floats(given[field, layer]) - as_floats(truth)) <= allowed))
        for (field, layer, truth), (_, _, allowed) in pairs
        if field in GRADIENTS
    )


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


def alike(vector: Vector, answer: Given, mistaken: Answer, fields: tuple[str, ...]) -> bool:
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


def is_narrow(vector: Vector, given: Given, name: str) -> bool:
    """Whether every number is one of a narrower format, no further from the truth than that explains, and some are marks of it."""
    dtype, inside = INSIDE[name]
    if vector.question.dtype != dtype or any(v.dtype != vector.question.format.dtype for v in given.values()):
        return False
    narrow = FORMATS[inside]
    return (
        within(vector, given, narrow) and marked(vector, given, narrow) and all(held(v, narrow) for v in given.values())
    )


def given_of(vector: Vector, answer: Answer) -> Given | None:
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
