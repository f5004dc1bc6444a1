"""Arithmetic that a backend declares, and what it may cost: matrix products of narrower operands, sums in a narrower format,
library functions that are off by more than an ulp, no subnormal numbers.

The cost is measured at each question: the passes in float64, with every rounding of the declared kind done at random, up or down,
several times. What the furthest of them moved, times the slack of `oracle.judgement.verdict`, is added to the vector's allowance.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS
from oracle.judgement.verdict import SLACK
from oracle.vectors.formats import FORMATS, Format
from oracle.vectors.judgement import UNDERFLOWS
from oracle.vectors.mistakes import right
from oracle.vectors.passes import each, right_cost, run_forward
from oracle.vectors.record import Answer, Question, Vector, tensors

Array = NDArray[Any]
#: What the operands of a product are rounded to, which may be sums as well. TF32 has the range of float32 and 11 bits.
NARROW: Mapping[str, Format] = MappingProxyType(
    {**{name: FORMATS[name] for name in ("float32", "float16", "bfloat16")}, "tf32": Format("tf32", 19, 11, -126, 127)}
)
SPELT = {"tf32": "TF32"}
#: In which activations and costs a library function has a part.
FUNCTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "exp": frozenset(
            {
                "sigmoid",
                "softmax",
                "elu",
                "selu",
                "softplus",
                "silu",
                "gelu",
                "gelu_tanh",
                "mish",
                "exponential",
                "log_cosh",
            }
        ),
        "log": frozenset({"softplus", "mish", "log_cosh"}),
        "tanh": frozenset({"tanh", "gelu_tanh", "mish", "log_cosh"}),
        "erf": frozenset({"gelu"}),
        "atan": frozenset({"arctan"}),
        "sqrt": frozenset({"hellinger"}),
    }
)
#: Activations whose usual derivative is a difference from 1, so that its error is no part of it but of 1.
FROM_ONE = frozenset({"sigmoid", "tanh", "gelu", "gelu_tanh", "mish", "silu", "softmax"})
#: How far each function may be off: in every dtype, or by dtype.
Ulps = Mapping[str, float | Mapping[str, float]]
#: How often the roundings are drawn.
DRAWS = 12


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """products: the format of a product's operands, "" for the dtype's own. sums: the format of its sums. ulps: how far a library
    function may be off. flush_to_zero: no subnormal numbers.

    Raises ValueError for an unknown format or function, or a bound that is none.
    """

    flush_to_zero: bool = False
    products: str = ""
    sums: str = ""
    ulps: Ulps = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if not isinstance(self.flush_to_zero, bool):
            raise ValueError(f"flush_to_zero = {self.flush_to_zero!r}: give true or false")
        for what, name in (("products", self.products), ("sums", self.sums)):
            if not isinstance(name, str) or (name and name not in NARROW):
                raise ValueError(f"{what}: {name!r} is unknown; give one of {', '.join(sorted(NARROW))}")
        if not isinstance(self.ulps, Mapping):
            raise ValueError(f"ulps = {self.ulps!r}: give numbers by function, such as {{'exp': 2}}")
        for name, given in self.ulps.items():
            if name not in FUNCTIONS:
                raise ValueError(f"ulps: {name!r} is unknown; give some of {', '.join(sorted(FUNCTIONS))}")
            by_dtype = given if isinstance(given, Mapping) else {"float64": given}
            if not by_dtype.keys() <= FORMATS.keys():
                raise ValueError(f"ulps: {name} = {given!r}; give a number, or numbers by {', '.join(FORMATS)}")
            for bound in by_dtype.values():
                if type(bound) not in (int, float) or not 0 < bound < 2.0**52:
                    raise ValueError(f"ulps: {name} = {bound!r}; give a number of ulp above 0")

    def in_dtype(self, dtype: str) -> Arithmetic:
        """What of it is narrower than the dtype, and the bounds there."""
        bits = FORMATS[dtype].bits
        kept = lambda name: name if name and NARROW[name].bits < bits else ""  # noqa: E731
        bounds = {
            name: given.get(dtype, 0) if isinstance(given, Mapping) else given for name, given in self.ulps.items()
        }
        ulps = {name: bound for name, bound in bounds.items() if bound}
        return replace(self, products=kept(self.products), sums=kept(self.sums), ulps=ulps)

    @property
    def words(self) -> str:
        """What beside the flush is declared; "" for nothing."""
        said = [f"matrix products of {SPELT.get(self.products, self.products)} operands"] if self.products else []
        said += [f"sums in {SPELT.get(self.sums, self.sums)}"] if self.sums else []
        said += [f"{name} within {bound:g} ulp" for name, bound in self.ulps.items()]
        return ", ".join(said)


def widened(vector: Vector, arithmetic: Arithmetic) -> Vector | None:
    """The vector with an allowance that holds what the declared arithmetic may cost beside its dtype's; None where a right program
    in it leaves its range, so that nothing can be said."""
    room = _room(vector.question, arithmetic)
    if room is None:
        return None
    a = vector.allowance
    added = lambda one, two: tuple(v + w for v, w in zip(one, two, strict=True))  # noqa: E731
    assert a.cost is not None
    assert room.cost is not None
    return replace(
        vector,
        allowance=Answer(
            added(a.nabla_w, room.nabla_w),
            added(a.nabla_b, room.nabla_b),
            a.cost + room.cost,
            added(a.activations, room.activations),
            added(a.deltas, room.deltas),
        ),
        stored=vector.of_dtype,
    )


def with_flush(vector: Vector) -> Vector:
    """The vector with an allowance for subnormal numbers that are flushed, as `judge` has it."""
    extra = UNDERFLOWS * vector.question.format.tiny
    return replace(vector, allowance=each(vector.allowance, lambda v: v + extra), stored=vector.of_dtype)


@lru_cache(maxsize=512)
def _room(question: Question, arithmetic: Arithmetic) -> Answer | None:
    """SLACK times the furthest that the draws go from the exact passes; None where one of them is not finite."""
    exact = right(replace(question, dtype="float64"))
    rng = np.random.default_rng(zlib.crc32(question.id.encode()))
    kept = arithmetic.in_dtype(question.dtype)
    with np.errstate(all="ignore"):
        drawn = [rounded_passes(question, kept, None), *(rounded_passes(question, kept, rng) for _ in range(DRAWS))]
    if not all(np.isfinite(v).all() for answer in drawn for _, _, v in tensors(answer)):
        return None

    def furthest(name: str) -> tuple[Array, ...]:
        layers = zip(getattr(exact, name), *(getattr(a, name) for a in drawn), strict=True)
        return tuple(_furthest(truth, others) for truth, *others in layers)

    assert exact.cost is not None
    cost = _furthest(exact.cost, [a.cost for a in drawn])
    return Answer(furthest("nabla_w"), furthest("nabla_b"), cost, furthest("activations"), furthest("deltas"))


def _furthest(truth: Array, others: list[Any]) -> Array:
    return SLACK * np.asarray(np.max(np.abs(np.stack(others) - truth), axis=0))


def rounded_passes(question: Question, arithmetic: Arithmetic, rng: np.random.Generator | None) -> Answer:
    """The answer in float64 but for the declared roundings: to the nearest, or at random, up or down."""
    f = run_forward(question)
    net, L, m = f.net, f.L, f.m
    cut = rounder(arithmetic.products, rng)
    add = rounder(arithmetic.sums, rng)

    def product(v: Array, w: Array) -> Array:
        v, w = cut(v), cut(w)
        if not arithmetic.sums:
            return v @ w
        total = np.zeros((v.shape[0], w.shape[1]))
        for k in range(v.shape[1]):
            total = add(total + add(v[:, k : k + 1] * w[k : k + 1]))
        return total

    unit = 2.0 ** (1 - question.format.bits)
    bounds = {name: bound for name, bound in arithmetic.ulps.items() if not isinstance(bound, Mapping)}

    def noise(name: str, size: Array) -> Array | float:
        """What the library functions of an activation or a cost may be off by, at random."""
        off = sum(bound for function, bound in bounds.items() if name in FUNCTIONS[function])
        return off * unit * size * (rng.choice((-1.0, 1.0), size=np.shape(size)) if rng is not None and off else 0.0)

    a, z = {1: f.a[1]}, {}
    names = (*(g.name for g in net.activations), net.head.activation)
    sigmas = (*(g.sigma for g in net.activations), net.head.sigma)
    for i, (w, b, name, sigma) in enumerate(zip(net.weights, net.biases, names, sigmas, strict=True), start=2):
        z[i] = product(w, a[i - 1]) + b
        a[i] = sigma(z[i])
        a[i] = a[i] + noise(name, np.abs(a[i]) + (np.abs(z[i]) if name in ("gelu", "gelu_tanh") else 0.0))
    d = {L: net.head.delta(z[L], a[L], f.E)}
    d[L] = (
        d[L] + noise(net.head.cost.name, np.abs(d[L])) + noise(names[-1], np.abs(d[L]) + _from_one(names[-1], f, d[L]))
    )
    d[L] = d[L] if f.s is None else f.s * d[L]
    for i in range(L - 1, 1, -1):
        g = net.activations[i - 2]
        slope = g.sigma_prime(z[i])
        slope = slope + noise(g.name, np.abs(slope) + (1.0 if g.name in FROM_ONE else 0.0))
        d[i] = product(net.weights[i - 1].T, d[i + 1]) * slope
    layers = range(2, L + 1)
    cost = right_cost(replace(f, z=z, a=a)) + f.l2 / 2 * sum(float(np.sum(w * w)) for w in net.weights)
    cost = cost + sum(bounds.values()) * unit * (1.0 + np.abs(cost)) * (0.0 if rng is None else 1.0)
    return Answer(
        tuple(product(d[i], a[i - 1].T) / m + f.l2 * f.w[i] for i in layers),
        tuple(np.sum(d[i], axis=1, keepdims=True) / m for i in layers),
        np.asarray(cost),
        tuple(a[i] for i in layers),
        tuple(d[i] for i in layers),
    )


def _from_one(name: str, f: Any, delta: Array) -> Array:
    """∂C/∂a, by which an error of a or σ′ is multiplied, where that is known."""
    if name not in FROM_ONE:
        return np.zeros_like(delta)
    g = np.abs(f.nabla_a())
    slope = np.abs(f.output_slope(f.z[f.L])) if name in ACTIVATIONS else 1.0
    return np.where(np.isfinite(g), np.maximum(np.minimum(g, 1.0), g * slope), 1.0)


def rounder(name: str, rng: np.random.Generator | None) -> Callable[[Array], Array]:
    """Every number rounded to a narrower format: to the nearest, or by the toss of a coin."""
    if not name:
        return lambda v: v
    fmt = NARROW[name]

    def cut(v: Array) -> Array:
        exponent = np.maximum(np.frexp(v)[1], fmt.low + 1)  # below, all numbers are as far apart
        scaled = np.ldexp(v, fmt.bits - exponent)
        if rng is None:
            whole = np.round(scaled)
        else:
            low = np.floor(scaled)
            whole = low + ((low != scaled) & (rng.random(np.shape(v)) < 0.5))
        found = np.ldexp(whole, exponent - fmt.bits)
        return np.where(np.abs(found) > fmt.largest, np.copysign(np.inf, found), found)

    return cut
