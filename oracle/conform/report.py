"""What `manualbp conform` prints: the table by head and grade, the failures with the line that reproduces each, JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from oracle.conform.outcome import Outcome, Result
from oracle.conform.run import Run, by_head
from oracle.conform.summary import causes
from oracle.judgement.verdict import Verdict
from oracle.vectors.flags import FLAGS
from oracle.vectors.judgement import Judgement, TensorJudgement

HEADINGS = ("head", "dtype", "cases", *Outcome, "worst ulp", "digits lost", "first wrong", "mistake")
NUMBERS = range(2, 5 + len(Outcome))
#: Flags that may explain a failure.
TELLING = frozenset({"boundary", "cancellation", "saturation", "subnormal", "tie"})
#: So many failures are shown one by one, and so many reasons to skip.
SHOWN, REASONS = 3, 5
#: So many causes are told one by one.
CAUSES = 8


def as_text(run: Run, command: str, every_head: bool = False) -> str:
    """The whole report. command: the words that name this backend on the command line."""
    lines = [_title(run), "", *by_cause(run, command)]
    if run.judged or run.failures:
        lines += [table(run, every_head), ""]
    lines += failures(run, command)
    lines += excused(run)
    lines += [run.drawn, ""] if run.drawn else []
    lines += skips(run)
    if run.farewell:
        lines += [f"at the end: {run.farewell}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _title(run: Run) -> str:
    of = f" ({run.version})" if run.version else ""
    counts = ", ".join(f"{run.counts[outcome]} {outcome}" for outcome in Outcome if run.counts[outcome])
    seconds = sum(r.seconds for r in run.results if r.judgement is not None)
    rate = f"; {run.judged / seconds:,.3g} answers a second" if seconds > 0 else ""
    return f"{run.name}{of}: {len(run.results)} cases: {counts}{rate}"


def table(run: Run, every_head: bool = False) -> str:
    """A row for each head and dtype that fails somewhere, or for each; one for all the others that were not skipped."""
    heads = {key: found for key, found in by_head(run).items() if not all(r.outcome is Outcome.SKIPPED for r in found)}
    loud = {key: found for key, found in heads.items() if every_head or any(r.failed for r in found)}
    rows = [row(head, dtype, found) for (head, dtype), found in loud.items()]
    others = [found for key, found in heads.items() if key not in loud]
    if rows and others:
        rows.append(row(f"{len(others)} others", "", [r for found in others for r in found]))
    dtypes = {r.vector.question.dtype for r in run.results}
    rows.append(row("all", dtypes.pop() if len(dtypes) == 1 else "", run.results))
    unused = {k for k in range(1, len(HEADINGS)) if all(r[k] in ("", "0") for r in rows)}
    return columns([tuple(c for k, c in enumerate(r) if k not in unused) for r in (HEADINGS, *rows)], _right(unused))


def row(head: str, dtype: str, found: Sequence[Result]) -> tuple[str, ...]:
    counts = [sum(r.outcome is outcome for r in found) for outcome in Outcome]
    judgements = [r.judgement for r in found if r.judgement is not None]
    first = min((where(j) for j in judgements if j.equation), default="", key=_order)
    return (
        head,
        dtype,
        str(len(found)),
        *map(str, counts),
        worst_ulps(judgements),
        digits_lost(judgements),
        first,
        likeliest(found),
    )


def worst_ulps(judgements: Sequence[Judgement]) -> str:
    found = [j.ulps for j in judgements]
    if not found:
        return ""
    if None in found:
        return "∞"
    most = max(u for u in found if u is not None)
    return str(most) if most < 100_000 else f"{most:.0e}"


def digits_lost(judgements: Sequence[Judgement]) -> str:
    found = [j.digits_lost for j in judgements]
    if not found:
        return ""
    return "all" if None in found else f"{max(d for d in found if d is not None):.1f}"


def where(judgement: Judgement) -> str:
    """The first wrong equation and its layer."""
    return "cost" if judgement.equation == "cost" else f"{judgement.equation} of layer {judgement.layer}"


def _order(place: str) -> tuple[int, str]:
    """Earlier in the passes first."""
    return ("forward", "cost", "BP1", "BP2", "BP3", "BP4").index(place.split(" ")[0]), place


def likeliest(found: Sequence[Result]) -> str:
    """The standard mistake that most of the failures look like."""
    counts = Counter(name for r in found for name in r.mistakes)
    return counts.most_common(1)[0][0] if counts else ""


def columns(rows: Sequence[tuple[str, ...]], right: Sequence[bool]) -> str:
    """Rows as aligned text."""
    widths = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
    lines = []
    for r in rows:
        cells = [c.rjust(w) if to_right else c.ljust(w) for c, w, to_right in zip(r, widths, right, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _right(unused: set[int]) -> list[bool]:
    return [k in NUMBERS for k in range(len(HEADINGS)) if k not in unused]


def by_cause(run: Run, command: str) -> list[str]:
    """The failures by cause, the commonest first, with a line that reproduces each."""
    found = causes(run.failures, run.results)
    if not found:
        return []
    shown, rest = found[:CAUSES], found[CAUSES:]
    lines = [f"{_failures(len(run.failures))}, by cause:"]
    for cause in shown:
        lines += [f"{len(cause.results):6}  {cause.words}"]
        lines += [f"        manualbp conform {command} --case {cause.results[0].id}"]
    if rest:
        lines += [f"{sum(len(c.results) for c in rest):6}  of {len(rest)} other causes; --json lists them"]
    return [*lines, ""]


def _failures(n: int) -> str:
    return f"{n:,} failure{'' if n == 1 else 's'}"


def failures(run: Run, command: str) -> list[str]:
    """A few failures of each kind."""
    if not run.failures:
        return []
    lines = []
    shown = _varied(run.failures)
    for r in shown:
        lines += [f"{r.id}: {r.outcome}, {r.words}"]
        lines += [f"  flagged {flag}: {FLAGS[flag]}" for flag in r.vector.flags if flag in TELLING]
        lines += [f"  reproduce: manualbp conform {command} --case {r.id}", ""]
    if len(run.failures) > len(shown):
        lines += [f"… and {len(run.failures) - len(shown)} more; --json lists them", ""]
    return lines


def _varied(failed: Sequence[Result]) -> list[Result]:
    """The first failure of each outcome and head, then others, up to SHOWN."""
    first: dict[tuple[str, str], Result] = {}
    for r in failed:
        first.setdefault((r.outcome, r.vector.question.head), r)
    return [*first.values(), *(r for r in failed if r not in first.values())][:SHOWN]


def excused(run: Run) -> list[str]:
    """What was right by the declared arithmetic alone, counted."""
    if not run.excused:
        return []
    lines = [f"excused by the arithmetic that is declared: {run.excused.total()}"]
    return [*lines, *(f"  {n:5}  {why}" for why, n in run.excused.most_common()), ""]


def skips(run: Run) -> list[str]:
    """The commonest reasons to skip."""
    counts = Counter(r.words for r in run.results if r.outcome is Outcome.SKIPPED)
    if not counts:
        return []
    lines = [f"skipped: {counts.total()}", *(f"  {n:5}  {why}" for why, n in counts.most_common(REASONS))]
    rest = counts.total() - sum(n for _, n in counts.most_common(REASONS))
    return [*lines, *([f"  {rest:5}  for {len(counts) - REASONS} other reasons"] if rest else []), ""]


def case_text(result: Result) -> str:
    """One case, tensor by tensor."""
    q = result.vector.question
    hidden = ", ".join(q.hidden) or "none"
    lines = [
        f"{result.id}: {'-'.join(map(str, q.sizes))}, hidden: {hidden}, head: {q.head}, {q.dtype}, samples: {q.samples}",
        *(f"flagged {flag}: {FLAGS[flag]}" for flag in result.vector.flags if flag in TELLING),
        "",
    ]
    if result.judgement is not None:
        rows: list[tuple[str, ...]] = [
            ("tensor", "grade", "ulp", "worst entry", "got", "correctly rounded", "apart", "allowed")
        ]
        rows += [_tensor(t) for t in result.judgement.tensors]
        lines += [columns(rows, [False, False, True, False, True, True, True, True]), ""]
    lines.append(f"{result.outcome}: {result.words.removeprefix(f'{result.outcome}: ')}")
    if len(result.mistakes) > 1:
        lines.append(f"also explained by: {'; '.join(result.mistakes[1:])}")
    return "\n".join(lines) + "\n"


def _tensor(t: TensorJudgement) -> tuple[str, ...]:
    if t.got is None or t.expected is None or t.error is None or t.allowed is None:
        return (t.symbol, str(t.grade), "", "", "", "", "", "")
    ulps = "" if t.ulps is None else str(t.ulps) if t.ulps < 100_000 else f"{t.ulps:.0e}"
    numbers = (f"{t.got:.17g}", f"{t.expected:.17g}", f"{t.error:.1e}", f"{t.allowed:.1e}")
    return (t.symbol, str(t.grade), ulps, str(list(t.at or ())), *numbers)


def verdicts(run: Run) -> dict[str, Verdict]:
    """The verdict of each dtype by itself; what is announced or kept in files is left out."""
    dtypes = dict.fromkeys(r.vector.question.dtype for r in run.results)
    parts = {d: tuple(r for r in run.results if r.vector.question.dtype == d) for d in dtypes}
    return {d: replace(run, results=part).verdict for d, part in parts.items()}


def as_dict(run: Run) -> dict[str, Any]:
    """JSON-ready."""
    return {
        "backend": run.name,
        "version": run.version,
        "verdict": str(run.verdict),
        "dtypes": {dtype: str(verdict) for dtype, verdict in verdicts(run).items()},
        "cases": len(run.results),
        "covered": run.covered,
        "judged": run.judged,
        "right": run.right,
        "counts": {str(outcome): run.counts[outcome] for outcome in Outcome},
        "drawn": run.drawn,
        "excused": dict(run.excused.most_common()),
        "mistakes": dict(run.mistakes.most_common()),
        "causes": [
            {"cause": c.words, "cases": len(c.results), "reproduce": c.results[0].id, "ids": [r.id for r in c.results]}
            for c in causes(run.failures, run.results)
        ],
        "seconds": round(run.seconds, 3),
        "at_the_end": run.farewell,
        "heads": [
            dict(zip(map(str, HEADINGS), _plain(row(head, dtype, found)), strict=True))
            for (head, dtype), found in by_head(run).items()
        ],
        "results": [result_dict(r, r.id in run.expected, run.expected.get(r.id, "")) for r in run.results],
    }


def _plain(cells: tuple[str, ...]) -> list[str | int]:
    return [int(c) if k in range(2, 3 + len(Outcome)) else c for k, c in enumerate(cells)]


def result_dict(result: Result, expected: bool = False, reason: str = "") -> dict[str, Any]:
    q = result.vector.question
    data: dict[str, Any] = {
        "id": result.id,
        "head": q.head,
        "dtype": q.dtype,
        "flags": list(result.vector.flags),
        "outcome": str(result.outcome),
        "words": result.words,
        "mistakes": list(result.mistakes),
        "excused": result.excused,
        "expected_failure": expected,
        "reason": reason,
    }
    if result.judgement is not None:
        data["judgement"] = result.judgement.to_dict()
    return data
