"""An epsilon added where it does not belong: in a denominator, under a root, in a logarithm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import common, enough
from oracle.diagnosis.formula_terms import ONE, norm, of_the_whole
from oracle.diagnosis.number_names import Interval, in_digits, name_of

#: An epsilon is small.
LARGEST = 0.5
#: Below this a denominator has lost its digits to underflow.
VANISHES = 1e-290
#: Of the quantities of one argument, those that stand in denominators and under roots.
BENEATH = ("{v}", "{v}²", "√{v}", "(1 − {v})", "{v}(1 − {v})", "(1 + {v})", "(1 + {v}²)", "|{v}|")

#: What people add.
SIZES = (*(float(f"{m}e-{k}") for k in range(2, 19) for m in (1, 2, 5)), 2.0**-52, 2.0**-23, 2.0**-10)

Term = Callable[[Floats, Floats], Floats]

#: Summands of known gradients in which one argument may have been moved: words, term of (x, y), its power −p of the sum.
SUMMANDS: Mapping[str, tuple[Term, Term, float]] = {
    "the denominator {x} of {y}/{x}": (lambda x, y: -y, lambda x, y: x, 1.0),
    "the denominator {x} of 1/{x}": (lambda x, y: np.ones_like(x), lambda x, y: x, 1.0),
    "the denominator 1 − {x} of (1 − {y})/(1 − {x})": (lambda x, y: 1 - y, lambda x, y: 1 - x, 1.0),
    "the denominator {x}² of {y}/{x}²": (lambda x, y: -y, lambda x, y: x * x, 1.0),
    "{x} of {y}/{x}²": (lambda x, y: -y, lambda x, y: x, 2.0),
    "{x} of √({y}/{x})": (lambda x, y: -np.sqrt(y), lambda x, y: x, 0.5),
    "{y} of √({y}/{x})": (lambda x, y: -1 / np.sqrt(x), lambda x, y: y, -0.5),
    "{y} of {y}/{x}": (lambda x, y: -1 / x, lambda x, y: y, -1.0),
}

#: Gradients with one ε in several places.
FAMILIES: Mapping[str, Callable[[Floats, Floats, float], Floats]] = {
    "the arguments of both logarithms, {x} and 1 − {x}": lambda x, y, e: -y / (x + e) + (1 - y) / (1 - x + e),
    "{x} and to {y}, where {y} is divided by {x}": lambda x, y, e: -(y + e) / (x + e),
    "{x} and to {y}, under their roots": lambda x, y, e: (1 - np.sqrt((y + e) / (x + e))) / np.sqrt(2),
}


def added_epsilon(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = truth · (D/(D + ε))^p, for D a denominator; or the same of one summand; ε is fitted."""
    for words, beneath in _denominators(evidence):
        for power, place in (
            (1.0, "added to {}"),
            (0.5, "added to {} under a root"),
            (2.0, "added to {} before squaring it"),
        ):
            epsilon = _whole(evidence, beneath, power)
            if epsilon is not None:
                where = place.format(f"a denominator {words}" if power == 1.0 else words)
                return f"{_size(epsilon, parameters)} is {where}"
    return _in_summand(evidence, parameters) or _in_both(evidence, parameters)


