"""Learning curves: the cost at every update, the accuracy on held-out samples after every epoch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from oracle.training.train import Run

FORMATS = (".png", ".svg", ".pdf")


def plot(runs: Sequence[Run], title: str, path: Path) -> None:
    """One row of costs a mini-batch size, all on one scale, so that the wiggling compares; one chart of accuracies."""
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    figure = Figure(figsize=(12, 1.5 + 2.5 * max(len(runs), 1.4)), layout="constrained")
    figure.suptitle(title)
    grid = figure.add_gridspec(len(runs), 2, width_ratios=(3, 2))
    rows = [figure.add_subplot(grid[0, 0])]
    rows += [figure.add_subplot(grid[row, 0], sharex=rows[0], sharey=rows[0]) for row in range(1, len(runs))]
    for axes in rows[:-1]:
        axes.tick_params(labelbottom=False)
    for number, (axes, run) in enumerate(zip(rows, runs, strict=True)):
        _costs(axes, run, f"C{number}")
    rows[0].legend(loc="upper right", fontsize="small")
    rows[-1].set_xlabel("epochs")
    if all((run.costs > 0).all() for run in runs):  # some costs reach 0, and Kullback–Leibler goes below
        rows[0].set_yscale("log")
        rows[0].set_ylim(bottom=min(run.cost_by_epoch.min() for run in runs) / 30)
    _accuracies(figure.add_subplot(grid[:, 1]), runs)
    figure.savefig(path, dpi=130)


def _costs(axes: Any, run: Run, colour: str) -> None:
    epochs = np.arange(len(run.costs)) / run.updates_per_epoch
    axes.plot(epochs, run.costs, color=colour, alpha=0.6, linewidth=0.7, label="each update")
    middles = np.arange(run.epochs) + 0.5
    axes.plot(middles, run.cost_by_epoch, color="black", linestyle="none", marker=".", label="mean of an epoch")
    axes.set_title(f"mini-batches of {run.mini_batch}: {len(run.costs)} updates", fontsize="medium", loc="left")
    axes.set_ylabel("cost")
    axes.grid(alpha=0.3)


def _accuracies(axes: Any, runs: Sequence[Run]) -> None:
    for number, run in enumerate(runs):
        right = 100 * np.asarray(run.accuracy_by_epoch)
        label = f"mini-batches of {run.mini_batch}: {right[-1]:.1f} %"
        axes.plot(np.arange(run.epochs + 1), right, color=f"C{number}", marker=".", label=label)
    axes.set_title("held-out samples", fontsize="medium", loc="left")
    axes.set_xlabel("epochs")
    axes.set_ylabel("classified rightly, %")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small")
