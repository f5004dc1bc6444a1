"""Runnable examples of a page: Python that is executed, and the output displayed below it."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from oracle.proofs.errors import ProofError
from oracle.proofs.pages import Block


def check_example(code: Block, printed: Block, namespace: dict[str, Any]) -> None:
    """Raises ProofError where the code fails or prints something else. namespace: what earlier examples of the page have left."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code.content, "example", "exec"), namespace)
    except Exception as error:
        raise ProofError(f"the example fails: {type(error).__name__}: {error}", code.line) from None
    got, wanted = out.getvalue().strip().splitlines(), printed.content.strip().splitlines()
    for k in range(max(len(got), len(wanted))):
        if got[k : k + 1] != wanted[k : k + 1]:
            shown = repr(got[k]) if k < len(got) else "nothing more"
            raise ProofError(f"the example prints {shown} here", printed.line + k)
