"""`manualbp check` asked about a user's file, and what is read from its answer."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Command = Callable[..., Result]

QUICK = ["--examples", "12", "--lengths", "1,3", "--no-memory"]

RIGHT = """
def cost(a, E):
    return ((a - E) ** 2).sum()

def cost_grad(a, E):
    return 2 * (a - E)
"""
