"""Sweeps over many cases: the default run holds some of them, evenly spread, and `-m longer` the others."""

from collections.abc import Iterable
from typing import Any

import pytest


def thinned(cases: Iterable[Any], every: int) -> list[Any]:
    """The cases for parametrize, all but each `every`-th marked longer. A tuple is one case of several arguments."""
    return [
        case
        if k % every == 0
        else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.longer)
        for k, case in enumerate(cases)
    ]
