"""Conditions of a jaxpr that JAX's linear algebra made, not the user: how a pivot is chosen, what the sign of a determinant is.

On matrices of a kind some of them never hold, which no interval of entries shows: no pivot of a positive definite one is negative.
"""

from __future__ import annotations

from typing import Any

from oracle.search.branch_margins import CALLS, Path

#: Where JAX keeps its linear algebra.
FILES = ("numpy/linalg.py", "lax/linalg.py", "scipy/linalg.py")


def of_linear_algebra(closed: Any) -> set[Path]:
    """The places in a closed jaxpr of what JAX's linear algebra wrote; what is inside of these is its own, too."""
    found: set[Path] = set()
    _walk(closed, (), found)
    return found


def is_inside(path: Path, places: set[Path]) -> bool:
    return any(path[:k] in places for k in range(1, len(path) + 1))


def _walk(program: Any, path: Path, found: set[Path]) -> None:
    jaxpr = program.jaxpr if hasattr(program, "consts") else program
    for index, eqn in enumerate(jaxpr.eqns):
        here = (*path, index)
        if _is_its_own(eqn):
            found.add(here)
            continue
        if eqn.primitive.name == "cond":
            for k, branch in enumerate(eqn.params["branches"]):
                _walk(branch, (*here, k), found)
            continue
        inner = next((eqn.params[key] for key in CALLS if key in eqn.params), None)
        if inner is not None:
            _walk(inner, here, found)


def _is_its_own(eqn: Any) -> bool:
    traceback = getattr(eqn.source_info, "traceback", None)
    return traceback is not None and any(f.file_name.endswith(FILES) and "jax" in f.file_name for f in traceback.frames)
