"""A function of arrays with a scalar value, and how it lets itself be differentiated: traced, on balls, on floats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.witnesses import Traced, trace
from oracle.witnesses.users_code import as_float, first_line

Array = NDArray[Any]
Bounds = Sequence[tuple[float, float] | None]

TRACED, ON_BALLS, ON_FLOATS = "traced by JAX", "run on balls", "run on floats"


@dataclass(eq=False)
class Function:
    """A function of arrays with a scalar value, and how it lets itself be differentiated.

    level: TRACED (its jaxpr is evaluated in balls: certified), ON_BALLS (array code, judged by differences in balls) or ON_FLOATS
    (judged by extrapolated differences, with an error estimate); why: what kept it from a better level; inside: whether arguments
    lie in their domains, outside of which nothing is evaluated; changing: how it answered otherwise at a second call, if it did;
    of_product: whether the last argument is the cotangent of a product, or what stands for it; of_cotangent: whether it is one;
    lift: what brings code of torch (`torch_lift.Lift`) or of NumPy (`numpy_lift.NumpyLift`) to jaxprs, and otherwise: the level
    where it has none; settled: the arguments as they belong together; accuracy: to how much of its largest component a gradient is
    asked to be right;
    at_least: whether anything above the derivative is right.
    """

    fn: Callable[..., Any]
    argnum: int
    bounds: Bounds
    level: str = TRACED
    why: str = ""
    inside: Callable[[Sequence[Array]], bool] = lambda args: True
    changing: str = ""
    of_product: bool = False
    of_cotangent: bool = False
    lift: Any = None
    otherwise: str = ON_FLOATS
    settled: Callable[[tuple[Array, ...]], tuple[Array, ...]] = lambda args: args
    accuracy: float = 0.0
    at_least: bool = False
    traces: dict[tuple[tuple[int, ...], ...], Traced] = field(default_factory=dict)

    def traced(self, args: Sequence[Array]) -> Traced:
        """The trace at these shapes, made once. Raises Unlike, an Undecidable, where torch code has none at these arguments."""
        if self.lift is not None:
            record: Traced = self.lift.traced(args, self.argnum, self.bounds)
            return record
        shapes = tuple(a.shape for a in args)
        if shapes not in self.traces:
            try:
                self.traces[shapes] = trace(self.fn, args, (self.argnum,))
            except TypeError as error:  # at some lengths an empty sum is the integer 0
                if "real-valued" not in str(error):
                    raise
                self.traces[shapes] = trace(as_float(self.fn), args, (self.argnum,))
        return self.traces[shapes]

    def at(self, args: Sequence[Array]) -> Function:
        """The function as it can be asked at these arguments: where its code has no trace there, by differences."""
        if self.level != TRACED:
            return self
        if self.lift is None:
            return self._traceable(args)
        try:
            self.traced(args)
        except (Undecidable, UnsupportedPrimitive) as error:
            return replace(self, level=self.otherwise, lift=None, why=of_code(self, error))
        return self

    def _traceable(self, args: Sequence[Array]) -> Function:
        """JAX code may raise, or not be traceable, at some shapes alone."""
        try:
            self.traced(args)
        except Exception as error:
            why = f"JAX cannot trace fn ({type(error).__name__}: {first_line(error)})"
            return replace(self, level=ON_FLOATS, why=why)
        return self

    @property
    def proved(self) -> bool:
        """Whether its truth is that of fn, not of a translation of NumPy code that is seen to agree with it."""
        return self.level == TRACED and (self.lift is None or self.lift.proved)


def of_torch(error: Exception) -> str:
    return f"fn is torch code that is not enclosed: {error}"


def of_code(function: Function, error: Exception) -> str:
    return of_torch(error) if function.lift.proved else f"{function.why}; {error}"
