"""Layers that normalise: softmax, layer and batch norm, unit vectors. Their products with a cotangent, over a wrong axis, with a
wrong count, with statistics that are held constant.

Which layer fn is, is found out by the truth: at every point it is the product of that layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.diagnosis.evidence import Evidence
from oracle.diagnosis.fitting import NEARLY
from oracle.diagnosis.wrong_arguments import some_points, truth_at
from oracle.witnesses.function import Function

Array = NDArray[Any]
Axes = tuple[int, ...]
#: Points that must show a mistake, and of which the truth must be the layer's.
LEAST_POINTS = 3
#: The truth is one of these layers' to so many digits, or of none of them.
ALIKE = 1e-8
#: What is normalised is about 1; a smaller number has lost digits.
CLEAR = 1e-3


class Point(NamedTuple):
    """x, y = fn(x), the cotangent times what y is scaled by, the truth and what was got; room: what got may be off by; beside: the
    other arguments that broadcast to x."""

    x: Array
    y: Array
    g: Array
    true: Array
    got: Array
    room: Array
    wrong: bool
    beside: tuple[Array, ...] = ()


class Layer(NamedTuple):
    """y·s = g − first·Σg − second·y·Σ(g y): which of the sums there are, and whether they are means."""

    name: str
    first: bool
    second: bool
    by_count: bool
    statistics: str


LAYERS = (
    Layer("a softmax", False, True, False, "the sum of exponentials"),
    Layer("a log-softmax", True, False, False, "the sum of exponentials"),
    Layer("a norm layer", True, True, True, "the statistics (mean and variance)"),
    Layer("an RMS norm", False, True, True, "the root mean square"),
    Layer("a layer of unit vectors", False, True, False, "the norm"),
)


def normalising_layer(evidence: Evidence) -> str | None:
    """got = the product of the layer that fn is, with other sums in it."""
    if not evidence.function.of_cotangent or evidence.function.accuracy:
        return None
    given = _points(evidence)
    if len(given) < LEAST_POINTS or sum(p.wrong for p in given) < LEAST_POINTS:
        return None
    for points in _without_affine(given):
        found = _of_some_layer(points)
        if found is not None:
            return found
    return None


def _of_some_layer(points: Sequence[Point]) -> str | None:
    for axes in _axes(points[0].x.ndim):
        for layer in LAYERS:
            alike = [p for p in points if _is_layer(p, layer, axes) is not None]
            if len(alike) >= LEAST_POINTS and all(_is_layer(p, layer, axes) for p in alike):
                return _mistake(alike, layer, axes) if sum(p.wrong for p in alike) >= LEAST_POINTS else None
    return None


def _points(evidence: Evidence) -> list[Point]:
    function: Function = replace(evidence.function, argnum=len(evidence.names) - 1, traces={})
    found = []
    for n in some_points(evidence):
        *_, c = args = evidence.cases[n].args
        x = args[evidence.argnum]
        rows = np.flatnonzero(evidence.point == n)
        if c.shape != x.shape or x.ndim == 0 or x.size < 2 or len(rows) != x.size or evidence.extreme[rows].any():
            continue
        y = truth_at(function, args)
        if y is None or not np.isfinite(y).all():
            continue
        shape = x.shape
        true, got = evidence.true[rows].reshape(shape), evidence.got[rows].reshape(shape)
        slack = evidence.slack[rows] * 4 + NEARLY * np.max(np.abs(evidence.true[rows]))
        wrong = bool(evidence.wrong[rows].any())
        x64, c64 = x.astype(np.float64), c.astype(np.float64)
        beside = tuple(
            np.broadcast_to(a.astype(np.float64), shape)
            for k, a in enumerate(args[:-1])
            if k != evidence.argnum and a.ndim <= x.ndim and _broadcasts(a.shape, shape)
        )
        found.append(Point(x64, y.reshape(shape), c64, true, got, slack.reshape(shape), wrong, beside))
    alike = len({p.x.ndim for p in found}) == 1 and len({len(p.beside) for p in found}) == 1
    return found if alike else []


def _broadcasts(shape: Axes, to: Axes) -> bool:
    return all(n in (1, m) for n, m in zip(reversed(shape), reversed(to), strict=False))


def _without_affine(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points as they are; then with each pair of other arguments for the weight and the bias behind the layer."""
    yield list(points)
    count = len(points[0].beside)
    for weight in range(count):
        for bias in (None, *(k for k in range(count) if k != weight)):
            with np.errstate(all="ignore"):
                bare = [
                    p._replace(
                        y=(p.y - (0.0 if bias is None else p.beside[bias])) / p.beside[weight], g=p.g * p.beside[weight]
                    )
                    for p in points
                    if np.all(np.abs(p.beside[weight]) > CLEAR)
                ]
            if len(bare) >= LEAST_POINTS:
                yield bare


def _axes(ndim: int) -> Iterator[Axes]:
    """One axis, the last first; all but one; all."""
    yield from ((k,) for k in reversed(range(ndim)))
    if ndim > 2:
        yield from (tuple(j for j in range(ndim) if j != k) for k in range(ndim))
        yield (-2 + ndim, -1 + ndim)
    if ndim > 1:
        yield tuple(range(ndim))


