"""Discrete Fourier transforms, Xₖ = Σⱼ xⱼ e^(−2πi jk/n) along each axis.

The roots of unity that are ±1 and ±i enter exactly, so that what is zero by symmetry of small sums stays an exact zero.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from oracle.balls.primitives.complex_numbers import as_complex
from oracle.balls.primitives.equation import Array, Equation, Handler, elementwise

MOST_BY_DEFINITION = 32  # longer lines by FLINT's fast transform

_real_part = elementwise(lambda z: z.real, 1)


@functools.lru_cache(maxsize=64)
def _roots(n: int, bits: int) -> tuple[Any, ...]:
    """e^(−2πi k/n) for k = 0 … n − 1."""
    quarters = [acb(1), acb(0, -1), acb(-1), acb(0, 1)]
    return tuple(quarters[4 * k // n] if 4 * k % n == 0 else (acb(arb(-2 * k) / n)).exp_pi_i() for k in range(n))


def _transform(line: Array, *, inverse: bool) -> list[Any]:
    n = len(line)
    if n > MOST_BY_DEFINITION:
        return list(acb.dft([acb(v) for v in line], inverse=inverse))
    roots = _roots(n, ctx.prec)
    sign = -1 if inverse else 1
    sums = [sum((line[j] * roots[sign * j * k % n] for j in range(1, n)), line[0]) for k in range(n)]
    return [acb(v) / n for v in sums] if inverse else [acb(v) for v in sums]


def _along(x: Array, axis: int, *, inverse: bool) -> Array:
    lines = np.moveaxis(x, axis, -1)
    result = np.empty(lines.shape, dtype=object)
    for index in np.ndindex(lines.shape[:-1]):
        result[index] = _transform(lines[index], inverse=inverse)
    return np.moveaxis(result, -1, axis)


def _hermitian(x: Array, n: int) -> Array:
    """The whole spectrum of a real signal of n entries from its first ⌊n/2⌋ + 1; what real signals have real is taken so."""
    half = n // 2 + 1
    head = x[..., :half]
    whole = np.empty((*x.shape[:-1], n), dtype=object)
    whole[..., :half] = head
    whole[..., 0] = _real_part(head[..., 0])
    if n % 2 == 0:
        whole[..., n // 2] = _real_part(head[..., n // 2])
    for k in range(half, n):
        whole[..., k] = elementwise(lambda z: z.conjugate(), 1)(head[..., n - k])
    return as_complex_all(whole)


def as_complex_all(x: Array) -> Array:
    return elementwise(acb, 1)(x)


def _fft(equation: Equation, x: Array) -> Array:
    kind = str(getattr(equation.params["fft_type"], "name", equation.params["fft_type"]))
    lengths = equation.params["fft_lengths"]
    axes = range(x.ndim - len(lengths), x.ndim)
    if 0 in x.shape or 0 in equation.results[0].shape:
        return np.empty(equation.results[0].shape, dtype=object)
    if kind == "RFFT":
        x = _along(x, -1, inverse=False)[..., : lengths[-1] // 2 + 1]
        for axis in axes[:-1]:
            x = _along(x, axis, inverse=False)
        return x
    x = as_complex(x)
    if kind == "IRFFT":
        for axis in axes[:-1]:
            x = _along(x, axis, inverse=True)
        return _real_part(_along(_hermitian(x, lengths[-1]), -1, inverse=True))
    for axis in axes:
        x = _along(x, axis, inverse=kind == "IFFT")
    return x


FOURIER: dict[str, Handler] = {"fft": _fft}
