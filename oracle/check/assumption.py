"""Where nobody declares a domain: how many arguments there are, where they are assumed to live, and what that is worth."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.custom_rules import without_rule
from oracle.candidate.guard import Stopped
from oracle.effort.budget import Budget, Exhausted, spending
from oracle.search.allowed import allowed_domains
from oracle.search.constants import signature_names
from oracle.search.domains import DOMAINS, Domain
from oracle.search.lengths import ladder, shapes_at
from oracle.search.problem import Problem

#: Where arguments that are not differentiated often live, though fn may be finite elsewhere too.
OFTEN = ("sign", "simplex", "one_hot", "unit", "positive")
#: The length at which fn is tried.
LENGTH = 3


def number_of_arguments(fn: Callable[..., Any], grad: Callable[..., Any], besides: int = 0) -> int:
    """How many arrays fn takes, by its signature or else by grad's, which takes so many besides. Raises CannotJudge."""
    for function, more in ((fn, 0), (grad, besides)):
        count = positional(function)
        if count is not None and count > more:
            return count - more
    raise CannotJudge(
        "fn does not say how many arguments it takes: give domains, one for each, such as ('real', 'real')"
    )


def positional(function: Callable[..., Any]) -> int | None:
    """How many positional arguments without a default; None where the signature does not say."""
    try:
        parameters = list(inspect.signature(without_rule(function)).parameters.values())
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in parameters)


def numbers_at_defaults(function: Callable[..., Any], given: int) -> list[str]:
    """The numbers that the function takes beyond so many arguments and that stay as their defaults say: q = 0.5."""
    try:
        parameters = list(inspect.signature(without_rule(function)).parameters.values())[given:]
    except (TypeError, ValueError):
        return []
    numbers = [p for p in parameters if isinstance(p.default, int | float) and not isinstance(p.default, bool)]
    return [f"{p.name} = {p.default!r}" for p in numbers]


def assume(problem: Problem, argnums: Sequence[int]) -> tuple[Problem, str]:
    """The problem on the domains that fn allows, open ones for those that are differentiated, and the sentence that says so.

    Raises CannotJudge where fn takes too long or leaves.
    """
    names = signature_names(problem.fn, len(problem.domains))
    shapes = shapes_at(problem, LENGTH, ladder(problem))
    try:
        with spending(Budget(calls=3_000, operations=3_000_000)):
            domains, fits = allowed_domains(problem.fn, shapes, argnums)
    except Stopped as stopped:
        raise CannotJudge(str(stopped)) from None
    except Exhausted:
        domains, fits = (DOMAINS["real"],) * len(shapes), True
    said = f"{_listed(names, domains)}: no domain is declared"
    if not fits:
        said += ", and fn is not finite throughout any that is common"
    elif any(domain.name != "real" for domain in domains):
        said += ", and on wider ones fn is not finite"
    if held := ", ".join(numbers_at_defaults(problem.fn, len(problem.domains))):
        said += f"; judged at {held} alone"
    return replace(problem, domains=domains), said


def narrower(problem: Problem) -> Iterator[tuple[Problem, str]]:
    """The problem with the arguments that are not differentiated where such arguments often live, and the words for that."""
    names = signature_names(problem.fn, len(problem.domains))
    others = [k for k in range(len(problem.domains)) if k != problem.argnum]
    for name in OFTEN if others else ():
        domain = DOMAINS[name]
        inside = [k for k in others if _is_wider(problem.domains[k], domain)]
        if inside and not (domain.has_columns and not all(shapes_at(problem, LENGTH, ladder(problem)))):
            domains = tuple(domain if k in inside else d for k, d in enumerate(problem.domains))
            yield replace(problem, domains=domains), _listed([names[k] for k in inside], [domain] * len(inside))


def _is_wider(domain: Domain, other: Domain) -> bool:
    return (
        domain.kind == "interval"
        and domain.least <= other.least
        and domain.greatest >= other.greatest
        and domain != other
    )


def _listed(names: Sequence[str], domains: Sequence[Domain]) -> str:
    return ", ".join(f"{name} in {domain.name}" for name, domain in zip(names, domains, strict=True))
