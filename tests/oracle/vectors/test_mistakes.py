"""The standard mistakes: none is the right answer, each vector's list holds, and no head escapes one without a reason."""

from collections import defaultdict

import pytest

from manualbp import ACTIVATIONS, HEADS
from oracle.vectors import MISTAKES, Grade, judge, vectors
from oracle.vectors.exempt import is_no_mistake
from oracle.vectors.make import caught_by
from oracle.vectors.mistakes import right

WIDE = ("float64", "float32")


@pytest.mark.parametrize("dtype", WIDE)
def test_together_they_catch_every_mistake_for_every_head(dtype):
    caught = defaultdict(set)
    for vector in vectors(dtype):
        caught[vector.question.head] |= set(vector.catches)
    assert caught.keys() == HEADS.keys()
    for name, head in HEADS.items():
        possible = {mistake for mistake in MISTAKES if not is_no_mistake(mistake, head, dtype)}
        assert caught[name] == possible, name
    assert len(MISTAKES) == 39


@pytest.mark.parametrize("dtype", WIDE)
def test_where_the_page_says_that_it_is_no_mistake_it_is_none(dtype):
    """It cannot be made, or leads to what is judged right: at every vector, not only at those that fail to see it."""
    tried = 0
    for vector in vectors(dtype)[::3]:
        for name in (n for n in MISTAKES if is_no_mistake(n, HEADS[vector.question.head], dtype)):
            answer = MISTAKES[name](vector.question)
            assert answer is None or judge(vector, answer), (vector.id, name)
            tried += 1
    assert tried > 500


def test_an_exemption_is_of_one_mistake_for_some_heads():
    assert is_no_mistake("sigma_prime missing in BP1", HEADS["identity+huber"], "float64")
    assert not is_no_mistake("sigma_prime missing in BP1", HEADS["tanh+huber"], "float64")
    assert not is_no_mistake("sigma_prime twice in BP1", HEADS["leaky_relu+huber"], "float64")
    assert not is_no_mistake("a - E for every head", HEADS["tanh+quadratic"], "float64")
    assert not is_no_mistake("float32 inside float64", HEADS["tanh+quadratic"], "float64")
    assert not is_no_mistake("sign", HEADS["tanh+quadratic"], "float64")


def test_a_parameter_that_is_ignored():
    """All is right but the parameter, which is that of manualbp.HEADS."""
    by_id = {v.id: v for v in vectors("float64")}
    vector = by_id["float64/sigmoid+huber@threshold=0.3/single"]
    found = judge(vector, MISTAKES["parameter ignored"](vector.question))
    assert not found
    assert found.mistake == "parameter ignored"
    assert MISTAKES["parameter ignored"](by_id["float64/sigmoid+huber/square"].question) is None
    assert MISTAKES["parameter ignored"](by_id["float64/sigmoid+quadratic/square"].question) is None


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_what_the_narrow_ones_catch_at_least(dtype):
    core = {"sign", "zero gradient", "NaN"}
    for vector in vectors(dtype):
        assert core <= set(vector.catches), vector.id
    every = set().union(*(vector.catches for vector in vectors(dtype)))
    assert len(every) >= 30


def test_every_vector_names_three_at_least_in_the_order_of_the_list():
    order = list(MISTAKES)
    for vector in vectors():
        assert len(vector.catches) >= 3
        assert sorted(vector.catches, key=order.index) == list(vector.catches)


@pytest.mark.longer
def test_what_a_vector_says_that_it_catches_it_does():
    for vector in vectors()[::40]:
        assert caught_by(vector) == vector.catches, vector.id


def test_the_same_passes_without_a_mistake_are_right():
    for vector in vectors()[::5]:
        assert judge(vector, right(vector.question)).grade is not Grade.WRONG, vector.id


def test_what_cannot_be_made_is_none():
    (one,) = [v for v in vectors("float64") if v.id == "float64/tanh+quadratic/tiny"]
    for name in (
        "no 1/m",
        "W not transposed in BP2",
        "softmax as a diagonal",
        "bfloat16 inside float32",
        "only the first sample",
    ):
        assert MISTAKES[name](one.question) is None
    assert MISTAKES["sign"](one.question) is not None


def test_every_activation_is_in_a_hidden_layer_of_every_dtype():
    for dtype in ("float64", "float32", "float16", "bfloat16"):
        used = {name for vector in vectors(dtype) for name in vector.question.hidden}
        assert used == set(ACTIVATIONS) or dtype == "bfloat16"
        assert len(used) >= 10
