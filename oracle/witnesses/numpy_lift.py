"""NumPy code brought to jaxprs: its functions read as those of JAX of the same names, and held against the code itself.

The translation is trusted at a point only where its value is the code's: in balls, at 200 bits, or where the code does not run on
balls up to the rounding of its floats; and so a small step aside, which sees what was computed with outside of NumPy's functions.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift, midpoints, precision
from oracle.balls.ball import to_arb
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.aside import aside
from oracle.witnesses.large import is_large
from oracle.witnesses.numpy_on_jax import on_jax
from oracle.witnesses.torch_way import Unlike, first_line
from oracle.witnesses.tracing import Traced, trace

Array = NDArray[Any]
Bounds = Sequence[tuple[float, float] | None]
#: Precision at which a translation is held against the code.
BITS = 200
#: Two values in balls of that precision are the same where they differ by no more than this part of them.
SAME = 2.0**-120
#: How many roundings, as measured for the translation, the code's own floats may lose.
SLACK = 64.0
#: Of a large point the floats alone are compared, to so much of them.
COARSE = 2.0**-30
#: Points that are remembered as held.
MOST_POINTS = 256


class NumpyLift:
    """fn: code of NumPy on arrays, with a scalar value."""

    detaches = False
    proved = False

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn
        self._translation = on_jax(fn)
        self._traces: dict[Any, Traced] = {}
        self._points: OrderedDict[Any, Unlike | None] = OrderedDict()

    def traced(self, args: Sequence[Array], argnum: int, bounds: Bounds) -> Traced:
        """The trace that holds at these arguments. Raises Unlike."""
        key = (argnum, tuple((a.shape, a.dtype.str) for a in args))
        if key not in self._traces:
            try:
                record = trace(self._translation, args, (argnum,))
            except Exception as error:  # of any kind: NumPy's, JAX's, the code's own
                raise Unlike(f"it has no translation to JAX ({type(error).__name__}: {first_line(error)})") from error
            self._hold_aside(record, aside(args, argnum, bounds[argnum]))
            self._traces[key] = record
        self._held(self._traces[key], args)
        return self._traces[key]

    def _held(self, record: Traced, args: Sequence[Array]) -> None:
        key = tuple((a.shape, a.dtype.str, a.tobytes()) for a in args)
        if key not in self._points:
            try:
                self._hold(record, args)
                self._points[key] = None
            except Unlike as error:
                self._points[key] = error
            if len(self._points) > MOST_POINTS:
                self._points.popitem(last=False)
        found = self._points[key]
        if found is not None:
            raise found

    def _hold_aside(self, record: Traced, points: Sequence[Sequence[Array]]) -> None:
        for moved in points:
            try:
                return self._hold(record, moved)
            except Unlike:
                raise
            except Exception:  # the code need not have a value there
                continue
        return None

    def _hold(self, record: Traced, args: Sequence[Array]) -> None:
        """Raises Unlike where the value of the translation is not that of the code."""
        if is_large(args):
            return self._hold_large(record, args)
        try:
            with precision(BITS), watch_ties():
                (balls,) = evaluate(record.value, args)
        except (Undecidable, UnsupportedPrimitive) as error:
            raise Unlike(f"the value of its translation is open ({first_line(error)})") from error
        translated = to_arb(np.asarray(balls, dtype=object).item())
        try:
            with precision(BITS), watch_ties():
                own = self.fn(*(lift(a) if a.dtype.kind == "f" else a.copy() for a in args))
                code = to_arb(np.asarray(own, dtype=object).item())
                near = abs(code - translated) <= SAME * (abs(code) + abs(translated)).upper()
                same = bool(near) or code.overlaps(translated)
        except Exception:  # of any kind: it does not run on balls
            return self._hold_floats(record, args, float(midpoints(np.array(translated, dtype=object))))
        if not same:
            raise Unlike(f"its translation to JAX is {_short(translated)} where the code is {_short(code)}")
        return None

    def _hold_floats(self, record: Traced, args: Sequence[Array], exact: float) -> None:
        with np.errstate(all="ignore"):
            got = float(np.asarray(self.fn(*(a.copy() for a in args))))
        if got == exact or (np.isnan(got) and np.isnan(exact)) or abs(got - exact) <= 2.0**-49 * abs(exact):
            return
        try:
            (allowed,) = rounding_allowance(record.value, args, 53)
        except Exception as error:
            raise Unlike(f"what rounding costs its value is not known ({first_line(error)})") from error
        if not abs(got - exact) <= SLACK * float(np.where(np.isfinite(allowed), allowed, 0.0)):
            raise Unlike(f"its translation to JAX is {exact:.17g} where the code computes {got:.17g}")

    def _hold_large(self, record: Traced, args: Sequence[Array]) -> None:
        import jax

        from oracle.witnesses.tracing import double_precision

        with np.errstate(all="ignore"):
            got = float(np.asarray(self.fn(*(a.copy() for a in args))))
        with double_precision():
            found = float(np.asarray(jax.core.eval_jaxpr(record.value.jaxpr, record.value.consts, *args)[0]))
        if not (abs(got - found) <= COARSE * max(abs(got), abs(found)) or (np.isnan(got) and np.isnan(found))):
            raise Unlike(f"its translation to JAX computes {found:.17g} where the code computes {got:.17g}")


def _short(ball: Any) -> str:
    return str(ball.str(17, radius=False))
