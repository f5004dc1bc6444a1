"""Which record of the package is which theorem in Coq: the table of proofs/formal/README.md, held to both sides."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest

from manualbp import costs
from manualbp.activations import ACTIVATIONS, Activation
from manualbp.costs import COSTS, Cost
from manualbp.heads import HEADS, Head

from .coq_terms import Env, Theorem, arguments, definitions, evaluate, parse, theorems

FORMAL = Path(__file__).parent.parent / "proofs" / "formal"
README = (FORMAL / "README.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `([\w+:]+)` \| \[\d+\]\(\.\./([\w-]+\.md)\) \| (`[^|]*) \| ([^|]*) \| ([\w, ]+) \|$", re.MULTILINE
)
Record = Activation | Cost | Head


class Row(NamedTuple):
    record: str
    page: str
    stated: str  # the theorems of the derivative
    more: str  # those of the form that is computed, and of kinks
    files: str

    def theorems(self) -> list[str]:
        return re.findall(r"`(\w+)`", self.stated)


ROWS = [Row(*cells) for cells in ROW.findall(README)]
RECORDS: dict[str, Record] = {
    **ACTIVATIONS,
    **COSTS,
    **{name: head for name, head in HEADS.items() if head.form == "fused"},
}
TERMS = definitions(FORMAL)
THEOREMS = theorems(FORMAL)
EACH = pytest.mark.parametrize("row", ROWS, ids=[row.record for row in ROWS])
CLOSE = 32 * 2.0**-52  # at these points no form cancels or saturates: what is compared is formulas, not rounding

POINTS = [-2.5, -1.0, -0.3, 0.0, 0.3, 0.9, 2.5]
A = np.array([0.2, 0.7, 0.4])
Z = np.array([-1.2, 0.4, 1.9])
EXPECTED = {"sign": np.array([1.0, -1.0, 1.0]), "simplex": np.array([0.5, 0.2, 0.3])}


def differs(stated: Any, computed: Any) -> bool:
    return bool(abs(stated - mpmath.mpf(float(computed))) > CLOSE * max(1, abs(stated)))


def mismatch_of_activation(theorem: Theorem, activation: Activation) -> str | None:
    f, _, slope = arguments(theorem.conclusion)
    conditions = [parse(hypothesis) for hypothesis in theorem.hypotheses]
    tried = 0
    for point in POINTS:
        env = {**TERMS, "z": mpmath.mpf(point)}
        if not all(evaluate(condition, env) for condition in conditions):
            continue
        tried += 1
        z = np.array([[point]])
        if differs(evaluate(f, env)(env["z"]), activation.sigma(z).item()):
            return f"its function is not {activation.name}'s at {point}"
        if differs(evaluate(slope, env), activation.sigma_prime(z).item()):
            return f"its derivative is not σ′ of {activation.name} at {point}"
    return None if tried > 1 else "its conditions hold nowhere"


def vector(values: np.ndarray) -> Any:
    return lambda k: mpmath.mpf(float(values[k]))


def expected_of(cost: Cost) -> np.ndarray:
    return EXPECTED["sign" if cost.e_domain.name == "sign" else "simplex"]


def in_section(theorem: Theorem, env: Env) -> Env:
    """Inside of its section a definition is written without the section's variables."""
    inside = dict(env)
    for name in COSTS:
        variables = [v for v in theorem.section if v in ("n", "E") or (v == "tau" and name == "exponential")]
        for variable in variables:
            inside[name] = inside[name](env[variable])
    return inside


def mismatch_of_gradient(
    theorem: Theorem, at: np.ndarray, E: np.ndarray, value: Any, slope: np.ndarray, env: Env
) -> str | None:
    env = {**TERMS, "n": len(at), "E": vector(E), "a": vector(at), "z": vector(at), **env}
    _, f, _, gradient = arguments(theorem.conclusion)
    env = in_section(theorem, env) if theorem.section else env
    if differs(evaluate(f, env)(vector(at)), value):
        return "its function is another"
    entries = evaluate(gradient, env)
    wrong = [j for j in range(len(at)) if differs(entries(j), slope[j])]
    return f"its gradient is another in the entries {wrong}" if wrong else None


def mismatch(theorem: Theorem, record: Record) -> str | None:
    """Why the theorem is not about the record, or None."""
    if isinstance(record, Activation):
        return mismatch_of_activation(theorem, record) if len(arguments(theorem.conclusion)) == 3 else "no derivative"
    if len(arguments(theorem.conclusion)) != 4:
        return "no gradient"
    cost = record if isinstance(record, Cost) else record.cost
    E = expected_of(cost)
    if isinstance(record, Head):
        z, e = Z[:, None], E[:, None]
        a = record.sigma(z)
        C, delta = record.C(z, a, e).item(), record.delta(z, a, e)[:, 0]
        return mismatch_of_gradient(theorem, Z, E, C, delta, {})
    # with parameters of 1 a factor of one of them could be missing
    made = {"exponential": costs.exponential, "huber": costs.huber}.get(cost.name)
    cost = made(0.4) if made else cost
    C, nabla = cost.C(A[:, None], E[:, None]).item(), cost.nabla_a(A[:, None], E[:, None])[:, 0]
    return mismatch_of_gradient(theorem, A, E, C, nabla, {"tau": mpmath.mpf(0.4), "d": mpmath.mpf(0.4)})


