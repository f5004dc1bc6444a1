"""Heads: an output activation and a cost, the pair that fixes δᴸ.

δᴸ = a − E belongs to no cost alone: it is what BP1 gives for some pairs. A head holds such a pair, with BP1 in one of three forms:

chained     δᴸ = ∇ₐC ⊙ σ′(zᴸ), BP1 as it stands
jacobian    δᴸ = (∂a/∂z)ᵀ ∇ₐC, for softmax, whose outputs depend on every z of the layer
fused       the same δᴸ simplified by hand for one pair: σ′ cancels, and with it the digits that saturation costs

Functions take z, a = σ(z) and E of shape (..., n, m), n outputs, samples in columns.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from manualbp import costs, differences, domains
from manualbp.activations import ACTIVATIONS, IDENTITY, SIGMOID, SOFTPLUS, Activation
from manualbp.costs import COSTS, Cost, entropy, or_one, total
from manualbp.domains import Domain
from manualbp.special import constant, minus_abs
from manualbp.types import Array, require


@dataclass(frozen=True)
class Head:
    """The last layer's activation and the cost after it.

    sigma(z) → a; C(z, a, E) → cost of each sample, shape (..., m); delta(z, a, E) → δᴸ = ∂C/∂zᴸ of each sample.
    `a_domain` is what the cost, as this head evaluates it, asks of a: for a fused head nothing, since it works from z.
    """

    name: str
    form: str
    activation: str
    cost: Cost
    sigma: Callable[[Array], Array]
    C: Callable[[Array, Array, Array], Array]
    delta: Callable[[Array, Array, Array], Array]
    a_domain: Domain


def chained(activation: Activation, cost: Cost) -> Head:
    """The head whose δᴸ is BP1 as it stands: δᴸ = ∇ₐC ⊙ σ′(zᴸ).

    Raises ValueError where σ can leave the domain of the cost (tanh before a logarithm).
    """
    require("activation", activation, Activation, "an Activation, such as manualbp.SIGMOID")
    require("cost", cost, Cost, "a Cost, such as manualbp.QUADRATIC")
    if not reaches_only(activation, cost.a_domain):
        bracket = "[" if activation.attains_low else "("
        raise ValueError(
            f"{activation.name} with {cost.name}: the cost needs a in {cost.a_domain.words}, but {activation.name} "
            f"ranges over {bracket}{activation.low:g}, {activation.high:g}); take another activation, such as "
            f"{'sigmoid' if cost.a_domain.name == 'unit' else 'softplus'}, or manualbp.softmax"
        )

    def C(z: Array, a: Array, E: Array) -> Array:
        return cost.C(a, E)

    def delta(z: Array, a: Array, E: Array) -> Array:
        return cost.nabla_a(a, E) * activation.sigma_prime(z)  # (BP1)

    return Head(
        f"{activation.name}+{cost.name}", "chained", activation.name, cost, activation.sigma, C, delta, cost.a_domain
    )


def reaches_only(activation: Activation, domain: Domain) -> bool:
    """Whether every value of σ lies in the domain of a cost's a."""
    return domain.name in INTERVALS and activation.ranges_within(*INTERVALS[domain.name])


#: domains as open intervals; a closed end is the open one beside it
INTERVALS = {
    "real": (-math.inf, math.inf),
    "positive": (0, math.inf),
    "nonnegative": (-math.ulp(0), math.inf),
    "unit": (0, 1),
    "closed_unit": (-math.ulp(0), 1 + math.ulp(1)),
}


@np.errstate(over="ignore")  # z − max z = −∞ is right: e^−∞ = 0
@differences.corrected(differences.softmax)
def softmax_sigma(z: Array) -> Array:
    """a_j = e^(z_j) / Σ_k e^(z_k), with the largest z of the column subtracted from all, which changes no quotient."""
    xp = z.__array_namespace__()
    e = xp.exp(z - xp.max(z, axis=-2, keepdims=True))
    return e / xp.sum(e, axis=-2, keepdims=True)


def log_softmax(z: Array) -> Array:
    """ln a_j = z_j − ln Σ_k e^(z_k), finite where a_j itself has underflowed to 0."""
    xp = z.__array_namespace__()
    shifted = z - xp.max(z, axis=-2, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-2, keepdims=True))


def others(v: Array) -> Array:
    """Σ_{k≠j} v_k for each j of a column: the sum without its own term, never as a difference, which would cancel."""
    n = v.shape[-2]
    return (1 - np.eye(n, dtype=v.dtype)) @ v


