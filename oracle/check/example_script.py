"""A script that shows again what a report on example arguments says: the arguments in their containers, and the call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from oracle.candidate.arrays_of_frameworks import as_numpy, dtype_name, framework_of, number_kind
from oracle.candidate.leaves import Arguments, Leaf
from oracle.candidate.names import called
from oracle.candidate.outputs import Outputs
from oracle.candidate.pytrees import level
from oracle.check.report import Report
from oracle.check.reproduction import of_gradient


def gradient_script(report: Report, grad: Callable[..., Any], arguments: Arguments, leaf: Leaf, entry: str = "") -> str:
    """grad at the counterexample, and the component of it; nothing where there is no counterexample. entry: of the tuple it
    returns."""
    if report.counterexample is None:
        return ""
    own = called(grad)
    given = ", ".join(arguments.names)
    shown = f"print({own.expression}({given}){entry}{_reached(leaf, arguments)}{_component(report, leaf)})"
    return "\n".join([*_imports(arguments), *own.lines, *assignments(arguments, report.counterexample), shown])


def product_script(report: Report, vjp: Callable[..., Any], arguments: Arguments, outputs: Outputs, leaf: Leaf) -> str:
    """vjp at the counterexample, whose last array is the cotangent."""
    if report.counterexample is None:
        return ""
    *arrays, cotangent = report.counterexample
    own, given = called(vjp, "vjp"), ", ".join((*arguments.names, "cotangent"))
    lines = [*assignments(arguments, arrays), f"cotangent = {source(outputs.apart(cotangent, 1.0))}"]
    shown = f"print({own.expression}({given})[{leaf.argument}]{_reached(leaf, arguments)}{_component(report, leaf)})"
    return "\n".join([*_imports(arguments), *own.lines, *lines, shown])


def tangent_script(report: Report, jvp: Callable[..., Any], arguments: Arguments, outputs: Outputs, leaf: Leaf) -> str:
    """jvp along the coordinate that is wrong."""
    if report.counterexample is None:
        return ""
    *arrays, _ = report.counterexample
    own = called(jvp, "jvp")
    tangents = [np.zeros_like(a) for a in arrays]
    at = next(n for n, other in enumerate(arguments.leaves) if other is leaf)
    tangents[at][report.component or (0,) * tangents[at].ndim] = 1.0
    moved = ", ".join(source(t) for t in arguments.filled(tangents, narrow=True))
    lines = [*assignments(arguments, arrays), f"tangents = ({moved},)"]
    shown = f"print({own.expression}(({', '.join(arguments.names)},), tangents))"
    return "\n".join([*_imports(arguments), *own.lines, *lines, shown])


def entry_script(report: Report, grad: Callable[..., Any], position: int) -> str:
    """The same of a gradient that is one of a tuple, of arrays alone."""
    if report.counterexample is None:
        return ""
    return of_gradient(
        called(grad), report.counterexample, report.arguments, report.component, report.complaint, entry=position
    )


def assignments(arguments: Arguments, arrays: Sequence[Any]) -> Iterator[str]:
    """params = {'w': np.array(…)}, …"""
    for name, value in zip(arguments.names, arguments.filled(arrays, narrow=True), strict=True):
        yield f"{name} = {source(value)}"


def _imports(arguments: Arguments) -> Iterator[str]:
    frameworks = {leaf.framework for leaf in arguments.leaves}
    yield "import numpy as np"
    if "torch" in frameworks:
        yield "import torch"
    if "jax" in frameworks:
        yield "import jax.numpy as jnp"


def source(value: Any) -> str:
    """Python that makes the value again, as far as there is any."""
    found = level(value)
    if found is not None:
        parts = [source(part) for part in found.parts]
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(found.keys, parts, strict=True)) + "}"
        if type(value) is list:
            return f"[{', '.join(parts)}]"
        if type(value) is tuple:
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        return f"{type(value).__name__}({', '.join(parts)})"
    if number_kind(value) and framework_of(value) == "python":
        return repr(value)
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return _array(value)
    return repr(value) if isinstance(value, str | int | None) else getattr(value, "__name__", repr(value))


def _array(value: Any) -> str:
    numbers, name = as_numpy(value).tolist(), dtype_name(value)
    framework = framework_of(value)
    if framework == "torch":
        return f"torch.tensor({numbers!r}, dtype=torch.{name})"
    if framework == "jax":
        return f"jnp.array({numbers!r}, dtype='{name}')"
    plain = np.array(numbers).dtype.name == name
    return f"np.array({numbers!r})" if plain else f"np.array({numbers!r}, dtype='{name}')"


def _reached(leaf: Leaf, arguments: Arguments) -> str:
    """How the leaf is reached from its argument: ['w'][0]."""
    return leaf.name.removeprefix(arguments.names[leaf.argument]).removesuffix(f".{leaf.part}" if leaf.part else "")


def _component(report: Report, leaf: Leaf) -> str:
    if report.component is None or report.complaint:
        return ""
    index = f"[{', '.join(map(str, report.component))}]" if report.component else ""
    return index + (f".{leaf.part}" if leaf.part else "")
