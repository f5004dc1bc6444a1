"""The options of `manualbp check`, made of the words of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.check.formats import TEXT
from oracle.check.sizes import Lengths, Shape
from oracle.search.sizes import axis_of


@dataclass(frozen=True)
class Options:
    """What the command line says; None where the file decides."""

    domains: tuple[Any, ...] | None = None
    argnum: int | None = None
    lengths: Lengths | None = None
    shapes: tuple[Shape, ...] | None = None
    examples: int | None = None
    seed: int = 0
    memory: bool = True
    extremes: bool = False
    timeout: float | None = None
    format: str = TEXT
    if_any: bool = False
    changed: str | None = None


def options_from(
    *,
    domains: str | None,
    argnum: int | None,
    lengths: str | None,
    shapes: str | None,
    examples: int | None,
    seed: int,
    timeout: float | None,
    no_memory: bool,
    extremes: bool = False,
    format: str = TEXT,
    if_any: bool = False,
    changed: str | None = None,
) -> Options:
    """The command line's words as options. Raises CannotJudge with one sentence."""
    if examples is not None and examples < 1:
        raise CannotJudge(f"--examples = {examples} is too few: give an integer of at least 1.")
    if seed < 0:
        raise CannotJudge(f"--seed = {seed} is too small: give an integer of at least 0.")
    if timeout is not None and not 0 < timeout < 1e9:
        raise CannotJudge(f"--timeout = {timeout:g}: give a positive number of seconds.")
    return Options(
        None if domains is None else parse_domains(domains),
        argnum,
        None if lengths is None else parse_lengths(lengths),
        None if shapes is None else parse_shapes(shapes),
        examples,
        seed,
        not no_memory,
        extremes,
        timeout,
        format,
        if_any,
        changed,
    )


def parse_domains(text: str) -> tuple[Any, ...]:
    """unit,-1:1,0..9 → ("unit", (-1.0, 1.0), range(0, 10))."""
    return tuple(_domain(part.strip()) for part in text.split(","))


def _domain(text: str) -> Any:
    if ".." in text:
        first, _, last = text.partition("..")
        try:
            return range(int(first), int(last) + 1)
        except ValueError:
            raise CannotJudge(f"--domains: {text} is no run of whole numbers first..last, such as 0..9") from None
    if ":" not in text:
        return text
    low, _, high = text.partition(":")
    try:
        return float(low), float(high)
    except ValueError:
        raise CannotJudge(f"--domains: {text} is no open interval low:high, such as -1:1 or 0:inf") from None


def parse_lengths(text: str) -> Lengths:
    """1,9 → (1, 9); 5 → (5, 5); n=1:64,d=8 → {"n": (1, 64), "d": (8, 8)}."""
    try:
        if "=" in text:
            pairs = (part.split("=") for part in text.split(","))
            return {name.strip(): _bounds(said.split(":")) for name, said in pairs}
        return _bounds(text.split(","))
    except ValueError:
        raise CannotJudge(f"--lengths = {text}: give LOW,HIGH, such as 1,9, or such by names, n=1:64,d=8") from None


def _bounds(ends: Sequence[str]) -> tuple[int, int]:
    low, high = map(int, (ends[0], ends[0]) if len(ends) == 1 else ends)
    return low, high


def parse_shapes(text: str) -> tuple[Shape, ...]:
    """3x4,4 → ((3, 4), (4,)); nx2*d,d → (("n", "2*d"), ("d",))."""
    try:
        return tuple(tuple(_size(n) for n in part.split("x")) for part in text.split(","))
    except ValueError:
        raise CannotJudge(
            f"--shapes = {text}: give a shape for each argument, such as 3x4,4, or with names, nx4,n"
        ) from None


def _size(text: str) -> int | str:
    if text.strip().isdecimal():
        return int(text)
    axis_of(text)
    return text.strip()
