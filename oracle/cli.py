"""The command `manualbp`. Exit codes: 0 right, 1 wrong, 2 could not run, 3 inaccurate, 4 undecided.

Implementations are imported inside the commands, so that `manualbp --help` is quick and needs no extra.
"""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from oracle.exits import Commands, CouldNotRun

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("manualbp"), prog_name="manualbp")
def main() -> None:
    """Backpropagation derived by hand, and the oracle that judges gradients.

    Exit codes: 0 right, 1 wrong, 2 could not run, 3 inaccurate, 4 undecided.
    """


@main.command()
@click.option("--cases", default=2000, show_default=True, help="How many random networks to try.")
@click.option("--seed", default=0, show_default=True, help="Seed of the random networks; the same seed, the same run.")
@click.option(
    "--replay", "replay_case", type=int, metavar="K", help="Judge case K of that run alone, and shrink it if it fails."
)
@click.option(
    "--loop", default=0, metavar="K", help="Also time a plain loop of jax.jit(jax.grad(…)) over K of the networks."
)
@as_json
def verify(cases: int, seed: int, replay_case: int | None, loop: int, as_json: bool) -> None:
    """Judge the hand-derived backpropagation.

    Every witness differentiates the forward pass of random networks; the hand-derived gradients are held against it.
    """
    _at_least("--cases", cases, 1)
    _at_least("--seed", seed, 0)
    _at_least("--loop", loop, 0)
    if replay_case is not None and not 0 <= replay_case < cases:
        raise CouldNotRun(f"--replay = {replay_case}: a run of {cases} cases has 0 to {cases - 1}.")
    from oracle.verify import run_verify_command

    sys.exit(run_verify_command(cases=cases, seed=seed, as_json=as_json, loop=loop, replay_case=replay_case))


@main.command()
@click.argument("target", metavar="FILE[:COST,GRAD]")
@click.option(
    "--domains",
    metavar="D,D,…",
    help="One for each argument: real, positive, nonnegative, unit, closed_unit, simplex, closed_simplex, one_hot, sign, or "
    "LOW:HIGH. By default what the file declares, else unit.",
)
@click.option("--argnum", type=int, metavar="K", help="The argument that the gradient belongs to, from 0.")
@click.option("--lengths", metavar="LOW,HIGH", help="Lengths of the vectors to try.")
@click.option("--shapes", metavar="S,S,…", help="A fixed shape for each argument instead, such as 3x4,4.")
@click.option("--examples", type=int, metavar="N", help="How many points to try.  [default: 90]")
@click.option("--seed", default=0, show_default=True, help="Seed of the points; the same seed, the same points.")
@click.option("--timeout", type=float, metavar="S", help="Seconds for one call of the file's functions.  [default: 10]")
@click.option(
    "--no-memory", is_flag=True, help="Neither try first what failed before, nor keep what fails (.hypothesis/)."
)
@as_json
def check(target: str, **options: Any) -> None:
    """Judge the gradients of a Python file. This runs the file.

    By default every pair of functions NAME and NAME_grad in it, every jax.custom_vjp function and every
    torch.autograd.Function. Where an argument lives is declared in the file by @oracle.takes("unit", "closed_unit"), or here
    by --domains. What the file prints goes to stderr.

    \b
    manualbp check costs.py
    manualbp check costs.py:hinge,hinge_grad --domains real,sign
    """
    from oracle.candidate import CannotJudge
    from oracle.check_command import no_verdict, options_from, run_check_command

    as_json = options.pop("as_json")
    try:
        code = run_check_command(target, options_from(**options), as_json)
    except CannotJudge as error:
        if as_json:
            click.echo(no_verdict(target, str(error)))
        raise CouldNotRun(str(error)) from error
    sys.exit(code)


@main.command()
@click.option(
    "--mini-batch",
    "mini_batches",
    type=int,
    multiple=True,
    default=(10,),
    help="Samples averaged for one update: 10, unless given. Give it several times to compare sizes.",
)
@click.option("--eta", default=0.5, show_default=True, help="Step size η of Δw = −η ∂C/∂w.")
@click.option("--epochs", default=50, show_default=True, help="An epoch is one random draw of --draw samples.")
@click.option("--draw", default=1000, show_default=True, help="Samples drawn in an epoch, without replacement.")
@click.option("--seed", default=0, show_default=True, help="Seed of the split, the first weights and the draws.")
@click.option(
    "--hidden",
    default="30",
    show_default=True,
    metavar="SIZES",
    help="Neurons of each hidden layer, such as 30 or 64,32; an empty string for none.",
)
@click.option("--activation", default="sigmoid", show_default=True, metavar="NAME", help="Of the hidden layers.")
@click.option(
    "--head",
    default="softmax+categorical_cross_entropy:fused",
    show_default=True,
    metavar="NAME",
    help="Output activation and cost. A wrong name lists the right ones.",
)
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Store the trained network.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Draw the learning curves.")
@click.option("--force", is_flag=True, help="Let --save and --plot replace a file that exists.")
@as_json
def train(**options: Any) -> None:
    """Learn to read handwritten digits.

    Stochastic gradient descent on the 1797 digits of 8×8 pixels that scikit-learn ships; a fifth is held out.

    \b
    manualbp train --hidden 64,32 --activation tanh --save digits.npz
    manualbp train --mini-batch 1 --mini-batch 10 --mini-batch 100 --plot curves.png
    """
    from oracle.training.command import CannotTrain, run_train_command

    try:
        run_train_command(**options)
    except CannotTrain as error:
        raise CouldNotRun(str(error)) from error


