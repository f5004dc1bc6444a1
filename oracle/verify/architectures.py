"""Random architectures as Hypothesis strategies, degenerate and extreme ones on purpose.

`networks()` draws a `Case`: depth, widths, activations, head, parameters, batch. It shrinks to the smallest: two layers of one
neuron, one sample, the identity, numbers such as 0 and 1. Strategies are kept: shrinking draws thousands of times, and to build one
anew takes longer than to draw from it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

import manualbp
from manualbp import ACTIVATIONS, HEADS, Activation, Head
from manualbp.domains import Domain
from manualbp.forward_pass import forward_by_layer
from oracle.verify.case import Case

Array = NDArray[Any]
Range = tuple[int, int]

#: Beside ordinary numbers: what saturates, what underflows, and the smallest subnormal.
EXTREME = (30.0, -30.0, 1e3, -1e3, 1e-8, -1e-8, 1e-300, -1e-300, 5e-324)


@functools.cache
def numbers(extreme: bool = True, dtype: str | type = np.float64) -> st.SearchStrategy[float]:
    """Integers from −3 to 3, floats of that size, and with `extreme` those of EXTREME."""
    ordinary = [st.integers(-3, 3).map(float), st.floats(-3, 3, width=32)]
    kept = [v for v in EXTREME if float(np.dtype(dtype).type(v)) != 0]
    return st.one_of(*ordinary, st.sampled_from(kept)) if extreme else st.one_of(*ordinary)


@functools.cache
def arrays(shape: tuple[int, ...], *, extreme: bool = True, dtype: str | type = np.float64) -> st.SearchStrategy[Array]:
    """Arrays of `numbers`: one number everywhere, under it a fixed texture or none, and over it up to two single entries.

    Without a texture most entries tie; with it a matrix has full rank. Every array is drawn by the same few choices, whatever its
    shape: so shrinking a width leaves all other choices in place.
    """
    rows = np.random.default_rng(0).integers(-8, 9, shape) / 4
    rows.flat[0] = 1.0
    entry = numbers(extreme, dtype)
    texture = st.sampled_from([0.0, 1.0, 0.25])
    single = st.tuples(st.booleans(), st.floats(0, 1, exclude_max=True, width=16), entry)

    def build(everywhere: float, t: float, *singles: tuple[bool, float, float]) -> Array:
        x = everywhere + t * rows
        for present, where, value in singles:
            if present:
                x.flat[int(where * x.size)] = value
        return x.astype(dtype)

    return st.builds(build, entry, texture, single, single)


@functools.cache
def targets(domain: Domain, shape: tuple[int, int], dtype: str | type = np.float64) -> st.SearchStrategy[Array]:
    """Expected outputs (n, m) in the domain of a cost (`cost.e_domain`), its boundary included on purpose."""
    n, m = shape
    fraction = st.one_of(st.sampled_from([0.0, 1.0, 0.5]), st.floats(0, 1, width=32))
    entries = {
        "real": numbers(extreme=False),
        "positive": st.one_of(st.sampled_from([1.0, 0.5, 1e-3]), st.floats(2**-10, 3, width=32)),
        "nonnegative": st.one_of(st.sampled_from([1.0, 0.0]), st.floats(0, 3, width=32)),
        "unit": st.floats(2**-10, 1 - 2**-10, width=32),
        "closed_unit": fraction,
        "sign": st.sampled_from([1.0, -1.0]),
    }
    if domain.name == "closed_simplex":
        winners = st.lists(st.integers(0, n - 1), min_size=m, max_size=m)
        weights = npst.arrays(np.dtype(np.float64), shape, elements=st.integers(1, 9).map(float), fill=st.nothing())
        one_hot = winners.map(lambda w: np.eye(n, dtype=dtype)[:, w])
        return st.one_of(one_hot, weights.map(lambda w: (w / w.sum(axis=0)).astype(dtype)))
    drawn = npst.arrays(np.dtype(np.float64), shape, elements=entries[domain.name], fill=st.nothing())
    return drawn.map(lambda E: E.astype(dtype))


@st.composite
def networks(
    draw: st.DrawFn,
    *,
    depths: Range = (2, 7),
    widths: Range = (1, 12),
    samples: Range = (1, 5),
    activations: Sequence[Activation] | None = None,
    heads: Sequence[Head] | None = None,
    extreme: bool = True,
    dtype: str | type = np.float64,
) -> Case:
    """Cases for a gradient to be tested on: layers in `depths`, neurons in `widths`, a batch in `samples`.

    activations, heads: what to draw from, everything by default; extreme: saturating, tiny and subnormal parameters too; dtype:
    float64 or float32. Cases whose output saturates out of the cost's domain, for which `manualbp.gradients` raises DomainError,
    or whose cost overflows, are not drawn. Raises ValueError for an empty range.
    """
    for name, bounds, least in (("depths", depths, 2), ("widths", widths, 1), ("samples", samples, 1)):
        _check_range(name, bounds, least)
    head = draw(st.sampled_from(list(heads) if heads is not None else list(HEADS.values())), label="head")
    outputs = 2 if head.activation == "softmax" and head.a_domain.name == "unit" else 1
    m = draw(st.integers(*samples), label="samples")
    choice = st.sampled_from(list(activations) if activations is not None else list(ACTIVATIONS.values()))
    some = lambda shape: draw(arrays(shape, extreme=extreme, dtype=dtype))  # noqa: E731

    another = st.sampled_from([False, True, True, True])
    n, weights, biases, hidden = [draw(st.integers(*widths))], [], [], []
    while len(n) < depths[0] - 1 or (len(n) < depths[1] - 1 and draw(another, label="another hidden layer")):
        n.append(draw(st.integers(*widths)))  # what belongs to a layer is drawn together, so that shrinking can drop it
        hidden.append(draw(choice))
        weights.append(some((n[-1], n[-2])))
        biases.append(some((n[-1], 1)))
    n.append(max(outputs, draw(st.integers(*widths))))
    net = manualbp.from_parameters([*weights, some((n[-1], n[-2]))], [*biases, some((n[-1], 1))], hidden, head)
    x, expected = some((n[0], m)), draw(targets(head.cost.e_domain, (n[-1], m), dtype), label="expected")
    case = Case(net, x, expected)
    if not _has_gradient(case):
        from hypothesis import reject

        reject()
    return case


def _has_gradient(case: Case) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):  # those that overflow are what is being sorted out
        z, a = (list(by_number.values()) for by_number in forward_by_layer(case.net, case.x))
        finite = all(np.isfinite(v).all() for v in (*z, *a))
        head = case.net.head
        return finite and bool(
            head.a_domain.contains(a[-1]).all() and np.isfinite(head.C(z[-1], a[-1], case.expected)).all()
        )


def _check_range(name: str, bounds: Range, least: int) -> None:
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        raise ValueError(f"{name} = {bounds!r}: give (low, high) with {least} <= low <= high")
    low, high = bounds
    if not least <= low <= high:
        raise ValueError(f"{name} = {bounds}: give (low, high) with {least} <= low <= high")
