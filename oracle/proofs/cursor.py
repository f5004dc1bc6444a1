"""A position in a list of tokens."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.proofs.errors import ProofError
from oracle.proofs.tokens import Token

END = Token("end of block", "", 0)


class Cursor:
    """Reads tokens one by one; errors name what was expected, and the line."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self, ahead: int = 0) -> Token:
        position = self.at + ahead
        return self.tokens[position] if 0 <= position < len(self.tokens) else END

    def sees(self, *texts: str) -> bool:
        """Whether the next tokens have these texts."""
        return all(self.peek(k).text == text and self.peek(k).kind != "text" for k, text in enumerate(texts))

    def sees_any(self, texts: frozenset[str] | tuple[str, ...]) -> bool:
        token = self.peek()
        return token.kind != "text" and token.text in texts

    def next(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def accept(self, text: str) -> bool:
        if self.sees(text) and self.peek() is not END:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        if not self.sees(text):
            raise self.error(f"expected {text!r}, found {self.found()}")
        return self.next()

    def found(self) -> str:
        return repr(self.peek().text) if self.peek() is not END else "the end of the block"

    def error(self, message: str) -> ProofError:
        before = " ".join(token.text for token in self.tokens[max(0, self.at - 5) : self.at])
        line = self.peek().line or (self.tokens[-1].line if self.tokens else None)
        return ProofError(f"{message}{f' after {before}' if before else ''}", line)
