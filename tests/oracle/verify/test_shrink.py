"""A wrong network shrinks to a tiny one that is wrong in the same way."""

from dataclasses import replace

import pytest

import manualbp
from manualbp import HEADS, SIGMOID
from oracle.judgement.verdict import Verdict
from oracle.verify.blame import blame
from oracle.verify.examine import examine
from oracle.verify.run import explain
from oracle.verify.shrink import candidates, shrink, simplicity, with_neurons, without_layer

from .records import SIGMA_PRIME_OF_A, WRONG_FUSED, WRONG_NABLA, drawn


@pytest.mark.longer
@pytest.mark.parametrize(
    ("case", "sizes"),
    [
        (drawn((5, 7, 4, 6, 3), hidden=SIGMA_PRIME_OF_A, samples=5), (1, 1, 1)),
        (drawn((5, 7, 4, 3), head=WRONG_FUSED, samples=5), (1, 1)),
        (drawn((5, 7, 4, 3), head=manualbp.chained(SIGMOID, WRONG_NABLA), samples=5), (1, 1)),
    ],
)
def test_a_wrong_case_shrinks_to_a_tiny_network(case, sizes):
    failure = explain(examine(case), 3)
    assert failure.smallest.case.net.sizes == sizes
    assert failure.smallest.case.x.shape[-1] == 1
    assert failure.smallest.verdict is Verdict.WRONG
    assert failure.blame.what == blame(failure.found).what
    assert simplicity(failure.smallest.case) < simplicity(case)


def test_shrinking_keeps_to_its_time_and_its_condition():
    case = drawn()
    assert shrink(case, lambda _: True, seconds=0.0) is case
    assert shrink(case, lambda _: False, seconds=1.0) is case
    smallest = shrink(case, lambda c: c.size >= 20)
    assert 20 <= smallest.size < case.size


@pytest.mark.parametrize("head", ["identity+quadratic:fused", "softmax+categorical_cross_entropy:fused"])
def test_every_candidate_is_a_network(head):
    case = drawn(head=HEADS[head])
    case = replace(case, expected=case.expected / case.expected.sum(axis=0))
    seen = 0
    for candidate in candidates(case):
        net = candidate.net
        manualbp.from_parameters(net.weights, net.biases, net.activations, net.head)
        assert candidate.x.shape == (net.sizes[0], candidate.expected.shape[1])
        assert candidate.expected.shape[0] == net.sizes[-1]
        seen += 1
    assert seen > 20


def test_a_network_without_a_layer_or_neurons():
    case = drawn((3, 4, 5, 2))
    assert without_layer(case.net, 0).sizes == (3, 5, 2)
    assert without_layer(case.net, 1).sizes == (3, 4, 2)
    assert with_neurons(case, 0, [2]).x.tolist() == case.x[[2]].tolist()
    assert with_neurons(case, 2, [0, 4]).net.sizes == (3, 4, 2, 2)
    assert with_neurons(case, 3, [1]).expected.tolist() == case.expected[[1]].tolist()
