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
#: Each entry of the largest array by the length of its rows: elimination and reflections, and transforms.
BY_ROWS = ("lu", "cholesky", "triangular_solve", "qr", "geqrf", "householder_product", "fft")
#: The same, and how many more operations a step takes.
SPECTRA = {"eigh": 20, "eig": 20, "svd": 20}
#: How many operations a function of one entry takes.
FUNCTIONS = {"igamma": 50, "igammac": 50, "regularized_incomplete_beta": 50, "zeta": 50, "igamma_grad_a": 500}


def operations(equation: Equation, operands: Sequence[Array]) -> int:
    """In operations on balls of few bits: the entries of the largest array, each as often as a product sums over it."""
    size = max(
        (*(x.size for x in operands), *(prod(getattr(aval, "shape", ())) for aval in equation.results)), default=0
    )
    if equation.name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        size = max(size, prod(equation.results[0].shape) * prod(operands[0].shape[axis] for axis in contracted))
    elif equation.name == "conv_general_dilated":
        kernel = operands[1]
        features = kernel.shape[equation.params["dimension_numbers"].rhs_spec[0]]
        size = max(size, prod(equation.results[0].shape) * kernel.size // max(1, features))
    elif equation.name in BY_ROWS or equation.name in SPECTRA:
        size *= operands[0].shape[-1] * SPECTRA.get(equation.name, 1)
    size *= FUNCTIONS.get(equation.name, 1)
    if "window_dimensions" in equation.params:
        size *= prod(equation.params["window_dimensions"])
    return EVERY + size * (1 + ctx.prec // BITS)
