"""The failures of a run by cause, the commonest first, each with a case that shows it.

A cause is the mistake that explains a failure; of a backend that broke, what it said; and where neither is known, what the failures
have in common and the right answers have not: an activation, a cost, a head, a size, a dtype.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import log

from oracle.conform.outcome import FIRST_CALL, Outcome, Result
from oracle.conform.shared import FEATURES, LESS_TELLING, SIDES, THRESHOLDS, Features, equation_of
from oracle.conform.where_wrong import where_wrong

#: A feature is a cause where at least this part of the answered cases that have it fail.
TELLING = 0.8
#: Features that are not certain to fail are told of so many failures at least, where so many times as many cases lack them.
FEW, TIMES = 4, 4
#: Or of so many that it is less of a chance to this power, where so many times as many lack them.
MANY, LEAST_TIMES = 5, 1.5
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
        few = 2 * len(chosen) < len(left)  # then what all of them share says more, if it is no chance
        narrow = _alone(left, answered, by_number=few) if few or len(by_place) == 1 else None
        if len(chosen) < len(left) and narrow is not None:
            yield narrow + where_wrong(left), left
            return
        if best is None:
            for place, found in by_place.items():
                words = _alone(found, answered) or f"{place} is wrong, for no reason that is known"
                yield words + where_wrong(found), found
            return
        yield f"{'/'.join(sorted(_by_place(chosen)))} is wrong {best[1]}{where_wrong(chosen)}", chosen
        left = [r for r in left if not best[2](r)]


def _by_place(failing: Sequence[Result]) -> dict[str, list[Result]]:
    """By the first wrong equation."""
    found: dict[str, list[Result]] = defaultdict(list)
    for r in failing:
        found[equation_of(r)].append(r)
    return found


def _alone(failing: Sequence[Result], answered: Sequence[Result], *, by_number: bool = False) -> str | None:
    """In words, where all of these failures lie and few of the right answers: by the feature that the fewest cases have. A failure
    there is not certain, as it is not where a branch is taken by some numbers alone."""
    if len(failing) < FEW:
        return None
    best: tuple[int, str] | None = None
    for words, has in _features(failing):
        if not all(map(has, failing)):
            continue
        n = sum(map(has, answered))
        if best is None or n < best[0]:
            best = n, words
    if best is None or not _telling(len(failing), best[0], len(answered), by_number):
        return None
    some = f"{len(failing)} of the {best[0]} cases {best[1].removeprefix('in cases ')}"
    return f"{'/'.join(sorted(_by_place(failing)))} is wrong in {some}"


def _telling(failures: int, having: int, cases: int, by_number: bool) -> bool:
    """Whether it is no chance that all failures are among those that have a feature. by_number: also where the feature is common,
    if half of those that have it fail."""
    if TIMES * having <= cases:
        return True
    chance = failures * log(cases / having)
    return by_number and 2 * failures >= having and LEAST_TIMES * having <= cases and chance >= MANY * FEW * log(TIMES)


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
