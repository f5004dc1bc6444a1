"""Indices and the widths that they run over: each runs over one, and two that a Kronecker symbol joins over the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.proofs.errors import ProofError


@dataclass
class IndexWidths:
    """found: for every free index, the widths that it meets. pairs: indices that are compared with each other."""

    found: dict[str, set[int]] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def put(self, index: str, width: int) -> None:
        if index.isdigit():
            if not 1 <= int(index) <= width:
                raise ProofError(f"there is no entry {index} among {width}")
        else:
            self.found.setdefault(index, set()).add(width)

    def settled(self, outermost: bool = True) -> dict[str, int]:
        """index → width. Raises ProofError where an index would run over two widths, or (outermost) where none is known."""
        for _ in self.pairs:
            for left, right in self.pairs:
                both = self.found.get(left, set()) | self.found.get(right, set())
                for index in (left, right):
                    if both and index.isalpha():
                        self.found[index] = set(both)
        unknown = {i for pair in self.pairs for i in pair if i.isalpha()} - set(self.found)
        if unknown and outermost:
            raise ProofError(f"nothing says what index {min(unknown)} runs over")
        for index, found in sorted(self.found.items()):
            if len(found) > 1:
                raise ProofError(f"index {index} would run over widths {sorted(found)}")
        return {index: next(iter(found)) for index, found in self.found.items()}
