"""Words of the other side, made fit for one line of a report: no control characters, no end of line, of bounded length."""

from __future__ import annotations

#: Words of the other side are quoted up to this length.
MOST_QUOTED = 300


def printable(text: str, most: int = MOST_QUOTED) -> str:
    """The text as one line: spaces joined, and what a terminal would obey, or no file could hold, as an escape."""
    line = " ".join(text[: 4 * most].split())
    safe = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line[:most])
    return safe + (" …" if len(line) > most or len(text) > 4 * most else "")


def quoted(data: bytes | str, most: int = 80) -> str:
    """The beginning of what was sent, in quotes."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    return ascii(text[:most]) + (" …" if len(text) > most else "")


def told(error: BaseException) -> str:
    """The kind of an exception and what it says, in quotes; it may fail to say anything."""
    try:
        words = str(error)
    except Exception:
        return f"{type(error).__name__}, whose message cannot be read"
    return f"{type(error).__name__}: {quoted(words, MOST_QUOTED)}" if words else type(error).__name__
