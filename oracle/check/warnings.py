"""What stands in the first lines of a report, whatever its verdict: what a user should not learn by reading on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle.check.run import Run


def warnings_of(run: Run) -> tuple[str, ...]:
    """Shared memory, arguments at which fn or grad raises, and how the candidate takes other arrays than plain ones."""
    notes = dict.fromkeys(finding.note for finding in run.findings if finding.note)
    raised = [f"{words}, at {count} of {len(run.findings)} points" for words, count in _counted(run)]
    return (*raised, *notes, *run.warnings)


def _counted(run: Run) -> list[tuple[str, int]]:
    """What was raised, up to the arguments, and how often; the first sentence of each kind."""
    kinds: dict[str, list[str]] = {}
    for error in map(str, run.raised):
        kinds.setdefault(error.partition(" at arguments of shapes")[0].partition(":")[0], []).append(error)
    return [(errors[0], len(errors)) for errors in kinds.values()]
