"""Mistakes that `manualbp verify` must find: single mutations of the hand-derived code, and a runner.

    python tests/mutations.py                    every mutation, one after the other
    python tests/mutations.py --only NAME …      these
    python tests/mutations.py --without-edges    by the random networks alone, without the edge cases
    python tests/mutations.py --list             their names

Each mutation replaces one text in one file of a copy of the packages. `manualbp verify --cases 500` must then exit 1 and blame what
the mutation lists. Exits 1 if a mutation survives or the blame is wrong. No mutation is an identity: each changes a derivative, or
a function whose derivative stays as it was. What cannot be found is not among them: another σ or C together with its own right
derivative, for that is another network, not a wrong gradient.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASES = 500

#: Runs the command, or all but the edge cases, in the copy at argv[1]; nothing is printed where another copy would be imported.
IN_COPY = """
import pathlib, sys
import manualbp, oracle
root = pathlib.Path(sys.argv[1]).resolve()
for package in (manualbp, oracle):
    assert pathlib.Path(package.__file__).resolve().is_relative_to(root), package.__file__
if sys.argv[2] == "command":
    from oracle.cli import main
    main(["verify", "--cases", sys.argv[3], "--json"], prog_name="manualbp")
from oracle.verify.run import verify
from oracle.verify.report import as_dict, print_json
result = verify(int(sys.argv[3]), 0, edges=False)
print_json(as_dict(result))
sys.exit({"right": 0, "wrong": 1, "inaccurate": 3, "undecided": 4}[result.verdict])
"""


@dataclass(frozen=True)
class Mutation:
    """In `file`, `old` becomes `new`. blames: patterns, one of which the blame must match."""

    name: str
    file: str
    old: str
    new: str
    blames: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What verify said of a mutation."""

    mutation: Mutation
    exit_code: int
    blame: str
    equation: str
    seconds: float

    @property
    def caught(self) -> bool:
        return self.exit_code == 1

    @property
    def blamed(self) -> bool:
        """Whether the message names what is wrong."""
        return any(fnmatchcase(self.blame, pattern) for pattern in self.mutation.blames)


def backprop(name: str, old: str, new: str, *blames: str) -> Mutation:
    return Mutation(name, "manualbp/backprop.py", old, new, blames)


def cost(name: str, old: str, new: str, *blames: str) -> Mutation:
    return Mutation(name, "manualbp/costs.py", old, new, blames)


def head(name: str, old: str, new: str, *blames: str) -> Mutation:
    return Mutation(name, "manualbp/heads.py", old, new, blames)


def activation(name: str, old: str, new: str, *blames: str) -> Mutation:
    return Mutation(name, "manualbp/activations.py", old, new, blames)


BP1_LINE = "net.head.delta(z[L], a[L], E)"
BP2_LINE = "(w[i + 1].mT @ delta[i + 1]) * sigma_prime[i](z[i])"
BP3_LINE = "mean_delta @ a[i - 1].mT"
BP4_LINE = "mean_delta.sum(axis=-1, keepdims=True)"
CHAINED = "cost.nabla_a(a, E) * activation.sigma_prime(z)"
JACOBIAN = "a * (others(a) * g - others(a * g))"

