"""Tracing a function once, in float64, for the witnesses that read its jaxpr."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oracle.witnesses.rule_constants import rule_constants
from oracle.witnesses.without_rules import has_rules, rules_of_others, without_rules

Array = NDArray[Any]


def double_precision() -> AbstractContextManager[Any]:
    """JAX computes in float64 inside the block; the user's own flag is untouched."""
    import jax

    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    from jax.experimental import enable_x64  # JAX before 0.8

    return enable_x64(True)


@dataclass(frozen=True, eq=False)
class Traced:
    """A function and its jaxprs at given shapes: `value` computes f, `gradient` computes f and then ∂f/∂args[n] for n
    in argnums, without the derivative rules of the functions `set_aside`, which are a user's or another library's. compared: an
    entry for each large point at which differences were asked and agree with the gradient.
    """

    fn: Callable[..., Any]
    argnums: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    value: Any
    gradient: Any
    constants: Mapping[float, Callable[[], Any]]
    set_aside: tuple[str, ...] = ()
    compared: list[bool] = field(default_factory=list)
    _coded: list[Traced | None] = field(default_factory=list)

    def without_rules(self) -> Traced | None:
        """The same function without the derivative rules in it, traced when it is first asked for; None where there are none, or
        where JAX cannot differentiate its code."""
        if not self._coded:
            self._coded.append(traced_without_rules(self))
        return self._coded[0]


def as_arguments(args: Sequence[ArrayLike]) -> list[Array]:
    """The arguments as NumPy arrays: floats of any width as float64, integers and booleans as they are."""
    arrays = [np.asarray(arg) for arg in args]
    for position, array in enumerate(arrays):
        if array.dtype.kind not in "fiubV":
            raise TypeError(f"args[{position}] must hold real numbers, got dtype {array.dtype}")
    return [array if array.dtype.kind in "iub" else array.astype(np.float64) for array in arrays]


def trace(fn: Callable[..., Any], args: Sequence[ArrayLike], argnums: Sequence[int] = (0,)) -> Traced:
    """Traces fn: R^… → R and its gradient at the shapes of `args`. Takes 5 to 50 ms; reuse it for other arguments of
    these shapes.

    Raises what JAX raises where fn is not traceable or its result is no scalar; IndexError for an argnum out of range.
    """
    import jax

    arrays = as_arguments(args)
    for argnum in argnums:
        if not 0 <= argnum < len(arrays):
            raise IndexError(f"argnums holds {argnum}, but there are {len(arrays)} arguments")
        if arrays[argnum].dtype.kind != "f":
            raise TypeError(f"args[{argnum}] is differentiated and must hold floats, got dtype {arrays[argnum].dtype}")

    def traces() -> list[Any]:
        specs = [jax.ShapeDtypeStruct(a.shape, jax.dtypes.canonicalize_dtype(a.dtype)) for a in arrays]
        return [_gradient(fn, argnums, specs), jax.make_jaxpr(fn)(*specs)]

    gradient, value = leaving_no_trace(traces)
    if not jax.config.jax_enable_x64 and _draws(value):
        gradient, value = traces()  # in float64 the same key gives other numbers than the user's
    names = rules_of_others(value)
    coded = _coded_gradient(value, argnums, of_others_alone=True) if names else None
    return Traced(
        fn,
        tuple(argnums),
        tuple(a.shape for a in arrays),
        value,
        gradient if coded is None else coded,
        rule_constants(value),
        names if coded is not None else (),
    )


def leaving_no_trace(make: Callable[[], list[Any]]) -> list[Any]:
    """The closed jaxprs that `make` traces under x64, with copies of the arrays that they capture; the user's process is left as it
    was.

    Where x64 is off, JAX remembers as which 64 bits a trace under x64 saw a NumPy array that fn closes over, for as long as
    anything holds them, and raises JaxRuntimeError at the user's next call of fn (JAX 0.10.2). So nothing may hold them, nor what
    JAX compiled with them: where there is such an array, JAX forgets that.
    """
    import jax

    def copied() -> tuple[list[Any], bool]:
        with double_precision():
            programs = make()
        captures = any(_is_wide(c) for program in programs for c in program.consts)
        return [program.replace(consts=[_own(c) for c in program.consts]) for program in programs], captures

    programs, captures = copied()
    if captures and not jax.config.jax_enable_x64:
        jax.clear_caches()
    return programs


