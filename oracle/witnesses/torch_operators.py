"""ATen operations in JAX that torchax has not, or has otherwise than torch: by their names.

Each is the value that torch documents, by formulas that hold for real numbers: their arithmetic is exact. Results that nobody
differentiates (pivots, ranks) are None, and cannot be used further.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from oracle.witnesses.torch_backwards import BACKWARDS
from oracle.witnesses.torch_places import PLACES


def _factors(a: Any) -> tuple[Any, Any]:
    """The LU decomposition that torch hands on, with pivots from 1."""
    decomposition, pivots, _ = jax.lax.linalg.lu(a)
    return decomposition, pivots + 1


def det(a: Any) -> Any:
    return (jnp.linalg.det(a), *_factors(a.mT))


def slogdet(a: Any) -> Any:
    return (*jnp.linalg.slogdet(a), *_factors(a.mT))


def solve(a: Any, b: Any, *, left: bool = True, check_errors: bool = False) -> Any:
    """a x = b, or x a = b; b is a vector where it has one axis less."""
    vector = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
    right = b[..., None] if vector else b
    shape = jnp.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    a, right = jnp.broadcast_to(a, (*shape, *a.shape[-2:])), jnp.broadcast_to(right, (*shape, *right.shape[-2:]))
    x = jnp.linalg.solve(a, right) if left else jnp.linalg.solve(a.mT, right.mT).mT
    return x[..., 0] if vector else x, *_factors(a), None


def lu(a: Any, *, pivot: bool = True) -> Any:
    if not pivot:
        raise NotImplementedError("an LU decomposition without pivots")
    return jax.scipy.linalg.lu(a)


def lstsq(a: Any, b: Any, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """The least squares solution for columns that are independent, by a = QR; for a wide matrix the smallest one."""
    if a.shape[-2] >= a.shape[-1]:
        q, r = jnp.linalg.qr(a)
        return jnp.linalg.solve(r, q.mT @ b), None, None, None
    q, r = jnp.linalg.qr(a.mT)
    return q @ jnp.linalg.solve(r.mT, b), None, None, None


def householder_product(a: Any, tau: Any) -> Any:
    """The first columns of H₁H₂…, where Hₖ = I − τₖ v vᵀ, v = (0, …, 0, 1, a below the diagonal)."""
    rows, columns = a.shape[-2:]
    q = jnp.broadcast_to(jnp.eye(rows, dtype=a.dtype)[:, :columns], a.shape)
    for k in reversed(range(tau.shape[-1])):
        v = jnp.concatenate(
            [jnp.zeros((*a.shape[:-2], k), a.dtype), jnp.ones((*a.shape[:-2], 1), a.dtype), a[..., k + 1 :, k]], -1
        )
        q = q - tau[..., k, None, None] * v[..., :, None] * (v[..., None, :] @ q)
    return q


def randomised_leaky_relu(
    x: Any, noise: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, **unused: Any
) -> Any:
    """By the mean of its slopes, where it does not train."""
    if training:
        raise NotImplementedError("rrelu while it trains: its slopes are drawn")
    return jnp.where(x >= 0, x, x * ((lower + upper) / 2))


def pair_distances(x: Any, p: float = 2.0) -> Any:
    """‖xᵢ − xⱼ‖ₚ for i < j."""
    first, second = np.triu_indices(x.shape[0], 1)
    d = jnp.abs(x[first] - x[second])
    if p == 1:
        return d.sum(-1)
    if p == 2:
        return jnp.sqrt((d * d).sum(-1))
    if p == math.inf:
        return d.max(-1)
    return (d**p).sum(-1) ** (1 / p)


def multivariate_gamma(x: Any, p: int) -> Any:
    return p * (p - 1) / 4 * math.log(math.pi) + sum(jax.scipy.special.gammaln(x - j / 2) for j in range(p))


def log_normal_distribution(x: Any) -> Any:
    """ln Φ(x) as it is, where JAX has a truncated series far on the left."""
    return jnp.log(jax.lax.erfc(-x * math.sqrt(0.5)) / 2)


def polygamma(n: int, x: Any) -> Any:
    return jax.lax.polygamma(jnp.full_like(x, n), x)


def multilabel_margin(x: Any, target: Any, reduction: int) -> Any:
    """Σ over labels j and others i of max(0, 1 − (xⱼ − xᵢ)) / C; labels end at the first −1."""
    table = np.atleast_2d(np.asarray(target))
    sums = []
    for row, labels in zip(jnp.atleast_2d(x), table, strict=True):
        count = int(np.argmax(labels < 0)) if (labels < 0).any() else labels.size
        chosen = sorted(set(labels[:count].tolist()))
        others = np.array([i for i in range(row.size) if i not in chosen], dtype=np.int64)
        terms = [jnp.maximum(0.0, 1 - (row[j] - row[others])).sum() for j in labels[:count].tolist()]
        sums.append(sum(terms, jnp.zeros((), row.dtype)) / row.size)
    loss = jnp.stack(sums)
    return _reduced(loss if np.ndim(target) > 1 else loss[0], reduction), None


def _reduced(loss: Any, reduction: int) -> Any:
    return (lambda y: y, jnp.mean, jnp.sum)[reduction](loss)


def ctc(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, zero_infinity: bool = False
) -> Any:
    """−log of the sum over all alignments of the products of their probabilities, by the forward recursion."""
    labels, starts = np.asarray(targets), np.cumsum([0, *np.asarray(target_lengths).tolist()])
    batched = log_probs if log_probs.ndim == 3 else log_probs[:, None]
    losses = []
    for n, (steps, length) in enumerate(
        zip(np.asarray(input_lengths).ravel().tolist(), np.asarray(target_lengths).ravel().tolist(), strict=True)
    ):
        own = labels[n, :length] if labels.ndim == 2 else labels[starts[n] : starts[n + 1]]
        states = [blank]
        for label in own.tolist():
            states += [label, blank]
        moves = np.eye(len(states)) + np.eye(len(states), k=1)
        for k in range(2, len(states)):
            moves[k - 2, k] = states[k] != blank and states[k] != states[k - 2]
        p = jnp.exp(batched[:steps, n][:, np.array(states)])
        alpha = p[0] * np.array([k < 2 for k in range(len(states))], dtype=float)
        for t in range(1, steps):
            alpha = (alpha @ moves) * p[t]
        losses.append(-jnp.log(alpha[-2:].sum()))
    return jnp.stack(losses) if log_probs.ndim == 3 else losses[0], None


def adaptive_max_pool(x: Any, size: Sequence[int]) -> Any:
    """The largest in windows from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉, axis by axis."""
    for axis, m in zip(range(x.ndim - len(size), x.ndim), size, strict=True):
        n = x.shape[axis]
        bounds = [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]
        x = jnp.stack([jax.lax.slice_in_dim(x, low, high, axis=axis).max(axis) for low, high in bounds], axis)
    return x, None


def fractional_max_pool(x: Any, kernel: Sequence[int], size: Sequence[int], samples: Any) -> Any:
    """The largest in windows of the kernel's size, whose beginnings are drawn."""
    axes, drawn = len(size), np.asarray(samples)
    batched = x if x.ndim == axes + 2 else x[None]
    planes = []
    for n in range(batched.shape[0]):
        for c in range(batched.shape[1]):
            plane = batched[n, c]
            for axis in range(axes):
                # torch draws for the last axis first in two dimensions, in order in three
                u = float(drawn[n, c, axes - 1 - axis if axes == 2 else axis])
                starts = _starts(plane.shape[axis], kernel[axis], size[axis], u)
                parts = [jax.lax.slice_in_dim(plane, s, s + kernel[axis], axis=axis).max(axis) for s in starts]
                plane = jnp.stack(parts, axis)
            planes.append(plane)
    found = jnp.stack(planes).reshape(*batched.shape[:2], *size)
    return found if x.ndim == axes + 2 else found[0], None


