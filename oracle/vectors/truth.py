"""The truth of a question: every result enclosed, rounded once, and what the arithmetic of the dtype may cost it.

The gradient is that of the sum of the samples' costs by weights, biases and a shift of every z, whose derivative is δ. It comes
from `oracle.witnesses.certified`. Where a branch is tied that is a one-sided difference in balls; the jaxpr of `jax.grad`, whose
exact numbers can be rounded, is then taken if the differences confirm it. A number is rounded only where both ends of its enclosure
round to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_UP, Context, Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp import ACTIVATIONS, Network
from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import as_object_array, lift, lift_arb, precision
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import evaluate
from oracle.judgement.verdict import SLACK
from oracle.vectors.formats import Format, round_dyadic
from oracle.vectors.judgement import UNDERFLOWS
from oracle.vectors.own_rules import by_own_rules
from oracle.vectors.record import Answer, Question, head_with
from oracle.verify.case import Case
from oracle.verify.examine import at_kink, value_enclosure
from oracle.witnesses import Enclosure, Traced, certified, trace
from oracle.witnesses.enclosure import derivative

Array = NDArray[Any]
#: The forward pass runs at this many bits, and the jaxpr of the gradient at a tie; what that leaves open makes no vector.
BITS = 3200
THREE_DIGITS = Context(prec=3, rounding=ROUND_UP)


class Unfit(ArithmeticError):
    """A question that makes no vector: on a kink, out of the format's range, or where nothing is known about rounding."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A result before it is rounded: its enclosure divided by `m`, and what rounding may cost the undivided."""

    enclosure: Enclosure
    cost: NDArray[np.float64]
    m: int = 1


def truth_of(question: Question) -> tuple[Answer, Answer, bool]:
    """(truth, allowance, whether a branch is tied). Raises Unfit, Undecidable."""
    L, m, fmt = len(question.weights), question.samples, question.format
    if at_kink(Case(question.network(), question.x.astype(np.float64), question.expected.astype(np.float64))):
        raise Unfit(f"{question.id}: some z lies on a kink, where more than one answer is right")
    weights = tuple(map(float, question.sample_weights)) if question.sample_weights is not None else ()
    asked = question.head, tuple(question.parameters.items()), question.hidden, question.sizes, m
    record, args = traced_cost(*asked, weights, question.l2), arguments(question)
    noise = rounding_allowance(
        gradient_by_own_rules(record), args, fmt.bits, fixed=(3 * L, 3 * L + 1), on_the_way=False
    )
    found, tied = derivatives(record, args)
    divisors = (m,) * (2 * L) + (1,) * L
    cost = Measured(value_enclosure(record, args), np.asarray(noise[0]), m)
    gradients = [Measured(*parts) for parts in zip(found, noise[1:], divisors, strict=True)]
    forward = forward_pass(question, args)
    layers = {
        "activations": forward,
        "nabla_w": gradients[:L],
        "nabla_b": gradients[L : 2 * L],
        "deltas": gradients[2 * L :],
    }
    truth = {field: tuple(correctly_rounded(v, fmt) for v in values) for field, values in layers.items()}
    allowance = {field: tuple(allowed(v, fmt) for v in values) for field, values in layers.items()}
    return Answer(cost=correctly_rounded(cost, fmt), **truth), Answer(cost=allowed(cost, fmt), **allowance), tied


def arguments(question: Question) -> tuple[NDArray[np.float64], ...]:
    """Weights, biases, shifts of every z (zero), x and E: what the cost is a function of."""
    shifts = tuple(np.zeros((w.shape[0], question.samples)) for w in question.weights)
    exact = [np.asarray(v).astype(np.float64) for v in (*question.weights, *question.biases)]
    return (*exact, *shifts, question.x.astype(np.float64), question.expected.astype(np.float64))


@lru_cache(maxsize=64)
def traced_cost(
    head: str,
    parameters: tuple[tuple[str, float], ...],
    hidden: tuple[str, ...],
    sizes: tuple[int, ...],
    m: int,
    sample_weights: tuple[float, ...] = (),
    l2: float = 0.0,
) -> Traced:
    """The summed cost of a batch as a function of `arguments`, and its gradient by all but x and E; the same for every dtype."""
    L = len(sizes) - 1
    record, activations = head_with(head, dict(parameters)), tuple(ACTIVATIONS[name] for name in hidden)

    def total(*args: Any) -> Any:
        weights, biases, shifts, (x, E) = args[:L], args[L : 2 * L], args[2 * L : 3 * L], args[3 * L :]
        net = Network(weights, tuple(b + s for b, s in zip(biases, shifts, strict=True)), activations, record)
        z, a = manualbp.forward(net, x)
        xp = x.__array_namespace__()
        each = record.C(z[-1], a[-1], E)
        if sample_weights:
            each = each * xp.asarray(np.array(sample_weights))
        found = xp.sum(each)
        return found + m * l2 / 2 * sum(xp.sum(w * w) for w in weights) if l2 else found

    widths = list(zip(sizes[1:], sizes[:-1], strict=True))
    shapes = [*widths, *((n, 1) for n, _ in widths), *((n, m) for n, _ in widths), (sizes[0], m), (sizes[-1], m)]
    return trace(total, [np.zeros(shape) for shape in shapes], range(3 * L))


