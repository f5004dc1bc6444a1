"""Edge cases: every record, at the arguments where it may break."""

from dataclasses import replace

import manualbp
from manualbp import ACTIVATIONS, COSTS, HEADS, IDENTITY
from oracle.judgement.verdict import Verdict
from oracle.verify.blame import blame
from oracle.verify.edge_cases import PARAMETRISED, edge_cases, head_case
from oracle.verify.examine import examine


def test_edge_cases_hold_every_record():
    cases = list(edge_cases())
    heads = {case.net.head.name for case in cases}
    assert {f.name for case in cases for f in case.net.activations} == set(ACTIVATIONS)
    assert {case.net.head.cost.name for case in cases} == set(COSTS)
    assert {name for name, head in HEADS.items() if head.form != "chained"} <= heads
    assert any(case.net.head.cost is PARAMETRISED[1] for case in cases)
    zeros = [case for case in cases if case.net.head.cost.e_domain.name != "sign" and (case.expected == 0).any()]
    assert len(zeros) > 20


def test_the_code_of_a_parametrised_cost_builds_it():
    case = head_case(manualbp.chained(IDENTITY, manualbp.huber(threshold=0.3)))
    names: dict = {}
    exec(case.code(), names)
    assert names["g"].cost == manualbp.gradients(case.net, case.x, case.expected).cost
    assert names["net"].head.cost.parameters == {"threshold": 0.3}


def test_a_parameter_that_is_ignored_is_seen():
    def nabla_a(a, E):
        return manualbp.HUBER.nabla_a(a, E)  # the threshold of the default

    wrong = replace(manualbp.huber(threshold=0.3), nabla_a=nabla_a)
    found = examine(head_case(manualbp.chained(IDENTITY, wrong)))
    assert found.verdict is Verdict.WRONG
    assert blame(found).what == "cost huber"
