"""Torch code brought to jaxprs: run once at a point, its operations translated to JAX, and held against torch's own value there.

The forward alone is translated, so of an `autograd.Function` the truth is its forward, never its backward. A translation is trusted
at a point only where (1) its value, enclosed, is torch's up to the rounding of torch's floats, there and a small step aside, which
sees what was read out of the tensors and computed with elsewhere; and (2) what fn reads to decide by is what it was, clearly.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift_arb, midpoints, precision
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.candidate.tensors import OnArrays
from oracle.witnesses.tracing import Traced, leaving_no_trace, trace

Array = NDArray[Any]
Bounds = Sequence[tuple[float, float] | None]

MISSING = "fn is torch code, whose truth is enclosed where torchax is installed: pip install 'manualbp[torch]'"
#: Precision at which a translation is held against torch's value.
BITS = 200
#: The step aside, relative to the distance of neighbouring entries, or to an entry.
STEP = 2.0**-16
#: How many roundings, as measured for the translation, torch's own program may lose: it has others, and other sums.
SLACK = 64.0
#: Points whose translation is remembered.
MOST_POINTS = 256


class Unlike(Undecidable):
    """The torch code has no translation at a point that can be trusted: one clause that says why."""


class NoTorch(Unlike):
    """fn does nothing with torch."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way that the code goes: its translation, the jaxprs of its value (an array) and of what it reads, the bits of the
    narrowest floats in it; and the traces of its derivatives, by argument and shapes."""

    run: Callable[..., Any]
    value: Any
    reads: Any
    bits: int
    traces: dict[Any, Traced] = field(default_factory=dict)


class Lift:
    """fn: torch code on arrays; combined: where what is differentiated is no value of fn but made of it and of one argument more,
    the last: that, from the code as a function of JAX arrays and all arguments. entry: which array of a tuple is meant.
    """

    def __init__(self, fn: OnArrays, combined: Callable[..., Any] | None = None, entry: int | None = None) -> None:
        self.fn, self.combined, self.entry = fn, combined, entry
        self.detaches = False
        self._ways: dict[Any, Way] = {}
        self._points: OrderedDict[Any, Way | Unlike] = OrderedDict()
        self._stepped: set[int] = set()

    def traced(self, args: Sequence[Array], argnum: int, bounds: Bounds) -> Traced:
        """The trace of the scalar that holds at these arguments. Raises Unlike, NoTorch; ImportError where torchax is missing."""
        given = list(args[:-1]) if self.combined is not None else list(args)
        moves = argnum if argnum < len(given) else 0
        way = self.way(given, moves, bounds[moves])
        key = (argnum, tuple((a.shape, a.dtype.str) for a in args))
        if key not in way.traces:

            def scalar(*arrays: Any) -> Any:
                if self.combined is None:
                    return way.run(*arrays)[0].reshape(())
                return self.combined(lambda *given: way.run(*given)[0], arrays)

            try:
                way.traces[key] = trace(scalar, args, (argnum,))
            except Exception as error:
                raise Unlike(f"JAX does not differentiate it ({type(error).__name__}: {_first_line(error)})") from error
        return way.traces[key]

    def autograd(self, args: Sequence[Array], argnum: int) -> NDArray[np.float64]:
        """What torch.autograd makes of fn; NaN where it makes nothing."""
        import torch

        try:
            tensors = [t.requires_grad_(n == argnum) for n, t in enumerate(self.fn.tensors([a.copy() for a in args]))]
            with torch.enable_grad():
                (found,) = torch.autograd.grad(self.fn.function(*tensors), tensors[argnum])
            return np.asarray(found.numpy(force=True), dtype=np.float64)
        except Exception:  # of any kind: it has none
            return np.full(args[argnum].shape, np.nan)

    def way(self, given: Sequence[Array], argnum: int, bounds: tuple[float, float] | None) -> Way:
        """The way that the code goes at these arguments, where it can be trusted. argnum, bounds: of the argument that moves."""
        key = tuple((a.shape, a.dtype.str, a.tobytes()) for a in given)
        if key not in self._points:
            try:
                self._points[key] = self._trusted(given, argnum, bounds)
            except Unlike as error:
                self._points[key] = error
            if len(self._points) > MOST_POINTS:
                self._points.popitem(last=False)
        found = self._points[key]
        if isinstance(found, Unlike):
            raise found
        return found

    def _trusted(self, given: Sequence[Array], argnum: int, bounds: tuple[float, float] | None) -> Way:
        tape = self._recorded(given)
        self.detaches |= tape.detached
        signature = (tuple((a.shape, a.dtype.str) for a in given), tape.signature())
        if signature not in self._ways:
            self._ways[signature] = self._way(tape, given)
        way = self._ways[signature]
        self._read_clearly(way, tape, given)
        self._hold(way, given, "")
        if id(way) not in self._stepped:
            self._hold_aside(way, tape, given, argnum, bounds)
            self._stepped.add(id(way))
        return way

    def _recorded(self, given: Sequence[Array]) -> Any:
        from oracle.witnesses.torch_lowering import can_be_lowered
        from oracle.witnesses.torch_recorder import record
        from oracle.witnesses.torch_registry import registry
        from oracle.witnesses.torch_tape import NotLifted

        registry()
        fn = self.fn
        arrays = [a.copy() for a in given]
        operands: Sequence[Any] = fn.tensors(arrays) if fn.dtype else arrays
        try:
            with np.errstate(all="ignore"):
                return record(fn.function, operands, can_be_lowered, self.entry)
        except NotLifted as error:
            if error.without_torch:
                raise NoTorch("it does nothing with torch there") from None
            raise Unlike(str(error)) from error
        except Exception as error:
            raise Unlike(f"written down, it raises {type(error).__name__}: {_first_line(error)}") from error

    def _way(self, tape: Any, given: Sequence[Array]) -> Way:
        import jax

        from oracle.witnesses.torch_lowering import translation

        translated, dtype = translation(tape), self.fn.dtype

        def run(*arrays: Any) -> Any:
            return translated(*(a.astype(dtype) if dtype and a.dtype.kind == "f" else a for a in arrays))

        def programs() -> list[Any]:
            specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in given]
            return [jax.make_jaxpr(part)(*specs) for part in (lambda *a: run(*a)[0], lambda *a: run(*a)[1])]

        try:
            value, reads = leaving_no_trace(programs)
            return Way(run, value, reads, tape.bits)
        except Exception as error:
            raise Unlike(f"its translation raises {type(error).__name__}: {_first_line(error)}") from error

    def _read_clearly(self, way: Way, tape: Any, given: Sequence[Array]) -> None:
        if not tape.reads:
            return
        with precision(BITS), watch_ties() as watch:
            same = _reads_the_same(way, tape, given)
        if same and watch.ties:  # equal by their formulas, or at a switch: then it turns on one side of a random line
            same = all(_reads_the_same(way, tape, moved) for moved in _either_way(given))
        if not same:
            raise Unlike("it decides by numbers that are at the switch of that decision here")

    def _hold(self, way: Way, given: Sequence[Array], where: str) -> None:
        """Raises Unlike where the enclosed value of the translation is not torch's."""
        with np.errstate(all="ignore"):
            result = self.fn(*(a.copy() for a in given))
            got = np.asarray(result if self.entry is None else result[self.entry])
        with precision(BITS), watch_ties():
            (balls,) = evaluate(way.value, given)
        exact = _numbers(balls)
        if got.shape != exact.shape:
            raise Unlike(f"its translation has the shape {exact.shape} where torch's has {got.shape}")
        got = got.astype(np.complex128 if exact.dtype.kind == "c" else np.float64)
        with np.errstate(all="ignore"):
            off = np.where((got == exact) | (np.isnan(got) & np.isnan(exact)), 0.0, np.abs(got - exact))
        if np.all(off <= 2.0 ** (4 - way.bits) * np.abs(exact)):
            return
        try:
            (allowed,) = rounding_allowance(way.value, given, way.bits)
        except Exception as error:
            raise Unlike(f"what rounding costs its value is not known ({_first_line(error)})") from error
        if np.all(off <= SLACK * np.where(np.isfinite(allowed), allowed, 0.0)):
            return
        at = int(np.argmax(np.where(np.isnan(off), np.inf, off)))
        raise Unlike(f"its translation is {exact.flat[at]:.17g} where torch computes {got.flat[at]:.17g}{where}")

    def _hold_aside(
        self, way: Way, tape: Any, given: Sequence[Array], argnum: int, bounds: tuple[float, float] | None
    ) -> None:
        for moved in _aside(given, argnum, bounds):
            try:
                with precision(BITS), watch_ties():
                    same = _reads_the_same(way, tape, moved)
                if same:
                    self._hold(way, moved, ", a step aside: it computes outside of torch")
                    return
            except Unlike:
                raise
            except Exception:  # it need not have a value there
                continue


