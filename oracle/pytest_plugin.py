"""The pytest plugin: fixtures `check_gradient` and `check_vjp`, the mark `gradients` with their options, a count of the gradients
that a run judged, by a fixture or from `oracle`, in any thread or worker, and `--gradient-report FILE.json` with each report.

pytest loads this file, by its path (`manualbp/_plugin.py`), in every run where manualbp is installed: so it imports nothing before
a fixture is called, and not even then another package of the name `oracle`.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from oracle.check.report import Report

#: The reports of a test, as data, in the order of its checks; and those of every test, by its name.
ITEM = pytest.StashKey[list[dict[str, Any]]]()
TESTS = pytest.StashKey[list[tuple[str, list[dict[str, Any]]]]]()
#: Those of the run, where they are asked for, and what kept them from being written.
RUN = pytest.StashKey[list[dict[str, Any]]]()
UNWRITTEN = pytest.StashKey[str]()
#: How many gradients of the run have which verdict.
COUNTS = pytest.StashKey["Counter[str | None]"]()
#: Whom this run tells.
LISTENER = pytest.StashKey["Callable[[dict[str, Any]], None] | None"]()
#: Who is told of a check, the test that runs last: `oracle.check.listeners` looks here.
LISTENING: list[Callable[[dict[str, Any]], None]] = []
MARK = "gradients"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("manualbp", "gradients")
    group.addoption(
        "--gradient-report", metavar="FILE.json", help="Write the report of every gradient checked, as JSON."
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARK}(**options): options of the checks by fixture in this test, such as examples=20 or lengths=(1, 5)",
    )
    file = config.getoption("--gradient-report")
    if file is None or hasattr(config, "workerinput"):  # a worker of pytest-xdist sends its reports to the main process
        return
    refusal = _refusal(Path(file))
    if refusal:
        raise pytest.UsageError(f"--gradient-report: {refusal}")
    config.stash[RUN] = []


@pytest.fixture
def check_gradient(request: pytest.FixtureRequest) -> Generator[Callable[..., Report], None, None]:
    """Takes the arguments of `oracle.check_gradient`; fails the test with the report unless the gradient is right."""

    def judge(*args: Any, **options: Any) -> Report:
        from oracle.check.gradient import check_gradient

        return check_gradient(*args, **options)

    yield from _failing(request, judge)


@pytest.fixture
def check_vjp(request: pytest.FixtureRequest) -> Generator[Callable[..., Report], None, None]:
    """Takes the arguments of `oracle.check_vjp`; fails the test with the report unless the product is right."""

    def judge(*args: Any, **options: Any) -> Report:
        from oracle.check.vjp import check_vjp

        return check_vjp(*args, **options)

    yield from _failing(request, judge)


def _failing(
    request: pytest.FixtureRequest, judge: Callable[..., Report]
) -> Generator[Callable[..., Report], None, None]:
    """What fails the test, from whichever thread of it: what another one raises nobody else would see."""
    declared = _declared(request.node)
    elsewhere: list[str] = []

    def check(*args: Any, **options: Any) -> Report:
        __tracebackhide__ = True
        _must_be_ours()
        from oracle.candidate.asking import CannotJudge

        why: BaseException
        try:
            report = judge(*args, **{**declared, **options})
        except CannotJudge as error:
            why = CannotJudge(str(error))
        else:
            if report:
                return report
            why = AssertionError(str(report))
        if threading.current_thread() is not threading.main_thread():
            elsewhere.append(str(why))
        raise why from None

    yield check
    if elsewhere:
        pytest.fail("in a thread of the test:\n" + "\n\n".join(elsewhere), pytrace=False)


def _declared(node: pytest.Item) -> dict[str, Any]:
    """The options of the mark `gradients`, those of the nearest one first."""
    options: dict[str, Any] = {}
    for mark in node.iter_markers(MARK):
        if mark.args:
            raise pytest.UsageError(f"@pytest.mark.{MARK}{mark.args!r}: give options by name, such as examples=20")
        options = {**mark.kwargs, **options}
    return options


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Listens to every check of the test, in whichever thread, until the next test begins: a thread may outlive its own."""
    if ITEM not in item.stash:
        item.stash[ITEM] = []
        item.config.stash.setdefault(TESTS, []).append((item.nodeid, item.stash[ITEM]))
    _listen(item.config, item.stash[ITEM].append)


