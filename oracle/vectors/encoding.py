"""Records as JSON and back. A number is its bit pattern in hex, most significant digit first, with a decimal echo to read.

An array is {"shape": [2, 3], "bits": ["3ff0000000000000", …], "decimal": [1.0, …]}, its entries row by row; what counts is `bits`.
Decoding trusts nothing: whatever is malformed raises `Malformed`, with one sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.formats import FORMATS, Format, from_patterns, patterns
from oracle.vectors.record import Answer, Question, Vector

Array = NDArray[Any]
Json = dict[str, Any]
LAYERED = ("nabla_w", "nabla_b", "activations", "deltas")
#: No array of a vector or a result has more entries; a claim of more is refused before memory is taken.
MOST_ENTRIES = 50_000_000
#: Nor more axes than this, which is enough to say of an array that it has another shape.
MOST_AXES = 8


class Malformed(ValueError):
    """Data that is no record of this format."""


def encode_array(x: Array, fmt: Format) -> Json:
    """An array of the format. Raises TypeError for another dtype."""
    x = np.asarray(x)
    if x.dtype != fmt.dtype:
        raise TypeError(f"an array of {x.dtype} was given as {fmt.name}")
    digits = fmt.width // 4
    bits = [f"{p:0{digits}x}" for p in patterns(x, fmt).ravel().tolist()]
    return {"shape": list(x.shape), "bits": bits, "decimal": [_decimal(v) for v in x.ravel()]}


def _decimal(v: Any) -> float | str:
    """The shortest decimal that reads back as v in its own dtype; a word where JSON has no number."""
    number = float(str(v)) if math.isfinite(float(v)) else float(v)
    return number if math.isfinite(number) else str(number)


def whole(n: object) -> bool:
    """Whether n is an integer as JSON knows them, which 3.0 is and true is not."""
    return type(n) is int or (type(n) is float and n.is_integer())


def decode_array(data: object, fmt: Format, what: str = "the array") -> Array:
    """The array that `encode_array` wrote. Raises Malformed."""
    if not isinstance(data, dict) or "shape" not in data or "bits" not in data:
        raise Malformed(f'{what} is no array: give {{"shape": [rows, columns], "bits": ["3f…", …]}}')
    shape, bits = data["shape"], data["bits"]
    if not isinstance(shape, list) or not all(whole(n) and 0 <= n <= MOST_ENTRIES for n in shape):
        raise Malformed(f"{what}: its shape must be a list of sizes")
    shape = [int(n) for n in shape]
    if len(shape) > MOST_AXES:
        raise Malformed(f"{what}: its shape must be a list of sizes, of {MOST_AXES} axes at most")
    if not isinstance(bits, list):
        raise Malformed(f"{what}: its bits must be a list of hex strings")
    if math.prod(shape) != len(bits):
        raise Malformed(f"{what} claims the shape {shape} and gives {len(bits)} numbers")
    if math.prod(n or 1 for n in shape) > MOST_ENTRIES:
        raise Malformed(f"{what} claims the shape {shape}, and no array goes beyond {MOST_ENTRIES:,}")
    digits = fmt.width // 4
    pattern = re.compile(f"[0-9a-fA-F]{{{digits}}}")
    for k, text in enumerate(bits):
        if not isinstance(text, str) or not pattern.fullmatch(text):
            raise Malformed(f"{what}: entry {k} of its bits is no string of {digits} hex digits, as {fmt.name} needs")
    return from_patterns(np.array([int(text, 16) for text in bits], dtype=fmt.unsigned).reshape(shape), fmt)


def encode_answer(answer: Answer, fmt: Format) -> Json:
    """What the answer gives, by field; `cost` is an array of shape []."""
    data: Json = {} if answer.cost is None else {"cost": encode_array(answer.cost, fmt)}
    for field in ("activations", "deltas", "nabla_w", "nabla_b"):
        value = getattr(answer, field)
        if value is not None:
            data[field] = [encode_array(v, fmt) for v in value]
    return data


def decode_answer(data: object, fmt: Format) -> Answer:
    """The answer that `encode_answer` wrote; fields that are absent or null are not given. Raises Malformed."""
    if not isinstance(data, dict):
        raise Malformed("an answer must be a JSON object")
    found: dict[str, Any] = {}
    for field in LAYERED:
        value = data.get(field)
        if value is None:
            continue
        if not isinstance(value, list):
            raise Malformed(f"{field} must be a list, one array for each of the layers 2 … L")
        found[field] = tuple(decode_array(v, fmt, f"{field} of layer {i}") for i, v in enumerate(value, start=2))
    for field in ("nabla_w", "nabla_b"):
        if field not in found:
            raise Malformed(f"{field} is missing: every answer gives it")
    if data.get("cost") is not None:
        found["cost"] = decode_array(data["cost"], fmt, "cost")
    return Answer(**found)


def encode_question(question: Question) -> Json:
    """What a backend must know; `output_activation` and `cost` are the two halves of `head`."""
    fmt = question.format
    head = question.head_record()
    return {
        "id": question.id,
        "dtype": question.dtype,
        "head": question.head,
        "output_activation": head.activation,
        "cost": head.cost.name,
        "parameters": dict(question.parameters),
        "hidden": list(question.hidden),
        "sizes": list(question.sizes),
        "samples": question.samples,
        "x": encode_array(question.x, fmt),
        "expected": encode_targets(question.expected, fmt),
        "weights": [encode_array(w, fmt) for w in question.weights],
        "biases": [encode_array(b, fmt) for b in question.biases],
        **({} if question.sample_weights is None else {"sample_weights": encode_array(question.sample_weights, fmt)}),
        **({"l2": question.l2} if question.l2 else {}),
    }


def encode_targets(expected: Array, fmt: Format) -> Json:
    """E, or the classes that stand for it."""
    if expected.dtype.kind == "i":
        return {"shape": list(expected.shape), "classes": expected.tolist()}
    return encode_array(expected, fmt)


def decode_question(data: Json) -> Question:
    """The question that `encode_question` wrote. Raises Malformed."""
    try:
        fmt = FORMATS[data["dtype"]]
        parameters = data["parameters"]
        if not isinstance(parameters, dict):
            raise Malformed("no question: its parameters must be an object")
        return Question(
            data["id"],
            data["dtype"],
            data["head"],
            tuple(data["hidden"]),
            decode_array(data["x"], fmt, "x"),
            decode_array(data["expected"], fmt, "expected"),
            _arrays(data["weights"], fmt, "weights"),
            _arrays(data["biases"], fmt, "biases"),
            dict(parameters),
        )
    except (KeyError, TypeError) as error:
        raise Malformed(f"no question: {type(error).__name__} {error}") from error


def _arrays(data: Sequence[Any], fmt: Format, what: str) -> tuple[Array, ...]:
    return tuple(decode_array(v, fmt, f"{what} of layer {i}") for i, v in enumerate(data, start=2))


def encode_vector(vector: Vector) -> Json:
    """A question with its truth; allowances are plain numbers, row by row."""
    plain: Json = {"cost": float(vector.allowance.cost)}  # type: ignore[arg-type]
    for field in ("activations", "deltas", "nabla_w", "nabla_b"):
        plain[field] = [v.ravel().tolist() for v in getattr(vector.allowance, field)]
    return {
        **encode_question(vector.question),
        "truth": encode_answer(vector.truth, vector.question.format),
        "allowance": plain,
        "flags": list(vector.flags),
        "catches": list(vector.catches),
        "notes": vector.notes,
    }


def decode_vector(data: Json) -> Vector:
    """The vector that `encode_vector` wrote. Raises Malformed."""
    question = decode_question(data)
    try:
        truth = decode_answer(data["truth"], question.format)
        if truth.cost is None or truth.activations is None or truth.deltas is None:
            raise Malformed(f"{question.id}: its truth is incomplete")
        plain = data["allowance"]
        flat_lists = [flat for field in LAYERED for flat in plain[field]]
        if not all(type(v) in (int, float) for flat in ([plain["cost"]], *flat_lists) for v in flat):
            raise Malformed(f"{question.id!r}: its allowances must be plain numbers")
        allowance = {
            field: tuple(
                np.array(flat, dtype=np.float64).reshape(like.shape)
                for flat, like in zip(plain[field], getattr(truth, field), strict=True)
            )
            for field in LAYERED
        }
        cost = np.array(float(plain["cost"]))
        flags, catches = tuple(data["flags"]), tuple(data["catches"])
        return Vector(question, truth, Answer(cost=cost, **allowance), flags, catches, data["notes"])
    except Malformed:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Malformed(f"{question.id!r}: no vector: {type(error).__name__} {error}") from error
