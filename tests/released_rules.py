"""The derivative rules of released JAX packages, each held against the derivative of its function as it is coded.

    python tests/released_rules.py [WORD …]     those whose module or name has one of the words; what is not installed is left out

One line each: the verdict, whether the truth is enclosed, processor seconds, and what is wrong. A package may be put on PYTHONPATH
beside what is installed (`pip install --no-deps --target DIRECTORY PACKAGE`).
"""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
import time
import warnings
from collections import Counter
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import oracle
from oracle.candidate.arrangement import Arrangement
from oracle.candidate.jax_rules import RuleOfJax, flat, function_of, product_of


class Case(NamedTuple):
    """filled: static arguments, or labels, by position; the others are arrays in `domains` and of `shapes`. jitted: what the name
    stands for in the module may be jitted, or hold the rule in a closure."""

    module: str
    name: str
    domains: tuple[Any, ...]
    shapes: tuple[tuple[int, ...], ...] | None = None
    filled: dict[int, Any] = {}  # noqa: RUF012  # a NamedTuple's default, which nobody changes
    count: int = 0


R, P, U, N, MODERATE = "real", "positive", "unit", (-2.0, 2.0), (0.5, 5.0)
ADD = (((1,), (0,)), ((), ()))
CASES = [
    Case("jax.nn", "relu", (R,)),
    Case("jax.nn", "relu6", (R,)),
    Case("jax.nn", "log1mexp", (P,)),
    Case("jax._src.nn.functions", "_softmax", (R,), None, {1: -1, 2: None, 3: -np.inf}),
    Case("jax._src.numpy.ufuncs", "_sinc_maclaurin", (N,), None, {0: 0}),
    Case("jax._src.numpy.lax_numpy", "_i0", (N,)),
    Case("jax._src.numpy.linalg", "_slogdet_lu", (N,), ((3, 3),)),
    Case("jax._src.numpy.linalg", "_det", (N,), ((3, 3),)),
    Case("jax._src.numpy.linalg", "_pinv", (N,), ((3, 2),), {1: None, 2: False}),
    Case("jax._src.scipy.special", "_erfcx", (N,), ((2,),)),
    Case("jax._src.scipy.special", "_dawsn", (N,), ((2,),)),
    Case("jax._src.scipy.special", "logit", (U,)),
    Case("jax._src.scipy.special", "xlogy", (R, P)),
    Case("jax._src.scipy.special", "xlog1py", (R, P)),
    Case("jax._src.scipy.special", "_xlogx", (P,)),
    Case("jax._src.scipy.special", "log_ndtr", ((-30.0, 5.0),), None, {1: 3}),
    Case("jax._src.scipy.special", "expi", ((0.1, 9.0),), ((2,),)),
    Case("jax._src.scipy.special", "sici", ((0.1, 9.0),), ((2,),)),
    Case("jax._src.scipy.special", "expn", ((0.1, 9.0),), ((2,),), {0: np.array(2)}),
    Case("jax._src.scipy.special", "poch", ((0.5, 5.0), (0.5, 5.0)), ((2,), (2,))),
    Case("jax._src.scipy.special", "hyp1f1", ((1.0, 2.0),), ((),), {0: np.array(0.5), 1: np.array(1.5)}),
    Case("jax._src.scipy.special", "hyp2f1", ((0.1, 0.5),), ((),), {0: 0.5, 1: 0.75, 2: 1.5}),
    Case("jax._src.scipy.special", "_owens_t_impl", (N, N), ((2,), (2,))),
    Case("jax.scipy.special", "fresnel", (N,), ((2,),)),
    Case("optax._src.utils", "_scale_gradient", (R, P), ((3,), ())),
    Case("optax.projections._projections", "_projection_unit_simplex", (N,)),
    Case("optax.losses._classification", "weighted_logsoftmax", (R, P)),
    Case("jaxoplanet.utils", "zero_safe_sqrt", (P,)),
    Case("jaxoplanet.core.kepler", "_kepler", ((0.1, 6.2), (0.0, 0.9)), ((2,), (2,))),
    Case("exojax.rt.chord", "safe_sqrt", (P,)),
    Case("exojax.special.faddeeva", "rewofzx", (N, (0.1, 3.0)), ((), ())),
    Case("exojax.postproc.spin_rotation", "rotkernel_Gimenez", ((-0.9, 0.9), U, U)),
    Case("exojax.postproc.spin_rotation", "integrated_rotkernel_trans", ((0.05, 0.9), (0.05, 0.9)), ((2,), (2,))),
    Case("exojax.opacity.lpf.lpf", "hjert", (N, (0.1, 3.0)), ((), ())),
    Case(
        "ott.math.matrix_square_root", "sqrtm_only", ((1.0, 2.0),), ((1, 1),), {1: 1e-6, 2: 0, 3: 10, 4: 100, 5: 1e-6}
    ),
    Case("ott.math.utils", "norm", (R,), None, {1: None, 2: None, 3: False}),
    Case("ott.math.utils", "logsumexp", (R,), None, {1: None, 2: False, 3: None, 4: False}),
    Case("ott.math.utils", "softmin", (R, P), ((3,), ()), {2: -1}),
    Case("ott.math.utils", "lambertw", ((0.1, 9.0),), ((2,),), {1: 1e-8, 2: 100}),
    Case("lineax._misc", "_asarray", (R,), None, {0: np.float64}),
    Case("lineax._norm", "_two_norm", (R,)),
    Case("lineax._norm", "_zero_grad_at_zero", (R,)),
    Case("optimistix._misc", "_asarray", (R,), None, {0: np.float64}),
    Case("jax_md.space", "transform", (P, R), ((2, 2), (3, 2))),
    Case("aqt.jax_legacy.jax.primitives", "floor_with_gradient", (N,)),
    Case("aqt.jax_legacy.jax.primitives", "round_with_gradient", (N,)),
    Case("distreqx.utils.math", "multiply_no_nan", (R, R)),
    Case("distreqx.utils.math", "power_no_nan", (P, N)),
    Case("distrax._src.utils.math", "multiply_no_nan", (R, R)),
    Case("distrax._src.utils.math", "power_no_nan", (P, N)),
    Case("equinox.internal._nextafter", "nextafter", (R,)),
    Case("equinox.internal._nextafter", "prevbefore", (R,)),
    Case("numpyro.distributions.util", "log1mexp", ((-30.0, 0.0),)),
    Case("flax.linen.fp8_ops", "dot_general_with_precision", (N, N), ((2, 3), (3, 2)), {2: ADD, 3: None, 4: None}),
    Case("jaxopt._src.projection", "_projection_unit_simplex", (N,)),
    Case("jaxopt._src.projection", "_projection_unit_sparse_simplex", (N,), ((4,),), {1: 2, 2: False}),
    Case("jaxopt._src.isotonic", "_isotonic_l2_pav", (N,), ((4,),)),
    Case("e3nn_jax._src.utils.einsum", "einsum", (R, R), ((2, 3), (3, 2)), {0: "ij,jk->ik"}, 3),
    Case(
        "e3nn_jax._src.spherical_harmonics",
        "_custom_jvp_spherical_harmonics",
        (N,),
        ((3,),),
        {0: (0, 1, 2), 2: "component", 3: ("legendre", "dense")},
    ),
    *(
        Case("tensorflow_probability.substrates.jax.math", name, domains, ((2,),) * len(domains))
        for name, domains in {
            "lbeta": (MODERATE, MODERATE),
            "betainc": (MODERATE, MODERATE, U),
            "igammainv": (MODERATE, U),
            "lambertw": (MODERATE,),
            "erfcinv": (U,),
            "owens_t": (N, N),
            "bessel_ive": (MODERATE, MODERATE),
            "log_bessel_kve": (MODERATE, MODERATE),
            "log_bessel_ive": (MODERATE, MODERATE),
            "bessel_kve": (MODERATE, MODERATE),
            "igammacinv": (MODERATE, U),
            "betaincinv": (MODERATE, MODERATE, U),
            "erfcx": (N,),
            "dawsn": (N,),
            "log_gamma_difference": (MODERATE, (8.0, 20.0)),
        }.items()
    ),
    Case("kfac_jax._src.utils.math", "psd_inv_cholesky", ((1.0, 2.0), P), ((1, 1), ())),
    Case("kfac_jax._src.utils.math", "_sqrt_bound_derivative", (MODERATE,), None, {1: 1000.0}),
    Case("brax.math", "safe_arccos", ((-0.99, 0.99),)),
    Case("brax.math", "safe_arcsin", ((-0.99, 0.99),)),
    Case("distrax._src.distributions.von_mises", "_von_mises_cdf", ((-3.0, 3.0), MODERATE), ((), ()), {2: np.float64}),
    Case("jax_md._nn.uma.common.rotation", "safe_acos", ((-0.99, 0.99),)),
    Case("jax_md._nn.uma.common.rotation", "safe_atan2", (N, N)),
    Case("jax_md._energy.electrostatics", "transform_gradients", (P, R), ((2, 2), (3, 2))),
    Case("jax_md.rigid_body", "_quaternion_rotate", (N, N), ((4,), (3,))),
    Case("jaxoplanet.core.limb_dark", "_p_integral", ((0.05, 0.5), (0.05, 0.4)), ((), ()), {0: 10, 1: 3, 2: True}, 5),
    *(
        Case("flash_attention_jax." + module, name, (N, N, N), (shape,) * 3, more)
        for module, name, shape, more in (
            ("flash_attention", "flash_attention", (1, 2, 3, 2), {3: np.ones((1, 3), bool)}),
            ("causal_flash_attention", "causal_flash_attention", (1, 1, 3, 2), {}),
            ("cosine_sim_flash_attention", "cosine_sim_flash_attention_after_l2norm", (3, 2), {3: np.ones(3, bool)}),
        )
    ),
    Case("logbesselk.jax.math", "log_sinh", (MODERATE,), ((),)),
    Case("logbesselk.jax.math", "log_cosh", (N,), ((),)),
    Case("logbesselk.jax", "log_bessel_k", (MODERATE, MODERATE), ((), ())),
]


