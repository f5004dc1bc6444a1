"""The chain rule broken at σ: σ′ missing, fed a instead of z, or another function in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

import manualbp
from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import NEARLY, enough, equals

#: σ′ as a function of a = σ(z), which is how textbooks write it and learners misapply it.
OF_A = {
    "sigmoid": ("a(1 − a)", lambda a: a * (1 - a)),
    "tanh": ("1 − a²", lambda a: (1 - a) * (1 + a)),
}
#: Units of rounding that quotients of σ's may be off by.
UNITS_OF_SIGMA = 64.0
#: Where σ′ is smaller, σ is saturated.
SATURATED = 1e-12


def broken_chain(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = truth · (something in the place of σ′(z)) / σ′(z), z being the argument."""
    for name, activation in manualbp.ACTIVATIONS.items():
        if name == "identity":
            continue
        with np.errstate(all="ignore"):
            prime = np.asarray(activation.sigma_prime(evidence.x.copy()))
            clear = np.abs(prime) > SATURATED  # a quotient by less says nothing
            rows, prime = evidence.only(clear), prime[clear]
            if not len(prime) or np.ptp(prime) == 0:
                continue
            for words, instead in _instead(name, activation, rows.x, prime):
                prediction = rows.true * (instead / prime)
                told_apart = np.abs(prediction - rows.true) > rows.slack
                growth = np.maximum(1.0, np.abs(instead / prime))
                slack = rows.allowed * growth + (rows.units_of(UNITS_OF_SIGMA) + NEARLY) * np.abs(prediction)
                if enough(rows, told_apart) and equals(rows, prediction, slack + rows.slack - rows.allowed):
                    return words.format(z=evidence.names[evidence.argnum])
    return None


def _instead(name: str, activation: manualbp.Activation, z: Floats, prime: Floats) -> Iterator[tuple[str, Floats]]:
    a = np.asarray(activation.sigma(z.copy()))
    of = f"σ = {name}"
    yield f"σ′({{z}}) is missing: it is the truth over σ′({{z}}), the derivative by σ({{z}}), {of}", np.ones_like(z)
    yield f"σ′ is taken at a = σ({{z}}) instead of {{z}}, {of}", np.asarray(activation.sigma_prime(a))
    yield f"σ′({{z}}) is there once too often: it is the truth times σ′({{z}}), {of}", prime * prime
    yield f"σ({{z}}) stands in the place of σ′({{z}}), {of}", a
    if name in OF_A:
        formula, of_a = OF_A[name]
        yield f"σ′ is written {formula}, but with {{z}} in the place of a = σ({{z}}), {of}", np.asarray(of_a(z))
        yield (
            f"σ′ is written {formula}, but with σ(a) in the place of a = σ({{z}}), {of}",
            np.asarray(of_a(activation.sigma(a))),
        )
    for other, instead in manualbp.ACTIVATIONS.items():
        if other not in (name, "identity"):
            yield f"σ′ of {other} stands in the place of σ′ of {name}", np.asarray(instead.sigma_prime(z.copy()))