BACKPROP = (
    backprop("bp1 at a for z", BP1_LINE, BP1_LINE.replace("z[L]", "a[L]"), "BP1"),
    backprop("bp1 with a and E swapped", BP1_LINE, BP1_LINE.replace("a[L], E", "E, a[L]"), "BP1"),
    backprop("bp1 with the mean taken already", BP1_LINE, BP1_LINE + " / m", "BP1"),
    backprop("bp2 without the transpose", BP2_LINE, BP2_LINE.replace("w[i + 1].mT", "w[i + 1]"), "BP2"),
    backprop("bp2 with W of the layer itself", BP2_LINE, BP2_LINE.replace("w[i + 1].mT", "w[i].mT"), "BP2"),
    backprop("bp2 with sigma' of a", BP2_LINE, BP2_LINE.replace("(z[i])", "(a[i])"), "BP2"),
    backprop("bp2 with sigma for sigma'", "activation.sigma_prime for", "activation.sigma for", "BP2"),
    backprop(
        "bp2 with sigma' of the next layer", BP2_LINE, BP2_LINE.replace("prime[i]", "prime[min(i + 1, L - 1)]"), "BP2"
    ),
    backprop("bp2 from the output at once", BP2_LINE, BP2_LINE.replace("delta[i + 1]", "delta[L]"), "BP2"),
    backprop("bp2 without sigma'", BP2_LINE, "w[i + 1].mT @ delta[i + 1]", "BP2"),
    backprop("bp2 with a sum for the Hadamard product", BP2_LINE, BP2_LINE.replace("*", "+"), "BP2"),
    backprop("bp3 with a of the layer itself", BP3_LINE, BP3_LINE.replace("a[i - 1]", "a[i]"), "BP3"),
    backprop("bp3 with z for a", BP3_LINE, BP3_LINE.replace("a[i - 1]", "z.get(i - 1, x)"), "BP3"),
    backprop("bp3 transposed", BP3_LINE, "a[i - 1] @ mean_delta.mT", "BP3"),
    backprop("bp3 by the Hadamard product", BP3_LINE, "mean_delta * a[i - 1]", "BP3"),
    backprop("bp3 of delta of the output", BP3_LINE, BP3_LINE.replace("mean_delta", "(delta[L] / m)"), "BP3"),
    backprop("bp3 and bp4 without 1/m", "= delta[i] / m ", "= delta[i] ", "BP3"),
    backprop("bp3 and bp4 over n for m", "= delta[i] / m ", "= delta[i] / x.shape[-2] ", "BP3"),
    backprop("bp4 not summed", BP4_LINE, "mean_delta", "BP4"),
    backprop("bp4 of the first sample", BP4_LINE, "delta[i][..., :1]", "BP4"),
    backprop("bp4 averaged twice", BP4_LINE, BP4_LINE.replace("mean_delta", "(mean_delta / m)"), "BP4"),
    backprop("bp4 with the sign of the descent", BP4_LINE, BP4_LINE.replace("mean_delta", "-mean_delta"), "BP4"),
    backprop("the cost a sum over the samples", "a[L], E).sum(axis=-1) / m", "a[L], E).sum(axis=-1)", "C"),
    backprop(
        "samples in another order, one by one",
        "_backpropagate(net, x.T[:, :, None]",
        "_backpropagate(net, x.T[::-1, :, None]",
        "per_sample_gradients",
    ),
)

