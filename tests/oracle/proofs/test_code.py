"""Page, quoted line and record hold each other: a change of any one of them makes the check fail."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

import manualbp
from oracle.proofs import networks, quotes, records
from oracle.proofs.check import check_page
from oracle.proofs.citations import Citations
from oracle.proofs.uses import executed_for

from .page import check, math

DEFINITION = r"C := \frac{1}{\sqrt{2}} \sum_{j=1}^{n} (\sqrt{a_j} - \sqrt{E_j})^2"
LINE = "return total((xp.sqrt(a) - xp.sqrt(E)) ** 2) / SQRT2"
PROOFS = Path(__file__).parents[3] / "proofs"
needs_pages = pytest.mark.skipif(not PROOFS.is_dir(), reason="the pages are not installed")
SUBJECT = "<!-- subject: cost hellinger -->\n"


def page(definition: str = DEFINITION, line: str = LINE) -> str:
    return f"{SUBJECT}{math(definition)}\n```python manualbp/costs.py\n{line}\n```\n"


def messages(folder: Path, text: str) -> list[str]:
    return [p.message for p in check(folder, text).problems]


def test_the_page_as_it_should_be(tmp_path: Path) -> None:
    report = check(tmp_path, page())
    assert (report.problems, report.records, report.quotes) == ([], 1, 1)


def test_the_page_changed(tmp_path: Path) -> None:
    assert "C of manualbp is" in messages(tmp_path, page(DEFINITION.replace(r"\frac{1}{\sqrt{2}}", r"\frac{1}{2}")))[0]


def test_the_quoted_line_changed_on_the_page(tmp_path: Path) -> None:
    assert messages(tmp_path, page(line=LINE.replace("-", "+"))) == [
        "the quoted code does not stand in manualbp/costs.py"
    ]


def test_the_quoted_line_changed_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tuple(line.replace("/ SQRT2", "/ 1 / SQRT2") for line in quotes.lines_of("manualbp/costs.py"))
    monkeypatch.setattr(quotes, "lines_of", lambda name: changed)
    assert messages(tmp_path, page()) == ["the quoted code does not stand in manualbp/costs.py"]


@pytest.mark.parametrize("part", ["C", "nabla_a"])
def test_the_record_changed(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cost = manualbp.HELLINGER
    wrong = replace(cost, **{part: lambda a, E: getattr(cost, part)(a, E) * (1 + 2.0**-40)})
    monkeypatch.setattr(records.manualbp, "COSTS", MappingProxyType({**manualbp.COSTS, "hellinger": wrong}))
    assert "of manualbp is" in messages(tmp_path, page())[0]


@pytest.mark.parametrize(
    ("subject", "definition"),
    [
        ("activation identity", r"\sigma(z) := \max(z, -100)"),
        ("activation identity", r"\sigma(z) := \min(z, 30)"),
        ("activation identity", r"\sigma(z) := z + \frac{1}{1000000000000000000000}"),
        ("activation tanh", r"\sigma(z) := \min(\tanh(z), 0.9999999)"),
        ("cost hellinger", DEFINITION + r" + \frac{1}{1000000000000000000000}"),
        ("cost quadratic", r"C := \frac{1}{2} \sum_{j=1}^{n} (a_j - E_j)^2 + \frac{1}{1000000000000000000000}"),
    ],
)
def test_a_definition_that_differs_far_out_or_by_little(subject: str, definition: str, tmp_path: Path) -> None:
    found = messages(tmp_path, f"<!-- subject: {subject} -->\n{math(definition)}")
    assert "of manualbp is" in found[0]


def test_a_line_that_does_not_run_for_this_record(tmp_path: Path) -> None:
    assert "does not run for hellinger" in messages(tmp_path, page(line="return a - E"))[0]


def test_the_line_of_the_derivative_below_the_definition_of_the_value(tmp_path: Path) -> None:
    derivative = "return (xp.sqrt(a) - xp.sqrt(E)) / (SQRT2 * xp.sqrt(a))"
    assert "does not run for hellinger as C" in messages(tmp_path, page(line=derivative))[0]


@needs_pages
@pytest.mark.parametrize(
    ("name", "line", "other"),
    [
        (
            "07-bp3",
            "nabla_w[i] = mean_delta @ a[i - 1].mT  # (BP3)",
            "nabla_b[i] = mean_delta.sum(axis=-1, keepdims=True)  # (BP4)",
        ),
        ("05-bp1", "return cost.nabla_a(a, E) * activation.sigma_prime(z)  # (BP1)", "return cost.C(a, E)"),
    ],
)
def test_the_line_of_another_equation(name: str, line: str, other: str, tmp_path: Path) -> None:
    text = (PROOFS / f"{name}.md").read_text(encoding="utf-8")
    assert line in text
    assert any("not the boxed left side" in message for message in messages(tmp_path, text.replace(line, other)))


BP1_AT_THE_OUTPUT = "delta[L] = net.head.delta(z[L], a[L], E)  # (BP1)"
BP2 = "delta[i] = (w[i + 1].mT @ delta[i + 1]) * sigma_prime[i](z[i])  # (BP2)"


@pytest.mark.longer
@needs_pages
@pytest.mark.parametrize(
    ("name", "line", "other", "sentence"),
    [
        ("06-bp2", BP2, BP1_AT_THE_OUTPUT, "does not compute the boxed left side at layer 3"),
        ("03-hadamard", BP2, BP1_AT_THE_OUTPUT, "no product of entries"),
    ],
)
def test_the_line_of_another_layer(name: str, line: str, other: str, sentence: str, tmp_path: Path) -> None:
    text = (PROOFS / f"{name}.md").read_text(encoding="utf-8")
    assert line in text
    assert any(sentence in message for message in messages(tmp_path, text.replace(line, other)))


@needs_pages
@pytest.mark.parametrize(
    ("name", "lines", "other"),
    [
        (
            "30-activations-tanh",
            "e = xp.exp(-2 * xp.abs(z))\nreturn 4 * e / (1 + e) ** 2",
            "e = xp.exp(-2 * xp.abs(z))",
        ),
        (
            "30-activations-softplus",
            'SOFTPLUS = Activation("softplus", softplus, sigmoid, 0, math.inf)',
            'SIGMOID = Activation("sigmoid", sigmoid, sigmoid_prime, 0, 1)',
        ),
        (
            "30-activations-softplus",
            "return relu(z) + xp.log1p(xp.exp(minus_abs(z)))",
            "def softplus(z: Array) -> Array:",
        ),
        ("20-costs-hellinger", LINE, "SQRT2 = 2**0.5"),
    ],
)
def test_a_line_that_does_not_compute_the_value(name: str, lines: str, other: str, tmp_path: Path) -> None:
    text = (PROOFS / f"{name}.md").read_text(encoding="utf-8")
    assert lines in text
    assert any("does not" in message for message in messages(tmp_path, text.replace(lines, other)))


@pytest.mark.longer
@needs_pages
def test_a_line_of_backpropagation_that_computes_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PROOFS / "08-bp4.md"
    before = [p.message for p in check_page(page, Citations()).problems]
    assert not any("quoted" in message for message in before)
    executed_for("network", "")

    def doubled(net: manualbp.Network, x: object, E: object) -> manualbp.Gradients:
        g = manualbp.gradients(net, x, E)
        return replace(g, nabla_b=tuple(2 * b for b in g.nabla_b))

    with monkeypatch.context() as patch:
        patch.setattr(networks, "gradients", doubled)
        assert any("does not compute the boxed right side" in p.message for p in check_page(page, Citations()).problems)


def test_an_example_that_prints_something_else(tmp_path: Path) -> None:
    text = f"{SUBJECT}{math(DEFINITION)}\n```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n"
    assert messages(tmp_path, text) == ["the example prints '2' here"]
    assert not messages(tmp_path, text.replace("\n3\n", "\n2\n"))
