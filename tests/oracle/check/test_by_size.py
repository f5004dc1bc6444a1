"""Kernels whose gradient is wrong from a tile on: shapes with names let the search find it, and the report say where."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.candidate.asking import CannotJudge
from oracle.check.options import parse_lengths, parse_shapes

BOUNDED = {"n": (1, 3), "d": (1, 40)}


def cost(x, w):
    return jnp.sum(jnp.sin(x * w))


def grad(x, w):
    return np.cos(x * w) * w


def check(
    candidate, fn=cost, shapes=(("n", "d"), ("d",)), lengths=BOUNDED, domains=((-3.0, 3.0), (-3.0, 3.0)), **options
):
    return oracle.check_gradient(
        fn, candidate, domains, shapes=shapes, lengths=lengths, database=None, timeout=None, **options
    )


def test_what_is_right_is_right_at_every_tile():
    report = check(grad, lengths={"n": (1, 33), "d": (1, 130)})
    assert report.verdict == "right"
    rows, columns = zip(*(x for x, _ in report.tried.shapes), strict=True)
    assert {31, 32, 33} <= set(rows)
    assert {31, 32, 33, 63, 64, 65, 127, 128, 129, 130} <= set(columns)


@pytest.mark.usefixtures("little_evidence")
@pytest.mark.parametrize("tile", [32, pytest.param(128, marks=pytest.mark.longer)])
def test_a_column_from_which_on_it_is_wrong(tile):
    def wrong(x, w):
        found = grad(x, w)
        found[:, tile:] *= 1.001
        return found

    report = check(wrong, lengths={"n": (1, 3), "d": (1, 2 * tile + 2)})
    assert report.verdict == "wrong"
    assert [a.shape for a in report.counterexample] == [(1, tile + 1), (tile + 1,)]
    assert report.diagnosis[0].startswith(f"It is right except from column {tile} on")
    words = f"It is right up to d = {tile}, and wrong from {tile + 1} on, at every larger one that was tried"
    assert report.diagnosis[1] == words


@pytest.mark.longer
@pytest.mark.usefixtures("little_evidence")
def test_a_row_from_which_on_it_is_wrong():
    def wrong(x, w):
        found = grad(x, w)
        found[32:] *= -1
        return found

    report = check(wrong, lengths={"n": (1, 70), "d": (1, 3)})
    assert report.verdict == "wrong"
    assert report.counterexample[0].shape == (33, 1)
    assert "It is right up to n = 32, and wrong from 33 on" in report.diagnosis[-1]


def mean_of_tiles(x, w):
    """Of a normalisation by the mean: its gradient leaves the last partial tile of 16 out of a sum."""
    d = x.shape[1]
    whole = d if d < 16 else d // 16 * 16
    slope = np.cos(x - x.mean(1, keepdims=True) + w)
    return slope - slope[:, :whole].sum(1, keepdims=True) / d


def centred(x, w):
    return jnp.sum(jnp.sin(x - jnp.mean(x, 1, keepdims=True) + w))


@pytest.mark.longer
@pytest.mark.usefixtures("little_evidence")
def test_what_is_left_over_after_whole_tiles():
    report = check(mean_of_tiles, centred)
    assert report.verdict == "wrong"
    assert report.counterexample[0].shape == (1, 17)
    assert report.diagnosis[-1] == "It is right up to d = 16, and wrong from 17 on where d is no multiple of 16"


@pytest.mark.longer
@pytest.mark.usefixtures("little_evidence")
def test_nothing_is_said_of_sizes_where_values_decide():
    report = check(lambda x, w: np.where(x > 2.5, w, grad(x, w)), lengths={"n": (1, 9), "d": (1, 9)})
    assert report.verdict == "wrong"
    assert not any("right up to" in sentence for sentence in report.diagnosis)


@pytest.mark.longer
def test_a_product_beside_a_cotangent():
    def fn(x):
        return jnp.exp(-x * x)

    def vjp(x, c):
        found = -2 * x * np.exp(-x * x) * c
        found[32:] *= 0.5
        return (found,)

    report = oracle.check_vjp(fn, vjp, [(-2.0, 2.0)], shapes=(("n", "m"),), lengths=(1, 40), database=None)
    assert report.verdict == "wrong"
    assert [a.shape[0] for a in report.counterexample] == [33, 33]
    assert "It is right up to n = 32" in report.diagnosis[-1]


def layer(p, x):
    return jnp.sum(jnp.sin(x @ p["w"] + p["b"]))


def layer_grad(p, x):
    slope = np.cos(x @ p["w"] + p["b"])
    return {"w": x.T @ slope, "b": slope.sum(0)}


EXAMPLE = ({"w": np.array([[1.0, 2.0], [0.5, -1.0], [0.2, 0.3]]), "b": np.zeros(2)}, np.array([[1.0, -2.0, 0.5]]))
SHAPES = ({"w": ("k", "m"), "b": ("m",)}, ("n", "k"))


def by_example(candidate, **options):
    given = {"like": EXAMPLE, "shapes": SHAPES, "lengths": {"n": (1, 5), "k": (1, 5), "m": (1, 70)}, **options}
    return oracle.check_gradient(layer, candidate, database=None, timeout=None, **{"examples": 24, **given})


def wrong_bias(p, x):
    found = layer_grad(p, x)
    found["b"][64:] *= 1.01
    return found


@pytest.mark.longer
def test_an_example_may_leave_sizes_open():
    assert by_example(layer_grad).verdict == "right"


@pytest.mark.longer
@pytest.mark.usefixtures("little_evidence")
def test_what_an_example_leaves_open_is_tried():
    report = oracle.check_gradient(layer, wrong_bias, like=EXAMPLE, database=None, examples=24)
    assert report.verdict == "right"
    report = by_example(wrong_bias, examples=90)
    assert report.verdict == "wrong"
    assert report.name.endswith("p['b']")
    assert report.counterexample[1].shape == (65,)


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ((("n", "k"), ("n", "k")), "shapes: the shape of p['w']"),
        (({"w": ("k", "m"), "b": ("k",)}, ("n", "k")), "the example has no sizes of these names within their bounds"),
        (({"w": ("m", 5), "b": None}, ("n", "k")), "p['w'] has the shape (3, 2) in the example, not ('m', 5)"),
        (({"w": (3, 2), "b": (2,)}, (1, 3)), "fix the lengths already, where no name is in them"),
        ((("n",),), "like holds 2 examples"),
    ],
)
def test_shapes_that_are_not_those_of_the_example(shapes, words):
    with pytest.raises(CannotJudge) as raised:
        by_example(layer_grad, shapes=shapes)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shapes": ("nd", "d")}, "give one shape for each argument"),
        ({"shapes": (("n", "2d"), ("d",))}, "give one shape for each argument"),
        ({"lengths": {"m": (1, 4)}}, "a dict of such by the names in shapes (d, n)"),
        ({"lengths": (4, 1)}, "give (low, high) with 1 <= low <= high"),
        ({"shapes": ((3, 4), (4,))}, "lengths and shapes are both given"),
        ({"shapes": None}, "bounds names: give shapes with these names"),
        ({"shapes": (("n-3",), (4,)), "lengths": (1, 3)}, "n is at most 3"),
    ],
)
def test_what_is_no_such_question(options, words):
    with pytest.raises(CannotJudge) as raised:
        check(grad, **options)
    assert words in str(raised.value)


def test_a_strategy_draws_arrays_of_its_own_sizes():
    from hypothesis import strategies as st

    drawn = st.just(np.ones((2, 3)))
    with pytest.raises(CannotJudge, match="a strategy draws argument 0"):
        check(grad, domains=(drawn, "real"))


def test_words_of_the_command_line():
    assert parse_shapes("nx2*d+1,d,3x4") == (("n", "2*d+1"), ("d",), (3, 4))
    assert parse_lengths("n=1:64,d=8") == {"n": (1, 64), "d": (8, 8)}


@pytest.mark.longer
@pytest.mark.usefixtures("little_evidence")
def test_attention_whose_last_keys_are_dropped():
    def attention(q, k, v):
        return jnp.sum((jax.nn.softmax(q @ k.T, -1) @ v) ** 2)

    def dropped(q, k, v):
        z = q @ k.T
        e = np.exp(z - z.max(-1, keepdims=True))
        p = e / e.sum(-1, keepdims=True)
        slope = 2 * (p @ v) @ v.T
        back = p * (slope - (slope * p).sum(-1, keepdims=True))
        whole = len(k) if len(k) < 32 else len(k) // 32 * 32
        return back[:, :whole] @ k[:whole]

    shapes, lengths = (("n", 4), ("m", 4), ("m", 3)), {"n": (1, 9), "m": (1, 70)}
    report = check(dropped, attention, shapes, lengths, [(-2.0, 2.0)] * 3)
    assert report.verdict == "wrong"
    assert [a.shape for a in report.counterexample] == [(1, 4), (33, 4), (33, 3)]
    assert "It is right up to m = 32, and wrong from 33 on where m is no multiple of 32" in report.diagnosis[-1]
