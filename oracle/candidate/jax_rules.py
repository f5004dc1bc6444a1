"""Derivative rules of JAX: custom_jvp and custom_vjp, jitted or not, and equinox's filtered ones, as vector–Jacobian products.

Forward rules are transposed as jax.grad does. No rule of JAX itself is one that a user wrote.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from oracle.candidate.arrangement import Arrangement, arrangements, plain
from oracle.candidate.asking import CannotJudge

#: An argument of ordinary numbers, at which a derivative that is 0 is one that the rule leaves out.
ORDINARY = 0.7


class RuleOfJax(NamedTuple):
    """function: what carries the rule; arrangement: what it is called with; single: whether one argument at a time is moved, where
    the rule is told which of them are; forward: whether it cannot be transposed, and is asked along every coordinate."""

    function: Any
    arrangement: Arrangement
    single: bool = False
    forward: bool = False


def carrier(value: Any) -> Any:
    """The object with a rule inside of any jax.jit around it, or None; and none of JAX's own."""
    inner = value
    while type(inner).__name__ == "PjitFunction" and hasattr(inner, "__wrapped__"):
        inner = inner.__wrapped__
    if not isinstance(inner, _kinds()) or (getattr(inner, "__module__", None) or "").partition(".")[0] in (
        "jax",
        "jaxlib",
    ):
        return None
    return inner


def _kinds() -> tuple[type, ...]:
    kinds = []
    for name, module in (("jax", "jax"), ("equinox", "equinox")):
        home = sys.modules.get(module)
        words = ("custom_jvp", "custom_vjp") if name == "jax" else ("filter_custom_jvp", "filter_custom_vjp")
        kinds += [getattr(home, word) for word in words if home is not None and hasattr(home, word)]
    return tuple(kind for kind in kinds if isinstance(kind, type))


def unruled(function: Any) -> Callable[..., Any]:
    """The code without the rule; of equinox's forward rules it is reached by tracing alone."""
    if type(function).__name__ == "filter_custom_vjp":
        return function.fn
    return getattr(function, "__wrapped__", function)


def rules_of(value: Any) -> list[RuleOfJax]:
    """The rule, once for each way in which it is to be asked."""
    function = carrier(value)
    if function is None:
        return []
    _refuse_unfinished(function)
    code, static = _with_signature(function), _static(value, function)
    forward = False
    for forward in (False, True):
        found = arrangements(code, static, functools.partial(_has_product, function, forward))
        if found:
            break
    else:
        forward, found = False, arrangements(code, static, functools.partial(_runs, function))
    made = [
        RuleOfJax(function, _without_defaults(function, a), forward=forward) for a in found or [_by_signature(function)]
    ]
    alone = getattr(function, "symbolic_zeros", False) and len(made[0].arrangement.arrays) > 1
    return [*made, RuleOfJax(function, made[0].arrangement, True)] if alone else made


def _refuse_unfinished(function: Any) -> None:
    own = function.fn if type(function).__name__ == "filter_custom_jvp" else function
    parts = (
        ("jvp",) if type(own).__name__ == "custom_jvp" else ("fwd", "bwd") if type(own).__name__ == "custom_vjp" else ()
    )
    if any(getattr(own, part, None) is None for part in parts) or getattr(own, "fn_wrapped", own) is None:
        raise CannotJudge("it has no rule: defjvp or defvjp was not called")


def _with_signature(function: Any) -> Any:
    """Where the parameters are told: equinox's forward rules keep the function in a closure."""
    if type(function).__name__ == "filter_custom_jvp":
        return inspect.getclosurevars(inspect.unwrap(function.fn.fun)).nonlocals.get("fn", function)
    return unruled(function)


def _by_signature(function: Any) -> Arrangement:
    try:
        parameters = inspect.signature(_with_signature(function)).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    return plain(
        sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters)
    )


def _static(value: Any, function: Any) -> list[int | str]:
    """Positions and names of arguments that are no arrays."""
    info = getattr(value, "_jit_info", None)
    said = [*getattr(function, "nondiff_argnums", ()), *(getattr(function, "nondiff_argnames", None) or ())]
    return [*said, *getattr(info, "static_argnums", ()), *getattr(info, "static_argnames", ())]


def _runs(function: Any, arrays: Sequence[Any], arrangement: Arrangement) -> bool:
    import jax

    try:
        given = [jax.ShapeDtypeStruct(a.shape, jax.dtypes.canonicalize_dtype(a.dtype)) for a in arrays]
        with np.errstate(all="ignore"):
            made = jax.eval_shape(lambda *args: unruled(function)(*arrangement.place(args)), *given)
        return any(_is_real(leaf) for leaf in jax.tree_util.tree_leaves(made))
    except Exception:  # whatever it raises, these are not its arguments
        return False


def _has_product(function: Any, forward: bool, arrays: Sequence[Any], arrangement: Arrangement) -> bool:
    """Whether its rule runs as well: that of a product of matrices does not where vectors are given."""
    import jax

    if (forward and "jvp" not in type(function).__name__) or not _runs(function, arrays, arrangement):
        return False
    products = product_of(RuleOfJax(function, arrangement, forward=forward), compiled=False)
    try:
        with np.errstate(all="ignore"):
            given = [jax.ShapeDtypeStruct(a.shape, jax.dtypes.canonicalize_dtype(a.dtype)) for a in arrays]
            result = jax.eval_shape(lambda *args: flat(unruled(function)(*arrangement.place(args))), *given)
            made = jax.eval_shape(products, *given, result)
    except Exception:
        return False
    return all(m is None or m.shape == a.shape for m, a in zip(made, arrays, strict=True))


def _is_real(leaf: Any) -> bool:
    import jax

    return bool(jax.numpy.issubdtype(jax.numpy.result_type(leaf), jax.numpy.floating))


