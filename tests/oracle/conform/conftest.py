"""What backends and conform ask with."""

from ..backends.asked import conform, mine, number, program, report, sabotaged

__all__ = ["conform", "mine", "number", "program", "report", "sabotaged"]
