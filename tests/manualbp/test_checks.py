"""What `forward`, `gradients` and `per_sample_gradients` refuse: the class of the error and its sentence."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import manualbp
from manualbp import HEADS, SIGMOID, TANH, DomainError, Network
from manualbp.checks import check_finite

ONES = np.ones


def network(
    head: str = "identity+quadratic:fused", sizes: tuple[int, ...] = (3, 4, 2), dtype: Any = np.float64
) -> Network:
    return manualbp.init(sizes, hidden=TANH, head=HEADS[head], rng=np.random.default_rng(0), dtype=dtype)


def exactly(sentence: str) -> str:
    return f"^{re.escape(sentence)}$"


def spoiled(shape: tuple[int, ...], at: tuple[int, ...], value: float, dtype: Any = np.float64) -> np.ndarray:
    x = np.full(shape, 0.5, dtype)
    x[at] = value
    return x


# x

BAD_X: list[tuple[Any, type[Exception], str]] = [
    ([[1.0]] * 3, TypeError, "x is a list: give an array of shape (3, m)"),
    (None, TypeError, "x is a NoneType: give an array of shape (3, m)"),
    (ONES(3), ValueError, "x has shape (3,): samples are columns, (3, m); for one sample give x[:, None]"),
    (ONES((5, 3)), ValueError, "x has shape (5, 3): the network needs (3, m); samples are columns: did you mean x.T?"),
    (ONES((2, 5)), ValueError, "x has shape (2, 5): the network needs (3, m)"),
    (ONES((4, 5)), ValueError, "x has shape (4, 5): the network needs (3, m)"),
    (ONES((3, 0)), ValueError, "x has shape (3, 0): the batch is empty; give at least one sample"),
    (ONES((3, 5), "f4"), TypeError, "x has dtype float32, the network float64: convert it with .astype('float64')"),
    (ONES((3, 5), int), TypeError, "x has dtype int64, the network float64: convert it with .astype('float64')"),
    (ONES((3, 5), ">f8"), TypeError, "x has dtype >f8, the network float64: convert it with .astype('float64')"),
    (ONES((3, 5), "O"), TypeError, "x has dtype object, the network float64: convert it with .astype('float64')"),
    (spoiled((3, 5), (2, 4), np.nan), ValueError, "x: entry (2, 4) is nan; all must be finite"),
    (spoiled((3, 5), (0, 1), np.inf), ValueError, "x: entry (0, 1) is inf; all must be finite"),
    (spoiled((3, 5), (1, 0), -np.inf), ValueError, "x: entry (1, 0) is -inf; all must be finite"),
]


@pytest.mark.parametrize(("x", "error", "sentence"), BAD_X, ids=[sentence for _, _, sentence in BAD_X])
def test_an_x_that_does_not_fit(x: Any, error: type[Exception], sentence: str) -> None:
    net, expected = network(), ONES((2, 5))
    calls: list[Callable[[], Any]] = [
        lambda: manualbp.forward(net, x),
        lambda: manualbp.gradients(net, x, expected),
        lambda: manualbp.per_sample_gradients(net, x, expected),
    ]
    for call in calls:
        with pytest.raises(error, match=exactly(sentence)) as raised:
            call()
        assert type(raised.value) is error
    manualbp.gradients(net, ONES((3, 5)), expected)


def test_a_number_of_a_stack_that_is_not_finite() -> None:
    x = spoiled((2, 3, 5), (1, 0, 3), np.nan)
    calls: list[Callable[[], Any]] = [
        lambda: manualbp.forward(network(), x),
        lambda: manualbp.gradients(network(), x, ONES((2, 2, 5))),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=exactly("x: entry (1, 0, 3) is nan; all must be finite")):
            call()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("silent", [False, True])
def test_a_number_that_is_not_finite_is_found_whatever_the_weights(value: float, silent: bool) -> None:
    """It is looked for in z², where weights of 0, an activation that levels off or other samples must not hide it."""
    net = network("sigmoid+quadratic")
    if silent:
        net = dataclasses.replace(net, weights=tuple(0 * w for w in net.weights))
    for m in (1, 2, 40):
        for j in range(3):
            x = spoiled((3, m), (j, m - 1), value)
            for call in (
                lambda x=x: manualbp.forward(net, x),
                lambda x=x: manualbp.gradients(net, x, ONES((2, x.shape[1]))),
            ):
                with pytest.raises(
                    ValueError, match=exactly(f"x: entry ({j}, {m - 1}) is {value}; all must be finite")
                ):
                    call()


def test_numbers_whose_square_overflows_are_finite_all_the_same() -> None:
    for dtype, huge in ((np.float64, 1e300), (np.float32, 1e38)):
        check_finite("x", np.full((2, 2), huge, dtype))
        with pytest.raises(ValueError, match=exactly("x: entry (1, 0) is nan; all must be finite")):
            check_finite("x", np.array([[huge, huge], [np.nan, huge]], dtype))


# expected

BAD_E: list[tuple[Any, type[Exception], str]] = [
    ([[1.0]] * 2, TypeError, "expected is a list: give an array of shape (2, m)"),
    (
        ONES(2),
        ValueError,
        "expected has shape (2,): samples are columns, (2, m); for one sample give expected[:, None]",
    ),
    (
        ONES((5, 2)),
        ValueError,
        "expected has shape (5, 2): the network needs (2, m); samples are columns: did you mean expected.T?",
    ),
    (ONES((3, 5)), ValueError, "expected has shape (3, 5): the network needs (2, m)"),
    (ONES((2, 0)), ValueError, "expected has shape (2, 0): the batch is empty; give at least one sample"),
    (ONES((2, 1)), ValueError, "expected has 1 samples, x has 5: give one column for each"),
    (ONES((2, 6)), ValueError, "expected has 6 samples, x has 5: give one column for each"),
    (
        ONES((2, 5), "f4"),
        TypeError,
        "expected has dtype float32, the network float64: convert it with .astype('float64')",
    ),
    (ONES((2, 5), bool), TypeError, "expected has dtype bool, the network float64: convert it with .astype('float64')"),
    (spoiled((2, 5), (1, 4), np.nan), ValueError, "expected: entry (1, 4) is nan; all must be finite"),
    (spoiled((2, 5), (0, 0), np.inf), ValueError, "expected: entry (0, 0) is inf; all must be finite"),
]


@pytest.mark.parametrize(("expected", "error", "sentence"), BAD_E, ids=[sentence for _, _, sentence in BAD_E])
def test_an_expected_output_that_does_not_fit(expected: Any, error: type[Exception], sentence: str) -> None:
    net, x = network(), ONES((3, 5))
    for function in (manualbp.gradients, manualbp.per_sample_gradients):
        with pytest.raises(error, match=exactly(sentence)) as raised:
            function(net, x, expected)
        assert type(raised.value) is error


OUTSIDE: list[tuple[str, list[float], str]] = [  # head, values of E that it refuses, the domain in words
    ("sigmoid+cross_entropy:fused", [-1e-300, 1.0000000000000002], "cross_entropy needs E in numbers in [0, 1]"),
    ("sigmoid+cross_entropy", [-0.5, 2.0], "cross_entropy needs E in numbers in [0, 1]"),
    ("sigmoid+hellinger", [-5e-324, -1.0], "hellinger needs E in finite numbers >= 0"),
    ("softplus+kullback_leibler", [-5e-324, -1.0], "kullback_leibler needs E in finite numbers >= 0"),
    ("sigmoid+generalized_kullback_leibler", [-1.0], "generalized_kullback_leibler needs E in finite numbers >= 0"),
    ("softmax+poisson", [-1.0], "poisson needs E in finite numbers >= 0"),
    ("softplus+itakura_saito", [0.0, -0.0, -1.0], "itakura_saito needs E in finite numbers > 0"),
    ("tanh+squared_hinge", [0.0, 0.5, 2.0], "squared_hinge needs E in -1 or +1"),
    ("identity+squared_hinge", [0.9999999999999999], "squared_hinge needs E in -1 or +1"),
]


@pytest.mark.parametrize(("head", "values", "words"), OUTSIDE)
def test_an_E_outside_the_domain_of_its_cost(head: str, values: list[float], words: str) -> None:
    net, x = network(head), ONES((3, 5))
    inside = 1.0
    manualbp.gradients(net, x, np.full((2, 5), inside))
    for value in values:
        expected = np.full((2, 5), inside)
        expected[1, 3] = value
        sentence = f"expected: entry (1, 3) is {value}; {words}"
        for function in (manualbp.gradients, manualbp.per_sample_gradients):
            with pytest.raises(DomainError, match=exactly(sentence)):
                function(net, x, expected)


@pytest.mark.parametrize("column", [[0.5, 0.6], [0.0, 0.0], [1.0, 1.0], [1.5, -0.5], [0.5, 0.5 + 1e-12]])
def test_an_E_off_the_simplex(column: list[float]) -> None:
    net, x = network("softmax+categorical_cross_entropy:fused"), ONES((3, 5))
    expected = np.tile([[0.25], [0.75]], 5)
    manualbp.gradients(net, x, expected)
    expected[:, 2] = column
    with pytest.raises(
        DomainError,
        match=r"^expected: entry \([01], 2\) is \S+; categorical_cross_entropy needs E in columns of numbers >= 0 whose sum is 1$",
    ):
        manualbp.gradients(net, x, expected)


def test_every_domain_of_E_but_the_real_numbers_is_tested_above() -> None:
    refusing = {HEADS[head].cost.name for head, _, _ in OUTSIDE} | {"categorical_cross_entropy"}
    assert refusing == {name for name, cost in manualbp.COSTS.items() if cost.e_domain.name != "real"}


# parameters and outputs


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("which", "layer"), [("weights", 2), ("weights", 3), ("biases", 2), ("biases", 3)])
def test_parameters_that_have_diverged(which: str, layer: int, value: float) -> None:
    net = network()
    arrays = [v.copy() for v in getattr(net, which)]
    arrays[layer - 2][1, 0] = value
    diverged = dataclasses.replace(net, **{which: tuple(arrays)})  # type: ignore[arg-type]
    sentence = f"{which} of layer {layer}: entry (1, 0) is {value}; all must be finite"
    with pytest.raises(ValueError, match=exactly(sentence)):
        manualbp.forward(diverged, ONES((3, 5)))
    for function in (manualbp.gradients, manualbp.per_sample_gradients):
        with pytest.raises(ValueError, match=exactly(sentence)):
            function(diverged, ONES((3, 5)), ONES((2, 5)))


def test_weighted_sums_that_overflow() -> None:
    net = network()
    large = dataclasses.replace(net, weights=tuple(1e200 * w for w in net.weights), activations=(manualbp.RELU,))
    sentence = (
        r"^z of layer 3: entry \(\d, 0\) is \S+; the weighted sums overflow float64: use smaller weights or inputs$"
    )
    with np.errstate(over="ignore"):
        for call in (
            lambda: manualbp.forward(large, ONES((3, 5))),
            lambda: manualbp.gradients(large, ONES((3, 5)), ONES((2, 5))),
        ):
            with pytest.raises(ValueError, match=sentence):
                call()


@pytest.mark.parametrize(
    ("head", "bias", "a", "words"),
    [
        ("sigmoid+cross_entropy", 40.0, "1.0", "numbers in the open interval (0, 1)"),
        ("sigmoid+cross_entropy", -800.0, "0.0", "numbers in the open interval (0, 1)"),
        ("sigmoid+poisson", -800.0, "0.0", "finite numbers > 0"),
        ("softplus+itakura_saito", -800.0, "0.0", "finite numbers > 0"),
        ("softmax+kullback_leibler", -800.0, "0.0", "finite numbers > 0"),
    ],
)
def test_an_output_that_has_saturated_out_of_the_domain(head: str, bias: float, a: str, words: str) -> None:
    net = manualbp.from_parameters([ONES((2, 3))], [np.array([[0.0], [bias]])], [], HEADS[head])
    x, expected = 0 * ONES((3, 2)), ONES((2, 2))
    sentence = (
        f"the output (1, 0) has saturated to {a}; {head} needs a in {words}: use a fused head, which works from z, "
        "or smaller weights"
    )
    with pytest.raises(DomainError, match=exactly(sentence)):
        manualbp.gradients(net, x, expected)
    fused = HEADS.get(f"{head}:fused")
    if fused is not None:
        g = manualbp.gradients(dataclasses.replace(net, head=fused), x, expected)
        assert np.isfinite(g.deltas[-1]).all()


def test_a_domain_error_is_a_value_error() -> None:
    assert issubclass(DomainError, ValueError)


def test_a_stack_of_batches_has_no_per_sample_gradients() -> None:
    sentence = "x has shape (4, 3, 5), expected (4, 2, 5): give one batch, samples in columns"
    with pytest.raises(ValueError, match=exactly(sentence)):
        manualbp.per_sample_gradients(network(), ONES((4, 3, 5)), ONES((4, 2, 5)))
    with pytest.raises(ValueError, match=r"give one batch, samples in columns$"):
        manualbp.per_sample_gradients(network(), ONES((3, 5)), ONES((1, 2, 5)))


def test_a_float32_network_asks_for_float32() -> None:
    net = network(dtype=np.float32)
    with pytest.raises(
        TypeError, match=exactly("x has dtype float64, the network float32: convert it with .astype('float32')")
    ):
        manualbp.forward(net, ONES((3, 5)))
    with pytest.raises(
        DomainError, match=exactly("expected: entry (0, 0) is 2.0; cross_entropy needs E in numbers in [0, 1]")
    ):
        manualbp.gradients(
            dataclasses.replace(net, head=manualbp.chained(SIGMOID, manualbp.CROSS_ENTROPY)),
            ONES((3, 5), np.float32),
            np.full((2, 5), 2, np.float32),
        )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: manualbp.gradients(None, ONES((3, 5)), ONES((2, 5))), "net is None, of type NoneType: give a Network"),
        (lambda: manualbp.forward("net", ONES((3, 5))), "net is 'net', of type str: give a Network"),
        (lambda: manualbp.chained("tanh", manualbp.QUADRATIC), "activation is 'tanh', of type str: give an Activation"),
        (lambda: manualbp.softmax("quadratic"), "cost is 'quadratic', of type str: give a Cost"),
        (lambda: manualbp.exponential("a"), "tau is 'a', of type str: give a number"),
        (lambda: manualbp.huber(None), "threshold is None, of type NoneType: give a number"),
        (
            lambda: manualbp.from_parameters(ONES((2, 3)), [ONES((2, 1))], [], manualbp.IDENTITY_QUADRATIC),
            "give a list of weights, one for each layer",
        ),
        (
            lambda: manualbp.gradients(network(), np.ma.array(ONES((3, 5))), ONES((2, 5))),
            "x is a MaskedArray: give a plain array",
        ),
    ],
)
def test_what_is_of_another_type_is_named(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(TypeError, match=re.escape(sentence)):
        make()


def test_a_batch_of_targets_belongs_to_a_batch_of_inputs() -> None:
    with pytest.raises(ValueError, match="give one batch of E for each batch of x"):
        manualbp.gradients(network(), ONES((3, 5)), ONES((2, 2, 5)))


# a cost that overflows


def one_neuron(head: manualbp.Head, weight: float, dtype: type = np.float64) -> manualbp.Network:
    return manualbp.from_parameters([np.full((1, 1), weight, dtype)], [np.zeros((1, 1), dtype)], [], head)


def at(value: float, dtype: type = np.float64) -> np.ndarray:
    return np.full((1, 1), value, dtype)


@pytest.mark.parametrize("gradients", [manualbp.gradients, manualbp.per_sample_gradients])
@pytest.mark.parametrize(
    ("cost", "dtype", "weight"),
    [
        ("quadratic", np.float64, 1e200),
        ("quadratic", np.float32, 1e30),
        ("exponential", np.float64, 40.0),
        ("exponential", np.float32, 12.0),
        ("squared_hinge", np.float64, -1e160),
        ("huber", np.float32, 3e38),
    ],
)
def test_a_cost_that_overflows_is_one_sentence(gradients: Any, cost: str, dtype: type, weight: float) -> None:
    head = manualbp.chained(manualbp.IDENTITY, manualbp.huber(4.0) if cost == "huber" else manualbp.COSTS[cost])
    net = one_neuron(head, weight, dtype)
    sentence = (
        rf"^the cost is inf: {cost} of this output overflows {np.dtype(dtype)}; use smaller weights, or bring x and expected to "
        r"the size of 1$"
    )
    with pytest.raises(manualbp.CostOverflow, match=sentence):
        gradients(net, at(1, dtype), at(1, dtype))


def test_the_gradient_of_a_cost_that_overflows_is_at_hand() -> None:
    net = one_neuron(manualbp.chained(manualbp.IDENTITY, manualbp.QUADRATIC), 1e200)
    with pytest.raises(manualbp.CostOverflow) as raised:
        manualbp.gradients(net, at(1), at(1))
    assert raised.value.gradients.nabla_w[0].item() == 1e200
    assert isinstance(raised.value, ValueError), "as for every other argument that does not fit"


def test_a_gradient_that_overflows_under_a_finite_cost_is_one_sentence() -> None:
    net = one_neuron(manualbp.chained(manualbp.SIGMOID, manualbp.ITAKURA_SAITO), -370.0)
    advice = "use a fused head, which works from z, or smaller weights"
    sentence = re.escape(f"overflow on the way to the gradient of sigmoid+itakura_saito: {advice}")
    with pytest.warns(RuntimeWarning, match=f"^{sentence}$") as warned:
        g = manualbp.gradients(net, at(1), at(1))
    assert np.isfinite(g.cost)
    assert len(warned) == 1
    assert warned[0].filename == __file__, "where gradients was called"


def test_who_ignores_overflow_is_not_told_and_who_raises_hears_nothing_where_all_is_well() -> None:
    net = one_neuron(manualbp.chained(manualbp.SIGMOID, manualbp.ITAKURA_SAITO), -370.0)
    with np.errstate(over="ignore", invalid="ignore"):
        manualbp.gradients(net, at(1), at(1))
    with (
        np.errstate(all="raise"),
        pytest.raises(FloatingPointError, match=r"^overflow on the way to the gradient of sigmoid"),
    ):
        manualbp.gradients(net, at(1), at(1))
    with np.errstate(all="raise"):
        manualbp.gradients(one_neuron(manualbp.IDENTITY_QUADRATIC, 2.0), at(1), at(1))
