"""A vector–Jacobian product from a Jacobian–vector product, asked along every coordinate."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge, Misconduct, Raised
from oracle.candidate.parameters import with_parameters

#: Tangents of other sizes and either sign, in turn: a product is linear in its tangents. By powers of two nothing is rounded.
SIZES = (-16.0, 0.25, 1.0, 256.0, -1.0)


def along_coordinates(jvp: Callable[..., Any], names: Sequence[str] = ()) -> Callable[..., tuple[Any, ...]]:
    """vjp(*arrays, cotangent) from jvp(primals, tangents): its entry k is Σ c·jvp along the coordinate k."""

    @functools.wraps(jvp)
    def vjp(*arrays: Any) -> tuple[Any, ...]:
        *primals, cotangent = arrays
        return tuple(_by_argument(jvp, primals, n, cotangent) for n in range(len(primals)))

    return with_parameters(vjp, names, ("cotangent_of_jvp",))


def _by_argument(jvp: Callable[..., Any], primals: Sequence[Any], number: int, cotangent: Any) -> Any:
    """The product of the cotangent with the Jacobian by one argument; None for integers."""
    x = primals[number]
    if not is_moved(x):
        return None
    entries = []
    for k in range(int(np.size(x))):
        size = SIZES[k % len(SIZES)]
        direction = np.zeros(np.shape(x))
        direction.flat[k] = size
        tangents = [np.zeros(np.shape(p)) for p in primals]
        tangents[number] = direction
        result = called_jvp(jvp, tuple(primals), tuple(tangents))
        entries.append((cotangent * _tangent(result, cotangent)).sum() / size)
    return _as_one(entries, np.shape(x))


def called_jvp(jvp: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """What jvp returns. Raises Raised where it raises."""
    try:
        return jvp(primals, tangents)
    except (CannotJudge, Misconduct):
        raise
    except Exception as error:
        shapes, words = ", ".join(str(np.shape(p)) for p in primals), (str(error).strip().splitlines() or [""])[0]
        raise Raised(
            f"jvp(primals, tangents) raised {type(error).__name__} at primals of shapes {shapes}: {words}"
        ) from error


def _tangent(result: Any, cotangent: Any) -> Any:
    """The tangent, of a pair (value, tangent) the second."""
    if is_pair(result):
        result = result[1]
    if result is None or isinstance(result, tuple | list | dict):
        what = "None" if result is None else f"a {type(result).__name__}"
        raise CannotJudge(f"jvp returned {what}: it must return the tangent of fn's output, or a pair (value, tangent)")
    if np.shape(result) != np.shape(cotangent):
        raise CannotJudge(
            f"jvp returned the shape {np.shape(result)}; the output of fn has the shape {np.shape(cotangent)}"
        )
    return result


def _as_one(entries: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if type(entries[0]).__module__.partition(".")[0] in ("jax", "jaxlib"):
        import jax

        return jax.numpy.stack(entries).reshape(shape)
    return np.array(entries).reshape(shape)


def is_moved(x: Any) -> bool:
    """Whether it holds numbers that can move: integers do not."""
    return bool(getattr(x, "dtype", np.dtype(float)).kind in "fVO")


def is_pair(result: Any) -> bool:
    """Whether it may be a value and its tangent."""
    return isinstance(result, tuple | list) and len(result) == 2