def lifted(fn: Callable[..., Any]) -> Lift | None:
    """What brings fn to jaxprs, where it may be torch code."""
    from oracle.candidate.tensors import unwrapped

    found = unwrapped(fn)
    return None if found is None else Lift(found, _attribute(fn, "combined"))


def _attribute(fn: Any, name: str) -> Any:
    """The attribute of fn or of what it stands for."""
    while fn is not None:
        if hasattr(fn, name):
            return getattr(fn, name)
        fn = getattr(fn, "__wrapped__", None)
    return None


def candidate(grad: Callable[..., Any]) -> Lift | None:
    """What brings a gradient to jaxprs, where it may be torch code: its own backward, or torch's, as it runs. Made once."""
    from oracle.candidate.tensors import unwrapped

    found = unwrapped(grad)
    if found is None or found.dtype is None:
        return None
    entry = getattr(grad, "entry", None)
    if entry not in found.lifts:
        found.lifts[entry] = Lift(found, entry=entry)
    lift: Lift = found.lifts[entry]
    return lift


def _aside(given: Sequence[Array], argnum: int, bounds: tuple[float, float] | None) -> list[list[Array]]:
    """The differentiated argument a small step towards itself with its entries moved on (which stays in any convex domain that
    does not tell its entries apart), or a little larger or smaller within its bounds."""
    x = given[argnum] if argnum < len(given) else np.zeros(0)
    found = []
    if x.ndim and x.dtype.kind == "f":
        mixed = x + STEP * (np.roll(x, 1) - x)
        if np.any(mixed != x):
            found.append(mixed)
    weights = 1 + STEP * np.cos(np.arange(x.size)).reshape(x.shape)
    for step in (weights, 2 - weights):
        moved = np.where(x == 0, STEP * (step - 1), x * step)
        if bounds is None or bool(np.all((moved > bounds[0]) & (moved < bounds[1]))):
            found.append(moved)
    return [[m if n == argnum else a for n, a in enumerate(given)] for m in found]


