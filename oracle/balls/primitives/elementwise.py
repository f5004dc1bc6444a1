"""Elementwise primitives: arithmetic, functions of one real variable, comparisons, selection, conversion.

Conversions between float types are the identity: the enclosed program is the one over the reals, without rounding.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb

from oracle.balls import decisions
from oracle.balls import real_functions as real
from oracle.balls.arrays import lift_arb
from oracle.balls.errors import Undecidable
from oracle.balls.primitives.equation import (
    Array,
    Equation,
    Handler,
    elementwise,
    full,
    is_float_dtype,
    is_real,
    on_reals,
)
from oracle.balls.primitives.identities import IDENTITIES


def _native(function: Callable[..., Any]) -> Handler:
    """NumPy's own ufunc, which on object arrays applies the operator of each pair of balls."""
    return lambda equation, *operands: np.asarray(function(*operands))


def _either(on_balls: Callable[..., Array], on_integers: Callable[..., Any]) -> Handler:
    def handler(equation: Equation, *operands: Array) -> Array:
        return np.asarray((on_balls if is_real(operands[0]) else on_integers)(*operands))

    return handler


def _integer_division(x: Array, y: Array) -> Array:
    """Rounds towards zero, as XLA does."""
    return np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))


def _remainder(x: Any, y: Any) -> Any:
    """x − y·trunc(x/y), with the sign of x."""
    if x.is_finite() and real.infinity(y):
        return x
    return x - y * decisions.truncate(x / y) if x.is_finite() and y.is_finite() else real.NAN


def _comparison(on_ball: Callable[[Any, Any], bool], on_integers: Callable[..., Any]) -> Handler:
    compare = np.frompyfunc(on_ball, 2, 1)

    def handler(equation: Equation, x: Array, y: Array) -> Array:
        result = compare(x, y) if is_real(x) else on_integers(x, y)
        return np.asarray(result, dtype=bool)

    return handler


def _polynomial(equation: Equation, x: Array, *coefficients: Array) -> Array:
    """a_0 + x (a_1 + … + x a_N), the coefficients in that order, of x's shape or one that broadcasts to it."""
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = np.asarray(coefficient + x * value)
    return value


def _integer_pow(equation: Equation, x: Array) -> Array:
    y = equation.params["y"]
    return elementwise(lambda v: real.integer_power(v, y), 1)(x) if is_real(x) else np.asarray(x**y)


def _pow(equation: Equation, x: Array, y: Array) -> Array:
    if not is_real(x):
        return np.asarray(np.power(x, y))
    return elementwise(real.power, 2)(x, y if is_real(y) else lift_arb(y))


def _round(equation: Equation, x: Array) -> Array:
    method = equation.params.get("rounding_method")
    to_even = int(getattr(method, "value", method or 0)) == 1
    return elementwise(decisions.round_half_even if to_even else decisions.round_half_away, 1)(x)


def _select_n(equation: Equation, which: Array, *cases: Array) -> Array:
    """Takes each element from the case that `which` names; what is not taken may be anything, even NaN."""
    which = which.astype(np.intp)
    result = np.empty(cases[0].shape, dtype=cases[0].dtype)
    which = np.broadcast_to(which, result.shape)
    for k, case in enumerate(cases):
        mask = which == k
        result[mask] = case[mask]
    return result


def _clamp(equation: Equation, low: Array, x: Array, high: Array) -> Array:
    return elementwise(decisions.clamp, 3)(low, x, high) if is_real(x) else np.minimum(np.maximum(x, low), high)


def _convert(equation: Equation, x: Array) -> Array:
    dtype = np.dtype(equation.params["new_dtype"])
    if dtype.kind == "c":
        return elementwise(acb, 1)(x if is_real(x) else lift_arb(x))
    if is_float_dtype(dtype):
        return x if is_real(x) else lift_arb(x)
    if not is_real(x):
        return x.astype(dtype)
    if dtype.kind == "b":
        return np.asarray(np.frompyfunc(lambda v: decisions.ne(v, real.ZERO), 1, 1)(x), dtype=bool)
    return _as_whole(np.asarray(np.frompyfunc(decisions.to_integer, 1, 1)(x)), dtype)


def _as_whole(x: Array, dtype: np.dtype[Any]) -> Array:
    """Python's integers in the dtype. Raises Undecidable where it has no such number: devices differ there."""
    ends = np.iinfo(dtype)
    if any(not ends.min <= n <= ends.max for n in x.flat):
        raise Undecidable(f"conversion to {dtype}, which has no such number")
    return x.astype(dtype)