COSTS = (
    cost("quadratic sign", "    return a - E\n", "    return E - a\n", "cost quadratic"),
    cost("quadratic C without the half", "total((a - E) ** 2) * 0.5", "total((a - E) ** 2)", "cost quadratic"),
    cost(
        "cross-entropy eps 1e-6 added",
        "(a - E) / (a * (1 - a))",
        "(a - E) / (a * (1 - a) + 1e-6)",
        "cost cross_entropy",
    ),
    cost(
        "cross-entropy eps 1e-12 added",
        "(a - E) / (a * (1 - a))",
        "(a - E) / (a * (1 - a) + 1e-12)",
        "cost cross_entropy",
    ),
    cost("cross-entropy clip", "(a - E) / (a * (1 - a))", "(a - E) / (a * (1 - a)).clip(1e-4)", "cost cross_entropy"),
    cost("cross-entropy 1 - a E below", "(a - E) / (a * (1 - a))", "(a - E) / (a * (1 - a * E))", "cost cross_entropy"),
    cost("cross-entropy of class 1 alone", "(a - E) / (a * (1 - a))", "-E / a", "cost cross_entropy"),
    cost(
        "cross-entropy C without 1 - E", "E * xp.log(a) + (1 - E) * xp.log1p(-a)", "E * xp.log(a)", "cost cross_entropy"
    ),
    cost("hellinger root of E below", "(SQRT2 * xp.sqrt(a))", "(SQRT2 * xp.sqrt(or_one(E)))", "cost hellinger"),
    cost("hellinger without the root of two", "(SQRT2 * xp.sqrt(a))", "xp.sqrt(a)", "cost hellinger"),
    cost(
        "hellinger at E = 0 alone",
        "return (xp.sqrt(a) - xp.sqrt(E)) / (",
        "return (xp.sqrt(a) - xp.sqrt(or_one(E))) / (",
        "cost hellinger",
    ),
    cost(
        "kullback-leibler at E = 0 alone",
        'nabla(a: Array, E: Array) -> Array:\n    """∇ₐC = −E / a."""\n    return -E / a\n\n\ndef generalized',
        'nabla(a: Array, E: Array) -> Array:\n    """∇ₐC = −E / a."""\n    return -or_one(E) / a\n\n\ndef generalized',
        "cost kullback_leibler",
    ),
    cost(
        "kullback-leibler C of a for E",
        "total(E * xp.log(xp.where(E > 0, E, a) / a))",
        "total(a * xp.log(xp.where(E > 0, E, a) / a))",
        "cost kullback_leibler",
    ),
    cost(
        "0 ln 0 not taken as 0",
        "total(E * xp.log(xp.where(E > 0, E, a) / a))",
        "total(E * xp.log(E / a))",
        "cost kullback_leibler",
    ),
    cost(
        "generalized kullback-leibler C sign",
        "kullback_leibler(a, E) + total(a - E)",
        "kullback_leibler(a, E) - total(a - E)",
        "cost generalized_kullback_leibler",
    ),
    cost("itakura-saito divided once", "return (a - E) / a / a", "return (a - E) / a", "cost itakura_saito"),
    cost("itakura-saito divided by E", "return (a - E) / a / a", "return (a - E) / a / E", "cost itakura_saito"),
    cost(
        "itakura-saito C without the logarithm",
        "E / a - xp.log(E / a) - 1",
        "E / a - 1",
        "cost itakura_saito",
    ),
    cost(
        "categorical as if the outputs were summed to 1",
        'closed simplex."""\n    xp = a.__array_namespace__()\n    return -total(E * xp.log(a))',
        'closed simplex."""\n    xp = a.__array_namespace__()\n    return -total(E * xp.log(a) - a)',
        "cost categorical_cross_entropy",
    ),
    cost("log-cosh of a and E apart", ".tanh(a - E)", ".tanh(a) - a.__array_namespace__().tanh(E)", "cost log_cosh"),
    cost("log-cosh C beyond 1", "xp.expm1(-2 * large)", "xp.expm1(-large)", "cost log_cosh"),
    cost("squared hinge without the 2", "return -2 * E * _slack", "return -E * _slack", "cost squared_hinge"),
    cost("squared hinge with a for E", "return -2 * E * _slack", "return -2 * a * _slack", "cost squared_hinge"),
    cost("squared hinge linear", "total(_slack(a, E) ** 2)", "total(_slack(a, E))", "cost squared_hinge"),
    cost(
        "poisson without its constant",
        'a − E ln a); a > 0, E ≥ 0."""\n    xp = a.__array_namespace__()\n    return total(a - E',
        'a − E ln a); a > 0, E ≥ 0."""\n    xp = a.__array_namespace__()\n    return total(0 * a - E',
        "cost poisson",
    ),
    cost("exponential tau upside down", "return 2 * (a - E) / tau *", "return 2 * (a - E) * tau *", "cost exponential"),
    cost("exponential without C", "tau * C(a, E)[..., None, :]", "tau", "cost exponential"),
    cost("exponential without the 2", "return 2 * (a - E) / tau", "return (a - E) / tau", "cost exponential"),
    cost("huber threshold 1 for ever", "d = constant(r, threshold)", "d = constant(r, 1)", "cost huber"),
    cost("huber without a lower bound", "xp.where(r < -d, -d, r)", "r", "cost huber"),
    cost("huber C steps at the threshold", "(abs(r) - 0.5 * threshold)", "(abs(r) * 0.5)", "cost huber"),
)

