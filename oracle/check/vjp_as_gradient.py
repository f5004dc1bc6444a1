"""A function with array output and its vector–Jacobian product, as a scalar function and its gradient with one argument more."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge, Misconduct
from oracle.candidate.guard import Stopped
from oracle.candidate.parameters import unlike, with_parameters
from oracle.search.constants import signature_names

Array = NDArray[Any]


def weighted(fn: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Σ c·fn(*arrays), a function of the arrays and the cotangent c."""

    @functools.wraps(fn)
    def sum_of_products(*arrays: Any) -> Any:
        *args, c = arrays
        y = fn(*args)
        if y is None or isinstance(y, tuple | list | dict):
            raise Stopped(f"fn returned {'None' if y is None else f'a {type(y).__name__}'}; it must return one array")
        if np.shape(y) != np.shape(c):
            raise ValueError(f"fn returned the shape {np.shape(y)}, and elsewhere {np.shape(c)} for the same shapes")
        return (y * c).sum()

    names = signature_names(fn, count)
    last = unlike(names, ("c", "cotangent", "the_cotangent"))
    if all(name.isidentifier() for name in names):
        with_parameters(sum_of_products, (*names, last))
    sum_of_products.leaf_names = (*names, last)  # type: ignore[attr-defined]
    derived = getattr(fn, "derived", lambda run: run)
    sum_of_products.combined = lambda run, arrays: (derived(run)(*arrays[:-1]) * arrays[-1]).sum()  # type: ignore[attr-defined]
    return sum_of_products


class Declined(CannotJudge):
    """The rule gives None for labels: it does not differentiate by this argument."""


class Component:
    """The entry of vjp(*arrays, c) for one argument; None stands for zeros, and is remembered, or raises Declined."""

    def __init__(self, vjp: Callable[..., Any], argnum: int, count: int, may_decline: bool = False) -> None:
        functools.update_wrapper(self, vjp)
        self.argnum = self.entry = argnum
        self.gave_none = False
        self._vjp, self._count, self._may_decline = vjp, count, may_decline

    def __call__(self, *arrays: Any) -> Any:
        c = arrays[-1]
        before = np.array(c) if isinstance(c, np.ndarray) else None  # JAX's arrays do not change
        result = self._vjp(*arrays)
        if before is not None and not np.array_equal(before, c, equal_nan=before.dtype.kind == "f"):
            raise Misconduct("it changes its cotangent")
        if not isinstance(result, tuple | list) or len(result) != self._count:
            what = f"{len(result)} arrays" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
            raise CannotJudge(
                f"vjp returned {what}; it must return a tuple of {self._count}, one array for each argument"
            )
        own = result[self.argnum]
        if own is None and self._may_decline:
            raise Declined(f"vjp gives None for argument {self.argnum}")
        if own is None:
            # of the same numbers as integers nobody is asked for a derivative
            self.gave_none |= getattr(arrays[self.argnum], "dtype", np.dtype(float)).kind in "fVO"
            return np.zeros(np.shape(arrays[self.argnum]))
        return own


def output_shape(fn: Callable[..., Any]) -> Callable[[tuple[Array, ...]], tuple[int, ...]]:
    """The shape of fn's output at arguments, asked once for their shapes; where fn raises, that of the first argument."""
    known: dict[Any, tuple[int, ...]] = {}

    def shape(args: tuple[Array, ...]) -> tuple[int, ...]:
        key = tuple((a.shape, a.dtype.str) for a in args)
        if key not in known:
            try:
                with np.errstate(all="ignore"):
                    known[key] = _by_jax(fn, args) or np.shape(fn(*(a.copy() for a in args)))
            except Exception:  # the same is said again, where the point is judged
                return args[0].shape
        return known[key]

    return shape


def _by_jax(fn: Callable[..., Any], args: tuple[Array, ...]) -> tuple[int, ...]:
    """The shape without its numbers, for which JAX would compile fn at every shape; () where JAX does not tell."""
    if "jax" not in sys.modules:
        return ()
    import jax

    from oracle.witnesses.tracing import double_precision

    try:
        with double_precision():
            return tuple(jax.eval_shape(fn, *args).shape)
    except Exception:  # it is no function of tracers, or returns no array: calling it says what it is
        return ()
