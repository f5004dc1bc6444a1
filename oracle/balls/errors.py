"""What ball arithmetic may not answer: both errors mean "no answer", never "wrong"."""

from __future__ import annotations


class Undecidable(ArithmeticError):
    """A decision (a comparison, a branch, a rounding to an integer) that the balls at this precision leave open."""


class UnsupportedPrimitive(NotImplementedError):
    """A JAX primitive, or a way of using one, for which no enclosure is implemented; the message names it."""

    def __init__(self, primitive: str, reason: str = "") -> None:
        self.primitive = primitive
        super().__init__(f"primitive {primitive!r} has no ball arithmetic" + (f": {reason}" if reason else ""))
