"""`manualbp check FILE`: the pairs of a user's file, each judged, and an exit code for the worst."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.check.report import Report
from oracle.check.user_file import Pair, loaded, pairs_in, split_target
from oracle.console.output import output_to_stderr

CODES = {"right": 0, "wrong": 1, "inaccurate": 3, "undecided": 4}
COULD_NOT_RUN = 2
#: Exit codes from the worst to the best.
WORST_FIRST = (1, 2, 3, 4, 0)


@dataclass(frozen=True)
class Options:
    """What the command line says; None where the file decides."""

    domains: tuple[Any, ...] | None = None
    argnum: int | None = None
    lengths: tuple[int, int] | None = None
    shapes: tuple[tuple[int, ...], ...] | None = None
    examples: int | None = None
    seed: int = 0
    memory: bool = True
    extremes: bool = False
    timeout: float | None = None


def options_from(
    *,
    domains: str | None,
    argnum: int | None,
    lengths: str | None,
    shapes: str | None,
    examples: int | None,
    seed: int,
    timeout: float | None,
    no_memory: bool,
    extremes: bool = False,
) -> Options:
    """The command line's words as options. Raises CannotJudge with one sentence."""
    if examples is not None and examples < 1:
        raise CannotJudge(f"--examples = {examples} is too few: give an integer of at least 1.")
    if seed < 0:
        raise CannotJudge(f"--seed = {seed} is too small: give an integer of at least 0.")
    if timeout is not None and not 0 < timeout < 1e9:
        raise CannotJudge(f"--timeout = {timeout:g}: give a positive number of seconds.")
    return Options(
        None if domains is None else parse_domains(domains),
        argnum,
        None if lengths is None else parse_lengths(lengths),
        None if shapes is None else parse_shapes(shapes),
        examples,
        seed,
        not no_memory,
        extremes,
        timeout,
    )


def run_check_command(target: str, options: Options, as_json: bool) -> int:
    """Judges the pairs and prints the reports; what the file prints goes to stderr.

    Raises CannotJudge where nothing could be judged.
    """
    started = time.perf_counter()
    path, wanted = split_target(target)
    reports: list[Report] = []
    with output_to_stderr(), loaded(path) as module:
        pairs, refused = pairs_in(module, wanted, path)
        for pair in pairs:
            try:
                reports.append(judge(pair, options))
            except CannotJudge as error:
                refused[pair.name] = str(error)
    if not reports:
        raise CannotJudge("\n".join(f"{name}: {why}" for name, why in refused.items()))
    codes = {CODES[str(r.verdict)] for r in reports} | ({COULD_NOT_RUN} if refused else set())
    worst = next(code for code in WORST_FIRST if code in codes)
    if as_json:
        data = {
            "file": str(path),
            "exit_code": worst,
            "verdict": next((verdict for verdict, code in CODES.items() if code == worst), None),
            "error": None,
            "reports": [r.to_dict() for r in reports],
            "could_not_judge": refused,
            "seconds": round(time.perf_counter() - started, 3),
        }
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(map(str, reports)))
        if len(reports) + len(refused) > 1:
            print(f"\n{summary(reports, refused)}")
    for name, why in refused.items():
        print(f"Error: {name} could not be judged: {why}", file=sys.stderr)
    return worst


def no_verdict(target: str, sentence: str) -> str:
    """What --json prints where nothing could be judged."""
    data = {"file": target, "exit_code": COULD_NOT_RUN, "verdict": None, "error": sentence, "reports": []}
    return json.dumps(data, indent=2, ensure_ascii=False)


def judge(pair: Pair, options: Options) -> Report:
    """The report on one pair: the command line goes before what the file declares."""
    from oracle.candidate.guard import TIMEOUT
    from oracle.candidate.names import Called
    from oracle.check.gradient import check_gradient
    from oracle.check.run import EXAMPLES
    from oracle.check.vjp import check_vjp, script

    said = pair.declared
    argnum = options.argnum if options.argnum is not None else said.argnum
    domains = options.domains or said.domains
    lengths, shapes = options.lengths, options.shapes
    if lengths is None and shapes is None:
        lengths, shapes = said.lengths, said.shapes
    common: dict[str, Any] = {
        "lengths": lengths,
        "shapes": shapes,
        "examples": options.examples or EXAMPLES,
        "extremes": options.extremes,
        "database": "default" if options.memory else None,
        "timeout": options.timeout if options.timeout is not None else TIMEOUT,
        "name": pair.name,
        "rng": np.random.default_rng(options.seed),
    }
    if pair.rule:
        report = check_vjp(pair.fn, pair.grad, domains, argnums=None if argnum is None else [argnum], **common)
        lines = ("from oracle.candidate.custom_rules import rules", f"from {pair.fn.__module__} import {pair.rule}")
        called = Called(pair.name, f"rules({pair.rule})[{pair.asked}].vjp", lines)
        return replace(report, reproduction=script(report, called))
    return check_gradient(pair.fn, pair.grad, domains, argnum=argnum or 0, **common)


def summary(reports: Sequence[Report], refused: dict[str, str]) -> str:
    """One line: how many of each verdict."""
    counts = Counter(str(r.verdict) for r in reports)
    parts = [f"{counts[v]} {v}" for v in ("right", "wrong", "inaccurate", "undecided") if counts[v]]
    if refused:
        parts.append(f"{len(refused)} could not be judged")
    return f"{len(reports) + len(refused)} gradients: {', '.join(parts)}"


def parse_domains(text: str) -> tuple[Any, ...]:
    """unit,-1:1 → ("unit", (-1.0, 1.0))."""
    return tuple(_domain(part.strip()) for part in text.split(","))


def _domain(text: str) -> Any:
    if ":" not in text:
        return text
    low, _, high = text.partition(":")
    try:
        return float(low), float(high)
    except ValueError:
        raise CannotJudge(f"--domains: {text} is no open interval low:high, such as -1:1 or 0:inf") from None


def parse_lengths(text: str) -> tuple[int, int]:
    """1,9 → (1, 9); 5 → (5, 5)."""
    try:
        low, high = (int(part) for part in (text if "," in text else f"{text},{text}").split(","))
    except ValueError:
        raise CannotJudge(f"--lengths = {text}: give LOW,HIGH, such as 1,9") from None
    return low, high


def parse_shapes(text: str) -> tuple[tuple[int, ...], ...]:
    """3x4,4 → ((3, 4), (4,))."""
    try:
        return tuple(tuple(int(n) for n in part.split("x")) for part in text.split(","))
    except ValueError:
        raise CannotJudge(f"--shapes = {text}: give a shape for each argument, such as 3x4,4") from None
