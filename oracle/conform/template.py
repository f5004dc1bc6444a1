"""`manualbp conform --new`: an adapter to begin with, commented, right as it stands, and small."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from oracle.backends.session import CannotRun

PYTHON = '''"""A backend for `manualbp conform {module}:backend`."""

import numpy as np

from oracle.backends import Backend, Capabilities, Skipped
from oracle.vectors import Answer


def run(q):
    """q.x (n_1, m) and q.expected (n_L, m) with samples in columns, q.weights (n_i, n_(i-1)) and q.biases (n_i, 1) of the layers
    2 to L; q.hidden, q.head, q.parameters, q.dtype, q.sizes, q.samples. Copy what you change.
    Replace this by your framework's pass."""
    if any(name != "sigmoid" for name in q.hidden):
        raise Skipped("only sigmoid in hidden layers")  # declare it below instead, where you can
    a = [q.x]
    for w, b in zip(q.weights, q.biases):
        a.append(1 / (1 + np.exp(-(w @ a[-1] + b))))
    delta, deltas, nabla_w, nabla_b = a[-1] - q.expected, [], [], []
    for i in reversed(range(len(q.weights))):
        deltas.insert(0, delta)
        nabla_w.insert(0, delta @ a[i].T / q.samples)  # of the mean cost over the samples
        nabla_b.insert(0, delta.sum(axis=1, keepdims=True) / q.samples)
        delta = q.weights[i].T @ delta * a[i] * (1 - a[i])
    # deltas, activations and cost are optional; with them the report tells the first wrong equation
    return Answer(tuple(nabla_w), tuple(nabla_b), activations=tuple(a[1:]), deltas=tuple(deltas))


can = Capabilities(
    dtypes=("float64",),  # of float64, float32, float16, bfloat16
    heads=frozenset({{"sigmoid+cross_entropy"}}),  # output activation and cost; or costs=, activations=; None is all
    activations=frozenset({{"sigmoid"}}),
    flush_to_zero=False,  # True where subnormal numbers are flushed
    reduction="mean",  # or "sum"
    samples="columns",  # or "rows": x (m, n_1), b (n,)
    weights="out_in",  # or "in_out"
)
backend = Backend("{module}", run, can, version="")
'''

PROCESS = '''"""A backend that speaks lines: `manualbp conform --command 'python {module}.py'`.

PROTOCOL.md of oracle/backends describes them. Nothing of manualbp is used: write the same in any language.
What is for people goes to stderr.
"""

import json
import math
import struct
import sys


def numbers(array):
    """The numbers of an array, whose bits are IEEE 754 patterns in hex, row by row."""
    return [struct.unpack(">d", bytes.fromhex(bits))[0] for bits in array["bits"]]


def matrix(array):
    """The same, row by row."""
    flat, (rows, columns) = numbers(array), array["shape"]
    return [flat[k * columns : (k + 1) * columns] for k in range(rows)]


def array(shape, values):
    return {{"shape": shape, "bits": [struct.pack(">d", v).hex() for v in values]}}


def times(v, w):
    """The product of two matrices."""
    return [[sum(a * b for a, b in zip(row, column)) for column in zip(*w)] for row in v]


def transposed(v):
    return [list(column) for column in zip(*v)]


def run(case):
    """A network with a sigmoid on every layer, and the cross-entropy: replace it by your own."""
    m = case["samples"]
    w, b = [matrix(v) for v in case["weights"]], [numbers(v) for v in case["biases"]]
    a = [matrix(case["x"])]  # (n_1, m): samples in columns
    for W, B in zip(w, b):
        a.append([[1 / (1 + math.exp(-(z + c))) for z in row] for row, c in zip(times(W, a[-1]), B)])
    delta = [[y - e for y, e in zip(*rows)] for rows in zip(a[-1], matrix(case["expected"]))]
    nabla_w, nabla_b = [], []
    for i in reversed(range(len(w))):
        product = times(delta, transposed(a[i]))
        nabla_w.insert(0, array([len(w[i]), len(a[i])], [v / m for row in product for v in row]))
        nabla_b.insert(0, array([len(w[i]), 1], [sum(row) / m for row in delta]))
        back = times(transposed(w[i]), delta)
        delta = [[d * y * (1 - y) for d, y in zip(*rows)] for rows in zip(back, a[i])]
    return {{"answer": {{"nabla_w": nabla_w, "nabla_b": nabla_b}}}}


can = {{"dtypes": ["float64"], "heads": ["sigmoid+cross_entropy"], "activations": ["sigmoid"]}}
for line in sys.stdin:
    message = json.loads(line)
    if message["cmd"] == "start":
        reply = {{"version": 1, "name": "{module}", "capabilities": can}}
    elif message["cmd"] == "run":
        reply = {{"seq": message["seq"], **run(message["case"])}}
    else:
        break
    print(json.dumps(reply), flush=True)
'''
TEMPLATES: Mapping[str, str] = MappingProxyType({"python": PYTHON, "process": PROCESS})


def write_template(kind: str, name: str | None) -> Path:
    """Writes NAME.py, or my_backend.py, into the current directory. Raises CannotRun where it is there, or cannot be written."""
    module = (name or "my_backend").removesuffix(".py")
    path = Path(f"{module}.py")
    if not module.isidentifier() or keyword.iskeyword(module):
        raise CannotRun(f"--new {kind} {name}: give the name of a module, such as my_backend")
    if not path.exists() and find_spec(module) is not None:  # in its folder the new one would stand before it
        raise CannotRun(
            f"--new {kind} {name}: there is a module {module} already, which that would hide: give another name"
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATES[kind].format(module=path.stem))
    except FileExistsError as error:
        raise CannotRun(f"{path} is there already, and is left alone: give another name") from error
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error}") from error
    return path
