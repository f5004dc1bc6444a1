"""A z that underflows to a kink, beside which the exact one lies: BP1–BP4 take the convention there, as autodiff's floats do."""

from __future__ import annotations

import numpy as np

from oracle.verify.case import Case, on_arrays
from oracle.verify.examination import Step
from oracle.witnesses import trace
from oracle.witnesses.tracing import double_precision

#: Two programs in floats may differ by so many times what one may cost.
AS_AUTODIFF = 2.0


def stands_at_the_kink(case: Case, steps: tuple[Step, ...]) -> bool:
    """Whether autodiff's own floats have these numbers too: z underflows to a kink, beside which the exact one lies."""
    import jax

    fn, args = on_arrays(case)
    L, m = len(case.net.weights), case.x.shape[-1]
    record = trace(fn, args, tuple(range(len(args))))
    with double_precision(), np.errstate(all="ignore"):
        _, *found = jax.core.eval_jaxpr(record.gradient.jaxpr, record.gradient.consts, *args)
    arrays = {"BP3": found[:L], "BP4": found[L : 2 * L], "BP1": found[2 * L :], "BP2": found[2 * L :]}
    for step in steps:
        beyond = step.comparison.beyond
        if not beyond.any():
            continue
        if step.equation == "C":
            return False
        of_autodiff = np.asarray(arrays[step.equation][step.layer - 2]) * (1 if step.equation in ("BP3", "BP4") else m)
        if not np.all(
            np.abs(step.comparison.got - of_autodiff)[beyond] <= AS_AUTODIFF * step.comparison.allowed[beyond]
        ):
            return False
    return True
