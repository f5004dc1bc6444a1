"""What a backend is: what it can be asked, the conventions that it keeps, and one function from a question to an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

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
    weights: W (out, in), or its transpose (in, out). targets: columns, `expected` as it is, or classes, the number from 0 of each
    sample's class, where E is 1 there and else 0. same_hidden: all hidden layers have one activation. sample_weights, l2: it can be
    asked with a weight of each sample, and with λ (`oracle.vectors.Question`); more vectors are then made for it.

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
    targets: Literal["columns", "classes"] = "columns"
    same_hidden: bool = False
    sample_weights: bool = False
    l2: bool = False
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
            ("targets", (self.targets,), ("columns", "classes")),
        ):
            if isinstance(given, str):
                raise ValueError(f"{what} = {given!r} is one string: give a tuple or a set of such names")
            for name in given:
                if name not in known:
                    raise ValueError(f"{what}: {name!r} is unknown; give some of {', '.join(sorted(known))}")
        for what in ("same_hidden", "sample_weights", "l2"):
            if not isinstance(getattr(self, what), bool):
                raise ValueError(f"{what} = {getattr(self, what)!r}: give true or false")
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
        if question.sample_weights is not None and not self.sample_weights:
            return "no weights of samples"
        if question.l2 and not self.l2:
            return "no l2"
        if self.targets == "classes" and not one_hot(question.expected):
            return "targets that are no classes"
        return ""


def one_hot(E: Any) -> bool:
    """Whether each column of E is one 1 among zeros."""
    floats = np.asarray(E).astype(np.float64)
    return bool(np.isin(floats, (0.0, 1.0)).all() and (floats.sum(axis=0) == 1).all())


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
