"""The oracle that judges gradients.

Importing it imports neither JAX nor Hypothesis nor pytest: each name is fetched from its module when it is first asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "CannotJudge": "oracle.candidate.asking",
    "Case": "oracle.verify.case",
    "Comparison": "oracle.judgement.verdict",
    "Domain": "oracle.search.domains",
    "Enclosure": "oracle.witnesses",
    "Examination": "oracle.verify.examine",
    "Report": "oracle.check.report",
    "Undecidable": "oracle.balls.errors",
    "UnsupportedPrimitive": "oracle.balls.errors",
    "Verdict": "oracle.judgement.verdict",
    "as_domain": "oracle.search.domains",
    "assert_gradient": "oracle.check.gradient",
    "autodiff": "oracle.witnesses",
    "ball_differences": "oracle.witnesses",
    "certified": "oracle.witnesses",
    "check_gradient": "oracle.check.gradient",
    "check_vjp": "oracle.check.vjp",
    "compare": "oracle.judgement.verdict",
    "conformance_tests": "oracle.conform.property_tests",
    "differences": "oracle.witnesses",
    "directional_derivative": "oracle.witnesses",
    "networks": "oracle.verify.architectures",
    "rounding_allowance": "oracle.balls.allowance",
    "takes": "oracle.check.declarations",
    "targets": "oracle.verify.architectures",
    "trace": "oracle.witnesses",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'oracle' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
