"""What the checker says when something does not hold."""


class ProofError(Exception):
    """One sentence on what is wrong with a displayed statement."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Resample(Exception):
    """This random draw has no value here (a root of a non-square, a division by zero): take another."""


class NoDerivative(Resample):
    """There is no derivative here: the two sides of a kink, or of a jump, differ."""
