"""Whether a ball that is a float may be taken out of its array as one, by float() or the functions of the module math.

Of a function that is differentiated it may not: at a number that is a float its value would be right, and the number a constant in
what is differentiated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_refused: ContextVar[bool] = ContextVar("oracle_balls_taken_out", default=False)


class TakenOut(TypeError):
    """A number was taken out of the arrays of a function that is differentiated."""


@contextmanager
def none_taken_out() -> Iterator[None]:
    """Inside of the block no ball is a float."""
    token = _refused.set(True)
    try:
        yield
    finally:
        _refused.reset(token)


def may_be_taken_out() -> bool:
    return not _refused.get()
