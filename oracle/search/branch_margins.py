"""Runs a jaxpr on NumPy arrays and notes how far every branch condition is from its switch.

Nothing is compiled, so a run costs microseconds an equation. It steers the search and judges nothing: its float64 results are
used for their signs alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.primitives.identities import IDENTITIES
from oracle.balls.walk import primitives_of
from oracle.effort.budget import work

Array = NDArray[Any]
Path = tuple[int, ...]  # the place of an equation: its index, and inside an inner jaxpr the index there
Margins = dict[Path, Array]

#: What an equation counts as in a budget: it takes as long as some operations on balls.
OPERATIONS = 8

COMPARISONS = ("gt", "lt", "ge", "le", "eq", "ne")
CHOICES = ("max", "min")
KINKS = ("abs", "sign")
DECIDING = frozenset({*COMPARISONS, *CHOICES, *KINKS, "clamp"})

_UFUNCS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "add": np.add,
    "add_any": np.add,
    "and": np.bitwise_and,
    "atan2": np.arctan2,
    "cbrt": np.cbrt,
    "ceil": np.ceil,
    **dict.fromkeys(IDENTITIES, np.asarray),
    "cos": np.cos,
    "cosh": np.cosh,
    "eq": np.equal,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "floor": np.floor,
    "ge": np.greater_equal,
    "gt": np.greater,
    "is_finite": np.isfinite,
    "le": np.less_equal,
    "log": np.log,
    "log1p": np.log1p,
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "lt": np.less,
    "max": np.maximum,
    "min": np.minimum,
    "mul": np.multiply,
    "ne": np.not_equal,
    "neg": np.negative,
    "not": np.invert,
    "or": np.bitwise_or,
    "pow": np.power,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sign": np.sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "square": np.square,
    "stop_gradient": np.asarray,
    "sub": np.subtract,
    "tan": np.tan,
    "tanh": np.tanh,
    "xor": np.bitwise_xor,
}


def _broadcast(params: dict[str, Any], x: Array) -> Array:
    shape = [1] * len(params["shape"])
    for size, axis in zip(x.shape, params["broadcast_dimensions"], strict=True):
        shape[axis] = size
    return np.broadcast_to(x.reshape(shape), params["shape"])


def _from(x: Array, starts: Sequence[int], sizes: Sequence[int]) -> Array:
    """x from these places on, moved inside where they would leave it, as JAX does."""
    first = [min(max(s, 0), whole - size) for s, whole, size in zip(starts, x.shape, sizes, strict=True)]
    return x[tuple(slice(f, f + size) for f, size in zip(first, sizes, strict=True))]


_SHAPED: dict[str, Callable[..., Array]] = {
    "broadcast_in_dim": _broadcast,
    "clamp": lambda p, low, x, high: np.minimum(np.maximum(x, low), high),
    "concatenate": lambda p, *xs: np.concatenate(xs, axis=p["dimension"]),
    "convert_element_type": lambda p, x: x.astype(p["new_dtype"]),
    "dynamic_slice": lambda p, x, *starts: _from(x, [int(s) for s in starts], p["slice_sizes"]),
    "expand_dims": lambda p, x: np.expand_dims(x, tuple(p["dimensions"])),
    "integer_pow": lambda p, x: x ** p["y"],
    "reduce_max": lambda p, x: np.max(x, axis=tuple(p["axes"])),
    "reduce_min": lambda p, x: np.min(x, axis=tuple(p["axes"])),
    "reduce_sum": lambda p, x: np.sum(x, axis=tuple(p["axes"])),
    "reshape": lambda p, x: np.reshape(x, p["new_sizes"]),
    "slice": lambda p, x: x[tuple(map(slice, p["start_indices"], p["limit_indices"], p["strides"] or [None] * x.ndim))],
    "squeeze": lambda p, x: np.squeeze(x, tuple(p["dimensions"])),
    "transpose": lambda p, x: np.transpose(x, p["permutation"]),
}

CALLS = ("jaxpr", "call_jaxpr", "fun_jaxpr")
_LOOPS = ("scan", "while")


def margins(closed: Any, args: Sequence[Array]) -> Margins:
    """lhs − rhs of every comparison, max and min of floats that moves with the arguments, x of every abs and sign.

    Of a cond the branch that is taken is looked into, of a scan or while none. Raises what JAX raises on an equation that it
    evaluates in NumPy's stead.
    """
    from oracle.witnesses.tracing import double_precision

    found: Margins = {}
    if not DECIDING & primitives_of(closed):
        return found
    with double_precision(), np.errstate(all="ignore"):  # what the user's function overflows on is not judged here
        _run(closed, [(np.asarray(a), True) for a in args], (), found)
    return found


Moving = tuple[Array, bool]  # a value, and whether it moves with the arguments


def _array(value: Any) -> Array:
    """A NumPy array; keys for random numbers, which NumPy does not know, as they are."""
    return value if str(getattr(value, "dtype", "")).startswith("key<") else np.asarray(value)


def _run(program: Any, operands: Sequence[Moving], path: Path, found: Margins) -> list[Moving]:
    jaxpr, consts = (program.jaxpr, program.consts) if hasattr(program, "consts") else (program, ())
    values: dict[Any, Moving] = {v: (_array(c), False) for v, c in zip(jaxpr.constvars, consts, strict=True)}
    values.update(zip(jaxpr.invars, operands, strict=True))

    def read(atom: Any) -> Moving:
        return (_array(atom.val), False) if hasattr(atom, "val") else values[atom]

    for index, eqn in enumerate(jaxpr.eqns):
        inputs = [read(atom) for atom in eqn.invars]
        work(OPERATIONS)
        here = (*path, index)
        same = len(eqn.invars) == 2 and eqn.invars[0] is eqn.invars[1]  # x ≠ x asks for NaN
        if any(moves for _, moves in inputs) and not same:
            _note(eqn.primitive.name, [x for x, _ in inputs], here, found)
        outputs = _apply(eqn, inputs, here, found)
        values.update(zip(eqn.outvars, outputs, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _note(name: str, inputs: list[Array], path: Path, found: Margins) -> None:
    if inputs[0].dtype.kind != "f":
        return
    if name in COMPARISONS or name in CHOICES:
        if any(x.size and np.isinf(x).all() for x in inputs[:2]):  # a guard against overflow, not a branch
            return
        difference = np.asarray(inputs[0] - inputs[1])
        # two infinities of one sign are equal, though their difference is no number
        found[path] = np.where(inputs[0] == inputs[1], 0.0, difference)
    elif name in KINKS:
        found[path] = inputs[0]
    elif name == "clamp":
        found[*path, 0] = np.asarray(inputs[1] - inputs[0])
        found[*path, 1] = np.asarray(inputs[1] - inputs[2])


def _apply(eqn: Any, inputs: Sequence[Moving], path: Path, found: Margins) -> list[Moving]:
    name, params = eqn.primitive.name, eqn.params
    arrays, moves = [x for x, _ in inputs], any(m for _, m in inputs)
    numbers = all(isinstance(x, np.ndarray) for x in arrays)
    if name in _UFUNCS and numbers:
        return [(np.asarray(_UFUNCS[name](*arrays)), moves)]
    if name in _SHAPED and numbers:
        return [(np.asarray(_SHAPED[name](params, *arrays)), moves)]
    if name == "div" and arrays[0].dtype.kind == "f":
        return [(np.asarray(arrays[0] / arrays[1]), moves)]
    if name == "select_n" and arrays[0].dtype.kind == "b":
        return [(np.where(arrays[0], arrays[2], arrays[1]), moves)]
    if name == "cond":
        chosen = min(max(int(arrays[0]), 0), len(params["branches"]) - 1)
        return _run(params["branches"][chosen], inputs[1:], (*path, chosen), found)
    inner = next((params[key] for key in CALLS if key in params), None)
    if inner is not None and name not in _LOOPS:
        return _run(inner, inputs, path, found)
    results = eqn.primitive.bind(*arrays, **params)
    return [(_array(r), moves) for r in (results if eqn.primitive.multiple_results else [results])]
