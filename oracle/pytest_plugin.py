"""The pytest plugin: fixtures `check_gradient` and `check_vjp`, and `--gradient-report FILE.json` on every check of the run,
called by a fixture or from `oracle`.

pytest loads this file, by its path (`manualbp/_plugin.py`), in every run where manualbp is installed: so it imports nothing before
a fixture is called, and not even then another package of the name `oracle`.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from oracle.check.report import Report

#: The reports of a test, as data, in the order of its checks.
ITEM = pytest.StashKey[list[dict[str, Any]]]()
#: Those of the run, where they are asked for, and what kept them from being written.
RUN = pytest.StashKey[list[dict[str, Any]]]()
UNWRITTEN = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("manualbp", "gradients")
    group.addoption(
        "--gradient-report", metavar="FILE.json", help="Write the report of every gradient checked, as JSON."
    )


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--gradient-report")
    if file is None or hasattr(config, "workerinput"):  # a worker of pytest-xdist sends its reports to the main process
        return
    refusal = _refusal(Path(file))
    if refusal:
        raise pytest.UsageError(f"--gradient-report: {refusal}")
    config.stash[RUN] = []


@pytest.fixture
def check_gradient() -> Callable[..., Report]:
    """Takes the arguments of `oracle.check_gradient`; fails the test with the report unless the gradient is right."""

    def check(*args: Any, **options: Any) -> Report:
        __tracebackhide__ = True
        _must_be_ours()
        from oracle.check.gradient import check_gradient

        return _checked(check_gradient, args, options)

    return check


@pytest.fixture
def check_vjp() -> Callable[..., Report]:
    """Takes the arguments of `oracle.check_vjp`; fails the test with the report unless the product is right."""

    def check(*args: Any, **options: Any) -> Report:
        __tracebackhide__ = True
        _must_be_ours()
        from oracle.check.vjp import check_vjp

        return _checked(check_vjp, args, options)

    return check


def _checked(judge: Callable[..., Report], args: Any, options: Any) -> Report:
    __tracebackhide__ = True
    from oracle.candidate.asking import CannotJudge

    try:
        report = judge(*args, **options)
    except CannotJudge as error:
        raise CannotJudge(str(error)) from None
    if not report:
        raise AssertionError(str(report))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Listens to every check of the test, where a file is asked for."""
    if item.config.getoption("--gradient-report") is None or _shadow():
        return (yield)
    from oracle.check.listeners import heard_by

    with heard_by(item.stash.setdefault(ITEM, []).append):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The reports of the gradients travel with the report of the test, from workers too."""
    report = yield
    found = item.stash.get(ITEM, [])
    if found:
        report.gradients = list(found)  # type: ignore[attr-defined]
        found.clear()
    return report


def pytest_sessionstart(session: pytest.Session) -> None:
    reports = session.config.stash.get(RUN, None)
    if reports is not None:
        session.config.pluginmanager.register(_Collecting(reports), "manualbp-gradient-report")


class _Collecting:
    """Gathers the reports of the run. It is there only where a file is asked for."""

    def __init__(self, reports: list[dict[str, Any]]) -> None:
        self.reports = reports

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports += [{"test": report.nodeid, **data} for data in getattr(report, "gradients", [])]


def pytest_sessionfinish(session: pytest.Session) -> None:
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
    reports = config.stash.get(RUN, None)
    if reports is None:
        return
    counts = Counter(each["verdict"] for each in reports)
    said = {
        "right": "right",
        "wrong": "wrong",
        "inaccurate": "inaccurate",
        "undecided": "undecided",
        None: "not judged",
    }
    words = ", ".join(f"{counts[v]} {word}" for v, word in said.items() if counts[v]) or "none"
    where = config.stash.get(UNWRITTEN, f"reports in {config.getoption('--gradient-report')}")
    terminalreporter.write_line(f"gradients: {words}; {where}")


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
