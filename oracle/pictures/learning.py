"""Learning curves of one network under mini-batches of 1, 10, 50 and 1000: a real run of `manualbp.descent.stochastic`."""

from __future__ import annotations

import numpy as np

import manualbp
from oracle.pictures.axes import Axes
from oracle.pictures.canvas import BACKWARD, FORWARD, FOURTH, THIRD, Canvas

SAMPLES, DRAWS, ETA = 1000, 12, 0.2
SIZES = {1: FOURTH, 10: BACKWARD, 50: FORWARD, 1000: THIRD}
#: After how many samples the cost of all of them is taken.
EVERY = 50


def checkerboard() -> tuple[np.ndarray, np.ndarray]:
    """Points of a square, and +1 where the signs of their coordinates agree, else −1."""
    x = np.random.default_rng(0).uniform(-1, 1, size=(2, SAMPLES))
    return x, np.sign(x[:1] * x[1:])


def learning_curve(mini_batch: int) -> tuple[np.ndarray, np.ndarray]:
    """(samples read, mean cost of all samples), from the start on."""
    x, expected = checkerboard()
    head = manualbp.chained(manualbp.TANH, manualbp.QUADRATIC)
    net = manualbp.init((2, 8, 1), hidden=manualbp.TANH, head=head, rng=np.random.default_rng(1))
    read, costs = [0], [mean_cost(net, x, expected)]
    rng = np.random.default_rng(2)
    for step in manualbp.stochastic(net, x, expected, eta=ETA, mini_batch=mini_batch, rng=rng, draws=DRAWS):
        seen = (step.index + 1) * mini_batch
        if seen % EVERY == 0:
            read.append(seen)
            costs.append(mean_cost(step.net, x, expected))
    return np.array(read), np.array(costs)


def mean_cost(net: manualbp.Network, x: np.ndarray, expected: np.ndarray) -> float:
    z, a = manualbp.forward(net, x)
    return float(np.mean(net.head.C(z[-1], a[-1], expected)))


def learning_curves() -> str:
    canvas = Canvas(
        720,
        360,
        "The mean cost of 1000 samples against the number of samples read, for mini-batches of 1, 10, 50 and 1000. Of the same "
        "samples small mini-batches make more steps: the curve of 1 falls first and wiggles most, that of 1000 has hardly moved.",
    )
    axes = Axes(canvas, (52, 40), 640, 262, (0, SAMPLES * DRAWS), (0, 0.72))
    axes.frame(range(0, SAMPLES * DRAWS + 1, 2000), (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7))
    canvas.words((372, 344), "samples read (each draw reads all 1000 once)")
    canvas.words((52, 20), "cost", anchor="end", size=12)
    for k, (size, color) in enumerate(SIZES.items()):
        axes.curve(*learning_curve(size), color, 1.6)
        x = 110 + 150 * k
        canvas.line((x, 20), (x + 24, 20), color, 2.5)
        canvas.words((x + 31, 25), f"mini-batch {size}", color, anchor="start")
    return canvas.svg()