@lru_cache(maxsize=64)
def gradient_by_own_rules(record: Traced) -> Any:
    """The jaxpr of that gradient, whatever JAX is installed."""
    return trace(by_own_rules(record.value), [np.zeros(shape) for shape in record.shapes], record.argnums).gradient


def derivatives(record: Traced, args: tuple[Array, ...]) -> tuple[tuple[Enclosure, ...], bool]:
    """Certified, and whether by differences; then the numbers of the jaxpr if these confirm them. Raises Unfit at a kink."""
    found = certified(record, args, record.argnums)
    if any(e.kink.any() for e in found):
        raise Unfit("the cost has a kink here")
    if all(e.rigorous.all() for e in found):
        return found, False
    with precision(BITS):
        _, *gradients = evaluate(record.gradient, args)
        confirmed = tuple(derivative(as_object_array(g), rigorous=True, bits=BITS) for g in gradients)
        meet = np.frompyfunc(lambda v, w: bool(v.overlaps(w)), 2, 1)
        agree = all(np.all(meet(v.lower, w.lower)) for v, w in zip(confirmed, found, strict=True))
    return (confirmed if agree else found), True


def forward_pass(question: Question, args: tuple[Array, ...]) -> list[Measured]:
    """a² … aᴸ"""
    L = len(question.weights)
    net = question.network()

    def program(*given: Any) -> tuple[Any, ...]:
        _, a = manualbp.forward(Network(given[:L], given[L : 2 * L], net.activations, net.head), given[-1])
        return a[1:]

    inputs = (*args[: 2 * L], args[3 * L])
    noise = rounding_allowance(program, inputs, question.format.bits, fixed=(2 * L,), on_the_way=False)
    with precision(BITS):
        balls = program(*map(lift, inputs))
    enclosures = [derivative(lift_arb(as_object_array(a)), rigorous=True, bits=BITS) for a in balls]
    return [Measured(e, n) for e, n in zip(enclosures, noise, strict=True)]


def correctly_rounded(result: Measured, fmt: Format) -> Array:
    """The numbers of the format nearest to the exact ones.

    Raises Undecidable where an enclosure spans two, Unfit where one is out of range.
    """
    e = result.enclosure
    with precision(e.bits + 64):
        nearest: Callable[..., Any] = np.frompyfunc(lambda low, high: _nearest(low, high, result.m, fmt), 2, 1)
        values = np.asarray(nearest(e.lower, e.upper), dtype=np.float64)
    if not np.isfinite(values).all():
        raise Unfit(f"a result is beyond the range of {fmt.name}")
    return values.astype(fmt.dtype)


def _nearest(low: Any, high: Any, m: int, fmt: Format) -> float:
    ends = {_round_end((low / m).lower(), fmt), _round_end((high / m).upper(), fmt)}
    if len(ends) > 1:
        raise Undecidable(f"rounding to {fmt.name}: {low} to {high}, divided by {m}")
    return ends.pop()


def _round_end(end: Any, fmt: Format) -> float:
    if not end.is_finite():
        raise Undecidable(f"rounding to {fmt.name}: {end}")
    mantissa, exponent = end.man_exp()
    return round_dyadic(int(mantissa), int(exponent), fmt) + 0.0  # −0 + 0 is 0


def allowed(result: Measured, fmt: Format) -> NDArray[np.float64]:
    """How far a right answer may be from the truth: the measured cost with the slack of `oracle.judgement.verdict`, and
    gradual underflow.

    Three decimal digits, rounded up. Raises Unfit where nothing is known.
    """
    total = SLACK * result.cost / result.m + UNDERFLOWS * fmt.smallest
    if not np.isfinite(total).all():
        raise Unfit("nothing is known about what rounding may cost here")
    return np.asarray(np.frompyfunc(lambda v: float(THREE_DIGITS.create_decimal(Decimal(v))), 1, 1)(total), np.float64)
