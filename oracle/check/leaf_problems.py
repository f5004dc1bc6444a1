"""One array of many that is differentiated: its problem, and the report on it; the others stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from oracle.candidate.guard import TIMEOUT, Guarded
from oracle.candidate.leaves import Arguments, Leaf
from oracle.candidate.outputs import Outputs
from oracle.check.accuracy import checked_accuracy, stated
from oracle.check.example_domains import domains_beside
from oracle.check.judged import judged
from oracle.check.question import generator_of, make_problem
from oracle.check.report import Report
from oracle.check.run import EXAMPLES
from oracle.check.vjp_as_gradient import Component, output_shape
from oracle.search.cotangents import COTANGENT
from oracle.search.problem import Example, Problem, Product
from oracle.search.sizes import Sizes

#: Several arrays share so many times the points of one, and each has at least the fewest that say something: whatever is judged of
#: one of them, all of them move.
SHARED, FEWEST = 1.5, 16
#: So many times as large as the largest given number, or as 1, is still about as far out.
REACH = 4.0


@dataclass(frozen=True)
class Question:
    """What is asked besides the functions, as in `check_gradient`; reach: how far from the example digits decide
    (`search.problem.Example`), by default about as far out as it lies, where no domains are declared."""

    domains: Any = None  # of each array
    examples: int = EXAMPLES
    rng: Any = None
    seed: int = 0
    database: Any = "default"
    timeout: float | None = TIMEOUT
    extremes: bool = False
    reach: float | None = None
    accuracy: float | None = None
    sizes: Sizes | None = None  # of each array

    def each(self, count: int) -> int:
        """The points of each of so many arrays."""
        return min(self.examples, max(FEWEST, round(SHARED * self.examples / count)))

    def reached(self) -> float | None:
        return REACH if self.reach is None and self.domains is None else self.reach

    def draws(self) -> np.random.Generator:
        return generator_of(self.rng, self.seed)


@dataclass(frozen=True, eq=False)
class Subject:
    """arguments: of fn, taken apart; fn: of the leaves, as one array; by: the numbers of the leaves that are differentiated;
    script: what shows again what a report on a leaf says; known: what is found out once for all of them."""

    arguments: Arguments
    fn: Callable[..., Any]
    by: tuple[int, ...]
    title: str
    asked: Question
    script: Callable[[Report, Leaf], str] = lambda report, leaf: ""
    known: dict[Any, Any] = field(default_factory=dict)


def leaf_problem(subject: Subject, grad: Callable[..., Any], k: int, besides: int) -> tuple[Problem, str]:
    """The problem of one leaf, and what is assumed of its domains."""
    arguments, asked = subject.arguments, subject.asked
    examples = arguments.examples()
    shapes = tuple(a.shape for a in examples)
    domains, assumed = domains_beside(subject.fn, arguments, asked.domains, k, subject.known)
    problem = make_problem(
        subject.fn, grad, domains, None, None, asked.examples, asked.rng, k, asked.timeout, besides=besides
    )
    dtypes = tuple(leaf.dtype for leaf in arguments.leaves)
    example = Example(examples, dtypes, asked.reached())
    allowed = checked_accuracy(asked.accuracy)
    fixed = shapes if asked.sizes is None else None
    return replace(problem, shapes=fixed, sizes=asked.sizes, example=example, accuracy=allowed), assumed


def product_problem(
    primal: Problem, scalar: Callable[..., Any], component: Component, outputs: Outputs, asked: Question
) -> Problem:
    """The gradient of Σ c·fn by one leaf."""
    assert primal.example is not None
    narrowest = min(outputs.dtypes, key=lambda name: ("bfloat16", "float16", "float32", "float64").index(name))
    return Problem(
        Guarded(scalar, "fn", asked.timeout),
        Guarded(component, "vjp", asked.timeout),
        (*primal.domains, COTANGENT),
        component.argnum,
        product=Product(primal, output_shape(primal.fn)),
        accuracy=primal.accuracy,
        example=replace(primal.example, dtypes=(*primal.example.dtypes, narrowest)),
    )


def judged_leaf(subject: Subject, problem: Problem, leaf: Leaf, assumed: str) -> Report:
    asked = subject.asked
    found = judged(
        problem,
        asked.each(len(subject.by)),
        asked.draws(),
        asked.database,
        f"{subject.title}, by {leaf.name}",
        extremes=asked.extremes,
        assumed=assumed,
    )
    return replace(found, asked=stated(asked.accuracy))
