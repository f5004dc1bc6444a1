"""The plugin, as a user's pytest run meets it: in a process of its own, with warnings as errors."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"

Run = Callable[..., pytest.RunResult]

COSTS = """
    def cost(a, E):
        return ((a - E) ** 2).sum()

    def right(a, E):
        return 2 * (a - E)

    def wrong(a, E):
        return a - E

    def slow(a, E):
        raise RuntimeError("out of order")

    OPTIONS = {"domains": ("real", "real"), "lengths": (1, 3), "examples": 12}
"""

RIGHT = """
    def test_right(check_gradient):
        assert check_gradient(cost, right, **OPTIONS).verdict == "right"
"""

WRONG = """
    def test_wrong(check_gradient):
        check_gradient(cost, right, **OPTIONS)
        check_gradient(cost, wrong, **OPTIONS)
"""

UNASKABLE = """
    def test_unaskable(check_gradient):
        check_gradient(cost, slow, **OPTIONS)
"""

VJP = """
    def test_vjp(check_vjp):
        check_vjp(lambda x: 3 * x, lambda x, c: (3 * c,), ("real",), lengths=(1, 3), examples=12)
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """pytest in a process of its own on a file of tests; no plugin but ours and those named."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def result(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        # runpytest_subprocess would load an entry point a second time
        return pytester.run(
            *(sys.executable, "-W", "error", "-m", "pytest", "-p", "oracle.pytest_plugin", "-p", "no:cacheprovider"),
            *arguments,
            timeout=120,
        )

    return result


def test_the_distribution_names_the_plugin() -> None:
    named = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]["pytest11"]["manualbp"]
    module, _, attribute = named.partition(":")
    assert module == "manualbp._plugin"
    assert getattr(import_module(module), attribute).pytest_addoption.__module__ == "manualbp_pytest_plugin"


@pytest.mark.longer
def test_the_verdicts_of_a_run_their_reports_and_their_file(run: Run, pytester: pytest.Pytester) -> None:
    result = run(COSTS + RIGHT + WRONG + UNASKABLE + VJP, "--gradient-report", "found.json")
    result.assert_outcomes(passed=2, failed=2)
    text = result.stdout.str()
    assert "E       AssertionError: wrong: wrong" in text
    assert "It is 1/2 times the truth" in text
    assert "expected  " in text
    assert "grad raised RuntimeError at arguments of shapes (3,), (3,): out of order" in text
    for inner in ("oracle/check/gradient.py", "oracle/candidate/asking.py", "oracle/pytest_plugin.py"):
        assert inner not in text.replace("\\", "/"), "the traceback ends at the user's own line"
    result.stdout.fnmatch_lines(["gradients: 3 right, 1 wrong, 1 not judged; reports in found.json"])

    reports = json.loads((pytester.path / "found.json").read_text(encoding="utf-8"))
    assert [(r["test"].rpartition("::")[2], r["verdict"]) for r in reports] == [
        ("test_right", "right"),
        ("test_wrong", "right"),
        ("test_wrong", "wrong"),
        ("test_unaskable", None),
        ("test_vjp", "right"),
    ]
    assert reports[3]["error"].startswith("grad raised RuntimeError")
    assert reports[2]["expected"] == 2 * reports[2]["got"]
    assert list(pytester.path.glob("found.json.*")) == []


#: A check that outlives its test.
LATE = """
    import threading
    import oracle

    MAY_END = threading.Event()

    def late(a, E):
        MAY_END.wait(60)
        return right(a, E)

    THREAD = threading.Thread(target=lambda: oracle.check_gradient(cost, late, **OPTIONS))

    def test_of_which_a_check_goes_on():
        THREAD.start()

    def test_that_waits_for_it():
        MAY_END.set()
        THREAD.join()
"""


@pytest.mark.longer
def test_the_reports_of_workers_are_gathered(run: Run, pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    result = run(COSTS + RIGHT + LATE, "-p", "xdist", "-n", "1", "--gradient-report", "found.json")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["gradients: 2 right; reports in found.json"])
    reports = json.loads((pytester.path / "found.json").read_text(encoding="utf-8"))
    assert [r["test"].rpartition("::")[2] for r in reports] == ["test_right", "test_of_which_a_check_goes_on"]


THREADS = """
    import threading
    import oracle
    import pytest

    def in_a_thread(call):
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_by_fixture(check_gradient):
        in_a_thread(lambda: check_gradient(cost, wrong, **OPTIONS))

    def test_from_oracle():
        in_a_thread(lambda: oracle.check_gradient(cost, right, **OPTIONS))

    @pytest.mark.gradients(lengths=(1, 2), examples=12)
    @pytest.mark.gradients(domains=("real", (0, 1)), examples=3)
    def test_marked(check_gradient):
        report = check_gradient(cost, right, examples=15)
        assert report.domains == ("real", "(0, 1)")
        assert report.tried.points == 15
        assert all(shape[0] <= 2 for shapes in report.tried.shapes for shape in shapes)
