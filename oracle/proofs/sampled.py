"""How many samples the networks have on which a statement is tested."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oracle.proofs import nodes as n
from oracle.proofs.scope import samples

#: Samples by network, so that no number of samples is the only one.
SAMPLES = (3, 2, 4, 1, 2, 3, 5, 1)
#: P mini-batches of Q samples, by network.
MINI_BATCHES = ((2, 3), (3, 2), (1, 4), (4, 1), (2, 2), (1, 3))


def named_samples(roots: Iterable[n.Node]) -> list[int]:
    return [int(s) for s in samples(*roots) if s.isdigit()]


def mentions_samples(roots: Iterable[n.Node]) -> bool:
    symbols = [node for root in roots for node in n.walk(root) if isinstance(node, n.Symbol)]
    return bool(samples(*roots)) or any(s.name == "m" for s in symbols)


@dataclass(frozen=True)
class Batches:
    """What a statement says of samples.

    doubled: whether of mini-batches, C_{p,q}; least: as many as numerals name; several: whether of any.
    """

    doubled: bool
    least: int
    several: bool

    def of_network(self, k: int = 0) -> tuple[int, tuple[int, int] | None]:
        """How many samples the network of that number needs: one, several, at least as many as are named; and P and Q."""
        if self.doubled:
            P, Q = MINI_BATCHES[k % len(MINI_BATCHES)]
            return P * Q, (P, Q)
        if self.least:
            return self.least + (1, 0, 2)[k % 3], None
        return (SAMPLES[k % len(SAMPLES)] if self.several else 1), None


def batches(roots: Sequence[n.Node]) -> Batches:
    symbols = [node for root in roots for node in n.walk(root) if isinstance(node, n.Symbol)]
    doubled = any(s.name == "C" and len(s.index) == 2 for s in symbols)
    return Batches(doubled, max(named_samples(roots), default=0), mentions_samples(roots))