def _starts(n: int, kernel: int, m: int, u: float) -> list[int]:
    if m == 1:
        return [n - kernel]
    alpha = (n - kernel) / (m - 1)
    return [*(int((i + u) * alpha) - int(u * alpha) for i in range(m - 1)), n - kernel]


def max_unpool(x: Any, places: Any, size: Sequence[int], *unused: Any) -> Any:
    """The numbers at their places in zeros of another size; of several for one place the last."""
    axes = len(size)
    lead = x.shape[: x.ndim - axes]
    flat, at = x.reshape(-1, math.prod(x.shape[-axes:])), np.asarray(places).reshape(-1, math.prod(x.shape[-axes:]))
    rows = []
    for row, where in zip(flat, at, strict=True):
        last = {int(place): k for k, place in enumerate(where)}
        rows.append(
            jnp.zeros(math.prod(size), x.dtype).at[np.array(list(last))].set(row[np.array(list(last.values()))])
        )
    return jnp.stack(rows).reshape(*lead, *size)


def embedding_bag(
    weight: Any,
    indices: Any,
    offsets: Any,
    scale_by_frequency: bool = False,
    mode: int = 0,
    sparse: bool = False,
    weights: Any = None,
    last_offset: bool = False,
    padding: int = -1,
) -> Any:
    """Sums (mode 0), means (1) or maxima (2) of the rows of a bag."""
    where, starts = np.asarray(indices), np.asarray(offsets).tolist()
    ends = pairwise(starts if last_offset else [*starts, where.size])
    bags = []
    for low, high in ends:
        kept = np.array([k for k in range(low, high) if where[k] != padding], dtype=np.int64)
        rows = weight[where[kept]]
        rows = rows if weights is None else rows * weights[kept][:, None]
        if not kept.size:
            bags.append(jnp.zeros(weight.shape[1:], weight.dtype))
        else:
            bags.append((jnp.sum, jnp.mean, jnp.max)[mode](rows, axis=0))
    return jnp.stack(bags), None, None, None


