"""The judge: both grades at their edges, where an answer is wrong, and what it is called."""

from dataclasses import replace

import numpy as np
import pytest

from oracle.vectors import ACCURATE_ULPS, MISTAKES, Answer, Grade, judge, vectors
from oracle.vectors.formats import FORMATS, from_patterns, patterns
from oracle.vectors.judgement import MOST_ULPS, UNDERFLOWS
from oracle.vectors.passes import each


def vector(id):
    (found,) = [v for v in vectors(id.partition("/")[0]) if v.id == id]
    return found


SQUARE = vector("float64/tanh+quadratic/square")
TINY = vector("float32/tanh+quadratic/tiny")


def moved(x, fmt, steps):
    """Each number `steps` places further from zero."""
    return from_patterns(patterns(x, fmt) + fmt.unsigned.type(steps), fmt)


@pytest.mark.parametrize("dtype", FORMATS)
def test_the_truth_is_accurate(dtype):
    for v in vectors(dtype):
        judgement = judge(v, v.truth)
        assert judgement
        assert judgement.grade is Grade.ACCURATE
        assert judgement.ulps == 0
        assert judgement.digits_lost == 0
        assert judgement.equation == ""
        assert judgement.mistake is None


def test_accurate_ends_at_k_ulp():
    tight = replace(SQUARE, allowance=each(SQUARE.allowance, np.zeros_like))
    fmt = SQUARE.question.format
    near = each(SQUARE.truth, lambda v: moved(v, fmt, ACCURATE_ULPS))
    far = each(SQUARE.truth, lambda v: moved(v, fmt, ACCURATE_ULPS + 1))
    assert judge(tight, near).grade is Grade.ACCURATE
    assert judge(tight, near).ulps == ACCURATE_ULPS
    assert judge(tight, far).grade is Grade.WRONG
    assert judge(SQUARE, far).grade is Grade.STABLE
    assert judge(SQUARE, far)


def test_stable_ends_at_the_allowance():
    def shifted(factor):
        pairs = zip(SQUARE.truth.nabla_w, SQUARE.allowance.nabla_w, strict=True)
        return replace(SQUARE.truth, nabla_w=tuple(t + factor * a for t, a in pairs))

    assert judge(SQUARE, shifted(0.99)).grade is Grade.STABLE
    found = judge(SQUARE, shifted(1.01))
    assert found.grade is Grade.WRONG
    assert (found.equation, found.layer) == ("BP3", 3)


def test_minus_zero_is_zero_and_the_ulp_crosses_it():
    zero = replace(
        SQUARE,
        truth=each(SQUARE.truth, np.zeros_like),
        allowance=each(SQUARE.allowance, lambda v: np.zeros_like(v)),
    )
    assert judge(zero, each(SQUARE.truth, lambda v: np.full_like(v, -0.0))).ulps == 0
    assert judge(zero, each(SQUARE.truth, lambda v: np.full_like(v, -5e-324))).ulps == 1
    below, above = np.full_like(SQUARE.truth.nabla_w[0], -5e-324), np.full_like(SQUARE.truth.nabla_w[0], 1e-323)
    across = replace(zero, truth=replace(zero.truth, nabla_w=(below, below)))
    assert judge(across, replace(zero.truth, nabla_w=(above, above))).ulps == 3
    largest = np.full_like(below, np.finfo(np.float64).max)
    apart = replace(zero, truth=replace(zero.truth, nabla_w=(-largest, -largest)))
    assert judge(apart, replace(zero.truth, nabla_w=(largest, largest))).ulps == MOST_ULPS


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_wrong(bad):
    w = SQUARE.truth.nabla_w[1].copy()
    w[1, 2] = bad
    found = judge(SQUARE, replace(SQUARE.truth, nabla_w=(SQUARE.truth.nabla_w[0], w)))
    assert not found
    assert found.ulps is None
    assert (found.equation, found.layer) == ("BP3", 3)
    assert "nabla_w of layer 3[1, 2]" in found.sentence
    assert "not finite" in found.sentence
    assert found.to_dict()["tensors"][-1]["grade"] == "accurate"


def test_shapes_dtypes_and_missing_tensors_are_wrong_in_a_sentence():
    truth = SQUARE.truth
    answers = {
        "has shape (9,), and must have (3, 3)": replace(truth, nabla_w=tuple(w.ravel() for w in truth.nabla_w)),
        "has dtype float32, the question float64": replace(truth, nabla_b=tuple(b.astype("f4") for b in truth.nabla_b)),
        "is 1 arrays: give one array for each of the layers 2 … 3": replace(truth, deltas=truth.deltas[:1]),
        "is a list: give an array of float64": replace(truth, nabla_w=tuple(w.tolist() for w in truth.nabla_w)),
        "is missing: every answer gives it": Answer(truth.nabla_w, None),
        "cost has dtype float32": replace(truth, cost=np.float32(1)),
        "is a ndarray: give one array": replace(truth, nabla_w=truth.nabla_w[0]),
    }
    for words, answer in answers.items():
        found = judge(SQUARE, answer)
        assert not found
        assert words in found.sentence


def test_flush_to_zero_is_forgiven_where_it_is_declared():
    tiny = FORMATS["float32"].tiny
    flushed = each(TINY.truth, lambda v: np.where(np.abs(v) < tiny, np.float32(0), v))
    assert judge(TINY, flushed).mistake == "flushed subnormals"
    assert judge(TINY, flushed, flush_to_zero=True).grade is Grade.STABLE
    lost = each(TINY.truth, lambda v: np.where(np.abs(v) < tiny, np.float32(2 * UNDERFLOWS * tiny), v))
    assert not judge(TINY, lost, flush_to_zero=True)


