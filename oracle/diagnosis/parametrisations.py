"""The derivative by another parameter than the one that is given: by ln θ, by the logit, by the variance for the deviation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import is_formula

Slope = Callable[[Floats], Floats]


def _anywhere(x: Floats) -> bool:
    return True


def _is_positive(x: Floats) -> bool:
    return bool(np.all(x >= 0) and np.any(x > 0))


def _is_of_a_unit(x: Floats) -> bool:
    return bool(np.all((x >= 0) & (x <= 1)) and np.any((x > 0) & (x < 1)))


#: u, and dx/du as a function of x, where every x that was tried may be so written.
PARAMETERS: Sequence[tuple[str, str, Slope, Callable[[Floats], bool]]] = (
    ("the logit of {x}", "{x}(1 − {x})", lambda x: x * (1 - x), _is_of_a_unit),
    ("ln {x}", "{x}", lambda x: x, _is_positive),
    ("{x}²", "1/(2·{x})", lambda x: 1 / (2 * x), _is_positive),
    ("ρ with {x} = ln(1 + e^ρ)", "1 − e^−{x}", lambda x: -np.expm1(-x), _is_positive),
    ("√{x}", "2·√{x}", lambda x: 2 * np.sqrt(x), _is_positive),
    ("1/{x}", "−{x}²", lambda x: -x * x, _is_positive),
    ("1/{x}²", "−{x}³/2", lambda x: -(x**3) / 2, _is_positive),
    ("e^{x}", "e^−{x}", lambda x: np.exp(-x), _anywhere),
    ("e^(2·{x})", "e^(−2·{x})/2", lambda x: np.exp(-2 * x) / 2, _anywhere),
    ("e^−{x}", "−e^{x}", lambda x: -np.exp(x), _anywhere),
    ("ln(1 + e^{x})", "1 + e^−{x}", lambda x: 1 + np.exp(-x), _anywhere),
    ("artanh {x}", "1 − {x}²", lambda x: (1 - x) * (1 + x), lambda x: bool(np.all(np.abs(x) <= 1))),
)


def by_another_parameter(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = truth · dx/du: the derivative by u(x) in the place of the one by x."""
    x, name = evidence.x, evidence.names[evidence.argnum]
    if _is_positive(x) and is_formula(whole := evidence.whole(), _by_logits(whole)):
        return f"It is the derivative by the logits of which {name} is the softmax, in the place of the one by {name}"
    for words, factor, slope, may_be in PARAMETERS:
        if not may_be(x):
            continue
        with np.errstate(all="ignore"):
            q = slope(x)
            prediction = evidence.true * q
        if is_formula(evidence, prediction) and len(np.unique(q)) > 1:
            return (
                f"It is the truth times {factor.format(x=name)}: "
                f"the derivative by {words.format(x=name)} in the place of the one by {name}"
            )
    return None


def _by_logits(evidence: Evidence) -> Floats:
    """x·(t − Σ x t) along the last axis, t being the truth."""
    out = np.full_like(evidence.true, np.nan)
    with np.errstate(all="ignore"):
        for low, high in evidence.spans:
            shape = evidence.shapes[int(evidence.point[low])] or (1,)
            x, t = evidence.x[low:high].reshape(shape), evidence.true[low:high].reshape(shape)
            out[low:high] = (x * (t - (x * t).sum(-1, keepdims=True))).ravel()
    return out