def _scale(p: Point, layer: Layer, axes: Axes) -> Array | None:
    """s, what a normalised x is divided by; 1/y for a softmax, which scales g instead."""
    if layer.name == "a log-softmax":
        return np.ones_like(p.x)
    if layer.name == "a softmax":
        return 1 / p.y
    x = p.x - p.x.mean(axes, keepdims=True) if layer.first else p.x
    with np.errstate(all="ignore"):
        s = x / p.y
    s = np.where(np.isfinite(s) & (np.abs(p.y) > CLEAR), s, np.nan)
    middle = np.nanmedian(s, axis=axes, keepdims=True)
    spread = np.nanmax(np.abs(s - middle))
    return np.broadcast_to(middle, s.shape) if spread <= ALIKE * np.max(np.abs(middle)) else None


def _product(p: Point, layer: Layer, s: Array, sums: tuple[Array | float, Array | float]) -> Array:
    first, second = sums
    if layer.name == "a softmax":
        return (p.g - second) / s
    if layer.name == "a log-softmax":
        return p.g - np.exp(p.y) * first
    return (p.g - first - p.y * second) / s


def _sums(p: Point, layer: Layer, first: Axes, second: Axes, count: tuple[int, int] = (0, 0)) -> tuple[Array, Array]:
    """Σg and Σ(g y) over axes, or their means; count: what is added to the counts."""
    sizes = [float(np.prod([p.x.shape[k] for k in axes])) if layer.by_count else 1.0 for axes in (first, second)]
    return (
        p.g.sum(first, keepdims=True) / (sizes[0] + count[0]) if layer.first else np.zeros((1,) * p.x.ndim),
        (p.g * p.y).sum(second, keepdims=True) / (sizes[1] + count[1]) if layer.second else np.zeros((1,) * p.x.ndim),
    )


def _is_layer(p: Point, layer: Layer, axes: Axes) -> bool | None:
    """Whether the truth is the layer's; None where all that is divided is 0, or next to it."""
    with np.errstate(all="ignore"):
        if not (np.abs(p.y) > CLEAR).any(axes).all():
            return None
        s = _scale(p, layer, axes)
        if s is None:
            return False
        found = _product(p, layer, s, _sums(p, layer, axes, axes))
        size = np.max(np.abs(p.g / s))
        return bool(np.all(np.abs(found - p.true) <= ALIKE * size))


def _mistake(points: Sequence[Point], layer: Layer, axes: Axes) -> str | None:
    for words, sums in _other_sums(layer, axes, points[0].x.ndim):
        with np.errstate(all="ignore"):
            found = [(p, _with_sums(p, layer, axes, sums)) for p in points]
        if all(f is not None and np.all(np.abs(f - p.got) <= p.room + ALIKE * np.abs(f)) for p, f in found):
            return words
    return None


#: The axes of both sums, None for a sum that is left out, and what is added to the counts; None: no sums, but a diagonal.
Sums = tuple[Axes | None, Axes | None, int, int]


def _with_sums(p: Point, layer: Layer, axes: Axes, sums: Sums | None) -> Array | None:
    if sums is None:
        return p.g * p.y * (1 - p.y)
    s = _scale(p, layer, axes)
    if s is None:
        return None
    one, two, more, again = sums
    first, second = _sums(p, layer, one if one is not None else axes, two if two is not None else axes, (more, again))
    return _product(
        p, layer, s, (first if one is not None else 0.0 * first, second if two is not None else 0.0 * second)
    )


def _other_sums(layer: Layer, axes: Axes, ndim: int) -> Iterator[tuple[str, Sums | None]]:
    over, constant = _over(axes), "held constant, as by stop_gradient or detach"
    first, second = (axes if layer.first else None), (axes if layer.second else None)
    whole = f"It is the product of {layer.name} with {layer.statistics} over {over} {constant}"
    yield whole, (None, None, 0, 0)
    if layer.first and layer.second:
        yield f"It is the product of {layer.name} with the mean over {over} {constant}", (None, second, 0, 0)
        yield f"It is the product of {layer.name} with the variance over {over} {constant}", (first, None, 0, 0)
    if layer.name == "a softmax":
        yield "It is the product with the diagonal y(1 − y) of the softmax's Jacobian alone", None
    if layer.by_count:
        for more in (-1, 1):
            count = f"n {'−' if more < 0 else '+'} 1"
            why = f": a mean over the wrong count, {count} in the place of n"
            if layer.first and layer.second:
                yield f"Both means of {layer.name} are over {count}{why}", (first, second, more, more)
            if layer.first:
                yield f"The mean of {layer.name} is over {count}{why}", (first, second, more, 0)
            yield (
                f"The mean of the products with the output of {layer.name} is over {count}{why}",
                (first, second, 0, more),
            )
    for other in _axes(ndim):
        if other == axes:
            continue
        why = f"sums over {_over(other)}, where fn does over {over}: the wrong axis"
        yield f"The product of {layer.name} {why}", (other if first else None, other if second else None, 0, 0)
        if first and second:
            yield f"One of the sums of {layer.name} {why}", (other, second, 0, 0)
            yield f"One of the sums of {layer.name} {why}, in its product with the output", (first, other, 0, 0)


def _over(axes: Axes) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"
