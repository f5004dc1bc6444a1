"""Which lengths are tried: vectorised code has remainders, so a mistake may begin at the ninth entry or the sixty-fifth."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.search.domains import Domain
from oracle.search.kernel_sizes import kernel_sizes
from oracle.search.problem import Problem

#: Every short length; then a whole block, one over it, one under the next, and one over 64 and 128.
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 31, 65, 129)
#: Of matrices, which have as many entries as these squared.
SIDES = (1, 2, 3, 4, 5, 7)
LONGEST_MINED = 300
#: Tiles of kernels, and one beside: where the lengths that are declared go so far.
TILES = (32, 33, 63, 64, 127, 128, 255, 256, 1000, 1024, 4096)

#: Lengths that are tried besides the usual ones: so many up to LONG, and so many longer ones, of which the longest is one.
MANY, LONG, LONGER = 24, 5000, 4

Shapes = tuple[tuple[int, ...], ...]


def ladder(problem: Problem, mined: Sequence[int] = ()) -> tuple[int, ...]:
    """The lengths to try, ascending; `mined` integers of the code join them with their successors.

    Raises ValueError for bounds that are no (low, high) with 1 <= low <= high.
    """
    if not problem.of_vectors:
        return ()
    if problem.lengths is None and any(domain.is_of_matrices for domain in problem.domains):
        return SIDES
    joined = {n for c in _in_reach(mined) for n in (c, c + 1)}
    if problem.lengths is None:
        return tuple(sorted({*LENGTHS, *joined}))
    low, high = problem.lengths
    if not 1 <= low <= high:
        raise ValueError(f"lengths = {problem.lengths}: give (low, high) with 1 <= low <= high")
    powers = {2**k + 1 for k in range(8, 20)}
    known = {*LENGTHS, *TILES, *joined, *powers, *range(low, low + 9), high}
    return tuple(sorted(n for n in known if low <= n <= high))


def unusual(allowed: Sequence[int]) -> list[int]:
    """The lengths of this problem alone that get a point of their own."""
    others = [n for n in allowed if n not in LENGTHS]
    longer = [n for n in others if n > LONG]
    return [n for n in others if n <= LONG][:MANY] + longer[: LONGER - 1] + longer[LONGER - 1 :][-1:]


def unusual_sizes(problem: Problem, mined: Sequence[int]) -> list[tuple[int, int | None]]:
    """The same of named sizes, each with the number of its name."""
    return [] if problem.sizes is None else list(kernel_sizes(problem.sizes, _in_reach(mined)))


def _in_reach(mined: Sequence[int]) -> list[int]:
    return [c for c in mined if LENGTHS[8] < c <= LONGEST_MINED]


def shapes_at(problem: Problem, length: int, allowed: Sequence[int], turn: int = 0, lead: int | None = None) -> Shapes:
    """The shape of each argument: the fixed ones, or vectors and square matrices of the allowed length closest to the one asked
    for; of named sizes that of the lead has it, or one after the other by the turn."""
    if problem.shapes is not None:
        return problem.shapes
    if problem.sizes is not None:
        return problem.sizes.shapes(problem.sizes.beside(length, turn, lead))
    n = min(allowed, key=lambda m: (abs(m - length), m))
    return tuple(shape_of_length(domain, n) for domain in problem.domains)


def shape_of_length(domain: Domain, n: int) -> tuple[int, ...]:
    """A vector, or in a domain of matrices a square one."""
    return (n, n) if domain.is_of_matrices else (n,)
