"""What a backend is: what it can be asked, the conventions that it keeps, and one function from a question to an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from manualbp import ACTIVATIONS, COSTS, HEADS
from oracle.vectors.formats import FORMATS
from oracle.vectors.record import Answer, Question

#: The activations that may stand at the output: softmax couples the neurons of a layer, so that it is a head's alone.
OUTPUTS = frozenset({*ACTIVATIONS, "softmax"})


class Skipped(Exception):
    """Raised by `run` for a question that the backend does not do; the message says why."""


@dataclass(frozen=True)
class Capabilities:
    """What a backend can be asked, and the conventions that it keeps.

    dtypes; costs, activations (softmax among them) and heads: those that it has, None for all. flush_to_zero: it knows no subnormal
    numbers, and is judged so. reduction: its gradients are those of the mean over the samples, or of the sum. samples: columns, x
    (n_1, m) and b (n, 1), or rows, x (m, n_1) and b (n,). weights: W (out, in), or its transpose (in, out).
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
        if not isinstance(self.flush_to_zero, bool):
            raise ValueError(f"flush_to_zero = {self.flush_to_zero!r}: give true or false")

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
