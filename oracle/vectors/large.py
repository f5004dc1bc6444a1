"""One network of the size that is trained, 784-30-10 with a batch of four, made when it is asked for: its arrays are safetensors.

`large/NAME.json` is a vector without arrays, and names the file that holds them: `x`, `expected`, `weights.2`, …, the truth as
`truth.cost`, `truth.nabla_w.2`, …, and the allowances, in float64, as `allowance.…`. bfloat16 is not among the dtypes.
"""

from __future__ import annotations

import json
from importlib.resources.abc import Traversable
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors import form
from oracle.vectors.encoding import Malformed
from oracle.vectors.files import SCHEMA, Damaged, parsed, read_listed, read_manifest, read_vectors
from oracle.vectors.form import check_form
from oracle.vectors.formats import FORMATS, round_array
from oracle.vectors.record import NONE, Answer, Question, Vector, tensors

Array = NDArray[Any]
SIZES, SAMPLES = (784, 30, 10), 4
HEAD, HIDDEN = "softmax+categorical_cross_entropy:fused", ("sigmoid",)
DTYPES = ("float64", "float32")
#: What is in the JSON of a large vector, beside the three that say so.
FIELDS = form.FIELDS - frozenset(form.ARRAYS)
NAME = "large/784-30-10-{dtype}"
LAYERED = ("activations", "deltas", "nabla_w", "nabla_b")


def large_question(dtype: str) -> Question:
    """Strokes of sixteen greys on white, as digits have them, and weights of the usual size."""
    rng, fmt = Random("large 784-30-10"), FORMATS[dtype]

    def uniform(n: int, k: int, size: float) -> Array:
        values = np.array([size * (2 * rng.random() - 1) for _ in range(n * k)]).reshape(n, k)
        return round_array(values, fmt).astype(fmt.dtype)

    grey = [rng.randrange(1, 17) / 16 if rng.random() < 0.2 else 0.0 for _ in range(SIZES[0] * SAMPLES)]
    x = np.array(grey).reshape(SIZES[0], SAMPLES).astype(fmt.dtype)
    expected = np.eye(SIZES[-1])[:, [3, 1, 4, 1]].astype(fmt.dtype)
    pairs = list(zip(SIZES[1:], SIZES[:-1], strict=True))
    weights = tuple(uniform(n, k, 2 / k**0.5) for n, k in pairs)
    biases = tuple(uniform(n, 1, 0.5) for n, _ in pairs)
    return Question(f"{dtype}/{HEAD}/784-30-10", dtype, HEAD, HIDDEN, x, expected, weights, biases, NONE)


def make_large(dtype: str) -> Vector:
    """The vector of that question; seconds in balls."""
    from oracle.vectors.make import vector_of

    return vector_of(large_question(dtype), ("large",))


def large_contents(vector: Vector) -> dict[str, bytes]:
    """Its two files. Needs safetensors."""
    from safetensors.numpy import save

    q = vector.question
    arrays: dict[str, Array] = {"x": q.x, "expected": q.expected}
    for i, (w, b) in enumerate(zip(q.weights, q.biases, strict=True), start=2):
        arrays |= {f"weights.{i}": w, f"biases.{i}": b}
    for what, answer in (("truth", vector.truth), ("allowance", vector.allowance)):
        arrays |= {_key(what, field, layer): v for field, layer, v in tensors(answer)}
    name = NAME.format(dtype=q.dtype)
    head = q.head_record()
    about = {
        "format": "manualbp large vector",
        "version": 1,
        "tensors": f"{name}.safetensors",
        "id": q.id,
        "dtype": q.dtype,
        "head": q.head,
        "output_activation": head.activation,
        "cost": head.cost.name,
        "parameters": dict(q.parameters),
        "hidden": list(q.hidden),
        "sizes": list(q.sizes),
        "samples": q.samples,
        "flags": list(vector.flags),
        "catches": list(vector.catches),
        "notes": vector.notes,
    }
    ready = {key: np.array(arrays[key], order="C") for key in sorted(arrays)}  # the shape () stays one
    return {f"{name}.json": (json.dumps(about, indent=1) + "\n").encode(), f"{name}.safetensors": save(ready)}


def _key(what: str, field: str, layer: int) -> str:
    return f"{what}.cost" if field == "cost" else f"{what}.{field}.{layer}"


def read_large(folder: Traversable) -> tuple[Vector, ...]:
    """The large vectors that a folder holds: none, unless they were asked for. Raises Damaged."""
    listed = read_manifest(folder)["files"]
    found = []
    for name in listed:
        if name.startswith("large/") and name.endswith(".json"):
            tensors_name = name.removesuffix(".json") + ".safetensors"
            if tensors_name not in listed or listed[name]["vectors"] != 1:
                raise Damaged(f"{name} is not one vector beside its {tensors_name}: export the vectors anew")
            text, data = (read_listed(folder, part, listed[part]) for part in (name, tensors_name))
            try:
                found.append(_decoded(parsed(text), data, tensors_name))
            except (ValueError, KeyError, TypeError) as error:
                raise Damaged(f"{name}: {error}") from error
    return tuple(found)


def read_all(folder: Traversable) -> tuple[Vector, ...]:
    """Every vector of an export, each id once. Raises Damaged."""
    listed = read_manifest(folder)["files"]
    read_listed(folder, SCHEMA, listed.get(SCHEMA, {}))
    found = (*read_vectors(folder), *read_large(folder))
    if len({vector.id for vector in found}) < len(found):
        raise Damaged(f"{folder} has an id twice: export the vectors anew")
    return found


def _decoded(about: Any, data: bytes, tensors_name: str) -> Vector:
    """Raises Malformed, KeyError, TypeError, ValueError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    expected = {"format": "manualbp large vector", "version": 1, "tensors": tensors_name}
    if not isinstance(about, dict) or not about.keys() >= FIELDS or any(about[k] != v for k, v in expected.items()):
        raise Malformed(f"it is no large vector with its arrays in {tensors_name}")
    try:
        arrays = load(data)
    except SafetensorError as error:
        raise Malformed(f"its arrays cannot be read: {error}") from error
    layers = range(2, len(about["sizes"]) + 1)

    def answer(what: str) -> Answer:
        values = {field: tuple(arrays[f"{what}.{field}.{i}"] for i in layers) for field in LAYERED}
        return Answer(cost=arrays[f"{what}.cost"], **values)

    question = Question(
        about["id"],
        about["dtype"],
        about["head"],
        tuple(about["hidden"]),
        arrays["x"],
        arrays["expected"],
        tuple(arrays[f"weights.{i}"] for i in layers),
        tuple(arrays[f"biases.{i}"] for i in layers),
        about["parameters"],
    )
    flags, catches = tuple(about["flags"]), tuple(about["catches"])
    vector = Vector(question, answer("truth"), answer("allowance"), flags, catches, about["notes"])
    formats = {"allowance": np.dtype(np.float64)}
    if about["dtype"] not in DTYPES or any(
        v.dtype != formats.get(name.partition(".")[0], question.format.dtype) for name, v in arrays.items()
    ):
        raise Malformed("its arrays are of another dtype")
    check_form({key: about[key] for key in FIELDS}, vector, FIELDS)
    return vector
