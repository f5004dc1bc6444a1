"""Witnesses: functions from (fn, args, argnums) to what the derivative is, each by other means."""

from oracle.witnesses.autodiff import autodiff
from oracle.witnesses.ball_differences import ball_differences, directional_derivative
from oracle.witnesses.certified import certified
from oracle.witnesses.differences import Estimate, differences
from oracle.witnesses.enclosure import Enclosure
from oracle.witnesses.tracing import Traced, trace

__all__ = [
    "Enclosure",
    "Estimate",
    "Traced",
    "autodiff",
    "ball_differences",
    "certified",
    "differences",
    "directional_derivative",
    "trace",
]
