"""The checker that is scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oracle.scores.mutants.record import Subject

OWN = "oracle.check_gradient"


def own_check() -> Callable[[Subject], Any]:
    """The checker, called on a subject. Raises ImportError where it, or what it needs, is missing."""
    from oracle.check.gradient import check_gradient
    from oracle.check.vjp import check_vjp

    def check(subject: Subject) -> Any:
        if subject.product is not None:
            return check_vjp(
                subject.product.fn,
                subject.product.vjp,
                domains=subject.domains[:-1],
                lengths=subject.lengths,
                shapes=subject.shapes and subject.shapes[:-1],
                argnums=(subject.argnum,),
                extremes=subject.extremes,
            )
        return check_gradient(
            subject.fn,
            subject.grad,
            domains=subject.domains,
            lengths=subject.lengths,
            shapes=subject.shapes,
            argnum=subject.argnum,
            extremes=subject.extremes,
        )

    return check
