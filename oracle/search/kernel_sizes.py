"""Sizes as kernels have them, along one axis after the other: tiles, and what is left over beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import prod

from oracle.search.sizes import BOUNDS, Sizes

#: The first that is left over after a tile comes first: most kernels that are wrong are wrong there.
TILES = (129, 33, 65, 257, 128, 1000, 32, 4096, 1024, 64, 256, 127, 31, 255, 63)
#: All names at once.
TOGETHER = (33, 65)
#: Entries of a point, and of one where all names are as large; and points.
MOST_ENTRIES, MOST_TOGETHER, MOST_POINTS = 130_000, 20_000, 48
#: Sizes from the low end of declared bounds on.
FROM_THE_LOWEST = 3


def kernel_sizes(sizes: Sizes, mined: Sequence[int] = ()) -> Iterator[tuple[int, int]]:
    """(size, number of its name, or −1 for all of them): integers of the code and their successors first."""
    for size, lead in islice(_wanted(sizes, mined), MOST_POINTS):
        entries = sum(map(prod, sizes.shapes(sizes.beside(size, 0, lead))))
        if entries <= (MOST_ENTRIES if lead >= 0 else MOST_TOGETHER):
            yield size, lead


def _wanted(sizes: Sizes, mined: Sequence[int]) -> Iterator[tuple[int, int]]:
    several = [k for k, (_, low, high) in enumerate(sizes.bounds) if low < high]
    own = [n for c in mined for n in (c + 1, c)]
    for size in dict.fromkeys([*own, *TILES]):
        for k in several:
            _, low, high = sizes.bounds[k]
            if low <= size <= high:
                yield size, k
    for k in several:
        _, low, high = sizes.bounds[k]
        ends = [*range(low, min(low + FROM_THE_LOWEST, high)), *([high] if high != BOUNDS[1] else [])]
        yield from ((size, k) for size in ends if size > BOUNDS[0] and size not in {*own, *TILES})
    yield from ((size, -1) for size in TOGETHER if len(several) > 1)
