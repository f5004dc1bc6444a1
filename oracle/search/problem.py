"""What is checked: a function, a gradient for one of its arguments, and where the arguments live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from oracle.search.domains import Domain
from oracle.search.sizes import Sizes

Array = NDArray[Any]
Arguments = tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Problem:
    """fn(*arrays) → scalar, grad(*arrays) → array shaped as argument `argnum`, one domain for each argument.

    lengths: (low, high) of the common length of all arguments, when every argument is a vector; None for the default ladder.
    shapes: a fixed shape for each argument instead; sizes: shapes with names in them. product: where the last argument is the
    cotangent of a vector–Jacobian product, or what stands for it; lengths and shapes are then those of the others. accuracy: to
    how much of its largest component the gradient is asked to be right; at_least: whether anything above the derivative is
    right as well; explained: whether what is wrong is to be given a name; example: arguments that were given, whose shapes are
    the fixed ones.
    """

    fn: Callable[..., Any]
    grad: Callable[..., Any]
    domains: tuple[Domain, ...]
    argnum: int = 0
    lengths: tuple[int, int] | None = None
    shapes: tuple[tuple[int, ...], ...] | None = None
    product: Product | None = None
    accuracy: float = 0.0
    at_least: bool = False
    explained: bool = True
    example: Example | None = None
    sizes: Sizes | None = None

    @property
    def of_vectors(self) -> bool:
        """Whether every argument is a vector of one common length."""
        return self.shapes is None and self.sizes is None


@dataclass(frozen=True, eq=False)
class Product:
    """primal: the problem of the function with array output, without the cotangent; shape: that of its output at arguments.

    again: the last argument is no cotangent, but the differentiated one again.
    """

    primal: Problem
    shape: Callable[[Arguments], tuple[int, ...]]
    again: bool = False

    def settled(self, args: Arguments) -> Arguments:
        """The arguments with the last one as it has to be."""
        return (*args[:-1], args[self.primal.argnum].copy()) if self.again else args


@dataclass(frozen=True, eq=False)
class Example:
    """args: the first point that is judged; dtypes: in which each argument is asked; reach: digits that are lost where an entry is
    more than so many times larger than theirs are a note, at 0 anywhere but at these arguments; None: as without an example."""

    args: Arguments
    dtypes: tuple[str, ...]
    reach: float | None = None
