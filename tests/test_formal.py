"""The Coq proofs compile, rest on nothing but the reals' axioms, and do not compile with a mistake in them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

FORMAL = Path(__file__).parent.parent / "proofs" / "formal"
AXIOMS_OF_THE_REALS = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
}
needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed (Debian: apt install coq)")

#: (what goes wrong, file, the line as it is, the line with the mistake)
MISTAKES = [
    (
        "BP1: sigma' at a",
        "Backprop.v",
        "delta (L net) j = hadamard nabla (fun j => sigma_prime net (L net) (z net x (L net) j)) j.",
        "delta (L net) j = hadamard nabla (fun j => sigma_prime net (L net) (a net x (L net) j)) j.",
    ),
    (
        "BP1: no sigma'",
        "Backprop.v",
        "delta (L net) j = hadamard nabla (fun j => sigma_prime net (L net) (z net x (L net) j)) j.",
        "delta (L net) j = nabla j.",
    ),
    (
        "BP2: W not transposed",
        "Backprop.v",
        "delta i j = hadamard (matvec (n net (i + 1)) (transpose (W net (i + 1))) (delta (i + 1)%nat))",
        "delta i j = hadamard (matvec (n net (i + 1)) (W net (i + 1)) (delta (i + 1)%nat))",
    ),
    (
        "BP3: the outer product in the other order",
        "Backprop.v",
        "(W net i j k) (outer (delta i) (a net x (i - 1)) j k).",
        "(W net i j k) (outer (a net x (i - 1)) (delta i) j k).",
    ),
    (
        "BP4 of a batch: the sum, not the mean",
        "Backprop.v",
        "(mean m (fun r => delta r i j)).",
        "(Sum m (fun r => delta r i j)).",
    ),
    (
        "tanh': 1 - tanh",
        "Activations.v",
        "Theorem tanh_derivative z : D tanh z (1 - tanh z ^ 2).",
        "Theorem tanh_derivative z : D tanh z (1 - tanh z).",
    ),
    (
        "Kullback-Leibler: the sign",
        "Costs.v",
        "is_gradient n kullback_leibler a (fun j => - E j / a j).",
        "is_gradient n kullback_leibler a (fun j => E j / a j).",
    ),
    (
        "gelu': the density without its factor z",
        "Gelu.v",
        "Theorem gelu_derivative z : D gelu z (normal_distribution z + z * normal_density z).",
        "Theorem gelu_derivative z : D gelu z (normal_distribution z + normal_density z).",
    ),
    (
        "mish': 5 for 4",
        "ActivationsGated.v",
        "    e * (4 * (z + 1) + (4 * z + 6) * e + 4 * e ^ 2 + e ^ 3) / (e ^ 2 + 2 * e + 2) ^ 2).",
        "    e * (5 * (z + 1) + (4 * z + 6) * e + 4 * e ^ 2 + e ^ 3) / (e ^ 2 + 2 * e + 2) ^ 2).",
    ),
    (
        "leaky_relu has a derivative at its kink",
        "ActivationsByBranches.v",
        "Theorem leaky_relu_derivative_left z : z < 0 -> D leaky_relu z (/ 100).",
        "Theorem leaky_relu_derivative_left z : z <= 0 -> D leaky_relu z (/ 100).",
    ),
    (
        "squared hinge: the inner derivative",
        "CostsByBranches.v",
        "is_gradient n (squared_hinge n E) a (fun j => -2 * E j * Rmax 0 (1 - E j * a j)).",
        "is_gradient n (squared_hinge n E) a (fun j => -2 * Rmax 0 (1 - E j * a j)).",
    ),
    (
        "sigmoid before Hellinger: a for its root",
        "FusedHeads.v",
        "    (fun j => sqrt (sigmoid (z j))\n",
        "    (fun j => sigmoid (z j)\n",
    ),
    (
        "page 10: nothing of the cost in the chain rule",
        "OnlyBP1.v",
        "(Sum (n net (L net)) (fun l => nabla l * output_by_w l)).",
        "(Sum (n net (L net)) (fun l => output_by_w l)).",
    ),
    (
        "descent: a step along the gradient",
        "Descent.v",
        "f (fun k => x k + - eta * g k) < f x.",
        "f (fun k => x k + eta * g k) < f x.",
    ),
    (
        "descent: any step lowers the cost",
        "Descent.v",
        "exists small, 0 < small /\\ forall eta, 0 < eta < small -> mean_cost (step eta) < mean_cost net.",
        "exists small, 0 < small /\\ forall eta, 0 < eta -> mean_cost (step eta) < mean_cost net.",
    ),
    (
        "mini-batches: the mean over P alone",
        "Descent.v",
        "= / (INR P * INR Q) * Sum P (fun p => Sum Q (fun q => f p q)).",
        "= / INR P * Sum P (fun p => Sum Q (fun q => f p q)).",
    ),
]


def theorems_of(source: str) -> set[str]:
    return set(re.findall(r"^\s*Theorem (\w+)", source, re.MULTILINE))


def compile_in(folder: Path, file: str) -> subprocess.CompletedProcess[str]:
    command = ["coqc", "-q", "-R", ".", "Formal", file]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the compiled proofs, and what the compilation printed."""
    folder = tmp_path_factory.mktemp("formal")
    built = subprocess.run(
        ["bash", str(FORMAL / "build.sh"), str(folder)], capture_output=True, text=True, timeout=300, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder, built.stdout


@needs_coq
@pytest.mark.longer
def test_the_proofs_compile_and_rest_on_the_axioms_of_the_reals(compiled: tuple[Path, str]) -> None:
    _, printed = compiled
    listing = printed.partition("Axioms:\n")[2]
    axioms = re.findall(r"^([\w.]+)(?= :|$)", listing, re.MULTILINE)
    assert axioms, "the last file prints what the theorems rest on"
    assert set(axioms) <= AXIOMS_OF_THE_REALS


@needs_coq
@pytest.mark.longer
def test_an_admitted_theorem_would_be_seen(compiled: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "Admitted.v").write_text(
        "Theorem easy : 0 = 1.\nProof. Admitted.\nPrint Assumptions easy.\n", encoding="utf-8"
    )
    assert re.findall(r"^([\w.]+)(?= :|$)", compile_in(tmp_path, "Admitted.v").stdout, re.MULTILINE) == ["easy"]


@needs_coq
@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [pytest.param(*m[1:], id=m[0], marks=pytest.mark.longer) for m in MISTAKES],
)
def test_a_mistake_does_not_compile(
    compiled: tuple[Path, str], tmp_path: Path, file: str, right: str, wrong: str
) -> None:
    source = (FORMAL / file).read_text(encoding="utf-8")
    assert source.count(right) == 1
    for library in compiled[0].glob("*.vo"):
        shutil.copy(library, tmp_path)
    (tmp_path / file).write_text(source.replace(right, wrong), encoding="utf-8")
    result = compile_in(tmp_path, file)
    assert result.returncode != 0
    # The mistaken statement is read and well typed: what fails is its proof, below it.
    failed_at = re.search(rf'File "\./{file}", line (\d+)', result.stderr)
    assert failed_at is not None, result.stderr
    statement_ends = source[: source.index(right)].count("\n") + 1
    assert int(failed_at[1]) > statement_ends, result.stderr
    proof_ends = source[: source.index("Qed.", source.index(right))].count("\n") + 1
    assert int(failed_at[1]) <= proof_ends, result.stderr


def test_every_theorem_is_listed_with_its_page() -> None:
    proved = set().union(*(theorems_of(path.read_text(encoding="utf-8")) for path in FORMAL.glob("*.v")))
    assert len(proved) >= 100
    listed = set(re.findall(r"@(\w+)", (FORMAL / "Assumptions.v").read_text(encoding="utf-8")))
    readme = (FORMAL / "README.md").read_text(encoding="utf-8")
    assert proved - listed == set(), "Assumptions.v names every theorem"
    assert proved - set(re.findall(r"`(\w+)`", readme)) == set(), "README.md says which page it belongs to"


def test_nothing_is_admitted() -> None:
    words = r"\b(Admitted|admit|Axiom|Axioms|Parameter|Parameters|Conjecture|Abort|give_up)\b"
    for path in FORMAL.glob("*.v"):
        assert not re.search(words, path.read_text(encoding="utf-8")), path.name


def test_every_file_is_in_the_project() -> None:
    project = (FORMAL / "_CoqProject").read_text(encoding="utf-8").split()
    assert {path.name for path in FORMAL.glob("*.v")} == {word for word in project if word.endswith(".v")}
