"""What the checker says when something does not hold."""


class ProofError(Exception):
    """One sentence on what is wrong with a displayed statement."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class OnEdge(ProofError):
    """False where something changes: at a kink, a threshold, the end of a domain."""


class Resample(Exception):
    """This random draw has no value here (a root of a non-square, a division by zero): take another."""


class Undecided(Resample):
    """Floats cannot say whether there is a value here: one is too large for them, or was rounded to 0."""


class NoDerivative(Resample):
    """There is no derivative here: the two sides of a kink, or of a jump, differ."""


class Punctured(Undecided):
    """One point is given by itself, and the formula of beside has no value there: only quotients tell the derivative."""


class CannotCheck(Exception):
    """One sentence on why nothing could be checked."""
