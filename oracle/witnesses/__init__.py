"""A function's derivative at a point, by several means that share nothing; `truth` asks the best that the function allows.

Offers: `truth.truth`, `certified`, `ball_differences`, `directional_derivative`, `differences`, `autodiff`, `trace`;
`torch_lift` (torch code brought to jaxprs).
Imports: no rooms but balls, candidate, effort.
"""

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
