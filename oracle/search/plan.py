"""The order in which points are tried: what shows most mistakes and costs least comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from oracle.search.covering import met_pairwise
from oracle.search.patterns_between import OFF, Recipe, again, at_values, filling, holding, related, tied, with_norm
from oracle.search.ties import FAR_OUT, beyond, tied_entries

#: Constants that get points of their own by default; later ones wait for more examples.
MOST_CONSTANTS = 4
ORDINARY = "ordinary numbers"


class Step(NamedTuple):
    """words: what a report says of the point; length: that of the vectors, as far as lengths are not bounded or shapes fixed; lead:
    the number of the named size that has it, where it is no one's turn."""

    words: str
    recipe: Recipe
    length: int
    lead: int | None = None


def _fill(name: str, *lengths: int, where: str = "all") -> list[Step]:
    words = {"all": name, "it": f"{name} in the differentiated argument", "others": f"{name} in the other arguments"}
    return [Step(words[where], filling(name, where), n) for n in lengths]


def _tie(how: str, words: str, *lengths: int) -> list[Step]:
    return [Step(words, tied(how), n) for n in lengths]


def opening() -> list[Step]:
    """What nearly every mistake shows at."""
    return [*_fill("ordinary numbers", 3, 9), *_fill("many magnitudes", 9), *_fill("ordinary numbers", 65)]


def first_round() -> list[Step]:
    """One point for each way to be wrong: a length, a tie, a zero, a repetition, a saturation."""
    return [
        *_tie("every", "arguments equal", 3),
        *_fill("ordinary numbers", 1, 2, 129),
        *_fill("short numbers", 4),
        *_fill("repeated entries", 5),
        *_fill("zeros", 3, where="it"),
        *_fill("saturation", 9, where="it"),
        *_fill("ordinary numbers", 7, 17),
        *_fill("at the ends", 3),
        Step("tied entries far out", tied_entries(FAR_OUT), 5),
        *_fill("special values", 9),
        *_fill("all equal", 4),
        *_fill("one extreme entry", 6),
        *_tie("some", "some entries equal in two arguments", 9),
        *_fill("beside the ends", 9),
        Step("ordinary numbers once more", again("itself"), 3),
        Step("the same argument beside others", again("others"), 3),
        Step("the same argument moved by less than a millionth", again("moved"), 3),
        *_fill("ordinary numbers", 4, 5, 6, 8, 16, 31),
    ]


def second_round() -> list[Step]:
    """The same lengths in other states, and the rarer patterns."""
    return [
        *[Step("kinds of values met pairwise", met_pairwise, 65)] * 3,
        *_fill("many magnitudes", 1, 7, 17),
        *_fill("zeros", 3),
        *_fill("zeros", 3, where="others"),
        *_fill("ones", 3),
        *_fill("ones", 2, where="it"),
        *_fill("negative", 3),
        *_fill("positive", 5),
        *_fill("special values", 9, 9),
        *_fill("special values", 9, where="others"),
        *_fill("special values", 9, where="it"),
        Step("tied entries far out", tied_entries(FAR_OUT), 4),
        *_fill("at the ends", 2, where="it"),
        *_fill("at the ends", 9, where="others"),
        *_fill("sorted", 7),
        *_fill("reversed", 8),
        *_fill("nearly equal", 5),
        *_fill("cancelling", 6),
        *_fill("one tiny entry", 4),
        *_tie("nearly", "arguments nearly equal", 6),
        *_tie("opposite", "arguments opposite", 3),
        *_tie("every", "arguments equal", 1),
        *_fill("tiny", 8, where="it"),
        *_fill("huge", 8, where="it"),
        *_fill("saturation", 2),
        *_fill("saturation", 9, where="others"),
        *_fill("extreme magnitudes", 9),
        *_fill("beside the ends", 1, where="it"),
        *_fill("repeated entries", 16),
        *_fill("many magnitudes", 31),
        *_fill("one extreme entry", 16, 31),
        *_fill("tiny", 8),
        *_fill("huge", 8),
    ]


def about_constants(constants: Sequence[float]) -> list[Step]:
    """Values that straddle a constant and that meet it, then relations between arguments that do; the likeliest constants first."""
    chosen = constants[:MOST_CONSTANTS]
    rounds: list[list[Step]] = [[] for _ in range(5)]
    for c in chosen:
        rounds[0].append(Step(f"beside the constant {c:.6g}", at_values(c, "beside"), 9))
        rounds[1].append(Step(f"difference beside the constant {c:.6g}", related(c, "difference", "beside"), 9))
        rounds[2].append(Step(f"at the constant {c:.6g}", at_values(c, "at"), 3))
        rounds[2].append(Step(f"difference at the constant {c:.6g}", related(c, "difference", "at"), 2))
        rounds[2] += _ties_beyond(c)
    rest = [c * s for c in constants[MOST_CONSTANTS : MOST_CONSTANTS + 8] for s in (*OFF, -OFF[0], -OFF[1])]
    if rest:
        rounds[3].append(Step("beside further constants", holding(rest), 31))
    for c in chosen[:1]:
        rounds[3] += [Step(f"{k} beside the constant {c:.6g}", related(c, k, "beside"), 9) for k in ("sum", "ratio")]
        rounds[3] += [Step(f"{k} at the constant {c:.6g}", related(c, k, "at"), 2) for k in ("sum", "ratio")]
        for factor in (2.0, 0.5):
            rounds[4].append(Step(f"norm {factor:g} times the constant {c:.6g}", with_norm(c, factor, "it"), 3))
            words = f"norm of the difference {factor:g} times the constant {c:.6g}"
            rounds[4].append(Step(words, with_norm(c, factor, "difference"), 3))
        rounds[4].append(Step(f"beside the constant {c:.6g}, alone", at_values(c, "beside"), 1))
        rounds[4] += _ties_beyond(c)
    return [step for group in rounds for step in group]


def _ties_beyond(c: float) -> list[Step]:
    return [Step(f"tied entries beyond the constant {c:.6g}", tied_entries(beyond(c)), 6)] * 2


def planned(
    constants: Sequence[float], lengths: Sequence[int] = (), sizes: Sequence[tuple[int, int | None]] = ()
) -> Iterator[Step]:
    """The default order; lengths, sizes with their leads: those that only this problem has, by its bounds or the integers of its
    code."""
    mined = about_constants(constants)
    early = 2 * len(constants[:MOST_CONSTANTS])
    yield from opening()
    yield from mined[:early]
    yield from first_round()
    yield from _fill("ordinary numbers", *lengths)
    yield from (Step(ORDINARY, filling(ORDINARY), size, lead) for size, lead in sizes)
    yield from mined[early:]
    yield from second_round()
    for c in constants[1:MOST_CONSTANTS]:  # more where the domains leave room, as for one argument alone
        yield from _ties_beyond(c)


def further(constants: Sequence[float], lengths: Sequence[int]) -> Iterator[Step]:
    """Without end: every pattern in turn, at every length in turn, in all arguments and in some."""
    patterns = [s for group in (opening(), first_round(), second_round(), about_constants(constants)) for s in group]
    k = 0
    while True:
        step = patterns[k % len(patterns)]
        yield step._replace(length=lengths[(k // 2) % len(lengths)] if lengths else step.length)
        k += 1