@main.command()
@click.argument("files", nargs=-1, metavar="[FILE]…")
@as_json
def proofs(files: tuple[str, ...], as_json: bool) -> None:
    """Execute the displayed mathematics of the proofs.

    Every equation is parsed from the LaTeX on the page and tested, every reason and every quoted line of code checked. Without
    a FILE: every page of the folder proofs, and whether something is left unproved.
    """
    from oracle.proofs.command import CannotCheck, run_proofs_command

    try:
        code = run_proofs_command(files, as_json)
    except CannotCheck as error:
        raise CouldNotRun(str(error)) from error
    sys.exit(code)


@main.command()
@click.argument("name", required=False)
@click.option(
    "--command", metavar="CMD", help="A program that speaks the process protocol (oracle/backends/PROTOCOL.md)."
)
@click.option(
    "--dtype", "dtypes", multiple=True, metavar="DTYPE", help="Only this dtype; give it several times for several."
)
@click.option(
    "--head", "heads", multiple=True, metavar="HEAD", help="Only this head; give it several times for several."
)
@click.option("--case", metavar="ID", help="Judge this case alone, and show every tensor.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE.xml", help="Also write JUnit's XML.")
@click.option(
    "--min-cases",
    type=int,
    metavar="N",
    help="Fewer right cases are no pass. By default half of what the backend declares to take must be answered.",
)
@click.option(
    "--expected-failures",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Case ids, one a line, that may fail, and must.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE.json",
    help="The worst errors so far, which must not grow.",
)
@click.option("--update-baseline", is_flag=True, help="Make the baseline, or write what this run found into it.")
@click.option("--every-head", is_flag=True, help="A row for every head, not only for those that fail somewhere.")
@click.option(
    "--timeout",
    type=float,
    default=20.0,
    show_default=True,
    metavar="S",
    help="Seconds for one case. A NAME that ignores it is ended after three times that, and no verdict is reached; code "
    "that is not Python and keeps its lock cannot be ended. A --command always can.",
)
@as_json
def conform(**options: Any) -> None:
    """Judge another backend by the test vectors.

    NAME is one of manualbp, jax, torch, autograd, tinygrad, an entry point of the group manualbp.backends, or
    package.module:attribute.

    \b
    manualbp conform torch --dtype float32
    manualbp conform --command 'node backend.mjs'
    """
    from oracle.backends.session import CannotRun
    from oracle.conform_command import options_from, run_conform_command

    try:
        code = run_conform_command(options_from(**options))
    except CannotRun as error:
        raise CouldNotRun(str(error)) from error
    sys.exit(code)


@main.command()
@click.argument("action", type=click.Choice(["export", "check", "regenerate"]))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.argument("results", metavar="[RESULTS]", required=False)
@click.option("--force", is_flag=True, help="Let export replace an earlier export in DIR.")
@click.option("--large", is_flag=True, help="Also export a 784-30-10 network in safetensors, made anew in balls.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only ids like this, such as 'float32/*'.")
@click.option("--flush-to-zero", is_flag=True, help="The results come from arithmetic without subnormal numbers.")
@click.option("--min-cases", type=click.IntRange(1), help="Fewer answers are no pass; half of those asked by default.")
@as_json
def vectors(**options: Any) -> None:
    """Test vectors for other languages: questions, their correctly rounded gradients, and the judge of answers.

    \b
    manualbp vectors export DIR           JSON files that need no Python; README.md in DIR says what is in them
    manualbp vectors check DIR RESULTS    judges results: one JSON object a line, the answer to one vector; - is stdin
    manualbp vectors regenerate           makes the vectors anew and compares every byte with those shipped

    Exit codes: 0 all right (accurate or stable), 1 something wrong, missing or different, 2 could not run.
    """
    from oracle.vectors.command import CannotServe, run_vectors_command

    try:
        code = run_vectors_command(**options)
    except CannotServe as error:
        raise CouldNotRun(str(error)) from error
    sys.exit(code)


def _at_least(option: str, value: int, least: int) -> None:
    if value < least:
        raise CouldNotRun(f"{option} = {value} is too few: give an integer of at least {least}.")
