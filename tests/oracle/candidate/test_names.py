"""What a function is called, and the lines by which a script gets at it."""

from __future__ import annotations

from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from oracle.candidate.guard import Guarded
from oracle.candidate.names import Called, called

Array = Any


def at_the_top(a: Array) -> Array:
    return a


under_this_name = lambda a: a  # noqa: E731
FILLED_IN = ("# grad is the function that was checked",)


def local() -> Any:
    def inside(a: Array) -> Array:
        return a

    return inside


def test_by_the_name_that_leads_to_it() -> None:
    assert called(at_the_top) == Called("at_the_top", "at_the_top", (f"from {__name__} import at_the_top",))
    assert called(under_this_name).title == "under_this_name"
    assert called(Guarded(at_the_top, "grad")) == called(at_the_top)
    assert called(jnp.sin).title == "sin"


def test_what_no_module_holds() -> None:
    assert called(local()) == Called("inside", "inside")
    assert called(lambda a: a) == Called("<lambda>", "grad", FILLED_IN)
    assert called(lambda a: a, "fn").lines == ("# fn is the function that is differentiated",)
    assert called(partial(np.multiply, 2)) == Called("partial", "grad", FILLED_IN)


def test_by_what_made_it() -> None:
    grad = called(jax.grad(at_the_top))
    assert (grad.title, grad.expression) == ("jax.grad(at_the_top)", "jax.grad(at_the_top)")
    assert grad.lines[0] == "import jax"
    assert grad.lines[-1] == f"from {__name__} import at_the_top"
    assert called(jax.jit(jax.grad(at_the_top))).title == "jax.jit(jax.grad(at_the_top))"
    assert called(jax.grad(lambda a, E: E.sum(), argnums=1)).title == "jax.grad(<lambda>, argnums=1)"


def test_a_wrapper_is_not_called_by_the_name_that_it_copied() -> None:
    @wraps(at_the_top)
    def other(a: Array) -> Array:
        return 2 * a

    assert called(other) == Called("made from at_the_top", "grad", FILLED_IN)
