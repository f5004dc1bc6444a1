"""Which parameters of a function hold the arrays that are differentiated, and what stands for the others.

A rule takes static arguments (a power, an axis, a function), labels that are integers, and parameters with defaults. Nobody says
what they are, so they are tried: the first that the function runs with, and the report says which.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

Shapes = tuple[tuple[int, ...], ...]

#: What stands for a static argument without a default: the first that the function runs with, and another where it is a number.
STATIC = (2, 3, 1, 0, -1, 0.5, True)
#: Labels: one, or one for each row, of at most three classes.
LABELS: Sequence[Any] = (1, np.array([0, 2, 1]))
#: Shapes of arrays, where vectors of one length will not do: the first, the second, and any further ones.
OTHER_SHAPES: Sequence[Shapes] = (
    ((3, 4), (3, 4), (3, 4)),
    ((3, 4), (4,), (4,)),
    ((3, 4), (4, 5), (5,)),
    ((3,), (), ()),
    ((3, 3), (3,), (3,)),
    ((3, 3), (3, 3), (3, 3)),
    ((), (), ()),
    ((2, 3, 4), (4,), (4,)),
    ((4, 3), (3,), (4,)),
    ((4,), (3,), (3,)),  # a quaternion, and what it turns
    ((4,), (4,), (4,)),
    ((2,), (2,), (2,)),
)
#: What static arguments of some names are: which axes a product contracts, and a dtype.
BY_NAME: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("axis", "dim", "dims", "axes"), (-1, 0)),
        "dimension_numbers": ((((1,), (0,)), ((), ())),),
        **dict.fromkeys(("dtype", "precision", "preferred_element_type"), (None, np.dtype("float64"))),
    }
)
#: Static arguments of these names may count entries.
INDICES = frozenset(("i", "j", "k", "idx", "index", "label", "target", "y", "t", "pos", "position", "cls", "class_id"))
MOST_TRIED = 520


@dataclass(frozen=True, eq=False)
class Arrangement:
    """names: of all positional parameters; arrays: the positions of those that hold arrays, the others are `filled`; shapes: of the
    arrays, None where vectors of any common length will do; optional: which of the arrays have a default, by position among them;
    left_out: those that have it again, as the rule does not differentiate by them."""

    names: tuple[str, ...]
    arrays: tuple[int, ...]
    filled: Mapping[int, Any]
    shapes: Shapes | None = None
    optional: Mapping[int, Any] = field(default_factory=dict)
    left_out: tuple[int, ...] = ()

    def place(self, arrays: Sequence[Any]) -> list[Any]:
        """All arguments of the function, in order."""
        given = dict(zip(self.arrays, arrays, strict=True)) | dict(self.filled)
        return [given[k] for k in range(len(self.names))]

    def with_defaults(self, left_out: Sequence[int]) -> Arrangement:
        """The arrays of these numbers have their defaults."""
        kept = [n for n in range(len(self.arrays)) if n not in left_out]
        shapes = None if self.shapes is None else tuple(self.shapes[n] for n in kept)
        if shapes is not None and set(shapes) == {(3,)} and all(np.ndim(value) == 0 for value in self.filled.values()):
            shapes = None
        return replace(
            self,
            arrays=tuple(self.arrays[n] for n in kept),
            filled={**self.filled, **{self.arrays[n]: self.optional[n] for n in left_out}},
            shapes=shapes,
            optional={kept.index(n): value for n, value in self.optional.items() if n in kept},
            left_out=tuple(self.arrays[n] for n in left_out),
        )

    def words(self) -> str:
        """What is filled in: n = 2, axis = -1."""
        without = " (by which the rule gives no derivative)"
        return ", ".join(
            f"{self.names[k]} = {_shown(value)}{without if k in self.left_out else ''}"
            for k, value in sorted(self.filled.items())
        )


def plain(count: int) -> Arrangement:
    """Every argument is an array."""
    return Arrangement(tuple(f"x{k}" for k in range(count)), tuple(range(count)), {})


def arrangements(
    function: Callable[..., Any], static: Sequence[int | str], runs: Callable[[Sequence[Any], Arrangement], bool]
) -> list[Arrangement]:
    """How the function may be called: one arrangement, or two where a number had to be made up; none where nothing was found.

    static: positions or names of arguments that are no arrays. runs: whether the function runs with arguments of these shapes.
    """
    parameters = _positional(function)
    if parameters is None:
        return []
    fixed = [k for k, p in enumerate(parameters) if k in static or k - len(parameters) in static or p.name in static]
    found: list[Arrangement] = []
    for candidate in itertools.islice(_candidates(parameters, fixed), MOST_TRIED):
        if found and not _differs_in_a_number(found[0], candidate, parameters):
            continue
        shapes = candidate.shapes or ((3,),) * len(candidate.arrays)
        if runs([np.full(shape, 0.5) for shape in shapes], candidate):
            found.append(candidate)
            if len(found) == 2 or not _made_up(candidate, parameters):
                break
    return found


def _positional(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _candidates(parameters: Sequence[inspect.Parameter], static: Sequence[int]) -> Iterator[Arrangement]:
    """The simplest first: arrays of floats, then labels among them, then other shapes."""
    names = tuple(p.name for p in parameters)
    given = {
        k: p.default
        for k, p in enumerate(parameters)
        if p.default is not p.empty and (k in static or not _is_real(p.default))
    }
    free = [k for k in static if k not in given]
    arrays = [k for k in range(len(parameters)) if k not in given and k not in free]
    optional = [k for k in arrays if parameters[k].default is not parameters[k].empty]
    for labelled in _subsets([k for k in arrays if k not in optional]):
        floats = tuple(k for k in arrays if k not in labelled)
        if not floats or any(_annotated(parameters[k], (int, bool)) for k in floats):
            continue
        own = {n: parameters[k].default for n, k in enumerate(floats) if k in optional}
        for values in _fillings([parameters[k] for k in free]):
            for labels in itertools.product(LABELS, repeat=len(labelled)):
                filled = given | dict(zip(free, values, strict=True)) | dict(zip(labelled, labels, strict=True))
                one_length = labels or any(
                    parameters[k].name in INDICES for k in free
                )  # what counts entries must stay inside
                vectors = () if own else ((((3,),) * len(floats) if one_length else None),)
                for shapes in (*vectors, *_shapes(len(floats), own)):
                    yield Arrangement(names, floats, filled, shapes, own)


def _shapes(count: int, optional: Mapping[int, Any]) -> Iterator[Shapes]:
    """Shapes of so many arrays; what has a default has its shape."""
    for shapes in (((3,),) * 3, *OTHER_SHAPES):
        yield tuple(np.shape(optional[k]) if k in optional else shapes[min(k, 2)] for k in range(count))


def _subsets(positions: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(positions) if len(positions) < 5 else 2):
        yield from itertools.combinations(positions, size)


def _fillings(parameters: Sequence[inspect.Parameter]) -> Iterator[tuple[Any, ...]]:
    choices = [_choices(p) for p in parameters]
    return itertools.islice(itertools.product(*choices), 64)


def _choices(parameter: inspect.Parameter) -> tuple[Any, ...]:
    import jax

    if _annotated(parameter, (bool,)):
        return (True, False)
    if _annotated(parameter, (int,)):
        return (2, 3, 1, 0, -1)
    if parameter.name in BY_NAME:
        return BY_NAME[parameter.name]
    functions = (jax.numpy.sin, jax.numpy.add)
    return (
        (*functions, *STATIC)
        if parameter.name in ("f", "fn", "fun", "func", "function", "g")
        else (*STATIC, *functions)
    )


def _annotated(parameter: inspect.Parameter, types: Sequence[type]) -> bool:
    return parameter.annotation in (*types, *(t.__name__ for t in types))


def _is_real(value: Any) -> bool:
    return isinstance(value, float) or (hasattr(value, "dtype") and getattr(value.dtype, "kind", "") == "f")


def _made_up(arrangement: Arrangement, parameters: Sequence[inspect.Parameter]) -> list[int]:
    """The positions of numbers that nobody gave."""
    return [
        k
        for k, value in arrangement.filled.items()
        if parameters[k].default is parameters[k].empty
        and type(value) in (int, float)
        and not isinstance(value, np.ndarray)
    ]


def _differs_in_a_number(first: Arrangement, other: Arrangement, parameters: Sequence[inspect.Parameter]) -> bool:
    """Whether the arrangements are the same but for a number that is made up."""
    made_up = _made_up(first, parameters)
    same = first.arrays == other.arrays and first.shapes == other.shapes and first.filled.keys() == other.filled.keys()
    return same and all(
        _is_another_number(first.filled[k], other.filled[k]) if k in made_up else first.filled[k] is other.filled[k]
        for k in first.filled
    )


def _is_another_number(first: Any, other: Any) -> bool:
    return type(other) in (int, float) and first != other


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    return getattr(value, "__name__", None) or repr(value)
