"""The oracle that judges gradients.

Importing it imports neither JAX nor Hypothesis nor pytest: each name is fetched from its module when it is first asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Case": "oracle.case",
    "Comparison": "oracle.verdict",
    "Enclosure": "oracle.witnesses",
    "Examination": "oracle.examine",
    "Undecidable": "oracle.balls.errors",
    "UnsupportedPrimitive": "oracle.balls.errors",
    "Verdict": "oracle.verdict",
    "autodiff": "oracle.witnesses",
    "ball_differences": "oracle.witnesses",
    "certified": "oracle.witnesses",
    "compare": "oracle.verdict",
    "differences": "oracle.witnesses",
    "directional_derivative": "oracle.witnesses",
    "networks": "oracle.architectures",
    "rounding_allowance": "oracle.balls.allowance",
    "targets": "oracle.architectures",
    "trace": "oracle.witnesses",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'oracle' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
