"""Scripts that show again what a report of a drop-in says, in the words of its model's library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oracle.candidate.leaves import Arguments, Leaf
from oracle.candidate.names import called
from oracle.candidate.outputs import Outputs
from oracle.check.example_script import assignments, source
from oracle.check.report import Report


def of_check_grads(
    f: Callable[..., Any], arguments: Arguments, outputs: Outputs, mode: str
) -> Callable[[Report, Leaf], str]:
    """jax.vjp of f at the counterexample and its cotangent; in forward mode the same by jax.linear_transpose."""

    def script(report: Report, leaf: Leaf) -> str:
        if report.counterexample is None:
            return ""
        *arrays, cotangent = report.counterexample
        own, names = called(f, "f"), ", ".join(arguments.names)
        pull = "value, pull = jax.vjp(" if mode == "rev" else "pull = jax.linear_transpose(jax.linearize("
        ending = ")" if mode == "rev" else f")[1], {names})"
        lines = [
            "import jax",
            "import jax.numpy as jnp",
            *own.lines,
            *assignments(arguments, arrays),
            f"cotangent = {source(outputs.apart(cotangent, -1.0))}",
            f"{pull}{own.expression}, {names}{ending}",
            f"print(pull(cotangent)[{leaf.argument}]{leaf.name.removeprefix(arguments.names[leaf.argument])}{_at(report)})",
        ]
        return "\n".join(lines)

    return script


def _at(report: Report) -> str:
    return f"[{', '.join(map(str, report.component))}]" if report.component and not report.complaint else ""


def of_gradcheck(func: Any, arguments: Arguments, outputs: Outputs) -> Callable[[Report, Leaf], str]:
    """torch.autograd.grad of func at the counterexample and its cotangent."""

    def script(report: Report, leaf: Leaf) -> str:
        if report.counterexample is None:
            return ""
        *arrays, cotangent = report.counterexample
        own, names = called(func, "func"), ", ".join(arguments.names)
        words = f"{arguments.names[leaf.argument]}{leaf.name.removeprefix(arguments.names[leaf.argument])}"
        words = words.removesuffix(f".{leaf.part}" if leaf.part else "")
        picked = f".{leaf.part}" if leaf.part else ""
        return "\n".join(
            [
                "import torch",
                *own.lines,
                *assignments(arguments, arrays),
                f"cotangent = {source(outputs.apart(cotangent, 1.0))}",
                f"{words}.requires_grad_()",
                f"print(torch.autograd.grad({own.expression}({names}), {words}, cotangent)[0]{picked}{_at(report)})",
            ]
        )

    return script