#: Operators whose values torch makes of a short series, to single precision alone: a translation is what they approximate.
APPROXIMATED = frozenset(("polygamma",))

OWN: Mapping[str, Callable[..., Any]] = {
    **BACKWARDS,
    **PLACES,
    "_linalg_det": det,
    "_linalg_check_errors": lambda *unused, **options: None,
    "_linalg_slogdet": slogdet,
    "_linalg_solve_ex": solve,
    "linalg_lu": lu,
    "linalg_lstsq": lstsq,
    "linalg_householder_product": householder_product,
    "linalg_eigvals": jnp.linalg.eigvals,
    "linalg_eig": lambda a: jax.lax.linalg.eig(a, compute_left_eigenvectors=False, enable_eigvec_derivs=True),
    "rrelu_with_noise": randomised_leaky_relu,
    "_pdist_forward": pair_distances,
    "_safe_softmax": lambda x, dim, dtype=None: jax.nn.softmax(x, dim),  # a row that is masked out is another value
    "mvlgamma": multivariate_gamma,
    "polygamma": polygamma,
    "special_log_ndtr": log_normal_distribution,
    "multilabel_margin_loss_forward": multilabel_margin,
    "_ctc_loss": ctc,
    "adaptive_max_pool2d": adaptive_max_pool,
    "adaptive_max_pool3d": adaptive_max_pool,
    "fractional_max_pool2d": fractional_max_pool,
    "fractional_max_pool3d": fractional_max_pool,
    "max_unpool2d": max_unpool,
    "max_unpool3d": max_unpool,
    "_embedding_bag": embedding_bag,
    "_embedding_bag_forward_only": embedding_bag,
    "_is_all_true": jnp.all,
    "_is_any_true": jnp.any,
    "angle": lambda x: jnp.angle(x) if jnp.iscomplexobj(x) else jnp.where(x < 0, math.pi, 0.0).astype(x.dtype),
    "_neg_view": jnp.negative,
    "_conj": jnp.conj,
    "_conj_physical": jnp.conj,
    "resolve_conj": lambda x: x,
    "resolve_neg": lambda x: x,
}