def test_the_first_wrong_equation():
    truth = SQUARE.truth
    wrong = lambda values, k: tuple(2 * v if i == k else v for i, v in enumerate(values))  # noqa: E731
    w0, w1 = wrong(truth.nabla_w, 0), wrong(truth.nabla_w, 1)
    b0, b1 = wrong(truth.nabla_b, 0), wrong(truth.nabla_b, 1)
    given = replace(truth, activations=None, cost=None)
    bare = replace(given, deltas=None)
    places = {
        ("forward", 2): replace(truth, activations=wrong(truth.activations, 0), deltas=wrong(truth.deltas, 1)),
        ("cost", 3): replace(truth, cost=2 * truth.cost, nabla_w=w1),
        ("BP1", 3): replace(truth, deltas=wrong(truth.deltas, 1), nabla_w=w0),
        ("BP2", 2): replace(truth, deltas=wrong(truth.deltas, 0), nabla_w=w1),
        ("BP3", 3): replace(given, nabla_w=w1, nabla_b=b1),
        ("BP4", 3): replace(bare, nabla_b=b1, nabla_w=w0),
    }
    for where, answer in places.items():
        found = judge(SQUARE, answer)
        assert (found.equation, found.layer) == where
    # without δ, a layer whose ∂W and ∂b are both wrong accuses it
    assert judge(SQUARE, replace(bare, nabla_w=w1, nabla_b=b1)).equation == "BP1"
    assert judge(SQUARE, replace(bare, nabla_w=w0, nabla_b=b0)).equation == "BP2"


@pytest.mark.longer
def test_mistakes_are_named():
    """The name of what was done is among the names found, and it is the first but where two do the same."""
    sample = vectors("float64")[::31] + vectors("float32")[::31]
    first, every = 0, 0
    for v in sample:
        for name in v.catches[:: max(1, len(v.catches) // 9)]:
            found = judge(v, MISTAKES[name](v.question))
            assert name in found.mistakes, (v.id, name, found.mistakes)
            first, every = first + (found.mistake == name), every + 1
    assert every > 250
    assert first / every > 0.85


def test_an_unknown_mistake_has_no_name():
    odd = each(SQUARE.truth, lambda v: v * np.float64(1.0371))
    assert judge(SQUARE, odd).mistakes == ()


def test_what_lacks_a_gradient_or_a_layer_has_no_name():
    """An empty ∂W once was called 1/m missing in BP3, which is right in ∂b."""
    truth = SQUARE.truth
    for answer in (
        replace(truth, nabla_w=()),
        replace(truth, nabla_w=truth.nabla_w[:1]),
        replace(truth, nabla_b=(*truth.nabla_b, truth.nabla_b[0])),
        replace(truth, nabla_w=(), nabla_b=()),
        replace(truth, nabla_w=tuple(w.astype(str) for w in truth.nabla_w)),
        replace(truth, nabla_w=tuple(w.astype(object) for w in truth.nabla_w)),
        replace(truth, deltas=truth.deltas[:1]),
    ):
        found = judge(SQUARE, answer)
        assert not found
        assert found.mistakes == ()


def test_nan_is_named_wherever_it_is():
    nan = lambda v: np.full_like(v, np.nan)  # noqa: E731
    truth = SQUARE.truth
    for answer in (
        replace(truth, cost=nan(truth.cost)),
        replace(truth, nabla_w=(truth.nabla_w[0], nan(truth.nabla_w[1]))),
        replace(truth, activations=(nan(truth.activations[0]), truth.activations[1])),
        each(truth, nan),
    ):
        assert judge(SQUARE, answer).mistake == "NaN"
    assert judge(SQUARE, replace(truth, cost=nan(truth.cost))).mistakes == ("NaN",)


def test_a_mistake_of_the_cost_alone_must_explain_the_cost():
    truth = SQUARE.truth
    assert judge(SQUARE, replace(truth, cost=truth.cost * np.float64(1.7))).mistakes == ()
    assert judge(SQUARE, replace(truth, cost=truth.cost * 2)).mistake == "cost summed over the batch"
    assert judge(SQUARE, replace(truth, deltas=tuple(d * 1.7 for d in truth.deltas))).mistakes == ()


def test_another_dtype_is_wrong_and_no_arithmetic():
    """Arrays of float32 are no answer to a question in float64, however the numbers were computed."""
    for v in vectors("float64")[::50]:
        found = judge(v, each(v.truth, lambda x: x.astype(np.float32)))
        assert not found
        assert "has dtype float32, the question float64" in found.sentence
        assert "float32 inside float64" not in found.mistakes


def test_a_flipped_sign_is_not_lost_digits():
    """Where nearly all digits cancel, float32 leaves an error as large as the number; it also leaves numbers of float32."""
    for v in (v for v in vectors("float64") if v.id.endswith("/cancelling")):
        flipped = replace(v.truth, nabla_w=tuple(-w for w in v.truth.nabla_w))
        found = judge(v, flipped)
        assert not found
        assert "float32 inside float64" not in found.mistakes, v.id
        narrow = MISTAKES["float32 inside float64"](v.question)
        assert judge(v, narrow).mistake == "float32 inside float64"


def test_the_judgement_is_ready_for_json():
    import json

    found = judge(SQUARE, MISTAKES["no 1/m"](SQUARE.question))
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["grade"] == "wrong"
    assert data["mistakes"][0] == "no 1/m"
    assert data["equation"] == "BP3"
    nan = judge(SQUARE, MISTAKES["NaN"](SQUARE.question))
    json.dumps(nan.to_dict(), allow_nan=False)
