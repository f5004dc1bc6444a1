"""The witness of the campaign: `jax.grad` under XLA of the same forward pass, on the whole stack, with one compile.

Beside each derivative stands what rounding may cost it, to first order: the same expressions evaluated on absolute values,
carrying the error of each step to the next. It is a screen, not a proof; a sample of the cases is judged in ball arithmetic,
and so is every case that the screen does not pass.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from manualbp.activations import ACTIVATIONS
from manualbp.costs import COSTS, Cost
from manualbp.heads import HEADS, Head, softmax_sigma
from oracle.verify.campaign.draw import ACTIVATION_NAMES, IDENTITY, SAMPLES, WIDTH, Stack
from oracle.witnesses.tracing import double_precision

U = 2.0**-53
#: Roundings that one evaluation of σ, σ′ or a cost may add, in units of U.
STEP = 8.0
#: Half the step, relative to 1 + |z|, over which σ″ is taken as a difference of σ′.
BEND = 2.0**-20
#: (a, E) of a padded output of an elementwise activation, at which the cost's term is nothing (or below 1e-129).
HARMLESS = {"cross_entropy": (1e-130, 0.0), "poisson": (1e-130, 0.0)}
#: A padded output's z is this far from the others, which makes its part in a softmax, or its term of a fused cost, 1e-130.
FAR = 300.0


@dataclass(frozen=True)
class Reference:
    """Derivatives by XLA and their rounding allowances, shaped as `StackGradients`: `value`, `allowance` by field name."""

    value: dict[str, np.ndarray]
    allowance: dict[str, np.ndarray]


def compile_reference(stack: Stack) -> Callable[[Stack], Callable[[], Reference]]:
    """start(stack) → fetch() → Reference, for stacks with the same heads in the same places (the layout of `draw_stack`).

    Compiles at once. `start` returns while XLA computes, `fetch` waits for it.
    """
    groups = _cost_groups(stack)

    def derivatives(w: Any, b: Any, x: Any, expected: Any, routes: Any, outputs: Any, weight: Any) -> dict[str, Any]:
        def batch_cost(w: Any, b: Any, shift: Any) -> tuple[Any, Any]:
            per_sample = _costs(groups, w, b, shift, x, expected, routes, outputs)
            of_networks = jnp.sum(jnp.where(weight > 0, per_sample, 0.0) * weight, axis=-1)
            return jnp.sum(of_networks), of_networks

        shift = jnp.zeros((*b.shape[:3], SAMPLES))
        (_, cost), (dw, db, dshift) = jax.value_and_grad(batch_cost, (0, 1, 2), has_aux=True)(w, b, shift)
        of_sample = weight[:, None, None]
        deltas = jnp.where(of_sample > 0, dshift / jnp.where(of_sample > 0, of_sample, 1.0), 0.0)
        return {"cost": cost, "deltas": deltas, "nabla_w": dw, "nabla_b": db}

    inputs = _inputs(stack)
    deltas = np.zeros((*stack.b.shape[:3], SAMPLES))
    pool = ThreadPoolExecutor(2)
    compiled = (
        pool.submit(_compile, derivatives, *inputs),
        pool.submit(_compile, partial(_allowances, groups), deltas, *inputs),
    )
    try:
        find_derivatives, find_noise = (future.result() for future in compiled)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # an interrupt does not wait for XLA, which cannot be stopped

    def start(stack: Stack) -> Callable[[], Reference]:
        with double_precision():
            inputs = _inputs(stack)
            value = find_derivatives(*inputs)
            allowance = find_noise(value["deltas"], *inputs)
        return lambda: Reference(jax.tree.map(np.asarray, value), jax.tree.map(np.asarray, allowance))

    return start


def _compile(f: Callable[..., Any], *like: Any) -> Callable[..., Any]:
    with double_precision():
        return jax.jit(f).lower(*like).compile()


def _inputs(stack: Stack) -> tuple[Any, ...]:
    real = np.arange(SAMPLES) < stack.samples[:, None]
    kinds = np.column_stack([stack.kinds, [_kind(name) for name in stack.heads]])
    outputs = np.arange(WIDTH) < stack.sizes[:, -1, None]
    return stack.w, stack.b, stack.x, stack.expected, route(kinds), outputs, real / stack.samples[:, None]


def _cost_groups(stack: Stack) -> list[tuple[str, list[tuple[str, slice]]]]:
    """[(output form and cost, [(head, its rows)])], in the order of the stack; the chained heads of a cost are one: they differ in
    σ alone, which the last layer has applied."""
    groups: list[tuple[str, list[tuple[str, slice]]]] = []
    names = stack.heads
    starts = [k for k in range(len(names)) if k == 0 or names[k] != names[k - 1]]
    for start, stop in zip(starts, [*starts[1:], len(names)], strict=True):
        head = HEADS[names[start]]
        form = f"{'softmax' if head.activation == 'softmax' else 'elementwise'}+{head.cost.name}"
        if not groups or groups[-1][0] != form:
            groups.append((form, []))
        heads = groups[-1][1]
        if heads and head.form == HEADS[heads[-1][0]].form == "chained":
            heads[-1] = (heads[-1][0], slice(heads[-1][1].start, stop))
        else:
            heads.append((head.name, slice(start, stop)))
    return groups


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


def _costs(groups: Any, w: Any, b: Any, shift: Any, x: Any, expected: Any, routes: Any, outputs: Any) -> Any:
    """C of each sample of each network (K, 5)."""

    def layer(a: Any, parameters: Any) -> tuple[Any, Any]:
        w, b, shift, rows, back = parameters
        z = w @ a + (b + shift)
        a = routed(SIGMAS, rows, back, z)
        return a, (z, a)

    _, (zs, activations) = jax.lax.scan(layer, x, (*_layers_first(w, b, shift), *routes))
    z, a = zs[-1], activations[-1]
    per_sample = []
    for _, heads in groups:
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


def _allowances(
    groups: Any, deltas: Any, w: Any, b: Any, x: Any, expected: Any, routes: Any, outputs: Any, weight: Any
) -> dict[str, Any]:
    """First-order bounds of the rounding of every result, for the subject and the witness alike."""
    terms = WIDTH + 2

    def noisy_z(w: Any, b: Any, a: Any, da: Any) -> Any:
        return jnp.abs(w) @ da + terms * U * (jnp.abs(w) @ jnp.abs(a) + jnp.abs(b))

    def layer(carry: Any, parameters: Any) -> tuple[Any, Any]:
        a, da = carry
        w, b, rows, back = parameters
        dz = noisy_z(w, b, a, da)
        z = w @ a + b
        h = BEND * (1 + jnp.abs(z))
        nearby = jnp.concatenate([z, z + h, z - h], axis=-1)
        sigma, slope = jax.jvp(lambda z: routed(SIGMAS, rows, back, z), (nearby,), (jnp.ones_like(nearby),))
        s0, (s1, above, below) = sigma[..., :SAMPLES], jnp.split(slope, 3, axis=-1)
        s2 = (above - below) / (2 * h)
        ds = jnp.abs(s2) * dz + STEP * U * (jnp.abs(s1) + 1)  # + 1: XLA's own σ′ loses its digits where σ saturates
        ds0 = jnp.abs(s1) * dz + STEP * U * jnp.abs(s0)
        return (s0, ds0), (a, da, z, dz, s1, ds, s0, ds0)

    _, (inputs, d_inputs, zs, dzs, slopes, d_slopes, activations, d_activations) = jax.lax.scan(
        layer, (x, jnp.zeros_like(x)), (*_layers_first(w, b), *routes)
    )
    noises = []
    for form, heads in groups:
        rows = slice(heads[0][1].start, heads[-1][1].stop)
        last = (v[-1][rows] for v in (zs, dzs, slopes, d_slopes, activations, d_activations))
        noises.append(_head_noise(form, expected[rows], outputs[rows, :, None], *last))
    d_cost, d_delta = (jnp.concatenate(parts) for parts in zip(*noises, strict=True))

    real = weight[:, None, :] > 0
    d_delta = jnp.where(real, d_delta, 0.0)

    def backward(d_next: Any, parameters: Any) -> tuple[Any, Any]:
        w_next, delta_next, s1, ds = parameters
        back = jnp.swapaxes(w_next, -1, -2)
        noise = jnp.abs(back) @ (d_next + terms * U * jnp.abs(delta_next)) * jnp.abs(s1)
        noise = jnp.where(real, noise + jnp.abs(back @ delta_next) * ds, 0.0)
        return noise, noise

    _, hidden_noise = jax.lax.scan(
        backward, d_delta, (*_layers_first(w[:, 1:], deltas[:, 1:]), slopes[:-1], d_slopes[:-1]), reverse=True
    )
    noise = jnp.moveaxis(jnp.concatenate([hidden_noise, d_delta[None]]), 0, 1)
    inputs, d_inputs = jnp.moveaxis(inputs, 0, 1), jnp.moveaxis(d_inputs, 0, 1)
    of_sample = weight[:, None, None]
    sized = jnp.abs(deltas) * of_sample
    turned = lambda v: jnp.swapaxes(jnp.abs(v), -1, -2)  # noqa: E731
    return {
        "cost": jnp.sum(jnp.where(weight > 0, d_cost, 0.0) * weight, axis=-1),
        "deltas": noise,
        "nabla_w": (noise * of_sample) @ turned(inputs) + sized @ (turned(d_inputs) + terms * U * turned(inputs)),
        "nabla_b": jnp.sum(noise * of_sample + terms * U * sized, axis=-1, keepdims=True),
    }


def _kind(name: str) -> int:
    """Number of a head's output activation; softmax has none."""
    activation = HEADS[name].activation
    return ACTIVATION_NAMES.index(activation) if activation in ACTIVATION_NAMES else 0


