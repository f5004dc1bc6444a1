"""What the parts of a check may do, in calls of fn and grad and in operations on balls: no clock, so a busy machine says the same.

A check of ordinary code takes a small part of it. Where fn cannot be traced, some dozens of calls go to every component of every
point, and the calls end a search; where it can, the operations do, for thousands of entries or loops of thousands of steps.

A call counts by the functions that it calls (`oracle.candidate.guard`): a long loop in Python has fewer calls. What waits in one
call of C, as time.sleep does, nobody can count: 20 ms there are four minutes of search.
"""

from __future__ import annotations

from oracle.effort.budget import Budget

#: What of the search a single point may take: where it takes more it is left undecided, and the search goes on.
OF_THE_SEARCH = 0.6


def for_search() -> Budget:
    """All points together."""
    return Budget(calls=12_000, operations=20_000_000)


def for_a_point() -> Budget:
    """One point of the search."""
    whole = for_search()
    return Budget(int(OF_THE_SEARCH * whole.calls), int(OF_THE_SEARCH * whole.operations))


def for_conduct() -> Budget:
    """What is right, asked again in other guises."""
    return Budget(calls=1_000, operations=2_000_000)


def for_shrinking() -> Budget:
    """The way to the simplest arguments that fail."""
    return Budget(calls=2_000, operations=3_000_000)


def for_diagnosis() -> Budget:
    """What kind of mistake it is."""
    return Budget(calls=3_000, operations=6_000_000)


def for_power() -> Budget:
    """Which standard mistakes would have been seen."""
    return Budget(calls=1_000, operations=6_000_000)
