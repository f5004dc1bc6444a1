"""A script that shows again what a report complains of: the number, or what grad does besides returning one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.layouts import LAYOUTS
from oracle.candidate.names import Called

Array = NDArray[Any]
#: Longer arrays are not written out.
MOST_PRINTED = 2000


def of_gradient(
    grad: Called,
    args: Sequence[Array],
    arguments: Sequence[str],
    component: tuple[int, ...] | None,
    complaint: str = "",
    entry: int | None = None,
) -> str:
    """grad at the arguments, and the component of it, or what the complaint is about. entry: where grad returns a tuple."""
    lines = ["import numpy as np", *grad.lines, *_arrays(arguments, args)]
    given = ", ".join(arguments)
    picked = "" if entry is None else f"[{entry}]"
    call = f"{grad.expression}({given}){picked}"
    guise = _guise(lambda values: f"{grad.expression}({values}){picked}", complaint, given)
    return "\n".join([*lines, *(guise or _shown(call, _index(component), complaint, arguments))])


def _shown(call: str, index: str, complaint: str, names: Sequence[str]) -> list[str]:
    """The last lines: they print what shows the mistake."""
    changed = complaint.removeprefix("it changes its ")
    if changed != complaint:
        name = names[-1] if changed == "cotangent" else names[int(changed.removeprefix("argument "))]
        return [f"before = {name}.copy()", call, f"print(before, {name}, sep='\\n')"]
    if complaint.startswith("it returns the same array"):
        return [f"print(np.shares_memory({call}, {call}))"]
    if complaint.startswith("it answers otherwise the second time"):
        return [f"print({call})", f"print({call})"]
    if complaint.startswith("it returns the shape"):
        return [f"print(np.shape({call}))"]
    if complaint.startswith("it returns the dtype"):
        return [f"print(np.asarray({call}).dtype)"]
    return [f"print({call}{index})"]


def _guise(ask: Callable[[str], str], complaint: str, given: str) -> list[str]:
    """The same numbers in other arrays, arrays used again, answers kept, many calls."""
    each = f"for x in [{given}]]"
    for words, layout in LAYOUTS.items():
        if complaint.startswith(f"given its arguments {words}"):
            name = layout.__name__
            lines = [f"from oracle.candidate.layouts import {name}", f"print({ask(given)})"]
            return [*lines, f"print({ask(f'*[{name}(x) {each}')})"]
    if complaint.startswith("given arrays that it was given before"):
        return [
            f"again = [np.roll(x, 1) {each}",
            ask("*again"),
            f"for x, numbers in zip(again, [{given}]):",
            "    x[...] = numbers",
            f"print({ask('*again')})",
            f"print({ask(f'*[x.copy() {each}')})",
        ]
    if complaint.startswith("it overwrites an earlier answer"):
        return [
            f"kept = [{ask(f'*[x.copy() {each}')} for _ in range(8)]",
            "before = np.array(kept)",
            f"others = [{ask(f'*[np.roll(x, 1) {each}')} for _ in range(8)]",
            "print(before[0], kept[0], sep='\\n')",
        ]
    if complaint.startswith("after hundreds of calls"):
        return [
            f"answers = [np.array({ask(f'*[x.copy() {each}')}) for _ in range(1000)]",
            "print(answers[0], answers[-1], sep='\\n')",
        ]
    return []


def _index(component: tuple[int, ...] | None) -> str:
    return f"[{', '.join(map(str, component))}]" if component else ""


def _arrays(names: Sequence[str], values: Sequence[Array]) -> list[str]:
    """Assignments of the arrays to their names."""
    return [f"{name} = {_array(a, k)}" for k, (name, a) in enumerate(zip(names, values, strict=True))]


def _array(a: Array, k: int) -> str:
    """An array as Python; one of thousands of different numbers is that of the report."""
    if a.size <= MOST_PRINTED:
        return f"np.array({a.tolist()!r}{_dtype(a)})"
    if np.all(a == a.flat[0]):
        return f"np.full({a.shape}, {a.flat[0].item()!r}, dtype=np.{a.dtype.name})"
    return f"report.counterexample[{k}]  # of shape {a.shape}"


def _dtype(a: Array) -> str:
    return "" if np.array(a.tolist()).dtype == a.dtype else f", dtype=np.{a.dtype.name}"
