"""Random numbers: keys and bits are integers, drawn exactly as JAX draws them, by JAX itself.

A gamma sample moves with its shape as JAX defines it: at a fixed quantile, dx/da = −(∂P/∂a)/(∂P/∂x) (implicit reparametrisation;
Figurnov et al. 2018). The sample itself is JAX's own, at the float nearest to the shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from oracle.balls import real_functions as real
from oracle.balls.arrays import lift_arb, midpoints
from oracle.balls.errors import Undecidable
from oracle.balls.primitives.by_jax import by_jax
from oracle.balls.primitives.equation import Array, Equation, Handler
from oracle.balls.primitives.special_functions import gamma_density, igamma, igammac, random_gamma_grad

#: Each doubles the digits.
MOST_NEWTON_STEPS = 16


def _drawn(equation: Equation, *operands: Array) -> list[Any]:
    return list(by_jax(equation, *operands))


def _moved_sample(start: Any, shape: Any, moved: Any) -> Any:
    """x(a) where dx/da = g(a, x) and x(shape) = start: x ∈ start + g(A, X)(a − shape) for any X that this maps into itself; made
    narrow by Newton's steps for P(a, x) = P(shape, start), x ∈ m − (P(a, m) − P(shape, start))/p(a, X)."""
    if bool(moved == shape):
        return start
    step = moved - shape
    between = moved.union(shape)
    guess = start + step * random_gamma_grad(shape, start) * arb(1, 1)
    found = start + step * random_gamma_grad(between, guess)
    if not (found.is_finite() and guess.contains(found)):
        raise Undecidable("a gamma sample whose shape is not known well enough")
    for _ in range(MOST_NEWTON_STEPS):
        middle = found.mid()
        nearer = middle - _between_quantiles(shape, start, moved, middle) / gamma_density(moved, found)
        if not (nearer.is_finite() and nearer.overlaps(found)):
            break
        nearer = nearer.intersection(found)
        if not 2 * nearer.rad() < found.rad():
            break
        found = nearer
    return found


def _between_quantiles(shape: Any, start: Any, moved: Any, x: Any) -> Any:
    """P(a, x) − P(shape, start), as a difference of the smaller tails."""
    if start > shape:
        return igammac(shape, start) - igammac(moved, x)
    return igamma(moved, x) - igamma(shape, start)


def _random_gamma(equation: Equation, keys: Array, shapes: Array) -> Array:
    floats = midpoints(shapes).astype(equation.results[0].dtype)  # the same key gives another sample in another dtype
    (samples,) = by_jax(equation, keys, floats)
    logarithms = bool(equation.params.get("log_space"))
    result = np.empty(shapes.shape, dtype=object)
    drawn = lift_arb(samples.astype(np.float64))
    for index in np.ndindex(shapes.shape):
        start: Any = real.exp(drawn[index]) if logarithms else drawn[index]
        moved = _moved_sample(start, arb(float(floats[index])), shapes[index])
        result[index] = real.log(moved) if logarithms else moved
    return result


RANDOM_NUMBERS: dict[str, Handler] = {
    **dict.fromkeys(
        [
            "random_bits",
            "random_seed",
            "random_split",
            "random_fold_in",
            "random_wrap",
            "random_unwrap",
            "random_clone",
            "threefry2x32",
        ],
        _drawn,
    ),
    "random_gamma": _random_gamma,
}
