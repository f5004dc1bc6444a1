"""A program that speaks lines: one line in, one line out, within a time and a length.

Whatever it does instead (leave, say nothing, say too much, speak unasked) raises Broken with one sentence. Reading and writing
happen in one loop that never blocks, so that no program makes us wait longer than it was given, and what is kept of it is bounded.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time
from typing import IO

#: So much of what it writes to stderr is kept, from the end.
KEPT_STDERR = 2000
CHUNK = 1 << 16
#: Seconds to wait for the exit code of a program that closed its stdout.
FAREWELL = 2.0


class Broken(Exception):
    """The program left the protocol: it is not to be spoken to again."""


class Program:
    """The running program. Raises OSError or ValueError where it cannot be started."""

    def __init__(self, command: str) -> None:
        words = shlex.split(command)
        if not words:
            raise ValueError("the command is empty")
        pipe = subprocess.PIPE
        self._process = process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
        self._in, self._out, self._err = map(_unblocked, (process.stdin, process.stdout, process.stderr))
        self._heard = bytearray()
        self._stderr = bytearray()

    def exchange(self, message: bytes, seconds: float, most: int) -> bytes:
        """The line that answers a message, without its end. Raises Broken."""
        try:
            return self._exchange(message, time.monotonic() + seconds, seconds, most)
        except Broken:
            self.kill()
            raise

    def _exchange(self, message: bytes, deadline: float, seconds: float, most: int) -> bytes:
        if self._heard or self._read(self._out):
            raise Broken("a line that nobody asked for; what is for people belongs on stderr")
        left = memoryview(message)
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_WRITE)
            selector.register(self._out, selectors.EVENT_READ)
            selector.register(self._err, selectors.EVENT_READ)
            while True:
                wait = deadline - time.monotonic()
                if wait <= 0:
                    raise Broken(f"no reply within {seconds:g} seconds{self._last_words()}")
                for key, _ in selector.select(wait):
                    if key.fileobj is self._in:
                        left = self._write(left)
                        if not left:
                            selector.unregister(self._in)
                    elif key.fileobj is self._err:
                        if self._hear_stderr() == b"":
                            selector.unregister(self._err)
                    elif (line := self._hear(most)) is not None:
                        if left:
                            raise Broken("a reply before the question was read")
                        return line

    def _write(self, left: memoryview) -> memoryview:
        try:
            return left[os.write(self._in.fileno(), left[:CHUNK]) :]
        except BlockingIOError:
            return left
        except BrokenPipeError:
            raise Broken(self._end()) from None

    def _hear(self, most: int) -> bytes | None:
        """A whole line, or None while there is none yet."""
        chunk = self._read(self._out)
        if chunk is None:
            return None
        if chunk == b"":
            raise Broken(self._end())
        at = chunk.find(b"\n")
        if len(self._heard) + (len(chunk) if at < 0 else at) > most:
            raise Broken(f"a line of more than {most:,} bytes")
        if at < 0:
            self._heard += chunk
            return None
        if at + 1 < len(chunk):
            raise Broken("more than one line for one question; what is for people belongs on stderr")
        line = bytes(self._heard + chunk[:at])
        self._heard.clear()
        return line

    def _hear_stderr(self) -> bytes | None:
        chunk = self._read(self._err)
        self._stderr = (self._stderr + (chunk or b""))[-KEPT_STDERR:]
        return chunk

    @staticmethod
    def _read(stream: IO[bytes]) -> bytes | None:
        """What is there: b"" at the end, None where there is nothing yet."""
        try:
            return os.read(stream.fileno(), CHUNK)
        except BlockingIOError:
            return None

    def _end(self) -> str:
        """How it ended, its stdout being closed."""
        try:
            code = self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            return f"it closed its stdout{self._last_words()}"
        while self._hear_stderr():
            pass
        if code < 0:
            names = {int(s): s.name for s in signal.Signals}
            return f"it crashed by {names.get(-code, f'signal {-code}')}{self._last_words()}"
        return f"it ended with exit code {code}{self._last_words()}"

    def _last_words(self) -> str:
        lines = self._stderr.decode("utf-8", "replace").strip().splitlines()
        return f"; its last line on stderr: {lines[-1][-200:]!a}" if lines else ""

    def stop(self, message: bytes, seconds: float) -> str:
        """Says goodbye. Returns what was wrong with the end, or nothing."""
        deadline = time.monotonic() + seconds
        try:
            if self._heard or self._read(self._out):
                return "a line that nobody asked for, at the end"
            with contextlib.suppress(OSError):
                os.write(self._in.fileno(), message)
            with contextlib.suppress(OSError):
                self._in.close()
            while (wait := deadline - time.monotonic()) > 0:
                with selectors.DefaultSelector() as selector:
                    selector.register(self._out, selectors.EVENT_READ)
                    selector.select(min(wait, 0.05))
                self._hear_stderr()
                if self._read(self._out):
                    return "a line that nobody asked for, at the end"
                if self._process.poll() is not None:
                    code = self._process.returncode
                    return f"exit code {code} after the stop{self._last_words()}" if code else ""
            return f"it did not end within {seconds:g} seconds of the stop"
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends its process group, at once: it and what it started, but for children that left for a session of their own."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._in, self._out, self._err):
            with contextlib.suppress(OSError):
                stream.close()


def _unblocked(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    os.set_blocking(stream.fileno(), False)
    return stream