def _listen(config: pytest.Config, listener: Callable[[dict[str, Any]], None] | None) -> None:
    """In the place of whom this run told before."""
    before = config.stash.get(LISTENER, None)
    if before is not None:
        LISTENING.remove(before)
    config.stash[LISTENER] = listener
    if listener is not None:
        LISTENING.append(listener)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The reports of the gradients travel with the report of the test, from workers too; in full only where a file is asked for."""
    report = yield
    found = _drained(item.config, item.stash.get(ITEM, []))
    if found:
        report.gradients = found  # type: ignore[attr-defined]
    return report


def _drained(config: pytest.Config, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What has been found, which is so no longer; a thread may find more meanwhile."""
    taken = [found.pop(0) for _ in range(len(found))]
    whole = config.getoption("--gradient-report") is not None
    return taken if whole else [{"verdict": data["verdict"]} for data in taken]


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):  # a worker of pytest-xdist sends its reports to the main process
        counting = _Counting(session.config.stash.get(RUN, None))
        session.config.stash[COUNTS] = counting.counts
        session.config.pluginmanager.register(counting, "manualbp-gradients")


class _Counting:
    """Counts the verdicts of the run, and gathers its reports where a file is asked for."""

    def __init__(self, reports: list[dict[str, Any]] | None) -> None:
        self.reports = reports
        self.counts: Counter[str | None] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.add(report.nodeid, getattr(report, "gradients", []))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist has ended."""
        for test, found in getattr(node, "workeroutput", {}).get("gradients", []):
            self.add(test, found)

    def add(self, test: str, found: list[dict[str, Any]]) -> None:
        self.counts.update(data["verdict"] for data in found)
        if self.reports is not None:
            self.reports += [{"test": test, **data} for data in found]


@pytest.hookimpl(tryfirst=True)  # what a worker says goes out with the run
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Checks of threads that outlived their test are counted, too; then the file is written."""
    _listen(session.config, None)
    late = [(test, _drained(session.config, found)) for test, found in session.config.stash.get(TESTS, [])]
    counting = session.config.pluginmanager.get_plugin("manualbp-gradients")
    if counting is None:
        session.config.workeroutput["gradients"] = [each for each in late if each[1]]  # type: ignore[attr-defined]
    else:
        for test, found in late:
            counting.add(test, found)
    reports = session.config.stash.get(RUN, None)
    if reports is None:
        return
    file = Path(session.config.getoption("--gradient-report"))
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(reports, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        session.config.stash[UNWRITTEN] = f"{file} was not written: {error.strerror}"
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line: how many gradients of each verdict, and where their reports are."""
    counts = config.stash.get(COUNTS, Counter())
    to_file = config.stash.get(RUN, None) is not None
    if not counts and not to_file:
        return
    said = {
        "right": "right",
        "wrong": "wrong",
        "inaccurate": "inaccurate",
        "undecided": "undecided",
        None: "not judged",
    }
    words = ", ".join(f"{counts[v]} {word}" for v, word in said.items() if counts[v]) or "none"
    where = config.stash.get(UNWRITTEN, f"reports in {config.getoption('--gradient-report')}")
    terminalreporter.write_line(f"gradients: {words}" + (f"; {where}" if to_file else ""))


def _shadow() -> str:
    from manualbp._command import shadow

    return shadow()


def _must_be_ours() -> None:
    __tracebackhide__ = True
    hidden = _shadow()
    if hidden:
        pytest.fail(hidden, pytrace=False)


def _refusal(file: Path) -> str:
    """Why the file cannot be written, or nothing."""
    if file.is_dir():
        return f"{file} is a directory: give a file"
    if not file.parent.is_dir():
        return f"there is no directory {file.parent}"
    if file.exists() and not _is_ours(file):
        return f"{file} exists and is no gradient report: it is left alone"
    writable = os.access(file, os.W_OK) if file.exists() else os.access(file.parent, os.W_OK)
    return "" if writable else f"{file} cannot be written"


def _is_ours(file: Path) -> bool:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(data, list) and all(
        isinstance(d, dict) and {"test", "verdict"} <= d.keys() and ("tried" in d or "error" in d) for d in data
    )