HEADS = (
    head("chained sigma' of a", CHAINED, "cost.nabla_a(a, E) * activation.sigma_prime(a)", "BP1"),
    head("chained without sigma'", CHAINED, "cost.nabla_a(a, E)", "BP1"),
    head("chained divided by sigma'", CHAINED, "cost.nabla_a(a, E) / activation.sigma_prime(z)", "BP1"),
    head("chained of E and a swapped", CHAINED, "cost.nabla_a(E, a) * activation.sigma_prime(z)", "BP1"),
    head("softmax' as a diagonal", JACOBIAN, "a * others(a) * g", "BP1"),
    head("softmax' plus for minus", JACOBIAN, "a * (others(a) * g + others(a * g))", "BP1"),
    head("softmax' without a before it", JACOBIAN, "others(a) * g - others(a * g)", "BP1"),
    head("softmax' of g for a g", JACOBIAN, "a * (others(a) * g - others(a) * others(g))", "BP1"),
    head("softmax' a of the wrong neuron", JACOBIAN, "a * (others(a) * g - a * others(g))", "BP1"),
    head(
        "the others that come later alone",
        "(1 - np.eye(n, dtype=v.dtype))",
        "(1 - np.tri(n, dtype=v.dtype))",
        "BP1",
        "head softmax*:fused",
    ),
    head("softmax over the samples", "e / xp.sum(e, axis=-2", "e / xp.sum(e, axis=-1", "BP1", "head softmax*"),
    head("log-softmax shifted once", "return shifted - xp.log", "return z - xp.log", "head softmax*:fused"),
    head(
        "log-softmax without the sum",
        "shifted - xp.log(xp.sum(xp.exp(shifted), axis=-2, keepdims=True))",
        "shifted",
        "head softmax*:fused",
    ),
    head("identity+quadratic sign", "return z - E", "return E - z", "head identity+quadratic:fused"),
    head(
        "identity+quadratic without the half",
        "lambda z, a, E: costs.quadratic(z, E)",
        "lambda z, a, E: 2 * costs.quadratic(z, E)",
        "head identity+quadratic:fused",
    ),
    head(
        "sigmoid+cross-entropy a for 1 - a",
        "(1 - E) * a - E * SIGMOID.sigma(-z)",
        "(1 - E) * a - E * SIGMOID.sigma(z)",
        "head sigmoid+cross_entropy:fused",
    ),
    head(
        "sigmoid+cross-entropy with sigma' again",
        "(1 - E) * a - E * SIGMOID.sigma(-z)",
        "((1 - E) * a - E * SIGMOID.sigma(-z)) * a * (1 - a)",
        "head sigmoid+cross_entropy:fused",
    ),
    head(
        "sigmoid+cross-entropy C softplus(z) twice",
        "(1 - E) * SOFTPLUS.sigma(z) + E * SOFTPLUS.sigma(-z)",
        "(1 - E) * SOFTPLUS.sigma(z) + E * SOFTPLUS.sigma(z)",
        "head sigmoid+cross_entropy:fused",
    ),
    head(
        "sigmoid+kullback-leibler a",
        "return -E * SIGMOID.sigma(-z)",
        "return -E * a",
        "head sigmoid+kullback_leibler:fused",
    ),
    head(
        "sigmoid+kullback-leibler a - E",
        "return -E * SIGMOID.sigma(-z)",
        "return a - E",
        "head sigmoid+kullback_leibler:fused",
    ),
    head(
        "sigmoid+kullback-leibler C without its constant",
        "return entropy(E) + total(E * SOFTPLUS.sigma(-z))",
        "return total(E * SOFTPLUS.sigma(-z))",
        "head sigmoid+kullback_leibler:fused",
    ),
    head(
        "sigmoid+poisson without sigma(-z)",
        "return sigmoid_cross_entropy_delta(z, a, E) * SIGMOID.sigma(-z)\n",
        "return sigmoid_cross_entropy_delta(z, a, E)\n",
        "head sigmoid+generalized_kullback_leibler:fused",
        "head sigmoid+poisson:fused",
    ),
    head("sigmoid+hellinger 2 for its root", "/ costs.SQRT2", "/ 2", "head sigmoid+hellinger:fused"),
    head("sigmoid+hellinger at E = 0 alone", "+ xp.sqrt(E))", "+ xp.sqrt(or_one(E)))", "head sigmoid+hellinger:fused"),
    head(
        "softmax a - E for any E",
        "return a * others(E) - E * others(a)",
        "return a - E",
        "head softmax+*:fused",
    ),
    head(
        "softmax+poisson C without a",
        "total(a - E * log_softmax(z))",
        "total(-E * log_softmax(z))",
        "head softmax+poisson:fused",
    ),
    head(
        "another cost's delta",
        "sigmoid_poisson_C, sigmoid_poisson_delta",
        "sigmoid_poisson_C, sigmoid_kullback_leibler_delta",
        "head sigmoid+poisson:fused",
    ),
)

