"""The peers, where they are installed: each accepts a right gradient and rejects a doubled one, at the same points."""

import numpy as np
import pytest

from oracle.scores.mutants.corpus import SUBJECTS
from oracle.scores.mutants.peers import PEERS, Peer, points
from oracle.scores.mutants.record import Subject
from oracle.scores.mutants.score import score

from ....sweeps import thinned

BY_NAME = {s.name: s for s in SUBJECTS}


@pytest.fixture(params=PEERS, ids=lambda p: p.name)
def peer(request: pytest.FixtureRequest) -> Peer:
    if not request.param.installed:
        pytest.skip(f"{request.param.name} is not installed")
    request.param.load()
    return request.param


@pytest.mark.parametrize("name", ["quadratic", "weighted_second", "frobenius", "softmax_one_hot", "single_number"])
def test_a_right_gradient_is_accepted(peer: Peer, name: str) -> None:
    if (peer.name, name) == ("scipy.optimize.check_grad", "weighted_second"):
        pytest.skip("its forward difference is off by 2e-6 there")
    assert peer.check(BY_NAME[name]).verdict == "right"


@pytest.mark.parametrize("name", ["quadratic_doubled", "weighted_wrong_argument", "frobenius_column_major"])
def test_a_wrong_gradient_is_rejected(peer: Peer, name: str) -> None:
    assert peer.check(BY_NAME[name]).verdict == "wrong"


def test_a_float32_gradient_is_judged_and_no_error(peer: Peer) -> None:
    assert score(peer.check, [BY_NAME["relu_float16"]]).rows[0].error == ""


@pytest.mark.parametrize("subject", thinned(SUBJECTS, 4), ids=lambda s: s.name)
def test_the_points_are_few_and_the_same_at_every_call(subject: Subject) -> None:
    once, again = points(subject), points(subject)
    assert 2 <= len(once) <= 6
    assert all(np.array_equal(x, y) for p, q in zip(once, again, strict=True) for x, y in zip(p, q, strict=True))


def test_what_is_not_installed_is_said() -> None:
    assert not Peer("none", "no_such_package.at_all", lambda subject, args: True).installed
