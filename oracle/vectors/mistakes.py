"""Stub, filled in below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from oracle.vectors.record import Answer, Question, Vector

#: From a question to the mistaken answer; None where the mistake cannot be made or changes nothing.
Mistake = Callable[[Question], Answer | None]
MISTAKES: Mapping[str, Mistake] = MappingProxyType({})


def matching(vector: Vector, answer: Answer) -> tuple[str, ...]:
    """The standard mistakes that lead to this answer, the likeliest first."""
    return ()