ACTIVATIONS = (
    activation("identity' 2", "zeros_like(z)", "ones_like(z)", "activation identity"),
    activation("identity' z", "1) + z.__array_namespace__().zeros_like(z)", "0) + z", "activation identity"),
    activation("sigmoid' z(1 - z)", "return e / (1 + e) ** 2", "return z * (1 - z)", "activation sigmoid"),
    activation("sigmoid' not squared", "return e / (1 + e) ** 2", "return e / (1 + e)", "activation sigmoid"),
    activation("sigmoid' of half the exponent", "xp.exp(-xp.abs(z))", "xp.exp(-xp.abs(z) / 2)", "activation sigmoid"),
    activation("sigmoid of -z", "1 / (1 + xp.exp(-z))", "1 / (1 + xp.exp(z))", "activation sigmoid"),
    activation("tanh' factor 2", "return 4 * e / (1 + e) ** 2", "return 2 * e / (1 + e) ** 2", "activation tanh"),
    activation("tanh' half the exponent", "xp.exp(-2 * xp.abs(z))", "xp.exp(-xp.abs(z))", "activation tanh"),
    activation("relu' z", "z > 0, constant(z, 1), constant(z, 0)", "z > 0, z, constant(z, 0)", "activation relu"),
    activation(
        "relu' -1 below 0",
        "z > 0, constant(z, 1), constant(z, 0)",
        "z > 0, constant(z, 1), constant(z, -1)",
        "activation relu",
    ),
    activation("leaky_relu' 0 below 0", "constant(z, LEAKY_SLOPE)", "constant(z, 0)", "activation leaky_relu"),
    activation(
        "elu' e^z - 1",
        "constant(z, 1), xp.exp(minus_abs(z))",
        "constant(z, 1), xp.expm1(minus_abs(z))",
        "activation elu",
    ),
    activation(
        "selu' without lambda above 0",
        "SELU_LAMBDA * xp.where(z > 0, constant(z, 1), SELU_ALPHA * xp.exp(minus_abs(z)))",
        "xp.where(z > 0, constant(z, 1), SELU_LAMBDA * SELU_ALPHA * xp.exp(minus_abs(z)))",
        "activation selu",
    ),
    activation("selu without alpha", "SELU_ALPHA * xp.expm1(", "xp.expm1(", "activation selu"),
    activation("softplus' is sigmoid'", "softplus, sigmoid,", "softplus, sigmoid_prime,", "activation softplus"),
    activation("softplus z for max(z, 0)", "return relu(z) +", "return z +", "activation softplus"),
    activation("silu' without its second term above 0", "1 + e + h * z * h,", "1 + e,", "activation silu"),
    activation("silu' sign below 0", "h * (h * (1 + e) + h * z)", "h * (h * (1 + e) - h * z)", "activation silu"),
    activation(
        "gelu' without z", "normal_distribution(z) + z * xp.exp", "normal_distribution(z) + xp.exp", "activation gelu"
    ),
    activation("gelu of z/2", "z * normal_distribution(z)", "z * normal_distribution(z / 2)", "activation gelu"),
    activation(
        "normal distribution of z for z/root 2", "sqrt(constant(z, 2))", "sqrt(constant(z, 1))", "activation gelu"
    ),
    activation("gelu_tanh' without the 3", "1 + 3 * 44715", "1 + 44715", "activation gelu_tanh"),
    activation("gelu_tanh' without z", "z_w_prime = z * two_root", "z_w_prime = two_root", "activation gelu_tanh"),
    activation("mish' 4 for 6 below 0", "e * (6 + e * (4 + e))", "e * (4 + e * (4 + e))", "activation mish"),
    activation("mish' 4 for 6 above 0", "e * (6 + 4 * e)", "e * (4 + 4 * e)", "activation mish"),
    activation("softsign' not squared", "abs(z))) ** 2", "abs(z)))", "activation softsign"),
    activation("arctan' minus", "1 / (1 + z * z)", "1 / (1 - z * z)", "activation arctan"),
    activation("arctan' of z", "1 / (1 + z * z)", "1 / (1 + z)", "activation arctan"),
)