def softmax(cost: Cost) -> Head:
    """Softmax before any cost, by the full Jacobian ∂a_k/∂z_j = a_k ([j = k] − a_j).

    δ_j = Σ_k ∂a_k/∂z_j ∂C/∂a_k = a_j ((1 − a_j) g_j − Σ_{k≠j} a_k g_k) with g = ∇ₐC; 1 − a_j is Σ_{k≠j} a_k.
    Raises TypeError for what is no Cost.
    """
    require("cost", cost, Cost, "a Cost, such as manualbp.QUADRATIC")

    def C(z: Array, a: Array, E: Array) -> Array:
        return cost.C(a, E)

    def delta(z: Array, a: Array, E: Array) -> Array:
        g = cost.nabla_a(a, E)
        return a * (others(a) * g - others(a * g))  # (BP1), softmax

    return Head(f"softmax+{cost.name}", "jacobian", "softmax", cost, softmax_sigma, C, delta, cost.a_domain)


def fused(
    activation: str,
    cost: Cost,
    sigma: Callable[[Array], Array],
    C: Callable[[Array, Array, Array], Array],
    delta: Callable[[Array, Array, Array], Array],
) -> Head:
    """A head whose C and δᴸ were simplified by hand for its pair."""
    return Head(f"{activation}+{cost.name}:fused", "fused", activation, cost, sigma, C, delta, domains.REAL)


# identity + quadratic


def identity_quadratic_delta(z: Array, a: Array, E: Array) -> Array:
    """δ = z − E: σ′ is 1."""
    return z - E


# sigmoid + a cost in which σ′ = a(1 − a) cancels. Throughout, 1 − a = σ(−z), and −ln a = softplus(−z).


def sigmoid_cross_entropy_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ [(1 − E) softplus(z) + E softplus(−z)]."""
    return total((1 - E) * SOFTPLUS.sigma(z) + E * SOFTPLUS.sigma(-z))


@differences.corrected(differences.sigmoid_error)
def sigmoid_cross_entropy_delta(z: Array, a: Array, E: Array) -> Array:
    """δ = a − E, written (1 − E) σ(z) − E σ(−z), which keeps its digits where a rounds to E = 1."""
    return (1 - E) * a - E * SIGMOID.sigma(-z)


def sigmoid_kullback_leibler_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ [E ln E + E softplus(−z)]."""
    return entropy(E) + total(E * SOFTPLUS.sigma(-z))


def sigmoid_categorical_cross_entropy_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ E softplus(−z)."""
    return total(E * SOFTPLUS.sigma(-z))


def sigmoid_kullback_leibler_delta(z: Array, a: Array, E: Array) -> Array:
    """δ = −(E/a) a(1 − a) = −E σ(−z)."""
    return -E * SIGMOID.sigma(-z)


def sigmoid_generalized_kullback_leibler_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ [E ln E + E softplus(−z) − E + σ(z)]."""
    return sigmoid_kullback_leibler_C(z, a, E) + total(a - E)


def sigmoid_poisson_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ [σ(z) + E softplus(−z)]."""
    return total(a + E * SOFTPLUS.sigma(-z))


def sigmoid_poisson_delta(z: Array, a: Array, E: Array) -> Array:
    """δ = ((a − E)/a) a(1 − a) = (a − E) σ(−z), with a − E written as for the cross-entropy."""
    return sigmoid_cross_entropy_delta(z, a, E) * SIGMOID.sigma(-z)


def sigmoid_hellinger_C(z: Array, a: Array, E: Array) -> Array:
    """C = (1/√2) Σ (√a − √E)², as it stands."""
    return costs.hellinger(a, E)


def sigmoid_root(z: Array) -> Array:
    """√σ(z) = h/√(1 + h²) for z ≤ 0, 1/√(1 + h²) for z > 0, h = e^(−|z|/2): a normal number twice as far out as σ(z) is."""
    xp = z.__array_namespace__()
    h = xp.exp(minus_abs(z) / 2)
    return xp.where(z > 0, constant(z, 1), h) / xp.sqrt(1 + h * h)


def sigmoid_hellinger_delta(z: Array, a: Array, E: Array) -> Array:
    """δ = √a (√a − √E) σ(−z) / √2, with √a − √E = (a − E)/(√a + √E), a − E as above, and √a = √σ(z) without passing through a."""
    xp = z.__array_namespace__()
    root = sigmoid_root(z)
    difference = sigmoid_cross_entropy_delta(z, a, E) / or_one(root + xp.sqrt(E))
    return root * difference * SIGMOID.sigma(-z) / costs.SQRT2


# softmax + a cost for which Σ_k ∂a_k/∂z_j ∂C/∂a_k collapses


def softmax_categorical_cross_entropy_C(z: Array, a: Array, E: Array) -> Array:
    """C = −Σ E ln a, with ln a from log-softmax."""
    return -total(E * log_softmax(z))


def softmax_kullback_leibler_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ E (ln E − ln a)."""
    xp = z.__array_namespace__()
    return total(E * (xp.log(or_one(E)) - log_softmax(z)))


