"""Where the arrays in a drop-in's arguments live, where that is declared."""

from __future__ import annotations

from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.inward import MAPS
from oracle.candidate.leaves import Arguments
from oracle.check.example_domains import example_domains
from oracle.search.domains import Domain

#: What says nothing of an argument that stays as it is.
SILENT = (None, "real")


def declared(domains: Any, arguments: Arguments, given: Any, word: str) -> tuple[Domain, ...] | None:
    """One domain for each array, from one for each of the arguments that are given, or a container of domains in its form; None
    where none is declared. given: a tuple of arguments, or the only one; word: what they are called. The parameters of a module
    are one argument more, of which domains may be left out. Raises CannotJudge."""
    if domains is None:
        return None
    alone = not isinstance(given, tuple | list)
    if alone and not (isinstance(domains, tuple | list) and len(domains) == 1):
        domains = (domains,)
    count = len(arguments.args)
    if isinstance(domains, tuple | list) and len(domains) == (1 if alone else len(given)) < count:
        domains = (*domains, None)
    if isinstance(domains, tuple | list) and len(domains) == count:
        for k, domain in enumerate(domains):
            if not arguments.of((k,)) and not any(domain is s or domain == s for s in SILENT):
                raise CannotJudge(
                    f"domains: {arguments.names[k]} stays as it is, and {domain!r} says where it moves: give None for it"
                )
    return example_domains(arguments, domains, word)


def kinds_of(domains: tuple[Domain, ...] | None) -> tuple[str, ...]:
    """Their kinds; nothing where none is declared."""
    return tuple(domain.kind for domain in domains or ())


def refuse_matrices(domains: tuple[Domain, ...] | None, dropin: str) -> None:
    """Raises CannotJudge where not every direction stays inside: of second derivatives these are not asked."""
    for domain in domains or ():
        if domain.kind in MAPS:
            raise CannotJudge(
                f"domains: {domain.name} leaves some directions, along which {dropin} asks for no second derivatives: "
                "check_hessian and check_hvp do"
            )
