"""How long arguments are, as it is declared: bounds of lengths, fixed shapes, shapes with names in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.search.sizes import Sizes, axis_of, sizes_of

Shape = tuple[int | str, ...]
Shapes = Sequence[Sequence[int | str]]
Lengths = tuple[int, int] | Mapping[str, tuple[int, int]]


def checked_lengths(lengths: Any) -> tuple[int, int] | None:
    """The bounds, None for none. Raises CannotJudge."""
    if lengths is None:
        return None
    if isinstance(lengths, Mapping):
        raise CannotJudge(f"lengths = {lengths!r} bounds names: give shapes with these names, such as (('n', 4), (4,))")
    if not _is_range(lengths):
        raise CannotJudge(f"lengths = {lengths!r}: give (low, high) with 1 <= low <= high")
    return lengths[0], lengths[1]


def checked_shapes(shapes: Any) -> tuple[Shape, ...] | None:
    """The shapes, None for none. Raises CannotJudge."""
    if shapes is None:
        return None
    try:
        found = tuple(tuple(_size(n) for n in _shape(s)) for s in shapes)
    except (TypeError, ValueError):
        raise CannotJudge(f"shapes = {shapes!r}: give one shape for each argument, such as ((3, 4), (4,))") from None
    if any(isinstance(n, int) and n < 1 for s in found for n in s):
        raise CannotJudge(f"shapes = {found}: every length must be at least 1")
    return found


def checked_sizes(shapes: tuple[Shape, ...] | None, lengths: Any) -> Sizes | None:
    """The sizes that shapes with names in them leave open, within lengths: (low, high) for all names, or a dict with some of them;
    None where no name is in them. Raises CannotJudge."""
    names = {axis_of(n).name for s in shapes or () for n in s} - {""}
    if shapes is None or not names:
        if shapes is not None and lengths is not None:
            raise CannotJudge(
                "lengths and shapes are both given: shapes fix the lengths already, where no name is in them"
            )
        return None
    given = lengths if isinstance(lengths, Mapping) else {} if lengths is None else dict.fromkeys(names, lengths)
    for name, bounds in given.items():
        if name not in names or not _is_range(bounds):
            raise CannotJudge(
                f"lengths = {lengths!r}: give (low, high) with 1 <= low <= high, or a dict of such by the names "
                f"in shapes ({', '.join(sorted(names))})"
            )
    try:
        return sizes_of(shapes, {name: (int(low), int(high)) for name, (low, high) in given.items()})
    except ValueError as error:
        raise CannotJudge(f"lengths = {lengths!r}: {error}") from None


def have_names(shapes: Any) -> bool:
    """Whether shapes leave sizes open. Raises CannotJudge for what is no shapes."""
    return any(axis_of(n).name for s in checked_shapes(shapes) or () for n in s)


def _is_range(bounds: Any) -> bool:
    return (
        isinstance(bounds, tuple | list)
        and len(bounds) == 2
        and all(isinstance(n, int) for n in bounds)
        and 1 <= bounds[0] <= bounds[1]
    )


def _shape(said: Any) -> Any:
    """Raises TypeError for a word, whose letters would be taken for names."""
    if isinstance(said, str):
        raise TypeError(said)
    return said


def _size(said: Any) -> int | str:
    """Raises ValueError for a word that is no size."""
    if not isinstance(said, str):
        return int(said)
    axis_of(said)
    return said
