"""What kind of mistake it is: every known pattern is held against all the evidence, the most specific first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from oracle.diagnosis.added_terms import another_formula
from oracle.diagnosis.conduct import accumulates, complaints, no_joint_subgradient, not_finite
from oracle.diagnosis.cotangents import another_cotangent
from oracle.diagnosis.epsilon import added_epsilon
from oracle.diagnosis.evidence import Evidence, gather
from oracle.diagnosis.factors import constant_factor, factor_of_length
from oracle.diagnosis.floors import floored_denominator, floored_logarithms
from oracle.diagnosis.fresh_domains import Inside, inside_of
from oracle.diagnosis.fresh_points import that_may_refute, with_more_points
from oracle.diagnosis.held_constant import held_constant, not_transposed, stops, straight_through
from oracle.diagnosis.layers import normalising_layer
from oracle.diagnosis.matrix_products import another_product, not_symmetrised
from oracle.diagnosis.misplaced import folded, rearranged
from oracle.diagnosis.narrow_dtypes import narrow_intermediate, narrow_result, printed
from oracle.diagnosis.of_the_value import is_the_cost, of_the_value
from oracle.diagnosis.other_functions import another_activation, another_cost
from oracle.diagnosis.parameters import parameters_of
from oracle.diagnosis.parametrisations import by_another_parameter
from oracle.diagnosis.right_elsewhere import Pattern, right_except
from oracle.diagnosis.saturation import clipped, clipped_norm, never_changes
from oracle.diagnosis.sigma_prime import broken_chain
from oracle.diagnosis.simplest import factor_or_term
from oracle.diagnosis.wrong_arguments import (
    at_other_arguments,
    axes_exchanged,
    by_another_argument,
    exchanged,
    moved_argument,
)
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.search.domains import Domain
from oracle.witnesses.function import Function

NOTHING_FITS = "No known pattern of mistakes fits all the points"

#: How it relates to the truth, also over a part of the components.
OF_ROWS: Sequence[Pattern] = (
    constant_factor,
    factor_of_length,
    factor_or_term,
    broken_chain,
    added_epsilon,
)

#: How it relates to the truth at every component, in the order in which it is tried: the simplest first.
AGAINST_THE_TRUTH: Sequence[Pattern] = (
    narrow_result,
    printed,
    constant_factor,
    factor_of_length,
    rearranged,
    clipped,
    clipped_norm,
    factor_or_term,
    broken_chain,
    added_epsilon,
    folded,
    of_the_value,
)


#: A term too few or too many may be a part of fn that was held constant.
TERMS = ("It is the truth plus", "It is the truth minus")


def diagnose(
    function: Function,
    grad: Callable[..., Any],
    findings: Sequence[Finding],
    *,
    domains: Sequence[Domain] | None = None,
) -> list[str]:
    """Sentences on what kind of mistake the wrong ones among the findings show; empty where none is wrong.

    A pattern is claimed only where it fits every point, right ones included, to rounding. Where none does, one sentence says so.
    domains: where fresh points may lie; without them, where the findings and the function's bounds suggest.
    """
    if not any(f.verdict in (Verdict.WRONG, Verdict.INACCURATE) for f in findings):
        return []
    said = complaints(findings)
    said += [s for s in [accumulates(grad, function.argnum, findings)] if s]
    if said and all(f.complaint for f in findings if f.verdict is not Verdict.RIGHT):
        return said
    with np.errstate(all="ignore"):  # most formulas that are tried are not meant for these arguments
        joint = no_joint_subgradient(findings)
        said += [joint] if joint and joint.startswith("At a kink") else []
        said += _of_the_evidence(function, grad, with_more_points(function, grad, findings, domains), domains)
        said = said or [NOTHING_FITS]
        said += [joint] if joint and joint not in said else []  # it does not fit all the points
    return said


def lost_digits(
    function: Function,
    grad: Callable[..., Any],
    findings: Sequence[Finding],
    *,
    domains: Sequence[Domain] | None = None,
) -> list[str]:
    """Sentences on a gradient whose mathematics is right: where it is not finite, and a narrower dtype that it passes through."""
    with np.errstate(all="ignore"):
        evidence = gather(function, grad, with_more_points(function, grad, findings, domains))
        if not len(evidence.got):
            return []
        inside, parameters = inside_of(evidence, domains), parameters_of(function.fn, grad)
        lost = not_finite(evidence, parameters, inside)
        comparable = evidence.only(evidence.comparable)
        narrow = comparable.wrong.any() and (
            narrow_result(comparable, parameters) or narrow_intermediate(comparable, inside)
        )
    return [*lost, narrow] if narrow else lost


def _of_the_evidence(
    function: Function, grad: Callable[..., Any], findings: Sequence[Finding], domains: Sequence[Domain] | None
) -> list[str]:
    evidence = gather(function, grad, findings)
    if not len(evidence.got):
        return []
    inside, parameters = inside_of(evidence, domains), parameters_of(function.fn, grad)
    said = not_finite(evidence, parameters, inside)
    comparable = evidence.only(evidence.comparable)
    if not comparable.wrong.any() and not (evidence.wrong & evidence.kink).any():
        return said
    named = _of_the_numbers(evidence, comparable, parameters, inside)
    if not named:
        wider = gather(function, grad, that_may_refute(function, grad, findings, domains))
        named = _of_a_part(wider, parameters, inside)
    return said + named


def _of_the_numbers(
    evidence: Evidence, comparable: Evidence, parameters: Mapping[str, float], inside: Inside
) -> list[str]:
    """The first pattern that fits all the rows that have a number, and what else it is the derivative of."""
    if (still := never_changes(evidence)) is not None:
        return [still]
    if comparable.wrong.any():
        through = straight_through(comparable, parameters)
        if through is not None:
            return [through]
        if stops(comparable) and (held := held_constant(comparable, parameters)) is not None:
            return [held]
        relation = _first((constant_factor, factor_of_length), comparable, parameters)
        own = None if relation else _by_what_is_asked(comparable, parameters)
        if own is not None:
            of_another = another_cost(comparable, parameters, times=False)
            return [s for s in (own, of_another) if s]
        relation = relation or _first(AGAINST_THE_TRUTH, comparable, parameters)
        other = another_cost(comparable, parameters, times=relation is None) or another_activation(
            comparable, parameters, times=relation is None
        )
        if relation or other:
            held = held_constant(comparable, parameters) if (relation or "").startswith(TERMS) else None
            return [s for s in (relation, other, held) if s]
        for sentence in (
            exchanged(comparable, inside),
            by_another_argument(comparable),
            axes_exchanged(comparable, inside),
            not_symmetrised(comparable, parameters),
            held_constant(comparable, parameters),
            not_transposed(comparable, parameters),
            another_formula(comparable, parameters),
            another_product(comparable, parameters),
            is_the_cost(comparable),
            narrow_intermediate(comparable, inside),
        ):
            if sentence is not None:
                return [sentence]
    return []


def _of_a_part(evidence: Evidence, parameters: Mapping[str, float], inside: Inside) -> list[str]:
    """Where it is wrong, or at which other arguments it is right."""
    comparable = evidence.only(evidence.comparable)
    found = (
        right_except(evidence, parameters, inside, OF_ROWS)
        or moved_argument(comparable, parameters, inside)
        or at_other_arguments(comparable, inside)
    )
    return [found] if found else []


def _by_what_is_asked(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """What explains it all by itself: another cotangent, another parameter, a layer's sums, a floor beneath."""
    return (
        another_cotangent(evidence)
        or normalising_layer(evidence)
        or by_another_parameter(evidence, parameters)
        or floored_denominator(evidence, parameters)
        or floored_logarithms(evidence, parameters)
    )


def _first(patterns: Sequence[Pattern], evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    return next((s for s in (pattern(evidence, parameters) for pattern in patterns) if s is not None), None)