def _denominators(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    with np.errstate(all="ignore"):
        for j, v in enumerate(evidence.values):
            if v is not None:
                yield from ((words.format(v=evidence.names[j]), ONE[words](v)) for words in BENEATH)
        yield from of_the_whole(evidence)
        for j, y in enumerate(evidence.values):
            if y is not None and j != evidence.argnum:
                pair = f"{evidence.names[evidence.argnum]} − {evidence.names[j]}"
                yield f"|{pair}|", np.abs(evidence.x - y)
                yield f"({pair})²", (evidence.x - y) ** 2
                yield f"‖{pair}‖", evidence.each(norm, evidence.x - y)
                yield f"‖{pair}‖²", evidence.each(norm, evidence.x - y) ** 2


def _whole(evidence: Evidence, beneath: Floats, power: float) -> Interval | None:
    """ε = D · ((truth/got)^(1/p) − 1)."""
    with np.errstate(all="ignore"):
        ratio = evidence.true / evidence.got
        zero = (evidence.true == 0) & (np.abs(evidence.got) <= evidence.slack)
        lost = ~np.isfinite(beneath) | (
            beneath == 0
        )  # it overflows or vanishes at extreme arguments, which then say nothing
        if np.any((ratio <= 0) & ~zero & ~lost) or np.any(lost & ~evidence.extreme & ~zero):
            return None
        root = ratio ** (1 / power)
        half = np.abs(beneath * root / power * evidence.slack_of_a_multiple / np.abs(evidence.got))
        middle = np.where(zero | lost, np.nan, beneath * _less_one(ratio, power))
    return _small(common(evidence, middle, half + 4 * evidence.unit * np.abs(beneath)))


def _less_one(ratio: Floats, power: float) -> Floats:
    return ratio ** (1 / power) - 1


def _small(interval: Interval | None) -> Interval | None:
    if interval is None or interval.holds(0.0) or abs(interval.middle) > LARGEST:
        return None
    return interval


def _in_summand(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    x, x_name = evidence.x, evidence.names[evidence.argnum]
    for j, other in enumerate(evidence.values):
        if other is None or (j == evidence.argnum and len(evidence.values) > 1):
            continue
        y = other if j != evidence.argnum else np.ones_like(x)
        for words, (above, beneath, power) in SUMMANDS.items():
            for sign in (1.0, -1.0, 2**-0.5, 0.5, 2.0, -0.5):
                with np.errstate(all="ignore"):
                    a, d = sign * above(x, y), beneath(x, y)
                epsilon = _moved(evidence, a, d, power)
                if epsilon is not None:
                    return f"{_size(epsilon, parameters)} is added to {words.format(x=x_name, y=evidence.names[j])}"
    return None


def _moved(evidence: Evidence, above: Floats, beneath: Floats, power: float) -> Interval | None:
    """ε where got − truth = A/(D + ε)^p − A/D^p."""
    with np.errstate(all="ignore"):
        before = above / beneath**power
        after = before + (evidence.got - evidence.true)
        slack = evidence.slack + 8 * evidence.unit * np.abs(before)
        root = (above / after) ** (1 / power)
        half = np.abs(root / power * slack / after) + 4 * evidence.unit * np.abs(beneath)
        middle = root - beneath
        blind = (np.abs(after) <= slack) | ~np.isfinite(middle) | ~np.isfinite(half)
        interval = _small(common(evidence, np.where(blind, np.nan, middle), half))
        if interval is None or not enough(evidence, evidence.wrong):
            return None
        prediction = evidence.true - before + above / (beneath + interval.middle) ** power
    return interval if np.all((np.abs(evidence.got - prediction) <= 2 * slack) | ~blind) else None


def _in_both(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """ε where got = F(x, y, ε), of a formula F that is the truth at ε = 0; among the sizes that people write."""
    x = evidence.x
    sizes = [s for s in dict.fromkeys((*SIZES, *parameters.values())) if 0 < s <= LARGEST]
    for j, y in enumerate(evidence.values):
        if y is None or j == evidence.argnum or not enough(evidence, evidence.told_apart(2 * evidence.slack)):
            continue
        names = {"x": evidence.names[evidence.argnum], "y": evidence.names[j]}
        for words, formula in FAMILIES.items():
            if not np.all(np.abs(formula(x, y, 0.0) - evidence.true) <= 1e-6 * np.abs(evidence.true) + evidence.slack):
                continue
            for size in sizes:
                if np.all(np.abs(evidence.got - formula(x, y, size)) <= 2 * evidence.slack):
                    return f"{size:g} is added to {words.format(**names)}"
    return None


def _size(interval: Interval, parameters: Mapping[str, float]) -> str:
    named = name_of(interval, parameters)
    words = (named or in_digits(interval)).words
    value = named.value if named else interval.middle
    return words if words.lstrip("−")[0].isdigit() and "/" not in words else f"{words} = {value:.6g}"
