"""Names for what is wrong, tested across the cases of a run.

A mistake is named where it explains every case in which it would show, and contradicts none: of the whole run, or of one dtype,
cost, output activation, hidden activation, head, or head in a dtype. What explains a single case is no name, unless nothing
contradicts it anywhere, or it has a number that explains several entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from oracle.conform.arithmetic import arithmetic_names
from oracle.conform.fits import fitted
from oracle.conform.hypotheses import Hypothesis, Stand, explains_whole, fixed, possible, stand
from oracle.conform.outcome import Outcome, Result, spread
from oracle.conform.reasons import FLUSHED
from oracle.conform.shared import THRESHOLDS, equation_of
from oracle.conform.state import DIFFERS
from oracle.vectors.families import FAMILIES
from oracle.vectors.formats import as_floats
from oracle.vectors.record import tensors

#: So many failing cases, over the whole run, are held against every mistake; a mistake that explains none of them has no name here.
PROBES = 24
#: As many are asked for the number of a family.
DONORS = 6
#: From a size on a mistake is named that explains so many cases, and this part of the failures of its equations.
LEAST, MOST = 8, 0.9
#: A mistake is no name where so many times as many failures of the same equation contradict it, and have none.
OUTNUMBERED = 2
#: Where so many of the few that are asked again are answered otherwise, others are too.
WAVERING = 3


@dataclass(frozen=True, eq=False)
class Established:
    """A mistake, and the cases that it explains where nothing contradicts it. whole: with every tensor that is given, not only the
    gradients. against: failures that contradict it. where: from which size on it holds, in words, if from there on alone."""

    hypothesis: Hypothesis
    explained: frozenset[int]
    whole: bool
    against: frozenset[int] = frozenset()
    where: str = ""

    @property
    def name(self) -> str:
        return f"{self.hypothesis.name}{self.where}"

    @property
    def order(self) -> tuple[bool, int]:
        """The likelier first: what explains the cost, a and δ too."""
        return not self.whole, self.hypothesis.place


def named(results: Sequence[Result]) -> list[Result]:
    """The results, with the mistakes that stand the test across all of them."""
    found = list(results)
    for k, name in arithmetic_names(results).items():
        found[k] = with_names(found[k], (name,))
    open_cases = [k for k, r in enumerate(found) if r.outcome is Outcome.WRONG and not r.mistakes]
    established = _outweighing(list(_established(found, open_cases)), found, open_cases)
    flushed = {k for k, r in enumerate(found) if r.mistakes == (FLUSHED,)}
    for k in (*open_cases, *flushed):  # what is cut off much earlier is no flush of subnormal numbers
        mine = [e for e in established if k in e.explained and (k not in flushed or e.hypothesis.cuts)]
        if mine:
            most = max(len(e.explained) for e in mine)
            kept = [e for e in mine if len(e.explained) == most]
            kept.sort(key=lambda e: e.order)
            names = tuple(dict.fromkeys(e.name for e in kept))
            found[k] = replace(with_names(results[k], names), mathematics=kept[0].hypothesis.mathematics)
    return _wavering(found)


def _outweighing(
    established: Sequence[Established], results: Sequence[Result], open_cases: Sequence[int]
) -> list[Established]:
    """Without those that explain by chance what a mistake without a name leads to, too: beside failures of the same equations that
    are many times as many, contradict it, and have none."""
    unnamed = set(open_cases).difference(*(e.explained for e in established))

    def outweighs(e: Established) -> bool:
        mine = {equation_of(results[k]) for k in e.explained}
        beside = sum(equation_of(results[k]) in mine for k in unnamed & e.against)
        return beside < OUTNUMBERED * len(e.explained)

    return [e for e in established if e.hypothesis.mathematics or outweighs(e)]


def _wavering(results: list[Result]) -> list[Result]:
    """Of a backend that gave other answers when it was asked again, what has no name is another such answer."""
    if sum(DIFFERS in r.mistakes for r in results) < WAVERING:
        return results
    return [with_names(r, (DIFFERS,)) if r.outcome is Outcome.WRONG and not r.mistakes else r for r in results]


def with_names(result: Result, names: tuple[str, ...]) -> Result:
    return replace(result, mistakes=names, words=f"{result.words}; it is what one gets by: {names[0]}")


def _established(results: Sequence[Result], open_cases: Sequence[int]) -> Iterator[Established]:
    """Mistakes without a number first; those with one where cases are left without a name."""
    left = list(open_cases)
    for hypothesis in fixed():
        if (e := across(hypothesis, results, open_cases)) is not None:
            yield e
            left = [k for k in left if k not in e.explained]
    for family in FAMILIES:
        tried: set[str] = set()
        for k in spread(left, DONORS):
            for hypothesis in fitted(family, results[k]):
                if hypothesis.name in tried:
                    continue
                tried.add(hypothesis.name)
                if (e := across(hypothesis, results, left)) is not None:
                    yield e
                    left = [j for j in left if j not in e.explained]
        if not left:
            return


def across(hypothesis: Hypothesis, results: Sequence[Result], failing: Sequence[int]) -> Established | None:
    """The mistake, if it explains some failing case and, where these are, every case in which it would show."""
    looked_at = spread(failing, PROBES)
    if not any(possible(hypothesis, results[k]) for k in looked_at):
        return None
    probes = {k: stand(hypothesis, results[k]) for k in looked_at}
    if Stand.EXPLAINS not in probes.values():
        return None
    stands: dict[int, Stand] = {}
    for k, result in enumerate(results):
        if result.answer is not None:
            stands[k] = probes[k] if k in probes else stand(hypothesis, result)
    counts: dict[Hashable, dict[Stand, int]] = defaultdict(lambda: dict.fromkeys(Stand, 0))
    for k, s in stands.items():
        for cell in cells(results[k]):
            counts[cell][s] += 1
    alone = counts[()][Stand.CONTRADICTS] == 0
    explained = frozenset(
        k
        for k, s in stands.items()
        if s is Stand.EXPLAINS
        and any(
            counts[cell][Stand.CONTRADICTS] == 0
            and (
                alone
                or counts[cell][Stand.EXPLAINS] > 1
                or (hypothesis.alone is not None and wrong_weights(results[k]) >= hypothesis.alone)
            )
            for cell in cells(results[k])
        )
    )
    where = ""
    if hypothesis.cuts and not alone:  # as sigma_prime is where it underflows
        return None
    if not alone:
        told, beyond = _beyond_a_size(results, stands)
        mine = {equation_of(results[k]) for k in beyond}
        if len(beyond) >= max(LEAST, MOST * sum(equation_of(results[k]) in mine for k in failing)):
            where, explained = told, beyond
    if not explained:
        return None
    whole = all(explains_whole(hypothesis, results[k]) for k in spread(sorted(explained), PROBES))
    against = frozenset(k for k in failing if stands.get(k) is Stand.CONTRADICTS)
    return Established(hypothesis, explained, whole, against, where)


def _beyond_a_size(results: Sequence[Result], stands: Mapping[int, Stand]) -> tuple[str, frozenset[int]]:
    """In words, the size from which on a mistake explains most cases and contradicts none, and these cases."""
    most, words = frozenset[int](), ""
    for told, size in THRESHOLDS:
        sizes = {k: size(results[k]) for k in stands}
        against = max((sizes[k] for k, s in stands.items() if s is Stand.CONTRADICTS), default=0)
        beyond = frozenset(k for k, s in stands.items() if s is Stand.EXPLAINS and sizes[k] > against)
        if len(beyond) > len(most):
            most, words = beyond, ", " + told.format(min(sizes[k] for k in beyond))
    return words, most


def wrong_weights(result: Result) -> int:
    """How many entries of ∂W are wrong."""
    assert result.answer is not None
    pairs = zip(tensors(result.vector.truth), tensors(result.vector.allowance), strict=True)
    given = {(field, layer): v for field, layer, v in tensors(result.answer)}
    return sum(
        int(np.sum(np.abs(as_floats(given[field, layer]) - as_floats(truth)) > allowed))
        for (field, layer, truth), (_, _, allowed) in pairs
        if field == "nabla_w" and given[field, layer].shape == truth.shape
    )


def cells(result: Result) -> Iterator[Hashable]:
    """The parts of a run that a case belongs to, within which a mistake may hold: the whole first."""
    q = result.vector.question
    head = result.vector.question.head_record()
    yield ()
    yield "dtype", q.dtype
    yield "cost", head.cost.name
    yield "output", head.activation
    yield "hidden", q.hidden
    yield from (("among hidden", name) for name in sorted(set(q.hidden)))
    yield "head", q.head
    yield "head", q.head, q.dtype
