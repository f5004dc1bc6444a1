"""The question, before anything is tried: are its parts such that it can be put?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import Guarded
from oracle.candidate.tensors import on_arrays
from oracle.check.assumption import number_of_arguments
from oracle.check.sizes import checked_lengths, checked_shapes, checked_sizes
from oracle.search.domains import as_domain
from oracle.search.matrices import may_fit
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
    checked_rng(rng)
    shapes = checked_shapes(shapes)
    sizes = checked_sizes(shapes, lengths)
    bounds = checked_lengths(lengths) if shapes is None else None
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
            if domain.kind == "drawn" and sizes is not None:
                raise CannotJudge(
                    f"shapes = {shapes}: a strategy draws argument {n}, and of one size: give shapes in numbers"
                )
            if domain.is_of_matrices and not may_fit(domain.kind, shape):
                sides = "at least as many rows as columns" if domain.kind == "orthogonal" else "as many rows as columns"
                raise CannotJudge(
                    f"shapes = {shapes}: argument {n} is in {domain.name}, whose last two axes have {sides}"
                )
    if known[argnum].kind == "whole":
        raise CannotJudge(
            f"argnum = {argnum!r}: argument {argnum} is in {known[argnum].name}: nothing is differentiated by whole numbers"
        )
    fn, grad = on_arrays(fn), on_arrays(grad)
    fixed = shapes if sizes is None else None
    guarded = Guarded(fn, "fn", timeout), Guarded(grad, "grad", timeout)
    return Problem(*guarded, known, argnum, bounds, fixed, sizes=sizes)


def checked_rng(rng: Any) -> None:
    """Raises CannotJudge for what is neither a generator nor a seed of one."""
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool):
        if rng < 0:
            raise CannotJudge(f"rng = {rng!r}: give a seed of at least 0, or numpy.random.default_rng(seed)")
    elif rng is not None and not isinstance(rng, np.random.Generator):
        raise CannotJudge(
            f"rng is of type {type(rng).__name__}: give numpy.random.default_rng(seed), or the seed itself"
        )


def generator_of(rng: Any, seed: int = 0) -> np.random.Generator:
    """The generator, that of a whole number as its seed, or without one that of `seed`. Raises CannotJudge."""
    checked_rng(rng)
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(seed if rng is None else int(rng))


def checked_seed(seed: Any) -> int:
    """The seed. Raises CannotJudge."""
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise CannotJudge(f"seed = {seed!r}: give a whole number of at least 0")
    return seed
