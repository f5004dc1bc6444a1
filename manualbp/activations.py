"""Activations: σ and its derivative σ′, as functions of z.

Each formula is written once and runs on NumPy arrays, on JAX arrays (autodiff differentiates σ) and on balls' arrays.
Each holds at every magnitude, which is why many are written with e^−|z|: it cannot overflow, and where branches meet,
at z = 0, autodiff finds the true derivative. Where e^z would be subnormal though z e^z is not, h = e^(−|z|/2) serves
twice. On NumPy's floats every σ and σ′ is within 8 eps of the truth, relatively, wherever that is a normal number.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from manualbp import coefficients, compensated
from manualbp.special import carefully, constant, erfc, is_numpy_float, minus_abs
from manualbp.types import Array

LEAKY_SLOPE = 0.01
SELU_LAMBDA = 1.0507009873554804934193349852946  # the doubles nearest to Klambauer et al.'s fixed point
SELU_ALPHA = 1.6732632423543772848170429916717


@dataclass(frozen=True)
class Activation:
    """σ and σ′ of one activation, both elementwise: an array of z in, a fresh array of its shape and dtype out.

    low < σ(z) < high for every real z, except that σ(z) = low is reached if `attains_low`.
    kinks: where σ has no derivative; `convention` says what σ′ is there.
    """

    name: str
    sigma: Callable[[Array], Array]
    sigma_prime: Callable[[Array], Array]
    low: float
    high: float
    attains_low: bool = False
    kinks: tuple[float, ...] = ()
    convention: str = ""

    def ranges_within(self, low: float, high: float) -> bool:
        """Whether every σ(z) lies in the open interval (low, high)."""
        return (low < self.low or (low == self.low and not self.attains_low)) and self.high <= high


def identity(z: Array) -> Array:
    """z"""
    return 1 * z


def identity_prime(z: Array) -> Array:
    """1"""
    return constant(z, 1) + z.__array_namespace__().zeros_like(z)


@np.errstate(over="ignore")  # e^−z = ∞ is right: 1/(1 + ∞) = 0
def sigmoid(z: Array) -> Array:
    """1/(1 + e^−z)

    Smooth as it stands: no branch for autodiff or balls to meet. Autodiff alone pays for it, in floating point:
    where e^−2z overflows it says 0, and where e^−z does (z < −709 in float64, z < −88 in float32) NaN.
    """
    xp = z.__array_namespace__()
    return 1 / (1 + xp.exp(-z))


def sigmoid_prime(z: Array) -> Array:
    """e/(1 + e)² with e = e^−|z|: σ′ is even. (a(1 − a) would lose every digit as a → 1.)"""
    xp = z.__array_namespace__()
    e = xp.exp(-xp.abs(z))
    return e / (1 + e) ** 2


def tanh(z: Array) -> Array:
    """tanh z = (e^z − e^−z)/(e^z + e^−z)"""
    return z.__array_namespace__().tanh(z)


@np.errstate(over="ignore")  # −2|z| = −∞ is right: e = 0
def tanh_prime(z: Array) -> Array:
    """4e/(1 + e)² with e = e^−2|z|. (1 − a² would lose every digit as |a| → 1.)"""
    xp = z.__array_namespace__()
    e = xp.exp(-2 * xp.abs(z))
    return 4 * e / (1 + e) ** 2


def relu(z: Array) -> Array:
    """z for z > 0, else 0"""
    return z.__array_namespace__().where(z <= 0, constant(z, 0), z)


def relu_prime(z: Array) -> Array:
    """1 for z > 0, else 0"""
    return z.__array_namespace__().where(z > 0, constant(z, 1), constant(z, 0))


def leaky_relu(z: Array) -> Array:
    """z for z > 0, else 0.01 z"""
    return z.__array_namespace__().where(z > 0, z, LEAKY_SLOPE * z)


def leaky_relu_prime(z: Array) -> Array:
    """1 for z > 0, else 0.01"""
    return z.__array_namespace__().where(z > 0, constant(z, 1), constant(z, LEAKY_SLOPE))


def elu(z: Array) -> Array:
    """z for z > 0, else e^z − 1 (Clevert, Unterthiner, Hochreiter 2015, α = 1)"""
    xp = z.__array_namespace__()
    return xp.where(z > 0, z, xp.expm1(minus_abs(z)))


def elu_prime(z: Array) -> Array:
    """1 for z > 0, else e^z"""
    xp = z.__array_namespace__()
    return xp.where(z > 0, constant(z, 1), xp.exp(minus_abs(z)))


@np.errstate(over="ignore")  # λ > 1: the largest floats have no λz
def selu(z: Array) -> Array:
    """λz for z > 0, else λα(e^z − 1) (Klambauer et al. 2017)"""
    xp = z.__array_namespace__()
    return SELU_LAMBDA * xp.where(z > 0, z, SELU_ALPHA * xp.expm1(minus_abs(z)))


def selu_prime(z: Array) -> Array:
    """λ for z > 0, else λα e^z"""
    xp = z.__array_namespace__()
    return SELU_LAMBDA * xp.where(z > 0, constant(z, 1), SELU_ALPHA * xp.exp(minus_abs(z)))


def softplus(z: Array) -> Array:
    """ln(1 + e^z) = max(z, 0) + ln(1 + e^−|z|)"""
    xp = z.__array_namespace__()
    return relu(z) + xp.log1p(xp.exp(minus_abs(z)))


@carefully(limits=(0, math.inf))
def silu(z: Array) -> Array:
    """z/(1 + e^−z) (Elfwing, Uchibe, Doya 2017; "swish")"""
    xp = z.__array_namespace__()
    h = xp.exp(minus_abs(z) / 2)
    return xp.where(z > 0, z, z * h * h) / (1 + h * h)


@carefully(limits=(0, 1))
def silu_prime(z: Array) -> Array:
    """(1 + e + ze)/(1 + e)² with e = e^−z for z > 0; e(1 + e + z)/(1 + e)² with e = e^z for z ≤ 0"""
    xp = z.__array_namespace__()
    h = xp.exp(minus_abs(z) / 2)
    e = h * h
    slope = xp.where(z > 0, 1 + e + h * z * h, h * (h * (1 + e) + h * z)) / (1 + e) ** 2
    return compensated.near_root(z, coefficients.SILU_PRIME_ROOT, slope) if is_numpy_float(z) else slope


@carefully(limits=(0, math.inf), instead=compensated.gelu)
def gelu(z: Array) -> Array:
    """z Φ(z), Φ(z) = ½ erfc(−z/√2) the normal distribution function (Hendrycks & Gimpel 2016)"""
    return z * normal_distribution(z)


@carefully(limits=(0, 1), instead=compensated.gelu_prime)
def gelu_prime(z: Array) -> Array:
    """Φ(z) + z φ(z), φ(z) = e^(−z²/2)/√(2π) the normal density"""
    xp = z.__array_namespace__()
    two_pi = 8 * xp.atan(constant(z, 1))
    return normal_distribution(z) + z * xp.exp(-z * z / 2) / xp.sqrt(two_pi)


def normal_distribution(z: Array) -> Array:
    return erfc(-z / z.__array_namespace__().sqrt(constant(z, 2))) / 2


@carefully(limits=(0, math.inf), instead=compensated.gelu_tanh)
def gelu_tanh(z: Array) -> Array:
    """½ z (1 + tanh(w/2)) = z/(1 + e^−w), w = 2√(2/π) (z + 0.044715 z³): the tanh form of gelu"""
    xp = z.__array_namespace__()
    h = xp.exp(gelu_tanh_exponent(minus_abs(z)) / 2)
    return xp.where(z > 0, z, z * h * h) / (1 + h * h)


@carefully(limits=(0, 1), instead=compensated.gelu_tanh_prime)
def gelu_tanh_prime(z: Array) -> Array:
    """As silu′, with w for the exponent: (1 + e + z w′ e)/(1 + e)² for z > 0, e(1 + e + z w′)/(1 + e)² for z ≤ 0"""
    xp = z.__array_namespace__()
    e = xp.exp(gelu_tanh_exponent(minus_abs(z)))
    z_w_prime = z * two_root_two_over_pi(z) * (1 + 3 * 44715 * z * z / 10**6)
    return xp.where(z > 0, 1 + e + z_w_prime * e, e * (1 + e + z_w_prime)) / (1 + e) ** 2


def gelu_tanh_exponent(z: Array) -> Array:
    """w, an odd function of z."""
    return two_root_two_over_pi(z) * (z + 44715 * z * z * z / 10**6)


def two_root_two_over_pi(z: Array) -> Array:
    """2√(2/π), with π = 4 arctan 1 to the precision of z's arithmetic."""
    xp = z.__array_namespace__()
    return xp.sqrt(2 / xp.atan(constant(z, 1)))


