"""What `manualbp verify` prints."""

from __future__ import annotations

import json
import math
from io import StringIO
from typing import Any

import numpy as np

from manualbp.activations import ACTIVATIONS
from manualbp.heads import HEADS
from oracle.verify.breakdown import Breakdown
from oracle.verify.examination import Examination, Step
from oracle.verify.outcome import Failure, Verification

EQUATIONS = {"C": "mean cost C", "BP1": "BP1  δᴸ", "BP2": "BP2  δⁱ", "BP3": "BP3  ∂C/∂W", "BP4": "BP4  ∂C/∂b"}


def as_text(result: Verification) -> str:
    """A table and a verdict, or the failure."""
    if result.failure is not None:
        return failure_text(result.failure, result.cases, result.seed)
    tally, sample = result.tally, result.sample
    smooth = sample.cases - sample.at_kink
    lines = [
        f"{result.edges} edge cases of activations, costs and heads, certified in balls",
        f"{tally.cases} random networks, hand-derived gradients against enclosures of the truth and jax.grad: {result.certified} "
        f"certified, {result.settled} of them in more digits than float64",
        "",
        _table(result),
        f"{len(tally.heads)} of {len(HEADS)} heads, {len(tally.activations)} of {len(ACTIVATIONS)} hidden activations, "
        f"{len(tally.pairs)} of {len(HEADS) * len(ACTIVATIONS)} pairs of them",
        f"differences along a random direction: in balls {sample.ball_differences} of {smooth} agree; in floats "
        f"{sample.float_differences} of {smooth}, within their own error estimate"
        + (f"; {sample.at_kink} at a kink, where σ′ is a convention" if sample.at_kink else ""),
        f"{tally.differing} differed from jax.grad by more than rounding explains, XLA being the one to lose digits",
    ]
    if tally.refused or tally.overflowed:
        lines.append(
            f"not judged: {tally.refused} saturated out of their cost's domain, {tally.overflowed} whose cost overflows"
        )
    if tally.extreme:
        heads = ", ".join(f"{count} of {head}" for head, count in sorted(tally.extreme.items()))
        lines.append(
            f"at the ends of the floats: {tally.extreme.total()} inaccurate, where ∇ₐC overflows, or σ′ or a underflows, "
            f"though δ and ∂C/∂w do not ({heads})"
        )
    lines += [f"undecided: {text}" for text in sample.conflicts]
    lines += [f"undecided: {text}" for text in result.lost]
    if result.unsettled:
        lines.append(f"undecided: {result.unsettled} cases have no certified truth")
    lines.append(
        f"{tally.architectures_per_second:,.0f} architectures a second after {tally.seconds['compile']:.1f} s of compiling"
    )
    if result.loop_per_second:
        ratio = tally.architectures_per_second / result.loop_per_second
        lines.append(
            f"a plain loop of jax.jit(jax.grad(…)): {result.loop_per_second:.1f} a second, {ratio:,.0f} times slower"
        )
    lines.append(f"verdict: {result.verdict} ({result.seconds:.1f} s)")
    return "\n".join(lines) + "\n"


