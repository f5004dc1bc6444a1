"""What `manualbp train` does: check the options, train, report. It prints nothing but the report."""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import numpy as np

import manualbp
from manualbp.activations import Activation
from manualbp.heads import Head
from manualbp.network import Network
from manualbp.storage import save as save_network
from oracle.training.digits import Digits, digits
from oracle.training.plot import FORMATS
from oracle.training.plot import plot as plot_curves
from oracle.training.train import Run, train


class CannotTrain(ValueError):
    """One sentence for the user: which option, what it is, what to do."""


def run_train_command(
    *,
    mini_batches: Sequence[int],
    eta: float,
    epochs: int,
    draw: int,
    seed: int,
    hidden: str,
    activation: str,
    head: str,
    save: Path | None,
    plot: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Train on handwritten digits and print a summary. CannotTrain: an option is wrong, or the descent diverged."""
    sizes = _sizes(hidden)
    chosen_activation = _named("--activation", activation, manualbp.ACTIVATIONS)
    chosen_head = _named("--head", head, manualbp.HEADS)
    _whole("--seed", seed, 0)
    _whole("--epochs", epochs, 1)
    if not 0 < eta < math.inf:
        raise CannotTrain(f"--eta {eta} is no step size: give a finite number above 0.")
    mini_batches = tuple(dict.fromkeys(mini_batches))  # a size given twice is compared once
    if save and len(mini_batches) > 1:
        raise CannotTrain(f"--save keeps one network, but {len(mini_batches)} are trained: give --mini-batch once.")
    _writable("--save", save, force)
    _writable("--plot", plot, force)
    if plot:
        _check_plot(plot, save)

    split, first_weights, draws = np.random.SeedSequence(seed).spawn(3)
    data = digits(np.random.default_rng(split))
    samples = data.x.shape[1]
    _whole("--draw", draw, 1, samples, f"there are {samples} training samples")
    for mini_batch in mini_batches:
        _whole("--mini-batch", mini_batch, 1, draw, f"--draw is {draw}")
    with _one_sentence(f"--hidden {hidden!r}"):
        net = _network(data, sizes, chosen_activation, chosen_head, np.random.default_rng(first_weights))

    runs = []
    with _progress(epochs * len(mini_batches), shown=not as_json) as advance:
        for mini_batch in mini_batches:
            rng = np.random.default_rng(draws)  # every size starts from the same weights and sees the same draws
            with _one_sentence(f"mini-batches of {mini_batch}"):
                run = train(
                    net, data, eta=eta, draw=draw, mini_batch=mini_batch, epochs=epochs, rng=rng, progress=advance
                )
            runs.append(run)
    with _one_sentence("the results could not be written"):
        if save:
            save_network(runs[0].net, save, overwrite=force)
        if plot:
            plot_curves(runs, f"{_described(net)}, η = {eta:g}, draws of {draw}", plot)
    report = _json(runs, data, net, eta, draw, seed) if as_json else _text(runs, data, net, eta, draw, save, plot)
    click.echo(report)


def _sizes(hidden: str) -> tuple[int, ...]:
    words = [word.strip() for word in hidden.split(",")] if hidden.strip() else []
    sizes = tuple(int(word) if word.isascii() and word.isdigit() else 0 for word in words)
    if 0 in sizes:
        raise CannotTrain(f"--hidden {hidden!r} is no list of layer sizes: give positive integers such as 30 or 64,32.")
    return sizes


def _named(option: str, name: str, records: Any) -> Any:
    if name not in records:
        near = [known for known in records if name in known] or get_close_matches(name, records, n=8, cutoff=0.4)
        listed = near or list(records)[:8]
        more = f" (or another of {len(records)})" if len(listed) < len(records) else ""
        raise CannotTrain(f"{option} {name!r} is unknown: give one of {', '.join(listed)}{more}.")
    return records[name]


def _whole(option: str, value: int, least: int, most: int | None = None, because: str = "") -> None:
    if value < least:
        raise CannotTrain(f"{option} {value} is too few: give an integer of at least {least}.")
    if most is not None and value > most:
        raise CannotTrain(f"{option} {value} is too many, for {because}: give at most {most}.")


def _writable(option: str, path: Path | None, force: bool) -> None:
    if path is None:
        return
    if path.exists() and not path.is_file():
        raise CannotTrain(f"{option} {path} is a directory or a device: give the name of a file.")
    if path.exists() and not force:
        raise CannotTrain(f"{option} {path} exists already: give another name, or --force to replace it.")
    if not path.parent.is_dir():
        raise CannotTrain(f"{option} {path}: there is no directory {path.parent}; create it first.")


def _check_plot(path: Path, save: Path | None) -> None:
    import matplotlib.figure  # noqa: F401 - a missing library is told before the training, not after

    if path.suffix.lower() not in FORMATS:
        raise CannotTrain(f"--plot {path} names no known format: let it end in one of {', '.join(FORMATS)}.")
    if save and path.absolute() == save.absolute():
        raise CannotTrain(f"--save and --plot both name {path}: give two files.")


def _network(
    data: Digits, sizes: tuple[int, ...], activation: Activation, head: Head, rng: np.random.Generator
) -> Network:
    layers = (len(data.x), *sizes, len(data.expected))
    return manualbp.init(layers, hidden=activation, head=head, rng=rng)


@contextmanager
def _one_sentence(doing: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, FloatingPointError, OSError, MemoryError) as error:
        raise CannotTrain(f"{doing}: {error}") from error


@contextmanager
def _progress(total: int, shown: bool) -> Iterator[Any]:
    """A bar on a terminal; silence in a pipe or a file."""
    if not (shown and sys.stdout.isatty() and sys.stderr.isatty()):
        yield lambda accuracy: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=total)
        yield lambda accuracy: bar.update(task, advance=1, description=f"held-out accuracy {accuracy:.1%}")


def _described(net: Network) -> str:
    hidden = " with " + ", ".join(dict.fromkeys(s.name for s in net.activations)) if net.activations else ""
    return f"network {'-'.join(map(str, net.sizes))}{hidden}, {net.head.name}"


def _text(
    runs: Sequence[Run], data: Digits, net: Network, eta: float, draw: int, save: Path | None, plot: Path | None
) -> str:
    lines = [
        f"{_described(net)}",
        f"{data.x.shape[1]} training samples, {data.held_x.shape[1]} held out; η = {eta:g}; "
        f"{_counted(runs[0].epochs, 'epoch')} of {_counted(draw, 'sample')}",
    ]
    for run in runs:
        wrong = data.held_x.shape[1] - int(np.trace(run.confused))
        first, last = run.cost_by_epoch[[0, -1]]
        lines += [
            f"mini-batches of {run.mini_batch}: {run.accuracy:.1%} of the held-out samples right ({wrong} wrong)",
            f"  {_counted(len(run.costs), 'update')} in {run.seconds:.1f} s; mean cost of the first epoch {first:.3g}, "
            f"of the last {last:.3g}",
        ]
        if run.epochs > 1 and first <= last:
            lines.append("  the cost did not fall: try a smaller --eta")
        if mistake := _commonest(run):
            expected, answered, times = mistake
            lines.append(f"  most often mistaken: {expected} for {answered}, {times} of {run.confused[expected].sum()}")
    lines += [f"{what} in {path}" for what, path in (("network", save), ("learning curves", plot)) if path]
    return "\n".join(lines)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _json(runs: Sequence[Run], data: Digits, net: Network, eta: float, draw: int, seed: int) -> str:
    report = {
        "layers": list(net.sizes),
        "activations": [s.name for s in net.activations],
        "head": net.head.name,
        "samples": {"training": data.x.shape[1], "held_out": data.held_x.shape[1]},
        "eta": eta,
        "draw": draw,
        "seed": seed,
        "runs": [
            {
                "mini_batch": run.mini_batch,
                "epochs": run.epochs,
                "updates": len(run.costs),
                "seconds": round(run.seconds, 3),
                "accuracy": run.accuracy,
                "accuracy_by_epoch": list(run.accuracy_by_epoch),
                "cost_by_epoch": run.cost_by_epoch.tolist(),
                "confusion": run.confused.tolist(),
            }
            for run in runs
        ],
    }
    return json.dumps(report, allow_nan=False)


def _commonest(run: Run) -> tuple[int, int, int] | None:
    """The digit, what it was most often mistaken for, and how often; None where nothing was mistaken."""
    mistakes = run.confused - np.diag(np.diag(run.confused))
    expected, answered = divmod(int(mistakes.argmax()), len(mistakes))
    times = int(mistakes[expected, answered])
    return (expected, answered, times) if times else None
