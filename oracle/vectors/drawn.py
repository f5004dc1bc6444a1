"""Vectors that are not stored, but made when they are asked for: larger networks, and questions that few backends take.

A name says all: `float64/HEAD/wide:7-3` is the third wide network of the seed 7, for ever, to the last bit; `digest` tells whether
two machines have the same. Making one costs an enclosure in balls: a tenth of a second, or a few for the widest.

wide, batch, deep     layers to 129 neurons, batches to 100 samples, 9 to 12 layers
weighted              a weight of each sample; they sum to m, so that the mean by m is that by their sum
decayed               λ/2 times the sum of all W² beside
classes               each E is one 1 among zeros
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.draw import Draw
from oracle.vectors.encoding import encode_vector
from oracle.vectors.formats import FORMATS
from oracle.vectors.record import NONE, Question, Vector
from oracle.vectors.sizes import PARTS, WHOLE, network_on_grid
from oracle.workers.each import Lost, in_order
from oracle.workers.executors import HERE, Where

Array = NDArray[Any]
WIDTHS = (36, 48, 63, 64, 65, 96, 100, 127, 128, 129)
BATCHES = (40, 48, 63, 64, 65, 100)
#: (head, activation of the hidden layers)
HEADS = (*WHOLE, *PARTS)
CLASSIFYING = tuple(pair for pair in HEADS if pair[0].startswith("softmax"))
DTYPES = ("float64", "float32")
NAME = re.compile(r"(\w+)/([!-.0-~]+)/(\w+):(0|[1-9]\d*)-([1-9]\d*)", re.ASCII)
#: A question that makes no vector (a z on a kink, say) is drawn again, so often.
ATTEMPTS = 20
#: A seed is a number that fits into a name.
MOST_SEED = 10**9
Shape = Callable[[Random], tuple[tuple[int, ...], int]]


def _wide(rng: Random) -> tuple[tuple[int, ...], int]:
    at, width = rng.randrange(3), rng.choice(WIDTHS)
    sizes = [rng.randrange(2, 5) for _ in range(3)]
    sizes[at] = width
    return tuple(sizes), rng.randrange(1, 4)


def _batch(rng: Random) -> tuple[tuple[int, ...], int]:
    return (rng.randrange(1, 4), rng.randrange(2, 4), 2), rng.choice(BATCHES)


def _deep(rng: Random) -> tuple[tuple[int, ...], int]:
    return tuple(rng.randrange(2, 4) for _ in range(rng.randrange(9, 13))), 2


def _small(rng: Random) -> tuple[tuple[int, ...], int]:
    return (rng.randrange(1, 5), rng.randrange(2, 5), rng.randrange(2, 4)), rng.choice((2, 3, 4, 6))


SHAPES: MappingProxyType[str, Shape] = MappingProxyType(
    {"wide": _wide, "batch": _batch, "deep": _deep, "weighted": _small, "decayed": _small, "classes": _small}
)
LARGER = ("wide", "batch", "deep")


def names(kinds: Sequence[str], count: int, seed: int, dtypes: Iterable[str] = DTYPES) -> list[str]:
    """The names of `count` vectors of the kinds in turn, in each dtype that is among `DTYPES`."""
    found = []
    for k in range(count if kinds else 0):
        kind, n = kinds[k % len(kinds)], k // len(kinds) + 1
        pair = _pair(kind, Random(f"{kind} {seed} {n}"))
        found += [f"{dtype}/{pair[0]}/{kind}:{seed}-{n}" for dtype in dtypes if dtype in DTYPES]
    return found


def is_drawn(id: str) -> bool:
    """Whether an id is the name of a drawn vector."""
    found = NAME.fullmatch(id)
    if found is None or found[1] not in DTYPES or found[3] not in SHAPES or int(found[4]) >= MOST_SEED:
        return False
    return _pair(found[3], Random(f"{found[3]} {found[4]} {found[5]}"))[0] == found[2]


def drawn(id: str) -> Vector:
    """The vector of a name. Raises ValueError for what is none."""
    from oracle.balls.errors import Undecidable
    from oracle.vectors.make import vector_of
    from oracle.vectors.truth import Unfit

    if not is_drawn(id):
        raise ValueError(f"{id} is no drawn vector")
    for attempt in range(ATTEMPTS):
        try:
            return vector_of(question(id, attempt), ("drawn",))
        except (Unfit, Undecidable):
            continue
    raise ValueError(f"{id}: none of {ATTEMPTS} questions makes a vector; take another seed")


def all_drawn(ids: Iterable[str], where: Where = HERE) -> list[Vector]:
    """The vectors of the names, in their order. Raises ValueError for what is none."""
    found = []
    for id, vector in zip(ids := list(ids), in_order(drawn, ids, where), strict=True):
        if isinstance(vector, Lost):
            raise ValueError(f"{id}: {vector.why}")
        found.append(vector)
    return found


def question(id: str, attempt: int = 0) -> Question:
    """The question of a name; the numbers do not depend on the dtype, but for its rounding."""
    found = NAME.fullmatch(id)
    assert found is not None
    dtype, kind = found[1], found[3]
    rng = Random(f"{kind} {found[4]} {found[5]}")
    head, hidden = _pair(kind, rng)
    sizes, m = SHAPES[kind](rng)
    draw = Draw(id, FORMATS[dtype], head, NONE, Random(f"{kind} {found[4]} {found[5]} {attempt}"))
    asked = network_on_grid(draw, sizes, m, [hidden] * (len(sizes) - 2))
    if kind == "classes":
        columns = [draw.rng.randrange(sizes[-1]) for _ in range(m)]
        return replace(asked, expected=np.eye(sizes[-1])[:, columns].astype(asked.format.dtype))
    if kind == "weighted":
        return replace(asked, sample_weights=_weights(draw.rng, m).astype(asked.format.dtype))
    return replace(asked, l2=draw.rng.choice((0.5, 0.125, 2.0**-7))) if kind == "decayed" else asked


def _pair(kind: str, rng: Random) -> tuple[str, str]:
    return rng.choice(CLASSIFYING if kind == "classes" else HEADS)


def _weights(rng: Random, m: int) -> Array:
    """Positive eighths that sum to m, not all 1."""
    found = np.ones(m)
    for r in range(0, m - 1, 2):
        off = rng.choice((-0.75, -0.5, -0.125, 0.25, 0.625))
        found[r : r + 2] += (off, -off)
    return found


def digest(vectors: Iterable[Vector]) -> str:
    """SHA-256 of the records, a line each."""
    found = hashlib.sha256()
    for vector in vectors:
        record = encode_vector(vector)
        found.update(json.dumps(record, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n")
    return found.hexdigest()
