"""The forward pass of a whole stack, for JAX to trace: that of `manualbp`, each network's own activations and head in their places.

A padded output meets its cost with numbers that add nothing to it, or less than 1e-129.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from manualbp.activations import ACTIVATIONS
from manualbp.costs import Cost
from manualbp.heads import HEADS, Head
from oracle.verify.campaign.draw import ACTIVATION_NAMES, IDENTITY, SAMPLES, WIDTH, Stack

#: (a, E) of a padded output of an elementwise activation, at which the cost's term is nothing (or below 1e-129).
HARMLESS = {"cross_entropy": (1e-130, 0.0), "poisson": (1e-130, 0.0)}
#: A padded output's z is this far from the others, which makes its part in a softmax, or its term of a fused cost, 1e-130.
FAR = 300.0
#: The results of `derivatives_of`, as `StackGradients` calls them.
NAMES = ("cost", "deltas", "nabla_w", "nabla_b")


def derivatives_of(stack: Stack) -> Callable[..., tuple[Any, Any, Any, Any]]:
    """f(*inputs_of(stack)) → cost, deltas, nabla_w, nabla_b by `jax.grad`, for stacks with the same heads in the same places."""
    heads = _heads_of(stack)

    def derivatives(w: Any, b: Any, x: Any, expected: Any, routes: Any, outputs: Any, weight: Any) -> Any:
        def batch_cost(w: Any, b: Any, shift: Any) -> tuple[Any, Any]:
            per_sample = _costs(heads, w, b, shift, x, expected, routes, outputs)
            of_networks = jnp.sum(jnp.where(weight > 0, per_sample, 0.0) * weight, axis=-1)
            return jnp.sum(of_networks), of_networks

        shift = jnp.zeros((*b.shape[:3], SAMPLES))
        (_, cost), (dw, db, dshift) = jax.value_and_grad(batch_cost, (0, 1, 2), has_aux=True)(w, b, shift)
        of_sample = weight[:, None, None]
        deltas = jnp.where(of_sample > 0, dshift / jnp.where(of_sample > 0, of_sample, 1.0), 0.0)
        return cost, deltas, dw, db

    return derivatives


def inputs_of(stack: Stack) -> tuple[Any, ...]:
    real = np.arange(SAMPLES) < stack.samples[:, None]
    kinds = np.column_stack([stack.kinds, [_kind(name) for name in stack.heads]])
    outputs = np.arange(WIDTH) < stack.sizes[:, -1, None]
    return stack.w, stack.b, stack.x, stack.expected, route(kinds), outputs, real / stack.samples[:, None]


def _heads_of(stack: Stack) -> list[tuple[str, slice]]:
    """[(head, its rows)] in the order of the stack; the chained heads of a cost are one: they differ in σ alone, which the last
    layer has applied."""
    found: list[tuple[str, slice]] = []
    for k, name in enumerate(stack.heads):
        before = found[-1][0] if found else None
        if before is not None and (before == name or _same_cost_chained(HEADS[before], HEADS[name])):
            found[-1] = (before, slice(found[-1][1].start, k + 1))
        else:
            found.append((name, slice(k, k + 1)))
    return found


def _same_cost_chained(head: Head, other: Head) -> bool:
    return head.form == other.form == "chained" and head.cost.name == other.cost.name


def route(kinds: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """How the rows of a stack find their activations, so that each σ is evaluated on its own rows alone.

    kinds (K, 6). Returns rows, for each activation (6, as many as it has in its fullest layer): its rows, K where it has fewer;
    and back (6, K): where each row finds its result in `routed`. The identity gets none: its rows stay as they are.
    """
    K, layers = kinds.shape
    counts = np.stack([(kinds == k).sum(axis=0) for k in range(len(ACTIVATION_NAMES))])
    counts[IDENTITY] = 0
    capacity = counts.max(axis=1)
    starts = np.cumsum([0, *capacity])
    rows = tuple(np.full((layers, c), K) for c in capacity)
    back = np.tile(starts[-1] + np.arange(K), (layers, 1))
    for i in range(layers):
        for k in range(len(ACTIVATION_NAMES)):
            if k != IDENTITY:
                mine = np.flatnonzero(kinds[:, i] == k)
                rows[k][i, : len(mine)] = mine
                back[i, mine] = starts[k] + np.arange(len(mine))
    return rows, back


def routed(fs: Sequence[Callable[[Any], Any]], rows: Any, back: Any, z: Any) -> Any:
    """f of each row's own activation, z where that is the identity."""
    sent = jnp.concatenate([z, jnp.full((1, *z.shape[1:]), 0.5)])
    return jnp.concatenate([*(f(sent[mine]) for f, mine in zip(fs, rows, strict=True) if mine.size), z])[back]


SIGMAS = tuple(activation.sigma for activation in ACTIVATIONS.values())


def _layers_first(*arrays: Any) -> tuple[Any, ...]:
    return tuple(jnp.moveaxis(v, 1, 0) for v in arrays)


def _costs(heads: Any, w: Any, b: Any, shift: Any, x: Any, expected: Any, routes: Any, outputs: Any) -> Any:
    """C of each sample of each network (K, 5)."""

    def layer(a: Any, parameters: Any) -> tuple[Any, Any]:
        w, b, shift, rows, back = parameters
        z = w @ a + (b + shift)
        a = routed(SIGMAS, rows, back, z)
        return a, (z, a)

    _, (zs, activations) = jax.lax.scan(layer, x, (*_layers_first(w, b, shift), *routes))
    z, a = zs[-1], activations[-1]
    per_sample = []
    for name, rows in heads:
        head, real = HEADS[name], outputs[rows, :, None]
        z_head, E = _padded(head, z[rows], expected[rows], real)
        if head.form == "chained":
            C = head.cost.C(jnp.where(real, a[rows], _harmless(head.cost)[0]), E)
        else:
            a_head = head.sigma(z_head)
            a_head = jnp.where(real, a_head, _harmless(head.cost)[0]) if head.form == "jacobian" else a_head
            C = head.C(z_head, a_head, E)
        per_sample.append(C)
    return jnp.concatenate(per_sample)


def _harmless(cost: Cost) -> tuple[float, float]:
    return HARMLESS.get(cost.name, (1.0, 1.0))


def _padded(head: Head, z: Any, E: Any, outputs: Any) -> tuple[Any, Any]:
    """z and E with harmless numbers at the padded outputs."""
    a_pad, e_pad = _harmless(head.cost)
    if head.activation == "softmax":
        top = jax.lax.stop_gradient(jnp.max(jnp.where(outputs, z, -jnp.inf), axis=1, keepdims=True))
        return jnp.where(outputs, z, top - FAR), jnp.where(outputs, E, 0.0 if head.form == "fused" else e_pad)
    z_pad = 1.0 if head.activation == "identity" else FAR if a_pad == 1.0 else -FAR  # a fused head works from z
    return jnp.where(outputs, z, z_pad), jnp.where(outputs, E, e_pad)


def _kind(name: str) -> int:
    """Number of a head's output activation; softmax has none."""
    activation = HEADS[name].activation
    return ACTIVATION_NAMES.index(activation) if activation in ACTIVATION_NAMES else 0
