"""The costs: C of one sample and its gradient ∇ₐC, with the domains of a and E.

Every function takes a and E of shape (..., n, m): n outputs, samples are columns. C has shape (..., m), one number a
sample; ∇ₐC has the shape of a. Proofs: `proofs/`, one page a cost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from manualbp import domains
from manualbp.domains import Domain
from manualbp.special import constant
from manualbp.types import Array, require_number

SQRT2 = 2**0.5


@dataclass(frozen=True)
class Cost:
    """A cost C(a, E) of one sample, and ∇ₐC derived by hand."""

    name: str
    C: Callable[[Array, Array], Array]
    nabla_a: Callable[[Array, Array], Array]
    a_domain: Domain
    e_domain: Domain
    parameters: Mapping[str, float] = field(default_factory=dict)


def total(terms: Array) -> Array:
    """Σ_j over the outputs of each sample: (..., n, m) → (..., m)."""
    return terms.sum(axis=-2)


def or_one(E: Array) -> Array:
    """E where it is positive, else 1: then E ln E is 0 at E = 0, its limit."""
    return E.__array_namespace__().where(E > 0, E, constant(E, 1))


def entropy(E: Array) -> Array:
    """Σ E ln E, with 0 ln 0 = 0: what the divergences share, and no derivative sees."""
    xp = E.__array_namespace__()
    return total(E * xp.log(or_one(E)))


def quadratic(a: Array, E: Array) -> Array:
    """C = ½ Σ (a − E)²; a and E real."""
    return total((a - E) ** 2) * 0.5


def quadratic_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = a − E."""
    return a - E


def cross_entropy(a: Array, E: Array) -> Array:
    """C = −Σ [E ln a + (1 − E) ln(1 − a)]; a in (0, 1), E in [0, 1]."""
    xp = a.__array_namespace__()
    return -total(E * xp.log(a) + (1 - E) * xp.log1p(-a))


def cross_entropy_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = (a − E) / (a (1 − a))."""
    return (a - E) / (a * (1 - a))


def hellinger(a: Array, E: Array) -> Array:
    """C = (1/√2) Σ (√a − √E)²; a > 0, E ≥ 0."""
    xp = a.__array_namespace__()
    return total((xp.sqrt(a) - xp.sqrt(E)) ** 2) / SQRT2


def hellinger_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = (√a − √E) / (√2 √a)."""
    xp = a.__array_namespace__()
    return (xp.sqrt(a) - xp.sqrt(E)) / (SQRT2 * xp.sqrt(a))


def kullback_leibler(a: Array, E: Array) -> Array:
    """C = Σ E ln(E / a); a > 0, E ≥ 0, and 0 ln 0 = 0."""
    xp = a.__array_namespace__()
    return total(E * xp.log(xp.where(E > 0, E, a) / a))  # ln 1 where E is 0, however small a is


def kullback_leibler_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = −E / a."""
    return -E / a


def generalized_kullback_leibler(a: Array, E: Array) -> Array:
    """C = Σ [E ln(E / a) − E + a]; a > 0, E ≥ 0."""
    return kullback_leibler(a, E) + total(a - E)


def generalized_kullback_leibler_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = (a − E) / a."""
    return (a - E) / a


def itakura_saito(a: Array, E: Array) -> Array:
    """C = Σ [E / a − ln(E / a) − 1]; a > 0, E > 0."""
    xp = a.__array_namespace__()
    return total(E / a - xp.log(E / a) - 1)


def itakura_saito_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = (a − E) / a², divided twice so that a² cannot underflow."""
    return (a - E) / a / a


def categorical_cross_entropy(a: Array, E: Array) -> Array:
    """C = −Σ E ln a; a > 0, E on the closed simplex."""
    xp = a.__array_namespace__()
    return -total(E * xp.log(a))


def categorical_cross_entropy_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = −E / a."""
    return -E / a


def log_cosh(a: Array, E: Array) -> Array:
    """C = Σ ln cosh r, r = a − E: ½ ln(1 + sinh² r) for |r| < 1, else |r| + ln(1 + (e^(−2|r|) − 1)/2), which cannot overflow."""
    xp = a.__array_namespace__()
    r = a - E
    size = xp.where(r > 0, r, -r)
    small, large = xp.where(size < 1, r, constant(r, 0)), xp.where(size < 1, constant(r, 1), size)
    return total(xp.where(size < 1, 0.5 * xp.log1p(xp.sinh(small) ** 2), large + xp.log1p(0.5 * xp.expm1(-2 * large))))


def log_cosh_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = tanh(a − E)."""
    return a.__array_namespace__().tanh(a - E)


def squared_hinge(a: Array, E: Array) -> Array:
    """C = Σ max(0, 1 − E a)²; a real, E = ±1."""
    return total(_slack(a, E) ** 2)


def squared_hinge_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = −2 E max(0, 1 − E a)."""
    return -2 * E * _slack(a, E)


