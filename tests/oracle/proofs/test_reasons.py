"""Each step must follow from the reason printed beside it, and from nothing else."""

from pathlib import Path

import pytest

from ...sweeps import thinned
from .page import aligned, complaints

LAYERS = r"\qquad \text{for } 2 \le i < L"
STEPS = {
    "definition of delta": r"\delta^i_j &= \frac{\partial C}{\partial z^i_j}",
    "chain rule": r"\frac{\partial C}{\partial z^i_j} &= \sum_{k=1}^{n_{i+1}}"
    r"\frac{\partial C}{\partial z^{i+1}_k} \frac{\partial z^{i+1}_k}{\partial z^i_j}",
    "local derivative": r"\frac{\partial z^{i+1}_k}{\partial z^i_j} &= w^{i+1}_{kj} \sigma'(z^i_j)",
    "definition of a": r"W^{i+1} a^i &= W^{i+1} \sigma(z^i)",
    "definition of z": r"z^i_j &= \sum_{k=1}^{n_{i-1}} w^i_{jk} a^{i-1}_k + b^i_j",
    "calculus": r"\frac{\partial}{\partial z^i_j} \left( \sum_{l=1}^{n_i} w^{i+1}_{kl} \sigma(z^i_l) \right) &="
    r"w^{i+1}_{kj} \sigma'(z^i_j)",
    "algebra": r"\sum_{k=1}^{n_{i+1}} w^{i+1}_{kj} \delta^{i+1}_k &= \left[ (W^{i+1})^T \delta^{i+1} \right]_j",
    "definition of Delta": r"\Delta w^i_{jk} &= -\eta \frac{\partial C}{\partial w^i_{jk}}",
}


def step(row: str, reason: str) -> str:
    return aligned(rf"{row} && \text{{({reason})}}", LAYERS)


@pytest.mark.parametrize("reason", STEPS)
def test_the_right_reason_is_accepted(reason: str, tmp_path: Path) -> None:
    assert complaints(tmp_path, step(STEPS[reason], reason)) == []


@pytest.mark.parametrize("reason", thinned(STEPS, 2))
def test_every_other_reason_is_refused(reason: str, tmp_path: Path) -> None:
    others = [other for other in STEPS if other != reason]
    messages = complaints(tmp_path, *(step(STEPS[reason], other) for other in others))
    assert len(messages) == len(others)
    assert all("alone" in message for message in messages)


def test_the_sentence(tmp_path: Path) -> None:
    assert complaints(tmp_path, step(STEPS["chain rule"], "algebra")) == [
        "step 1: does not follow from algebra alone: it follows from the chain rule"
    ]


def test_the_sentence_names_the_two_reasons_that_would_do(tmp_path: Path) -> None:
    row = (
        r"\frac{\partial C}{\partial w^i_{jk}} &= \frac{\partial C}{\partial z^i_j} \, a^{i-1}_k && \text{(chain rule)}"
    )
    assert complaints(tmp_path, aligned(row, LAYERS)) == [
        "step 1: does not follow from the chain rule alone: it follows from the local derivative and the chain rule"
    ]


def test_a_step_without_a_reason_and_an_unknown_reason(tmp_path: Path) -> None:
    assert complaints(tmp_path, aligned(STEPS["algebra"], LAYERS)) == ["step 1: gives no reason"]
    assert "unknown reason 'magic'" in complaints(tmp_path, step(STEPS["chain rule"], "magic"))[0]


def test_an_equation_is_cited_by_its_tag(tmp_path: Path) -> None:
    bp4 = (
        r"\boxed{\frac{\partial C}{\partial b^i} = \delta^i} \tag{BP4}",
        aligned(
            r"""\frac{\partial C}{\partial b^i_j}
            &= \sum_{l=1}^{n_i} \frac{\partial C}{\partial z^i_l} \frac{\partial z^i_l}{\partial b^i_j} && \text{(chain rule)} \\
            &= \sum_{l=1}^{n_i} \frac{\partial C}{\partial z^i_l} \mathbb{1}[l = j] && \text{(local derivative)} \\
            &= \frac{\partial C}{\partial z^i_j} && \text{(algebra)} \\ &= \delta^i_j && \text{(definition of delta)}"""
        ),
    )
    cites = aligned(r"2 \frac{\partial C}{\partial b^i_j} &= 2 \delta^i_j && \text{(BP4)}")
    assert complaints(tmp_path, *bp4, cites) == []
    assert complaints(tmp_path, cites) != []


BP1 = r"\boxed{\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j)} \tag{BP1}"
TWICE = aligned(r"2 \delta^L_j &= 2 \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j) && \text{(BP1)}")
PROOF = aligned(
    r"""\delta^L_j &= \frac{\partial C}{\partial z^L_j} && \text{(definition of delta)} \\
    &= \sum_{k=1}^{n_L} \frac{\partial C}{\partial a^L_k} \frac{\partial a^L_k}{\partial z^L_j} && \text{(chain rule)} \\
    &= \sum_{k=1}^{n_L} \frac{\partial C}{\partial a^L_k} \mathbb{1}[k = j] \sigma'(z^L_j) && \text{(local derivative)} \\
    &= \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j) && \text{(algebra)}"""
)


