"""A torch.autograd.Function as a function of tensors and its vector–Jacobian product, by its own backward.

What is no tensor of floats among its arguments is filled in (`arrangement.py`); of several outputs those of floats are joined to
one vector; it is given tensors that no caller holds, so that a forward may write to them; and where its backward looks at
`needs_input_grad` it is asked a second time, for one argument after the other; and where it is to be handed None for outputs that
nobody uses (`set_materialize_grads(False)`), for one output after the other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from oracle.candidate.arrangement import Arrangement, arrangements, plain
from oracle.candidate.asking import CannotJudge
from oracle.candidate.tensors import OnArrays, as_tensor

#: How many arrays are tried where a forward takes any number of them.
MOST_ARRAYS = 4
#: Arguments of these names number an axis.
AXES = ("axis", "dim", "dims", "axes")
#: In which way a rule is asked besides.
BY_ARGUMENTS, BY_OUTPUTS = "one argument at a time", "one output at a time"


def asked(function: Any) -> list[tuple[OnArrays, OnArrays, str, Any]]:
    """(fn, vjp, words, shapes) for each way of asking. Raises CannotJudge where the forward runs with nothing that was tried."""
    found = []
    for arrangement, dtype in _arranged(function):
        for way in _ways(function, len(arrangement.arrays)):
            words = ", ".join(filter(None, (arrangement.words(), way)))
            fn, vjp = _function(function, arrangement), _product(function, arrangement, way)
            made = []
            for code, suffix in ((fn, ""), (vjp, "_vjp")):
                on = OnArrays(_named(code, function, suffix, arrangement))
                on.dtype = dtype
                made.append(on)
            found.append((made[0], made[1], words, arrangement.shapes))
    return found


def _ways(function: Any, arrays: int) -> list[str]:
    """All at once; and what else its code asks for."""
    wanted = _names_in(function.backward) & {"needs_input_grad"} if arrays > 1 else set()
    apart = "set_materialize_grads" in _names_in(function.forward) | _names_in(function.setup_context)
    return ["", *([BY_ARGUMENTS] if wanted else []), *([BY_OUTPUTS] if apart else [])]


def _arranged(function: Any) -> list[tuple[Arrangement, str]]:
    dtypes: dict[int, str] = {}

    def runs(arrays: Sequence[Any], arrangement: Arrangement) -> bool:
        for dtype in ("float64", "float32"):
            try:
                given = [as_tensor(np.asarray(a), dtype) for a in arrays]
                with torch.no_grad():
                    floats = _floats(function.apply(*_operands(arrangement, given)))
            except Exception:  # of any kind: these are not its arguments
                continue
            if floats:
                dtypes[id(arrangement)] = dtype
                return True
        return False

    parameters = _parameters(function)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        several = [plain(n) for n in range(1, MOST_ARRAYS)]
        found = [a for a in several if runs([np.full(3, 0.5)] * len(a.arrays), a)][:1]
    else:
        found = arrangements(_signed(parameters), _static(function, parameters), runs)
    if not found:
        raise CannotJudge(
            f"{function.__name__} runs with no arguments that were tried: "
            "check a function of its arrays alone, with the others filled in"
        )
    return [(a, dtypes[id(a)]) for a in found]


def _parameters(function: Any) -> list[inspect.Parameter]:
    """Those of forward, without its context."""
    parameters = list(inspect.signature(function.forward).parameters.values())
    has_context = function.setup_context is torch.autograd.Function.setup_context
    return parameters[1:] if has_context else parameters


def _static(function: Any, parameters: Sequence[inspect.Parameter]) -> list[int]:
    """The positions of what is no tensor: by its annotation or its default, or since backward gives None where a number will do."""
    known = [
        k for k, p in enumerate(parameters) if p.default is not p.empty or _is_plain(p.annotation) or p.name in AXES
    ]
    free = [k for k in range(len(parameters)) if k not in known]
    try:
        arrangement = arrangements(_signed(parameters), known, lambda arrays, found: True)[0]
        leaves = [torch.full((3,), 0.5, dtype=torch.float64, requires_grad=True) for _ in arrangement.arrays]
        outputs = _floats(function.apply(*arrangement.place(leaves)))
        slopes = torch.autograd.grad(sum(o.sum() for o in outputs), leaves, allow_unused=True)
    except Exception:  # of any kind: it does not run so
        return known
    for k, slope in zip(arrangement.arrays, slopes, strict=True):
        given = [2 if n == k else t.clone() for n, t in zip(arrangement.arrays, leaves, strict=True)]
        if slope is None and k in free and _runs(function, arrangement.place(given)):
            known.append(k)
    return known


def _runs(function: Any, arguments: Sequence[Any]) -> bool:
    try:
        function.apply(*arguments)
    except Exception:
        return False
    return True


def _is_plain(annotation: Any) -> bool:
    plain = (int, float, bool, str, tuple, list)
    return annotation in (*plain, *(t.__name__ for t in plain))


def _signed(parameters: Sequence[inspect.Parameter]) -> Callable[..., Any]:
    def stand_in(*args: Any) -> None:
        return None

    kept = [p if _is_plain(p.annotation) and p.name not in AXES else p.replace(annotation=p.empty) for p in parameters]
    stand_in.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
    return stand_in


def _operands(arrangement: Arrangement, tensors: Sequence[Any]) -> list[Any]:
    placed = arrangement.place(tensors)
    return [torch.from_numpy(v.copy()) if isinstance(v, np.ndarray) else v for v in placed]


def _floats(outputs: Any) -> list[Any]:
    several = outputs if isinstance(outputs, tuple | list) else [outputs]
    return [o for o in several if isinstance(o, torch.Tensor) and o.dtype.is_floating_point]


def _joined(outputs: Sequence[Any]) -> Any:
    return outputs[0] if len(outputs) == 1 else torch.cat([o.reshape(-1) for o in outputs])


def _function(function: Any, arrangement: Arrangement) -> Callable[..., Any]:
    def fn(*tensors: Any) -> Any:
        return _joined(_floats(function.apply(*_operands(arrangement, [t.clone() for t in tensors]))))

    return fn


def _product(function: Any, arrangement: Arrangement, way: str) -> Callable[..., Any]:
    def pulled(tensors: Sequence[Any], cotangent: Any, by: Sequence[int]) -> list[Any]:
        with torch.enable_grad():
            leaves = [t.detach().clone().requires_grad_(k in by) for k, t in enumerate(tensors)]
            outputs = _floats(function.apply(*_operands(arrangement, [t.clone() for t in leaves])))
            parts, start = [], 0
            for output in outputs:
                own = cotangent.reshape(-1)[start : start + output.numel()].reshape(output.shape).to(output.dtype)
                start += output.numel()
                parts.append(own)
            moving = [(o, c) for o, c in zip(outputs, parts, strict=True) if o.requires_grad]
            total: list[Any] = [None for _ in by]
            for group in [[pair] for pair in moving] if way == BY_OUTPUTS else filter(None, [moving]):
                found = torch.autograd.grad(
                    [o for o, _ in group],
                    [leaves[k] for k in by],
                    [c for _, c in group],
                    allow_unused=True,
                    retain_graph=way == BY_OUTPUTS,
                )
                total = [g if t is None else t if g is None else t + g for t, g in zip(total, found, strict=True)]
            return total

    def vjp(*tensors: Any) -> tuple[Any, ...]:
        *args, cotangent = tensors
        if way == BY_ARGUMENTS:
            return tuple(pulled(args, cotangent, [k])[0] for k in range(len(args)))
        return tuple(pulled(args, cotangent, range(len(args))))

    return vjp


def _names_in(method: Any) -> set[str]:
    return set(getattr(getattr(method, "__code__", None), "co_names", ()))


def _named(code: Any, function: Any, suffix: str, arrangement: Arrangement) -> Any:
    code.__name__ = code.__qualname__ = function.__name__ + suffix
    code.__module__ = function.__module__
    code.rule = function  # where it stands
    kind = inspect.Parameter.POSITIONAL_ONLY
    names = [arrangement.names[k] for k in arrangement.arrays]
    code.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in names])
    return code