def _is_finite(equation: Equation, x: Array) -> Array:
    if not is_real(x):
        return np.ones(x.shape, dtype=bool)
    return np.asarray(np.frompyfunc(decisions.is_finite, 1, 1)(x), dtype=bool)


def _empty(equation: Equation, *operands: Array) -> Array:
    """Storage to be overwritten: until then its content is unknown."""
    aval = equation.results[0]
    if np.dtype(aval.dtype).kind == "c":
        return full(aval.shape, acb(arb("nan"), arb("nan")))
    return full(aval.shape, arb("nan")) if is_float_dtype(aval.dtype) else np.zeros(aval.shape, dtype=aval.dtype)


def same(equation: Equation, *operands: Array) -> list[Array]:
    return list(operands)


def _shift(function: Callable[..., Any], *, unsigned: bool) -> Handler:
    def handler(equation: Equation, x: Array, by: Array) -> Array:
        if not unsigned:
            return np.asarray(function(x, by))
        word = np.dtype(f"u{x.dtype.itemsize}")
        return np.asarray(function(x.astype(word), by.astype(word))).astype(x.dtype)

    return handler


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": real.exp,
    "exp2": real.exp2,
    "expm1": real.expm1,
    "log": real.log,
    "log2": real.log2,
    "log1p": real.log1p,
    "logistic": real.logistic,
    "sqrt": real.sqrt,
    "rsqrt": real.rsqrt,
    "cbrt": real.cbrt,
    "sin": real.sin,
    "cos": real.cos,
    "tan": real.tan,
    "asin": real.arcsin,
    "acos": real.arccos,
    "atan": real.arctan,
    "sinh": real.sinh,
    "cosh": real.cosh,
    "tanh": real.tanh,
    "asinh": real.arcsinh,
    "acosh": real.arccosh,
    "atanh": real.arctanh,
    "erf": real.erf,
    "erfc": real.erfc,
    "erf_inv": real.erf_inv,
    "lgamma": real.lgamma,
    "digamma": real.digamma,
    "floor": decisions.floor,
    "ceil": decisions.ceil,
}

ELEMENTWISE: dict[str, Handler] = {
    **{name: on_reals(function, 1) for name, function in _FUNCTIONS.items()},
    "add": _native(np.add),
    "add_any": _native(np.add),
    "sub": _either(elementwise(real.subtract, 2), np.subtract),
    "mul": _native(np.multiply),
    "div": _either(elementwise(real.divide, 2), _integer_division),
    "neg": _native(operator.neg),
    "rem": _either(elementwise(_remainder, 2), np.fmod),
    "square": _native(lambda x: x * x),
    "one_minus_square": _native(lambda x: (1 + x) * (1 - x)),  # JAX 0.11
    "polynomial": _polynomial,  # JAX 0.12
    "integer_pow": _integer_pow,
    "pow": _pow,
    "atan2": on_reals(real.arctan2, 2),
    "polygamma": on_reals(real.polygamma, 2),
    "abs": _either(elementwise(decisions.absolute, 1), np.abs),
    "sign": _either(elementwise(decisions.sign, 1), np.sign),
    "max": _either(elementwise(decisions.maximum, 2), np.maximum),
    "min": _either(elementwise(decisions.minimum, 2), np.minimum),
    "clamp": _clamp,
    "round": _round,
    "is_finite": _is_finite,
    "gt": _comparison(decisions.gt, np.greater),
    "lt": _comparison(decisions.lt, np.less),
    "ge": _comparison(decisions.ge, np.greater_equal),
    "le": _comparison(decisions.le, np.less_equal),
    "eq": _comparison(decisions.eq, np.equal),
    "ne": _comparison(decisions.ne, np.not_equal),
    "lt_to": _comparison(
        decisions.lt, np.less
    ),  # the total order differs at NaN (refused) and −0 (no real number) alone
    "le_to": _comparison(decisions.le, np.less_equal),
    "and": _native(np.bitwise_and),
    "or": _native(np.bitwise_or),
    "xor": _native(np.bitwise_xor),
    "not": _native(np.invert),
    "shift_left": _shift(np.left_shift, unsigned=False),
    "shift_right_arithmetic": _shift(np.right_shift, unsigned=False),
    "shift_right_logical": _shift(np.right_shift, unsigned=True),
    "select_n": _select_n,
    "convert_element_type": _convert,
    "reduce_precision": same,  # rounds; over the reals it is the identity
    "empty": _empty,
    "empty2": _empty,
    "stop_gradient": same,
    **dict.fromkeys(IDENTITIES, same),
}
