"""`gradgradcheck`, with the signature of torch.autograd's: torch's derivatives of the first derivatives of func."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.arrays_of_frameworks import as_numpy, is_tensor
from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import function_of_leaves
from oracle.candidate.leaves import Arguments
from oracle.candidate.outputs import Outputs, outputs_of
from oracle.check.leaf_problems import Subject
from oracle.check.listeners import heard
from oracle.check.products_by_example import judged_products
from oracle.check.report import Report
from oracle.dropins.asking import asked, passes
from oracle.dropins.declared import declared, refuse_matrices
from oracle.dropins.keywords import ignored
from oracle.dropins.of_torch import error_of_torch, judged_grads, taken, title_of
from oracle.dropins.torch_products import first_derivative, second, value_of
from oracle.search.cotangents import ordinary


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
    domains: Any = None,
) -> bool:
    """`gradcheck` of func, then of its first derivatives by the inputs, at `grad_outputs` or an ordinary cotangent."""
    __tracebackhide__ = True
    given = {
        "eps": eps,
        "atol": atol,
        "rtol": rtol,
        "gen_non_contig_grad_outputs": gen_non_contig_grad_outputs,
        "nondet_tol": nondet_tol,
        "check_undefined_grad": check_undefined_grad,
        "check_grad_dtypes": check_grad_dtypes,
        "check_batched_grad": check_batched_grad,
        "check_fwd_over_rev": check_fwd_over_rev,
        "check_rev_over_rev": check_rev_over_rev,
        "fast_mode": fast_mode,
        "masked": masked,
    }
    notes = ignored(gradgradcheck, given)
    if not isinstance(raise_exception, bool):
        raise CannotJudge(f"raise_exception = {raise_exception!r}: give True or False")
    _, arguments, outputs = taken(func, inputs)
    _cotangent(grad_outputs, outputs)  # a bad one is refused before anything is judged
    refuse_matrices(declared(domains, arguments, inputs, "inputs"), "gradgradcheck")
    for judge in (
        lambda: judged_grads(func, inputs, "backward", domains=domains),
        lambda: judged_second(func, inputs, grad_outputs, domains),
    ):
        report = judge()
        if not passes(report, "gradgradcheck", lambda: _model(func, inputs, grad_outputs, given)):
            if not raise_exception:
                return False
            raise error_of_torch(replace(report, notes=(*report.notes, *notes)))
    return True


def _model(func: Any, inputs: Any, grad_outputs: Any, given: dict[str, Any]) -> bool:
    from torch.autograd import gradgradcheck

    return bool(gradgradcheck(func, inputs, grad_outputs, raise_exception=False, **given))


@heard
def judged_second(func: Callable[..., Any], inputs: Any, grad_outputs: Any = None, domains: Any = None) -> Report:
    """The report on the derivatives of the first derivatives."""
    function, arguments, outputs = taken(func, inputs)
    cotangent = _cotangent(grad_outputs, outputs)
    derivative = first_derivative(function, arguments, outputs, cotangent)
    fn = FirstDerivative(
        function_of_leaves(function, arguments, outputs, narrow=True), derivative, arguments, cotangent
    )
    by = tuple(range(len(arguments.leaves)))
    title = f"{title_of(func)}, by torch's backward: the derivative of its derivative"
    subject = Subject(arguments, fn, by, title, asked(domains=declared(domains, arguments, inputs, "inputs")))
    size = sum(a.size for a in arguments.examples())
    return judged_products(subject, second(derivative, arguments), outputs_of(np.zeros(size)))


class FirstDerivative:
    """The first derivative of `forward` as a function of arrays: in floats by torch, for the truth by JAX of what forward is in
    JAX."""

    def __init__(self, forward: Any, derivative: Any, arguments: Arguments, cotangent: Any) -> None:
        functools.update_wrapper(self, forward, updated=())
        self.leaf_names = tuple(leaf.name for leaf in arguments.leaves)
        self._value = value_of(derivative, arguments)
        self.derived = functools.partial(pulled_back, cotangent)

    def __call__(self, *arrays: Any) -> Any:
        return self._value(*arrays)


def pulled_back(cotangent: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """c·J of a function of JAX arrays, as one array."""
    import jax

    def derivative(*arrays: Any) -> Any:
        value, pull = jax.vjp(function, *arrays)
        found = pull(jax.numpy.asarray(cotangent).reshape(value.shape).astype(value.dtype))
        return jax.numpy.concatenate([jax.numpy.ravel(part) for part in found])

    return derivative


def _cotangent(given: Any, outputs: Outputs) -> Any:
    """The cotangent of the first derivative, as one array. Raises CannotJudge."""
    if given is None:
        return ordinary(outputs.shape, np.random.default_rng(1))
    parts: Sequence[Any] = given if isinstance(given, tuple | list) else (given,)
    if len(parts) != len(outputs.paths) or not all(is_tensor(p) for p in parts):
        raise CannotJudge(f"grad_outputs: func returns {len(outputs.paths)} tensors; give one tensor for each")
    arrays = [as_numpy(p) for p in parts]
    if any(a.shape != shape for a, shape in zip(arrays, outputs.shapes, strict=True)):
        raise CannotJudge(f"grad_outputs: the outputs of func have the shapes {', '.join(map(str, outputs.shapes))}")
    halves = [part for a in arrays for part in ([a.real, a.imag] if a.dtype.kind == "c" else [a])]
    return np.concatenate([np.ravel(part) for part in halves]).astype(np.float64).reshape(outputs.shape)
