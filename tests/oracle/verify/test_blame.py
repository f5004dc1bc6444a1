"""Who is to blame for the first wrong equation."""

import pytest

import manualbp
from manualbp import HEADS, SIGMOID
from oracle.verify.blame import blame
from oracle.verify.examine import examine

from .records import SIGMA_PRIME_OF_A, WRONG_FUSED, WRONG_NABLA, drawn, wrong_head


def test_a_wrong_gradient_of_a_cost_is_the_costs():
    found = examine(drawn(head=manualbp.chained(SIGMOID, WRONG_NABLA)))
    assert found.first_wrong.equation == "BP1"
    assert blame(found).what == "cost quadratic"
    assert "∇ₐC of quadratic is not the gradient of its C: at a = " in blame(found).sentence


def test_a_wrong_fused_delta_is_the_heads():
    culprit = blame(examine(drawn(head=WRONG_FUSED)))
    assert culprit.what == "head identity+quadratic:fused"
    assert "δ = " in culprit.sentence
    assert "∂C/∂z = " in culprit.sentence


@pytest.mark.parametrize("name", ["sigmoid+quadratic", "softmax+quadratic"])
def test_where_the_records_are_right_bp1_is_wrong(name):
    head = HEADS[name]
    culprit = blame(examine(drawn(head=wrong_head(head, delta=lambda z, a, E: head.delta(z, a, E) * a))))
    assert culprit.what == "BP1"
    assert head.name in culprit.sentence


def test_the_output_activation_is_to_blame_for_a_chained_head():
    """By a head that ACTIVATIONS does not know, whose records are right: BP1 itself is left."""
    found = examine(drawn(head=manualbp.chained(SIGMA_PRIME_OF_A, manualbp.QUADRATIC)))
    assert found.first_wrong.equation == "BP1"
    assert blame(found).what == "BP1"  # tanh in ACTIVATIONS is right
