"""Which lines of a file have changed since a git revision."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from oracle.candidate.asking import CannotJudge

HUNK = re.compile(r"^@@ -\S+ \+(?P<first>\d+)(?:,(?P<count>\d+))? @@", re.MULTILINE)


def changed_lines(path: Path, revision: str) -> list[range] | None:
    """The ranges of lines of the file as it is that differ from the revision; None for a file that git has not at the revision.

    Lines that were taken out count as the two between which they stood. Raises CannotJudge where git cannot say.
    """
    where = path.resolve()
    _git(where.parent, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", what=f"--changed = {revision}")
    name = _git(where.parent, "ls-tree", "--name-only", revision, "--", where.name, what="git ls-tree")
    if not name.strip():
        return None
    diff = _git(where.parent, "diff", "--no-color", "--no-ext-diff", "-U0", revision, "--", where.name, what="git diff")
    found = []
    for hunk in HUNK.finditer(diff):
        first, count = int(hunk["first"]), int(hunk["count"] or 1)
        found.append(range(first, first + count) if count else range(first, first + 2))
    return found


def _git(directory: Path, *arguments: str, what: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotJudge(f"--changed needs git: {error.strerror}") from None
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no such revision"])[0]
        raise CannotJudge(f"{what}: {why}")
    return done.stdout
