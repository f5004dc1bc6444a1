r"""Wrong pages of every kind that a hostile reader has tried, each rejected for its own reason; and right ones beside them."""

from pathlib import Path

import pytest

from .page import NETWORK, aligned, check, complaints, math

LAYERS = r"\qquad \text{for } 2 \le i \le L"
LOCAL = (
    r"\delta^L_j &= \frac{\partial C}{\partial z^L_j} && \text{(definition of delta)} \\"
    r"&= \sum_{k=1}^{n_L} \frac{\partial C}{\partial a^L_k} \frac{\partial a^L_k}{\partial z^L_j} && \text{(chain rule)} \\"
    r"&= \frac{\partial C}{\partial a^L_j} \cdot \sigma'(z^L_j) && \text{(local derivative)}"
)
RESULT = r"\delta^L_j = \frac{\partial C}{\partial a^L_j} \cdot \sigma'(z^L_j)"
CITED = r"\delta^L_j &= \frac{\partial C}{\partial a^L_j} \cdot \sigma'(z^L_j) && \text{(S)}"
RELU = r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"


def by(reason: str, left: str, right: str, condition: str = "") -> str:
    return aligned(
        rf"{left} &= {right} && \text{{({reason})}}", rf"\qquad \text{{for }} {condition}" if condition else ""
    )


