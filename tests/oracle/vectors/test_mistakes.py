"""The standard mistakes: none is the right answer, each vector's list holds, and no head escapes one without a reason."""

from collections import defaultdict

import pytest

from manualbp import ACTIVATIONS, HEADS
from oracle.vectors import MISTAKES, Grade, judge, vectors
from oracle.vectors.make import caught_by
from oracle.vectors.mistakes import right

WIDE = ("float64", "float32")
#: δ is a − E there, so that to write it is no mistake.
A_MINUS_E = {
    "identity+quadratic",
    "identity+quadratic:fused",
    "sigmoid+cross_entropy",
    "sigmoid+cross_entropy:fused",
    "softmax+categorical_cross_entropy",
    "softmax+categorical_cross_entropy:fused",
}


def is_no_mistake(name, head, dtype):
    """Why a mistake cannot be made with a head, or changes nothing."""
    softmax = head.activation == "softmax"
    return (
        (name.startswith("softmax ") and not softmax)
        or (name == "sigma_prime missing in BP1" and head.activation == "identity")
        or (name == "sigma_prime twice in BP1" and head.activation in ("identity", "relu"))
        or (name == "sigma_prime at a in BP1" and (softmax or head.activation in ("identity", "relu", "leaky_relu")))
        or (name == "a - E for every head" and head.name in A_MINUS_E)
        or (name.endswith(("float64", "float32")) and not name.endswith(dtype))
    )


@pytest.mark.parametrize("dtype", WIDE)
def test_together_they_catch_every_mistake_for_every_head(dtype):
    caught = defaultdict(set)
    for vector in vectors(dtype):
        caught[vector.question.head] |= set(vector.catches)
    assert caught.keys() == HEADS.keys()
    for name, head in HEADS.items():
        possible = {mistake for mistake in MISTAKES if not is_no_mistake(mistake, head, dtype)}
        assert caught[name] == possible, name
    assert len(MISTAKES) == 38


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