def carrier_in(value: Any) -> Any:
    """The object with a rule, inside of any jax.jit; or a function with rules in it."""
    while type(value).__name__ == "PjitFunction":
        value = value.__wrapped__
    return value


def version(module: str) -> str:
    """Of the distribution that a module is from."""
    root = module.partition(".")[0]
    names = importlib.metadata.packages_distributions().get(root, [root])
    try:
        return f"{names[0]} {importlib.metadata.version(names[0])}"
    except importlib.metadata.PackageNotFoundError:
        return root


def judged(case: Case) -> str:
    """One line; raises ImportError where the package is not installed."""
    value = carrier_in(getattr(importlib.import_module(case.module), case.name))
    count = case.count or len(case.domains) + len(case.filled)
    arrays = tuple(k for k in range(count) if k not in case.filled)
    names = tuple(f"x{k}" for k in range(count))
    rule = RuleOfJax(value, Arrangement(names, arrays, case.filled, case.shapes))
    started = time.process_time()
    try:
        fn = function_of(rule)
        if case.module.startswith(
            "jax."
        ):  # where its value approximates what its rule is exact of, both slopes are right
            fn = lambda *arrays: flat(value(*rule.arrangement.place(arrays)))  # noqa: E731
        report = oracle.check_vjp(
            fn,
            product_of(rule),
            case.domains,
            shapes=case.shapes,
            examples=20,
            database=None,
            name=case.name,
        )
    except oracle.CannotJudge as error:
        return f"cannot judge: {error}"
    seconds = time.process_time() - started
    at = [a.tolist() for a in report.counterexample or ()]
    found = f"; at {at} got {report.got}, expected {report.expected}; {report.how}; {report.diagnosis}" if at else ""
    said = (
        f"{report.verdict}, {'certified' if report.certified else f'not certified ({report.why_not})'}, {seconds:.1f} s"
    )
    return said + (found or (f"; {report.how}" if report.how else ""))


def main(words: list[str]) -> None:
    jax.config.update("jax_enable_x64", True)
    jax.block_until_ready(jnp.zeros(1))
    warnings.filterwarnings("ignore")
    count: Counter[str] = Counter()
    for case in CASES:
        if words and not any(word in f"{case.module}.{case.name}" for word in words):
            continue
        try:
            line = judged(case)
        except (ImportError, AttributeError) as error:
            line = f"left out: {error}"
        except Exception as error:
            line = f"ERROR {type(error).__name__}: {str(error)[:150]}"
        count[line.partition(",")[0].partition(":")[0]] += 1
        print(f"{version(case.module)} {case.module}.{case.name}: {line}", flush=True)
    print(dict(count))


if __name__ == "__main__":
    main(sys.argv[1:])
