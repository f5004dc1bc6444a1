"""The options of `manualbp check`, made of the words of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.check.formats import TEXT


@dataclass(frozen=True)
class Options:
    """What the command line says; None where the file decides."""

    domains: tuple[Any, ...] | None = None
    argnum: int | None = None
    lengths: tuple[int, int] | None = None
    shapes: tuple[tuple[int, ...], ...] | None = None
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
    """unit,-1:1 → ("unit", (-1.0, 1.0))."""
    return tuple(_domain(part.strip()) for part in text.split(","))


def _domain(text: str) -> Any:
    if ":" not in text:
        return text
    low, _, high = text.partition(":")
    try:
        return float(low), float(high)
    except ValueError:
        raise CannotJudge(f"--domains: {text} is no open interval low:high, such as -1:1 or 0:inf") from None


def parse_lengths(text: str) -> tuple[int, int]:
    """1,9 → (1, 9); 5 → (5, 5)."""
    try:
        low, high = (int(part) for part in (text if "," in text else f"{text},{text}").split(","))
    except ValueError:
        raise CannotJudge(f"--lengths = {text}: give LOW,HIGH, such as 1,9") from None
    return low, high


def parse_shapes(text: str) -> tuple[tuple[int, ...], ...]:
    """3x4,4 → ((3, 4), (4,))."""
    try:
        return tuple(tuple(int(n) for n in part.split("x")) for part in text.split(","))
    except ValueError:
        raise CannotJudge(f"--shapes = {text}: give a shape for each argument, such as 3x4,4") from None