def softmax_generalized_kullback_leibler_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ [E (ln E − ln a) − E + a]."""
    return softmax_kullback_leibler_C(z, a, E) + total(a - E)


def softmax_poisson_C(z: Array, a: Array, E: Array) -> Array:
    """C = Σ [a − E ln a]."""
    return total(a - E * log_softmax(z))


@differences.corrected(differences.softmax_error)
def softmax_logarithmic_delta(z: Array, a: Array, E: Array) -> Array:
    """δ_j = a_j Σ_k E_k − E_j, for every cost whose ∇ₐC is −E/a plus a constant.

    Written a_j Σ_{k≠j} E_k − E_j Σ_{k≠j} a_k: the term a_j E_j is in both and left out, so that a one-hot E at a saturated
    output keeps all digits. For E on the simplex this is the well-known a − E.
    """
    return a * others(E) - E * others(a)


def _fused_heads() -> tuple[Head, ...]:
    sigmoid = SIGMOID.sigma
    return (
        fused(
            "identity", costs.QUADRATIC, IDENTITY.sigma, lambda z, a, E: costs.quadratic(z, E), identity_quadratic_delta
        ),
        fused("sigmoid", costs.CROSS_ENTROPY, sigmoid, sigmoid_cross_entropy_C, sigmoid_cross_entropy_delta),
        fused("sigmoid", costs.KULLBACK_LEIBLER, sigmoid, sigmoid_kullback_leibler_C, sigmoid_kullback_leibler_delta),
        fused(
            "sigmoid",
            costs.CATEGORICAL_CROSS_ENTROPY,
            sigmoid,
            sigmoid_categorical_cross_entropy_C,
            sigmoid_kullback_leibler_delta,
        ),
        fused(
            "sigmoid",
            costs.GENERALIZED_KULLBACK_LEIBLER,
            sigmoid,
            sigmoid_generalized_kullback_leibler_C,
            sigmoid_poisson_delta,
        ),
        fused("sigmoid", costs.POISSON, sigmoid, sigmoid_poisson_C, sigmoid_poisson_delta),
        fused("sigmoid", costs.HELLINGER, sigmoid, sigmoid_hellinger_C, sigmoid_hellinger_delta),
        fused(
            "softmax",
            costs.CATEGORICAL_CROSS_ENTROPY,
            softmax_sigma,
            softmax_categorical_cross_entropy_C,
            softmax_logarithmic_delta,
        ),
        fused("softmax", costs.KULLBACK_LEIBLER, softmax_sigma, softmax_kullback_leibler_C, softmax_logarithmic_delta),
        fused(
            "softmax",
            costs.GENERALIZED_KULLBACK_LEIBLER,
            softmax_sigma,
            softmax_generalized_kullback_leibler_C,
            softmax_logarithmic_delta,
        ),
        fused("softmax", costs.POISSON, softmax_sigma, softmax_poisson_C, softmax_logarithmic_delta),
    )


def _all_heads() -> tuple[Head, ...]:
    pairs = [(s, c) for c in COSTS.values() for s in ACTIVATIONS.values() if reaches_only(s, c.a_domain)]
    return (*_fused_heads(), *(softmax(c) for c in COSTS.values()), *(chained(s, c) for s, c in pairs))


HEADS: Mapping[str, Head] = MappingProxyType({head.name: head for head in _all_heads()})

SIGMOID_CROSS_ENTROPY = HEADS["sigmoid+cross_entropy:fused"]
SOFTMAX_CATEGORICAL_CROSS_ENTROPY = HEADS["softmax+categorical_cross_entropy:fused"]
IDENTITY_QUADRATIC = HEADS["identity+quadratic:fused"]
