"""Which boxed equations a step may cite: those that a chain above it has proved, so that no proof leads back to itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from oracle.proofs.errors import ProofError
from oracle.proofs.known import Citation, citation_of
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement

#: What looks like a tag, such as BP2 or 10.1.
TAG = re.compile(r"[A-Z0-9][A-Z0-9.]*")


@dataclass
class Citations:
    """proved: by tag. awaited: (line of the last chain of its proof, tag, citation) of boxes that stand above their proof."""

    proved: dict[str, list[Citation]] = field(default_factory=dict)
    awaited: list[tuple[int, str, Citation]] = field(default_factory=list)

    def copy(self) -> Citations:
        """The same, to be added to without changing these."""
        return Citations({tag: list(found) for tag, found in self.proved.items()}, list(self.awaited))

    def add(self, statement: Statement, proved_by: int, scope: Scope) -> None:
        """proved_by: the line of the last chain that the proof of this tagged equation needs; scope: what it is proved under."""
        if statement.tag is not None:
            self.awaited.append((proved_by, statement.tag, citation_of(statement, scope)))

    def reach(self, line: int) -> None:
        """The reader has come to that line: what was proved above it is known from here on."""
        for wanted in [awaited for awaited in self.awaited if awaited[0] < line]:
            self.awaited.remove(wanted)
            self.proved.setdefault(wanted[1], []).append(wanted[2])

    def finish(self) -> None:
        """The section is read."""
        self.reach(1 + max((line for line, _, _ in self.awaited), default=0))

    def of(self, tag: str, here: Scope) -> list[Citation]:
        """Those that hold in this scope. Raises ProofError for a tag that stands for nothing, or for nothing that is proved yet,
        or holds here.
        """
        if tag in self.proved:
            obstacles = [citation.obstacle(here) for citation in self.proved[tag]]
            fitting = [c for c, found in zip(self.proved[tag], obstacles, strict=True) if found is None]
            if not fitting:
                raise ProofError(f"cites ({tag}), which {obstacles[-1]}")
            return fitting
        if any(tag == awaited for _, awaited, _ in self.awaited):
            raise ProofError(f"cites ({tag}), which no chain above has proved")
        if TAG.fullmatch(tag):
            raise ProofError(
                f"unknown reason {tag!r}: no page that was read has a box of that tag: name the page that has it in the same run "
                f"(those of manualbp are in its folder proofs)"
            )
        raise ProofError(f"unknown reason {tag!r}: it is neither a kind of reason nor the tag of an earlier box")
