"""`check_grads`, with the signature of jax.test_util's: the derivatives that JAX makes of f, by its rules, at and around args."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.arrays_of_frameworks import is_of_balls, number_kind, numpy_dtype
from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import function_of_leaves
from oracle.candidate.custom_rules import without_rule
from oracle.candidate.jax_rules import product_along_coordinates
from oracle.candidate.leaves import Arguments, taken_apart
from oracle.candidate.names import called
from oracle.candidate.outputs import Outputs, outputs_of
from oracle.candidate.pytrees import mapped
from oracle.check.leaf_problems import Subject
from oracle.check.like import is_wide, outputs_at
from oracle.check.listeners import heard
from oracle.check.products_by_example import EachAlone, judged_products
from oracle.check.report import Report
from oracle.dropins.asking import asked, passes
from oracle.dropins.keywords import ignored
from oracle.dropins.scripts import of_check_grads
from oracle.search.constants import signature_names
from oracle.search.cotangents import ordinary
from oracle.witnesses.tracing import as_coded, double_precision, needs_its_rules

MODES = ("fwd", "rev")
#: The part of the points that forward mode is asked at, once backward mode is right.
OF_FORWARD = 0.4


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = MODES,
    atol: Any = None,
    rtol: Any = None,
    eps: Any = None,
) -> None:
    """Raises an AssertionError, whose message is the report, unless the derivatives that JAX makes of f are right.

    f: of arrays or pytrees of them, with any output; args: a tuple with one for each argument, judged first, then arguments
    around and away from them in their shapes and dtypes. What holds no real or complex numbers stays as it is. modes: "rev",
    "fwd" or both; order: 2 judges the derivatives of the derivatives as well. atol, rtol, eps: ignored, as no step is taken and
    nothing tolerated. The truth is that of f without the rules (custom_jvp, custom_vjp) in it. Raises CannotJudge, a ValueError,
    where the question cannot be put.
    """
    __tracebackhide__ = True
    notes = ignored({"atol": atol, "rtol": rtol, "eps": eps}, {"atol": None, "rtol": None, "eps": None})
    _refuse(f, args, order, modes)
    for number in range(1, order + 1):
        for mode in modes_of(modes):
            report = judged_grads(f, args, number, mode, OF_FORWARD if mode == "fwd" and "rev" in modes else 1.0)
            if not passes(report, "check_grads", lambda: _model(f, args, order, modes, atol, rtol, eps)):
                raise AssertionError(str(replace(report, notes=(*report.notes, *notes))))


def _model(f: Any, args: Any, order: int, modes: Any, *tolerances: Any) -> None:
    from jax.test_util import check_grads

    check_grads(f, tuple(args), order, modes, *tolerances)


def modes_of(modes: Any) -> tuple[str, ...]:
    """In the order in which they are judged, the cheaper one first."""
    return tuple(mode for mode in ("rev", "fwd") if mode in modes)


def _refuse(f: Any, args: Any, order: Any, modes: Any) -> None:
    if not callable(f):
        raise CannotJudge(f"f is of type {type(f).__name__}: give a function")
    if not isinstance(args, tuple | list):
        raise CannotJudge(f"args is of type {type(args).__name__}: give a tuple with one entry for each argument of f")
    if type(order) is not int or order not in (1, 2):
        raise CannotJudge(f"order = {order!r}: give 1, or 2 for the derivatives of the derivatives as well")
    given = (modes,) if isinstance(modes, str) else modes
    if not isinstance(given, tuple | list) or not given or not all(mode in MODES for mode in given):
        raise CannotJudge(f"modes = {modes!r}: give 'fwd', 'rev' or both")


@heard
def judged_grads(f: Callable[..., Any], args: Sequence[Any], order: int, mode: str, part: float = 1.0) -> Report:
    """The report on one mode and order, at a part of the points."""
    arguments = taken_apart(mapped(tuple(args), lambda part, name, path: _of_jax(part)), signature_names(f, len(args)))
    if not arguments.leaves:
        raise CannotJudge("args hold no array of real or complex numbers: nothing can be differentiated")
    outputs = outputs_at(f, arguments)
    fn, candidate = truth_of(f, arguments, outputs), function_of_leaves(f, arguments, outputs, narrow=True)
    way = "jax.vjp" if mode == "rev" else "jax.jvp"
    title = f"{called(f).title}, by {way}"
    if order == 2:
        title = f"{title}: the derivative of its derivative"
        closed = getattr(fn, "is_closed", False)
        coded = as_coded(fn, arguments.examples())
        candidate = first_derivative(candidate, mode, arguments, outputs)
        fn = closed_to_jax(candidate) if closed else first_derivative(coded, mode, arguments, outputs)
        size = sum(a.size for a in arguments.examples()) if mode == "rev" else int(np.prod(outputs.shape, dtype=int))
        outputs = outputs_of(np.zeros(size))
    products = (backward if mode == "rev" else forward)(candidate, arguments)
    subject = Subject(arguments, fn, tuple(range(len(arguments.leaves))), title, asked(part))
    return judged_products(replace(subject, script=of_check_grads(f, arguments, outputs, mode)), products, outputs)


def _of_jax(part: Any) -> Any:
    """What JAX makes of a number or an array that it differentiates."""
    if not number_kind(part):
        return part
    import jax

    return jax.numpy.asarray(part)


def backward(function: Callable[..., Any], arguments: Arguments) -> Callable[..., Any]:
    """(*leaves, cotangent) → a product for each leaf, by jax.vjp."""
    import jax

    def products(*arrays: Any) -> tuple[Any, ...]:
        *values, cotangent = _in_their_dtypes(arrays, arguments)
        value, pull = jax.vjp(function, *values)
        return tuple(pull(jax.numpy.asarray(cotangent).astype(value.dtype)))

    return _compiled(products, function)


def forward(function: Callable[..., Any], arguments: Arguments) -> EachAlone:
    """The same by jax.jvp, one coordinate after the other."""
    import jax

    def products(k: int, *arrays: Any) -> tuple[Any, ...]:
        *values, cotangent = _in_their_dtypes(arrays, arguments)

        def moved(x: Any) -> Any:
            return function(*(x if n == k else v for n, v in enumerate(values)))

        made = product_along_coordinates(moved, values[k], jax.numpy.asarray(cotangent))
        return (*(None,) * k, made.astype(values[k].dtype), *(None,) * (len(values) - k - 1))

    return EachAlone(lambda k: _compiled(functools.partial(products, k), function))


def _in_their_dtypes(arrays: Sequence[Any], arguments: Arguments) -> list[Any]:
    import jax

    *values, cotangent = arrays
    pairs = zip(values, arguments.leaves, strict=True)
    return [*(jax.numpy.asarray(v).astype(numpy_dtype(leaf.dtype)) for v, leaf in pairs), cotangent]


def _compiled(products: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """The products, compiled once, or as they are where f asks for the numbers themselves."""
    import jax

    program = jax.jit(products)

    def vjp(*arrays: Any) -> tuple[Any, ...]:
        if any(is_of_balls(a) for a in arrays):
            raise TypeError("derivatives of JAX are no code that runs on balls")
        try:
            return tuple(program(*map(jax.numpy.asarray, arrays)))
        except jax.errors.JAXTypeError:
            return products(*arrays)

    vjp.__name__ = getattr(function, "__name__", "f")
    return vjp


def first_derivative(
    function: Callable[..., Any], mode: str, arguments: Arguments, outputs: Outputs
) -> Callable[..., Any]:
    """The first derivative of a function of leaves, as one array: c·J for a fixed c, or J·v for a fixed v in forward mode."""
    import jax

    rng = np.random.default_rng(1)
    cotangent = ordinary(outputs.shape, rng)
    tangents = [ordinary(a.shape, rng) for a in arguments.examples()]

    def derivative(*given: Any) -> Any:
        arrays = tuple(jax.numpy.asarray(a) for a in given)
        if mode == "fwd":
            moved = tuple(jax.numpy.asarray(t).astype(a.dtype) for t, a in zip(tangents, arrays, strict=True))
            return jax.numpy.ravel(jax.jvp(function, arrays, moved)[1])
        value, pull = jax.vjp(function, *arrays)
        found = pull(jax.numpy.asarray(cotangent).astype(value.dtype))
        return jax.numpy.concatenate([jax.numpy.ravel(part) for part in found])

    derivative.__name__ = getattr(function, "__name__", "f")
    derivative.leaf_names = tuple(leaf.name for leaf in arguments.leaves)  # type: ignore[attr-defined]
    return derivative


def truth_of(f: Callable[..., Any], arguments: Arguments, outputs: Outputs) -> Callable[..., Any]:
    """f of the leaves, for the truth: without the rules in it, and closed to JAX where it cannot be differentiated without them."""

    own = without_rule(f)
    fn: Callable[..., Any] = function_of_leaves(own, arguments, outputs, narrow=True)
    if not needs_its_rules(fn, arguments.examples()):
        return fn
    wide = function_of_leaves(own, arguments, outputs, narrow=not is_wide(own, arguments))
    return closed_to_jax(wide)


def closed_to_jax(fn: Callable[..., Any]) -> Callable[..., Any]:
    """fn in floats alone, of float64."""
    import jax

    program = jax.jit(fn)

    @functools.wraps(fn)
    def in_floats(*arrays: Any) -> Any:
        given = [np.asarray(a, dtype=np.float64) for a in arrays]
        with double_precision():
            return np.asarray(program(*given), dtype=np.float64)

    in_floats.is_closed = True  # type: ignore[attr-defined]
    return in_floats
