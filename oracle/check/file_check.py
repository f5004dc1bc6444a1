"""`manualbp check FILE`: the pairs of a user's file, each judged, and an exit code for the worst."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence

from oracle.candidate.asking import CannotJudge
from oracle.check.formats import GITHUB, TEXT, annotation, line, refusal
from oracle.check.judge_pair import judge
from oracle.check.locations import Location, first_in
from oracle.check.options import Options
from oracle.check.outcome import COULD_NOT_RUN, WORST_FIRST, Outcome, asked, is_let_be
from oracle.check.pairs_in_file import NothingToJudge, pairs_in
from oracle.check.report import Report
from oracle.check.side_by_side import checked
from oracle.check.stubs import Asked, described, stub
from oracle.check.user_file import opened
from oracle.console.output import output_to_stderr
from oracle.workers.executors import HERE, Where

#: What a function says that cannot do with arrays of any numbers, and how it is told what it takes.
RAISED = " raised "
BY_EXAMPLE = "; if it takes other arguments, show them above its def: @oracle.takes(like=(x, 0.1), static=(1,))"


def run_check_command(targets: Sequence[str], options: Options, as_json: bool, where: Where = HERE) -> int:
    """Judges the pairs of each file or module and prints the reports; what they print goes to stderr. The exit code is the worst.

    Raises CannotJudge where nothing could be judged: of several files, in any of them.
    """
    outcomes = [_checked(target, options) for target in targets] if where.here else checked(targets, options, where)
    if len(outcomes) == 1 and outcomes[0].nothing and options.format == TEXT:
        hint = BY_EXAMPLE if outcomes[0].stub else ""
        refused = outcomes[0].refused.items()
        raise CannotJudge("\n".join(f"{name}: {why}{hint if RAISED in why else ''}" for name, why in refused))
    codes = {outcome.code for outcome in outcomes}
    worst = next(code for code in WORST_FIRST if code in codes)
    if as_json:
        data = [outcome.data() for outcome in outcomes]
        print(json.dumps(data[0] if len(data) == 1 else data, indent=2, ensure_ascii=False))
        for outcome in outcomes:
            _say_refused(outcome, TEXT)
        return worst
    texts = [_text(outcome) if options.format == TEXT else _lines(outcome, options.format) for outcome in outcomes]
    shown = "\n\n".join(text for text in texts if text) if options.format == TEXT else "\n".join(filter(None, texts))
    if shown:
        print(shown)
    for outcome in outcomes:
        _say_refused(outcome, options.format)
    return worst


def _checked(target: str, options: Options) -> Outcome:
    started = time.perf_counter()
    reports: list[tuple[Report, Location | None]] = []
    deliberate: dict[str, str] = {}
    judged: list[tuple[Asked, Report | None]] = []
    with output_to_stderr(), opened(target) as (module, path, wanted):
        try:
            pairs, refused = pairs_in(module, wanted, path)
        except NothingToJudge:
            if not options.if_any and options.changed is None:
                raise
            return Outcome(target, path)
        for pair in asked(pairs, path, options):
            place = first_in(path, pair.grad, pair.fn)
            if is_let_be(pair):
                deliberate[pair.name] = pair.declared.deliberate or ""
                continue
            try:
                reports.append((judge(pair, options), place))
                judged.append((described(pair, path), reports[-1][0]))
            except CannotJudge as error:
                refused[pair.name] = str(error)
                judged.append((described(pair, path), None))
    seconds = round(time.perf_counter() - started, 3)
    return Outcome(target, path, tuple(reports), deliberate, refused, seconds, stub(judged, options))


def _text(outcome: Outcome) -> str:
    parts = [str(report) for report, _ in outcome.reports]
    parts += [f"{name}: not judged, deliberately no derivative ({why})" for name, why in outcome.deliberate.items()]
    if outcome.stub:
        parts.append(outcome.stub)
    if len(outcome.reports) + len(outcome.refused) > 1:
        parts.append(summary([r for r, _ in outcome.reports], outcome.refused))
    return "\n\n".join(parts)


def _lines(outcome: Outcome, format: str) -> str:
    written = annotation if format == GITHUB else line
    found = [written(report, outcome.path, place) for report, place in outcome.reports]
    if format == GITHUB:  # what is right needs no annotation
        found = [text for text, (report, _) in zip(found, outcome.reports, strict=True) if not report]
    return "\n".join(found)


def _say_refused(outcome: Outcome, format: str) -> None:
    for name, why in outcome.refused.items():
        if format == TEXT:
            print(f"Error: {name} could not be judged: {why}", file=sys.stderr)
        else:
            print(refusal(name, why, outcome.path, format))


def no_verdict(target: str, sentence: str) -> str:
    """What --json prints where nothing could be judged."""
    data = {"file": target, "exit_code": COULD_NOT_RUN, "verdict": None, "error": sentence, "reports": []}
    return json.dumps(data, indent=2, ensure_ascii=False)


def summary(reports: Sequence[Report], refused: dict[str, str]) -> str:
    """One line: how many of each verdict."""
    counts = Counter(str(r.verdict) for r in reports)
    parts = [f"{counts[v]} {v}" for v in ("right", "wrong", "inaccurate", "undecided") if counts[v]]
    if refused:
        parts.append(f"{len(refused)} could not be judged")
    return f"{len(reports) + len(refused)} gradients: {', '.join(parts)}"