"""


def test_checks_of_threads_are_heard_and_a_mark_holds_options(run: Run) -> None:
    result = run(COSTS + THREADS + LATE)
    result.assert_outcomes(passed=5, errors=1)
    assert "in a thread of the test:" in result.stdout.str()
    result.stdout.fnmatch_lines(["gradients: 3 right, 1 wrong"])


def test_a_mark_names_its_options(run: Run) -> None:
    result = run(
        COSTS + "\n    import pytest\n    @pytest.mark.gradients(3)" + RIGHT.replace("\n    def", "\n    def", 1)
    )
    assert "give options by name, such as examples=20" in result.stdout.str() + result.stderr.str()


DIRECT = """
    import oracle
    import pytest

    def test_asserted():
        oracle.assert_gradient(cost, right, database=None, **OPTIONS)

    def test_directly():
        assert oracle.check_gradient(cost, wrong, database=None, name="mine", **OPTIONS).verdict == "wrong"

    def test_refused():
        with pytest.raises(oracle.CannotJudge):
            oracle.check_gradient(cost, slow, database=None, name="slow", **OPTIONS)

    def test_product_of_two():
        assert oracle.check_vjp(lambda x, y: x * y, lambda x, y, c: (c * y, c * x), **OPTIONS)
"""


@pytest.mark.longer
def test_checks_without_a_fixture_are_reported_too(run: Run, pytester: pytest.Pytester) -> None:
    result = run(COSTS + DIRECT, "--gradient-report", "found.json")
    result.assert_outcomes(passed=4)
    reports = json.loads((pytester.path / "found.json").read_text(encoding="utf-8"))
    assert [(r["test"].rpartition("::")[2], r["name"], r["verdict"]) for r in reports] == [
        ("test_asserted", "right", "right"),
        ("test_directly", "mine", "wrong"),
        ("test_refused", "slow", None),
        ("test_product_of_two", "<lambda>, argument 1", "right"),
    ]
    again = run(NOTHING, "--gradient-report", "found.json")
    again.assert_outcomes(passed=1)  # the file is known for ours


NOTHING = "def test_nothing(): pass"


def refused(result: pytest.RunResult) -> str:
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (sentence,) = [line for line in result.stderr.lines if line.startswith("ERROR: ")]
    return sentence


def test_a_file_of_somebody_else_is_left_alone(run: Run, pytester: pytest.Pytester) -> None:
    for number, content in enumerate(("precious", '{"test": 1}', '[{"test": 1}]')):
        file = pytester.path / f"{number}.json"
        file.write_text(content)
        assert "exists and is no gradient report" in refused(run(NOTHING, "--gradient-report", str(file)))
        assert file.read_text() == content


def test_a_file_of_ours_is_replaced(run: Run, pytester: pytest.Pytester) -> None:
    file = pytester.path / "ours.json"
    file.write_text('[{"test": "old", "verdict": "right", "tried": {}}]')
    result = run(NOTHING, "--gradient-report", str(file))
    assert result.ret == 0
    result.stdout.fnmatch_lines(["gradients: none; reports in *ours.json"])
    assert json.loads(file.read_text()) == []


@pytest.mark.parametrize(
    ("file", "words"), [(".", "is a directory"), ("absent/x.json", "there is no directory absent")]
)
def test_an_unwritable_file_is_one_sentence(file: str, words: str, run: Run) -> None:
    assert words in refused(run(NOTHING, "--gradient-report", file))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_is_one_sentence(run: Run, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "cannot be written" in refused(run(NOTHING, "--gradient-report", str(tmp_path / "x.json")))


def test_a_directory_that_goes_away_is_one_line_and_no_success(run: Run, pytester: pytest.Pytester) -> None:
    pytester.mkdir("out")
    result = run("import shutil\ndef test_tidies_up(): shutil.rmtree('out')", "--gradient-report", "out/x.json")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["gradients: none; *x.json was not written: *"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


LOADED = """
    import sys

    def test_it_is_there(pytestconfig):
        assert pytestconfig.pluginmanager.hasplugin("oracle.pytest_plugin")
        {body}

    def test_nothing_heavy_is_loaded():
        heavy = {{"jax", "jaxlib", "hypothesis", "numpy", "flint", "click", "torch"}}
        assert not heavy & {{name.partition(".")[0] for name in sys.modules}}
"""


def test_merely_installed_it_imports_nothing_heavy(run: Run) -> None:
    run(LOADED.format(body="")).assert_outcomes(passed=2)


@pytest.mark.parametrize("package", ["jax", "hypothesis", "numpy"])
def test_that_check_sees_each(package: str, run: Run) -> None:
    run(LOADED.format(body=f"import {package}")).assert_outcomes(passed=1, failed=1)
