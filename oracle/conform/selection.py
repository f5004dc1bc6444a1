"""Which cases are asked: by dtype and head, by patterns of any of their names, and a part of them for one of several machines; and
those that are made for this run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from oracle.backends.backend import Capabilities
from oracle.backends.session import CannotRun
from oracle.vectors import Vector, vectors
from oracle.vectors.drawn import LARGER, all_drawn, names
from oracle.workers.executors import HERE, Where

#: What a pattern may be held to alone: "flag:tie", "layer:relu".
KINDS = ("id", "head", "layer", "flag")
#: So many questions with weights of samples, with a decay, with classes, in each dtype.
BESIDE = 8
SHARD = re.compile(r"([1-9]\d*)/([1-9]\d*)", re.ASCII)


def selected(dtypes: Sequence[str], heads: Sequence[str]) -> list[Vector]:
    """The vectors of the dtypes, each once, and of the heads, or of all."""
    return [v for dtype in dict.fromkeys(dtypes) for v in vectors(dtype, heads or None)]


def drawn_for(
    capabilities: Capabilities,
    dtypes: Sequence[str],
    heads: Sequence[str],
    count: int,
    seed: int,
    where: Where = HERE,
) -> list[Vector]:
    """Vectors that are not stored: `count` larger ones, and a few of each kind that a backend declares to take beside. Raises
    CannotRun."""
    beside = {
        "weighted": capabilities.sample_weights,
        "decayed": capabilities.l2,
        "classes": capabilities.targets == "classes",
    }
    ids = names(LARGER, count, seed, dtypes)
    ids += [id for kind, taken in beside.items() if taken for id in names((kind,), BESIDE, seed, dtypes)]
    try:
        return all_drawn([id for id in ids if not heads or id.split("/")[1] in heads], where)
    except ValueError as error:
        raise CannotRun(f"--seed {seed}: {error}") from error


def chosen(found: Sequence[Vector], only: Sequence[str], shard: str | None) -> list[Vector]:
    """Those that some pattern is like, and of these the part. Raises CannotRun for a pattern that no vector is like, and for a part
    that is none."""
    for pattern in only:
        if not any(like(v, pattern) for v in found):
            raise CannotRun(
                f"--only {pattern}: no case of this run has such an id, head, layer or flag; "
                "try '*/square', 'softmax+*', 'layer:relu', 'layer:5', 'flag:tie'"
            )
    some = [v for v in found if not only or any(like(v, pattern) for pattern in only)]
    if shard is None:
        return some
    k, n = parsed(shard)
    return some[k - 1 :: n]


def parsed(shard: str) -> tuple[int, int]:
    """(K, N) of K/N. Raises CannotRun."""
    found = SHARD.fullmatch(shard)
    if found is None or int(found[1]) > int(found[2]):
        raise CannotRun(f"--shard {shard}: give K/N, the K-th of N parts, such as 1/4")
    return int(found[1]), int(found[2])


def like(vector: Vector, pattern: str) -> bool:
    """Whether an id, a head, an activation or number of layers, or a flag is like a pattern; "kind:PATTERN" asks one kind alone."""
    kind, colon, rest = pattern.partition(":")
    wanted: Collection[str] = (kind,) if colon and kind in KINDS else KINDS
    text = rest if colon and kind in KINDS else pattern
    return any(fnmatchcase(name, text) for kind, name in _names(vector) if kind in wanted)


def _names(vector: Vector) -> Iterator[tuple[str, str]]:
    q = vector.question
    yield "id", vector.id
    yield "head", q.head
    yield from (("layer", name) for name in (*q.hidden, q.head_record().activation))
    yield "layer", str(len(q.sizes))
    yield from (("flag", flag) for flag in vector.flags)