def _head_noise(
    form: str, expected: Any, outputs: Any, z: Any, dz: Any, s1: Any, ds: Any, a: Any, da: Any
) -> tuple[Any, Any]:
    """What rounding may cost C (K, 5) and δᴸ (K, 12, 5), when δᴸ is ∇ₐC chained with σ′ or with softmax's Jacobian."""
    output_form, cost_name = form.split("+")
    cost = COSTS[cost_name]
    a_pad, e_pad = _harmless(cost)
    E = jnp.where(outputs, expected, e_pad)
    if output_form == "softmax":
        top = jnp.max(jnp.where(outputs, z, -jnp.inf), axis=1, keepdims=True)
        z = jnp.where(outputs, z, top - FAR)
        a = jnp.where(outputs, softmax_sigma(z), a_pad)
        spread = jnp.max(z, axis=1, keepdims=True) - z
        da = a * (dz + jnp.sum(jnp.where(outputs, a * dz, 0.0), axis=1, keepdims=True) + STEP * U * (1 + spread))
    else:
        a = jnp.where(outputs, a, a_pad)

    nabla = lambda a: jax.grad(lambda a: jnp.sum(cost.C(a, E)))(a)  # noqa: E731
    unit = jnp.eye(WIDTH)
    g = nabla(a)
    column = lambda e: jax.jvp(nabla, (a,), (jnp.broadcast_to(e[:, None], a.shape),))[1]  # noqa: E731
    hessian = jnp.where(outputs[None], jax.vmap(column)(unit), 0.0)  # [k, network, j, sample] = ∂g_j/∂a_k
    da = jnp.where(outputs, da, 0.0)
    shaken = da + U * jnp.where(outputs, jnp.abs(a) + jnp.abs(E), 0.0)
    dg = jnp.einsum("knjs,nks->njs", jnp.abs(hessian), shaken) + STEP * U * jnp.abs(g)
    g_size = jnp.abs(g)
    C_noise = jnp.sum(jnp.where(outputs, g_size * shaken, 0.0), axis=1) + terms_of_cost(cost, a, E)
    if output_form == "softmax":
        mean = lambda v: jnp.sum(jnp.where(outputs, a * v, 0.0), axis=1, keepdims=True)  # noqa: E731
        delta_noise = (
            a * (dg + mean(dg)) + da * g_size + a * jnp.sum(jnp.where(outputs, da * g_size, 0.0), axis=1, keepdims=True)
        )
        delta_noise = delta_noise + STEP * U * a * (g_size + mean(g_size))
        delta_noise = delta_noise + da * mean(g_size)
    else:
        delta_noise = jnp.abs(s1) * dg + g_size * ds
    return C_noise, jnp.where(outputs, delta_noise, 0.0)


def terms_of_cost(cost: Any, a: Any, E: Any) -> Any:
    """Rounding inside C itself: the size of what is added up, which may cancel (a − E ln a, E/a − ln(E/a) − 1)."""
    size = jnp.abs(a) + jnp.abs(E) + jnp.abs(E * jnp.log(jnp.abs(a) + 1e-300)) + 1
    return terms_scale(cost, a, E) * U * jnp.sum(size, axis=1)


def terms_scale(cost: Any, a: Any, E: Any) -> Any:
    """Units of U for each added term, and for the exponential the size of C, which multiplies them."""
    return STEP * (1 + jnp.abs(cost.C(a, E)))