def _is_wide(constant: Any) -> bool:
    """Whether this is no array of JAX, and of 64 bits."""
    import jax

    wide = (np.float64, np.int64, np.uint64, np.complex128)
    return not isinstance(constant, jax.Array) and getattr(constant, "dtype", None) in wide


def _own(constant: Any) -> Any:
    return np.array(constant, copy=True) if _is_wide(constant) else constant


def _gradient(fn: Callable[..., Any], argnums: Sequence[int], specs: Sequence[Any]) -> Any:
    """The jaxpr of the value and the gradient; by forward mode where a loop of unknown length allows no reverse mode."""
    import jax

    by = tuple(argnums)
    try:
        return jax.make_jaxpr(jax.value_and_grad(fn, by))(*specs)
    except ValueError as error:
        if "Reverse-mode differentiation does not work" not in str(error):
            raise
    return jax.make_jaxpr(lambda *args: (fn(*args), jax.jacfwd(fn, by)(*args)))(*specs)


def traced_without_rules(record: Traced) -> Traced | None:
    """What `Traced.without_rules` keeps."""
    if not has_rules(record.value):
        return None
    gradient = _coded_gradient(record.value, record.argnums)
    return None if gradient is None else replace(record, gradient=gradient)


def _coded_gradient(value: Any, argnums: Sequence[int], *, of_others_alone: bool = False) -> Any:
    """The jaxpr of the value and its gradient without the rules in it, or None where JAX cannot differentiate its code."""
    import jax

    fn = without_rules(value, of_others_alone=of_others_alone)
    specs = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in value.jaxpr.invars]
    try:
        (gradient,) = leaving_no_trace(lambda: [_gradient(fn, argnums, specs)])
    except Exception:  # of any kind: JAX differentiates it not
        return None
    return gradient


def needs_its_rules(fn: Callable[..., Any], args: Sequence[ArrayLike]) -> bool:
    """Whether fn holds rules of a user's or another library's, without which JAX cannot differentiate it, or whose code is a loop
    of unknown length: a solver ends where it is near enough, and its steps have another derivative than what it solves."""
    arrays = as_arguments(args)
    value = _vector_jaxpr(lambda *given: fn(*given).sum(), arrays)
    if value is None or not rules_of_others(value):
        return False
    if rules_of_others(value, holding="while"):
        return True
    by = [n for n, a in enumerate(arrays) if a.dtype.kind == "f"]
    return _coded_gradient(value, by, of_others_alone=True) is None


def as_coded(fn: Callable[..., Any], args: Sequence[ArrayLike]) -> Callable[..., Any]:
    """fn at the shapes of args without the rules of a user or another library; itself where it holds none, or JAX does not trace
    it."""
    value = _vector_jaxpr(fn, as_arguments(args))
    return fn if value is None or not rules_of_others(value) else without_rules(value, of_others_alone=True)


def _vector_jaxpr(fn: Callable[..., Any], arrays: Sequence[Array]) -> Any:
    import jax

    def traces() -> list[Any]:
        specs = [jax.ShapeDtypeStruct(a.shape, jax.dtypes.canonicalize_dtype(a.dtype)) for a in arrays]
        return [jax.make_jaxpr(fn)(*specs)]

    try:
        (value,) = leaving_no_trace(traces)
    except Exception:  # of any kind: JAX does not trace it at all
        return None
    return value


def _draws(program: Any) -> bool:
    """Whether a jaxpr, or one inside, draws random numbers."""
    if isinstance(program, tuple | list):
        return any(_draws(part) for part in program)
    jaxpr = getattr(program, "jaxpr", program)
    if not hasattr(jaxpr, "eqns"):
        return False
    return any(
        eqn.primitive.name.startswith(("random_", "threefry")) or any(_draws(value) for value in eqn.params.values())
        for eqn in jaxpr.eqns
    )


def traced(fn: Callable[..., Any] | Traced, args: Sequence[ArrayLike], argnums: Sequence[int]) -> Traced:
    """`fn` itself if it is a trace of these shapes, else its trace. Raises ValueError for other shapes."""
    if not isinstance(fn, Traced):
        return trace(fn, args, argnums)
    shapes = tuple(np.shape(a) for a in args)
    if shapes != fn.shapes:
        raise ValueError(f"args have shapes {shapes}, but the function was traced at {fn.shapes}; trace it anew")
    return fn