def test_an_equation_is_cited_only_below_its_proof(tmp_path: Path) -> None:
    assert complaints(tmp_path, BP1, PROOF, TWICE) == []
    assert complaints(tmp_path, PROOF, BP1, TWICE) == []
    assert complaints(tmp_path, BP1, TWICE, PROOF) == ["step 1: cites (BP1), which no chain above has proved"]


def test_an_equation_does_not_prove_itself(tmp_path: Path) -> None:
    itself = aligned(r"\delta^L_j &= \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j) && \text{(BP1)}")
    assert complaints(tmp_path, BP1, itself) == ["step 1: cites (BP1), which no chain above has proved"]


def test_two_equations_do_not_prove_each_other(tmp_path: Path) -> None:
    boxes = [rf"\boxed{{|z| {sides} \max(z, -z)}} \tag{{{tag}}}" for sides, tag in (("+ 0 =", "A"), ("=", "B"))]
    chains = [aligned(rf"|z| {sides} \max(z, -z) && \text{{({tag})}}") for sides, tag in (("+ 0 &=", "B"), ("&=", "A"))]
    messages = complaints(tmp_path, *boxes, *chains, subject="rounding")
    assert any("no chain above has proved" in message for message in messages)


def test_an_equation_is_not_cited_for_what_is_algebra(tmp_path: Path) -> None:
    text = r"C := \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2"
    box = r"\boxed{\frac{\partial C}{\partial a^L_k} = a^L_k - E_k} \tag{Q1}"
    rows = r"""\frac{\partial C}{\partial a^L_k}
        &= \frac{\partial}{\partial a^L_k} \left( \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2 \right)
        && \text{(definition of C)} \\
        &= \frac{1}{2} \sum_{j=1}^{n_L} 2 \, (a^L_j - E_j) \, \mathbb{1}[j = k] && \text{(calculus)} \\
        &= a^L_k - E_k && \text{(algebra)}"""
    again = aligned(rows.replace("(algebra)", "(Q1)"))
    assert complaints(tmp_path, text, aligned(rows), box) == []
    assert complaints(tmp_path, text, aligned(rows), box, again) == [
        "step 3: follows from algebra alone: the reason is not Q1"
    ]


def test_algebra_that_an_earlier_box_has_shown_is_cited(tmp_path: Path) -> None:
    box, proof = r"\boxed{|z| = \max(z, -z)} \tag{ABS}", aligned(r"|z| &= \max(z, -z) && \text{(algebra)}")
    cites = aligned(r"2 |x| + 1 &= 2 \max(x, -x) + 1 && \text{(ABS)}")
    assert complaints(tmp_path, box, proof, cites, subject="rounding") == []


def test_what_is_cited_leaves_the_variable_of_a_derivative_alone(tmp_path: Path) -> None:
    softmax = r"a_j := \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}"
    shift = r"\boxed{a_j = \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}} \tag{SHIFT}"
    proof = aligned(r"a_j &= \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}} && \text{(definition of a)}")
    slope = r"\frac{\partial C}{\partial a_j}"
    twice = aligned(rf"2 {slope} &= {slope} + {slope} && \text{{(SHIFT)}}")
    messages = complaints(tmp_path, softmax, shift, proof, twice, subject="softmax")
    assert messages == ["step 1: follows from algebra alone: the reason is not SHIFT"]


@pytest.mark.parametrize("row", [r"x \ne x + 1 \tag{X}", r"w^i_{jk} \leftarrow w^i_{jk} + \Delta w^i_{jk} \tag{X}"])
def test_only_equations_have_tags(row: str, tmp_path: Path) -> None:
    assert complaints(tmp_path, row) == ["a tag is for an equation, which later steps may cite"]


def test_a_box_needs_a_chain(tmp_path: Path) -> None:
    box = r"\boxed{\delta^L_j = \frac{\partial C}{\partial z^L_j}}"
    assert "no chain of this section leads" in complaints(tmp_path, box)[0]
    assert not complaints(
        tmp_path, box, aligned(r"\delta^L_j &= \frac{\partial C}{\partial z^L_j} && \text{(definition of delta)}")
    )


def test_a_box_is_proved_for_all_its_conditions(tmp_path: Path) -> None:
    box = r"\boxed{|z| = \max(z, -z)}"
    half = aligned(r"|z| &= \max(z, -z) && \text{(algebra)}", r"\qquad \text{for } z > 0")
    other = aligned(r"|z| &= \max(z, -z) && \text{(algebra)}", r"\qquad \text{for } z < 0")
    assert "for a part of its conditions only" in complaints(tmp_path, box, half, subject="rounding")[0]
    assert "no chain is about z = 0" in complaints(tmp_path, box, half, other, subject="rounding")[0]
    assert not complaints(tmp_path, box, half, other.replace("z < 0", r"z \le 0"), subject="rounding")
