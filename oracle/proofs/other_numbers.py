"""A network in numbers, with others in their place: a formula in letters is right whatever they are, or a slip that these hide.

w_{1,2} for w_{2,1} gives the right number where the matrix is symmetric, and a missing term where an input is 0.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError
from oracle.proofs.frame import Frame
from oracle.proofs.given import widths
from oracle.proofs.scope import Given, Scope
from oracle.proofs.statements import Statement
from oracle.proofs.truth import Truth, tested_in

#: Networks tried for each equality, up to the first on which both sides have a value.
NETWORKS = 4


def check_with_others(statement: Statement, scope: Scope) -> None:
    """Raises ProofError where an equality between two formulas in letters holds for the given numbers only."""
    frame = Frame(widths(scope.given))
    for step, (left, right) in enumerate(itertools.pairwise(statement.sides)):
        if statement.relations[step] != "=" or not (in_letters(left, scope) and in_letters(right, scope)):
            continue
        line = statement.lines[step]
        alone = replace(statement, sides=(left, right), relations=("=",), reasons=(None,), lines=(line,))
        if not holds_elsewhere(alone, scope, frame):
            raise ProofError(
                f"step {step + 1}: holds for the given numbers only: with others the two formulas differ. If that is meant, "
                "write the numbers instead of the letters",
                line,
            )


def holds_elsewhere(statement: Statement, scope: Scope, frame: Frame) -> bool:
    for k in range(NETWORKS):
        draws = Draws(replace(scope, given=others(scope.given, k)))
        try:
            if tested_in(draws, "floats", frame, 0, statement, Truth()):
                return True
        except ProofError as error:
            if error.message.startswith("false at"):
                return False
            raise
    return True


def others(given: Given, k: int) -> Given:
    """Numbers at random in place of the given ones."""
    rng = random.Random(f"other numbers {k}")
    return {
        key: tuple(tuple(Fraction(rng.choice((-1, 1)) * rng.randint(1, 40), 16) for _ in row) for row in rows)
        for key, rows in given.items()
    }


def in_letters(side: n.Node, scope: Scope) -> bool:
    """Whether it speaks of the network, and no number stands in it that could be one of the given."""
    nodes = list(n.walk(side))
    of_the_network = any(isinstance(x, n.Symbol) and scope.means(x) for x in nodes)
    return of_the_network and not any(isinstance(x, n.Number) for x in nodes)
