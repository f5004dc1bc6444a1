"""A network of fully connected layers: its parameters, activations and head.

Layers are counted as on paper: layer 1 is the input, layers 2 … L have weights Wⁱ (n_i, n_(i−1)) and biases bⁱ (n_i, 1), so that
w_jk runs from neuron k of layer i − 1 to neuron j of layer i. Samples are the columns of a batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from manualbp.activations import Activation
from manualbp.heads import Head
from manualbp.types import Array, require

DTYPES = (np.dtype(np.float64), np.dtype(np.float32))


@dataclass(frozen=True)
class Network:
    """Weights and biases of layers 2 … L, the activations of the hidden layers 2 … L−1, and the head on layer L.

    Build one by `from_parameters` or `init`, which check it.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activations: tuple[Activation, ...]
    head: Head

    @property
    def sizes(self) -> tuple[int, ...]:
        """(n_1, …, n_L): neurons of each layer."""
        return (self.weights[0].shape[-1], *(w.shape[-2] for w in self.weights))


def from_parameters(
    weights: Sequence[Array], biases: Sequence[Array], activations: Sequence[Activation], head: Head
) -> Network:
    """A checked network.

    weights: (n_i, n_(i−1)) each, biases: (n_i, 1) each, for i = 2 … L; activations: one for each hidden layer 2 … L−1.
    Raises ValueError for shapes that do not fit or numbers that are not finite, TypeError for what is no list, another dtype
    than float64 or float32, for mixed ones, and for what is no Activation or no Head.
    """
    for what, values in (("weights", weights), ("biases", biases), ("activations", activations)):
        require(what, values, (list, tuple), f"a list of {what}, one for each layer")
    net = Network(tuple(weights), tuple(biases), tuple(activations), head)
    if not net.weights:
        raise ValueError(
            "weights is empty: a network has at least an input and an output layer, hence one weight matrix"
        )
    if len(net.biases) != len(net.weights):
        raise ValueError(
            f"{len(net.weights)} weight matrices and {len(net.biases)} biases: give one bias column for each"
        )
    for i, activation in enumerate(net.activations, start=2):
        if not isinstance(activation, Activation):
            raise TypeError(f"activation of layer {i} is {activation!r}: give an Activation, such as manualbp.SIGMOID")
    if not isinstance(head, Head):
        raise TypeError(
            f"head is {head!r}: give a Head, such as manualbp.chained(manualbp.SIGMOID, manualbp.QUADRATIC)"
        )
    if len(net.activations) != len(net.weights) - 1:
        raise ValueError(
            f"{len(net.activations)} activations for {len(net.weights) - 1} hidden layers: give one for each; "
            "the output layer's is part of the head"
        )
    for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True), start=2):
        _check_array(f"weights of layer {i}", w, net.weights[0])
        _check_array(f"biases of layer {i}", b, net.weights[0])
        if w.ndim != 2 or 0 in w.shape:
            raise ValueError(
                f"weights of layer {i} have shape {w.shape}: they need (n_{i}, n_{i - 1}), both at least 1"
            )
        if i > 2 and w.shape[1] != net.weights[i - 3].shape[0]:
            raise ValueError(
                f"weights of layer {i} have shape {w.shape}, but layer {i - 1} has {net.weights[i - 3].shape[0]} neurons: "
                f"they need (n_{i}, {net.weights[i - 3].shape[0]})"
            )
        if b.shape != (w.shape[0], 1):
            raise ValueError(f"biases of layer {i} have shape {b.shape}: they need the column ({w.shape[0]}, 1)")
    return net


def _check_array(what: str, x: Array, like: Array) -> None:
    if not isinstance(x, np.ndarray):
        raise TypeError(f"{what}: {type(x).__name__} given, a NumPy array is needed")
    if x.dtype not in DTYPES:
        raise TypeError(f"{what} have dtype {x.dtype}: use float64 or float32")
    if x.dtype != like.dtype:
        raise TypeError(f"{what} have dtype {x.dtype}, the weights of layer 2 {like.dtype}: use one dtype throughout")
    if not np.isfinite(x).all():
        raise ValueError(f"{what}: entry {first(~np.isfinite(x))} is {x[first(~np.isfinite(x))]}; all must be finite")


def first(mask: Array) -> tuple[int, ...]:
    """The index of the first true entry."""
    return tuple(int(k) for k in np.unravel_index(int(np.argmax(mask)), mask.shape))


def generator_of(rng: np.random.Generator | int) -> np.random.Generator:
    """The generator, or the one whose seed a whole number is. Raises TypeError for anything else, ValueError for a negative one."""
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool):
        if rng < 0:
            raise ValueError(f"rng = {rng}: give a seed of at least 0, or numpy.random.default_rng(seed)")
        return np.random.default_rng(int(rng))
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is a {type(rng).__name__}: give numpy.random.default_rng(seed), or the seed")
    return rng


def init(
    sizes: Sequence[int],
    *,
    hidden: Activation | Sequence[Activation],
    head: Head,
    rng: np.random.Generator | int,
    dtype: str | type | np.dtype = np.float64,
) -> Network:
    """A network of the given sizes (n_1, …, n_L) with w ~ N(0, 1/n_(i−1)) and b ~ N(0, 1).

    `hidden` is one activation for all hidden layers or one for each; `rng` a generator, or the seed of one. Raises
    ValueError or TypeError for arguments that do not describe a network. Source of the scale: LeCun et al., Efficient
    BackProp, 1998.
    """
    sizes = tuple(sizes) if np.iterable(sizes) else (sizes,)
    if len(sizes) < 2 or not all(isinstance(n, int | np.integer) and n >= 1 for n in sizes):
        raise ValueError(f"sizes = {sizes}: give at least two layers, each a whole number of neurons >= 1")
    rng = generator_of(rng)
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"dtype = {dtype!r} is unknown: use float64 or float32") from None
    if dtype not in DTYPES:
        raise TypeError(f"dtype = {dtype}: use float64 or float32")
    activations: tuple[Any, ...] = tuple(hidden) if isinstance(hidden, list | tuple) else (hidden,) * (len(sizes) - 2)
    pairs = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights = [(rng.standard_normal((n, k)) / np.sqrt(k)).astype(dtype) for n, k in pairs]
    biases = [rng.standard_normal((n, 1)).astype(dtype) for n, _ in pairs]
    return from_parameters(weights, biases, activations, head)
