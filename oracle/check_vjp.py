"""`check_vjp`: vector–Jacobian products of functions with array output, as gradients of Σ c·fn(x) for a cotangent c."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate import CannotJudge
from oracle.check import check_gradient
from oracle.report import Report

Array = NDArray[Any]


def check_vjp(
    fn: Callable[..., Any],
    vjp: Callable[..., Any],
    domains: Sequence[Any] = ("real",),
    *,
    seed: int = 0,
    **options: Any,
) -> Report:
    """Is vjp(*arrays, cotangent) the tuple of vector–Jacobian products of fn, one for each argument?

    Each argument is checked by `check_gradient` on Σ c·fn(*arrays), with a cotangent c of random short decimals, never all ones:
    the sum of a softmax is constant, and tests nothing. The first report that is not `right` is returned, else the last. Takes the
    options of `check_gradient` but for argnum. Raises CannotJudge where vjp does not return a tuple with one array each.
    """
    count = len(domains)
    report: Report | None = None
    for argnum in range(count):
        name = f"{getattr(vjp, '__name__', 'vjp')}, argument {argnum}"
        scalar = _weighted(fn, seed)
        report = check_gradient(
            scalar, _component(fn, vjp, argnum, count, seed), domains, argnum=argnum, name=name, **options
        )
        if not report:
            return report
    if report is None:
        raise CannotJudge("domains is empty: give one for each argument of fn")
    return report


def cotangent(shape: tuple[int, ...], seed: int) -> Array:
    """Short decimals between −2 and 2, none zero, the same for the same shape and seed."""
    rng = np.random.default_rng([seed, *shape])
    return rng.integers(1, 21, shape) / 10 * rng.choice([-1.0, 1.0], shape)


def _weighted(fn: Callable[..., Any], seed: int) -> Callable[..., Any]:
    def weighted(*arrays: Any) -> Any:
        y = fn(*arrays)
        return (y * cotangent(y.shape, seed)).sum()

    return weighted


def _component(
    fn: Callable[..., Any], vjp: Callable[..., Any], argnum: int, count: int, seed: int
) -> Callable[..., Any]:
    def component(*arrays: Any) -> Any:
        result = vjp(*arrays, cotangent(np.shape(fn(*arrays)), seed))
        if not isinstance(result, tuple | list) or len(result) != count:
            what = f"{len(result)} arrays" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
            raise CannotJudge(f"vjp returned {what}; it must return a tuple of {count}, one array for each argument")
        return result[argnum]

    return component