@carefully(limits=(0, math.inf))
def mish(z: Array) -> Array:
    """z tanh(ln(1 + e^z)) (Misra 2019), the tanh as a quotient: (e² + 2e)/(e² + 2e + 2) with e = e^z"""
    xp = z.__array_namespace__()
    h = xp.exp(minus_abs(z) / 2)
    e = h * h
    return xp.where(z > 0, z * (1 + 2 * e) / (1 + 2 * e + 2 * e * e), z * h * (e + 2) / (2 + 2 * e + e * e) * h)


@carefully(limits=(0, 1))
def mish_prime(z: Array) -> Array:
    """e^z ω/δ², ω = 4(z + 1) + (4z + 6)e^z + 4e^2z + e^3z, δ = e^2z + 2e^z + 2; for z > 0 divided through by e^4z"""
    xp = z.__array_namespace__()
    h = xp.exp(minus_abs(z) / 2)
    e = h * h
    right = (1 + e * (4 + e * (6 + 4 * e)) + 4 * (h * z * h) * e * (1 + e)) / (1 + 2 * e + 2 * e * e) ** 2
    left = h * (h * (4 + e * (6 + e * (4 + e))) + 4 * (h * z) * (1 + e)) / (2 + 2 * e + e * e) ** 2
    slope = xp.where(z > 0, right, left)
    return compensated.near_root(z, coefficients.MISH_PRIME_ROOT, slope) if is_numpy_float(z) else slope


