"""The vectors that the distribution ships."""

from __future__ import annotations

from collections.abc import Collection

from oracle.vectors.record import Vector


def vectors(dtype: str | None = None, heads: Collection[str] | None = None) -> tuple[Vector, ...]:
    """Every shipped vector, or those of a dtype and of some heads (keys of manualbp.HEADS), in the order of their files."""
    return ()
