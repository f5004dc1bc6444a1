"""The failures of a run by cause, the commonest first, each with a case that shows it.

A cause is the mistake that explains a failure; of a backend that broke, what it said; and where neither is known, what the failures
have in common and the right answers have not: an activation, a cost, a head, a size, a dtype.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from oracle.conform.outcome import FIRST_CALL, Outcome, Result
from oracle.vectors.arithmetic import FUNCTIONS
from oracle.vectors.judgement import Judgement

#: A feature is a cause where at least this part of the answered cases that have it fail.
TELLING = 0.8
#: Sizes are told as "of n or more".
Features = tuple[tuple[str, Callable[[Result], Sequence[Hashable]]], ...]
#: Features that are not certain to fail are told of so many failures at least, where so many times as many cases lack them.
FEW, TIMES = 4, 4
SIDES = (2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33)
ADDED = {"flushed subnormals": "flushed subnormals (not declared)"}


@dataclass(frozen=True, eq=False)
class Cause:
    """words: what the failures share. results: these failures, the one to reproduce first."""

    words: str
    results: tuple[Result, ...]


def causes(failures: Sequence[Result], results: Sequence[Result]) -> list[Cause]:
    """The failures by cause, the commonest first. results: all cases of the run."""
    by_words: dict[str, list[Result]] = defaultdict(list)
    left: list[Result] = []
    for r in failures:
        words = _known(r)
        if words:
            by_words[words].append(r)
        else:
            left.append(r)
    for words, found in _in_common(left, results):
        by_words[words] += found
    made = [Cause(words, tuple(sorted(rs, key=_simplicity))) for words, rs in by_words.items()]
    return sorted(made, key=lambda c: -len(c.results))


def _known(result: Result) -> str:
    """The cause that a failure names itself, or nothing."""
    if result.mistakes:
        name = next((m for m in result.mistakes[1:] if m != FIRST_CALL), "") if result.mistakes[0] == FIRST_CALL else ""
        name = name or result.mistakes[0]
        return ADDED.get(name, name)
    if result.outcome is not Outcome.WRONG:
        return f"{result.outcome}: {result.words}"
    unlike = [t for t in result.judgement.tensors if t.at is None] if result.judgement is not None else []
    if unlike:
        kind = "dtype" if " dtype " in unlike[0].sentence else "shape" if " shape " in unlike[0].sentence else "form"
        return f"another {kind} of {unlike[0].tensor}"
    return ""


def _simplicity(result: Result) -> tuple[int, str]:
    q = result.vector.question
    return sum(q.sizes) * q.samples, result.id


def _in_common(failing: Sequence[Result], results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    """Greedily: the feature that most of what is left shares, as long as nearly all answered cases with it fail."""
    answered = [r for r in results if r.answer is not None]
    left = list(failing)
    while left:
        best: tuple[float, str, Callable[[Result], bool]] | None = None
        for words, has in _features(left):
            mine = [r for r in left if has(r)]
            with_it = [r for r in answered if has(r)]
            part = sum(r.failed for r in with_it) / max(len(with_it), 1)
            if len(mine) >= 2 and part >= TELLING and (best is None or len(mine) * part > best[0]):
                best = (len(mine) * part, words, has)
        chosen = [] if best is None else [r for r in left if best[2](r)]
        by_place = _by_place(left)
        if len(chosen) < len(left) and len(by_place) == 1 and (narrow := _alone(left, answered)) is not None:
            yield narrow, left
            return
        if best is None:
            for place, found in by_place.items():
                yield _alone(found, answered) or f"{place} is wrong, for no reason that is known", found
            return
        yield f"{'/'.join(sorted(_by_place(chosen)))} is wrong {best[1]}", chosen
        left = [r for r in left if not best[2](r)]


def _by_place(failing: Sequence[Result]) -> dict[str, list[Result]]:
    """By the first wrong equation."""
    found: dict[str, list[Result]] = defaultdict(list)
    for r in failing:
        found[_equation(r.judgement)].append(r)
    return found


def _alone(failing: Sequence[Result], answered: Sequence[Result]) -> str | None:
    """In words, where all failures of one equation lie and few of the right answers: by the feature that the fewest cases have. A
    failure there is not certain, as it is not where a branch is taken by some numbers alone."""
    if len(failing) < FEW:
        return None
    best: tuple[int, str] | None = None
    for words, has in _features(failing):
        if not all(map(has, failing)):
            continue
        n = sum(map(has, answered))
        if best is None or n < best[0]:
            best = n, words
    if best is None or TIMES * best[0] > len(answered):
        return None
    some = f"{len(failing)} of the {best[0]} cases {best[1].removeprefix('in cases ')}"
    return f"{_equation(failing[0].judgement)} is wrong in {some}"


def _equation(judgement: Judgement | None) -> str:
    return judgement.equation if judgement is not None and judgement.equation else "the answer"


def _features(failing: Sequence[Result]) -> Iterator[tuple[str, Callable[[Result], bool]]]:
    """In words, and as a condition; what comes first is preferred where two share as much."""
    yield "everywhere", lambda r: True
    yield from _values(FEATURES, failing)
    for words, size in THRESHOLDS:
        for n in reversed(SIDES):
            yield words.format(n), lambda r, size=size, n=n: size(r) >= n  # type: ignore[misc]
    yield from _values(LESS_TELLING, failing)


def _values(features: Features, failing: Sequence[Result]) -> Iterator[tuple[str, Callable[[Result], bool]]]:
    for words, of in features:
        for value in dict.fromkeys(v for r in failing for v in of(r)):
            yield words.format(value), lambda r, of=of, value=value: value in of(r)  # type: ignore[misc]


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