def _slack(a: Array, E: Array) -> Array:
    """max(0, 1 − E a): by how much a misses the margin."""
    margin = E * a
    return a.__array_namespace__().where(margin < 1, 1 - margin, constant(margin, 0))


def poisson(a: Array, E: Array) -> Array:
    """C = Σ (a − E ln a); a > 0, E ≥ 0."""
    xp = a.__array_namespace__()
    return total(a - E * xp.log(a))


def poisson_nabla(a: Array, E: Array) -> Array:
    """∇ₐC = (a − E) / a."""
    return (a - E) / a


def exponential(tau: float = 1.0) -> Cost:
    """C = τ exp(Σ (a − E)² / τ), ∇ₐC = (2/τ)(a − E) C; a and E real, τ ≠ 0.

    Raises ValueError for a τ that is zero or not finite.
    """
    require_number("tau", tau)
    if not (tau != 0 and abs(tau) < float("inf")):
        raise ValueError(f"tau = {tau!r}: the exponential cost needs a finite tau that is not 0")
    tau = float(tau)  # a NumPy scalar would turn float32 into float64

    def C(a: Array, E: Array) -> Array:
        xp = a.__array_namespace__()
        return tau * xp.exp(total((a - E) ** 2) / tau)

    def nabla_a(a: Array, E: Array) -> Array:
        return 2 * (a - E) / tau * C(a, E)[..., None, :]

    return Cost("exponential", C, nabla_a, domains.REAL, domains.REAL, MappingProxyType({"tau": tau}))


def huber(threshold: float = 1.0) -> Cost:
    """C = Σ ½r² where |r| ≤ d, else d(|r| − ½d), with r = a − E; ∇ₐC = r, else ±d; a and E real, d > 0.

    Raises ValueError for a threshold d that is not positive and finite.
    """
    require_number("threshold", threshold)
    if not 0 < threshold < float("inf"):
        raise ValueError(f"threshold = {threshold!r}: the Huber cost needs a finite threshold > 0")
    threshold = float(threshold)  # a NumPy scalar would turn float32 into float64

    def C(a: Array, E: Array) -> Array:
        xp = a.__array_namespace__()
        r = a - E
        near = xp.where(abs(r) <= threshold, r, constant(r, 0))  # the square of a distant r could overflow
        return total(xp.where(abs(r) <= threshold, 0.5 * near**2, threshold * (abs(r) - 0.5 * threshold)))

    def nabla_a(a: Array, E: Array) -> Array:
        xp = a.__array_namespace__()
        r = a - E
        d = constant(r, threshold)
        return xp.where(r > d, d, xp.where(r < -d, -d, r))

    return Cost("huber", C, nabla_a, domains.REAL, domains.REAL, MappingProxyType({"threshold": threshold}))


QUADRATIC = Cost("quadratic", quadratic, quadratic_nabla, domains.REAL, domains.REAL)
CROSS_ENTROPY = Cost("cross_entropy", cross_entropy, cross_entropy_nabla, domains.UNIT, domains.CLOSED_UNIT)
EXPONENTIAL = exponential(tau=1.0)
HELLINGER = Cost("hellinger", hellinger, hellinger_nabla, domains.POSITIVE, domains.NONNEGATIVE)
KULLBACK_LEIBLER = Cost(
    "kullback_leibler", kullback_leibler, kullback_leibler_nabla, domains.POSITIVE, domains.NONNEGATIVE
)
GENERALIZED_KULLBACK_LEIBLER = Cost(
    "generalized_kullback_leibler",
    generalized_kullback_leibler,
    generalized_kullback_leibler_nabla,
    domains.POSITIVE,
    domains.NONNEGATIVE,
)
ITAKURA_SAITO = Cost("itakura_saito", itakura_saito, itakura_saito_nabla, domains.POSITIVE, domains.POSITIVE)
CATEGORICAL_CROSS_ENTROPY = Cost(
    "categorical_cross_entropy",
    categorical_cross_entropy,
    categorical_cross_entropy_nabla,
    domains.POSITIVE,
    domains.CLOSED_SIMPLEX,
)
HUBER = huber(threshold=1.0)
LOG_COSH = Cost("log_cosh", log_cosh, log_cosh_nabla, domains.REAL, domains.REAL)
SQUARED_HINGE = Cost("squared_hinge", squared_hinge, squared_hinge_nabla, domains.REAL, domains.SIGN)
POISSON = Cost("poisson", poisson, poisson_nabla, domains.POSITIVE, domains.NONNEGATIVE)

COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        cost.name: cost
        for cost in (
            QUADRATIC,
            CROSS_ENTROPY,
            EXPONENTIAL,
            HELLINGER,
            KULLBACK_LEIBLER,
            GENERALIZED_KULLBACK_LEIBLER,
            ITAKURA_SAITO,
            CATEGORICAL_CROSS_ENTROPY,
            HUBER,
            LOG_COSH,
            SQUARED_HINGE,
            POISSON,
        )
    }
)
