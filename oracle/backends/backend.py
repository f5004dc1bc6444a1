"""What a backend is: what it can be asked, the conventions that it keeps, and one function from a question to an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from manualbp import ACTIVATIONS, COSTS, HEADS
from oracle.vectors.arithmetic import Arithmetic, Ulps
from oracle.vectors.formats import FORMATS
from oracle.vectors.record import Answer, Question

#: The activations that may stand at the output: softmax couples the neurons of a layer, so that it is a head's alone.
OUTPUTS = frozenset({*ACTIVATIONS, "softmax"})


class Skipped(Exception):
    """Raised by `run` for a question that the backend does not do; the message says why."""


@dataclass(frozen=True)
class Capabilities:
    """What a backend can be asked, and the conventions that it keeps.

    dtypes; costs, activations (softmax among them) and heads: those that it has, None for all. reduction: its gradients are those
    of the mean over the samples, or of the sum. samples: columns, x (n_1, m) and b (n, 1), or rows, x (m, n_1) and b (n,).
    weights: W (out, in), or its transpose (in, out). same_hidden: all hidden layers have one activation.

    Its arithmetic, as `oracle.vectors.arithmetic` has it, by which it is judged, what was excused being counted: flush_to_zero, it
    knows no subnormal numbers; products, the format of the operands of its matrix products (float32, tf32, bfloat16, float16), and
    sums, that of their sums; ulps, how far its library functions may be off, such as {"exp": 2}, or {"exp": {"float64": 2}}.
    Raises ValueError for a name that does not exist.
    """

    dtypes: tuple[str, ...] = ("float64", "float32")
    costs: frozenset[str] | None = None
    activations: frozenset[str] | None = None
    heads: frozenset[str] | None = None
    flush_to_zero: bool = False
    reduction: Literal["mean", "sum"] = "mean"
    samples: Literal["columns", "rows"] = "columns"
    weights: Literal["out_in", "in_out"] = "out_in"
    same_hidden: bool = False
    products: str = ""
    sums: str = ""
    ulps: Ulps = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for what, given, known in (
            ("dtypes", self.dtypes, FORMATS),
            ("costs", self.costs or (), COSTS),
            ("activations", self.activations or (), OUTPUTS),
            ("heads", self.heads or (), HEADS),
            ("reduction", (self.reduction,), ("mean", "sum")),
            ("samples", (self.samples,), ("columns", "rows")),
            ("weights", (self.weights,), ("out_in", "in_out")),
        ):
            for name in given:
                if name not in known:
                    raise ValueError(f"{what}: {name!r} is unknown; give some of {', '.join(sorted(known))}")
        if not isinstance(self.same_hidden, bool):
            raise ValueError(f"same_hidden = {self.same_hidden!r}: give true or false")
        _ = self.arithmetic

    @cached_property
    def arithmetic(self) -> Arithmetic:
        """What it declares of its arithmetic."""
        return Arithmetic(self.flush_to_zero, self.products, self.sums, self.ulps)

    def refusal(self, question: Question) -> str:
        """Why the question is not asked, or nothing."""
        head = HEADS[question.head]
        for what, name, has in (
            ("dtype", question.dtype, self.dtypes),
            ("cost", head.cost.name, self.costs),
            ("head", question.head, self.heads),
            *(("activation", name, self.activations) for name in (*question.hidden, head.activation)),
        ):
            if has is not None and name not in has:
                return f"no {what} {name}"
        if self.same_hidden and len(set(question.hidden)) > 1:
            return "one activation for all hidden layers"
        return ""


@dataclass(frozen=True)
class Backend:
    """A backend that runs in this process.

    run: a question to an answer, both in the backend's own conventions (`capabilities`), which `.conventions` translates; it raises
    Skipped for what it does not do. version: of the framework, for the report.
    """

    name: str
    run: Callable[[Question], Answer]
    capabilities: Capabilities = Capabilities()
    version: str = ""
