"""What rounding may cost a program that computes with p bits, measured instead of guessed.

Three measurements, the largest of which is the allowance:

- *rounding*: the program evaluated with every operation rounded to p bits, in balls around the exact inputs. The
  radius bounds the error of any p-bit evaluation whose operations are as good as a ball's (within about one unit in
  the last place), in any order that the ball evaluation covers. Rigorous for the program as written; another formula
  for the same function may round worse.
- *conditioning*: the program evaluated at high precision with every input widened to ± ½ ulp of p bits. The radius
  bounds how far the exact result moves when the inputs move by half a unit. Rigorous.
- *backward error*: where the program factorises a matrix, it evaluated at high precision with that matrix widened, each
  entry by half a unit of the largest. A factorisation in floats is that of a matrix so close (Higham, Accuracy and
  Stability of Numerical Algorithms, theorems 9.5, 10.3 and 19.4; Golub and Van Loan, 8.6), however small the entry: the
  rotations mix them. 0 where no ball of that matrix decides.

Balls that are no longer clear of a branch condition follow the branch that the exact inputs take: then both bounds
hold for that branch alone. What lies on the other side is sampled: the exact program at random corners inputs ± ½ ulp,
and the spread of those is a lower estimate, not a bound. The same sample stands in where a ball became unbounded (a
logarithm of a ball that reaches zero). To either comes half a unit in the last place of the result, which must be rounded
itself, however lucky the steps before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import acb, arb
from numpy.typing import ArrayLike, NDArray

from oracle.balls.arrays import as_object_array, half_ulp, lift, lift_arb, magnitudes, precision, radii, round_up, widen
from oracle.balls.ball import Ball, to_arb
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import TABLES, Tables, evaluate
from oracle.balls.primitives.equation import Equation, Handler, is_complex
from oracle.balls.primitives.identities import IDENTITIES
from oracle.balls.walk import primitives_of
from oracle.balls.watch import Decision, Made, watch_ties

Array = NDArray[Any]
Program = Any  # a callable on object arrays of Ball, or a closed jaxpr
EXACT_BITS = (240, 960, 3840)
CORNERS = 8
#: A step that is decisive is rounded one way at half of the corners: one in 2²⁴ is never seen to be rounded the other way.
ROUNDED_CORNERS = 24
#: Primitives that round nothing: they move, choose or compare.
EXACT = frozenset({
    "abs", "broadcast_in_dim", "clamp", "concatenate", "convert_element_type", "cond", "custom_jvp_call",
    "custom_vjp_call", "dynamic_slice", "dynamic_update_slice", "expand_dims", "gather", "jit", "max", "min", "neg", "pad", "pjit",
    "reduce_max", "reduce_min", "reshape", "rev", "scan", "select_n", "sign", "slice", "sort", "split", "squeeze",
    "stack", "stop_gradient", "transpose", "while", *IDENTITIES,
})  # fmt: skip
FACTORISATIONS = frozenset({"lu", "cholesky", "qr", "geqrf", "eigh", "eig", "svd"})


def rounding_allowance(
    program: Program,
    args: Sequence[ArrayLike],
    bits: int,
    *,
    rng: np.random.Generator | None = None,
    fixed: Sequence[int] = (),
    on_the_way: bool = True,
) -> tuple[NDArray[np.float64], ...]:
    """Absolute allowance for every result of `program` at `args`, computed with `bits` significant bits: max(rounding,
    conditioning, backward error).

    program: array code that takes arrays of `Ball` and returns one array or a tuple, or a closed jaxpr; args: floats,
    exact;
    fixed: positions of arguments that are not widened (one-hot targets, labels); rng: draws the corners where branches
    make them necessary (default: a fixed seed); on_the_way: where a ball says nothing, whether what arithmetic makes on the way is
    rounded at the corners, too (stored vectors were made without). Results are float64 arrays, rounded up; ∞ where nothing is
    known.
    Raises Undecidable where the exact program itself is undecidable, UnsupportedPrimitive; ValueError for bits < 2.
    """
    if bits < 2:
        raise ValueError(f"bits must be at least 2, got {bits}")
    rng = np.random.default_rng(0) if rng is None else rng
    arrays = [np.asarray(a) for a in args]
    exact = [lift(a) if a.dtype.kind == "f" else a for a in arrays]
    moves = [a.dtype.kind == "f" and n not in fixed for n, a in enumerate(arrays)]
    wide = [widen(a, bits=bits) if move else e for a, e, move in zip(arrays, exact, moves, strict=True)]
    (centre, trail), exact_bits = _run_exactly(program, exact)

    rounded, strayed = _guided(program, exact, bits, centre, trail)
    widened, strayed_too = _guided(program, wide, exact_bits, centre, trail)
    last = [2.0**-bits * magnitudes(c) for c in centre]
    backward = _backward(program, exact, bits, exact_bits, centre, trail)
    sizes = [np.fmax(np.maximum(r, w), b) + h for r, w, b, h in zip(rounded, widened, backward, last, strict=True)]
    if not (strayed or strayed_too or any(np.isinf(size).any() for size in sizes)):
        return tuple(sizes)
    spread = _corner_spread(program, arrays, moves, (bits, exact_bits), centre, rng)
    if on_the_way and hasattr(program, "jaxpr") and any(np.isinf(size).any() for size in sizes):
        made = _rounding(bits, np.random.default_rng(1))
        rounding = _corner_spread(program, arrays, moves, (bits, exact_bits), centre, np.random.default_rng(0), made)
        spread = [np.where(np.isinf(z), np.maximum(s, r), s) for z, s, r in zip(sizes, spread, rounding, strict=True)]
    return tuple(
        np.where(np.isinf(size), np.where(part > 0, part + half, np.inf), np.maximum(size, part + half))
        for size, part, half in zip(sizes, spread, last, strict=True)
    )


def _run(program: Program, args: Sequence[Array], bits: int) -> tuple[list[Array], list[Decision]]:
    """Results and decisions."""
    with precision(bits), watch_ties(keep_trail=True) as watch:
        return _results(program, args), watch.trail


def _run_exactly(program: Program, args: Sequence[Array]) -> tuple[tuple[list[Array], list[Decision]], int]:
    """Results and decisions at the first precision that decides, and that precision."""
    for bits in EXACT_BITS[:-1]:
        try:
            return _run(program, args, bits), bits
        except Undecidable:
            continue
    return _run(program, args, EXACT_BITS[-1]), EXACT_BITS[-1]


def _guided(
    program: Program,
    args: Sequence[Array],
    bits: int,
    centre: Sequence[Array],
    trail: Sequence[Decision],
    tables: Tables = TABLES,
) -> tuple[list[NDArray[np.float64]], bool]:
    """Radii of the results along the branches of `trail`, and whether the balls strayed from them; ∞ where they got
    lost.
    """
    with precision(bits), watch_ties(guide=trail) as watch:
        try:
            results = _results(program, args, tables)
        except Undecidable:
            return [np.full(c.shape, np.inf) for c in centre], True
    followed = [what for what, _ in watch.trail] == [what for what, _ in trail]
    strayed = not followed or watch.guided > 0
    return [radii(r) if followed else np.full(r.shape, np.inf) for r in results], strayed


def _backward(
    program: Program,
    args: Sequence[Array],
    bits: int,
    exact_bits: int,
    centre: Sequence[Array],
    trail: Sequence[Decision],
) -> list[NDArray[np.float64]]:
    """How far the results move with the matrices that are factorised; NaN where that is not known, or none is."""
    unknown = [np.full(c.shape, np.nan) for c in centre]
    if not hasattr(program, "jaxpr") or not FACTORISATIONS & primitives_of(program.jaxpr):
        return unknown
    near = Tables(
        plain={**TABLES.plain, **{name: _of_a_matrix_near_by(TABLES.plain[name], bits) for name in FACTORISATIONS}},
        complex={
            **TABLES.complex,
            **{name: _of_a_matrix_near_by(TABLES.complex[name], bits) for name in FACTORISATIONS},
        },
    )
    moved, strayed = _guided(program, args, exact_bits, centre, trail, near)
    return unknown if strayed else [np.where(np.isfinite(m), m, np.nan) for m in moved]


def _of_a_matrix_near_by(factorise: Handler, bits: int) -> Handler:
    """The factorisation of every matrix whose entries are off by at most half a unit of the largest."""

    def handler(equation: Equation, *operands: Array) -> Any:
        matrix, *others = operands
        unit = 2.0**-bits * max((round_up(x.abs_upper()) for x in matrix.flat), default=0.0)
        room = acb(arb(0, unit), arb(0, unit)) if is_complex(matrix) else arb(0, unit)
        return factorise(equation, as_object_array(matrix + room), *others)

    return handler


def _results(program: Program, args: Sequence[Array], tables: Tables = TABLES) -> list[Array]:
    if hasattr(program, "jaxpr"):
        results = evaluate(program, args, tables=tables)
    else:
        returned = program(*args)
        results = list(returned) if isinstance(returned, tuple | list) else [returned]
    return [lift_arb(as_object_array(r)) for r in results]


def _corner_spread(
    program: Program,
    args: Sequence[Array],
    moves: Sequence[bool],
    precisions: tuple[int, int],
    centre: Sequence[Array],
    rng: np.random.Generator,
    made: Made | None = None,
) -> list[NDArray[np.float64]]:
    """The largest distance of results at random corners of the inputs ± ½ ulp from those at the inputs; made: what becomes of the
    results of a jaxpr's equations.

    0 where none is finite.
    """
    bits, exact_bits = precisions
    spread = [np.zeros(c.shape) for c in centre]
    for _ in range(CORNERS if made is None else ROUNDED_CORNERS):
        corner = [_corner(a, bits, rng) if move else a for a, move in zip(args, moves, strict=True)]
        try:
            given = [lift(c) if c.dtype.kind in "fO" else c for c in corner]
            with precision(exact_bits), watch_ties(made=made):
                results = _results(program, given)
        except Undecidable:
            continue
        with precision(exact_bits):
            distances = [_distance(r, c) for r, c in zip(results, centre, strict=True)]
        spread = [np.maximum(s, np.where(np.isfinite(d), d, 0.0)) for s, d in zip(spread, distances, strict=True)]
    return spread


def _rounding(bits: int, rng: np.random.Generator) -> Made:
    """Moves the balls that arithmetic makes by a unit of rounding, relative, up or down."""

    def rounded(value: Any, up: bool) -> Any:
        return value * (1 + arb(2) ** -bits if up else 1 - arb(2) ** -bits) if isinstance(value, arb) else value

    each = np.frompyfunc(rounded, 2, 1)

    def made(name: str, results: list[Any]) -> list[Any]:
        if name in EXACT:
            return results
        return [
            as_object_array(each(r, rng.random(r.shape) < 0.5))
            if getattr(r, "dtype", np.dtype(float)).kind == "O"
            else r
            for r in results
        ]

    return made


def _corner(x: Array, bits: int, rng: np.random.Generator) -> Array:
    signs = rng.choice([-1, 1], size=x.shape)
    moved: Callable[..., Any] = np.frompyfunc(lambda v, half, sign: Ball(arb(float(v)) + half * int(sign)), 3, 1)
    with precision(2048):  # exact
        return as_object_array(moved(x.astype(object), half_ulp(x, bits), signs))


def _distance(x: Array, y: Array) -> NDArray[np.float64]:
    distance = np.frompyfunc(lambda a, b: round_up(abs(to_arb(a) - to_arb(b)).abs_upper()), 2, 1)
    return np.asarray(distance(x, y), dtype=np.float64)
