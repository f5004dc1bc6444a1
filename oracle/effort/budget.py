"""A limit on work that no clock decides: what is done inside a block is counted where it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


class Exhausted(BaseException):
    """A budget is spent, in the middle of something. A BaseException, since the code that is called may catch every Exception."""


@dataclass
class Budget:
    """calls: of a user's code; operations: on single balls of few bits, or as much work with others. What is spent is counted."""

    calls: int
    operations: int
    calls_spent: int = 0
    operations_spent: int = 0

    @property
    def is_spent(self) -> bool:
        return self.calls_spent > self.calls or self.operations_spent > self.operations

    @property
    def part_spent(self) -> float:
        """The part of it that is spent, of what is spent faster."""
        return max(self.calls_spent / self.calls, self.operations_spent / self.operations)

    def spend(self, calls: int, operations: int) -> None:
        """Raises Exhausted where that is more than there is."""
        self.calls_spent += calls
        self.operations_spent += operations
        if self.is_spent:
            raise Exhausted


_budgets: ContextVar[tuple[Budget, ...]] = ContextVar("oracle_effort_budgets", default=())


@contextmanager
def spending(budget: Budget) -> Iterator[Budget]:
    """What is done inside the block is taken from the budget, and from those of the blocks around it."""
    token = _budgets.set((budget, *_budgets.get()))
    try:
        yield budget
    finally:
        _budgets.reset(token)


def call(operations: int = 0, times: int = 1) -> None:
    """One call of a user's code begins, which counts as so many, and may do so many operations on balls."""
    for budget in _budgets.get():
        budget.spend(times, operations)


def work(operations: int) -> None:
    """So many operations on balls begin."""
    for budget in _budgets.get():
        budget.spend(0, operations)
