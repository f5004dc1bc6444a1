"""`check_grads`, with the signature of jax.test_util's: the derivatives that JAX makes of f, by its rules, at and around args."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.arrays_of_frameworks import number_kind
from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import function_of_leaves
from oracle.candidate.custom_rules import without_rule
from oracle.candidate.leaves import Arguments, taken_apart
from oracle.candidate.names import called
from oracle.candidate.outputs import Outputs, outputs_of
from oracle.candidate.pytrees import mapped
from oracle.check.leaf_problems import Subject
from oracle.check.like import is_wide, outputs_at
from oracle.check.listeners import heard
from oracle.check.products_by_example import judged_products
from oracle.check.report import Report
from oracle.dropins.asking import asked, passes
from oracle.dropins.declared import declared, kinds_of, refuse_matrices
from oracle.dropins.jax_products import backward, first_derivative, forward
from oracle.dropins.keywords import ignored
from oracle.dropins.scripts import of_check_grads
from oracle.search.constants import signature_names
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
    *,
    domains: Any = None,
) -> None:
    """Raises an AssertionError, whose message is the report, unless the derivatives that JAX makes of f are right.

    f: of arrays or pytrees of them, with any output; args: a tuple with one for each argument, judged first, then arguments
    around and away from them in their shapes and dtypes. What holds no real or complex numbers stays as it is. domains: where
    others are looked for, one for each of args as `check_gradient` has them, such as "positive", (0.0, 1.0) or
    "positive_definite". modes: "rev", "fwd" or both; order: 2 judges the derivatives of the derivatives as well. atol, rtol,
    eps: ignored, as no step is taken and nothing tolerated. The truth is that of f without the rules (custom_jvp, custom_vjp)
    in it. Raises CannotJudge, a ValueError, where the question cannot be put.
    """
    __tracebackhide__ = True
    notes = ignored(check_grads, {"atol": atol, "rtol": rtol, "eps": eps})
    _refuse(f, args, order, modes)
    for number in range(1, order + 1):
        for mode in modes_of(modes):
            part = OF_FORWARD if mode == "fwd" and "rev" in modes else 1.0
            report = judged_grads(f, args, number, mode, part, domains)
            if not passes(report, "check_grads", functools.partial(_model, f, args, number, mode, atol, rtol, eps)):
                raise AssertionError(str(replace(report, notes=(*report.notes, *notes))))


def _model(f: Any, args: Any, order: int, mode: str, *tolerances: Any) -> None:
    from jax.test_util import check_grads

    check_grads(f, tuple(args), order, (mode,), *tolerances)


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
def judged_grads(
    f: Callable[..., Any], args: Sequence[Any], order: int, mode: str, part: float = 1.0, domains: Any = None
) -> Report:
    """The report on one mode and order, at a part of the points."""
    arguments = taken_apart(mapped(tuple(args), lambda part, name, path: _of_jax(part)), signature_names(f, len(args)))
    if not arguments.leaves:
        raise CannotJudge("args hold no array of real or complex numbers: nothing can be differentiated")
    outputs = outputs_at(f, arguments)
    said = declared(domains, arguments, args, "args")
    if order == 2:
        refuse_matrices(said, "check_grads")
    kinds = kinds_of(said)
    fn = truth_of(f, arguments, outputs, kinds)
    candidate = function_of_leaves(f, arguments, outputs, narrow=True, kinds=kinds)
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
    subject = Subject(arguments, fn, tuple(range(len(arguments.leaves))), title, asked(part, said))
    return judged_products(replace(subject, script=of_check_grads(f, arguments, outputs, mode)), products, outputs)


def _of_jax(part: Any) -> Any:
    """What JAX makes of a number or an array that it differentiates."""
    if not number_kind(part):
        return part
    import jax

    return jax.numpy.asarray(part)


def truth_of(
    f: Callable[..., Any], arguments: Arguments, outputs: Outputs, kinds: Sequence[str] = ()
) -> Callable[..., Any]:
    """f of the leaves, for the truth: without the rules in it, and closed to JAX where it cannot be differentiated without them."""

    own = without_rule(f)
    fn: Callable[..., Any] = function_of_leaves(own, arguments, outputs, narrow=True, kinds=kinds)
    if not needs_its_rules(fn, arguments.examples()):
        return fn
    wide = function_of_leaves(own, arguments, outputs, narrow=not is_wide(own, arguments), kinds=kinds)
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
