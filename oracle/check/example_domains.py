"""Where the arrays of example arguments live: as declared, or as fn and the example themselves have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from oracle.balls.walk import every_equation
from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import Stopped
from oracle.candidate.leaves import Arguments
from oracle.candidate.pytrees import Path, Unlike, level, picked
from oracle.effort.budget import Budget, Exhausted, spending
from oracle.search.allowed import allowed_domains
from oracle.search.branches import value_jaxpr
from oracle.search.domains import DOMAINS, Domain, as_domain
from oracle.search.matrices import SQUARE, fits

#: Where there are more arrays, or entries, domains on which fn is finite are not sought.
MOST_SOUGHT, MOST_ENTRIES = 4, 400


def domains_beside(
    fn: Callable[..., Any], arguments: Arguments, said: tuple[Domain, ...] | None, k: int, known: dict[Any, Any]
) -> tuple[tuple[Domain, ...], str]:
    """The domains of all leaves, where leaf k is differentiated, and the sentence on them where none is declared.

    Real numbers, or what fn allows where it is finite at the example and not on all of them; what looks like labels or shares stays
    such beside it. known: what is found out once for all leaves.
    """
    if said is not None:
        return said, ""
    if "loops" not in known:
        known["loops"] = _may_not_end(fn, arguments)
    if known["loops"]:
        return domains_near(
            arguments
        ), "arguments about the example, as a loop of fn may not end elsewhere: no domain is declared"
    alike = [DOMAINS["real"] if n == k else looks_like(leaf.example) for n, leaf in enumerate(arguments.leaves)]
    names = [leaf.name for leaf in arguments.leaves]
    if any(d.name != "real" for d in alike):
        special = ", ".join(f"{n} in {d.name}" for n, d in zip(names, alike, strict=True) if d.name != "real")
        return tuple(alike), f"{special}, as the example is, else real numbers: no domain is declared"
    if "allowed" not in known:
        known["allowed"] = _allowed(fn, arguments)
    if known["allowed"] is None:
        return tuple(alike), "real numbers: no domain is declared"
    inside = ", ".join(f"{n} in {d.name}" for n, d in zip(names, known["allowed"], strict=True) if d.name != "real")
    return known["allowed"], f"{inside}, where fn is finite: no domain is declared"


def _may_not_end(fn: Callable[..., Any], arguments: Arguments) -> bool:
    """Whether a loop of unknown length is in it, which nothing can interrupt where JAX runs it."""
    if getattr(fn, "is_closed", False):  # a solver, whose rule stands for its derivative
        return True
    closed = value_jaxpr(fn, tuple(a.shape for a in arguments.examples()))
    return closed is not None and any(equation.primitive.name == "while" for equation in every_equation(closed))


def domains_near(arguments: Arguments) -> tuple[Domain, ...]:
    """Intervals about the example, on its side of 0."""
    found = []
    for leaf in arguments.leaves:
        low, high = float(leaf.example.min()), float(leaf.example.max())
        wide = max(high - low, abs(low), abs(high)) or 1.0
        ends = (low / 2 if low > 0 else low - wide / 2, high / 2 if high < 0 else high + wide / 2)
        found.append(as_domain(ends))
    return tuple(found)


def _allowed(fn: Callable[..., Any], arguments: Arguments) -> tuple[Domain, ...] | None:
    """Domains that hold the example and on which fn is finite; None where these are real numbers, or none is found soon."""
    examples = arguments.examples()
    if len(examples) > MOST_SOUGHT or sum(a.size for a in examples) > MOST_ENTRIES:
        return None
    shapes = tuple(a.shape for a in examples)
    try:
        with spending(Budget(calls=1_000, operations=1_000_000)):
            found, fits = allowed_domains(fn, shapes, range(len(shapes)))
    except (Exhausted, Stopped):
        return None
    holds = all(domain.holds(a) for domain, a in zip(found, examples, strict=True))
    return found if fits and holds and any(domain.name != "real" for domain in found) else None


def looks_like(x: Any) -> Domain:
    """The domain of labels or shares that an example is of, else real numbers."""
    several = x.ndim > 0 and x.shape[-1] > 1
    if several and DOMAINS["one_hot"].holds(x):
        return DOMAINS["one_hot"]
    if DOMAINS["sign"].holds(x) and len(set(x.flat)) == 2:
        return DOMAINS["sign"]
    if several and DOMAINS["closed_simplex"].holds(x):
        return DOMAINS["closed_simplex"]
    if set(x.flat) == {0.0, 1.0}:
        return DOMAINS["closed_unit"]
    return DOMAINS["real"]


def example_domains(arguments: Arguments, domains: Any, word: str = "like") -> tuple[Domain, ...] | None:
    """One domain for each leaf, from one for each argument or for each part of it; None where none is declared. word: what the
    examples are called. Raises CannotJudge."""
    if domains is None:
        return None
    count = len(arguments.args)
    if isinstance(domains, str) or not isinstance(domains, Sequence) or len(domains) != count:
        raise CannotJudge(
            f"domains = {domains!r}: {word} holds {count} example{'s' * (count != 1)}; give one domain for each argument, "
            "or a container of domains in the form of the argument"
        )
    found = []
    for leaf in arguments.leaves:
        domain = _domain(domains[leaf.argument], leaf.path, arguments.names[leaf.argument])
        if leaf.part and domain != DOMAINS["real"]:
            raise CannotJudge(
                f"domains: {leaf.name} is part of a complex array, which lives in 'real', not {domain.name}"
            )
        if domain.has_columns and not leaf.example.ndim:
            raise CannotJudge(f"domains: {leaf.name} is one number, and {domain.name} has entries along an axis")
        if domain.is_of_matrices and not fits(domain.kind, leaf.example.shape):
            raise CannotJudge(
                f"domains: {leaf.name} has the shape {leaf.example.shape}, and {domain.name} is of matrices"
                f"{', square ones' if domain.kind in SQUARE else ', of no fewer rows than columns'}"
            )
        if domain.kind == "whole":
            raise CannotJudge(
                f"domains: {leaf.name} is an example of floats, and {domain.name} is of whole numbers: give one of integers"
            )
        if not domain.holds(leaf.example):
            raise CannotJudge(f"{word}: {leaf.name} lies outside of its domain {domain.name}: give an example inside")
        found.append(domain)
    return tuple(found)


def _domain(said: Any, path: Path, name: str) -> Domain:
    """The domain of a part of an argument: its own, or that of what holds it."""
    if said is None:
        return DOMAINS["real"]
    for taken in range(len(path) + 1):
        try:
            inner = picked(said, path[:taken], f"the domain of {name}")
        except Unlike as error:
            raise CannotJudge(f"domains: {error}") from None
        if inner is None:
            return DOMAINS["real"]
        try:
            return as_domain(inner)
        except (ValueError, TypeError) as error:
            if level(inner) is None or taken == len(path):
                raise CannotJudge(str(error)) from error
    raise AssertionError("the last step of the path returns or raises")
