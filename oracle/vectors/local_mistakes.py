"""The standard mistakes of one equation, made in one place of a network: the first layer, the last, the layers of an activation.

A program that unrolls its layers, treats its first and last one apart, or has one σ′ wrong, is wrong in such a place alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manualbp import ACTIVATIONS
from oracle.vectors.mistakes import Mistake, guarded, step
from oracle.vectors.passes import Deltas, Forward, right_back, right_nabla_b, right_nabla_w, right_slope
from oracle.vectors.record import Answer, Question

Array = NDArray[Any]
Place = Callable[[Forward, int], bool]
#: Layers are counted as on paper: 2 is the first that has weights.
PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "the first layer": lambda f, i: i == 2,
        "the last layer": lambda f, i: i == f.L,
        "the last hidden layer": lambda f, i: i == f.L - 1,
        "the hidden layers": lambda f, i: i < f.L,
    }
)


def _slope_at_a(f: Forward, i: int) -> Array:
    return f.net.activations[i - 2].sigma_prime(f.a[i])


def _back_untransposed(f: Forward, i: int, d: Deltas) -> Array:
    w = f.w[i + 1]
    return w @ d[i + 1] if w.shape[0] == w.shape[1] else right_back(f, i, d)


def _transposed_where_square(f: Forward, i: int, d: Deltas) -> Array:
    v = right_nabla_w(f, i, d)
    return v.T if v.shape[0] == v.shape[1] else v


def _times(right: Callable[..., Array], factor: Callable[[Forward], float]) -> Callable[..., Array]:
    return lambda f, i, d: factor(f) * right(f, i, d)


def _last_sample(weights: bool) -> Callable[..., Array]:
    """Of the last sample, as if it were the only one."""

    def made(f: Forward, i: int, d: Deltas) -> Array:
        last = d[i][:, -1:]
        return last @ f.a[i - 1][:, -1:].T if weights else last

    return made


#: (what, the step of `run_backward`, how it is done instead): at hidden layers, and at every layer.
OF_SLOPE: tuple[tuple[str, Callable[[Forward, int], Array]], ...] = (
    ("sigma_prime missing in BP2", lambda f, i: np.ones_like(f.z[i])),
    ("sigma_prime twice in BP2", lambda f, i: right_slope(f, i) ** 2),
    ("sigma_prime at a in BP2", _slope_at_a),
)
OF_GRADIENTS: tuple[tuple[str, str, Callable[..., Array]], ...] = tuple(
    (words.format(equation), field, made)
    for equation, field, right, weights in (
        ("BP3", "nabla_w", right_nabla_w, True),
        ("BP4", "nabla_b", right_nabla_b, False),
    )
    for words, made in (
        ("1/m missing in {}", _times(right, lambda f: f.m)),
        ("1/m twice in {}", _times(right, lambda f: 1 / f.m)),
        ("factor 2 in {}", _times(right, lambda f: 2)),
        ("sign in {}", _times(right, lambda f: -1)),
        ("no gradient in {}", _times(right, lambda f: 0)),
        ("last sample only in {}", _last_sample(weights)),
    )
)
#: Of both gradients of a layer.
OF_BOTH: tuple[tuple[str, Callable[[Forward], float]], ...] = (
    ("1/m missing", lambda f: f.m),
    ("1/m twice", lambda f: 1 / f.m),
    ("factor 2", lambda f: 2),
    ("sign", lambda f: -1),
)
RIGHT: Mapping[str, Callable[..., Array]] = MappingProxyType(
    {"nabla_w": right_nabla_w, "nabla_b": right_nabla_b, "back": right_back}
)


def _placed_slope(made: Callable[[Forward, int], Array], place: Place) -> Mistake:
    return step(slope=lambda f, i: made(f, i) if place(f, i) else right_slope(f, i))


def _in_layers_of(name: str, made: Callable[[Forward, int], Array]) -> Mistake:
    def mistake(question: Question) -> Answer | None:
        if name not in question.hidden:
            return None
        return _placed_slope(made, lambda f, i: f.net.activations[i - 2].name == name)(question)

    return mistake


def _placed(field: str, made: Callable[..., Array], place: Place) -> Mistake:
    right = RIGHT[field]
    return step(**{field: lambda f, i, d: made(f, i, d) if place(f, i) else right(f, i, d)})


def _placed_both(factor: Callable[[Forward], float], place: Place) -> Mistake:
    def times(right: Callable[..., Array]) -> Callable[..., Array]:
        return lambda f, i, d: (factor(f) if place(f, i) else 1.0) * right(f, i, d)

    return step(nabla_w=times(right_nabla_w), nabla_b=times(right_nabla_b))


_MADE: Mapping[str, Mistake] = {
    "sigma_prime twice in BP2": step(slope=lambda f, i: right_slope(f, i) ** 2),
    "W not transposed in BP2 where it is square": step(back=_back_untransposed),
    "dW transposed where it is square": step(nabla_w=_transposed_where_square),
    **{
        f"{what}, in {words}": _placed_slope(made, PLACES[words])
        for what, made in OF_SLOPE
        for words in ("the first layer", "the last hidden layer")
    },
    **{
        f"{what}, in layers of {name}": _in_layers_of(name, made)
        for what, made in OF_SLOPE
        for name in ACTIVATIONS
        if name != "identity"
    },
    **{
        f"{what}, in {words}": _placed(field, made, place)
        for what, field, made in (
            ("W not transposed in BP2", "back", _back_untransposed),
            ("dW transposed", "nabla_w", lambda f, i, d: right_nabla_w(f, i, d).T),
            ("dW transposed where it is square", "nabla_w", _transposed_where_square),
            *OF_GRADIENTS,
        )
        for words, place in PLACES.items()
    },
    **{
        f"{what} in BP3 and BP4, in {words}": _placed_both(factor, place)
        for what, factor in OF_BOTH
        for words, place in PLACES.items()
    },
}


def _equation(name: str) -> str:
    if "BP3 and BP4" in name:
        return "BP3 and BP4"
    if "BP3" in name or name.startswith("dW"):
        return "BP3"
    return "BP4" if "BP4" in name else "BP2"


#: name: the equation that is done otherwise, so that all which do not hang on it is right.
EQUATIONS: Mapping[str, str] = MappingProxyType({name: _equation(name) for name in _MADE})
LOCAL_MISTAKES: Mapping[str, Mistake] = MappingProxyType({name: guarded(made) for name, made in _MADE.items()})
