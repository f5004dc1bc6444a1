"""What is known of kernels at real sizes: `python -m oracle.scores kernels [--sizes N …] [--only PATTERN] [--part ratio|narrow]`.

ratio     seconds of the gradient in midpoint–radius arrays over those of XLA's in float64, both of the clock and interleaved, the
          least of several; XLA has compiled before
narrow    gradients in float32 and bfloat16, right and with a relative error of 1e-4 or 2e-2 in one tile: verdicts; what rounding
          may cost by the worst case, and by Higham and Mary's √n bound, over what it did cost, medians over the components
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from oracle.balls.midpoint_radius.interpreter import evaluate
from oracle.check.gradient import check_gradient
from oracle.judgement.likely import LAMBDA
from oracle.scores.growth.judges import arguments
from oracle.scores.growth.narrow import BITS, NARROW, TILE_ERRORS, wrong_in_a_tile
from oracle.scores.growth.problems import PROBLEMS, Problem
from oracle.witnesses.large import allowance
from oracle.witnesses.tracing import double_precision, trace

SIZES, REPEATS = (10_000, 1_000_000), 3


def ratio(problem: Problem, size: int) -> dict[str, float]:
    """Seconds of both gradients at one point, and how many times as long ours takes."""
    import jax

    args = arguments(problem, size)
    record = trace(problem.fn, args, (0,))
    with double_precision():
        by_xla = jax.jit(jax.grad(problem.fn)).lower(*args).compile()
        given = [jax.numpy.asarray(a) for a in args]
        ours, theirs = [], []
        for _ in range(REPEATS):
            ours.append(_seconds(lambda: evaluate(record.gradient, args, constants=record.constants)))
            theirs.append(_seconds(lambda: jax.block_until_ready(by_xla(*given))))
    return {"ours": min(ours), "xla": min(theirs), "ratio": min(ours) / min(theirs)}


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def narrow(problem: Problem, size: int, dtype: str) -> dict[str, Any]:
    """The verdicts on the right one and the wrong one, and the allowance over the error of the right one."""
    right = NARROW[dtype](problem.grad)
    found: dict[str, Any] = {}
    for label, grad in (("right", right), ("wrong", wrong_in_a_tile(right, TILE_ERRORS[dtype]))):
        before = time.process_time()
        report = check_gradient(
            problem.fn,
            grad,
            domains=problem.domains,
            shapes=problem.shapes(size),
            database=None,
            timeout=None,
            name="grad",
        )
        found[label] = str(report.verdict)
        found[f"{label}, how"] = report.how or "; ".join(n for n in report.notes if "√n" in n)
        found[f"{label}, seconds"] = time.process_time() - before
    return {**found, **_allowed_over_error(problem, size, dtype, right)}


def _allowed_over_error(problem: Problem, size: int, dtype: str, grad: Callable[..., Any]) -> dict[str, float]:
    args = [np.asarray(a, dtype=np.float32).astype(np.float64) for a in arguments(problem, size)]
    record = trace(problem.fn, args, (0,))
    _, truth = evaluate(record.gradient, args, constants=record.constants)
    error = np.abs(np.asarray(grad(*args)).astype(np.float64) - truth.midpoint)
    some = error > truth.radius
    found = {}
    for name, likely in (("worst case", None), ("likely", LAMBDA)):
        off = allowance(record, args, BITS[dtype], likely)
        if off is not None and some.any():
            found[f"{name} over error"] = float(np.median(off[some] / error[some]))
            found[f"{name} over largest"] = float(np.max(off) / np.max(np.abs(truth.midpoint)))
            found[f"most of {name}"] = float(np.max(error[some] / off[some]))
    return found


def measured(sizes: Sequence[int], pattern: str, part: str) -> Iterator[dict[str, Any]]:
    for name, problem in PROBLEMS.items():
        if not fnmatchcase(name, pattern):
            continue
        for size in sizes:
            if part in ("ratio", "all"):
                yield {"problem": name, "size": size, "part": "ratio", **ratio(problem, size)}
            for dtype in NARROW if part in ("narrow", "all") else ():
                yield {"problem": name, "size": size, "part": dtype, **narrow(problem, size, dtype)}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m oracle.scores kernels", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="N")
    parser.add_argument("--only", default="*", metavar="PATTERN", help=f"of {', '.join(PROBLEMS)}")
    parser.add_argument("--part", choices=("ratio", "narrow", "all"), default="all")
    options = parser.parse_args(argv)
    for each in measured(options.sizes, options.only, options.part):
        rounded = {k: float(f"{v:.3g}") if isinstance(v, float) else v for k, v in each.items()}
        print(json.dumps(rounded, ensure_ascii=False), flush=True)
    return 0
