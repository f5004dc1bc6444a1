"""One of several parts of a run, for one of several machines: K/N takes every N-th item from the K-th on."""

from __future__ import annotations

import re

SHARD = re.compile(r"([1-9]\d*)/([1-9]\d*)", re.ASCII)


def parsed(shard: str) -> tuple[int, int]:
    """(K, N) of K/N. Raises ValueError."""
    found = SHARD.fullmatch(shard)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f"--shard {shard}: give K/N, the K-th of N parts, such as 1/4")
    return int(found[1]), int(found[2])
