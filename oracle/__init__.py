"""The oracle that judges gradients.

Importing it imports neither JAX nor Hypothesis nor pytest: each name is fetched from its module when it is first asked for.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same names for type checkers, with their types; a test holds the two lists together
    from oracle.balls.allowance import rounding_allowance as rounding_allowance
    from oracle.balls.errors import Undecidable as Undecidable
    from oracle.balls.errors import UnsupportedPrimitive as UnsupportedPrimitive
    from oracle.candidate.asking import CannotJudge as CannotJudge
    from oracle.check.declarations import takes as takes
    from oracle.check.gradient import assert_gradient as assert_gradient
    from oracle.check.gradient import check_gradient as check_gradient
    from oracle.check.hessian import check_hessian as check_hessian
    from oracle.check.hessian import check_hvp as check_hvp
    from oracle.check.jvp import check_jvp as check_jvp
    from oracle.check.report import Report as Report
    from oracle.check.vjp import check_vjp as check_vjp
    from oracle.conform.property_tests import conformance_tests as conformance_tests
    from oracle.dropins.of_jax import check_grads as check_grads
    from oracle.dropins.of_torch import gradcheck as gradcheck
    from oracle.dropins.second_of_torch import gradgradcheck as gradgradcheck
    from oracle.judgement.verdict import Comparison as Comparison
    from oracle.judgement.verdict import Verdict as Verdict
    from oracle.judgement.verdict import compare as compare
    from oracle.search.domains import Domain as Domain
    from oracle.search.domains import as_domain as as_domain
    from oracle.search.domains import matrices as matrices
    from oracle.verify.architectures import networks as networks
    from oracle.verify.architectures import targets as targets
    from oracle.verify.examination import Examination as Examination
    from oracle.verify.from_type import Case as Case
    from oracle.witnesses import Enclosure as Enclosure
    from oracle.witnesses import autodiff as autodiff
    from oracle.witnesses import ball_differences as ball_differences
    from oracle.witnesses import certified as certified
    from oracle.witnesses import differences as differences
    from oracle.witnesses import directional_derivative as directional_derivative
    from oracle.witnesses import trace as trace

_HOMES = {
    "CannotJudge": "oracle.candidate.asking",
    "Case": "oracle.verify.from_type",
    "Comparison": "oracle.judgement.verdict",
    "Domain": "oracle.search.domains",
    "Enclosure": "oracle.witnesses",
    "Examination": "oracle.verify.examination",
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
    "check_grads": "oracle.dropins.of_jax",
    "check_hessian": "oracle.check.hessian",
    "check_hvp": "oracle.check.hessian",
    "check_jvp": "oracle.check.jvp",
    "check_vjp": "oracle.check.vjp",
    "compare": "oracle.judgement.verdict",
    "conformance_tests": "oracle.conform.property_tests",
    "differences": "oracle.witnesses",
    "directional_derivative": "oracle.witnesses",
    "gradcheck": "oracle.dropins.of_torch",
    "gradgradcheck": "oracle.dropins.second_of_torch",
    "matrices": "oracle.search.domains",
    "networks": "oracle.verify.architectures",
    "rounding_allowance": "oracle.balls.allowance",
    "takes": "oracle.check.declarations",
    "targets": "oracle.verify.architectures",
    "trace": "oracle.witnesses",
}

#: What a file may use that is only looked at.
_WITHOUT_EXTRAS = {"CannotJudge", "Domain", "Verdict", "as_domain", "matrices", "takes"}

__all__ = sorted(_HOMES)


if not TYPE_CHECKING:  # for type checkers a name that is not above is an error

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'oracle' has no attribute {name!r}")
        if name not in _WITHOUT_EXTRAS:
            _must_have_extras(name)
        return getattr(import_module(_HOMES[name]), name)


def _must_have_extras(name: str) -> None:
    for module, distribution in (("jax", "JAX"), ("flint", "python-flint"), ("hypothesis", "Hypothesis")):
        if find_spec(module) is None:
            raise ModuleNotFoundError(
                f'oracle.{name} needs {distribution}: pip install "manualbp[oracle]" (in a clone: pip install ".[oracle]")',
                name=module,
            )


def __dir__() -> list[str]:
    return __all__
