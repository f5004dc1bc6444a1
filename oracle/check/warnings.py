"""What stands in the first lines of a report, whatever its verdict: what a user should not learn by reading on."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from oracle.candidate.asking import BITS
from oracle.judgement.own_program import program_of
from oracle.witnesses.function import TRACED
from oracle.witnesses.stopped import gradient_in_floats, holds_a_part

if TYPE_CHECKING:
    from oracle.check.run import Run

#: Points at which jax.grad is held against the derivative of fn, and their entries at most.
MOST_POINTS, MOST_ENTRIES = 4, 256


def warnings_of(run: Run) -> tuple[str, ...]:
    """Shared memory, arguments at which fn or grad raises, and how the candidate takes other arrays than plain ones."""
    notes = dict.fromkeys(finding.note for finding in run.findings if finding.note)
    raised = [f"{words}, at {count} of {len(run.findings)} points" for words, count in _counted(run)]
    return (*_narrower(run), *_stopped_gradient(run), *_detached(run), *raised, *notes, *run.warnings)


def _narrower(run: Run) -> list[str]:
    """A result in fewer bits than the arguments have."""
    example = run.problem.example
    asked = "float64" if example is None else example.dtypes[run.problem.argnum]
    if BITS[run.bits] >= BITS[asked]:
        return []
    why = " (JAX computes so while its flag jax_enable_x64 is off)" if _is_narrowed_by_jax(run) else ""
    return [
        f"grad answers arrays of {asked} in {run.bits}{why}: it is judged to the digits of {run.bits}, at its numbers"
    ]


def _is_narrowed_by_jax(run: Run) -> bool:
    """Whether grad answers so because JAX has no float64 at present."""
    if run.bits != "float32" or "jax" not in sys.modules:
        return False
    import jax

    args = next((finding.args for finding in run.findings), None)
    return args is not None and not jax.config.jax_enable_x64 and program_of(run.problem.grad, args) is not None


def _stopped_gradient(run: Run) -> list[str]:
    """A stop_gradient in fn that changes what jax.grad makes of it; that of a softmax does not."""
    function = run.function
    if function is None or function.level != TRACED:
        return []
    known = (f for f in run.findings if f.truth is not None and f.got is not None and f.got.size <= MOST_ENTRIES)
    for finding in islice(known, MOST_POINTS):
        if function.at(finding.args) is not function:
            continue
        record = function.traced(finding.args)
        if not holds_a_part(record.value):
            return []
        assert finding.truth is not None
        expected, found = finding.truth.midpoint(), gradient_in_floats(record, finding.args)
        size = np.max(np.abs(expected), initial=0.0)
        if np.isfinite(found).all() and not finding.truth.kink.any() and np.any(np.abs(found - expected) > 1e-3 * size):
            return ["fn contains a stop_gradient: grad is held to the derivative of fn, which jax.grad(fn) is not"]
    return []


def _detached(run: Run) -> list[str]:
    """A part of torch code that torch.autograd holds constant, where that changes its gradient."""
    function = run.function
    if function is None or function.lift is None or not function.lift.detaches or function.of_product:
        return []
    known = (f for f in run.findings if f.truth is not None and f.got is not None and f.got.size <= MOST_ENTRIES)
    for finding in islice(known, MOST_POINTS):
        assert finding.truth is not None
        expected, found = finding.truth.midpoint(), function.lift.autograd(finding.args, function.argnum)
        size = np.max(np.abs(expected), initial=0.0)
        if np.isfinite(found).all() and not finding.truth.kink.any() and np.any(np.abs(found - expected) > 1e-3 * size):
            return ["fn detaches a part of itself: grad is held to the derivative of fn, which torch.autograd's is not"]
    return []


def _counted(run: Run) -> list[tuple[str, int]]:
    """What was raised, up to the arguments, and how often; the first sentence of each kind."""
    kinds: dict[str, list[str]] = {}
    for error in map(str, run.raised):
        kinds.setdefault(error.partition(" at arguments of shapes")[0].partition(":")[0], []).append(error)
    return [(errors[0], len(errors)) for errors in kinds.values()]
