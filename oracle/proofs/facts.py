"""The quantities of a network, how they depend on each other, and the families of facts that a reason switches on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: A quantity of a network: (name, layer, sample, entry); C is ("C", None, sample or None for the mean, ()).
Quantity = tuple[Any, ...]
ORDER = {"w": -1, "b": -1, "z": 0, "delta": 0, "a": 1}
WITHOUT_SAMPLE = ("w", "b", "Delta w", "Delta b")


@dataclass(frozen=True)
class Facts:
    """What may be used beside algebra.

    opened: names whose definitions are known. differentiate: ∂(formula)/∂Y is worked out. local: the derivatives between
    neighbours. through: the layer (name, number) over which ∂X/∂Y is split by the chain rule. known: of a quantity, of a
    derivative or of a function, the right side of an equation that is cited; None where it does not apply.
    """

    opened: frozenset[str] = frozenset()
    differentiate: bool = False
    local: bool = False
    through: tuple[str, int] | None = None
    known: Callable[[Any, tuple[Any, ...]], Any] | None = None


ALGEBRA = Facts()


def independent(of: Quantity, by: Quantity) -> bool:
    """Whether `of` cannot depend on `by`: another entry of one layer, another sample, or something computed earlier."""
    if by[0] in ("free", "argument"):
        return of[0] in ("a", "z", "w", "b", "E")
    if of[0] in ("w", "b"):
        return True
    if None not in (of[2], by[2]) and of[2] != by[2] and by[0] not in WITHOUT_SAMPLE:
        return True
    if of[0] == "C" or of[1] is None:
        return False
    return place(of) < place(by) or (of[:2] == by[:2] and of[3] != by[3])


def place(what: Quantity) -> tuple[int, int]:
    """Where in the forward pass a quantity is computed."""
    return (what[1], ORDER.get(what[0], 0))


def lies_between(of: Quantity, middle: tuple[str, int], by: Quantity) -> bool:
    if by[0] not in ORDER or (of[0] != "C" and of[0] not in ORDER):
        return False
    at = (middle[1], ORDER[middle[0]])
    return place(by) < at and (of[0] == "C" or at < place(of))
