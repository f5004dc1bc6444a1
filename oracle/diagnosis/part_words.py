"""Words for a part of a program: an expression of a few levels in the names of the arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from oracle.witnesses.slope_along import AGAIN

Step = tuple[str, Any, Sequence[Any], Any]  # name, parameters, operands, result

#: Levels of an expression that are written out.
DEPTH = 4
BETWEEN = {"add": " + ", "sub": " − ", "mul": "·", "div": "/", "dot_general": " @ ", "add_any": " + "}
CALLED = {
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "log1p": "log1p",
    "max": "max",
    "min": "min",
    "clamp": "clip",
}
#: Steps that take entries of what they are given.
TAKEN = frozenset({"slice", "dynamic_slice", "gather"})
#: Steps that only reshape, convert or mark what they are given.
SILENT = frozenset(
    {
        "broadcast_in_dim",
        "reshape",
        "convert_element_type",
        "squeeze",
        "stop_gradient",
        "copy",
        "reshard",
        "transpose",
        "expand_dims",
    }
)


class PartWords(NamedTuple):
    """The words for the results and the operands of steps."""

    steps: Sequence[Step]
    made_by: dict[Any, int]
    names: dict[Any, str]

    def result(self, k: int, depth: int = DEPTH) -> str:
        name, params, inputs, _ = self.steps[k]
        if name in SILENT:
            return self.operand(k, 0, depth)
        if depth == 0:
            return "…"
        parts = [self.operand(k, n, depth - 1) for n in range(len(inputs))]
        if name in TAKEN:
            return f"a part of {_bracketed(parts[0], name)}"
        if name == "select_n" and any(part in AGAIN for part in parts):
            return next(part for part in parts[1:] if part not in AGAIN)
        if name in BETWEEN and len(parts) == 2:
            return BETWEEN[name].join(_bracketed(part, name) for part in parts)
        if name == "integer_pow":
            return f"{_bracketed(parts[0], 'mul')}^{params['y']}"
        if name == "square":
            return f"{_bracketed(parts[0], 'mul')}²"
        if name == "neg":
            return f"−{_bracketed(parts[0], 'mul')}"
        if name == "clamp":
            parts = [parts[1], parts[0], parts[2]]
        if name in ("max", "reduce_max") and "-inf" in parts:
            return next(part for part in parts if part != "-inf")
        return f"{CALLED.get(name, name)}({', '.join(parts)})"

    def operand(self, k: int, n: int, depth: int = DEPTH) -> str:
        atom = self.steps[k][2][n]
        if hasattr(atom, "val"):
            return _number(atom.val)
        if atom in self.made_by:
            return self.result(self.made_by[atom], depth)
        return self.names.get(atom, "a constant")


def words_of(steps: Sequence[Step], names: Sequence[str], inputs: Sequence[Any] = ()) -> PartWords:
    """names: those of the inputs."""
    return PartWords(steps, {step[3]: k for k, step in enumerate(steps)}, dict(zip(inputs, names, strict=False)))


def _bracketed(part: str, name: str) -> str:
    is_call = part.endswith(")") and part.count("(") == 1 and part[0].isalpha()
    return part if name in ("add", "add_any") or " " not in part or is_call else f"({part})"


def _number(value: Any) -> str:
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return "a constant"
