"""One way that torch code goes, as a jaxpr, and why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oracle.balls.errors import Undecidable
from oracle.witnesses.tracing import Traced


class Unlike(Undecidable):
    """The torch code has no translation at a point that can be trusted: one clause that says why."""


class NoTorch(Unlike):
    """fn does nothing with torch."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way that the code goes: its translation, the jaxprs of its value (an array) and of what it reads, the bits of the
    narrowest floats in it; what torch approximates on it, to fewer digits than its floats hold; and the traces of its
    derivatives, by argument and shapes."""

    run: Callable[..., Any]
    value: Any
    reads: Any
    bits: int
    approximated: tuple[str, ...] = ()
    traces: dict[Any, Traced] = field(default_factory=dict)


def first_line(error: Exception) -> str:
    """Of what an exception says."""
    return (str(error).strip().splitlines() or [""])[0][:200]
