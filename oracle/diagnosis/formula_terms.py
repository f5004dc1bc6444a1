"""The quantities that a formula is likely to hold, row by row, by the words that a sentence uses for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats

Elementwise = Callable[[Floats], Floats]

#: Of one argument v.
ONE: Mapping[str, Elementwise] = {
    "{v}": lambda v: v,
    "1/{v}": lambda v: 1 / v,
    "{v}²": lambda v: v * v,
    "1/{v}²": lambda v: 1 / v / v,
    "√{v}": np.sqrt,
    "1/√{v}": lambda v: 1 / np.sqrt(v),
    "{v}³": lambda v: v**3,
    "(1 − {v})": lambda v: 1 - v,
    "(1 + {v})": lambda v: 1 + v,
    "1/(1 − {v})": lambda v: 1 / (1 - v),
    "1/(1 + {v})": lambda v: 1 / (1 + v),
    "{v}(1 − {v})": lambda v: v * (1 - v),
    "1/({v}(1 − {v}))": lambda v: 1 / v / (1 - v),
    "(1 − {v}²)": lambda v: (1 - v) * (1 + v),
    "(1 + {v}²)": lambda v: 1 + v * v,
    "1/(1 + {v}²)": lambda v: 1 / (1 + v * v),
    "ln {v}": np.log,
    "ln(1 − {v})": lambda v: np.log1p(-v),
    "(1 + ln {v})": lambda v: 1 + np.log(v),
    "e^{v}": np.exp,
    "e^−{v}": lambda v: np.exp(-v),
    "|{v}|": np.abs,
    "sign {v}": np.sign,
    "sin {v}": np.sin,
    "cos {v}": np.cos,
    "tanh {v}": np.tanh,
}

#: Of the argument x that is differentiated by and another one y.
TWO: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "({x} − {y})": lambda x, y: x - y,
    "{x}·{y}": lambda x, y: x * y,
    "{y}/{x}": lambda x, y: y / x,
    "{x}/{y}": lambda x, y: x / y,
    "({x} + {y})": lambda x, y: x + y,
    "({x} − {y})²": lambda x, y: (x - y) ** 2,
    "|{x} − {y}|": lambda x, y: np.abs(x - y),
    "sign({x} − {y})": lambda x, y: np.sign(x - y),
    "{y}/{x}²": lambda x, y: y / x / x,
    "(1 − {y})/(1 − {x})": lambda x, y: (1 - y) / (1 - x),
    "√({y}/{x})": lambda x, y: np.sqrt(y / x),
    "ln({x}/{y})": lambda x, y: np.log(x / y),
    "{y} ln {x}": lambda x, y: y * np.log(x),
    "{x}²·{y}": lambda x, y: x * x * y,
    "{x}·{y}²": lambda x, y: x * y * y,
    "{y}·e^{x}": lambda x, y: y * np.exp(x),
}

#: Of all the entries of an argument at one point.
WHOLE: Mapping[str, Callable[[Any], Any]] = {
    "Σ{v}": np.sum,
    "the mean of {v}": np.mean,
    "Σ{v}²": lambda v: np.sum(v * v),
    "‖{v}‖": lambda v: norm(v),
    "Σ|{v}|": lambda v: np.sum(np.abs(v)),
    "max {v}": np.max,
    "min {v}": np.min,
}


def norm(v: Floats) -> np.float64:
    """√Σv², whatever the size of v."""
    most = np.max(np.abs(v), initial=0.0)
    return np.float64(most * np.sqrt(np.sum((v / most) ** 2)) if most > 0 else 0.0)


def elementwise(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """The words and the values of each quantity of one or two arguments; those of the differentiated argument first."""
    order = sorted(range(len(evidence.values)), key=lambda j: j != evidence.argnum)
    with np.errstate(all="ignore"):
        for j in order:
            v = evidence.values[j]
            if v is not None:
                yield from ((words.format(v=evidence.names[j]), f(v)) for words, f in ONE.items())
        x, x_name = evidence.x, evidence.names[evidence.argnum]
        for j in order[1:]:
            y = evidence.values[j]
            if y is not None:
                yield from ((words.format(x=x_name, y=evidence.names[j]), f(x, y)) for words, f in TWO.items())


def of_the_whole(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """The words and the values of each quantity that all entries of an argument share."""
    with np.errstate(all="ignore"):
        for name, values in zip(evidence.names, evidence.values, strict=True):
            if values is not None:
                yield from ((words.format(v=name), evidence.each(f, values)) for words, f in WHOLE.items())


def dimensions(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """The lengths that a mean may divide by: n of a vector, and of a matrix its rows and columns too."""
    yield "n", evidence.size
    if any(len(shape) > 1 for shape in evidence.shapes):
        for axis, words in ((0, "the first dimension"), (-1, "the last dimension")):
            lengths = np.array([float(shape[axis]) if shape else 1.0 for shape in evidence.shapes])
            yield words, lengths[evidence.point]
