"""NumPy code brought to jaxprs: its functions read as those of JAX of the same names, and held against the code itself.

The translation is trusted at a point only where its value is the code's (in balls, at 200 bits, or where the code does not run on
balls up to the rounding of its floats), and so a small step aside, which sees what was computed with outside of NumPy's functions;
and where what the code decides by is clearly what it was decided by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from oracle.witnesses.numpy_on_jax import decisions, on_jax, reads_on_jax
from oracle.witnesses.remembered import Remembered
from oracle.witnesses.torch_way import Unlike, first_line
from oracle.witnesses.tracing import Traced, double_precision, leaving_no_trace, trace

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


@dataclass(frozen=True, eq=False)
class Way:
    """One way that the code goes: its trace, and the jaxpr of what it decides by, with the outcomes."""

    record: Traced
    reads: Any
    decided: Sequence[Array]


class NumpyLift:
    """fn: code of NumPy on arrays, with a scalar value."""

    detaches = False
    proved = False

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn
        self._ways: dict[Any, Way | Unlike] = {}
        self._points: Remembered[Way] = Remembered()

    def traced(self, args: Sequence[Array], argnum: int, bounds: Bounds) -> Traced:
        """The trace that holds at these arguments. Raises Unlike."""
        return self._points.at(args, argnum, lambda: self._trusted(args, argnum, bounds)).record

    def _trusted(self, args: Sequence[Array], argnum: int, bounds: Bounds) -> Way:
        try:
            decided = decisions(self.fn, args)
        except Exception as error:
            raise _untranslated(error) from error
        outcomes = tuple((d.shape, d.dtype.str, d.tobytes()) for d in decided)
        key = (argnum, tuple((a.shape, a.dtype.str) for a in args), outcomes)
        if key not in self._ways:
            self._ways[key] = self._way(decided, args, argnum, bounds)
        way = self._ways[key]
        if isinstance(way, Unlike):
            raise way
        _decides_clearly(way, args)
        self._hold(way.record, args)
        return way

    def _way(self, decided: Sequence[Array], args: Sequence[Array], argnum: int, bounds: Bounds) -> Way | Unlike:
        import jax

        specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in args]
        try:
            record = trace(on_jax(self.fn, decided), args, (argnum,))
            (reads,) = leaving_no_trace(lambda: [jax.make_jaxpr(reads_on_jax(self.fn, decided))(*specs)])
        except Exception as error:  # of any kind: NumPy's, JAX's, the code's own
            return _untranslated(error)
        way = Way(record, reads, decided)
        try:
            self._hold_aside(way, aside(args, argnum, bounds[argnum]))
        except Unlike as error:
            return error
        return way

    def _hold_aside(self, way: Way, points: Sequence[Sequence[Array]]) -> None:
        for moved in points:
            try:
                if way.decided:
                    _decides_clearly(way, moved)
            except Unlike:
                continue  # another way is gone there
            try:
                return self._hold(way.record, moved)
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

        with np.errstate(all="ignore"):
            got = float(np.asarray(self.fn(*(a.copy() for a in args))))
        with double_precision():
            found = float(np.asarray(jax.core.eval_jaxpr(record.value.jaxpr, record.value.consts, *args)[0]))
        if not (abs(got - found) <= COARSE * max(abs(got), abs(found)) or (np.isnan(got) and np.isnan(found))):
            raise Unlike(f"its translation to JAX computes {found:.17g} where the code computes {got:.17g}")


def _decides_clearly(way: Way, args: Sequence[Array]) -> None:
    """Raises Unlike where the code decides otherwise at these arguments, or is at the switch of a decision."""
    if not way.decided:
        return
    if is_large(args):
        raise Unlike("it decides by numbers, and is too large to be asked whether it is at the switch of that")
    try:
        with precision(BITS), watch_ties() as watch:
            found = evaluate(way.reads, args)
    except (Undecidable, UnsupportedPrimitive) as error:
        raise Unlike(f"what it decides by is open ({first_line(error)})") from error
    if watch.ties or not all(np.array_equal(a, b) for a, b in zip(found, way.decided, strict=True)):
        raise Unlike("it decides by numbers that are at the switch of that decision here")


def _untranslated(error: Exception) -> Unlike:
    return Unlike(f"it has no translation to JAX ({type(error).__name__}: {first_line(error)})")


def _short(ball: Any) -> str:
    return str(ball.str(17, radius=False))
