"""Complex numbers: pairs of balls. The handlers of operands that are complex, and of the primitives that make or split them.

On a branch cut (a negative real number, for the logarithm) the value jumps, so a number exactly on it is a tie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb

from oracle.balls import decisions
from oracle.balls import real_functions as real
from oracle.balls.arrays import lift_arb
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives.elementwise import ELEMENTWISE
from oracle.balls.primitives.equation import Array, Equation, Handler, elementwise, is_complex, is_float_dtype, is_real
from oracle.balls.primitives.identities import IDENTITIES
from oracle.balls.primitives.indexing import INDEXING
from oracle.balls.primitives.reduction import REDUCTION
from oracle.balls.primitives.shape import SHAPE
from oracle.balls.primitives.sorting import SORT
from oracle.balls.watch import decide

_to_complex = elementwise(acb, 1)


def as_complex(x: Array) -> Array:
    """An array of complex balls, from balls of either kind or from integers."""
    return x if is_complex(x) else _to_complex(x if is_real(x) else lift_arb(x))


def same_number(x: Any, y: Any) -> bool:
    """Whether x = y. Raises Undecidable where the balls overlap; flags a tie where both are the same exact number."""
    if x is y and x.is_finite():
        return True
    if not x.overlaps(y):
        outcome: bool | None = False
    else:
        outcome = True if bool(x == y) else None
    return bool(decide("==", outcome, tied=outcome is True, describe=lambda: f"{x} against {y}"))


def _equality(*, equal: bool) -> Handler:
    def handler(equation: Equation, x: Array, y: Array) -> Array:
        same = np.frompyfunc(same_number, 2, 1)(as_complex(x), as_complex(y))
        return np.asarray(same, dtype=bool) == equal

    return handler


def _sign(z: Any) -> Any:
    """z/|z|, and 0 at 0."""
    if z.is_zero():
        return acb(decide("sign", 0, tied=True, describe=lambda: str(z)))
    if z.contains(0):
        decide("sign", None, tied=False, describe=lambda: str(z))
    return z / abs(z)


def _off_cut(function: Callable[[Any], Any], on_cut: Callable[[Any], bool], name: str) -> Callable[[Any], Any]:
    """The function, with a tie where its argument lies exactly on the branch cut."""

    def watched(z: Any) -> Any:
        if z.imag.is_zero() or z.real.is_zero():
            decide(name, True, tied=bool(on_cut(z)), describe=str)
        return function(z)

    return watched


def _negative(z: Any) -> bool:
    return bool(z.imag.is_zero() and z.real < 0)


def _beyond_one(z: Any) -> bool:
    return bool(z.imag.is_zero() and abs(z.real) > 1)


def _beyond_i(z: Any) -> bool:
    return bool(z.real.is_zero() and abs(z.imag) > 1)


def _power(x: Any, y: Any) -> Any:
    """xʸ = e^(y log x); an integer power by multiplications."""
    if y.imag.is_zero() and y.real.is_exact() and y.real.is_integer() and abs(y.real) <= real.SMALL_POWER:
        return real.integer_power(x, int(y.real.unique_fmpz()))
    if x.is_zero():
        return acb(0) if y.real > 0 else acb(real.NAN, real.NAN)
    decide("pow", True, tied=_negative(x), describe=str)
    return x**y


def _pow(equation: Equation, x: Array, y: Array) -> Array:
    return elementwise(_power, 2)(as_complex(x), as_complex(y))


def _integer_pow(equation: Equation, x: Array) -> Array:
    return elementwise(lambda v: real.integer_power(v, equation.params["y"]), 1)(x)


def _complex(equation: Equation, x: Array, y: Array) -> Array:
    return elementwise(acb, 2)(x, y)


def _part(part: Callable[[Any], Any]) -> Handler:
    apply = elementwise(part, 1)
    return lambda equation, z: apply(z)


def _convert(equation: Equation, z: Array) -> Array:
    dtype = np.dtype(equation.params["new_dtype"])
    if dtype.kind == "c":
        return z
    if is_float_dtype(dtype):
        return elementwise(lambda v: v.real, 1)(z)
    raise UnsupportedPrimitive(equation.name, f"complex to {dtype}")


def _mixed(name: str) -> Handler:
    """Arithmetic, where one operand may be real."""
    plain = ELEMENTWISE[name]
    return lambda equation, *operands: plain(equation, *(as_complex(x) for x in operands))


def _log(z: Any) -> Any:
    return z.log()


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": lambda z: z.exp(),
    "exp2": lambda z: (z * arb(2).log()).exp(),
    "expm1": lambda z: z.expm1(),
    "sin": lambda z: z.sin(),
    "cos": lambda z: z.cos(),
    "tan": lambda z: z.tan(),
    "sinh": lambda z: z.sinh(),
    "cosh": lambda z: z.cosh(),
    "tanh": lambda z: z.tanh(),
    "logistic": lambda z: 1 / (1 + (-z).exp()),
    "sign": _sign,
    "log": _off_cut(_log, _negative, "log"),
    "log2": _off_cut(lambda z: z.log() / arb(2).log(), _negative, "log2"),
    "log1p": _off_cut(lambda z: z.log1p(), lambda z: _negative(1 + z), "log1p"),
    "sqrt": _off_cut(lambda z: z.sqrt(), _negative, "sqrt"),
    "rsqrt": _off_cut(lambda z: z.rsqrt(), _negative, "rsqrt"),
    "asin": _off_cut(lambda z: z.asin(), _beyond_one, "asin"),
    "acos": _off_cut(lambda z: z.acos(), _beyond_one, "acos"),
    "atanh": _off_cut(lambda z: z.atanh(), _beyond_one, "atanh"),
    "atan": _off_cut(lambda z: z.atan(), _beyond_i, "atan"),
    "asinh": _off_cut(lambda z: z.asinh(), _beyond_i, "asinh"),
    "acosh": _off_cut(lambda z: z.acosh(), lambda z: z.imag.is_zero() and bool(z.real < 1), "acosh"),
}

#: How a real number that is made complex moves: its imaginary part does not, and so it is on a cut without crossing it.
ALONG_REALS = 2
REAL_ON_CUT = ("log", "log2", "log1p", "sqrt", "rsqrt", "asin", "acos", "acosh", "atanh", "pow")

_FROM_PLAIN = [
    *SHAPE,
    *INDEXING,
    *SORT,
    *(name for name in REDUCTION if name in ("reduce_sum", "reduce_prod", "cumsum", "cumprod", "dot_general")),
    "neg",
    "square",
    "one_minus_square",
    "polynomial",
    "select_n",
    "reduce_precision",
    "empty",
    "empty2",
    "stop_gradient",
    *IDENTITIES,
]
_PLAIN: dict[str, Handler] = {**ELEMENTWISE, **REDUCTION, **SHAPE, **SORT, **INDEXING}

#: The handlers where an operand is complex; a primitive that is not here takes no complex numbers.
COMPLEX: dict[str, Handler] = {
    **{name: _PLAIN[name] for name in _FROM_PLAIN},
    **{name: _part(function) for name, function in _FUNCTIONS.items()},
    **{name: _mixed(name) for name in ("add", "add_any", "mul")},
    "sub": lambda equation, x, y: elementwise(lambda a, b: acb(0) if a is b and a.is_finite() else a - b, 2)(x, y),
    "div": lambda equation, x, y: elementwise(lambda a, b: a / b, 2)(x, y),
    "abs": _part(abs),
    "real": _part(lambda z: z.real),
    "imag": _part(lambda z: z.imag),
    "conj": _part(lambda z: z.conjugate()),
    "eq": _equality(equal=True),
    "ne": _equality(equal=False),
    "pow": _pow,
    "integer_pow": _integer_pow,
    "convert_element_type": _convert,
    "is_finite": lambda equation, z: np.asarray(
        elementwise(lambda v: decisions.is_finite(v.real) and decisions.is_finite(v.imag), 1)(z), dtype=bool
    ),
}

#: The primitives that real operands reach too.
COMPLEX_FROM_REAL: dict[str, Handler] = {
    "complex": _complex,
    "conj": lambda equation, x: as_complex(x),
}
