"""`manualbp train`: the options, and what is run with them."""

from pathlib import Path
from typing import Any

import click

from oracle.console.exits import CouldNotRun
from oracle.console.options import as_json


@click.command()
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
    from oracle.training.training_run import CannotTrain, run_train_command

    try:
        run_train_command(**options)
    except CannotTrain as error:
        raise CouldNotRun(str(error)) from error
