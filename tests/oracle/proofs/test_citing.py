"""Tagged equations are cited at the layer at which they are boxed, at an entry, and with something else put in for a letter."""

from pathlib import Path

import pytest

from .page import aligned, complaints

HIDDEN = r"\qquad \text{for } 2 \le i < L"
RIGHT = r"\left[ \left( (W^{i+1})^T \delta^{i+1} \right) \odot \sigma'(z^i) \right]_j"
PROOF = aligned(
    r"""\delta^i_j &= \frac{\partial C}{\partial z^i_j} && \text{(definition of delta)} \\
    &= \sum_{k=1}^{n_{i+1}} \frac{\partial C}{\partial z^{i+1}_k} \frac{\partial z^{i+1}_k}{\partial z^i_j}
    && \text{(chain rule)} \\
    &= \sum_{k=1}^{n_{i+1}} \delta^{i+1}_k \frac{\partial z^{i+1}_k}{\partial z^i_j} && \text{(definition of delta)} \\
    &= \sum_{k=1}^{n_{i+1}} \delta^{i+1}_k \, w^{i+1}_{kj} \, \sigma'(z^i_j) && \text{(local derivative)} \\
    &= """
    + RIGHT
    + r" && \text{(algebra)}",
    HIDDEN,
)
BOX = r"\boxed{\delta^i = \left( (W^{i+1})^T \delta^{i+1} \right) \odot \sigma'(z^i)} \qquad \text{for } 2 \le i < L \tag{BP2}"
COLUMN = r"\delta^i &= \left( (W^{i+1})^T \delta^{i+1} \right) \odot \sigma'(z^i) && \text{(BP2)}"
ENTRY = rf"\delta^i_j &= {RIGHT} && \text{{(BP2)}}"


def test_at_the_layer_at_which_it_is_boxed(tmp_path: Path) -> None:
    deeper = r"\qquad \text{for } 2 \le i,\ i \le L - 2"
    right = [aligned(COLUMN, HIDDEN), aligned(ENTRY, HIDDEN), aligned(ENTRY, deeper)]
    doubled = aligned(ENTRY.replace(r"\delta^i_j &", r"2 \delta^i_j &"), HIDDEN)
    found = complaints(tmp_path, PROOF, BOX, *right, doubled)
    assert [message[:15] for message in found] == ["false at step 1"]


def test_a_narrower_box_is_not_cited_at_every_layer(tmp_path: Path) -> None:
    narrow = BOX.replace("i < L", "i < L - 1")
    found = complaints(tmp_path, PROOF, narrow, aligned(COLUMN, HIDDEN))
    assert found == ["step 1: cites (BP2) without its condition 2 ≤ i < L - 1"]


ROOT = aligned(r"\sqrt{x^2} &= x && \text{(algebra)}", r"\qquad \text{for } x > 0")
ROOTED = r"\boxed{\sqrt{x^2} = x} \qquad \text{for } x > 0 \tag{ROOT}"


@pytest.mark.parametrize(
    ("row", "condition", "sentence"),
    [
        (r"2 + \sqrt{(t - 1)^2} &= 2 + t - 1", "t - 1 > 0", ""),
        (r"2 - \sqrt{(t - 1)^2} &= 2 - t + 1", "t > 1", ""),
        (r"3 \sqrt{(s t)^2} &= 3 s t", "s t > 0", ""),
        (r"2 + \sqrt{(t - 1)^2} &= 2 + t - 1", "t > 0", "false at step 1"),
        (r"2 + (t - 1) &= 2 + t - 1", "t > 1", "follows from algebra alone"),
    ],
)
def test_with_a_sum_put_in(row: str, condition: str, sentence: str, tmp_path: Path) -> None:
    step = aligned(rf"{row} && \text{{(ROOT)}}", rf"\qquad \text{{for }} {condition}")
    found = complaints(tmp_path, ROOT, ROOTED, step, subject="kinks")
    assert len(found) == bool(sentence)
    assert sentence in "".join(found)


CLIPPED = r"\sigma(z) := \min(\max(z, 0), 6)"


@pytest.mark.parametrize(("power", "sentence"), [("", []), ("2", ["false at step 1"])])
def test_a_kinked_activation_of_a_column(power: str, sentence: list[str], tmp_path: Path) -> None:
    row = r"\left[ \nabla_{a^L} C \odot \sigma'(z^L) \right]_j &= " + power
    row += r"\frac{\partial C}{\partial a^L_j} \, \sigma'(z^L_j) && \text{(algebra)}"
    found = complaints(tmp_path, CLIPPED, aligned(row))
    assert [message[:15] for message in found] == sentence
