"""`gradcheck`, with the signature of torch.autograd's: what torch makes of func's derivatives, at and around the inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from oracle.candidate.arrays_of_frameworks import is_tensor, number_kind
from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import function_of_leaves
from oracle.candidate.leaves import Arguments, taken_apart
from oracle.candidate.outputs import Outputs
from oracle.check.leaf_problems import Subject
from oracle.check.like import outputs_at
from oracle.check.listeners import heard
from oracle.check.merging import combined
from oracle.check.products_by_example import judged_products
from oracle.check.report import Report
from oracle.dropins.asking import asked, passes
from oracle.dropins.declared import declared, kinds_of
from oracle.dropins.jointly import right_at_once
from oracle.dropins.keywords import ignored
from oracle.dropins.modules import as_function
from oracle.dropins.scripts import of_gradcheck
from oracle.dropins.torch_products import backward, backward_by_outputs, forward, names_of_rules
from oracle.search.constants import signature_names

#: The part of the points at which a rule that looks at which inputs need a gradient is asked for one of them at a time, and forward
#: mode, once backward mode is right.
ONCE_MORE = 0.3


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
    domains: Any = None,
) -> bool:
    """True where torch's gradient of func is right; else raises torch's GradcheckError, a RuntimeError, with the report as
    message, or returns False where `raise_exception` is False.

    func: a function of tensors, or a module, whose parameters are judged as well; inputs: a tensor or a tuple. The inputs that
    require a gradient are judged: as they are first, then around and away from them in their shapes and dtypes; all else stays
    as it is. domains: where others are looked for, one for each of the inputs as `check_gradient` has them, such as "positive",
    (0.0, 1.0) or "positive_definite". check_forward_ad judges forward mode, too. The other keywords are torch's, and mean
    nothing here: the truth is enclosed. Raises CannotJudge, a ValueError, where the question cannot be put.
    """
    __tracebackhide__ = True
    given = {
        "eps": eps,
        "atol": atol,
        "rtol": rtol,
        "nondet_tol": nondet_tol,
        "check_undefined_grad": check_undefined_grad,
        "check_grad_dtypes": check_grad_dtypes,
        "check_batched_grad": check_batched_grad,
        "check_batched_forward_grad": check_batched_forward_grad,
        "fast_mode": fast_mode,
        "masked": masked,
    }
    notes = ignored(gradcheck, given)
    switches = {
        "check_forward_ad": check_forward_ad,
        "check_backward_ad": check_backward_ad,
        "raise_exception": raise_exception,
    }
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise CannotJudge(f"{name} = {value!r}: give True or False")
    if not check_backward_ad and not check_forward_ad:
        raise CannotJudge("check_backward_ad and check_forward_ad are both False: nothing is asked")
    modes = [mode for mode, wanted in (("backward", check_backward_ad), ("forward", check_forward_ad)) if wanted]
    for mode in modes:
        report = judged_grads(func, inputs, mode, ONCE_MORE if mode != modes[0] else 1.0, domains)
        if not passes(report, "gradcheck", functools.partial(_model, func, inputs, mode, given)):
            if not raise_exception:
                return False
            raise error_of_torch(replace(report, notes=(*report.notes, *notes)))
    return True


def _model(func: Any, inputs: Any, mode: str, given: dict[str, Any]) -> bool:
    from torch.autograd import gradcheck

    modes = {"check_backward_ad": mode == "backward", "check_forward_ad": mode == "forward"}
    return bool(gradcheck(func, inputs, raise_exception=False, **modes, **given))


def error_of_torch(report: Report) -> Exception:
    """torch's own error, with the report as message."""
    from torch.autograd.gradcheck import GradcheckError

    error: Exception = GradcheckError(str(report))
    return error


def taken(func: Any, inputs: Any) -> tuple[Callable[..., Any], Arguments, Outputs]:
    """The function, its inputs taken apart, and the form of what it returns. Raises CannotJudge."""
    if not callable(func):
        raise CannotJudge(f"func is of type {type(func).__name__}: give a function of tensors, or a module")
    if not is_tensor(inputs) and not isinstance(inputs, tuple | list):
        raise CannotJudge(
            f"inputs is of type {type(inputs).__name__}: give a tensor, or a tuple with one entry for each argument"
        )
    function, args, names = as_function(func, tuple(inputs) if isinstance(inputs, tuple | list) else (inputs,))
    arguments = taken_apart(args, names or names_of(func, args), lambda part: is_tensor(part) and part.requires_grad)
    if not arguments.leaves:
        tensors = any(is_tensor(part) and number_kind(part) for part in args)
        why = (
            "none of the inputs has requires_grad=True"
            if tensors
            else "there is no tensor of real or complex numbers among inputs"
        )
        raise CannotJudge(f"{why}: nothing is to be judged")
    outputs = outputs_at(function, arguments)
    if outputs.framework != "torch":
        kind = type(outputs.template).__name__
        raise CannotJudge(f"func returned a {kind}, in which there is no tensor: torch differentiates nothing else")
    return function, arguments, outputs


@heard
def judged_grads(func: Callable[..., Any], inputs: Any, mode: str, part: float = 1.0, domains: Any = None) -> Report:
    """The report on one mode, at a part of the points."""
    function, arguments, outputs = taken(func, inputs)
    said = declared(domains, arguments, inputs, "inputs")
    kinds = kinds_of(said)
    fn = function_of_leaves(function, arguments, outputs, narrow=True, kinds=kinds)
    by = tuple(range(len(arguments.leaves)))
    title = f"{title_of(func)}, by torch's {mode}"
    subject = Subject(arguments, fn, by, title, asked(part, said), of_gradcheck(func, arguments, outputs))
    if mode == "forward":
        return judged_products(subject, forward(function, arguments, outputs, kinds), outputs)
    products = backward(function, arguments, outputs, kinds)
    report = right_at_once(subject, products, outputs) or judged_products(subject, products, outputs)
    if not report or len(by) == len(outputs.paths) == 1:
        return report
    named = names_of_rules(function, arguments, outputs)
    reports, once_more = [report], replace(subject, asked=asked(ONCE_MORE, said))
    if len(by) > 1 and "needs_input_grad" in named:
        alone = replace(once_more, title=f"{title}, one input at a time")
        reports.append(judged_products(alone, backward(function, arguments, outputs, kinds, alone=True), outputs))
    if len(outputs.paths) > 1 and "set_materialize_grads" in named:
        alone = replace(once_more, title=f"{title}, one output at a time")
        reports.append(judged_products(alone, backward_by_outputs(function, arguments, outputs, kinds), outputs))
    return combined(reports) if len(reports) > 1 else report


def names_of(func: Any, args: Sequence[Any]) -> tuple[str, ...]:
    """What func calls its arguments; of an `autograd.Function` what its forward does."""
    own = _function_class(func)
    if own is None:
        return signature_names(func, len(args))
    import torch

    behind = 1 if own.setup_context is torch.autograd.Function.setup_context else 0  # the context comes first
    return signature_names(own.forward, len(args) + behind)[behind:]


def _function_class(func: Any) -> Any:
    """The `autograd.Function` whose `apply` it is, or None."""
    import torch

    own = getattr(func, "__self__", None)
    return own if isinstance(own, type) and issubclass(own, torch.autograd.Function) else None


def title_of(func: Any) -> str:
    """What a report calls it."""
    from oracle.candidate.names import called

    own = _function_class(func)
    return own.__name__ if own is not None else called(func, "func").title
