"""JUnit's XML of a run, for the page of a continuous integration: one test case for each case."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from oracle.backends.session import CannotRun
from oracle.conform.outcome import Outcome
from oracle.conform.run import Run

#: What XML 1.0 cannot hold.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(path: Path, run: Run, problems: tuple[str, ...] = ()) -> None:
    """wrong: failure; errored, broken, not asked: error; skipped and failures that were announced: skipped, of the type
    "expected failure" and with their reason. problems: of the run as
    a whole, each a failure of its own. Raises CannotRun."""
    suite = ET.Element("testsuite", name=_text(f"manualbp conform {run.name}"), time=f"{run.seconds:.3f}")
    counts = dict.fromkeys(("failures", "errors", "skipped"), 0)

    def case(name: str, classname: str, seconds: float, tag: str, words: str, kind: str = "") -> None:
        element = ET.SubElement(suite, "testcase", name=name, classname=classname, time=f"{seconds:.4f}")
        if tag:
            about = {"message": _text(words), **({"type": kind} if kind else {})}
            ET.SubElement(element, tag, about).text = _text(words)
            counts[{"failure": "failures", "error": "errors", "skipped": "skipped"}[tag]] += 1

    for r in run.results:
        tag = "" if not r.failed else "failure" if r.outcome is Outcome.WRONG else "error"
        words = f"{r.outcome}: {r.words}"
        if r.outcome is Outcome.SKIPPED:
            tag, words = "skipped", r.words
        kind = ""
        if r.id in run.expected:
            reason = run.expected[r.id]
            tag, kind = "skipped", "expected failure"
            words = f"expected failure{f' ({reason})' if reason else ''}: {r.words}"
        case(r.id, f"{_text(run.name)}.{r.vector.question.head}", r.seconds, tag, words, kind)
    for k, words in enumerate((*problems, *([f"at the end: {run.farewell}"] if run.farewell else [])), start=1):
        case(f"run-{k}", _text(run.name), 0.0, "failure", words)
    suite.set("tests", str(len(suite)))
    for name, n in counts.items():
        suite.set(name, str(n))
    try:
        ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise CannotRun(f"--junit {path} cannot be written: {error}") from error


def _text(words: str) -> str:
    return ILLEGAL.sub("�", words)
