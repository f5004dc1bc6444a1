"""What a run says: its verdict, and a failure as text and as data."""

import json

import numpy as np
import pytest

from manualbp import TANH
from oracle.judgement.verdict import Verdict
from oracle.verify.campaign.campaign import Tally
from oracle.verify.edge_cases import activation_case
from oracle.verify.examine import examine
from oracle.verify.outcome import Verification
from oracle.verify.report import as_dict, as_text
from oracle.verify.run import explain
from oracle.verify.sampled_cases import Sample

from .records import SIGMA_PRIME_OF_A, drawn, wrong_activation


def test_the_verdict_needs_evidence():
    assert Verification(1, 0, Tally(), Sample()).verdict is Verdict.RIGHT
    assert Verification(1, 0, Tally(), Sample(conflicts=["x"])).verdict is Verdict.UNDECIDED
    assert Verification(1, 0, Tally(), Sample(), unsettled=1).verdict is Verdict.UNDECIDED


def failed(found, number):
    return Verification(50, 2, Tally(), Sample(), failure=explain(found, number))


@pytest.mark.longer
def test_a_failure_is_told_in_text():
    result = failed(examine(drawn(hidden=SIGMA_PRIME_OF_A)), 31)
    assert result.verdict is Verdict.WRONG
    text = as_text(result)
    assert text.startswith("wrong: σ′ of tanh is not the derivative of its σ: at z = ")
    assert "first found in case 31: 3-4-3-2" in text
    assert "smallest like it: 1-1-1" in text
    assert "first wrong: δ^2 (BP2, layer 2)" in text
    assert "replay: manualbp verify --cases 50 --seed 2 --replay 31" in text
    assert text.endswith("verdict: wrong\n")


def test_an_edge_case_has_no_number():
    result = failed(examine(activation_case(SIGMA_PRIME_OF_A, np.array([0.5]))), None)
    assert "first found in an edge case" in as_text(result)
    assert "--replay" not in as_text(result)
    assert as_dict(result)["failure"]["case"] is None


@pytest.mark.longer
@pytest.mark.parametrize("breaks", [False, True])
def test_a_failure_is_told_in_json(breaks):
    def raises(z):
        raise ValueError("no")

    hidden = wrong_activation(TANH, raises) if breaks else SIGMA_PRIME_OF_A
    data = json.loads(json.dumps(as_dict(failed(examine(drawn(hidden=hidden)), 31)), allow_nan=False))
    assert data["verdict"] == "wrong"
    failure = data["failure"]
    assert failure["case"] == 31
    assert (failure["blame"], failure["equation"], failure["layer"]) == ("activation tanh", "BP2", 2)
    assert failure["smallest"].startswith("1-1-1, hidden: tanh")
    if breaks:
        assert failure["got"] is failure["expected"] is failure["component"] is None
    else:
        assert failure["got"] != failure["expected"]
        assert failure["component"] == [0, 0]
    names: dict = {}
    exec(failure["code"], names)
    assert names["net"].sizes == (1, 1, 1)


def test_a_number_that_json_lacks_is_a_string():
    infinite = wrong_activation(TANH, lambda z: np.inf * np.ones_like(z))
    data = as_dict(failed(examine(activation_case(infinite, np.array([0.5]))), None))
    assert data["failure"]["got"] in ("inf", "-inf", "nan")
    json.dumps(data, allow_nan=False)
