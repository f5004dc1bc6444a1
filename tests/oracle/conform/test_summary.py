"""The failures by cause stand first in the report, each with a line that reproduces it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from manualbp import ACTIVATIONS
from oracle.backends.manualbp_numpy import run as right
from oracle.conform.report import as_dict, as_text
from oracle.conform.summary import _telling
from oracle.vectors import Answer, Question

from .wrong import conformed, gradients_only, passes, told, unnamed

WIDTHS = ("identity+quadratic:fused", "sigmoid+cross_entropy")


def from_width(n: int) -> Callable[[Question], Answer]:
    def run(q: Question) -> Answer:
        a = right(q)
        return gradients_only(replace(a, nabla_w=tuple(1.1 * w if max(w.shape) >= n else w for w in a.nabla_w)))

    return run


@pytest.mark.parametrize("n", [8, 33, *(pytest.param(n, marks=pytest.mark.longer) for n in (4, 5, 9, 16, 17, 32))])
def test_wrong_from_a_width_on(n: int) -> None:
    (words,) = unnamed(from_width(n), WIDTHS)
    assert words == f"BP3 is wrong where a layer has {n} neurons or more"


@pytest.mark.parametrize("n", [4, 8, *(pytest.param(n, marks=pytest.mark.longer) for n in (5, 6, 7))])
def test_wrong_from_a_depth_on(n: int) -> None:
    def run(q: Question) -> Answer:
        def slope(i: int, z: list[np.ndarray]) -> np.ndarray:
            return ACTIVATIONS[q.hidden[i]].sigma_prime(z[i]) * (1.5 if len(z) + 1 >= n and i == 0 else 1.0)

        return passes(q, slope=slope)

    (words,) = unnamed(run, WIDTHS)
    assert words == f"BP2 is wrong where there are {n} layers or more"


@pytest.mark.parametrize("n", [8, pytest.param(16, marks=pytest.mark.longer)])
def test_wrong_from_a_number_of_inputs_on(n: int) -> None:
    """As a vectorised loop over the columns does whose remainder is lost; a wide last layer is right."""

    def run(q: Question) -> Answer:
        a = right(q)
        cut = lambda w: np.hstack([w[:, :-1], 0 * w[:, -1:]]) if w.shape[1] >= n else w  # noqa: E731
        return gradients_only(replace(a, nabla_w=tuple(map(cut, a.nabla_w))))

    (words,) = unnamed(run, WIDTHS)
    assert words == f"BP3 is wrong where a layer has {n} inputs or more, in the last column alone"


def test_wrong_for_an_odd_number_of_samples() -> None:
    def run(q: Question) -> Answer:
        a = right(q)
        off = q.samples % 2 and q.samples > 1
        return gradients_only(replace(a, nabla_w=tuple(1.1 * w for w in a.nabla_w) if off else a.nabla_w))

    (words,) = unnamed(run, WIDTHS)
    assert words == "BP3 is wrong where the number of samples is odd"


def test_wrong_at_some_numbers_is_told_by_where_they_are_met() -> None:
    """σ′ of relu is 1 a little below 0, which not every case meets."""

    def run(q: Question) -> Answer:
        def slope(i: int, z: list[np.ndarray]) -> np.ndarray:
            own = ACTIVATIONS[q.hidden[i]].sigma_prime(z[i])
            return np.where(z[i] > -0.1, 1.0, own) if q.hidden[i] == "relu" else own

        return passes(q, slope=slope)

    heads = ("identity+quadratic", "sigmoid+cross_entropy", "tanh+quadratic", "arctan+quadratic", "softsign+quadratic")
    (words,) = unnamed(run, heads)
    assert re.fullmatch(r"BP2 is wrong in \d+ of the \d+ cases wherever relu is an activation", words)


def test_wrong_for_an_activation() -> None:
    def run(q: Question) -> Answer:
        def slope(i: int, z: list[np.ndarray]) -> np.ndarray:
            return ACTIVATIONS[q.hidden[i]].sigma_prime(z[i]) + (0.01 if q.hidden[i] == "tanh" else 0.0)

        return passes(q, slope=slope)

    assert "BP2 is wrong wherever tanh is an activation" in unnamed(run, ("identity+quadratic:fused",))[0]


def test_wrong_for_an_activation_where_it_saturates() -> None:
    def run(q: Question) -> Answer:
        a = right(q)
        off = q.head_record().activation == "sigmoid" and q.id.endswith("/edge")
        return gradients_only(replace(a, nabla_w=tuple(1.1 * w for w in a.nabla_w) if off else a.nabla_w))

    (words,) = unnamed(run, ("sigmoid+quadratic", "sigmoid+huber", "tanh+quadratic"))
    assert words == "BP3 is wrong where the output is sigmoid, in cases of the kind edge"


def test_first_in_the_report_with_a_line_to_reproduce() -> None:
    run = conformed(lambda q: replace(a := right(q), nabla_b=tuple(b / q.samples for b in a.nabla_b)))
    lines = as_text(run, "mine:backend").splitlines()
    n = len(run.failures)
    assert lines[2] == f"{n} failures, by cause:"
    assert lines[3] == f"{n:6}  1/m twice in BP4"
    id = lines[4].partition("manualbp conform mine:backend --case ")[2]
    assert id in {r.id for r in run.failures}
    (cause,) = as_dict(run)["causes"]
    assert (cause["cause"], cause["cases"], cause["reproduce"]) == ("1/m twice in BP4", n, id)
    assert set(cause["ids"]) == {r.id for r in run.failures}


@pytest.mark.longer
def test_shapes_and_dtypes_are_causes() -> None:
    assert told(conformed(lambda q: replace(a := right(q), nabla_b=tuple(b[:, 0] for b in a.nabla_b)))) == [
        "another shape of nabla_b"
    ]
    assert told(conformed(lambda q: replace(a := right(q), nabla_w=tuple(w.astype("f4") for w in a.nabla_w)))) == [
        "another dtype of nabla_w"
    ]


def test_several_causes_are_told_apart() -> None:
    def run(q: Question) -> Answer:
        a = right(q)
        if q.head == "tanh+quadratic":
            return replace(a, nabla_b=tuple(-b for b in a.nabla_b))
        return replace(a, nabla_w=tuple(0 * w for w in a.nabla_w), nabla_b=tuple(0 * b for b in a.nabla_b))

    assert set(told(conformed(run))) == {"zero gradient", "sign in BP4"}


@pytest.mark.parametrize(
    ("failures", "having", "by_number", "telling"),
    [
        (4, 250, False, True),  # few cases have it
        (207, 273, False, False),
        (207, 273, True, True),  # many have it, and most of them fail: no chance
        (59, 400, True, False),  # hardly any that has it fails
        (5, 273, True, False),  # may be chance
    ],
)
def test_what_is_common_is_told_where_it_is_no_chance(
    failures: int, having: int, by_number: bool, telling: bool
) -> None:
    assert _telling(failures, having, 1073, by_number) is telling