WRONG = {
    "a chain outside of aligned": (
        (r"\delta^L_j = \frac{\partial C}{\partial z^L_j} = 2 \delta^L_j",),
        "false at step 2",
    ),
    "true, but without a reason": (
        (r"\delta^L_j = \frac{\partial C}{\partial z^L_j} = \delta^L_j + 0",),
        "gives no reason",
    ),
    "X = Y = X": (
        (
            aligned(
                r"\delta^L_j &= \frac{\partial C}{\partial z^L_j} && \text{(definition of delta)} \\"
                r"&= \delta^L_j && \text{(definition of delta)}"
            ),
        ),
        "comes back to δ^L_j: a chain that returns proves nothing",
    ),
    "a condition on the depth": (
        (
            rf"{RESULT} \qquad \text{{for }} L = 2 \tag{{S}}",
            aligned(LOCAL, r"\qquad \text{for } L = 2"),
            aligned(CITED),
        ),
        "cites (S) without its condition L = 2",
    ),
    "a condition on a variable": (
        (
            r"\max(x, 0) = x \qquad \text{for } x > 0 \tag{POS}",
            by("algebra", r"\max(x, 0)", "x", "x > 0"),
            by("POS", r"\max(x, 0) \cdot y", "x y", r"x \ge 0"),
        ),
        "cites (POS) without its condition x > 0",
    ),
    "a condition on a width": (
        (
            r"\sum_{j=1}^{n_L} \delta^L_j = \delta^L_1 \qquad \text{for } n_L = 1 \tag{ONE}",
            by("algebra", r"\sum_{j=1}^{n_L} \delta^L_j", r"\delta^L_1", "n_L = 1"),
            by("ONE", r"0 \cdot \sum_{j=1}^{n_L} \delta^L_j", r"0 \cdot \delta^L_1"),
        ),
        "cites (ONE) without its condition n_L = 1",
    ),
    "of a place in the binding": (
        (
            r"\max(x, 0) = x \qquad \text{for } x > 0 \tag{POS}",
            by("algebra", r"\max(x, 0)", "x", "x > 0"),
            by("POS", r"\max(x, 0) - \max(-y, 0)", "x - (-y)", "x > 0, y > 0"),
        ),
        "false at step 1",
    ),
    "a sum over another layer": (
        (
            by(
                "definition of delta",
                r"\delta^2_j",
                r"\sum_{k=1}^{n_1} w^3_{kj} \delta^3_k \cdot \sigma'(z^2_j)",
                "L = 3",
            ),
        ),
        "the sum over k runs to",
    ),
    "columns of two layers": (
        (by("algebra", r"\delta^2 + \delta^3", r"\delta^3 + \delta^2", "L = 3"),),
        "a sum of shapes",
    ),
    "a transposed matrix in a square layer": (
        (
            by(
                "definition of delta",
                r"\delta^i_j",
                r"\sum_{k=1}^{n_{i+1}} w^{i+1}_{jk} \delta^{i+1}_k \cdot \sigma'(z^i_j)",
                r"2 \le i < L, n_i = n_{i+1}",
            ),
        ),
        "false at step 1",
    ),
    "a third": (
        (by("algebra", r"\frac{1}{n_i} C", r"\frac{1}{3} C", r"2 \le i \le L, n_{i-1} = n_i"),),
        "false at step 1",
    ),
    "a half in a layer of two": (
        (by("algebra", r"\frac{1}{n_2} C", r"\frac{1}{2} C", "n_2 = n_1"),),
        "false at step 1",
    ),
    "up to nine": ((by("algebra", r"\min(n_L, 9) \cdot C", "n_L C"),), "false at step 1"),
    "up to a hundred": ((by("algebra", r"\min(n_L, 100) \cdot C", "n_L C"),), "false at step 1"),
    "up to a thousand": (
        (by("algebra", r"\min(n_L, 1000) \cdot C", "n_L C"),),
        "widths and samples are tested up to 129",
    ),
    "up to five layers": ((by("algebra", r"\min(L, 5) \cdot C", "L C"),), "false at step 1"),
    "at least two samples": ((by("definition of C", r"\max(m, 2) \cdot C", r"\sum_{r=1}^{m} C_r"),), "false at step 1"),
    "two samples, where two are named": (
        (by("definition of C", "C", r"\frac{1}{2} C_1 + \frac{1}{2} C_2"),),
        "false at step 1",
    ),
    "as many mini-batches as samples in them": (
        (
            by(
                "algebra",
                r"\frac{1}{P} \sum_{p=1}^{P} \sum_{q=1}^{Q} C_{p,q}",
                r"\frac{1}{Q} \sum_{p=1}^{P} \sum_{q=1}^{Q} C_{p,q}",
            ),
        ),
        "false at step 1",
    ),
    "a slope at a kink": (
        (
            rf"f(x) := {RELU}",
            aligned(
                rf"f'(x) &= \frac{{d}}{{dx}} \left( {RELU} \right) && \text{{(definition of f)}} \\ &= 0 && \text{{(calculus)}}",
                r"\qquad \text{for } x \le 0",
            ),
        ),
        "false at step 2 (x = 0)",
    ),
    "max at its kink": ((by("calculus", r"\frac{d}{dx} \left( \max(x, 0) \right)", "1", "x = 0"),), "false at step 1"),
    "max at another kink": (
        (by("calculus", r"\frac{d}{dx} \left( \max(x, 2 x - 1) \right)", "1", r"x \le 1"),),
        "false at step 1 (x = 1)",
    ),
    "a jump": (
        (
            r"H(x) := \begin{cases} 1 & \text{if } x \ge 0 \\ 0 & \text{otherwise} \end{cases}",
            by("definition of H", "H'(x)", "0"),
        ),
        "false at step 1 (x = 0)",
    ),
    "the value at a point": (
        (
            r"f(x) := \begin{cases} 5 & \text{if } x = 0 \\ x & \text{otherwise} \end{cases}",
            by("definition of f", "f(x)", "x"),
        ),
        "false at step 1 (x = 0)",
    ),
    "the slope of |x| everywhere": (
        (
            by(
                "calculus",
                r"\frac{d}{dx} \left( |x| \right)",
                r"\begin{cases} 1 & \text{if } x \ge 0 \\ -1 & \text{otherwise} \end{cases}",
            ),
        ),
        "false at step 1 (x = 0)",
    ),
    "overlapping cases": (
        (
            r"f(x) := \begin{cases} 1 & \text{if } x > 0 \\ 2 & \text{if } x < \frac{1}{100} \end{cases}",
            by("algebra", "f(x) + 0", "f(x)"),
        ),
        "the cases 1 and 2 overlap",
    ),
    "nothing at the pole": ((by("algebra", r"\frac{x^2}{x}", "x"),), "false at step 1 (x = 0)"),
    "an index as a number": (
        (by("algebra", r"\sum_{j=1}^{n_L} j a^L_j", r"j \sum_{k=1}^{n_L} a^L_k"),),
        "j is an index, and stands here for a number",
    ),
    "a sample as a weight": (
        (by("algebra", r"\sum_{r=1}^{m} r C_r", r"r \sum_{s=1}^{m} C_s"),),
        "r is an index, and stands here for a number",
    ),
    "a letter before a parenthesis": ((by("algebra", "C(x + t) - C(x)", "C t"),), "C(…) reads as a function"),
    "an entry before a parenthesis": ((by("algebra", "a^L_j (x + 1) - a^L_j x", "a^L_j"),), "a(…) reads as a function"),
    "a power before a parenthesis": ((by("algebra", "f^2(x)", r"f^2 \cdot x"),), "f(…) reads as a function"),
    "the reach of a derivative": (
        (by("calculus", r"\frac{\partial}{\partial a^L_k} (a^L_k - E_k) (a^L_k - E_k)", "a^L_k - E_k"),),
        "how far a derivative reaches is not said",
    ),
    "the reach of a derivative before a dot": (
        (by("calculus", r"\frac{d}{dx} (x^2) \cdot x", "2 x^2"),),
        "how far a derivative reaches is not said",
    ),
    "a positive letter": ((by("algebra", "|d|", "d"),), "false at step 1"),
    "a positive rate": ((by("algebra", r"|\eta|", r"\eta"),), "false at step 1"),
    "every sample's update": (
        (by("algebra", r"\Delta w^{i,1}_{jk}", r"\Delta w^{i,2}_{jk}", r"2 \le i \le L"),),
        "false at step 1",
    ),
    "a weight of one sample": ((rf"w^{{i,1}}_{{jk}} = w^{{i,2}}_{{jk}} {LAYERS}",), "w is the same for every sample"),
    "an inequality without a reason": (
        (r"x^2 + 1 \ge 2 x",),
        "gives no reason: a chain must lead from x^2 + 1 - (2 x) to what is evidently at least 0",
    ),
    "false far out": (
        (aligned(r"\ln(1 + x) &\ge \frac{x}{1000} && \text{(signs)}", r"\qquad \text{for } x > 0"),),
        "false at",
    ),
    "very far out": (
        (aligned(r"\ln(1 + x) &\ge \frac{x}{1000000000} && \text{(signs)}", r"\qquad \text{for } x > 0"),),
        "false at step 1",
    ),
    "close in": (
        (aligned(r"x + \frac{1}{100000} &\ge \sqrt{x} && \text{(signs)}", r"\qquad \text{for } x > 1, x < 2"),),
        "step 1: does not follow from signs alone",
    ),
    "its last digit": ((r"\frac{101}{10} \approx 10.0",), "false at step 1"),
    "a fraction for a number": ((r"\frac{1}{3} \approx \frac{1}{3}",), "followed by a number in decimals"),
    "a quantity redefined": (("C(x) := x^2",), "C is a quantity of the network and no function"),
    "a target redefined": (("E(x) := x^2",), "E is a quantity of the network and no function"),
    "a definition with a condition": ((r"f(x) := x \qquad \text{for } x > 0",), "f is defined for every x"),
    "a definition below": (
        (by("definition of sigma", r"\sigma'(z)", r"\frac{d}{dz} \left( z \right)"), r"\sigma(z) := z"),
        "false at step 1",
    ),
    "a function used above its definition": (("f(2) = 4", "f(x) := x^2"), "nothing above defines f"),
    "a bound that no draw near 1 meets": ((by("algebra", r"\max(z^L_j, -1000000)", "z^L_j"),), "false at step 1"),
    "a bound that only small numbers miss": (
        (by("algebra", r"\max(x, \frac{1}{1000000})", "x", "x > 0"),),
        "false at step 1",
    ),
    "a product of signs": ((aligned(r"x^2 y &\ge 0 && \text{(signs)}"),), "false at step 1"),
    "a second slope at a kink of the first": (
        (
            r"f(x) := \begin{cases} x^2 & \text{if } x > 0 \\ -x^2 & \text{otherwise} \end{cases}",
            by("calculus", "f''(x)", r"\begin{cases} 2 & \text{if } x > 0 \\ -2 & \text{otherwise} \end{cases}"),
        ),
        "false at step 1 (x = 0)",
    ),
    "a mean without its factor": (
        (
            by(
                "definition of C",
                r"\frac{\partial C}{\partial b^i_j}",
                r"\sum_{r=1}^{m} \frac{\partial C_r}{\partial b^i_j}",
                r"2 \le i \le L",
            ),
        ),
        "false at step 1",
    ),
    "a billionth": (
        (by("algebra", "a^i_j", r"a^i_j + \frac{1}{10^{12}} \left( a^i_j - \sigma(z^i_j) \right)", r"2 \le i \le L"),),
        "does not follow from algebra alone",
    ),
    "less than any float": (
        (by("algebra", "a^i_j", r"a^i_j + \frac{1}{10^{200}} \left( a^i_j - \sigma(z^i_j) \right)", r"2 \le i \le L"),),
        "does not follow from algebra alone",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_page_is_rejected_for_its_reason(name: str, tmp_path: Path) -> None:
    blocks, sentence = WRONG[name]
    found = complaints(tmp_path, *blocks)
    assert any(sentence in message for message in found), found


RIGHT = {
    "under its condition": (
        r"\max(x, 0) = x \qquad \text{for } x > 0 \tag{POS}",
        by("algebra", r"\max(x, 0)", "x", "x > 0"),
        by("POS", r"\max(y, 0) \cdot x", "y x", "y > 0"),
    ),
    "under a narrower one": (
        rf"{RESULT} \qquad \text{{for }} L \ge 2 \tag{{S}}",
        aligned(LOCAL),
        aligned(CITED, r"\qquad \text{for } L = 3"),
    ),
    "a single equation with its reason": (r"x + x = 2 x \text{(algebra)}",),
    "a square layer": (
        by(
            "algebra",
            r"\frac{1}{n_i} \sum_{j=1}^{n_i} \delta^i_j",
            r"\frac{1}{n_{i-1}} \sum_{j=1}^{n_i} \delta^i_j",
            r"2 \le i \le L, n_{i-1} = n_i",
        ),
    ),
    "up to nine, and it is said": (by("algebra", r"\min(n_L, 9) \cdot C", "n_L C", r"n_L \le 9"),),
    "a slope beside the kink": (by("calculus", r"\frac{d}{dx} \left( \max(x, 0) \right)", "0", "x < 0"),),
    "no kink after all": (by("calculus", r"\frac{d}{dx} \left( x |x| \right)", "2 |x|"),),
    "pieces that join smoothly": (
        by(
            "calculus",
            r"\frac{d}{dx} \left( \begin{cases} x^2 & \text{if } x > 0 \\ -x^2 & \text{otherwise} \end{cases} \right)",
            "2 |x|",
        ),
    ),
    "away from the pole": (by("algebra", r"\frac{x^2}{x}", "x", r"x \ne 0"),),
    "a column times a row": (
        r"\frac{\partial C}{\partial W^i} \ne \delta^i (b^{i-1})^T \qquad \text{for } 3 \le i \le L",
    ),
    "a product with its dot": (by("algebra", r"C \cdot (x + 1) - C", "C x"),),
    "the reach of a derivative said": (
        by("calculus", r"\left( \frac{d}{dx} (x^2) \right) x", "2 x^2"),
        by("calculus", r"\frac{d}{dx} \left( (x - 1) (x - 1) \right)", r"2 \cdot (x - 1)"),
    ),
    "a letter said to be positive": (by("algebra", "|d|", "d", "d > 0"),),
    "a definition's word on its parameter": (
        r"f(x) := d x \qquad \text{for } d > 0",
        by("definition of f", r"\frac{f(x)}{|d|}", "x"),
    ),
    "the mean of the updates": (
        aligned(
            r"\Delta w^i_{jk} &= -\eta \frac{\partial C}{\partial w^i_{jk}} && \text{(definition of Delta)} \\"
            r"&= -\eta \frac{\partial}{\partial w^i_{jk}} \left( \frac{1}{m} \sum_{r=1}^{m} C_r \right)"
            r"&& \text{(definition of C)} \\"
            r"&= \frac{1}{m} \sum_{r=1}^{m} \left( -\eta \frac{\partial C_r}{\partial w^i_{jk}} \right) && \text{(calculus)} \\"
            r"&= \frac{1}{m} \sum_{r=1}^{m} \Delta w^{i,r}_{jk} && \text{(definition of Delta)}",
            LAYERS,
        ),
        rf"\Delta w^i_{{jk}} = \frac{{1}}{{m}} \sum_{{r=1}}^{{m}} \Delta w^{{i,r}}_{{jk}} {LAYERS}",
        rf"\Delta w^{{i,1}}_{{jk}} \ne \Delta w^{{i,2}}_{{jk}} {LAYERS}",
    ),
    "an inequality with its chain": (
        r"x^2 + 1 \ge 2 x",
        by("algebra", "x^2 + 1 - 2 x", "(x - 1)^2"),
    ),
    "an inequality by signs": (aligned(r"x^2 + |y| &\ge 0 && \text{(signs)}"),),
    "digits": (r"\frac{101}{10} \approx 10.1", r"\frac{101}{10} \approx 10.10", r"\frac{1}{3} \approx 0.333"),
    "a definition above": (
        r"\sigma(z) := z",
        by("definition of sigma", r"\sigma'(z)", r"\frac{d}{dz} \left( z \right)"),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_page_passes(name: str, tmp_path: Path) -> None:
    assert not complaints(tmp_path, *RIGHT[name])


def test_what_is_proved_for_one_cost_is_not_cited_for_every(tmp_path: Path) -> None:
    special = math(
        r"C := \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2", rf"{RESULT} \tag{{S}}", aligned(LOCAL), aligned(CITED)
    )
    assert not check(tmp_path, NETWORK + special).problems
    found = check(tmp_path, f"{NETWORK}{special}\n{NETWORK}{math(aligned(CITED))}").problems
    assert [p.message for p in found] == [
        "step 1: cites (S), which was proved under the definition of C in line 4, and it does not hold here"
    ]
    general = math(rf"{RESULT} \tag{{S}}", aligned(LOCAL))
    again = special.replace("tag{S}", "tag{T}")
    assert not check(tmp_path, f"{NETWORK}{general}\n{NETWORK}{again}").problems
