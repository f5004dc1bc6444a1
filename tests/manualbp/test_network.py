"""Building networks, and the sentence for each way in which one does not fit together."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import manualbp
from manualbp import QUADRATIC, RELU, SIGMOID, SIGMOID_CROSS_ENTROPY, TANH

HEAD = SIGMOID_CROSS_ENTROPY


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def exactly(sentence: str) -> str:
    return f"^{re.escape(sentence)}$"


# init


@pytest.mark.parametrize("dtype", [np.float64, np.float32, "float32", np.dtype("float64"), "f4"])
def test_a_network_has_the_shapes_and_the_dtype_asked_for(dtype: Any) -> None:
    net = manualbp.init((4, 1, 7, 2), hidden=(TANH, RELU), head=HEAD, rng=rng(), dtype=dtype)
    assert net.sizes == (4, 1, 7, 2)
    assert [w.shape for w in net.weights] == [(1, 4), (7, 1), (2, 7)]
    assert [b.shape for b in net.biases] == [(1, 1), (7, 1), (2, 1)]
    assert {v.dtype for v in (*net.weights, *net.biases)} == {np.dtype(dtype)}
    assert net.activations == (TANH, RELU)
    assert net.head is HEAD


def test_one_activation_serves_all_hidden_layers_and_none_is_needed_without() -> None:
    assert manualbp.init((2, 3, 3, 3, 1), hidden=TANH, head=HEAD, rng=rng()).activations == (TANH,) * 3
    assert manualbp.init((2, 1), hidden=(), head=HEAD, rng=rng()).activations == ()
    assert manualbp.init((2, 1), hidden=SIGMOID, head=HEAD, rng=rng()).activations == ()
    assert manualbp.init(np.array([2, 1]), hidden=[], head=HEAD, rng=rng()).sizes == (2, 1)  # type: ignore[arg-type]


def test_the_scale_of_the_weights_is_one_over_root_n() -> None:
    net = manualbp.init((400, 900, 25), hidden=SIGMOID, head=HEAD, rng=rng())
    for w, k in zip(net.weights, (400, 900), strict=True):
        spread = 1 / np.sqrt(2 * w.size)
        assert abs(w.std() * np.sqrt(k) - 1) < 5 * spread
        assert abs(w.mean() * np.sqrt(k)) < 5 / np.sqrt(w.size)
    assert abs(net.biases[0].std() - 1) < 0.15


def test_the_seed_alone_decides_and_float32_is_float64_rounded() -> None:
    one, two = (manualbp.init((3, 4, 2), hidden=TANH, head=HEAD, rng=seed) for seed in (rng(), 0))
    single = manualbp.init((3, 4, 2), hidden=TANH, head=HEAD, rng=rng(), dtype="float32")
    for p, q, s in zip(
        (*one.weights, *one.biases), (*two.weights, *two.biases), (*single.weights, *single.biases), strict=True
    ):
        assert np.array_equal(p, q)
        assert np.array_equal(p.astype(np.float32), s)


@pytest.mark.parametrize(
    ("changed", "error", "sentence"),
    [
        ({"sizes": (3,)}, ValueError, "sizes = (3,): give at least two layers, each a whole number of neurons >= 1"),
        ({"sizes": ()}, ValueError, "sizes = (): give at least two layers, each a whole number of neurons >= 1"),
        ({"sizes": 3}, ValueError, "sizes = (3,): give at least two layers, each a whole number of neurons >= 1"),
        (
            {"sizes": (3, 0)},
            ValueError,
            "sizes = (3, 0): give at least two layers, each a whole number of neurons >= 1",
        ),
        (
            {"sizes": (3, -1)},
            ValueError,
            "sizes = (3, -1): give at least two layers, each a whole number of neurons >= 1",
        ),
        (
            {"sizes": (3.0, 2)},
            ValueError,
            "sizes = (3.0, 2): give at least two layers, each a whole number of neurons >= 1",
        ),
        (
            {"sizes": ("3", 2)},
            ValueError,
            "sizes = ('3', 2): give at least two layers, each a whole number of neurons >= 1",
        ),
        ({"rng": -7}, ValueError, "rng = -7: give a seed of at least 0, or numpy.random.default_rng(seed)"),
        ({"rng": None}, TypeError, "rng is a NoneType: give numpy.random.default_rng(seed), or the seed"),
        (
            {"rng": np.random.RandomState(0)},
            TypeError,
            "rng is a RandomState: give numpy.random.default_rng(seed), or the seed",
        ),
        ({"dtype": "foo"}, TypeError, "dtype = 'foo' is unknown: use float64 or float32"),
        ({"dtype": "float16"}, TypeError, "dtype = float16: use float64 or float32"),
        ({"dtype": int}, TypeError, "dtype = int64: use float64 or float32"),
        ({"dtype": ">f8"}, TypeError, "dtype = >f8: use float64 or float32"),
        ({"dtype": object}, TypeError, "dtype = object: use float64 or float32"),
        (
            {"hidden": (TANH,)},
            ValueError,
            "1 activations for 2 hidden layers: give one for each; the output layer's is part of the head",
        ),
        (
            {"hidden": [TANH] * 3},
            ValueError,
            "3 activations for 2 hidden layers: give one for each; the output layer's is part of the head",
        ),
        (
            {"hidden": "sigmoid"},
            TypeError,
            "activation of layer 2 is 'sigmoid': give an Activation, such as manualbp.SIGMOID",
        ),
        (
            {"hidden": (TANH, None)},
            TypeError,
            "activation of layer 3 is None: give an Activation, such as manualbp.SIGMOID",
        ),
        (
            {"head": "quadratic"},
            TypeError,
            "head is 'quadratic': give a Head, such as manualbp.chained(manualbp.SIGMOID, manualbp.QUADRATIC)",
        ),
    ],
    # The sentence alone: what is given may print its address, which differs between processes.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_init_says_what_does_not_fit(changed: dict[str, Any], error: type[Exception], sentence: str) -> None:
    arguments: dict[str, Any] = {"sizes": (3, 4, 5, 2), "hidden": SIGMOID, "head": HEAD, "rng": rng()} | changed
    with pytest.raises(error, match=exactly(sentence)) as raised:
        manualbp.init(**arguments)
    assert type(raised.value) is error


def test_a_cost_is_no_head() -> None:
    with pytest.raises(TypeError, match=r"^head is Cost\(name='quadratic'.*: give a Head, such as manualbp\.chained\("):
        manualbp.init((2, 1), hidden=(), head=QUADRATIC, rng=rng())  # type: ignore[arg-type]


# from_parameters


def parameters(dtype: Any = np.float64) -> dict[str, Any]:
    """A 3-4-2 network."""
    weights = [np.ones((4, 3), dtype), np.ones((2, 4), dtype)]
    biases = [np.ones((4, 1), dtype), np.ones((2, 1), dtype)]
    return {"weights": weights, "biases": biases, "activations": [TANH], "head": HEAD}


def with_entry(k: int, value: float) -> Any:
    def spoil(arrays: list[np.ndarray]) -> None:
        arrays[k][-1, 0] = value

    return spoil


def replaced(k: int, value: Any) -> Any:
    def spoil(arrays: list[Any]) -> None:
        arrays[k] = value

    return spoil


def test_parameters_are_taken_as_they_are() -> None:
    given = parameters(np.float32)
    net = manualbp.from_parameters(**given)
    assert all(p is q for p, q in zip(net.weights, given["weights"], strict=True))
    assert net.sizes == (3, 4, 2)


ONES = np.ones


@pytest.mark.parametrize(
    ("which", "spoil", "error", "sentence"),
    [
        (
            "weights",
            lambda w: w.clear(),
            ValueError,
            "weights is empty: a network has at least an input and an output layer, hence one weight matrix",
        ),
        ("biases", lambda b: b.pop(), ValueError, "2 weight matrices and 1 biases: give one bias column for each"),
        (
            "activations",
            lambda s: s.clear(),
            ValueError,
            "0 activations for 1 hidden layers: give one for each; the output layer's is part of the head",
        ),
        (
            "activations",
            replaced(0, "tanh"),
            TypeError,
            "activation of layer 2 is 'tanh': give an Activation, such as manualbp.SIGMOID",
        ),
        (
            "weights",
            replaced(0, [[1.0] * 3] * 4),
            TypeError,
            "weights of layer 2: list given, a NumPy array is needed",
        ),
        ("biases", replaced(1, 0.5), TypeError, "biases of layer 3: float given, a NumPy array is needed"),
        (
            "weights",
            replaced(0, ONES((4, 3), int)),
            TypeError,
            "weights of layer 2 have dtype int64: use float64 or float32",
        ),
        (
            "biases",
            replaced(0, ONES((4, 1), "f2")),
            TypeError,
            "biases of layer 2 have dtype float16: use float64 or float32",
        ),
        (
            "weights",
            replaced(1, ONES((2, 4), "O")),
            TypeError,
            "weights of layer 3 have dtype object: use float64 or float32",
        ),
        (
            "weights",
            replaced(1, ONES((2, 4), "f4")),
            TypeError,
            "weights of layer 3 have dtype float32, the weights of layer 2 float64: use one dtype throughout",
        ),
        (
            "biases",
            replaced(0, ONES((4, 1), "f4")),
            TypeError,
            "biases of layer 2 have dtype float32, the weights of layer 2 float64: use one dtype throughout",
        ),
        ("weights", with_entry(0, np.nan), ValueError, "weights of layer 2: entry (3, 0) is nan; all must be finite"),
        ("weights", with_entry(1, np.inf), ValueError, "weights of layer 3: entry (1, 0) is inf; all must be finite"),
        ("biases", with_entry(1, -np.inf), ValueError, "biases of layer 3: entry (1, 0) is -inf; all must be finite"),
        (
            "weights",
            replaced(0, ONES(4)),
            ValueError,
            "weights of layer 2 have shape (4,): they need (n_2, n_1), both at least 1",
        ),
        (
            "weights",
            replaced(0, ONES((4, 0))),
            ValueError,
            "weights of layer 2 have shape (4, 0): they need (n_2, n_1), both at least 1",
        ),
        (
            "weights",
            replaced(1, ONES((1, 2, 4))),
            ValueError,
            "weights of layer 3 have shape (1, 2, 4): they need (n_3, n_2), both at least 1",
        ),
        (
            "weights",
            replaced(1, ONES((4, 2))),
            ValueError,
            "weights of layer 3 have shape (4, 2), but layer 2 has 4 neurons: they need (n_3, 4)",
        ),
        ("biases", replaced(0, ONES(4)), ValueError, "biases of layer 2 have shape (4,): they need the column (4, 1)"),
        (
            "biases",
            replaced(1, ONES((1, 2))),
            ValueError,
            "biases of layer 3 have shape (1, 2): they need the column (2, 1)",
        ),
    ],
)
def test_from_parameters_says_what_does_not_fit(which: str, spoil: Any, error: type[Exception], sentence: str) -> None:
    arguments = parameters()
    spoil(arguments[which])
    with pytest.raises(error, match=exactly(sentence)) as raised:
        manualbp.from_parameters(**arguments)
    assert type(raised.value) is error
    manualbp.from_parameters(**parameters())


def test_a_network_cannot_be_changed_by_assignment() -> None:
    net = manualbp.from_parameters(**parameters())
    with pytest.raises(AttributeError):
        net.head = None  # type: ignore[misc, assignment]