@carefully(limits=(-1, 1))
def softsign(z: Array) -> Array:
    """z/(1 + |z|)"""
    return z / (1 + z.__array_namespace__().abs(z))


def softsign_prime(z: Array) -> Array:
    """(1/(1 + |z|))²"""
    return (1 / (1 + z.__array_namespace__().abs(z))) ** 2


def arctan(z: Array) -> Array:
    """arctan z"""
    return z.__array_namespace__().atan(z)


@np.errstate(over="ignore")  # z² = ∞ is right: 1/(1 + ∞) = 0
def arctan_prime(z: Array) -> Array:
    """1/(1 + z²)"""
    return 1 / (1 + z * z)


IDENTITY = Activation("identity", identity, identity_prime, -math.inf, math.inf)
SIGMOID = Activation("sigmoid", sigmoid, sigmoid_prime, 0, 1)
TANH = Activation("tanh", tanh, tanh_prime, -1, 1)
RELU = Activation(
    "relu", relu, relu_prime, 0, math.inf, attains_low=True, kinks=(0.0,), convention="σ′(0) = 0, as for z < 0."
)
LEAKY_RELU = Activation(
    "leaky_relu",
    leaky_relu,
    leaky_relu_prime,
    -math.inf,
    math.inf,
    kinks=(0.0,),
    convention="σ′(0) = 0.01, as for z < 0.",
)
ELU = Activation("elu", elu, elu_prime, -1, math.inf)
SELU = Activation(
    "selu", selu, selu_prime, -1.7580993408473768, math.inf, kinks=(0.0,), convention="σ′(0) = λα, as for z < 0."
)
SOFTPLUS = Activation("softplus", softplus, sigmoid, 0, math.inf)
SILU = Activation("silu", silu, silu_prime, -0.2784645427610738, math.inf)
GELU = Activation("gelu", gelu, gelu_prime, -0.16997120747990369, math.inf)
GELU_TANH = Activation("gelu_tanh", gelu_tanh, gelu_tanh_prime, -0.17004075057125406, math.inf)
MISH = Activation("mish", mish, mish_prime, -0.30884341301725043, math.inf)
SOFTSIGN = Activation("softsign", softsign, softsign_prime, -1, 1)
ARCTAN = Activation("arctan", arctan, arctan_prime, -1.5707963267948968, 1.5707963267948968)

#: every activation, by name
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        activation.name: activation
        for activation in (
            IDENTITY,
            SIGMOID,
            TANH,
            RELU,
            LEAKY_RELU,
            ELU,
            SELU,
            SOFTPLUS,
            SILU,
            GELU,
            GELU_TANH,
            MISH,
            SOFTSIGN,
            ARCTAN,
        )
    }
)
