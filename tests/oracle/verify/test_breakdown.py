"""What yields no array to compare: equations that raise, shapes that do not fit, costs that are undefined."""

from dataclasses import replace

import numpy as np
import pytest

import manualbp
from manualbp import COSTS, IDENTITY_QUADRATIC, SIGMOID, TANH
from oracle.judgement.verdict import Verdict
from oracle.verify.blame import blame
from oracle.verify.breakdown import Breakdown, raised, undefined
from oracle.verify.edge_cases import head_case
from oracle.verify.examine import examine
from oracle.verify.report import failure_text
from oracle.verify.run import explain

from .records import drawn, wrong_activation, wrong_head


def test_an_equation_that_raises_is_named():
    def prime(z):
        raise ZeroDivisionError("no slope")

    found = examine(drawn(hidden=wrong_activation(TANH, prime)))
    assert found.verdict is Verdict.WRONG
    assert isinstance(found.first_wrong, Breakdown)
    assert (found.first_wrong.equation, found.first_wrong.layer) == ("BP2", 3)
    assert "raises ZeroDivisionError: no slope" in found.first_wrong.sentence
    assert blame(found).what == "activation tanh"


def test_a_shape_that_does_not_fit_is_named():
    found = examine(drawn(head=wrong_head(IDENTITY_QUADRATIC, C=lambda z, a, E: (z - E) ** 2)))
    assert found.verdict is Verdict.WRONG
    assert found.first_wrong == Breakdown("C", 4, "C has shape (2,), and must have ()")
    assert blame(found).what == "C"
    text = failure_text(explain(found, 7), cases=10, seed=0)
    assert "C has shape" in text


def test_a_fault_elsewhere_is_not_the_equations():
    with pytest.raises(ValueError, match="the network needs"):
        examine(replace(drawn(), x=np.zeros((5, 3))))
    with pytest.raises(KeyError):
        raised(KeyError("x"), 3)


def test_a_cost_that_is_undefined_in_its_domain_is_wrong():
    kl = COSTS["kullback_leibler"]
    undefined_at_0 = replace(kl, C=lambda a, E: (E * a.__array_namespace__().log(E / a)).sum(axis=-2))
    case = head_case(manualbp.chained(SIGMOID, undefined_at_0))
    found = examine(case)
    assert found.verdict is Verdict.WRONG
    assert found.first_wrong == undefined(case)
    assert blame(found).what == "cost kullback_leibler"
