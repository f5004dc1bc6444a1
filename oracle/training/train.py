"""Training and its record: the cost of every update, the accuracy on held-out samples after every epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

import manualbp
from manualbp.checks import CostOverflow
from manualbp.descent import stochastic
from manualbp.network import Network
from oracle.training.digits import Digits

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Run:
    """One training: `accuracy_by_epoch` starts before the first epoch, `seconds` leaves the measuring out."""

    net: Network
    mini_batch: int
    epochs: int
    costs: Array
    accuracy_by_epoch: tuple[float, ...]
    confused: Array
    seconds: float

    @property
    def updates_per_epoch(self) -> int:
        return len(self.costs) // self.epochs

    @property
    def cost_by_epoch(self) -> Array:
        means: Array = (self.costs / self.updates_per_epoch).reshape(self.epochs, -1).sum(axis=1)  # cannot overflow
        return means

    @property
    def accuracy(self) -> float:
        return self.accuracy_by_epoch[-1]


def train(
    net: Network,
    digits: Digits,
    *,
    eta: float,
    draw: int,
    mini_batch: int,
    epochs: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda accuracy: None,
) -> Run:
    """Stochastic gradient descent for `epochs` draws; `progress` is told the held-out accuracy after each.

    FloatingPointError: the descent diverged.
    """
    steps = stochastic(net, digits.x, digits.expected, eta=eta, draw=draw, mini_batch=mini_batch, rng=rng, draws=epochs)
    per_epoch = -(-draw // mini_batch)  # rounded up: the last mini-batch may be short
    costs, seconds = np.empty(epochs * per_epoch), 0.0
    accuracies = [accuracy(net, digits.held_x, digits.held_expected)]
    for epoch in range(epochs):
        started = perf_counter()
        for n in range(epoch * per_epoch, (epoch + 1) * per_epoch):
            try:
                with np.errstate(over="raise", invalid="raise", divide="raise"):
                    latest = next(steps)
            except (FloatingPointError, CostOverflow) as error:
                raise FloatingPointError(f"the descent diverged at update {n} ({error}); give a smaller eta") from error
            net, costs[n] = latest.net, latest.cost
        seconds += perf_counter() - started
        accuracies.append(accuracy(net, digits.held_x, digits.held_expected))
        progress(accuracies[-1])
    return Run(
        net, mini_batch, epochs, costs, tuple(accuracies), confusion(net, digits.held_x, digits.held_expected), seconds
    )


def accuracy(net: Network, x: Array, expected: Array) -> float:
    """The share of samples whose largest output is the expected one."""
    return float(np.mean(answers(net, x) == expected.argmax(axis=0)))


def confusion(net: Network, x: Array, expected: Array) -> Array:
    """How often digit `row` was answered by digit `column`, shape (10, 10)."""
    counts = np.zeros((len(expected), len(expected)), dtype=int)
    np.add.at(counts, (expected.argmax(axis=0), answers(net, x)), 1)
    return counts


def answers(net: Network, x: Array) -> Array:
    """The index of the largest output of each sample."""
    _, a = manualbp.forward(net, x)
    largest: Array = a[-1].argmax(axis=0)
    return largest