def _table(result: Verification) -> str:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading, side in (("equation", "left"), ("cases", "right"), ("certified", "right"), ("worst, eps", "right")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    table.add_column(f"of {result.sample.cases} sampled, by head")
    for equation, words in EQUATIONS.items():
        eps, head = result.sample.worst.get(equation, (0.0, ""))
        table.add_row(words, str(result.tally.judged), str(result.certified), f"{eps:.2g}", head)
    out = StringIO()
    Console(file=out, width=100).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def failure_text(failure: Failure, cases: int, seed: int) -> str:
    """The culprit, the smallest network, the numbers side by side, and how to replay it."""
    small = failure.smallest
    step = small.first_wrong
    assert step is not None
    layer = f"layer {step.layer}" if step.layer else "some layer"
    return (
        "\n".join(
            (
                f"{small.verdict}: {failure.blame.sentence}",
                "",
                f"first found in {_where(failure)}: {failure.found.case.words}",
                f"smallest like it: {small.case.words}",
                f"first wrong: {step.symbol} ({step.equation}, {layer})",
                "",
                step.sentence + "\n" if isinstance(step, Breakdown) else _side_by_side(step),
                *_replay(failure, cases, seed),
                *("    " + line for line in small.case.code().splitlines()),
                f"verdict: {small.verdict}",
            )
        )
        + "\n"
    )


def _where(failure: Failure) -> str:
    return "an edge case" if failure.number is None else f"case {failure.number}"


def _replay(failure: Failure, cases: int, seed: int) -> tuple[str, ...]:
    if failure.number is None:
        return ("the smallest by itself:",)
    replay = f"replay: manualbp verify --cases {cases} --seed {seed} --replay {failure.number}"
    return replay, "or, the smallest by itself:"


def _side_by_side(step: Step, most: int = 6) -> str:
    comparison = step.comparison
    order = np.argsort(np.where(np.isnan(comparison.error), -np.inf, -comparison.error), axis=None, kind="stable")[
        :most
    ]
    rows = [("entry", "hand-derived", "truth (enclosed)", "difference", "rounding explains")]
    for flat in sorted(order):
        at = np.unravel_index(flat, comparison.error.shape)
        rows.append(
            (
                str(tuple(int(i) for i in at)),
                f"{comparison.got[at]:.17g}",
                f"{comparison.expected[at]:.17g}",
                f"{comparison.error[at]:.2g}",
                f"{comparison.allowed[at]:.2g}",
            )
        )
    widths = [max(len(row[c]) for row in rows) for c in range(5)]
    text = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    if comparison.error.size > most:
        text.append(f"… the {most} worst of {comparison.error.size} entries")
    return "\n".join(text) + "\n"


def replay_text(again: Failure | Examination, cases: int, seed: int) -> str:
    """One case judged again."""
    if not isinstance(again, Examination):
        return failure_text(again, cases, seed).rstrip()
    steps = ", ".join(f"{step.symbol} {step.comparison.eps:.2g}" for step in again.steps)
    return f"{again.case.words}\nerrors in eps of the largest entry: {steps}\nverdict: {again.verdict}"


def as_dict(result: Verification) -> dict[str, Any]:
    """JSON-ready."""
    tally, sample = result.tally, result.sample
    data: dict[str, Any] = {
        "verdict": str(result.verdict),
        "cases": tally.cases,
        "seed": result.seed,
        "edge_cases": result.edges,
        "seconds": round(result.seconds, 3),
        "seconds_by_stage": {what: round(s, 3) for what, s in tally.seconds.items()},
        "architectures_per_second": round(tally.architectures_per_second, 1),
        "loop_per_second": result.loop_per_second and round(result.loop_per_second, 2),
        "heads": dict(sorted(tally.heads.items())),
        "activations": dict(sorted(tally.activations.items())),
        "pairs": len(tally.pairs),
        "refused": tally.refused,
        "overflowed": tally.overflowed,
        "inaccurate_at_extreme_outputs": dict(sorted(tally.extreme.items())),
        "open_in_float64": tally.open,
        "differing_from_xla": tally.differing,
        "asked_in_arb": result.suspicious,
        "unsettled": result.unsettled,
        "lost": result.lost,
        "certified": {"cases": result.certified, "by_enclosures": tally.certified, "in_arb": result.settled},
        "sample": {
            "cases": sample.cases,
            "enclosures_hold": sample.enclosures,
            "worst_eps": {e: {"eps": _number(eps), "head": head} for e, (eps, head) in sample.worst.items()},
            "at_kink": sample.at_kink,
            "ball_differences_agree": sample.ball_differences,
            "float_differences_agree": sample.float_differences,
            "embedding_share_of_rounding": _number(sample.embedding),
            "conflicts": sample.conflicts,
        },
        "worst_against_xla_eps": {e: {"eps": _number(eps), "head": head} for e, (eps, head) in tally.worst.items()},
        "failure": None,
    }
    if result.failure is not None:
        failure, step = result.failure, result.failure.smallest.first_wrong
        assert step is not None
        data["failure"] = {
            "case": failure.number,
            "blame": failure.blame.what,
            "sentence": failure.blame.sentence,
            "equation": step.equation,
            "layer": step.layer,
            "symbol": step.symbol,
            **_numbers(step),
            "found_in": failure.found.case.words,
            "smallest": failure.smallest.case.words,
            "code": failure.smallest.case.code(),
        }
    return data


def _numbers(step: Step | Breakdown) -> dict[str, Any]:
    """The worst entry; none where there is no array to compare."""
    if isinstance(step, Breakdown):
        return {"component": None, "got": None, "expected": None}
    at = step.comparison.worst
    got, expected = float(step.comparison.got[at]), float(step.comparison.expected[at])
    return {"component": list(at), "got": _number(got), "expected": _number(expected)}


def _number(value: float) -> float | str:
    """JSON has no infinities."""
    return value if math.isfinite(value) else str(value)


def print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))
