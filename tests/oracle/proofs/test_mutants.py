"""Every small change of a displayed equation is rejected or a true identity; the identities are listed in `survivors.txt`."""

from fractions import Fraction
from pathlib import Path

import pytest

from oracle.proofs.draws import Draws
from oracle.proofs.mutants import CRASH, SAME, SURVIVED, Subject, mutants_of, subjects
from oracle.proofs.mutate import tree_mutants
from oracle.proofs.nodes import Number, Sum, Symbol
from oracle.proofs.scope import Scope
from oracle.proofs.statements import parse_statement

from ...sweeps import thinned

FOLDER = Path(__file__).parents[3] / "proofs"
LISTED = set((Path(__file__).parent / "survivors.txt").read_text(encoding="utf-8").splitlines())
#: (page, every n-th of its statements)
SAMPLE = [
    ("06-bp2", 4),
    ("20-costs-hellinger", 3),
    ("30-activations-sigmoid", 4),
    ("41-heads-softmax", 15),
    ("12-descent", 6),
]


@pytest.mark.longer
@pytest.mark.parametrize(("page", "every"), thinned(SAMPLE, 2))
def test_a_sample(page: str, every: int) -> None:
    path = FOLDER / f"{page}.md"
    if not path.is_file():
        pytest.skip("the pages are not installed")
    found = [
        mutant
        for subject in subjects(path)
        for statement in subject.statements[::every]
        if statement.kind in ("chain", "claim", "update")
        for mutant in mutants_of(subject, statement)
    ]
    judged = [m for m in found if m.verdict != SAME]
    survivors = {str(m) for m in judged if m.verdict == SURVIVED}
    assert len(judged) > 50
    assert not [m for m in judged if m.verdict == CRASH]
    assert len(survivors) < 0.1 * len(judged)
    assert survivors <= LISTED, survivors - LISTED


def test_mutants_of_an_equation_that_everyone_knows() -> None:
    scope = Scope("network")
    statement = parse_statement(r"\delta^L = \nabla_{a^L} C \odot \sigma'(z^L)", 1, True, frozenset())
    verdicts = {m.change: m.verdict for m in mutants_of(Subject("BP1", scope, [statement], Draws(scope)), statement)}
    assert verdicts["' dropped"] == "false"
    assert verdicts["factors reversed, side 2"] == SURVIVED
    assert verdicts["\\odot → \\cdot"] == "ill-formed"
    assert verdicts["z → a"] == "false"


def test_trees_lose_terms_and_signs() -> None:
    changed = dict(tree_mutants(Sum((Symbol("x"), Number(Fraction(2))))))
    assert changed["term 1 dropped"] == Number(Fraction(2))
    assert {"sign", "term 2 dropped"} <= set(changed)


def test_a_derivative_with_respect_to_a_formula_is_ill_formed() -> None:
    scope = Scope("network")
    statement = parse_statement(r"\frac{\partial C}{\partial W^i} = \delta^i (a^{i-1})^T", 1, True, frozenset())
    verdicts = {m.change: m.verdict for m in mutants_of(Subject("BP3", scope, [statement], Draws(scope)), statement)}
    assert verdicts["transposed, side 1"] == "ill-formed"
