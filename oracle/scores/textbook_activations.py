"""The textbook definition of every activation, evaluated rigorously: what an implementation is judged by.

Nothing here is shared with `manualbp.activations`. A definition maps the Taylor series z + ε to σ(z) + σ′(z) ε in ball
arithmetic (python-flint's `arb_series`), so that value and derivative come from one formula and both are enclosures.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flint

Series = Any
Definition = Callable[[Series], Series]

RELATIVE_RADIUS = -80  # log2: far below an eps of float64
NEGLIGIBLE = -1200  # log2: below half the least subnormal float64
MOST_BITS = 1 << 14

LEAKY_SLOPE = 0.01  # the double of that name
SELU_LAMBDA = 1.0507009873554804934193349852946  # the doubles nearest to these, by definition
SELU_ALPHA = 1.6732632423543772848170429916717


def constant_of(x: Series) -> Any:
    return x.coeffs()[0]


def exp(x: Series) -> Series:
    return x.exp()


def logistic(x: Series) -> Series:
    """1/(1 + e^−x) = e^x/(1 + e^x), so that nothing grows."""
    e = exp(x if constant_of(x) < 0 else -x)
    return e / (1 + e) if constant_of(x) < 0 else 1 / (1 + e)


def hyperbolic_tangent(x: Series) -> Series:
    """(e^x − e^−x)/(e^x + e^−x), divided through by the greater exponential."""
    e = exp(2 * x if constant_of(x) < 0 else -2 * x)
    return (e - 1) / (1 + e) if constant_of(x) < 0 else (1 - e) / (1 + e)


def logarithm_of_one_plus_exp(x: Series) -> Series:
    return (1 + exp(x)).log() if constant_of(x) < 0 else x + (1 + exp(-x)).log()


def normal_distribution(x: Series) -> Series:
    """Φ(x) = ½ erfc(−x/√2)."""
    return (-x / flint.arb(2).sqrt()).erfc() / 2


def gelu_by_tanh(x: Series) -> Series:
    cubic = (flint.arb(2) / flint.arb.pi()).sqrt() * (x + flint.arb(44715) / 1000000 * x * x * x)
    return x * (1 + hyperbolic_tangent(cubic)) / 2


def exponential_or_line(x: Series, scale: float, alpha: float) -> Series:
    return scale * (x if constant_of(x) > 0 else alpha * (exp(x) - 1))


def slopes(x: Series, slope: float) -> Series:
    """x for x > 0, slope·x for x ≤ 0: at the kink the derivative is by convention that of the left branch."""
    return x if constant_of(x) > 0 else slope * x


def softsign(x: Series) -> Series:
    return x / (1 - x) if constant_of(x) < 0 else x / (1 + x)


DEFINITIONS: dict[str, Definition] = {
    "identity": lambda x: x,
    "sigmoid": logistic,
    "tanh": hyperbolic_tangent,
    "relu": lambda x: slopes(x, 0),
    "leaky_relu": lambda x: slopes(x, LEAKY_SLOPE),
    "elu": lambda x: exponential_or_line(x, 1, 1),
    "selu": lambda x: exponential_or_line(x, SELU_LAMBDA, SELU_ALPHA),
    "softplus": logarithm_of_one_plus_exp,
    "silu": lambda x: x * logistic(x),
    "gelu": lambda x: x * normal_distribution(x),
    "gelu_tanh": gelu_by_tanh,
    "mish": lambda x: x * hyperbolic_tangent(logarithm_of_one_plus_exp(x)),
    "softsign": softsign,
    "arctan": lambda x: x.atan(),
}


def activation_enclosure(name: str, z: float, bits: int = 128) -> tuple[Any, Any]:
    """(σ(z), σ′(z)) as balls that hold the true values, z being exactly the float given.

    The precision doubles from `bits` until each ball's relative radius is below 2^−80, or its magnitude below 2^−1200,
    where every float is subnormal or zero. At a kink σ′ is the derivative of the left branch (σ′(0) = 0 for relu).
    Raises ValueError for an unknown name or a z that is not finite; ArithmeticError if 2^14 bits do not suffice.
    """
    if name not in DEFINITIONS:
        raise ValueError(f"name: {name!r} is no activation; take one of {', '.join(DEFINITIONS)}")
    if not math.isfinite(z):
        raise ValueError(f"z: {z!r} is not finite; a definition is evaluated at real numbers")
    while bits <= MOST_BITS:
        with series_arithmetic(bits):
            value, derivative = coefficients(DEFINITIONS[name](flint.arb_series([flint.arb(float(z)), 1])))
            if sharp(value) and sharp(derivative):
                return value, derivative
        bits *= 2
    raise ArithmeticError(f"{name}({z!r}): {MOST_BITS} bits do not bring the relative radius below 2^{RELATIVE_RADIUS}")


@contextmanager
def series_arithmetic(bits: int) -> Iterator[None]:
    """flint's precision and series length are global: both are put back."""
    before = flint.ctx.prec, flint.ctx.cap
    flint.ctx.prec, flint.ctx.cap = bits, 2
    try:
        yield
    finally:
        flint.ctx.prec, flint.ctx.cap = before


def coefficients(series: Series) -> tuple[Any, Any]:
    found = [*series.coeffs(), flint.arb(0), flint.arb(0)]  # flint drops trailing zeros
    return found[0], found[1]


def sharp(ball: Any) -> bool:
    if not ball.is_finite():
        return False
    lower, upper = ball.abs_lower(), ball.abs_upper()
    return ball.rad() <= lower * flint.arb(2) ** RELATIVE_RADIUS or upper < flint.arb(2) ** NEGLIGIBLE
