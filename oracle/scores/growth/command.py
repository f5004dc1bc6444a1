"""How checks grow: seconds, verdict and peak memory of six gradients, right and wrong in the last tile, from 10 entries to 10⁶.

    python -m oracle.scores growth [--sizes 10 1000 …] [--only PATTERN] [--judges NAME …] [--json]

Each check runs in a process of its own, which imports everything first and has compiled nothing. Seconds are of the processor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from oracle.scores.growth.judges import JUDGES, SLOW
from oracle.scores.growth.problems import PROBLEMS

SIZES = (10, 100, 1000, 10_000, 100_000, 1_000_000)
MARK = "measured:"
CODE = f"""
import json, resource, sys, time
from oracle.scores.growth.judges import JUDGES
from oracle.scores.growth.problems import PROBLEMS, wrong_in_the_last_tile
import oracle.check.gradient
problem, judge, size, right = PROBLEMS[sys.argv[1]], JUDGES[sys.argv[2]], int(sys.argv[3]), sys.argv[4] == "right"
if "gradcheck" in sys.argv[2]:
    import torch
before, wall = time.process_time(), time.perf_counter()
passes, words = judge(problem, problem.grad if right else wrong_in_the_last_tile(problem.grad), size)
seconds, wall = time.process_time() - before, time.perf_counter() - wall
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("{MARK}" + json.dumps([passes, words, seconds, wall, peak]))
"""


@dataclass(frozen=True)
class Measured:
    """One judge of one gradient; seconds: of the processor; wall: of the clock; peak: of the whole process, in MB."""

    problem: str
    size: int
    right: bool
    judge: str
    passes: bool | None
    words: str
    seconds: float
    wall: float
    peak: float

    @property
    def mistaken(self) -> bool:
        return self.passes is not self.right


def measure(problem: str, judge: str, size: int, right: bool, timeout: float) -> Measured:
    """One check in a process of its own; passes is None where it said nothing in time."""
    command = [sys.executable, "-c", CODE, problem, judge, str(size), "right" if right else "wrong"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return Measured(problem, size, right, judge, None, f"nothing in {timeout:g} s", timeout, timeout, 0.0)
    told = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if not told:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return Measured(problem, size, right, judge, None, last, 0.0, 0.0, 0.0)
    return Measured(problem, size, right, judge, *json.loads(told[0].removeprefix(MARK)))


def measured(
    sizes: Sequence[int], pattern: str, judges: Sequence[str], timeout: float, kinds: Sequence[bool] = (True, False)
) -> Iterator[Measured]:
    for name in PROBLEMS:
        if fnmatchcase(name, pattern):
            for size in sizes:
                for judge in judges:
                    if size < SLOW.get(judge, sys.maxsize):
                        for right in kinds:
                            yield measure(name, judge, size, right, timeout)


def line(each: Measured) -> str:
    verdict = "nothing" if each.passes is None else "passes" if each.passes else "fails"
    remark = "  MISTAKEN" if each.mistaken else ""
    kind = "right" if each.right else "wrong"
    return (
        f"{each.problem:<22}{each.size:>9}  {kind}  {each.judge:<16}{verdict:<8}{each.seconds:>8.2f} s"
        f"{each.wall:>8.2f} s{each.peak:>7.0f} MB  {each.words}{remark}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m oracle.scores growth", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--sizes", nargs="+", type=int, default=SIZES, metavar="N", help="entries of the judged argument"
    )
    parser.add_argument("--only", default="*", metavar="PATTERN", help=f"of {', '.join(PROBLEMS)}")
    parser.add_argument("--judges", nargs="+", choices=tuple(JUDGES), default=tuple(JUDGES), metavar="NAME")
    parser.add_argument("--timeout", type=float, default=600.0, metavar="S", help="seconds for one check")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = []
    for each in measured(options.sizes, options.only, options.judges, options.timeout):
        found.append(each)
        if not options.json:
            print(line(each), flush=True)
    if options.json:
        print(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
    else:
        ours = [each for each in found if each.judge == "ours"]
        if ours:
            print(f"ours: {len(ours) - sum(e.mistaken for e in ours)} of {len(ours)} as they are")
    return 0