def test_every_record_has_one_row() -> None:
    assert [row.record for row in ROWS] == list(RECORDS)


@EACH
def test_the_page_is_about_the_record(row: Row) -> None:
    page = (FORMAL.parent / row.page).read_text(encoding="utf-8")
    assert re.search(rf"^<!-- subject: \w+ {re.escape(row.record)} -->$", page, re.MULTILINE), row.page


@EACH
def test_the_theorems_are_in_the_files_named(row: Row) -> None:
    source = "".join((FORMAL / f"{name}.v").read_text(encoding="utf-8") for name in row.files.split(", "))
    assert row.theorems()
    for name in re.findall(r"`(\w+)`", row.stated + row.more):
        assert re.search(rf"^\s*(Theorem|Lemma) {name}\b", source, re.MULTILINE), name


@EACH
def test_the_theorems_are_about_the_record(row: Row) -> None:
    with mpmath.workdps(40):
        for name in row.theorems():
            assert mismatch(THEOREMS[name], RECORDS[row.record]) is None, name


@pytest.mark.parametrize("row", [row for row in ROWS if row.record in ACTIVATIONS and ACTIVATIONS[row.record].kinks])
def test_a_kink_has_no_derivative_and_the_convention_is_the_slope_from_the_left(row: Row) -> None:
    source = (FORMAL / "ActivationsByBranches.v").read_text(encoding="utf-8")
    assert f"Theorem {row.record}_has_a_kink l : ~ D {row.record} 0 l." in source
    found = re.search(
        rf"Theorem {row.record}_convention : slope_from_left {row.record} 0 (.*)\.$", source, re.MULTILINE
    )
    assert found is not None
    with mpmath.workdps(40):
        slope = evaluate(parse(found[1]), dict(TERMS))
    assert not differs(slope, ACTIVATIONS[row.record].sigma_prime(np.array([[0.0]])).item())


def test_the_conditions_leave_out_kinks_alone() -> None:
    """Together the theorems of an activation hold everywhere but at its kinks."""
    for row in ROWS:
        if row.record not in ACTIVATIONS:
            continue
        conditions = [[parse(h) for h in THEOREMS[name].hypotheses] for name in row.theorems()]
        uncovered = [
            z for z in POINTS if not any(all(evaluate(c, {"z": z}) for c in conjunction) for conjunction in conditions)
        ]
        assert uncovered == list(ACTIVATIONS[row.record].kinks), row.record


# what the test must see


@pytest.mark.parametrize(
    ("theorem", "record"),
    [
        ("silu_derivative", "mish"),
        ("gelu_derivative", "gelu_tanh"),
        ("relu_derivative_right", "softplus"),
        ("relu_derivative_left", "elu"),
        ("elu_derivative_left", "selu"),
        ("kullback_leibler_gradient", "categorical_cross_entropy"),
        ("quadratic_gradient", "huber"),
        ("generalized_kullback_leibler_gradient", "poisson"),
        ("sigmoid_poisson_delta", "sigmoid+generalized_kullback_leibler:fused"),
        ("softmax_poisson_delta", "softmax+kullback_leibler:fused"),
        ("quadratic_gradient", "identity"),
        ("identity_derivative", "quadratic"),
    ],
)
def test_a_theorem_about_another_record_is_seen(theorem: str, record: str) -> None:
    with mpmath.workdps(40):
        assert mismatch(THEOREMS[theorem], RECORDS[record]) is not None


@pytest.mark.parametrize(
    ("theorem", "right", "wrong"),
    [
        ("gelu_derivative", "z * normal_density z", "normal_density z"),
        ("mish_derivative", "4 * e ^ 2", "6 * e ^ 2"),
        ("huber_gradient", "huber_slope d (a j - E j)", "huber_slope 1 (a j - E j)"),
        ("exponential_gradient", "2 / tau", "2"),
        ("sigmoid_hellinger_delta", "/ sqrt 2", "/ 2"),
    ],
)
def test_a_wrong_right_side_is_seen(theorem: str, right: str, wrong: str, tmp_path: Path) -> None:
    row = next(row for row in ROWS if theorem in row.theorems())
    for path in (FORMAL / name for name in ("_CoqProject", *(p.name for p in FORMAL.glob("*.v")))):
        text = path.read_text(encoding="utf-8")
        at = text.find(f"Theorem {theorem} ")
        if at >= 0:
            assert right in text[at:]
            text = text[:at] + text[at:].replace(right, wrong, 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with mpmath.workdps(40):
        assert mismatch(theorems(tmp_path)[theorem], RECORDS[row.record]) is not None
