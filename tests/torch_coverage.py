"""Every function of `torch_functions.py` judged with torch.autograd's gradient: is its truth enclosed, and what is the verdict?

    python tests/torch_coverage.py [--only WORD] [--part K/N] [--out FILE]

Prints a line a function (name, verdict, certified, seconds of the processor, why), and the share that is certified. `--part 1/3`
is every third function, so that a run stays short; --out appends lines separated by tabs. A verdict `wrong` of torch's own gradient
is to be a true bug, which mpmath or algebra confirms.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch_functions import Row, rows

import oracle

EXAMPLES = 6


def scalar(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Σ w·fn(…) over all the numbers that fn returns, real and imaginary, with weights that are all different."""
    import torch

    def total(*tensors: Any) -> Any:
        found = 0.0
        for part in _parts(fn(*tensors)):
            weights = torch.cos(torch.arange(part.numel(), dtype=part.dtype)).reshape(part.shape)
            found = found + (part * weights).sum()
        return found

    return total


def _parts(value: Any) -> list[Any]:
    if isinstance(value, tuple | list):
        return [part for v in value for part in _parts(v)]
    return [value.real, value.imag] if value.is_complex() else [value]


def autograd(fn: Callable[..., Any]) -> Callable[..., Any]:
    """torch's own gradient by the first argument."""
    import torch

    def grad(x: torch.Tensor, *others: torch.Tensor) -> Any:
        x = x.clone().requires_grad_()
        (found,) = torch.autograd.grad(fn(x, *others), x)
        return found

    return grad


def judge(row: Row) -> tuple[str, bool, str]:
    """verdict, certified and why."""
    fn = scalar(row.fn)
    try:
        report = oracle.check_gradient(
            fn, autograd(fn), row.domains, shapes=row.shapes, examples=EXAMPLES, database=None, name=row.name
        )
    except ValueError as error:
        return "not judged", False, str(error)
    point = "" if report.counterexample is None else f" at {[a.tolist() for a in report.counterexample]}"
    numbers = "" if report.expected is None else f": {report.got} for {report.expected}"
    return str(report.verdict), report.certified, f"{report.why_not} {report.how}{numbers}{point}".strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # torch warns of what is prototype, and of what is deprecated
    k, n = map(int, options.part.split("/"))
    chosen = [row for row in rows() if options.only in row.name][k - 1 :: n]
    certified = 0
    for row in chosen:
        started = time.process_time()
        verdict, proved, why = judge(row)
        certified += proved
        line = (
            row.name,
            verdict,
            "certified" if proved else "not certified",
            f"{time.process_time() - started:.2f}",
            why,
        )
        print("  ".join(line)[:240], flush=True)
        if options.out:
            with options.out.open("a") as file:
                file.write("\t".join(line).replace("\n", " ") + "\n")
    print(f"{certified} of {len(chosen)} certified")


if __name__ == "__main__":
    main()
