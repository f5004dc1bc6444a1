"""Letters put together between the numerals of a statement: what is 0 unless both lie in windows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.coordinates import Coordinate, Fixed, allowed
from oracle.proofs.scope import Scope
from oracle.proofs.world import World

#: How many numbers, and how many letters, are combined.
MOST_NUMBERS, MOST_LETTERS = 8, 2
#: Where in a window, or beside a numeral, the first and the second letter lie: they may have to differ, and in
#: the middle a slope may be 0.
SHARES = (Fraction(3, 8), Fraction(2, 5))


def in_windows(
    roots: Sequence[n.Node], names: frozenset[str], scope: Scope, world: World, moved: Sequence[Coordinate]
) -> Iterator[Fixed]:
    """The letters, or the first entries of columns, each in every window, all combinations."""
    defined = [scope.definitions[name].body for name in sorted(names) if scope.get(name) is not None]
    numerals = sorted(
        {x.value for root in (*roots, *defined) for x in n.walk(root) if isinstance(x, n.Number)} - {0, 1}
    )
    letters = [c for c in moved if c[0] == "free"] or [c for c in moved if c[0] in ("a", "z", "E") and c[-1] == 0]
    if not 2 <= len(letters) <= MOST_LETTERS or not numerals:
        return
    choices = [list(places(numerals, share)) for share in SHARES]
    for values in itertools.product(*choices):
        if all(allowed(world, letter, float(value)) for letter, value in zip(letters, values, strict=True)):
            yield tuple(zip(letters, values, strict=True))


def places(numerals: Sequence[Fraction], share: Fraction) -> Iterator[Fraction]:
    """Between neighbours, beside each, and beside what two of them are apart: at most MOST_NUMBERS, windows first."""
    between = [low + share * (high - low) for low, high in itertools.pairwise(numerals)]
    apart = [high - low for low, high in itertools.combinations(numerals, 2)]
    yield from list(dict.fromkeys((*between, *(x + share for x in (*numerals, *apart)))))[:MOST_NUMBERS]
