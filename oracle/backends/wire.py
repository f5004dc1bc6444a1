"""The messages of the process protocol, as PROTOCOL.md describes them: records to JSON objects and back."""

from __future__ import annotations

import json
from typing import Any

from oracle.backends.backend import Capabilities
from oracle.backends.words import printable, quoted
from oracle.vectors.encoding import Malformed, decode_answer, encode_question
from oracle.vectors.record import Answer, Question

VERSION = 1
NAMES = ("dtypes", "costs", "activations", "heads")
CONVENTIONS = ("reduction", "samples", "weights", "targets")
TAKEN = ("same_hidden", "sample_weights", "l2")
CHOICES = ("flush_to_zero", *CONVENTIONS, *TAKEN, "products", "sums", "ulps")


def start_message() -> dict[str, Any]:
    return {"cmd": "start", "version": VERSION}


def run_message(seq: int, translated: Question, question: Question) -> dict[str, Any]:
    """translated: in the conventions of the backend; the shape of the network is that of the question itself."""
    case = {**encode_question(translated), "sizes": list(question.sizes), "samples": question.samples}
    return {"cmd": "run", "seq": seq, "case": case}


def stop_message() -> dict[str, Any]:
    return {"cmd": "stop"}


def line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def parsed(data: bytes) -> dict[str, Any]:
    """The JSON object of one line. Raises Malformed."""
    try:
        message = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no JSON: {quoted(data)}") from error
    if not isinstance(message, dict):
        raise Malformed(f"no JSON object: {quoted(data)}")
    return message


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def started(message: dict[str, Any]) -> tuple[str, str, Capabilities]:
    """(name, release, capabilities) of the reply to `start`. Raises Malformed."""
    if message.get("version") != VERSION:
        raise Malformed(f"it speaks version {message.get('version')!r} of the protocol, and must speak {VERSION}")
    name, release, said = message.get("name"), message.get("release", ""), message.get("capabilities")
    if not isinstance(name, str) or not name.strip():
        raise Malformed("it gives no name")
    if not isinstance(release, str):
        raise Malformed(f"release = {release!r}: give a string")
    if not isinstance(said, dict):
        raise Malformed('it gives no capabilities: an object, such as {"dtypes": ["float64"]}')
    for key in said:
        if key not in (*NAMES, *CHOICES):
            raise Malformed(f"capabilities: {quoted(key)} is unknown; give some of {', '.join((*NAMES, *CHOICES))}")
    found: dict[str, Any] = {key: said[key] for key in CHOICES if key in said}
    for key in NAMES:
        value = said.get(key)
        if value is None:
            continue
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise Malformed(f"capabilities: {key} must be a list of names")
        found[key] = tuple(value) if key == "dtypes" else frozenset(value)
    if "dtypes" not in found:
        raise Malformed("capabilities: dtypes are missing; give some of float64, float32, float16, bfloat16")
    try:
        return printable(name), printable(release), Capabilities(**found)
    except (ValueError, TypeError) as error:
        raise Malformed(f"capabilities: {error}") from error


def replied(message: dict[str, Any], seq: int, question: Question) -> tuple[str, Any]:
    """("answered", Answer), ("skipped", why) or ("errored", what) of the reply to `run`. Raises Malformed."""
    if type(message.get("seq")) is not int or message["seq"] != seq:
        raise Malformed(f"a reply out of order: seq {quoted(repr(message.get('seq')))} where {seq} was asked")
    kinds = [kind for kind in ("answer", "skipped", "errored") if kind in message]
    if len(kinds) != 1:
        raise Malformed(f'a reply has one of "answer", "skipped", "errored"; this has {", ".join(kinds) or "none"}')
    (kind,) = kinds
    if kind == "answer":
        return "answered", _decoded(message["answer"], question)
    words = message[kind]
    if not isinstance(words, str) or not words.strip():
        raise Malformed(f"{kind} without a reason: give a string")
    return kind, printable(words)


def _decoded(answer: object, question: Question) -> Answer:
    try:
        return decode_answer(answer, question.format)
    except Malformed:
        raise
    except (ValueError, OverflowError, MemoryError) as error:  # shapes that no array has
        raise Malformed(f"answer: no array has such a shape: {quoted(str(error))}") from error
