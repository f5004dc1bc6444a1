"""The campaign: stack after stack of random networks, each enclosed, and what is left over to arb."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp.heads import HEADS
from oracle.verify.campaign.draw import ACTIVATION_NAMES, SAMPLES, WEIGHTS, Stack, draw_stack
from oracle.verify.campaign.enclosures import Enclosures, start_enclosures
from oracle.verify.campaign.reference import compile_reference
from oracle.verify.campaign.screen import Screened, screen
from oracle.verify.campaign.subject import StackGradients, run_subject

#: How many times a stack holds each head with each number of samples: more is faster, fewer serves a short campaign.
REPEATS, REPEATS_SHORT = 4, 1


@dataclass
class Tally:
    """What a campaign has seen."""

    cases: int = 0
    certified: int = 0  # by their enclosures, and not denied by XLA
    open: int = 0  # whose enclosures do not tell right from wrong
    differing: int = 0  # from XLA
    refused: int = 0
    overflowed: int = 0
    extreme: Counter[str] = field(default_factory=Counter)  # heads that were inaccurate at an output close to 0
    seconds: Counter[str] = field(default_factory=Counter)
    heads: Counter[str] = field(default_factory=Counter)
    activations: Counter[str] = field(default_factory=Counter)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    worst: dict[str, tuple[float, str]] = field(default_factory=dict)
    busy: Counter[str] = field(default_factory=Counter)  # seconds of each process, those of compiling left out

    @property
    def judged(self) -> int:
        return self.cases - self.refused - self.overflowed

    @property
    def architectures_per_second(self) -> float:
        """Drawn, differentiated by hand and by XLA, enclosed, compared, and what stays open settled in arb, by all processes
        together; compiling is not in it. 0 where none was."""
        seconds = max(self.busy.values(), default=0.0)
        return self.cases / seconds if seconds else 0.0


@dataclass(frozen=True, eq=False)
class Screening:
    """One stack: which of its networks belong to the campaign (`chosen`), and which of those arb is asked about (`suspicious`):
    what is not certified, or differs from the witness."""

    stack: Stack
    subject: StackGradients
    enclosures: Enclosures
    chosen: NDArray[np.intp]
    suspicious: NDArray[np.intp]


def stack_number(seed: int, number: int, cases: int) -> tuple[Stack, NDArray[np.intp]]:
    """Stack `number` of the campaign, and the order in which its networks are taken: a function of the arguments alone."""
    rng = np.random.default_rng([seed, number])
    stack = draw_stack(rng, repeats(cases))
    return stack, rng.permutation(len(stack.heads))


def repeats(cases: int) -> int:
    """A short campaign takes the small stack."""
    return REPEATS if cases > REPEATS_SHORT * SAMPLES * len(HEADS) else REPEATS_SHORT


@dataclass(frozen=True)
class Layout:
    """The heads of a stack, and a stack that has them, whichever."""

    heads: tuple[str, ...]
    stack: Stack = field(compare=False)


@lru_cache(maxsize=1)  # a process compiles once
def prepared(layout: Layout) -> tuple[Any, Any]:
    """The witness, compiled, and the enclosures, traced, for stacks of these heads."""
    return compile_reference(layout.stack), start_enclosures(layout.stack)


def screened_stack(number: int, seed: int, cases: int, wanted: int, tally: Tally) -> Screening:
    """Stack `number` of the campaign, differentiated, enclosed and compared, of which the first so many networks are wanted; keeps
    the books in `tally`."""
    with clocked(tally, "draw"):
        stack, order = stack_number(seed, number, cases)
    with clocked(tally, "compile"):
        start_reference, enclose = prepared(Layout(stack.heads, stack))
    with clocked(tally, "differentiate"):
        fetch = start_reference(stack)
        subject = run_subject(stack)
    with clocked(tally, "enclose"):
        enclosures = enclose(stack)
        reference = fetch()
    with clocked(tally, "compare"), np.errstate(invalid="ignore", over="ignore"):
        screened = screen(stack, subject, reference, enclosures)
        overflowed = np.isinf(subject.cost) & ~np.isfinite(reference["cost"]) & ~subject.refused
        chosen = order[:wanted]
        _count(tally, stack, screened, subject.refused, overflowed, chosen)
        judged = chosen[~(subject.refused | overflowed)[chosen]]
        passed = screened.certified & ~screened.differs & ~subject.extreme
        tally.certified += int(passed[judged].sum())
        tally.open += int((~enclosures.known(stack))[judged].sum())
        tally.differing += int(screened.differs[judged].sum())
    return Screening(stack, subject, enclosures, chosen, judged[~passed[judged]])


class clocked:
    """Adds the seconds inside the block to tally.seconds[what]."""

    def __init__(self, tally: Tally, what: str) -> None:
        self.tally, self.what = tally, what

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.tally.seconds[self.what] += time.perf_counter() - self.start  # type: ignore[assignment]


def _count(
    tally: Tally,
    stack: Stack,
    screened: Screened,
    refused: NDArray[np.bool_],
    overflowed: NDArray[np.bool_],
    chosen: NDArray[np.intp],
) -> None:
    tally.cases += len(chosen)
    tally.refused += int(refused[chosen].sum())
    tally.overflowed += int(overflowed[chosen].sum())
    hidden = np.arange(WEIGHTS - 1) >= WEIGHTS - stack.depth[:, None]
    for k in chosen:
        head = stack.heads[k]
        names = {ACTIVATION_NAMES[kind] for kind in stack.kinds[k][hidden[k]]}
        tally.heads[head] += 1
        tally.activations.update(names)
        tally.pairs.update((name, head) for name in names)
    passed = chosen[~(screened.differs | refused | overflowed)[chosen]]
    for equation, eps in screened.eps.items():
        if not len(passed):
            continue
        k = passed[np.argmax(eps[passed])]
        if eps[k] >= tally.worst.get(equation, (0.0, ""))[0]:
            tally.worst[equation] = (float(eps[k]), stack.heads[k])