def flat(result: Any) -> Any:
    """One array: the result itself, or what it consists of, laid end to end."""
    import jax

    if hasattr(result, "shape"):
        return result
    leaves = [leaf for leaf in jax.tree_util.tree_leaves(result) if _is_real(leaf)]
    return jax.numpy.concatenate([jax.numpy.ravel(leaf) for leaf in leaves])


def function_of(rule: RuleOfJax) -> Callable[..., Any]:
    """fn(*arrays) without the rule."""
    function, arrangement = unruled(rule.function), rule.arrangement

    def fn(*arrays: Any) -> Any:
        return flat(function(*arrangement.place(arrays)))

    return fn


def product_of(rule: RuleOfJax, *, compiled: bool = True) -> Callable[..., Any]:
    """vjp(*arrays, cotangent) by the rule: a tuple with an array for each, None where the rule says so."""
    import jax

    arrangement = rule.arrangement
    function, none = _noting(rule.function)
    single = rule.single or type(rule.function).__name__ == "filter_custom_vjp"

    def products(*arrays: Any) -> tuple[Any, ...]:
        *args, cotangent = arrays
        by = [_movable(rule, n, a) for n, a in enumerate(args)]

        def moved(at: Sequence[int]) -> Callable[..., Any]:
            return lambda *some: flat(function(*arrangement.place(_replaced(args, at, some))))

        def pulled(at: Sequence[int]) -> Sequence[Any]:
            if rule.forward:
                return [product_along_coordinates(moved([k]), args[k], cotangent) for k in at]
            value, pull = jax.vjp(moved(at), *(args[k] for k in at))
            return pull(jax.numpy.asarray(cotangent).astype(value.dtype))

        at = [k for k, can in enumerate(by) if can]
        found = dict(zip(at, pulled(at), strict=True)) if not single else {k: pulled([k])[0] for k in at}
        return tuple(None if arrangement.arrays[k] in none else found.get(k) for k in range(len(args)))

    if not compiled:
        return products
    program = jax.jit(products)  # once for a shape: op by op, every one of them would be compiled for every shape

    def vjp(*arrays: Any) -> tuple[Any, ...]:
        given = [jax.numpy.asarray(a) for a in arrays]
        try:
            return tuple(program(*given))
        except jax.errors.JAXTypeError:  # it asks for the numbers themselves
            return products(*given)

    return vjp


def _without_defaults(function: Any, arrangement: Arrangement) -> Arrangement:
    """Arguments by which the rule gives None, or 0 at ordinary numbers, have their defaults: it does not differentiate by them."""
    import jax

    if not arrangement.optional:
        return arrangement
    shapes = arrangement.shapes or ((3,),) * len(arrangement.arrays)
    given = [ORDINARY + np.arange(np.prod(shape, dtype=int)).reshape(shape) / 8 for shape in shapes]
    try:
        value = flat(unruled(function)(*arrangement.place([jax.numpy.asarray(a) for a in given])))
        found = product_of(RuleOfJax(function, arrangement))(*given, np.ones(np.shape(value)))
    except Exception:  # what it raises is said where it is judged
        return arrangement
    left_out = [n for n in arrangement.optional if found[n] is None or not np.asarray(found[n]).any()]
    return arrangement.with_defaults(left_out) if left_out else arrangement


def product_along_coordinates(function: Callable[..., Any], x: Any, cotangent: Any) -> Any:
    """Σ c·J by the forward rule, one coordinate after the other, along which it goes in either direction."""
    import jax

    size = jax.numpy.where(jax.numpy.arange(x.size) % 2 == 0, 1.0, -2.0).astype(x.dtype)
    directions = (jax.numpy.eye(x.size, dtype=x.dtype) * size).reshape(x.size, *x.shape)
    along = jax.lax.map(lambda d: (cotangent * jax.jvp(function, (x,), (d,))[1]).sum(), directions)
    return (along / size).reshape(x.shape)


def only_by_the_first(rule: RuleOfJax) -> bool:
    """Whether there is a derivative by the first argument alone: equinox's backward rules know no other."""
    return type(rule.function).__name__ == "filter_custom_vjp" and rule.arrangement.arrays[:1] == (0,)


def _movable(rule: RuleOfJax, number: int, array: Any) -> bool:
    """Whether there is a derivative by this argument: of integers none, and equinox's backward rules know the first alone."""
    if type(rule.function).__name__ == "filter_custom_vjp" and rule.arrangement.arrays[number] != 0:
        return False
    return _is_real(array)


def _replaced(args: Sequence[Any], at: Sequence[int], some: Sequence[Any]) -> list[Any]:
    made = list(args)
    for k, value in zip(at, some, strict=True):
        made[k] = value
    return made


def _noting(function: Any) -> tuple[Any, set[int]]:
    """The function, and the positions of the arguments for which its rule says None, which JAX makes zeros: known once it was
    asked."""
    none: set[int] = set()
    static = set(getattr(function, "nondiff_argnums", ()))
    if type(function).__name__ == "custom_jvp":
        made = inspect.unwrap(function.jvp)  # by defjvps, if it was
        rules = inspect.getclosurevars(made).nonlocals.get("jvps", ()) if inspect.isfunction(made) else ()
        none.update(k for k, rule in enumerate(rules) if rule is None)
    if type(function).__name__ != "custom_vjp":
        return function, none
    noting, bwd = type(function)(function.fun), function.bwd
    vars(noting).update(vars(function))

    def backward(*args: Any) -> Any:
        made = bwd(*args)
        if isinstance(made, tuple):
            positions = (k for k in range(len(made) + len(static)) if k not in static)
            none.update(k for k, entry in zip(positions, made, strict=False) if entry is None)
        return made

    noting.bwd = backward
    return noting, none
