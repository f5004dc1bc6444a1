"""Gradient descent: w ← w + Δw with Δw = −η ∂C/∂w, on all samples, on one, or on mini-batches of a random draw.

The generators below never end by themselves unless `draws` says so: take as many updates as you want with
`itertools.islice`, or stop when the cost pleases you. They read `x` and `expected` at every update and copy neither.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from numbers import Real
from operator import index as as_integer

import numpy as np
import numpy.typing as npt

from manualbp.backprop import Gradients, gradients
from manualbp.checks import check_columns, check_expected, check_finite, check_net, check_output, check_weighted_inputs
from manualbp.forward_pass import forward_by_layer
from manualbp.network import Network, generator_of
from manualbp.types import Array


@dataclass(frozen=True)
class Step:
    """One update.

    net: the network after the update. cost: the mean cost of the samples used, before the update. index: 0 for the
    first update. draw: 0 for the first draw. chosen: the columns of `x` whose gradients were averaged.
    """

    net: Network
    cost: float
    index: int
    draw: int
    chosen: npt.NDArray[np.intp]


def step(net: Network, g: Gradients, eta: float) -> Network:
    """w ← w + Δw, Δw = −η ∂C/∂w; b ← b + Δb, Δb = −η ∂C/∂b: a new network; `net` and `g` stay as they are.

    ValueError: η is not a positive finite number, or `g` does not fit `net`. FloatingPointError: a weight overflowed.
    """
    eta = _rate(eta)
    _fits("g.nabla_w", g.nabla_w, net.weights)
    _fits("g.nabla_b", g.nabla_b, net.biases)
    with np.errstate(over="ignore", invalid="ignore"):  # not silenced: _finite raises, and names η
        weights = tuple(w + -eta * nabla for w, nabla in zip(net.weights, g.nabla_w, strict=True))
        biases = tuple(b + -eta * nabla for b, nabla in zip(net.biases, g.nabla_b, strict=True))
    return _finite(replace(net, weights=weights, biases=biases), eta)


def delta_rule(net: Network, x: Array, expected: Array, *, eta: float) -> Network:
    """Δw_jk = −η δ_j a_k, Δb_j = −η δ_j, averaged over the samples: one update of a net without hidden layers.

    With no layer between input and output there is nothing to propagate back: BP1 gives δ, BP3 and BP4 give the
    gradients, and BP2 is never needed. x: (n_1, m), expected: (n_2, m).

    ValueError or TypeError: the net has hidden layers, η is not positive and finite, or an argument does not fit or is not
    finite, as for `gradients`. DomainError: E or the output is outside the domain of the cost.
    Source: Widrow and Hoff (1960), for the quadratic cost; the general form is the chain rule of one layer.
    """
    eta = _rate(eta)
    check_net(net)
    if len(net.weights) != 1:
        raise ValueError(
            f"net has {len(net.weights) - 1} hidden layer(s), and the delta rule knows no δ of a hidden layer: "
            "give a net of input and output layer only, or use step(net, gradients(net, x, expected), eta)"
        )
    samples = _samples(net, x, expected)
    z, a = forward_by_layer(net, x)
    check_weighted_inputs(net, x, z)
    check_output(net, a[2])
    delta = net.head.delta(z[2], a[2], expected)  # BP1
    delta_w = -eta * (delta @ x.T) / samples  # BP3: the mean over the samples of δ aᵀ
    delta_b = -eta * delta.mean(axis=1, keepdims=True)  # BP4
    return _finite(replace(net, weights=(net.weights[0] + delta_w,), biases=(net.biases[0] + delta_b,)), eta)


def batch(net: Network, x: Array, expected: Array, *, eta: float) -> Iterator[Step]:
    """Batch gradient descent: every update averages the gradients of all samples. Endless.

    x: (n_1, m), expected: (n_L, m). Bad arguments raise ValueError or TypeError here, not at the first update.
    """
    eta, samples = _rate(eta), _samples(net, x, expected)
    everything = np.arange(samples)

    def updates(net: Network) -> Iterator[Step]:
        n = 0
        while True:
            g = gradients(net, x, expected)
            net = step(net, g, eta)
            yield Step(net, float(g.cost), n, n, everything)
            n += 1

    return updates(net)


def single_sample(
    net: Network, x: Array, expected: Array, *, eta: float, rng: np.random.Generator | int
) -> Iterator[Step]:
    """Online descent: every update follows the gradient of one sample; all are visited, in a new random order each
    time round. Endless.

    x: (n_1, m), expected: (n_L, m). Bad arguments raise ValueError or TypeError here, not at the first update.
    """
    eta, samples, rng = _rate(eta), _samples(net, x, expected), generator_of(rng)

    def updates(net: Network) -> Iterator[Step]:
        n = 0
        while True:
            for r in rng.permutation(samples):
                g = gradients(net, x[:, r : r + 1], expected[:, r : r + 1])
                net = step(net, g, eta)
                yield Step(net, float(g.cost), n, n // samples, np.array([r]))
                n += 1

    return updates(net)


def stochastic(
    net: Network,
    x: Array,
    expected: Array,
    *,
    eta: float,
    draw: int = 1000,
    mini_batch: int = 10,
    rng: np.random.Generator | int,
    draws: int | None = None,
) -> Iterator[Step]:
    """Stochastic gradient descent: draw samples at random, cut the draw into mini-batches, update after each.

    Each draw takes `draw` of the m samples without replacement and cuts them, in the order drawn, into mini-batches
    of `mini_batch`; an update follows the mean gradient of its mini-batch. Where `mini_batch` does not divide `draw`
    the last mini-batch is shorter; it is used, and averaged over its own size. The limits: draw = m, mini_batch = 1
    is `single_sample`; draw = mini_batch = m is `batch`. `draws` ends the generator after so many draws.

    x: (n_1, m), expected: (n_L, m), 1 ≤ mini_batch ≤ draw ≤ m. Bad arguments raise ValueError or TypeError here,
    not at the first update. Source: Robbins and Monro (1951); mini-batches as in Nielsen (2015), chapter 1.
    """
    eta, samples, rng = _rate(eta), _samples(net, x, expected), generator_of(rng)
    draw = _count("draw", draw, samples, f"there are {samples} samples")
    mini_batch = _count("mini_batch", mini_batch, draw, f"a draw has {draw} samples")
    if draws is not None:
        draws = _count("draws", draws)

    def updates(net: Network) -> Iterator[Step]:
        n, number = 0, 0
        while draws is None or number < draws:
            drawn = rng.permutation(samples)[:draw]
            for start in range(0, draw, mini_batch):
                chosen = drawn[start : start + mini_batch]
                g = gradients(net, x[:, chosen], expected[:, chosen])
                net = step(net, g, eta)
                yield Step(net, float(g.cost), n, number, chosen)
                n += 1
            number += 1

    return updates(net)


def descend(f_prime: Callable[[Array], Array], start: npt.ArrayLike, *, eta: float, steps: int) -> Array:
    """p ← p − η ∇f(p), `steps` times: the points passed, one a row, the start first; shape (steps + 1, n).

    For f = x² + y² at (−2, 4), −∇f = (4, −8), and η = ½ reaches the minimum in one step.
    """
    eta, steps = _rate(eta), _count("steps", steps)
    points = [np.array(start, dtype=np.float64)]
    for _ in range(steps):
        points.append(points[-1] - eta * np.asarray(f_prime(points[-1].copy())))
    return np.stack(points)


def _rate(eta: float) -> float:
    if not isinstance(eta, Real) or isinstance(eta, bool):
        raise TypeError(f"eta must be a real number, not {type(eta).__name__}: give a step size such as 0.1")
    if not 0 < eta < np.inf:
        raise ValueError(f"eta = {eta} is no step size: give a finite number above 0")
    return float(eta)  # a Python float leaves float32 networks in float32


def _count(name: str, value: int, most: int | None = None, because: str = "") -> int:
    try:
        count = as_integer(value)
    except TypeError:
        count = None
    if count is None or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, not {type(value).__name__}: give a count of at least 1") from None
    if count < 1:
        raise ValueError(f"{name} = {count} is too few: give a count of at least 1")
    if most is not None and count > most:
        raise ValueError(f"{name} = {count} is too many, for {because}: give at most {most}")
    return count


def _samples(net: Network, x: Array, expected: Array) -> int:
    """The number of samples, once both arrays are known to fit the net and each other."""
    check_net(net)
    for name, array, n in (("x", x, net.sizes[0]), ("expected", expected, net.sizes[-1])):
        check_columns(name, array, n, net.weights[0])
        if len(array.shape) != 2:
            raise ValueError(f"{name} has shape {array.shape}: a training set is one matrix, give one sample a column")
    check_finite("x", x)
    check_expected(net, x, expected)
    return int(x.shape[1])


def _fits(name: str, nablas: tuple[Array, ...], parameters: tuple[Array, ...]) -> None:
    """Broadcasting would turn a flat bias gradient into a matrix, and float64 would promote a float32 net: refuse."""
    given = [(nabla.shape, nabla.dtype) for nabla in nablas]
    wanted = [(parameter.shape, parameter.dtype) for parameter in parameters]
    if given != wanted:
        described = [", ".join(f"{shape} {dtype}" for shape, dtype in side) for side in (given, wanted)]
        raise ValueError(
            f"{name} is [{described[0]}], but the network has [{described[1]}]: give the gradients of this network"
        )


def _finite(net: Network, eta: float) -> Network:
    if not all(np.isfinite(parameter).all() for parameter in (*net.weights, *net.biases)):
        raise FloatingPointError(f"eta = {eta} has made a weight infinite or NaN: give a smaller eta")
    return net
