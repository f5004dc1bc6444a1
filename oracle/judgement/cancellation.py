"""What rounding costs the sums of a gradient: where several paths lead from fn to an argument, backpropagation adds what each
contributes, and so does every other program.

A normalisation shows it: from x through the numerator and through the norm come r w and −x (w·x) r³/n, of which nearly nothing is
left where one entry outweighs all others; and p − E, where p is nearly E. That difference is no loss of the program at hand, as
long as it is nothing beside the largest component or the size that the gradient ordinarily has. The slope 1 − tanh² z, which has
one path alone, is computed badly where it comes out as 0; and so is (a cos a − sin a)/a² beside 0, whose two paths cancel by its
own choice: there the whole derivative is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array, precision, radii
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import TABLES, Tables, evaluate
from oracle.balls.primitives.equation import Equation, Handler, is_real
from oracle.judgement.verdict import SLACK
from oracle.witnesses.certified import FIRST_BITS
from oracle.witnesses.function import TRACED, Function

Array = NDArray[Any]

#: Where contributions of paths are added: as such, behind a broadcast, a product of matrices, a convolution, an index.
SUMS = ("add_any", "reduce_sum", "dot_general", "conv_general_dilated", "cumsum", "scatter-add", "scatter_add")
#: Those of several entries, not of several paths to one.
OVER_ENTRIES = tuple(name for name in SUMS if name != "add_any")


def cost_of_sums(
    function: Function, point: Sequence[Array], bits: int, sums: Sequence[str] = SUMS
) -> NDArray[np.float64]:
    """How far the gradient may be off where these sums alone are rounded to so many bits, each term by half a unit; 0 where that is
    not known."""
    nothing = np.zeros(point[function.argnum].shape)
    if function.level != TRACED:
        return nothing
    rounding = {name: _rounded(TABLES.plain[name], bits) for name in sums if name in TABLES.plain}
    try:
        with precision(FIRST_BITS):
            results = evaluate(
                function.traced(point).gradient, point, tables=Tables(plain={**TABLES.plain, **rounding})
            )
    except (Undecidable, UnsupportedPrimitive):
        return nothing
    cost = radii(results[-1])  # after the value
    return SLACK * np.where(np.isfinite(cost), cost, 0.0)


def _rounded(handler: Handler, bits: int) -> Handler:
    """The sum, with a radius of half a unit of each of its terms."""

    def summed(equation: Equation, *operands: Array) -> Array:
        result = as_object_array(handler(equation, *operands))
        if not is_real(result):
            return result
        sizes = as_object_array(handler(equation, *(as_object_array(np.abs(x)) if is_real(x) else x for x in operands)))
        widen = np.frompyfunc(lambda ball, size: ball + arb(0, size.abs_upper() * 2.0**-bits), 2, 1)
        return as_object_array(widen(result, sizes))

    return summed
