"""The oracle that judges gradients.

Importing it imports neither JAX nor Hypothesis nor pytest: each name is fetched from its module when it is first asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "CannotJudge": "oracle.candidate",
    "Case": "oracle.case",
    "Comparison": "oracle.verdict",
    "Domain": "oracle.domains",
    "Enclosure": "oracle.witnesses",
    "Examination": "oracle.examine",
    "Report": "oracle.report",
    "Undecidable": "oracle.balls.errors",
    "UnsupportedPrimitive": "oracle.balls.errors",
    "Verdict": "oracle.verdict",
    "as_domain": "oracle.domains",
    "assert_gradient": "oracle.check",
    "autodiff": "oracle.witnesses",
    "ball_differences": "oracle.witnesses",
    "certified": "oracle.witnesses",
    "check_gradient": "oracle.check",
    "check_vjp": "oracle.vjp",
    "compare": "oracle.verdict",
    "conformance_tests": "oracle.conform_tests",
    "differences": "oracle.witnesses",
    "directional_derivative": "oracle.witnesses",
    "networks": "oracle.architectures",
    "rounding_allowance": "oracle.balls.allowance",
    "takes": "oracle.declare",
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
