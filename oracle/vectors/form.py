"""Whether a record has the form of a vector, beyond what decoding needs: known names, matching shapes, finite numbers.

A digest tells damage by accident; whoever edits a file and renews its digest gets this far. `tests/ports/folder.mjs` asks the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from manualbp import ACTIVATIONS, HEADS
from oracle.vectors.encoding import Json, Malformed, whole
from oracle.vectors.flags import FLAGS
from oracle.vectors.formats import as_floats
from oracle.vectors.mistakes import MISTAKES
from oracle.vectors.record import Vector, tensors

LEAST_CATCHES = 3
#: Every number of a record that is no bit pattern is smaller.
MOST = 1e300
ID = re.compile(r"(\w+)/([!-.0-~]+)/[!-.0-~]+")
STRINGS = ("id", "dtype", "head", "output_activation", "cost", "notes")
LISTS = ("hidden", "sizes", "flags", "catches")
ARRAYS = ("x", "expected", "weights", "biases", "truth", "allowance")
FIELDS = frozenset({*STRINGS, *LISTS, *ARRAYS, "parameters", "samples"})


def check_form(data: Json, vector: Vector, fields: frozenset[str] = FIELDS) -> None:
    """A record with these fields, and the vector that was decoded from it. Raises Malformed."""
    if data.keys() != fields:
        raise Malformed(f"{vector.id!r}: its fields are not {', '.join(sorted(fields))}")
    for words, holds in RULES:
        if not holds(data, vector):
            raise Malformed(f"{vector.id!r}: {words}")


def _typed(data: Json, vector: Vector) -> bool:
    strings = all(isinstance(data[name], str) for name in STRINGS)
    return strings and all(isinstance(data[name], list) for name in LISTS) and isinstance(data["parameters"], dict)


def _head(data: Json, vector: Vector) -> bool:
    head = HEADS.get(data["head"])
    return head is not None and (head.activation, head.cost.name) == (data["output_activation"], data["cost"])


def _id(data: Json, vector: Vector) -> bool:
    found = ID.fullmatch(data["id"])
    if found is None or found[1] != data["dtype"]:
        return False
    return found[2].partition("@")[0] == data["head"] or [found[2]] == [f"hidden:{name}" for name in data["hidden"]]


def _parameters(data: Json, vector: Vector) -> bool:
    given: Mapping[str, Any] = data["parameters"]
    numbers = all(type(v) in (int, float) and 0 < abs(v) < MOST for v in given.values())
    return given.keys() == HEADS[data["head"]].cost.parameters.keys() and numbers and given.get("threshold", 1) > 0


def _known(data: Json, vector: Vector) -> bool:
    return (
        _names(data["hidden"], ACTIVATIONS, unique=False)
        and _names(data["flags"], FLAGS)
        and _names(data["catches"], MISTAKES, LEAST_CATCHES)
    )


def _names(given: list[object], known: Collection[str], least: int = 0, *, unique: bool = True) -> bool:
    if not all(isinstance(name, str) and name in known for name in given):
        return False
    return len(given) >= least and not (unique and len(set(given)) < len(given))


def _sizes(data: Json, vector: Vector) -> bool:
    return len(data["sizes"]) >= 2 and all(whole(n) and n >= 1 for n in (*data["sizes"], data["samples"]))


def _shapes(data: Json, vector: Vector) -> bool:
    q, sizes, m = vector.question, data["sizes"], data["samples"]
    pairs = list(zip(sizes[1:], sizes[:-1], strict=True))
    matrices, columns, batches = pairs, [(n, 1) for n, _ in pairs], [(n, m) for n, _ in pairs]
    wanted = {"activations": batches, "deltas": batches, "nabla_w": matrices, "nabla_b": columns}
    return (
        len(q.hidden) == len(sizes) - 2
        and (q.x.shape, q.expected.shape) == ((sizes[0], m), (sizes[-1], m))
        and [w.shape for w in q.weights] == matrices
        and [b.shape for b in q.biases] == columns
        and all(
            [v.shape for v in getattr(answer, field)] == shapes
            for answer in (vector.truth, vector.allowance)
            for field, shapes in wanted.items()
        )
        and all(answer.cost is not None and answer.cost.shape == () for answer in (vector.truth, vector.allowance))
    )


def _finite(data: Json, vector: Vector) -> bool:
    q = vector.question
    arrays = (q.x, q.expected, *q.weights, *q.biases, *(v for _, _, v in tensors(vector.truth)))
    return all(bool(np.isfinite(as_floats(v)).all()) for v in arrays)


def _allowed(data: Json, vector: Vector) -> bool:
    return all(bool(np.all((v > 0) & (v < MOST))) for _, _, v in tensors(vector.allowance))


RULES: tuple[tuple[str, Callable[[Json, Vector], bool]], ...] = (
    ("its strings, lists and parameters are something else", _typed),
    ("its head is unknown, or not its output_activation with its cost", _head),
    ("its id is not dtype/head/kind", _id),
    ("its parameters are not those of its cost", _parameters),
    ("hidden, flags and catches must list known names, the latter two each once, and catches three or more", _known),
    ("sizes must be two integers or more, and samples one, all at least 1", _sizes),
    ("its arrays have other shapes than sizes and samples say", _shapes),
    ("an array holds numbers that are not finite", _finite),
    ("an allowance is no finite number above 0", _allowed),
)
