"""The truth of every network of a stack at once: the jaxpr of `jax.grad` of the stack's cost, in midpoint–radius arrays.

Nothing is compiled: a stack of thousands of networks is enclosed in about a second. Their radii are two things at once: within them
lies the truth, and so does what any program of these operations makes of it in float64, in any order of sums. What float64 leaves
open, as |a − E| ≷ 1 where tanh comes within a rounding of 1, has a radius that says nothing, in its own network alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.midpoint_radius.array import MidRad
from oracle.balls.midpoint_radius.interpreter import evaluate
from oracle.balls.midpoint_radius.rounding import Rounding, bounding
from oracle.balls.watch import watch_ties
from oracle.judgement.verdict import allowed, right_for_sure
from oracle.verify.campaign.draw import WEIGHTS, Stack
from oracle.verify.campaign.embedding import NAMES, derivatives_of, inputs_of
from oracle.verify.campaign.subject import StackGradients
from oracle.witnesses.tracing import double_precision

Booleans = NDArray[np.bool_]

#: A radius beyond this part of the network's largest entry of its kind, and beyond this by itself, is no evidence.
SHARP, NOTHING = 2.0**-20, 2.0**-40


@dataclass(frozen=True, eq=False)
class Enclosures:
    """The cost and the derivatives of each network, shaped as `StackGradients`, by field name."""

    of: dict[str, MidRad]

    def known(self, stack: Stack) -> Booleans:
        """Which networks (K,) are enclosed so well that right is told from wrong, in all real layers."""
        real, known = real_layers(stack), np.ones(len(stack.heads), dtype=bool)
        for name in NAMES:
            midpoint, radius = self.of[name].midpoint, self.of[name].radius
            within = of_network(real, midpoint.ndim)
            size = np.max(np.where(within, np.abs(midpoint), 0.0), axis=inner(midpoint), keepdims=True)
            known &= np.all((radius <= np.maximum(SHARP * size, NOTHING)) | ~within, axis=inner(midpoint))
        return known

    def hold(self, stack: Stack, subject: StackGradients) -> Booleans:
        """Which networks (K,) are right for sure: each entry of each real layer, whatever its truth is within the radius."""
        real, right = real_layers(stack), self.known(stack)
        for name in NAMES:
            got, truth = getattr(subject, name), self.of[name]
            near = right_for_sure(got, truth.midpoint, truth.radius, truth.radius)
            right &= np.all(near | ~of_network(real, near.ndim), axis=inner(near))
        return right

    def allow(self, name: str) -> NDArray[np.float64]:
        """How far two programs may be from the truth, entry by entry, for their rounding."""
        return allowed(self.of[name].radius, np.dtype(np.float64))


def start_enclosures(stack: Stack) -> Callable[[Stack], Enclosures]:
    """enclose(stack) → Enclosures, for stacks with the same heads in the same places; traced once."""
    with double_precision():
        program = jax.make_jaxpr(derivatives_of(stack))(*inputs_of(stack))

    def enclose(stack: Stack) -> Enclosures:
        with watch_ties(), bounding(Rounding(any_order=True)):  # at a kink σ′ is what JAX takes it for
            try:
                found = evaluate(program, jax.tree.leaves(inputs_of(stack)))
            except (Undecidable, UnsupportedPrimitive):
                found = [_unknown(aval.shape) for aval in program.out_avals]
        return Enclosures(dict(zip(NAMES, found, strict=True)))

    return enclose


def _unknown(shape: tuple[int, ...]) -> MidRad:
    return MidRad(np.zeros(shape), np.full(shape, np.inf))


def real_layers(stack: Stack) -> Booleans:
    """Which layers (K, 6) are no padding."""
    return np.asarray(np.arange(WEIGHTS) >= WEIGHTS - stack.depth[:, None])


def of_network(real: Booleans, ndim: int) -> Booleans:
    """Which entries of an array (K, 6, …) are of a real layer, to be broadcast; of the costs (K,) all are."""
    return np.ones(len(real), dtype=bool) if ndim == 1 else real.reshape(*real.shape, *(1,) * (ndim - 2))


def inner(array: np.ndarray) -> tuple[int, ...]:
    """All axes but that of the networks."""
    return tuple(range(1, array.ndim))
