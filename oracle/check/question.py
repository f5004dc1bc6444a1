"""The question, before anything is tried: are its parts such that it can be put?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import Guarded
from oracle.candidate.tensors import on_arrays
from oracle.check.assumption import number_of_arguments
from oracle.search.domains import as_domain
from oracle.search.problem import Problem

#: The longest time for one call that can be asked for.
MOST_SECONDS = 1e9


def make_problem(
    fn: Any,
    grad: Any,
    domains: Any,
    lengths: Any,
    shapes: Any,
    examples: Any,
    rng: Any,
    argnum: Any,
    timeout: float | None = None,
    besides: int = 0,
) -> Problem:
    """The problem, its arguments checked; without domains on real numbers, and grad may take so many arguments besides.

    Raises CannotJudge with one sentence.
    """
    for what, function in (("fn", fn), ("grad", grad)):
        if not callable(function):
            raise CannotJudge(f"{what} is of type {type(function).__name__}: give a function")
    if domains is None:
        count = len(shapes) if isinstance(shapes, tuple | list) else number_of_arguments(fn, grad, besides)
        domains = ("real",) * count
    if isinstance(domains, str) or not isinstance(domains, Sequence) or not domains:
        raise CannotJudge(
            f"domains = {domains!r}: give a sequence with one domain for each argument, such as ('unit', 'real')"
        )
    try:
        known = tuple(as_domain(d) for d in domains)
    except (ValueError, TypeError) as error:
        raise CannotJudge(str(error)) from error
    if not isinstance(argnum, int) or isinstance(argnum, bool) or not 0 <= argnum < len(known):
        raise CannotJudge(f"argnum = {argnum!r}: there are {len(known)} arguments, numbered from 0")
    if not isinstance(examples, int) or isinstance(examples, bool) or examples < 1:
        raise CannotJudge(f"examples = {examples!r}: give a whole number of points, at least 1")
    if timeout is not None and (
        not isinstance(timeout, int | float) or isinstance(timeout, bool) or not 0 < timeout < MOST_SECONDS
    ):
        raise CannotJudge(f"timeout = {timeout!r}: give a positive number of seconds, or None for no limit")
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise CannotJudge(f"rng is of type {type(rng).__name__}: give numpy.random.default_rng(seed)")
    if lengths is not None and shapes is not None:
        raise CannotJudge("lengths and shapes are both given: shapes fix the lengths already")
    bounds = checked_lengths(lengths)
    shapes = checked_shapes(shapes)
    if shapes is not None:
        if len(shapes) != len(known):
            raise CannotJudge(
                f"shapes has {len(shapes)} entries, domains {len(known)}: give one shape for each argument"
            )
        for n, (domain, shape) in enumerate(zip(known, shapes, strict=True)):
            if domain.has_columns and not shape:
                raise CannotJudge(
                    f"shapes = {shapes}: argument {n} is one number, and {domain.name} has entries along an axis"
                )
    fn, grad = on_arrays(fn), on_arrays(grad)
    return Problem(Guarded(fn, "fn", timeout), Guarded(grad, "grad", timeout), known, argnum, bounds, shapes)


def checked_seed(seed: Any) -> int:
    """The seed. Raises CannotJudge."""
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise CannotJudge(f"seed = {seed!r}: give a whole number of at least 0")
    return seed


def checked_lengths(lengths: Any) -> tuple[int, int] | None:
    """The bounds, None for none. Raises CannotJudge."""
    if lengths is None:
        return None
    if not (
        isinstance(lengths, tuple | list)
        and len(lengths) == 2
        and all(isinstance(n, int) for n in lengths)
        and 1 <= lengths[0] <= lengths[1]
    ):
        raise CannotJudge(f"lengths = {lengths!r}: give (low, high) with 1 <= low <= high")
    return lengths[0], lengths[1]


def checked_shapes(shapes: Any) -> tuple[tuple[int, ...], ...] | None:
    """The shapes, None for none. Raises CannotJudge."""
    if shapes is None:
        return None
    try:
        found = tuple(tuple(int(n) for n in s) for s in shapes)
    except (TypeError, ValueError):
        raise CannotJudge(f"shapes = {shapes!r}: give one shape for each argument, such as ((3, 4), (4,))") from None
    if any(n < 1 for s in found for n in s):
        raise CannotJudge(f"shapes = {found}: every length must be at least 1")
    return found
