"""Arguments with fewer entries: without a run of those of vectors, or at smaller named sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.domains import Domain
from oracle.search.problem import Arguments, Problem

Array = NDArray[Any]
#: Places from which the fewest entries are taken, and smallest sizes that are tried.
PLACES = 9


def shorter(problem: Problem, args: Arguments) -> Iterator[Arguments]:
    """Without a run of entries, the same in all arguments: half of them, a quarter, …, one; or at smaller named sizes."""
    if problem.product is not None and (problem.product.primal.sizes or any(x.shape != args[0].shape for x in args)):
        for others in shorter(problem.product.primal, args[:-1]):
            yield (*others, _resized(args[-1], problem.product.shape(others)))
        return
    primal = problem.product.primal if problem.product is not None else problem
    if primal.sizes is not None:
        for sizes in smaller_sizes(primal, args):
            yield from at_sizes(primal, args, sizes)
        return
    if primal.shapes is not None or any(d.is_made or d.kind == "orthogonal" for d in problem.domains):
        return
    lengths = {length_of(d, x) for d, x in zip(problem.domains, args, strict=True)}
    if len(lengths) > 1 or 0 in lengths:
        return
    n = lengths.pop()
    low = problem.lengths[0] if problem.lengths is not None else 1
    if n > low:
        for i in range(min(n - low + 1, PLACES)):
            yield kept(problem, args, np.arange(i, i + low))
    for start, stop in _runs(n):
        yield kept(problem, args, np.delete(np.arange(n), slice(start, stop)))


def _runs(n: int) -> Iterator[tuple[int, int]]:
    run = n // 2
    while run:
        yield from ((start, start + run) for start in range(0, n, run))
        run //= 2


def smaller_sizes(problem: Problem, args: Arguments) -> Iterator[dict[str, int]]:
    """One size smaller: the smallest ones, then half of it, three quarters, …, one less; the largest size first."""
    assert problem.sizes is not None
    sizes = problem.sizes.of([x.shape for x in args])
    if sizes is None:
        return
    for name, low, _ in sorted(problem.sizes.bounds, key=lambda bound: -sizes[bound[0]]):
        n = sizes[name]
        tried = [*range(low, low + PLACES), *(n - (n >> k) for k in range(1, n.bit_length()))]
        for size in dict.fromkeys(s for s in tried if low <= s < n):
            yield {**sizes, name: size}


def at_sizes(problem: Problem, args: Arguments, sizes: dict[str, int]) -> Iterator[Arguments]:
    """The first entries along every axis, and the last ones."""
    assert problem.sizes is not None
    shapes = problem.sizes.shapes(sizes)
    pairs = list(zip(problem.domains, args, shapes, strict=True))
    yield tuple(_inside(d, x[tuple(slice(0, n) for n in s)]) for d, x, s in pairs)
    yield tuple(_inside(d, x[tuple(slice(m - n, m) for n, m in zip(s, x.shape, strict=True))]) for d, x, s in pairs)


def at_named_sizes(problem: Problem, args: Arguments, sizes: dict[str, int]) -> Arguments:
    """The first entries along every axis, of a product those of the cotangent as well."""
    if problem.product is None:
        return next(at_sizes(problem, args, sizes))
    others = next(at_sizes(problem.product.primal, args[:-1], sizes))
    return (*others, _resized(args[-1], problem.product.shape(others)))


def kept(problem: Problem, args: Arguments, keep: NDArray[np.intp]) -> Arguments:
    """Vectors with these entries alone, matrices with these rows and columns, inside their domains again."""
    left = (x[keep] if x.ndim == 1 else x[np.ix_(keep, keep)] for x in args)
    return tuple(_inside(domain, x) for domain, x in zip(problem.domains, left, strict=True))


def length_of(domain: Domain, x: Array) -> int:
    """Of a vector, or of the sides of a square matrix; 0 where it is neither."""
    is_square = domain.is_of_matrices and x.ndim == 2 and x.shape[0] == x.shape[1]
    return int(x.shape[0]) if is_square or x.ndim == 1 else 0


def _inside(domain: Domain, y: Array) -> Array:
    """What is left of shares or of a one-hot array, such again."""
    if domain.kind == "simplex" and y.size:
        sums = y.sum(axis=-1, keepdims=True)
        return np.asarray(np.where(sums > 0, y / np.where(sums > 0, sums, 1.0), y))
    if domain.kind == "one_hot" and y.size:
        return np.asarray(np.where(y.any(axis=-1, keepdims=True), y, first_hot(y.shape)))
    return y


def first_hot(shape: tuple[int, ...]) -> Array:
    """1 at the first entry along the last axis, 0 elsewhere."""
    out = np.zeros(shape)
    out[..., 0] = 1.0
    return out


def _resized(cotangent: Array, shape: Sequence[int]) -> Array:
    """Its first entries along every axis, where it has as many; else all of them in turn."""
    if len(shape) == cotangent.ndim and all(n <= m for n, m in zip(shape, cotangent.shape, strict=True)):
        return np.ascontiguousarray(cotangent[tuple(slice(0, n) for n in shape)])
    return np.resize(cotangent, tuple(shape))