MUTATIONS = (*BACKPROP, *COSTS, *HEADS, *ACTIVATIONS)


def run_mutation(mutation: Mutation, *, edges: bool = True, source: Path = ROOT, cache: Path | None = None) -> Outcome:
    """verify, in a process of its own, on a mutated copy of the packages in `source`. `cache`: where XLA keeps what it compiled.

    Raises ValueError where the text to replace does not occur once, RuntimeError where verify gave no verdict in JSON.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_packages(source, copy)
        path = copy / mutation.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutation.old) != 1:
            raise ValueError(
                f"{mutation.name}: {mutation.old!r} occurs {text.count(mutation.old)} times in {path.name}"
            )
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        if cache is not None:
            environment["JAX_COMPILATION_CACHE_DIR"] = str(cache)
        start = time.perf_counter()
        arguments = [folder, "command" if edges else "without edges", str(CASES)]
        done = subprocess.run(
            [sys.executable, "-c", IN_COPY, *arguments], cwd=folder, env=environment, capture_output=True, text=True
        )
        seconds = time.perf_counter() - start
    try:
        failure = json.loads(done.stdout)["failure"] or {"blame": "", "equation": ""}
    except ValueError:
        raise RuntimeError(f"{mutation.name}: exit code {done.returncode}, no JSON\n{done.stderr[-3000:]}") from None
    return Outcome(mutation, done.returncode, failure["blame"], failure["equation"], seconds)


def run_all(mutations: list[Mutation], *, edges: bool) -> Iterator[Outcome]:
    """One after the other, all of the packages as they were at the start; they share what XLA has compiled."""
    with tempfile.TemporaryDirectory() as folder:
        source, cache = Path(folder, "source"), Path(folder, "cache")
        copy_packages(ROOT, source)
        for mutation in mutations:
            try:
                yield run_mutation(mutation, edges=edges, source=source, cache=cache)
            except RuntimeError as error:
                print(error, file=sys.stderr)
                yield Outcome(mutation, 2, "", "", 0.0)


def copy_packages(source: Path, target: Path) -> None:
    for package in ("manualbp", "oracle"):
        shutil.copytree(source / package, target / package, ignore=shutil.ignore_patterns("__pycache__"))


def main() -> int:
    from rich.console import Console
    from rich.progress import track

    parser = argparse.ArgumentParser(
        description="Mutate the hand-derived code and see whether `manualbp verify` notices."
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutations alone, by name or pattern")
    parser.add_argument("--without-edges", action="store_true", help="judge by the random networks alone")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    options = parser.parse_args()
    patterns = options.only or ["*"]
    chosen = [m for m in MUTATIONS if any(fnmatchcase(m.name, pattern) for pattern in patterns)]
    if not chosen:
        parser.error(f"--only {' '.join(patterns)}: no mutation has such a name; --list prints them")
    if options.list:
        print(*(f"{m.file}: {m.name}" for m in chosen), sep="\n")
        return 0
    console = Console(stderr=True)
    outcomes = list(
        track(
            run_all(chosen, edges=not options.without_edges),
            "mutating",
            total=len(chosen),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
    )
    print_table(outcomes)
    return 0 if all(outcome.caught and outcome.blamed for outcome in outcomes) else 1


def print_table(outcomes: list[Outcome]) -> None:
    rows = [("file", "mutation", "exit", "blame", "equation", "seconds", "")]
    for o in outcomes:
        remark = "" if o.caught and o.blamed else "WRONG BLAME" if o.caught else "SURVIVES"
        file = Path(o.mutation.file).stem
        rows.append((file, o.mutation.name, str(o.exit_code), o.blame, o.equation, f"{o.seconds:.1f}", remark))
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    caught, blamed = sum(o.caught for o in outcomes), sum(o.caught and o.blamed for o in outcomes)
    seconds = sum(o.seconds for o in outcomes)
    print(f"{caught} of {len(outcomes)} mutations caught, {blamed} of them with the right blame, in {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
