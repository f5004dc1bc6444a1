"""What a function returns, as one array of real numbers, and its cotangents in the form of what it returned.

Arrays in containers are laid end to end, complex ones as their real and imaginary parts; what is no real or complex array is left
out. One real array stays as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.arrays_of_frameworks import (
    as_given,
    as_numpy,
    complex_of,
    framework_of,
    in_dtype,
    is_of_jax,
    is_tensor,
    number_kind,
    real_dtype,
)
from oracle.candidate.asking import CannotJudge
from oracle.candidate.pytrees import Path, Unlike, mapped, picked

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Outputs:
    """template: what the function returned at the example; paths, shapes, kinds ("real", "complex"), dtypes: of the arrays in
    it."""

    template: Any
    paths: tuple[Path, ...]
    shapes: tuple[tuple[int, ...], ...]
    kinds: tuple[str, ...]
    dtypes: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it is one real array, and nothing else."""
        return self.paths == ((),) and self.kinds == ("real",)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `joined`."""
        if self.is_plain:
            return self.shapes[0]
        halves = (1 if kind == "real" else 2 for kind in self.kinds)
        return (sum(half * int(np.prod(s, dtype=int)) for half, s in zip(halves, self.shapes, strict=True)),)

    @property
    def framework(self) -> str:
        """Whose arrays they are."""
        found: list[str] = []
        mapped(self.template, lambda part, name, path: found.append(framework_of(part)) if number_kind(part) else None)
        return next((own for own in found if own in ("torch", "jax")), "numpy")

    def joined(self, result: Any, what: str = "fn") -> Any:
        """The arrays of a result of this form as one. Raises CannotJudge for another form."""
        return result if self.is_plain else _end_to_end([half for part in self.halves(result, what) for half in part])

    def halves(self, result: Any, what: str = "fn") -> list[list[Any]]:
        """Each array of a result of this form: itself, or its real and imaginary parts. Raises CannotJudge for another form."""
        found = []
        for path, shape, kind in zip(self.paths, self.shapes, self.kinds, strict=True):
            try:
                part = picked(result, path, f"what {what} returned")
            except Unlike as error:
                raise CannotJudge(f"{error}; at the example it has another form") from None
            if part is None or tuple(np.shape(part)) != shape:
                raise CannotJudge(
                    f"{what} returned {'None' if part is None else f'the shape {tuple(np.shape(part))}'} where the output of fn "
                    f"has the shape {shape}"
                )
            part = part if hasattr(part, "dtype") else np.asarray(part)
            found.append([part] if kind == "real" else [part.real, part.imag])
        return found

    def apart(self, cotangent: Any, sign: float, *, narrow: bool = True) -> Any:
        """A cotangent of `joined` in the form of the output, of its framework; sign: of the imaginary part of a complex one."""
        places: dict[Path, Any] = {}
        flat, start = cotangent.reshape(-1), 0
        for path, shape, kind, dtype in zip(self.paths, self.shapes, self.kinds, self.dtypes, strict=True):
            size = int(np.prod(shape, dtype=int))
            halves = []
            for _ in range(1 if kind == "real" else 2):
                halves.append(in_dtype(flat[start : start + size].reshape(shape), dtype))
                start += size
            places[path] = halves[0] if kind == "real" else complex_of(halves[0], sign * halves[1])

        def put(part: Any, name: str, path: Path) -> Any:
            if path not in places:
                return None
            return as_given(part, places[path])

        return mapped(self.template, put)


def outputs_of(result: Any) -> Outputs:
    """The form of a result. Raises CannotJudge where there is no real or complex array in it."""
    found: list[tuple[Path, Any]] = []
    mapped(result, lambda part, name, path: found.append((path, part)) if number_kind(part) else None)
    if not found:
        kind = "None" if result is None else f"a {type(result).__name__}"
        raise CannotJudge(f"fn returned {kind}, in which there is no array of real or complex numbers")
    return Outputs(
        result,
        tuple(path for path, _ in found),
        tuple(tuple(np.shape(as_numpy(part) if not hasattr(part, "shape") else part)) for _, part in found),
        tuple(number_kind(part) for _, part in found),
        tuple(real_dtype(part) for _, part in found),
    )


def _end_to_end(parts: Sequence[Any]) -> Any:
    if any(map(is_tensor, parts)):
        torch: Any = sys.modules["torch"]
        return torch.cat([torch.as_tensor(part).reshape(-1) for part in parts])
    if any(map(is_of_jax, parts)):
        import jax

        return jax.numpy.concatenate([jax.numpy.ravel(part) for part in parts])
    return np.concatenate([np.ravel(part) for part in parts])
