"""The vectors that the distribution ships."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from manualbp import HEADS
from oracle.vectors.files import data_folder, read_vectors
from oracle.vectors.formats import FORMATS
from oracle.vectors.record import Vector


def vectors(dtype: str | None = None, heads: Collection[str] | None = None) -> tuple[Vector, ...]:
    """Every shipped vector, or those of a dtype and of some heads (keys of manualbp.HEADS), in the order of their files.

    Raises ValueError for an unknown dtype or head, so that a misspelt name selects nothing silently, and Damaged (a ValueError)
    where the installation's files are not the ones shipped.
    """
    if dtype is not None and dtype not in FORMATS:
        raise ValueError(f"dtype = {dtype!r} is unknown: use one of {', '.join(FORMATS)}")
    unknown = sorted(set(heads or ()) - HEADS.keys())
    if isinstance(heads, str) or unknown:
        raise ValueError(f"heads = {heads!r}: give a list of names in manualbp.HEADS; unknown: {', '.join(unknown)}")
    found = [v for name in (FORMATS if dtype is None else (dtype,)) for v in _of(name)]
    return tuple(v for v in found if heads is None or v.question.head in heads)


@lru_cache(maxsize=len(FORMATS))
def _of(dtype: str) -> tuple[Vector, ...]:
    return tuple(read_vectors(data_folder(), dtype))
