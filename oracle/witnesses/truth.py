"""The truth at a point, by the best witness that the function allows."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import lift
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.taken_out import TakenOut, none_taken_out
from oracle.candidate.asking import CannotJudge, Raised
from oracle.effort import budget
from oracle.witnesses import Enclosure, Traced, ball_differences, certified, trace
from oracle.witnesses.certified import ANOTHER, Changing
from oracle.witnesses.enclosure import derivative
from oracle.witnesses.estimates import COARSE
from oracle.witnesses.large import enclosed, is_large, too_large_for_arb
from oracle.witnesses.limits_of_gradients import Limits, limits_at, widened
from oracle.witnesses.sides import Sides, both_sides
from oracle.witnesses.torch_way import Unlike

Array = NDArray[Any]
#: Where neither arithmetic says anything.
TOO_LARGE = "float64 leaves its enclosure open here, and it is too large for more digits: declare smaller shapes"
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
                self.traces[shapes] = trace(_as_float(self.fn), args, (self.argnum,))
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
            return replace(self, level=self.otherwise, lift=None, why=_of_code(self, error))
        return self

    def _traceable(self, args: Sequence[Array]) -> Function:
        """JAX code may raise, or not be traceable, at some shapes alone."""
        try:
            self.traced(args)
        except Exception as error:
            why = f"JAX cannot trace fn ({type(error).__name__}: {_first_line(error)})"
            return replace(self, level=ON_FLOATS, why=why)
        return self

    @property
    def proved(self) -> bool:
        """Whether its truth is that of fn, not of a translation of NumPy code that is seen to agree with it."""
        return self.level == TRACED and (self.lift is None or self.lift.proved)


@dataclass(frozen=True, eq=False)
class Truth:
    """The enclosure of the gradient, and for a float witness its estimated error (0 elsewhere).

    limits: where f is not differentiable, the limits of gradients near by; each component's interval is that of these. sides: what
    differences in floats say, where they are all there is; a component that they do not settle is NaN ± ∞."""

    enclosure: Enclosure
    estimated_error: NDArray[np.float64]
    limits: Limits | None = None
    sides: Sides | None = None


def prepare(fn: Callable[..., Any], args: Sequence[Array], argnum: int, bounds: Bounds) -> Function:
    """Finds the level of a function at one point. Raises CannotJudge where it is no scalar function of these arrays."""
    function = Function(fn, argnum, bounds)
    raised: Exception | None = None
    try:
        with np.errstate(all="ignore"):  # the points are ours to choose; what fn is worth there is asked in balls
            value = fn(*(a.copy() for a in args))
    except Exception as error:
        raised = error
    else:
        refuse_no_number(value)
        if np.asarray(value).dtype.kind in "iu":
            function.fn = _as_float(fn)
    try:
        function.traced(args)
        return function
    except Exception as error:
        function.why = f"JAX cannot trace fn ({type(error).__name__}: {_first_line(error)})"
    if raised is None and _lift(function, args):
        return function
    try:
        with none_taken_out():
            found = function.fn(*(lift(a) if a.dtype.kind == "f" else a for a in args))
        result = np.asarray(found, dtype=object)
        if result.shape == () and not isinstance(result.item(), float | int):
            function.level = ON_BALLS
            function.changing = _changing(fn, args)
            return _of_numpy(function, args)
    except Exception as error:
        function.why += f"; on balls it raises {type(error).__name__}"
    if raised is not None:
        raise Raised(f"fn raised {type(raised).__name__}: {_first_line(raised)}") from raised
    function.level = ON_FLOATS
    function.changing = _changing(fn, args)
    if type(value).__module__.partition(".")[0] == "numpy" and _of_numpy(function, args).lift is not None:
        return function
    if type(value).__module__.partition(".")[0] in ("jax", "jaxlib"):
        function.fn = _compiled_where_it_can_be(function.fn, args)
    if function.changing:
        function.changing += ", which differences in floats cannot tell from a slope"
    return function


def _lift(function: Function, args: Sequence[Array]) -> bool:
    """Whether torch code could be brought to a jaxpr; `why` says what kept it."""
    if "torch" not in sys.modules:
        return False
    from oracle.witnesses.torch_lift import MISSING, lifted
    from oracle.witnesses.torch_way import NoTorch

    function.lift = lifted(function.fn)
    if function.lift is None:
        return False
    try:
        function.traced(args)
        return True
    except NoTorch:
        pass
    except ImportError:
        function.why = MISSING
    except (Undecidable, UnsupportedPrimitive) as error:
        function.why = _of_torch(error)
    function.lift = None
    return False


def _of_numpy(function: Function, args: Sequence[Array]) -> Function:
    """The function, its NumPy code translated where that holds at these arguments."""
    if function.changing:
        return function
    from oracle.witnesses.numpy_lift import NumpyLift

    numpy_lift = NumpyLift(function.fn)
    try:
        numpy_lift.traced(args, function.argnum, function.bounds)
    except Unlike:
        return function
    function.lift, function.otherwise, function.level = numpy_lift, function.level, TRACED
    return function


def _of_torch(error: Exception) -> str:
    return f"fn is torch code that is not enclosed: {error}"


def _of_code(function: Function, error: Exception) -> str:
    return _of_torch(error) if function.lift.proved else f"{function.why}; {error}"


def _changing(fn: Callable[..., Any], args: Sequence[Array]) -> str:
    """How two calls of fn differ by more than rounding, or nothing."""
    with np.errstate(all="ignore"), _raising_is_undecidable():
        first, again = (float(np.asarray(fn(*(a.copy() for a in args)))) for _ in range(2))
    differ = abs(first - again) > COARSE * max(abs(first), abs(again))
    return f"{ANOTHER}: {first:.9g}, then {again:.9g}" if differ else ""


def refuse_no_number(value: Any) -> None:
    """Raises CannotJudge where fn returned what is no real number."""
    if value is None:
        raise CannotJudge("fn returned None; it must return one number")
    array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    if array.dtype.kind in "USbcmM" or (
        array.dtype == object and array.shape == () and not hasattr(value, "__float__")
    ):
        raise CannotJudge(f"fn returned a {type(value).__name__}; it must return one real number")
    if array.shape != ():
        raise CannotJudge(
            f"fn returned the shape {array.shape}; it must return one number (reduce it, or use check_vjp)"
        )


def truth(function: Function, args: Sequence[Array], *, explored: bool = True, in_arb: bool = False) -> Truth:
    """The gradient at a point; at a kink with the limits of gradients near by, unless these are not to be `explored`: then by the
    one-sided derivatives alone. A large point is enclosed in midpoint–radius arrays where they tell, and not to be asked in_arb.
    Raises Undecidable or UnsupportedPrimitive where the witness has none."""
    if function.changing:
        raise Undecidable(function.changing)
    if function.level == TRACED and is_large(args):
        enclosure = enclosed(function.traced(args), args, function.bounds) if not in_arb else None
        if enclosure is not None:
            return Truth(enclosure, np.zeros(enclosure.shape))
        if too_large_for_arb(args):
            raise Undecidable(TOO_LARGE)
    if function.level == ON_FLOATS:
        return _estimated(function, args)
    if function.level == ON_BALLS:
        try:
            with _raising_is_undecidable():
                (found,) = ball_differences(
                    function.fn, args, (function.argnum,), domains=function.bounds, on_balls=True
                )
        except TakenOut as error:
            function.level, function.why = ON_FLOATS, f"{function.why}; {error}"
            return truth(function, args, explored=explored)
    else:
        try:
            (found,) = certified(function.traced(args), args, (function.argnum,), domains=function.bounds)
        except Changing as error:
            function.changing = str(error)
            raise
        except UnsupportedPrimitive as error:
            function.level, function.why = function.otherwise, f"{error}"
            if function.lift is None:
                function.fn = _compiled(function.fn)
            function.lift = None
            return truth(function, args, explored=explored)
    if not explored:
        return Truth(found, np.zeros(found.shape))
    with _raising_is_undecidable():
        limits = limits_at(_program(function, args), args, function.argnum, function.bounds, found)
    if limits is not None:
        found = widened(found, limits)
    return Truth(found, np.zeros(found.shape), limits)


def _program(function: Function, args: Sequence[Array]) -> Any:
    """What a witness in balls runs."""
    return function.traced(args) if function.level == TRACED else function.fn


def _estimated(function: Function, args: Sequence[Array]) -> Truth:
    """By differences in floats: a kink where the sides differ, NaN ± ∞ where they do not settle."""
    from oracle.balls.arrays import lift_arb

    sides = both_sides(function.fn, args, function.argnum, function.bounds[function.argnum])
    low, high, error = sides.ends()
    if low.size and not np.isfinite(low).any():
        raise Undecidable(f"fn raised {sides.raised} nearby" if sides.raised else "differences in floats do not settle")
    enclosure = replace(derivative(lift_arb(low), rigorous=False, bits=53), upper=lift_arb(high), kink=sides.is_kink())
    return Truth(enclosure, error, sides=sides)


def _compiled_where_it_can_be(fn: Callable[..., Any], args: Sequence[Array]) -> Callable[..., Any]:
    """JAX code that has no gradient compiled, or as it is: one loop inside is else compiled anew at every call."""
    compiled = _compiled(fn)
    try:
        compiled(*args)
    except Exception:
        return fn
    return compiled


def _as_float(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose values are whole numbers, as one of real numbers: JAX differentiates no integer."""

    @functools.wraps(fn)
    def real(*args: Any) -> Any:
        return fn(*args) * 1.0

    return real


@contextlib.contextmanager
def _raising_is_undecidable() -> Iterator[None]:
    """A function may refuse a point that its domain allows, as a float's power does where it overflows."""
    try:
        yield
    except (Undecidable, UnsupportedPrimitive, TakenOut):
        raise
    except Exception as error:
        raise Undecidable(f"fn raised {type(error).__name__} nearby: {_first_line(error)}") from error


def _compiled(fn: Callable[..., Any]) -> Callable[..., float]:
    """A function that JAX traces, in float64 whatever the user's settings, since differences are taken of it."""
    import jax

    program = jax.jit(fn)

    @functools.wraps(fn)
    def in_float64(*args: Array) -> float:
        budget.call()
        with jax.enable_x64(True):
            return float(program(*args))

    return in_float64


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
