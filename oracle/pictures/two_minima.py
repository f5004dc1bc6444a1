"""A cost with two minima, and how many runs of stochastic descent leave the upper one, by the size of the mini-batch.

One neuron, a = tanh(w x + b), 1000 samples. Most of them ask gently for a positive w, a few (x = ±4) harshly for a negative one.
Page 14 of the proofs runs the same numbers.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np

import manualbp
from oracle.pictures.axes import Axes
from oracle.pictures.canvas import BACKWARD, FORWARD, INK, Canvas

ETA, STEPS, RUNS, START = 0.5, 150, 20, -0.3
SIZES = (1, 10, 50, 1000)
#: The top of the ridge between the two minima, as a weight.
RIDGE = 0.225


def samples(share_of_harsh: float = 0.12) -> tuple[np.ndarray, np.ndarray]:
    """x and E, one sample a column."""
    rng = np.random.default_rng(0)
    side = rng.choice([-1.0, 1.0], size=(1, 1000))
    harsh = rng.uniform(size=(1, 1000)) < share_of_harsh
    x = np.where(harsh, 4.0, 0.5) * side
    expected = np.where(harsh, -0.8, 0.8) * side + 0.3 * rng.normal(size=(1, 1000))
    return x, expected


def neuron(weight: float) -> manualbp.Network:
    head = manualbp.chained(manualbp.TANH, manualbp.QUADRATIC)
    return manualbp.from_parameters([np.array([[weight]])], [np.zeros((1, 1))], [], head)


def final_weight(mini_batch: int, seed: int) -> float:
    x, expected = samples()
    rng = np.random.default_rng(seed)
    steps = manualbp.stochastic(neuron(START), x, expected, eta=ETA, mini_batch=mini_batch, rng=rng)
    *_, last = islice(steps, STEPS)
    return float(last.net.weights[0][0, 0])


def shares() -> dict[int, float]:
    """The share of runs that end in the lower minimum. On the whole batch every run is the same one."""
    return {
        size: float(np.mean([final_weight(size, seed) > RIDGE for seed in range(RUNS if size < 1000 else 1)]))
        for size in SIZES
    }


def heights(weights: np.ndarray) -> np.ndarray:
    """C against w, at b = 0."""
    x, expected = samples()
    net = neuron(0.0)
    return np.array([manualbp.gradients(replace(net, weights=(np.array([[w]]),)), x, expected).cost for w in weights])


def two_minima() -> str:
    found = shares()
    said = ", ".join(f"{100 * share:.0f} % of {size}" for size, share in found.items())
    canvas = Canvas(
        720,
        330,
        "Left: the cost against the weight has a narrow upper minimum near w = 0 and a wide lower one near w = 2. Right: the "
        f"share of runs that end in the lower one, by mini-batch size: {said}.",
    )
    axes = Axes(canvas, (50, 40), 360, 230, (-1, 3.6), (0.15, 0.7))
    axes.frame((-1, 0, 1, 2, 3), (0.2, 0.3, 0.4, 0.5, 0.6, 0.7))
    weights = np.linspace(-1, 3.6, 185)
    axes.curve(weights, heights(weights), FORWARD)
    canvas.words((230, 312), "weight w")
    canvas.words((50, 20), "cost", anchor="end", size=12)
    x, y = axes.at(START, float(heights(np.array([START]))[0]))
    canvas.circle((x, y), 4.5, BACKWARD, filled=True)
    canvas.words((x + 12, y - 4), "start", BACKWARD, anchor="start", size=13)
    bars = Axes(canvas, (470, 40), 230, 230, (0, 4), (0, 1.05))
    bars.frame((), (0, 0.25, 0.5, 0.75, 1))
    for k, (size, share) in enumerate(found.items()):
        left, top = bars.at(k + 0.2, share)
        bottom = bars.at(0, 0)[1]
        canvas.box((left, min(top, bottom - 2)), 34, max(bottom - top, 2), BACKWARD, filled=True)
        canvas.words((left + 17, bottom + 17), str(size), size=13)
        canvas.words((left + 17, min(top, bottom - 2) - 6), f"{100 * share:.0f} %", BACKWARD, size=13)
    canvas.words((585, 312), "mini-batch", INK)
    canvas.words((585, 16), "runs that end in the lower minimum", size=12)
    return canvas.svg()