def _either_way(given: Sequence[Array]) -> list[list[Array]]:
    """All arguments a small step along a random line, and back."""
    rng = np.random.default_rng(0)
    steps = [STEP * rng.uniform(-1, 1, a.shape) * np.where(a == 0, 1.0, a) if a.dtype.kind == "f" else 0 for a in given]
    return [
        [a + sign * step if a.dtype.kind == "f" else a for a, step in zip(given, steps, strict=True)]
        for sign in (1, -1)
    ]


def _reads_the_same(way: Way, tape: Any, given: Sequence[Array]) -> bool:
    found = evaluate(way.reads, given)
    return all(_equal(a, b) for a, (_, b) in zip(found, tape.reads, strict=True))


def _numbers(balls: Array) -> Array:
    if balls.dtype != object:
        return np.asarray(balls, dtype=np.float64)
    if balls.size and hasattr(balls.flat[0], "real") and not hasattr(balls.flat[0], "mid"):
        part = np.frompyfunc(lambda z: complex(float(z.real.mid()), float(z.imag.mid())), 1, 1)
        return np.asarray(part(balls), dtype=np.complex128)
    return midpoints(balls)


def _equal(found: Array, read: Array) -> bool:
    if found.dtype == object:
        return bool(found.shape == read.shape and np.all(lift_arb(read) == found))
    return bool(np.array_equal(found, read))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
