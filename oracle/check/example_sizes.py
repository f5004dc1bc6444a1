"""Sizes that example arguments leave open: shapes with names, in the form of the arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.leaves import Arguments, Leaf
from oracle.candidate.pytrees import Unlike, picked
from oracle.check.sizes import Shape, checked_shapes, checked_sizes
from oracle.search.sizes import Sizes


def example_sizes(arguments: Arguments, shapes: Any, lengths: Any) -> Sizes | None:
    """shapes: one for each argument, or a container of shapes in its form; None for what stays as long as it is. Raises
    CannotJudge where the example does not have them."""
    if shapes is None:
        return None
    if not isinstance(shapes, tuple | list) or len(shapes) != len(arguments.args):
        raise CannotJudge(
            f"shapes = {shapes!r}: like holds {len(arguments.args)} examples; give for each its shape, a container of "
            "shapes in its form, or None"
        )
    said = tuple(_shape_of(leaf, shapes[leaf.argument]) for leaf in arguments.leaves)
    found = checked_sizes(said, lengths)
    if found is None:
        raise CannotJudge(f"shapes = {shapes!r}: the example fixes the shapes already, where no name is in them")
    own = [leaf.example.shape for leaf in arguments.leaves]
    if found.of(own) is None:
        raise CannotJudge(
            "; ".join(_unlike(arguments, said)) or f"lengths = {lengths!r}: the example is not within them"
        )
    return found


def _shape_of(leaf: Leaf, said: Any) -> Shape:
    if said is None:
        return leaf.example.shape
    try:
        shape = picked(said, leaf.path, f"the shape of {leaf.name}") if leaf.path else said
    except Unlike as error:
        raise CannotJudge(f"shapes: {error}") from None
    if shape is None:
        return leaf.example.shape
    (found,) = checked_shapes((shape,)) or ((),)
    return found


def _unlike(arguments: Arguments, said: tuple[Shape, ...]) -> Iterator[str]:
    for leaf, shape in zip(arguments.leaves, said, strict=True):
        own = leaf.example.shape
        numbers = [(n, m) for n, m in zip(shape, own, strict=False) if isinstance(n, int)]
        if len(own) != len(shape) or any(n != m for n, m in numbers):
            yield f"shapes: {leaf.name} has the shape {own} in the example, not {shape}"
            return
    yield from ["shapes: the example has no sizes of these names within their bounds, equal ones for equal names"]
