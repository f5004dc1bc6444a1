"""Several backends side by side: `python -m oracle.backends.table FILE.json …`, each from `manualbp conform NAME --json`.

Prints Markdown: a line for each backend and dtype, and a line for each head in which one of them fails.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

GRADES = ("accurate", "stable", "wrong")
Report = Mapping[str, Any]


def markdown(reports: Sequence[Report]) -> str:
    columns = [(r, dtype) for r in reports for dtype in dict.fromkeys(row["dtype"] for row in r["heads"])]
    lines = [
        "| backend | dtype | cases | accurate | stable | wrong | verdict | answers a second |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for report, dtype in columns:
        mine = [r for r in report["results"] if r["dtype"] == dtype and "judgement" in r]
        counts = [str(sum(r["outcome"] == grade for r in mine)) for grade in GRADES]
        name = report["version"] or report["backend"]
        found = f"{' | '.join(counts)} | {report['dtypes'][dtype]}"
        lines.append(f"| {name} | {dtype} | {len(mine)} | {found} | {_rate(report)} |")
    heads = dict.fromkeys(r["head"] for report, _ in columns for r in report["results"] if r["outcome"] == "wrong")
    titles = [f"{report['backend']} {dtype}" for report, dtype in columns]
    lines += ["", f"| wrong, of those judged | {' | '.join(titles)} |", f"|---{'|---' * len(titles)}|"]
    for head in sorted(heads):
        cells = [
            _cell([r for r in report["results"] if (r["head"], r["dtype"]) == (head, dtype)])
            for report, dtype in columns
        ]
        lines.append(f"| `{head}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rate(report: Report) -> str:
    """Answers a second, of the whole run."""
    rate = report["judged"] / report["seconds"] if report["seconds"] else 0.0
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _cell(results: Sequence[Mapping[str, Any]]) -> str:
    judged = [r for r in results if "judgement" in r]
    wrong = sum(r["outcome"] == "wrong" for r in judged)
    return f"{wrong} of {len(judged)}" if wrong else "" if judged else "–"


def read(path: Path) -> Report | None:
    """The report in a file; None where it holds anything else."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        markdown([report])
        return dict(report) if report["dtypes"] and report["results"] else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None


def main(names: Sequence[str]) -> int:
    """0, or 2 where there is no report to show. Files that are none are named on stderr and left out."""
    found = {name: read(Path(name)) for name in names}
    for name in (name for name, report in found.items() if report is None):
        print(f"left out, no report of manualbp conform --json: {ascii(name)[1:-1]}", file=sys.stderr)
    reports = [report for report in found.values() if report is not None]
    if not reports:
        print("Error: give files that manualbp conform NAME --json printed", file=sys.stderr)
        return 2
    print(markdown(reports), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
