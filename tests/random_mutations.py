"""Random single changes of code, each against the tests of its room: which are killed, and which survive.

    python tests/random_mutations.py manualbp --count 40 --seed 0
    python tests/random_mutations.py oracle/balls --count 40 --seed 0 --workers 2
    python tests/random_mutations.py oracle/judgement --list         what would be changed

The target is a folder of the packages; its tests are those of the folder of the same path in tests/. A change is a comparison, an
operator, a constant, a condition negated, or a returned value; words and types are left as they are. The kind is drawn first, then
the place, each place once. A change is killed where the tests fail, or use ten times the processor's seconds that they need without
it; nothing is decided by the clock on the wall. Survivors are printed as diffs: each is either another way to write the same, or
wants a test. Exits 1 if there are any.
"""

import argparse
import ast
import copy
import difflib
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", ".hypothesis", ".venv", "*.egg-info")
#: How many times the processor's seconds of the tests as they are a change may use.
TIMES, LEAST_SECONDS = 10, 60
#: Processes of one run that hang without computing are given up after so many seconds, with no verdict.
HANGS = 3600.0

#: Runs a command that may use so many of the processor's seconds.
LIMITED = (
    "import os, resource, sys; seconds = int(sys.argv[1]); "
    "resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5)); os.execv(sys.argv[2], sys.argv[2:])"
)

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In},
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    **{
        ast.Add: ast.Sub,
        ast.Sub: ast.Add,
        ast.Mult: ast.Div,
        ast.Div: ast.Mult,
        ast.Pow: ast.Mult,
        ast.MatMult: ast.Mult,
    },
    **{ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd},
    **{ast.LShift: ast.RShift, ast.RShift: ast.LShift},
}


@dataclass(frozen=True)
class Change:
    """In `file`, the text from `start` to `end` becomes `new`."""

    kind: str
    file: str
    line: int
    start: int
    end: int
    new: str

    def applied(self, source: str) -> str:
        return source[: self.start] + self.new + source[self.end :]


@dataclass(frozen=True)
class Outcome:
    """What the tests said: killed, survived, endless or hangs; `by`: the test that failed first."""

    change: Change
    result: str
    by: str = ""


