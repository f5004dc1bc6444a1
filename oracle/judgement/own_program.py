"""The candidate's own program, where JAX traces it: run on balls it is its mathematics without its rounding.

Custom rules inside are what is judged, so they are used. A trace is made in the user's own precision, with which draws and
constants change; and it counts only where it says in floats what the candidate said.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import lift_arb, precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.walk import every_equation
from oracle.candidate.asking import BITS
from oracle.candidate.guard import Guarded

Array = NDArray[Any]

#: JAX codes these functions by truncated series and fitted polynomials: their constants are no better than floats.
APPROXIMATIONS = ("/jax/_src/scipy/", "/jax/_src/third_party/", "/jax/scipy/")
#: A run of the program is the candidate's if they differ by less than this part of what the candidate is accused of.
SAME = 0.25


@dataclass(frozen=True, eq=False)
class Program:
    """closed: the jaxpr of grad(*args); bits: of the narrowest floats in it, to which its constants are rounded."""

    closed: Any
    bits: int

    def on_balls(self, point: Sequence[Array], bits: int) -> Array:
        """The gradient in balls. Raises what the interpreter raises."""
        with precision(bits):
            (result,) = evaluate(self.closed, point)
            return lift_arb(result)

    def says(self, point: Sequence[Array], got: Array, error: NDArray[np.float64], where: NDArray[np.bool_]) -> bool:
        """Whether the program, run in floats, errs as `got` does: elsewhere the candidate does what no trace shows."""
        import jax

        given = [jax.numpy.asarray(a) for a in point]
        with np.errstate(all="ignore"):
            (run,) = jax.core.eval_jaxpr(self.closed.jaxpr, self.closed.consts, *given)
            apart = np.abs(np.asarray(run, dtype=np.float64) - got.astype(np.float64))[where]
        there, here = np.asarray(run)[where], got[where]
        same = (there == here) | ((there != there) & (here != here)) | (apart <= SAME * error[where])
        return bool(np.all(same))

    def approximates(self) -> bool:
        """Whether it calls functions that JAX itself approximates."""
        return any(
            path in name for eqn in every_equation(self.closed) for name in _files(eqn) for path in APPROXIMATIONS
        )


def program_of(grad: Callable[..., Any], point: Sequence[Array]) -> Program | None:
    """The program of grad at arguments of these shapes, or None where JAX does not trace it to one array of floats."""
    if "jax" not in sys.modules:
        return None
    kept = grad.kept if isinstance(grad, Guarded) else {}
    shapes = tuple((a.shape, a.dtype.str) for a in point)
    if shapes not in kept:
        kept[shapes] = _traced(grad, point)
    return kept[shapes]


def _traced(grad: Callable[..., Any], point: Sequence[Array]) -> Program | None:
    import jax

    try:
        specs = [jax.ShapeDtypeStruct(a.shape, jax.dtypes.canonicalize_dtype(a.dtype)) for a in point]
        closed = jax.make_jaxpr(lambda *args: grad(*args))(*specs)
    except Exception:  # of any kind: it is no code of JAX
        return None
    if len(closed.out_avals) != 1 or closed.out_avals[0].dtype.name not in BITS:
        return None
    names = {_dtype(atom.aval) for eqn in every_equation(closed) for atom in (*eqn.invars, *eqn.outvars)}
    return Program(closed, min((BITS[name] for name in names if name in BITS), default=53))


def _dtype(aval: Any) -> str:
    return str(getattr(aval, "dtype", ""))


def _files(eqn: Any) -> Iterator[str]:
    """The files of the code that made an equation."""
    traceback = getattr(eqn.source_info, "traceback", None)
    for frame in traceback.frames if traceback is not None else ():
        yield frame.file_name.replace("\\", "/")
