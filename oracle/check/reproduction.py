"""A script that shows again what a report complains of: the number, or what grad does besides returning one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.names import Called

Array = NDArray[Any]


def of_gradient(
    grad: Called,
    args: Sequence[Array],
    arguments: Sequence[str],
    component: tuple[int, ...] | None,
    complaint: str = "",
) -> str:
    """grad at the arguments, and the component of it, or what the complaint is about."""
    lines = ["import numpy as np", *grad.lines, *_arrays(arguments, args)]
    call = f"{grad.expression}({', '.join(arguments)})"
    return "\n".join([*lines, *_shown(call, _index(component), complaint, arguments)])


def of_vjp(
    fn: Called,
    vjp: Called,
    args: Sequence[Array],
    arguments: Sequence[str],
    component: tuple[int, ...] | None,
    argnum: int,
    seed: int,
    complaint: str = "",
) -> str:
    """vjp at the arguments and the cotangent that it was given, and the component of its entry for argument argnum."""
    imports = dict.fromkeys(("import numpy as np", "from oracle.check.vjp import cotangent", *fn.lines, *vjp.lines))
    given = ", ".join(arguments)
    lines = [*imports, *_arrays(arguments, args), f"c = cotangent(np.shape({fn.expression}({given})), {seed})"]
    call = f"{vjp.expression}({given}, c)[{argnum}]"
    return "\n".join([*lines, *_shown(call, _index(component), complaint, (*arguments, "c"))])


def _shown(call: str, index: str, complaint: str, names: Sequence[str]) -> list[str]:
    """The last lines: they print what shows the mistake."""
    changed = complaint.removeprefix("it changes its ")
    if changed != complaint:
        name = names[-1] if changed == "cotangent" else names[int(changed.removeprefix("argument "))]
        return [f"before = {name}.copy()", call, f"print(before, {name}, sep='\\n')"]
    if "cotangent's memory" in complaint:
        return [f"print(np.shares_memory(np.asarray({call}), {names[-1]}))"]
    if "argument's memory" in complaint:
        return [f"result = np.asarray({call})", f"print([np.shares_memory(result, x) for x in [{', '.join(names)}]])"]
    if complaint.startswith("it returns the same array"):
        return [f"print(np.shares_memory({call}, {call}))"]
    if complaint.startswith("it answers otherwise the second time"):
        return [f"print({call})", f"print({call})"]
    if complaint.startswith("it returns the shape"):
        return [f"print(np.shape({call}))"]
    if complaint.startswith("it returns the dtype"):
        return [f"print(np.asarray({call}).dtype)"]
    return [f"print({call}{index})"]


def _index(component: tuple[int, ...] | None) -> str:
    return f"[{', '.join(map(str, component))}]" if component else ""


def _arrays(names: Sequence[str], values: Sequence[Array]) -> list[str]:
    """Assignments of the arrays to their names."""
    return [f"{name} = np.array({a.tolist()!r}{_dtype(a)})" for name, a in zip(names, values, strict=True)]


def _dtype(a: Array) -> str:
    return "" if np.array(a.tolist()).dtype == a.dtype else f", dtype=np.{a.dtype.name}"