def changes(source: str, file: str) -> Iterator[Change]:
    """Every single change of a source."""
    tree = ast.parse(source)
    lines = [0]
    for text in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(text))
    rows = source.splitlines(keepends=True)

    def offset(row: int, column: int) -> int:
        return lines[row - 1] + len(rows[row - 1].encode()[:column].decode())

    for node in _code(tree):
        for kind, old, new in _changed(node):
            start = offset(old.lineno, old.col_offset)  # type: ignore[attr-defined]
            end = offset(old.end_lineno, old.end_col_offset)  # type: ignore[attr-defined]
            text = ast.unparse(new)
            if isinstance(new, ast.expr) and not isinstance(new, ast.Constant | ast.Name | ast.Call):
                text = f"({text})"
            yield Change(kind, file, old.lineno, start, end, text)  # type: ignore[attr-defined]


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that compute: neither types nor the words of errors."""
    yield tree
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "type_params") or (isinstance(tree, ast.JoinedStr) and name == "values"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _says_or_types(child):
                yield from _code(child)


def _says_or_types(node: ast.AST) -> bool:
    """Whether a statement chooses the words of an error, or is there for a type checker."""
    return isinstance(node, ast.Raise) or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))


def _changed(node: ast.AST) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """(kind, what is replaced, by what) of one node."""
    if isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            other = copy.deepcopy(node)
            other.ops[k] = COMPARISONS[type(op)]()
            yield "comparison", node, other
    if isinstance(node, ast.BinOp | ast.AugAssign) and not _is_text(node):
        other_op = copy.deepcopy(node)
        other_op.op = OPERATORS[type(node.op)]()
        yield "operator", node, other_op
    if isinstance(node, ast.BoolOp):
        other_bool = copy.deepcopy(node)
        other_bool.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "operator", node, other_bool
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "operator", node, node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        yield "constant", node, ast.Constant(_other_number(node.value))
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        yield "condition", node.test, ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.comprehension):
        for condition in node.ifs:
            yield "condition", condition, ast.UnaryOp(ast.Not(), condition)
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "return", node.value, ast.Constant(None)


def _is_text(node: ast.BinOp | ast.AugAssign) -> bool:
    parts = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
    return any(
        isinstance(p, ast.JoinedStr) or (isinstance(p, ast.Constant) and isinstance(p.value, str)) for p in parts
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _other_number(value: bool | int | float) -> bool | int | float:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) or value == 0 else value * 2


def drawn(target: Path, root: Path, count: int, seed: int) -> list[Change]:
    """`count` changes of the files in a folder, none twice; the same for the same seed and sources."""
    by_kind: dict[str, list[Change]] = {}
    for path in sorted(target.rglob("*.py")):
        for change in changes(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()):
            by_kind.setdefault(change.kind, []).append(change)
    rng = random.Random(seed)
    found: list[Change] = []
    while len(found) < count and any(by_kind.values()):
        kind = rng.choice(sorted(kind for kind, places in by_kind.items() if places))
        found.append(by_kind[kind].pop(rng.randrange(len(by_kind[kind]))))
    return found


def tests_of(change: Change | None, folder: Path) -> list[str]:
    """The files of tests: the one that bears the name of the changed file first, then those that name it."""
    stem = Path(change.file).stem if change else ""

    def distance(path: Path) -> tuple[bool, bool, Path]:
        named = bool(stem) and re.search(rf"\b{stem}\b", path.read_text(encoding="utf-8")) is not None
        return path.stem != f"test_{stem}", not named, path

    return [str(path) for path in sorted(folder.rglob("test_*.py"), key=distance)]


def run_tests(tree: Path, files: list[str], seconds: int | None = None) -> tuple[int | None, str]:
    """pytest in a process of its own: its exit code (None where it hangs), and the first failure."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE", *files]
    if seconds is not None:  # the limit is set in the new process: to fork one that runs threads is no good
        command = [sys.executable, "-c", LIMITED, str(seconds), *command]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=output, stderr=subprocess.STDOUT)
        code: int | None
        try:
            code = process.wait(HANGS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        output.seek(0)
        text = output.read()
    failed = [line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return code, failed[0][:200] if failed else " ".join(text.split())[-200:]


def needed_seconds(tree: Path, files: list[str]) -> int:
    """How many of the processor's seconds a change may use. Raises RuntimeError where the tests fail without one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, said = run_tests(tree, files)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code != 0:
        raise RuntimeError(f"the tests fail without any change: {said}")
    return max(LEAST_SECONDS, round(TIMES * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)))


def judged(change: Change, trees: "Queue[Path]", tests: Callable[[Path], Path], seconds: int) -> Outcome:
    """A change, made in a tree of its own and taken back."""
    tree = trees.get()
    path = tree / change.file
    source = path.read_text(encoding="utf-8")
    try:
        path.write_text(change.applied(source), encoding="utf-8")
        code, said = run_tests(tree, tests_of(change, tests(tree)), seconds)
    finally:
        path.write_text(source, encoding="utf-8")
        trees.put(tree)
    result = "hangs" if code is None else "survived" if code == 0 else "endless" if code < 0 else "killed"
    return Outcome(change, result, said if result == "killed" else "")


def run_all(found: list[Change], target: str, root: Path, workers: int) -> Iterator[Outcome]:
    """The outcome of each, in order. Raises RuntimeError where the tests fail without any change."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        trees: Queue[Path] = Queue()
        for number in range(workers):
            tree = Path(folder, str(number))
            shutil.copytree(root, tree, ignore=LEFT_OUT, symlinks=True)
            trees.put(tree)
        first = trees.get()
        seconds = needed_seconds(first, tests_of(None, first / "tests" / target))
        trees.put(first)
        yield from pool.map(
            partial(judged, trees=trees, tests=lambda tree: tree / "tests" / target, seconds=seconds), found
        )


def diff(change: Change, root: Path) -> str:
    source = (root / change.file).read_text(encoding="utf-8")
    lines = (text.splitlines() for text in (source, change.applied(source)))
    return "\n".join(difflib.unified_diff(*lines, change.file, change.kind, n=1, lineterm=""))


def main() -> int:
    parser = argparse.ArgumentParser(description="Random single changes of code, each against the tests of its room.")
    parser.add_argument("target", help="a folder of the packages, such as manualbp or oracle/balls")
    parser.add_argument("--count", type=int, default=40, help="how many changes")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--workers", type=int, default=1, help="how many at a time")
    parser.add_argument("--list", action="store_true", help="print them as diffs and stop")
    options = parser.parse_args()
    target = options.target.strip("/")
    if not (ROOT / target).is_dir() or not (ROOT / "tests" / target).is_dir():
        parser.error(f"{target}: there is no such folder, or none of its name in tests/")
    found = drawn(ROOT / target, ROOT, options.count, options.seed)
    if options.list:
        print(*(diff(change, ROOT) for change in found), sep="\n\n")
        return 0
    outcomes = []
    for outcome in run_all(found, target, ROOT, options.workers):
        outcomes.append(outcome)
        change = outcome.change
        print(f"{outcome.result:<8}  {change.kind:<10}  {change.file}:{change.line}  {outcome.by}", flush=True)
        if outcome.result in ("survived", "hangs"):
            print(diff(change, ROOT), flush=True)
    killed = sum(outcome.result in ("killed", "endless") for outcome in outcomes)
    print(f"{killed} of {len(outcomes)} changes of {target} killed (seed {options.seed})")
    return 0 if killed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
