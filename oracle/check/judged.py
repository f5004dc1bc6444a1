"""A problem that is put, judged: the search, what it amounts to, and what holds where no domain was declared."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import Stopped
from oracle.check.conclusion import conclude
from oracle.check.elsewhere import unless_right_elsewhere
from oracle.check.question import generator_of
from oracle.check.report import Report
from oracle.check.run import Run
from oracle.check.searching import search
from oracle.search.problem import Problem


def judged(
    problem: Problem,
    examples: int,
    rng: np.random.Generator | int | None,
    database: Any,
    name: str,
    *,
    extremes: bool = False,
    assumed: str = "",
) -> Report:
    """The report on a problem, whose domains may be assumed alone. Raises CannotJudge."""
    started = time.perf_counter()
    if not isinstance(extremes, bool):
        raise CannotJudge(f"extremes = {extremes!r}: give True or False")
    if database not in (None, "default") and not hasattr(database, "fetch"):
        raise CannotJudge(
            f"database = {database!r}: give 'default', None for none, or a database of hypothesis.database"
        )
    draws = generator_of(rng)
    run = Run(problem, draws, database, name, extremes=extremes)
    try:
        with np.errstate(
            all="ignore"
        ):  # the points are ours to choose, and mistakes and their fits may overflow: no news
            search(run, examples)
            report = replace(conclude(run, started), assumed=assumed)
            return unless_right_elsewhere(report, problem) if assumed and not run.wrong_as_given() else report
    except Stopped as stopped:
        raise CannotJudge(str(stopped)) from None
