"""Many arrays judged at once, as the parts of one vector: one forward and one backward serve them all.

What is right at once is right by each of them: every component is compared at every point. What is not is asked about once more by
one array after the other, which says whose gradient it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.leaves import Arguments
from oracle.candidate.outputs import Outputs
from oracle.candidate.tensors import OnArrays
from oracle.check.example_domains import domains_beside
from oracle.check.judged import judged
from oracle.check.leaf_problems import Subject, product_problem
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.check.vjp_as_gradient import Component, weighted
from oracle.search.domains import DOMAINS
from oracle.search.problem import Example

#: So many arrays at least are taken together, and so many points are tried of all of them.
FEWEST, POINTS = 3, 24


class Withheld(Exception):
    """There is no gradient for one of the arrays: what that means is asked about that one."""


def right_at_once(subject: Subject, products: Any, outputs: Outputs) -> Report | None:
    """The report where all are right together; None where that is not so, or not asked. subject.fn, products: of tensors.

    They are asked together where all have one dtype, and live among all real numbers.
    """
    arguments, asked = subject.arguments, subject.asked
    dtypes = {leaf.dtype for leaf in arguments.leaves}
    if len(subject.by) < FEWEST or len(dtypes) > 1 or not isinstance(subject.fn, OnArrays):
        return None
    if any(d.name != "real" for d in domains_beside(subject.fn, arguments, asked.domains, 0, subject.known)[0]):
        return None
    parts = _parts(arguments)
    of_parts = subject.fn.function
    fn = _of_the_whole(lambda whole: of_parts(*_apart(whole, parts)), subject.title)
    joined = _of_the_whole(lambda whole, c: (_together(products.function(*_apart(whole, parts), c)),), subject.title)
    whole = np.concatenate([a.ravel() for a in arguments.examples()])
    problem = make_problem(fn, joined, (DOMAINS["real"],), None, (whole.shape,), POINTS, asked.rng, 0, asked.timeout, 1)
    example = Example((whole,), (dtypes.pop(),), asked.reached())
    primal = replace(problem, example=example)
    question = product_problem(primal, weighted(fn, 1), Component(joined, 0, 1), outputs, asked)
    names = ", ".join(leaf.name for leaf in arguments.leaves)
    points = max(1, min(POINTS, asked.examples))
    try:
        found = judged(question, points, asked.draws(), asked.database, f"{subject.title}, by {names}")
    except Exception:  # of any kind: by one array after the other it is said of which
        return None
    return found if found else None


def _parts(arguments: Arguments) -> list[tuple[int, int, tuple[int, ...]]]:
    """Where each array lies in the vector, and its shape."""
    found, start = [], 0
    for example in arguments.examples():
        size = math.prod(example.shape)
        found.append((start, start + size, example.shape))
        start += size
    return found


def _apart(whole: Any, parts: Sequence[tuple[int, int, tuple[int, ...]]]) -> list[Any]:
    return [whole[first:last].reshape(shape) for first, last, shape in parts]


def _together(found: Sequence[Any]) -> Any:
    import torch

    if any(part is None for part in found):
        raise Withheld
    return torch.cat([part.reshape(-1) for part in found])


def _of_the_whole(called: Callable[..., Any], title: str) -> OnArrays:
    called.__name__ = title
    made = OnArrays(called)
    made.dtype, made.only_tensors = "float64", True
    return made
