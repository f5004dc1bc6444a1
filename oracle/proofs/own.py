"""A cost, an activation or a head that is an author's own: `<!-- subject: own cost tversky, a in unit, E in closed_unit -->`.

Its definition stands on the page. Where a Python file with the page's name lies beside it, its functions `tversky(a, E)` and
`tversky_grad(a, E)` are compared with that definition; of an activation, `swish(z)` and `swish_grad(z)`. They run as examples do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import manualbp
from oracle.proofs.errors import ProofError

KINDS = ("cost", "activation", "head")


@dataclass(frozen=True)
class Own:
    """domains: of a and of E. file: the Python file beside the page, if there is one."""

    domains: tuple[str, str] = ("real", "real")
    file: Path | None = None


def declared(text: str, page: Path | None, line: int) -> tuple[str, str, Own]:
    """Kind, name and the rest of what stands after `own`. Raises ProofError with what to write instead."""
    head, *parts = (part.strip() for part in text.split(","))
    kind, _, name = head.partition(" ")
    name = name.strip()
    if kind not in KINDS or not name.isidentifier():
        raise ProofError(
            f"an own subject is {', '.join(KINDS)} with a name, such as own cost tversky, not {head!r}", line
        )
    domains = {"a": "real", "E": "real"}
    for part in parts:
        letter, _, domain = part.partition(" in ")
        if letter.strip() not in domains or domain.strip() not in manualbp.domains.DOMAINS:
            known = ", ".join(manualbp.domains.DOMAINS)
            raise ProofError(f"{part!r} declares no domain: write a in … or E in …, one of {known}", line)
        domains[letter.strip()] = domain.strip()
    beside = page.with_suffix(".py") if page is not None else None
    return kind, name, Own((domains["a"], domains["E"]), beside if beside is not None and beside.is_file() else None)
