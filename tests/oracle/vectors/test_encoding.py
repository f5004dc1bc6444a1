"""Records as JSON: round trips, and one sentence for whatever is malformed."""

import copy
import json

import numpy as np
import pytest

from oracle.vectors import vectors
from oracle.vectors.encoding import (
    Malformed,
    decode_answer,
    decode_array,
    decode_vector,
    encode_array,
    encode_vector,
)
from oracle.vectors.formats import FORMATS
from oracle.vectors.record import tensors

F32 = FORMATS["float32"]


def test_numbers_are_bit_patterns_with_an_echo():
    data = encode_array(np.array([[1.0, -0.0, 0.1]], dtype=np.float32), F32)
    assert data == {
        "shape": [1, 3],
        "bits": ["3f800000", "80000000", "3dcccccd"],
        "decimal": [1.0, -0.0, 0.1],
    }
    odd = np.array([np.nan, np.inf, -np.inf, 1e-45], dtype=np.float32)
    assert encode_array(odd, F32)["decimal"][:3] == ["nan", "inf", "-inf"]
    back = decode_array(json.loads(json.dumps(encode_array(odd, F32))), F32)
    assert back.tobytes() == odd.tobytes()
    with pytest.raises(TypeError, match="float64 was given as float32"):
        encode_array(np.ones(2), F32)


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_vector_survives_the_file(dtype):
    for vector in vectors(dtype)[::40]:
        data = json.loads(json.dumps(encode_vector(vector)))
        again = decode_vector(data)
        assert encode_vector(again) == data
        for (_, _, v), (_, _, w) in zip(tensors(again.truth), tensors(vector.truth), strict=True):
            assert v.dtype == w.dtype
            assert v.shape == w.shape
            assert v.tobytes() == w.tobytes()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "is no array"),
        ([], "is no array"),
        ({"shape": [1]}, "is no array"),
        ({"shape": "1", "bits": []}, "must be a list of sizes"),
        ({"shape": [-1], "bits": []}, "must be a list of sizes"),
        ({"shape": [True], "bits": ["3f800000"]}, "must be a list of sizes"),
        ({"shape": [10**9, 10**9], "bits": []}, "must be a list of sizes"),
        ({"shape": [40_000_000, 2], "bits": ["3f800000"]}, "claims the shape"),
        ({"shape": [2], "bits": ["3f800000"]}, "claims the shape"),
        ({"shape": [1], "bits": "3f800000"}, "must be a list of hex strings"),
        ({"shape": [1], "bits": ["3f80000"]}, "8 hex digits"),
        ({"shape": [1], "bits": ["0x3f8000"]}, "8 hex digits"),
        ({"shape": [1], "bits": [1]}, "8 hex digits"),
        ({"shape": [1], "bits": ["3f80000\n"]}, "8 hex digits"),
    ],
)
def test_malformed_arrays(data, words):
    with pytest.raises(Malformed, match=words):
        decode_array(data, F32)


def test_malformed_answers():
    good = {"nabla_w": [], "nabla_b": []}
    assert decode_answer(good, F32).deltas is None
    assert decode_answer({**good, "deltas": None}, F32).deltas is None
    for bad in (
        None,
        [],
        {},
        {"nabla_w": []},
        {"nabla_w": [], "nabla_b": None},
        {**good, "cost": 3.0},
        {**good, "deltas": 1},
    ):
        with pytest.raises(Malformed):
            decode_answer(bad, F32)


def test_malformed_vectors():
    data = encode_vector(vectors("float32")[0])
    for change in (
        lambda d: d.pop("truth"),
        lambda d: d["truth"].pop("deltas"),
        lambda d: d["allowance"]["nabla_w"].pop(),
        lambda d: d["allowance"]["nabla_w"][0].pop(),
        lambda d: d.update(dtype="float8"),
        lambda d: d.pop("x"),
        lambda d: d["allowance"].pop("cost"),
    ):
        damaged = copy.deepcopy(data)
        change(damaged)
        with pytest.raises(Malformed):
            decode_vector(damaged)
