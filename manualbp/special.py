"""What the Array API standard lacks, for each arithmetic: constants of the array's own kind, erfc, care with floats."""

import importlib
from collections.abc import Callable
from functools import wraps

import numpy as np

from manualbp import compensated
from manualbp.types import Array

Elementwise = Callable[[Array], Array]


def is_numpy_float(z: Array) -> bool:
    return isinstance(z, np.ndarray | np.generic) and np.issubdtype(z.dtype, np.floating)


def constant(z: Array, value: float) -> Array:
    """`value` in the arithmetic of z; it broadcasts against z.

    Among balls it is a ball (with methods such as sqrt); among float32 it does not promote to float64.
    """
    if z.dtype == object:
        return 0 * z + value
    return z.__array_namespace__().asarray(value, dtype=z.dtype)


def minus_abs(z: Array) -> Array:
    """−|z|, with derivative 1 at z = 0.

    Autodiff takes |z|′ = 0 there, which spoils any formula that is smooth only because its branches meet at z = 0.
    """
    return z.__array_namespace__().where(z > 0, -z, z)


def erfc(x: Array) -> Array:
    """erfc(x) = (2/√π) ∫_x^∞ exp(−t²) dt, elementwise.

    NumPy floats: `compensated.erfc`. Arrays of balls: each ball's own method. Any other array: erfc of the
    `scipy.special` module beside the array's namespace (`jax.scipy.special` for `jax.numpy`).
    """
    if is_numpy_float(x):
        return compensated.erfc(x.astype(np.float64)).astype(x.dtype)
    if isinstance(x, np.ndarray) or not hasattr(x, "__array_namespace__"):
        return np.frompyfunc(lambda ball: ball.erfc(), 1, 1)(x)
    package = x.__array_namespace__().__name__.rpartition(".")[0]
    return importlib.import_module(f"{package}.scipy.special").erfc(x)


def carefully(limits: tuple[float, float], instead: Elementwise | None = None) -> Callable[[Elementwise], Elementwise]:
    """How a formula runs on NumPy's floats: in float64, rounded once; `limits` are its values at −∞ and +∞.

    `instead` replaces the formula there, where the roundings of its textbook form would be amplified.
    In every other arithmetic the formula runs as it stands.
    """

    def decorate(formula: Elementwise) -> Elementwise:
        on_doubles = instead or formula

        @wraps(formula)
        def careful(z: Array) -> Array:
            if not is_numpy_float(z):
                return formula(z)
            infinite = np.isinf(z)
            x = np.where(infinite, 0.0, z.astype(np.float64))
            y = np.where(infinite, np.where(z > 0, limits[1], limits[0]), on_doubles(x))
            return y.astype(z.dtype)

        return careful

    return decorate
