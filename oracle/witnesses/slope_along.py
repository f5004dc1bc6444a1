"""The first derivative of a function as a function of its own, whose gradient is a product with the Hessian, or its diagonal.

It runs in every arithmetic that the function runs in: on tracers of JAX it is traced as jax.jvp makes it, without the rules of
others and without stop_gradient, and so is code of NumPy where it has a translation; other array code on balls is differenced,
symmetrically, with steps far below those that the witness of its gradient takes; torch code is differentiated as its translation.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from oracle.balls.arrays import lift, midpoints, precision
from oracle.balls.ball import Ball, to_arb
from oracle.balls.taken_out import none_taken_out
from oracle.candidate.guard import Stopped
from oracle.candidate.parameters import with_parameters
from oracle.candidate.tensors import unwrapped
from oracle.witnesses.numpy_on_jax import on_jax

Array = NDArray[Any]

#: What the differentiated argument is called where it stands beside itself.
AGAIN = ("x_as_it_is", "the_argument_as_it_is")
ON_FLOATS_ALONE = (
    "fn runs on floats alone, where second derivatives are not judged: write it with jax.numpy, with torch, or with operators and "
    "functions of NumPy on its arguments"
)


class SlopeAlong:
    """fn(*arrays) → scalar; calls take the arrays and a direction v shaped as argument `argnum`, and give v·∂fn/∂args[argnum].

    rows: instead of v the same argument once more, x̂, and Σ_k of the derivative by entry k at x̂ with the entry k of x: its
    gradient by x where x̂ = x is the diagonal of the Hessian.
    """

    def __init__(self, fn: Callable[..., Any], argnum: int, names: Sequence[str], rows: bool = False) -> None:
        self.__wrapped__: Callable[..., Any]
        functools.update_wrapper(self, fn)
        if hasattr(fn, "__code__"):
            self.__code__ = fn.__code__
        self._fn, self._argnum, self._rows = fn, argnum, rows
        words = AGAIN if rows else ("v", "direction", "the_direction")
        with_parameters(self, names, words)
        self._programs: dict[Any, Any] = {}

    def __call__(self, *arrays: Any) -> Any:
        if any(isinstance(a, np.ndarray) and a.dtype == object for a in arrays):
            return self._in_balls(arrays)
        if all(isinstance(a, np.ndarray) for a in arrays):
            return self._in_floats(arrays)
        return self.combined(self._unruled(arrays[:-1]), arrays)

    def combined(self, run: Callable[..., Any], arrays: Sequence[Any]) -> Any:
        """The derivative of run(*arrays without the last), a scalar function of JAX arrays."""
        import jax

        *args, last = arrays
        k = self._argnum

        def of(x: Any) -> Any:
            return run(*args[:k], x, *args[k + 1 :]).reshape(())

        if not self._rows:
            return jax.jvp(of, (args[k],), (last,))[1]
        shape, size = np.shape(args[k]), int(np.size(args[k]))
        units = np.eye(size).reshape((size, *shape))
        rows = jax.numpy.where(units != 0, args[k], last)
        return jax.vmap(lambda row, unit: jax.jvp(of, (row,), (unit,))[1])(rows, units).sum()

    def _unruled(self, args: Sequence[Any]) -> Callable[..., Any]:
        """fn as JAX code without the rules of others, and without stop_gradient: what its value has for a derivative."""
        import jax

        from oracle.witnesses.without_rules import without_rules

        specs = [jax.ShapeDtypeStruct(np.shape(a), a.dtype) for a in args]
        try:
            program = jax.make_jaxpr(self._fn)(*specs)
        except Exception as error:  # no function of tracers: code of NumPy may be translated
            if tensors_of(self._fn) is not None:
                raise
            try:
                program = jax.make_jaxpr(on_jax(self._fn))(*specs)
            except Exception:
                raise error from None
        return without_rules(program, {"stop_gradient": lambda x: x}, of_others_alone=True)

    def _in_floats(self, arrays: Sequence[Array]) -> Any:
        """The number, by JAX, torch or balls: whatever the function allows."""
        tensors = tensors_of(self._fn)
        if tensors is not None:
            return self._by_torch(tensors, arrays)
        try:
            return self._by_jax(arrays)
        except Exception:
            pass  # it is no function of tracers: on balls it may run
        try:
            value = self._in_balls([lift(a) if a.dtype.kind == "f" else a for a in arrays])
        except Exception as error:
            self._fn(*(a.copy() for a in arrays[:-1]))  # what it raises on floats is what is said
            raise Stopped(f"{ON_FLOATS_ALONE} ({type(error).__name__})") from error
        return float(midpoints(np.array(to_arb(value), dtype=object)))

    def _by_jax(self, arrays: Sequence[Array]) -> float:
        import jax

        from oracle.witnesses.tracing import double_precision, leaving_no_trace

        key = tuple((a.shape, a.dtype.str) for a in arrays)
        if key not in self._programs:
            specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in arrays]
            (program,) = leaving_no_trace(lambda: [jax.make_jaxpr(self)(*specs)])
            self._programs[key] = jax.jit(lambda *args: jax.core.eval_jaxpr(program.jaxpr, program.consts, *args)[0])
        with double_precision():
            return float(self._programs[key](*arrays))

    def _by_torch(self, tensors: Any, arrays: Sequence[Array]) -> float:
        import torch

        *args, last = arrays
        given = [t.requires_grad_(n == self._argnum) for n, t in enumerate(tensors.tensors([a.copy() for a in args]))]
        with torch.enable_grad():
            value = tensors.function(*given)
            if not value.requires_grad:
                return 0.0
            (found,) = torch.autograd.grad(value, given[self._argnum])
        return float(found.sum()) if self._rows else float(np.vdot(found.numpy(force=True), last))

    def _in_balls(self, arrays: Sequence[Any]) -> Any:
        """(f(x + εv) − f(x − εv))/2ε with ε = 2^−p at four times the p bits of now: far below what the caller can tell."""
        *args, last = arrays
        x = args[self._argnum]
        bits = ctx.prec
        step = arb(2) ** -(bits + _exponent(x))
        with precision(4 * bits):
            if not self._rows:
                return self._difference(args, x, last, step)
            total = 0
            for index in np.ndindex(np.shape(x)):
                row, unit = np.array(last, dtype=object), np.zeros(np.shape(x), dtype=object)
                row[index], unit[index] = x[index], 1
                total = total + self._difference(args, row, unit, step)
            return total

    def _difference(self, args: Sequence[Any], x: Any, direction: Any, step: Any) -> Any:
        k, h = self._argnum, Ball(step)
        with none_taken_out():
            ends = [self._fn(*args[:k], lift(np.asarray(x + side * h * direction)), *args[k + 1 :]) for side in (1, -1)]
        return (ends[0] - ends[1]) / (2 * h)


def _exponent(x: Any) -> int:
    """How many times the smallest entry other than zero can be halved before 1 is reached from below; at least 0."""
    sizes = [float(abs(to_arb(v)).mid()) for v in np.asarray(x, dtype=object).flat]
    smallest = min((s for s in sizes if s > 0), default=1.0)
    return max(0, -int(np.frexp(smallest)[1]) + 1) if np.isfinite(smallest) else 0


def tensors_of(fn: Any) -> Any:
    """What calls fn with tensors, where it has been called with them; else None."""
    found = unwrapped(fn) if "torch" in sys.modules else None
    return found if found is not None and found.dtype else None
