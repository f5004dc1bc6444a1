"""Does a step follow from the reason printed beside it, and from nothing else?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from oracle.balls.arrays import precision
from oracle.proofs import nodes as n
from oracle.proofs.both_sides import differs_between
from oracle.proofs.citations import Citations
from oracle.proofs.confirmed import DEEP
from oracle.proofs.draws import Draws
from oracle.proofs.enclosures import working_precision
from oracle.proofs.errors import ProofError
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.facts import ALGEBRA, ORDER, Facts
from oracle.proofs.granted import granted
from oracle.proofs.known import Binding, Citation, Known
from oracle.proofs.opaque import Opaque
from oracle.proofs.places import Place, everywhere
from oracle.proofs.regrouped import regrouped
from oracle.proofs.shown import shown
from oracle.proofs.signs import evidently_at_least
from oracle.proofs.statement_kinds import is_rational, may_cancel
from oracle.proofs.statements import Statement
from oracle.proofs.suffices import BUILT_IN, sufficient
from oracle.proofs.truth import check_truth

#: Functions with a meaning of their own: `definition of tanh` is an identity of elementary functions.
ELEMENTARY = ("exp", "ln", "tanh", "sinh", "cosh", "arctan", "max", "min", "erf", "erfc", "abs", "norm", "sqrt")


@dataclass(frozen=True)
class Reasoner:
    """Judges the steps of one section. citations: the boxed equations of earlier pages and of this one, by tag."""

    draws: Draws
    citations: Citations

    def check(self, statement: Statement) -> int:
        """The number of reasons that follow. Raises ProofError for the first step that does not."""
        for k, side in enumerate(statement.sides):
            if side in statement.sides[:k] and not all(isinstance(s, n.Number) for s in statement.sides):
                raise ProofError(
                    f"comes back to {shown(side)}: a chain that returns proves nothing", statement.lines[k - 1]
                )
        for step, reason in enumerate(statement.reasons):
            pair = replace(
                statement,
                sides=statement.sides[step : step + 2],
                relations=statement.relations[step : step + 1],
                reasons=(reason,),
                lines=statement.lines[step : step + 1],
            )
            try:
                self.check_step(pair, reason, statement)
            except ProofError as error:
                raise ProofError(f"step {step + 1}: {error.message}", error.line or statement.lines[step]) from None
        return len(statement.reasons)

    def check_step(self, step: Statement, reason: str | None, whole: Statement) -> None:
        if reason is None:
            raise ProofError("gives no reason")
        if step.relations[0] in ("\\ge", "\\le"):
            left, right = step.sides if step.relations[0] == "\\ge" else step.sides[::-1]
            if reason != "signs":
                raise ProofError(
                    f"an inequality has the reason signs, or a chain that proves it; {said(reason)} is none"
                )
            if not evidently_at_least(left, right, whole.conditions):
                raise ProofError("does not follow from signs alone: the difference is not evidently at least 0")
            return
        if reason == "signs":
            raise ProofError("signs is the reason of an inequality")
        by_algebra = self.agrees(step, ALGEBRA, whole)
        if reason == "algebra":
            if not by_algebra:
                raise ProofError(f"does not follow from algebra alone{self.remedy(step, whole)}")
            return
        if reason.startswith("definition of ") and reason[14:] in ELEMENTARY:
            if not by_algebra or not mentions(step, reason[14:]):
                raise ProofError(f"does not follow from the {reason} alone")
            return
        candidates = list(self.facts(step, reason))
        unmet: list[n.Comparison] = []
        if by_algebra and not self.by_substitution(step, reason, whole, unmet):
            if unmet:
                raise ProofError(lacks(reason, unmet))
            raise ProofError(f"follows from algebra alone: the reason is not {said(reason)}")
        if by_algebra or any(self.agrees(step, f, whole) for f in candidates):
            return
        if is_family(reason) or not self.by_rewriting(step, reason, whole, unmet):
            raise ProofError(self.insufficient(step, reason, whole, unmet))

    def insufficient(self, step: Statement, reason: str, whole: Statement, unmet: list[n.Comparison]) -> str:
        """Why the reason does not carry the step."""
        lacking = list(dict.fromkeys(unmet))
        if not is_family(reason):
            free = (replace(c, conditions=()) for c in self.cited(reason))
            if any(self.agrees(step, Facts(known=Known((c,))), whole) for c in free):
                lacking = lacking or [k for c in self.cited(reason) for k in c.conditions if k not in whole.conditions]
        if lacking:
            return lacks(reason, lacking)
        return f"does not follow from {said(reason)} alone{self.remedy(step, whole)}"

    def remedy(self, step: Statement, whole: Statement) -> str:
        """The reason that would do, as the end of a sentence."""
        found = sufficient(step, self.draws.scope, self.citations, lambda facts: self.agrees(step, facts, whole))
        return f": it follows from {found}" if found else ""

    def facts(self, step: Statement, reason: str) -> Iterator[Facts]:
        """What the reason switches on; several where it leaves a choice. Raises ProofError for an unknown reason."""
        if reason == "calculus":
            yield Facts(differentiate=True)
        elif reason == "local derivative":
            yield Facts(local=True)
        elif reason == "chain rule":
            for name, layer in sorted({(s.name, str(s.layer)) for s in denominators(step)}):
                symbol = next(s for s in denominators(step) if (s.name, str(s.layer)) == (name, layer))
                yield Facts(through=(symbol.name, symbol.layer))  # type: ignore[arg-type]  # its number depends on the network
        elif reason.startswith("definition of "):
            name = reason[14:]
            if name not in BUILT_IN and self.draws.scope.get(name) is None:
                raise ProofError(f"{name} is defined nowhere on this page")
            yield Facts(opened=frozenset({name}))
        else:
            for citation in self.cited(reason):
                yield Facts(known=Known((citation,)))

    def cited(self, reason: str) -> list[Citation]:
        found = self.citations.of(tag_of(reason), self.draws.scope)
        for citation in found:
            narrow = citation.other_domain(self.draws.scope)
            if narrow and not self.draws.once(
                ("anew", citation.left, citation.right), partial(self.holds_anew, citation)
            ):
                raise ProofError(f"cites ({tag_of(reason)}), which {narrow}")
        return found

    def holds_anew(self, citation: Citation) -> bool:
        """Whether an equation that was proved for other numbers holds for those of this section too."""
        sides = citation.left, citation.right
        try:
            check_truth(self.draws, Statement(sides, ("=",), (None,), citation.conditions, lines=(0,)))
        except ProofError:
            return False
        return True

    def by_substitution(self, step: Statement, reason: str, whole: Statement, unmet: list[n.Comparison]) -> bool:
        """Whether the sides differ as formulas, and are the same once the cited equation, which may be algebra, is put in."""
        if is_family(reason) or regrouped(step.sides[0]) == regrouped(step.sides[1]):
            return False
        found = self.rewritings(step, reason, whole, unmet)
        return any(regrouped(left) == regrouped(right) for left, right in found)

    def rewritings(
        self, step: Statement, reason: str, whole: Statement, unmet: list[n.Comparison]
    ) -> Iterator[tuple[n.Node, ...]]:
        """The sides with a cited equation put in, from left to right and back. unmet: conditions that were in the way."""
        for citation in self.cited(reason):

            def permitted(binding: Binding, citation: Citation = citation) -> bool:
                conditions = citation.under(binding)
                lacking = [
                    stated
                    for k, stated in enumerate(citation.conditions)
                    if conditions is None or not granted(conditions[k], whole, self.draws)
                ]
                unmet.extend(lacking)
                return not lacking

            for forward in (True, False):
                yield tuple(citation.rewritten(side, forward, permitted) for side in step.sides)

    def by_rewriting(self, step: Statement, reason: str, whole: Statement, unmet: list[n.Comparison]) -> bool:
        """Whether the sides agree by algebra once the cited left side is replaced by its right side, or the reverse."""
        return any(
            sides != step.sides and self.agrees(replace(step, sides=sides), ALGEBRA, whole)
            for sides in self.rewritings(step, reason, whole, unmet)
        )

    def agrees(self, step: Statement, facts: Facts, whole: Statement) -> bool:
        """Whether both sides are equal wherever the conditions hold, when nothing but these facts is known.

        The indices are those of the whole chain, so that a step in which one has dropped out is still typed.
        """
        tested = 0

        def test(place: Place) -> bool:
            nonlocal tested
            agreed = same(step, place.evaluator, facts)
            tested += 1
            return agreed

        if everywhere(self.draws, whole, test):
            one_sided = differs_between(self.draws, step, whole, lambda place: same(step, place.evaluator, facts))
            return not one_sided and self.exactly(step, facts, whole)
        if tested and not may_cancel(self.draws.scope, step):
            return False
        with precision(DEEP):  # of numbers that floats do not hold
            found = everywhere(self.draws, whole, test, most=2, arithmetic="balls") or everywhere(
                self.draws, whole, test, most=2, arithmetic="far"
            )
        if found:
            return True
        if not tested:
            raise ProofError(
                "no draw could test the reason: none was found where its conditions hold and its sides have values"
            )
        return False

    def exactly(self, step: Statement, facts: Facts, whole: Statement) -> bool:
        """Whether sides that agree in floats agree as formulas: over the prime field, or else to hundreds of digits."""
        refuted = False

        def test(place: Place) -> bool:
            nonlocal refuted
            agreed = same(step, place.evaluator, facts)
            refuted = refuted or not agreed
            return agreed

        if everywhere(self.draws, whole, test, most=1, arithmetic="exact"):
            return True
        if refuted and is_rational(self.draws.scope, step):
            return False
        refuted = False
        with working_precision():
            return everywhere(self.draws, whole, test, most=1, arithmetic="balls") > 0 or not refuted


def lacks(reason: str, conditions: list[n.Comparison]) -> str:
    return f"cites ({tag_of(reason)}) without its condition {', '.join(map(shown, dict.fromkeys(conditions)))}"


def tag_of(reason: str) -> str:
    return reason.removeprefix("known:").strip().strip("()").strip()


def is_family(reason: str) -> bool:
    """Whether the reason is a family of facts, and no citation."""
    return reason in ("calculus", "local derivative", "chain rule") or reason.startswith("definition of ")


def same(step: Statement, judge: Evaluator, facts: Facts) -> bool:
    if facts.through is not None:
        name, layer = facts.through
        frame = judge.world.frame
        number = frame.L if layer is None else frame.number(layer, judge.layers)
        facts = replace(facts, through=(name, number))
    parts = judge.world, judge.layers, judge.indices, judge.arguments, None, judge.sample
    opaque = Opaque(*parts, facts=facts, judge=judge)
    left, right = (np.ravel(opaque.value(side)) for side in step.sides)
    return all(judge.f.equal(x, y) for x, y in zip(left, right, strict=True))


def denominators(step: Statement) -> list[n.Symbol]:
    """The quantities by which something is differentiated: through one of them a chain rule goes."""
    found = [d.by for side in step.sides for d in n.walk(side) if isinstance(d, n.Derivative)]
    return [s for s in found if s.name in ORDER]


def mentions(step: Statement, name: str) -> bool:
    return any(isinstance(x, n.Call) and x.name == name for side in step.sides for x in n.walk(side))


def said(reason: str) -> str:
    return f"the {reason}" if reason.startswith(("definition", "chain", "local")) else reason
