"""Sessions: asking a backend, in this process or in another, with the same replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oracle.backends.answers import plain
from oracle.backends.backend import Backend, Capabilities, Skipped
from oracle.backends.conventions import answered, asked
from oracle.backends.held import Changed, Held
from oracle.backends.identity import of_backend, of_command
from oracle.backends.process import Broken, Program
from oracle.backends.wire import line, parsed, replied, run_message, start_message, started, stop_message
from oracle.backends.words import printable, told
from oracle.candidate.guard import Stopped
from oracle.vectors.encoding import Malformed
from oracle.vectors.record import Answer, Question

#: Seconds for one case; the start of a program may take STARTS times that.
TIMEOUT = 20.0
STARTS = 3
#: A reply may have so many bytes, and so many for each number of it: bits, decimal echo, punctuation, spaces.
LINE, PER_NUMBER = 1 << 18, 100


class CannotRun(Exception):
    """The backend cannot be asked at all; one sentence."""


class Kind(StrEnum):
    """answered: there are gradients to judge. skipped, errored: the backend says so. broken: it crashed, hung or spoke garbage."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    ERRORED = "errored"
    BROKEN = "broken"


@dataclass(frozen=True, eq=False)
class Reply:
    """What came back: an answer, or words."""

    kind: Kind
    answer: Answer | None = None
    words: str = ""


@dataclass(frozen=True)
class Session:
    """A backend that can be asked. close returns what was wrong with its end, or nothing; identity a digest of its code."""

    name: str
    version: str
    capabilities: Capabilities
    ask: Callable[[Question], Reply]
    close: Callable[[], str]
    identity: Callable[[], str] = lambda: ""


def in_process(backend: Backend, timeout: float | None = TIMEOUT, module: str = "") -> Session:
    """A session with a backend in this process, each of whose calls is held (`oracle.backends.held`). module: that it was found
    in."""
    name, kept = printable(backend.name), backend.capabilities
    run = Held(backend.run, name, timeout)

    def ask(question: Question) -> Reply:
        if refusal := kept.refusal(question):
            return Reply(Kind.SKIPPED, words=refusal)
        try:
            answer = plain(run(asked(question, kept)))
        except Skipped as error:
            return Reply(Kind.SKIPPED, words=_reason(error))
        except Stopped as error:
            return Reply(Kind.BROKEN, words=printable(str(error)))
        except (Changed, Malformed) as error:
            return Reply(Kind.ERRORED, words=printable(str(error)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a backend may raise what is no Exception, and is answerable for it
            return Reply(Kind.ERRORED, words=told(error))
        return Reply(Kind.ANSWERED, answered(answer, kept, question.samples))

    return Session(name, printable(backend.version), kept, ask, lambda: "", lambda: of_backend(backend, module))


def _reason(error: Skipped) -> str:
    try:
        return printable(str(error)) or "no reason given"
    except Exception:
        return "a reason that cannot be read"


def in_program(command: str, timeout: float = TIMEOUT) -> Session:
    """A session with a program that speaks the protocol of PROTOCOL.md; it is started anew after it broke.

    Raises CannotRun where it does not start, or not by the protocol.
    """
    program, (name, release, kept) = _started(command, timeout)
    running: list[Program] = [program]  # empty after a breakdown
    seq = 0

    def ask(question: Question) -> Reply:
        nonlocal seq
        if refusal := kept.refusal(question):
            return Reply(Kind.SKIPPED, words=refusal)
        if not running:
            try:
                running.append(_started(command, timeout)[0])
            except CannotRun as error:
                return Reply(Kind.BROKEN, words=str(error))
        seq += 1
        message = line(run_message(seq, asked(question, kept), question))
        try:
            data = running[0].exchange(message, timeout, LINE + PER_NUMBER * _numbers(question))
            kind, value = replied(parsed(data), seq, question)
        except (Broken, Malformed) as error:
            running.pop().kill()
            return Reply(Kind.BROKEN, words=printable(str(error)))
        if kind == "answered":
            return Reply(Kind.ANSWERED, answered(value, kept, question.samples))
        return Reply(Kind(kind), words=value)

    def close() -> str:
        return running.pop().stop(line(stop_message()), min(max(timeout, 2.0), TIMEOUT)) if running else ""

    return Session(name, release, kept, ask, close, lambda: of_command(command))


def _started(command: str, timeout: float) -> tuple[Program, tuple[str, str, Capabilities]]:
    try:
        program = Program(command)
    except (OSError, ValueError) as error:
        raise CannotRun(f"{command!r} cannot be started: {error}") from error
    try:
        return program, started(parsed(program.exchange(line(start_message()), STARTS * timeout, LINE)))
    except (Broken, Malformed) as error:
        program.kill()
        raise CannotRun(f"{command!r} did not start by the protocol: {printable(str(error))}") from error


def _numbers(question: Question) -> int:
    """How many numbers an answer may hold."""
    sizes: Sequence[Any] = question.sizes
    return 1 + sum(n * k + n + 2 * n * question.samples for n, k in zip(sizes[1:], sizes[:-1], strict=True))
