"""Torch code brought to jaxprs: run once at a point, its operations translated to JAX, and held against torch's own value there.

The forward alone is translated, so of an `autograd.Function` the truth is its forward, never its backward. A translation is trusted
at a point only where (1) its value, enclosed, is torch's up to the rounding of torch's floats, there and a small step aside, which
sees what was read out of the tensors and computed with elsewhere; and (2) what fn reads to decide by is what it was, clearly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.tensors import OnArrays
from oracle.witnesses.remembered import Remembered
from oracle.witnesses.torch_trust import hold, hold_aside, read_clearly
from oracle.witnesses.torch_way import NoTorch, Unlike, Way, first_line
from oracle.witnesses.tracing import Traced, leaving_no_trace, trace

Array = NDArray[Any]
Bounds = Sequence[tuple[float, float] | None]

MISSING = "fn is torch code, whose truth is enclosed where torchax is installed: pip install 'manualbp[torch]'"


class Lift:
    """fn: torch code on arrays; combined: where what is differentiated is no value of fn but made of it and of one argument more,
    the last: that, from the code as a function of JAX arrays and all arguments. entry: which array of a tuple is meant.
    """

    proved = True  # torch's operators are translated by a library, and held against torch

    def __init__(self, fn: OnArrays, combined: Callable[..., Any] | None = None, entry: int | None = None) -> None:
        self.fn, self.combined, self.entry = fn, combined, entry
        self.detaches = False
        self._ways: dict[Any, Way] = {}
        self._points: Remembered[Way] = Remembered()
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
                raise Unlike(f"JAX does not differentiate it ({type(error).__name__}: {first_line(error)})") from error
        return way.traces[key]

    @property
    def approximated(self) -> tuple[str, ...]:
        """What torch approximates on the ways that were gone."""
        return tuple(dict.fromkeys(name for way in self._ways.values() for name in way.approximated))

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
        return self._points.at(given, None, lambda: self._trusted(given, argnum, bounds))

    def _trusted(self, given: Sequence[Array], argnum: int, bounds: tuple[float, float] | None) -> Way:
        tape = self._recorded(given)
        self.detaches |= tape.detached
        signature = (tuple((a.shape, a.dtype.str) for a in given), tape.signature())
        if signature not in self._ways:
            self._ways[signature] = self._way(tape, given)
        way = self._ways[signature]
        read_clearly(way, tape, given)
        hold(self.fn, self.entry, way, given)
        if id(way) not in self._stepped:
            hold_aside(self.fn, self.entry, way, tape, given, argnum, bounds)
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
            raise Unlike(f"written down, it raises {type(error).__name__}: {first_line(error)}") from error

    def _way(self, tape: Any, given: Sequence[Array]) -> Way:
        import jax

        from oracle.witnesses.torch_lowering import approximated, translation

        translated, dtype = translation(tape), self.fn.dtype

        def run(*arrays: Any) -> Any:
            return translated(*(a.astype(dtype) if dtype and a.dtype.kind == "f" else a for a in arrays))

        def programs() -> list[Any]:
            specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in given]
            return [jax.make_jaxpr(part)(*specs) for part in (lambda *a: run(*a)[0], lambda *a: run(*a)[1])]

        try:
            value, reads = leaving_no_trace(programs)
            return Way(run, value, reads, tape.bits, approximated(tape))
        except Exception as error:
            raise Unlike(f"its translation raises {type(error).__name__}: {first_line(error)}") from error


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
