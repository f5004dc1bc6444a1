"""Every label of the corpus, proved with mpmath; and the proof fails for every subject that is labelled otherwise."""

from dataclasses import replace

import numpy as np
import pytest

from oracle.scores.mutants import points
from oracle.scores.mutants.corpus import SUBJECTS
from oracle.scores.mutants.labels import NotProven, prove
from oracle.scores.mutants.record import INACCURATE, RIGHT, WRONG, Subject, right
from oracle.scores.mutants.right_costs import QUADRATIC
from oracle.scores.mutants.right_kinks import L1
from oracle.scores.mutants.right_lengths import BLOCKS
from oracle.scores.mutants.right_smooth import VARIANCE
from oracle.scores.mutants.right_sorting import BY_RANK, MAX, MAX_TIES
from oracle.scores.mutants.wrong_points import all_of_the_greatest

from ....sweeps import thinned

RIGHT_ONES = [s for s in SUBJECTS if s.label == RIGHT]
WRONG_ONES = [s for s in SUBJECTS if s.label == WRONG]
INACCURATE_ONES = [s for s in SUBJECTS if s.label == INACCURATE]


@pytest.mark.costly
@pytest.mark.parametrize("subject", thinned(SUBJECTS, 8), ids=lambda s: s.name)
def test_the_label_holds(subject: Subject) -> None:
    prove(subject, lengths=(1, 2, 9))


@pytest.mark.parametrize("subject", thinned([BLOCKS, BY_RANK, MAX, QUADRATIC], 2), ids=lambda s: s.name)
def test_the_label_holds_at_great_lengths(subject: Subject) -> None:
    prove(subject, seed=1, lengths=(65, 129))


@pytest.mark.parametrize("subject", thinned(RIGHT_ONES, 6), ids=lambda s: s.name)
def test_a_right_one_is_not_proved_wrong(subject: Subject) -> None:
    rng = np.random.default_rng(7)
    place = points.ordinary(subject, rng, points.lengths_of(subject, (3,))[0])
    with pytest.raises(NotProven):
        prove(replace(subject, label=WRONG, where=(place,)))


@pytest.mark.parametrize("subject", thinned([*WRONG_ONES, *INACCURATE_ONES], 6), ids=lambda s: s.name)
def test_a_wrong_or_inaccurate_one_is_not_proved_right(subject: Subject) -> None:
    with pytest.raises(NotProven):
        prove(replace(subject, label=RIGHT), lengths=())


@pytest.mark.parametrize(
    "name", ["quadratic_doubled", "sigma_prime_missing", "cross_entropy_epsilon_7", "norm_epsilon_8"]
)
def test_wrong_mathematics_is_not_proved_inaccurate(name: str) -> None:
    subject = next(s for s in SUBJECTS if s.name == name)
    with pytest.raises(NotProven, match="wrong mathematics"):
        prove(replace(subject, label=INACCURATE))


def test_what_does_not_lose_digits_is_not_proved_inaccurate() -> None:
    with pytest.raises(NotProven, match="keeps its digits"):
        prove(replace(QUADRATIC, label=INACCURATE, where=(([1.0], [0.5]),)))


def test_a_wrong_one_needs_a_point() -> None:
    with pytest.raises(NotProven, match="no point"):
        prove(replace(QUADRATIC, label=WRONG))


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="'good' is no label"):
        prove(replace(QUADRATIC, label="good"))


@pytest.mark.parametrize("size", [1e-11, 1e-13])
def test_an_error_of_some_tens_of_eps_is_seen(size: float) -> None:
    off = replace(QUADRATIC, grad=lambda a, E: (a - E) * (1 + size))
    with pytest.raises(NotProven, match="component"):
        prove(off, lengths=(1,))


def test_subgradients_are_judged_jointly() -> None:
    """Each entry of (1, 1) is a subgradient of a maximum at a tie, the two together are not."""
    tie = (([1.0, 1.0],),)
    prove(replace(MAX_TIES, where=tie), lengths=())
    with pytest.raises(NotProven, match="joint"):
        prove(replace(MAX, grad=all_of_the_greatest, where=tie), lengths=())


@pytest.mark.parametrize(("at_zero", "holds"), [(1.0, True), (-1.0, True), (0.25, True), (1.01, False), (-2.0, False)])
def test_at_a_kink_any_subgradient_holds_and_nothing_else(at_zero: float, holds: bool) -> None:
    subject = replace(L1, grad=lambda a, E: np.where(a == E, at_zero, np.sign(a - E)), where=(([0.3], [0.3]),))
    if holds:
        prove(subject, lengths=())
    else:
        with pytest.raises(NotProven, match="component"):
            prove(subject, lengths=())


def test_a_smooth_minimum_is_no_kink() -> None:
    """All entries equal: the mean is rounded, and the derivative of the variance is not quite its true 0."""
    prove(replace(VARIANCE, where=(([-1e-150] * 65,),)), lengths=())


def test_a_formula_of_another_function_is_noticed() -> None:
    other = right("other", "cost", ("real", "real"), QUADRATIC.fn, QUADRATIC.grad, lambda m, a, E: m.fsum((a - E) ** 2))
    with pytest.raises(NotProven, match="component"):
        prove(other)
