"""The questions of every head: a few of each kind, the same real numbers in every dtype, rounded to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS, COSTS, HEADS, Head
from oracle.vectors.draw import Draw, Kind
from oracle.vectors.formats import FORMATS, round_array
from oracle.vectors.probabilities import has_probabilities, probabilities
from oracle.vectors.record import NONE, Question
from oracle.vectors.sizes import sizes_of
from oracle.verify.edge_cases import COLUMNS, MAGNITUDES, TARGETS, plainest

Array = NDArray[Any]
SMOOTH = tuple(name for name, f in ACTIVATIONS.items() if not f.kinks and name != "identity")
EVERY = tuple(ACTIVATIONS)
#: Heads with other parameters than those of manualbp.HEADS.
OTHER_PARAMETERS: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("identity+exponential", MappingProxyType({"tau": 2.5})),
    ("identity+exponential", MappingProxyType({"tau": -0.5})),
    ("tanh+exponential", MappingProxyType({"tau": 0.75})),
    ("identity+huber", MappingProxyType({"threshold": 0.3})),
    ("tanh+huber", MappingProxyType({"threshold": 2.0})),
)
#: What every head with a parameter is asked with.
USUAL_OTHER: Mapping[str, float] = MappingProxyType({"tau": 2.5, "threshold": 0.3})
#: z of a saturated output layer, by sample; what float16 cannot hold to any use stays below 16.
SATURATED = ((20.0, -18.0, 40.0), (-36.0, 25.0, -40.0))
SATURATED_NARROW = ((8.0, -7.0, 11.0), (-10.0, 9.0, -11.0))
MATRICES = (
    "W not transposed in BP2",
    "W of the layer itself in BP2",
    "sigma_prime at the next layer's z",
    "dW transposed",
)


def _square(draw: Draw) -> Question:
    return draw.network((3, 3, 3), 2, [draw.rng.choice(SMOOTH)])


def _single(draw: Draw) -> Question:
    """No hidden layer: few roundings."""
    return draw.network((2, 2), 2, [])


def _unequal(draw: Draw) -> Question:
    return draw.network((2, 3, 1, 2), 3, [draw.rng.choice(EVERY), draw.rng.choice(SMOOTH)])


def _thin(draw: Draw) -> Question:
    """One input and one output; softmax of one output is 1 whatever z is, so that it has two."""
    outputs = 1 if draw.record.activation in ACTIVATIONS else 2
    return draw.network((1, 2, outputs), 2, [draw.rng.choice(SMOOTH)])


def _one_by_one(draw: Draw) -> Question:
    return draw.network((1, 1), 2, [])


def _edge(draw: Draw) -> Question:
    """z are the inputs: ties, saturation, E on its boundary. Where σ has a kink at 0, z = 1/4 instead."""
    columns = COLUMNS * (0.1 if draw.record.cost.name == "exponential" else 1.0)
    kinks = ACTIVATIONS[draw.record.activation].kinks if draw.record.activation in ACTIVATIONS else ()
    x = np.where(np.isin(columns, kinks), 0.25, columns)
    return draw.question(x, np.array(TARGETS[draw.record.cost.e_domain.name]), [np.eye(3)], [np.zeros((3, 1))])


def _tiny(draw: Draw) -> Question:
    """One sample, one hidden neuron, and an input that is subnormal: so is the gradient by its weight."""
    plain = draw.network((2, 1, 2), 1, [draw.rng.choice(SMOOTH)])
    x = np.array([[float(plain.x[0, 0])], [0.375 * draw.fmt.tiny]])
    return draw.question(x, plain.expected, plain.weights, plain.biases, plain.hidden)


def _saturated(draw: Draw) -> Question:
    columns = SATURATED if draw.fmt.name in ("float64", "float32") else SATURATED_NARROW
    x = np.array(columns).T * (0.1 if draw.record.cost.name == "exponential" else 1.0)
    return draw.question(x, draw.expected(3, 2), [np.eye(3)], [np.zeros((3, 1))])


def _cancelling(draw: Draw) -> Question:
    """Weighted sums of which only the last third of the digits is left."""
    rest = 2.0 ** -(2 * draw.fmt.bits // 3)
    one = draw.uniform(3, 1, low=0.75, high=1.0)
    weights = np.hstack([one, -one * (1 + rest * draw.uniform(3, 1, low=1.0, high=2.0))])
    x = np.array([[1.0, 0.75], [1.0, 0.75]])
    return draw.question(x, draw.expected(3, 2), [weights], [np.zeros((3, 1))])


#: What a vector is worthless without, whatever else it is for.
CORE = ("factor 2", "factor 1/2", "sign", "zero gradient", "NaN")
BATCH = ("no 1/m", "1/m twice", "only the first sample", "bias gradient unsummed")
KINDS = (
    Kind("square", _square, (*CORE, *BATCH, *MATRICES)),
    Kind("unequal", _unequal, (*CORE, *BATCH)),
    Kind("edge", _edge, (*CORE, *BATCH)),
    Kind("tiny", _tiny, (*CORE, "flushed subnormals")),
    Kind("saturated", _saturated, CORE, ("saturation",)),
    Kind("cancelling", _cancelling, CORE, ("cancellation",)),
    Kind("thin", _thin, (*CORE, "no 1/m")),
)
#: Where so few bits are left, not every head has a network whose allowance excludes a factor of 2; such a head has none.
SHORT = (*CORE, *BATCH)
ONE_BY_ONE = Kind("one_by_one", _one_by_one, (*CORE, "no 1/m"), optional=True)
FLOAT16_KINDS = (
    Kind("square", _square, SHORT, optional=True),
    Kind("single", _single, SHORT, optional=True),
    ONE_BY_ONE,
)
BFLOAT16_KINDS = (Kind("single", _single, SHORT, optional=True), ONE_BY_ONE)
OTHER = Kind("single", _single, CORE, ("parameter",))
TOLD_APART = replace(OTHER, must=(*CORE, "parameter ignored"))
BY_DTYPE = {"float64": KINDS, "float32": KINDS, "float16": FLOAT16_KINDS, "bfloat16": BFLOAT16_KINDS}


def plans() -> Iterator[tuple[str, str, str, Mapping[str, float], Kind]]:
    """(id, dtype, head, parameters, kind) of every vector to be made, in the order of the files."""
    for dtype in FORMATS:
        for head in sorted(HEADS.values(), key=lambda h: (h.cost.name, h.name)):
            for kind in (*BY_DTYPE[dtype], *_beside(dtype, head)):
                if wanted(head, kind):
                    yield f"{dtype}/{head.name}/{kind.name}", dtype, head.name, head.cost.parameters or NONE, kind
        for name, parameters, kind in other_parameters(dtype):
            (key, value), *_ = parameters.items()
            yield f"{dtype}/{name}@{key}={value}/single", dtype, name, parameters, kind
        for activation in EVERY:
            head_name = "identity+quadratic:fused"
            yield f"{dtype}/hidden:{activation}/points", dtype, head_name, NONE, _points(activation)


def _beside(dtype: str, head: Head) -> Iterator[Kind]:
    """What float64 and float32 are asked beside: probabilities near 0 and 1, and many sizes."""
    if dtype in ("float64", "float32"):
        if has_probabilities(head):
            yield Kind("probabilities", probabilities, CORE, rounded_a=True)
        for name, make in sizes_of(head):
            first = ("zero gradient in the first layer",) if name.count("-") > 1 else ()
            yield Kind(name, make, (*CORE, *first))


def other_parameters(dtype: str) -> Iterator[tuple[str, Mapping[str, float], Kind]]:
    """Every head with a parameter, at another than that of manualbp.HEADS."""
    yield from ((name, parameters, OTHER) for name, parameters in OTHER_PARAMETERS)
    kind = replace(TOLD_APART, optional=dtype not in ("float64", "float32"))
    for head in sorted(HEADS.values(), key=lambda h: (h.cost.name, h.name)):
        parameters = {key: USUAL_OTHER[key] for key in head.cost.parameters}
        if parameters and (head.name, parameters) not in OTHER_PARAMETERS:
            yield head.name, parameters, kind


def wanted(head: Head, kind: Kind) -> bool:
    """Saturation and cancellation once a cost, at its plainest activation, and for every head that is no plain chain.

    A cost that needs a < 1 has no saturation after its activation, where a rounds to 1; its fused head has. One output of softmax
    has no gradient.
    """
    if kind is ONE_BY_ONE:
        return head.activation in ACTIVATIONS
    if kind.name not in ("saturated", "cancelling"):
        return True
    if kind.name == "saturated" and head.a_domain.name == "unit":
        return False
    return head.form != "chained" or head.activation == plainest(COSTS[head.cost.name]).name


def _points(activation: str) -> Kind:
    """One hidden neuron at many z, whose δ is σ′ times a number that is not 0."""

    def make(draw: Draw) -> Question:
        points = round_array(np.array([0.0, *MAGNITUDES, *(-1.125 * MAGNITUDES)]), draw.fmt)
        z = [v for v in points if v not in ACTIVATIONS[activation].kinks]
        one, zero = np.ones((1, 1)), np.zeros((1, 1))
        return draw.question(np.array([z]), np.full((1, len(z)), -1.9), [one, one], [zero, zero], [activation])

    return Kind("points", make, ("sign", "zero gradient", "NaN"), ("saturation",))
