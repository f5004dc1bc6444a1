"""What cases may share: an activation, a cost, a head, a dtype, a size; in words, and as a condition."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from oracle.conform.outcome import Result
from oracle.vectors.arithmetic import FUNCTIONS

#: (in words with {} for the value, the values that a case has)
Features = tuple[tuple[str, Callable[[Result], Sequence[Hashable]]], ...]
#: Sizes are told as "of n or more".
SIDES = (2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33)


def equation_of(result: Result) -> str:
    """The first that is wrong."""
    judgement = result.judgement
    return judgement.equation if judgement is not None and judgement.equation else "the answer"


def _output(result: Result) -> str:
    return result.vector.question.head_record().activation


def _functions(result: Result) -> tuple[str, ...]:
    """The library functions that its activations and its cost are usually computed by."""
    q = result.vector.question
    head = q.head_record()
    names = {*q.hidden, head.activation, head.cost.name}
    return tuple(function for function, parts in FUNCTIONS.items() if not names.isdisjoint(parts))


def _parity(result: Result) -> tuple[str, ...]:
    m = result.vector.question.samples
    return () if m == 1 else ("even",) if m % 2 == 0 else ("odd",)


FEATURES: Features = (
    (
        "wherever {} is an activation",
        lambda r: (*dict.fromkeys((*r.vector.question.hidden, r.vector.question.head_record().activation)),),
    ),
    ("under hidden layers of {}", lambda r: tuple(dict.fromkeys(r.vector.question.hidden))),
    ("where the output is {}", lambda r: (_output(r),)),
    ("where the cost is {}", lambda r: (r.vector.question.head_record().cost.name,)),
    ("for {}", lambda r: (r.vector.question.head,)),
    ("where the number of samples is {}", _parity),
    ("where {} has a part", _functions),
    ("in {}", lambda r: tuple(f"{r.vector.question.dtype} where {name} has a part" for name in _functions(r))),
)
LESS_TELLING: Features = (
    ("in {}", lambda r: (r.vector.question.dtype,)),
    ("in cases of the kind {}", lambda r: (r.id.rpartition("/")[2],)),
    ("where the case is flagged {}", lambda r: r.vector.flags),
    ("where the output is {}", lambda r: (f"{_output(r)}, in cases of the kind {r.id.rpartition('/')[2]}",)),
)
THRESHOLDS: tuple[tuple[str, Callable[[Result], int]], ...] = (
    ("where a layer has {} neurons or more", lambda r: max(r.vector.question.sizes)),
    ("where a layer has {} inputs or more", lambda r: max(r.vector.question.sizes[:-1])),
    ("where a layer behind the first has {} neurons or more", lambda r: max(r.vector.question.sizes[1:])),
    ("where a hidden layer has {} neurons or more", lambda r: max((0, *r.vector.question.sizes[1:-1]))),
    ("where the output layer has {} neurons or more", lambda r: r.vector.question.sizes[-1]),
    ("where there are {} layers or more", lambda r: len(r.vector.question.sizes)),
    ("where there are {} samples or more", lambda r: r.vector.question.samples),
)
