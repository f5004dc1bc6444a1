"""How many operations on balls an equation takes, told from its shapes and the precision before it is evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from flint import ctx

from oracle.balls.primitives.equation import Array, Equation

#: What any equation costs besides, in operations.
EVERY = 8
#: So many bits more make an operation as expensive again.
BITS = 400


def operations(equation: Equation, operands: Sequence[Array]) -> int:
    """In operations on balls of few bits: the entries of the largest array, each as often as a product sums over it."""
    size = max(
        (*(x.size for x in operands), *(prod(getattr(aval, "shape", ())) for aval in equation.results)), default=0
    )
    if equation.name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        size = max(size, prod(equation.results[0].shape) * prod(operands[0].shape[axis] for axis in contracted))
    return EVERY + size * (1 + ctx.prec // BITS)
