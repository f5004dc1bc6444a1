"""The wrong derivatives of released libraries that the checker met, one record each; `oracle.scores.defects` asks for them anew."""

from __future__ import annotations

import math
from typing import NamedTuple

JAX, TORCH = ("jax", "0.10.2"), ("torch", "2.13.0")


class Defect(NamedTuple):
    """package: (name, version); call: Python, with jax, jnp, sp (jax.scipy.special), stats (jax.scipy.stats), torch, F and slope
    (the first entry of a torch gradient) and released (an object of a module, by both names) at hand; definition: of a function
    f(mp, x) by mpmath, Python too; at: where it is differentiated; got: what the call returned; right: the derivative, to 17
    digits."""

    package: tuple[str, str]
    call: str
    definition: str
    at: float
    got: float
    right: str
    kind: str


SOFTPLUS = "lambda a: jnp.log1p(jnp.exp(-jnp.abs(a))) + jnp.maximum(a, 0)"
NAN = math.nan
A, B = "mp.mpf(0.4)", "mp.mpf(0.2)"

DEFECTS = (
    Defect(JAX, "jax.grad(lambda x: jnp.ldexp(x, 2))(0.0)", "4 * x", 0.0, 1.0, "4.0", "mathematics"),
    Defect(
        JAX,
        "jax.grad(sp.boxcox, 1)(2.0, 0.0)",
        "mp.log(2) if x == 0 else mp.expm1(x * mp.log(2)) / x",
        0.0,
        0.0,
        "0.24022650695910071",
        "mathematics",
    ),
    Defect(
        JAX,
        "jax.grad(sp.betaln)(9.0, 1.0)",
        "mp.log(mp.beta(x, 1))",
        9.0,
        -0.11111135759549601,
        "-0.11111111111111111",
        "digits",
    ),
    Defect(JAX, "jax.grad(sp.i0)(0.0)", "mp.besseli(0, x)", 0.0, 1.0, "0.0", "mathematics"),
    Defect(
        JAX,
        "jax.grad(sp.digamma)(-1027.7)",
        "mp.digamma(x)",
        -1027.7,
        -0.00097257335263091211,
        "15.078441129452841",
        "mathematics",
    ),
    Defect(JAX, "jax.grad(sp.spence)(1.4)", "mp.polylog(2, 1 - x)", 1.4, NAN, "-0.84118059155303", "not finite"),
    Defect(JAX, "jax.grad(sp.spence)(1.0)", "mp.polylog(2, 1 - x)", 1.0, 0.0, "-1.0", "mathematics"),
    Defect(JAX, f"jax.grad({SOFTPLUS})(0.0)", "mp.log(1 + mp.exp(x))", 0.0, 0.0, "0.5", "mathematics"),
    Defect(
        JAX,
        "jax.grad(lambda x: jnp.vander(x, 3).sum())(jnp.zeros(1))[0]",
        "x * x + x + 1",
        0.0,
        NAN,
        "1.0",
        "not finite",
    ),
    Defect(
        JAX,
        "jax.grad(stats.gennorm.cdf)(0.0, 1.0)",
        "mp.mpf(1) / 2 + mp.sign(x) * (1 - mp.exp(-abs(x))) / 2",
        0.0,
        NAN,
        "0.5",
        "not finite",
    ),
    Defect(
        JAX,
        "jax.grad(stats.laplace.cdf)(800.0)",
        "1 - mp.exp(-x) / 2",
        800.0,
        NAN,
        "1.8339372920888436e-348",
        "not finite",
    ),
    Defect(
        JAX,
        "jax.grad(lambda x: jnp.log(jax.nn.sigmoid(x)))(-800.0)",
        "-mp.log(1 + mp.exp(-x))",
        -800.0,
        NAN,
        "1.0",
        "not finite",
    ),
    Defect(
        JAX,
        "jax.grad(sp.log_ndtr)(-20.0)",
        "mp.log(mp.ncdf(x))",
        -20.0,
        20.049753149161823,
        "20.049753068527851",
        "digits",
    ),
    Defect(
        JAX, "jax.grad(jax.nn.sigmoid)(40.0)", "1 / (1 + mp.exp(-x))", 40.0, 0.0, "4.2483542552915890e-18", "digits"
    ),
    Defect(JAX, "jax.grad(jnp.tanh)(30.0)", "mp.tanh(x)", 30.0, 0.0, "3.5026043050786081e-26", "digits"),
    Defect(JAX, "jax.grad(jax.nn.elu)(-60.0)", "mp.expm1(x)", -60.0, 0.0, "8.7565107626965204e-27", "digits"),
    Defect(
        JAX, "jax.grad(stats.logistic.cdf)(50.0)", "1 / (1 + mp.exp(-x))", 50.0, 0.0, "1.9287498479639178e-22", "digits"
    ),
    Defect(
        JAX,
        "jax.grad(jax.nn.squareplus)(-1e4)",
        "(x + mp.sqrt(x * x + 4)) / 2",
        -1e4,
        9.999999732793197e-09,
        "9.9999997000000100e-9",
        "digits",
    ),
    Defect(
        TORCH,
        "slope(F.hardsigmoid, 1.0)",
        "x / 6 + mp.mpf(1) / 2",
        1.0,
        0.1666666716337204,
        "0.16666666666666667",
        "mathematics",
    ),
    Defect(
        TORCH,
        "slope(lambda x: F.soft_margin_loss(x, torch.tensor([-1.0], dtype=x.dtype)), [800.0])",
        "mp.log(1 + mp.exp(x))",
        800.0,
        NAN,
        "1.0",
        "not finite",
    ),
    Defect(
        TORCH,
        "slope(lambda a: F.binary_cross_entropy(a, torch.zeros(1, dtype=a.dtype)), [1e-13])",
        "-mp.log(1 - x)",
        1e-13,
        0.10000000039958029,
        "1.0000000000001",
        "mathematics",
    ),
    Defect(
        TORCH,
        "slope(F.tanhshrink, 3e-4, torch.float32)",
        "x - mp.tanh(x)",
        3.000000142492354e-4,
        1.1920928955078125e-07,
        "9.0000003149549e-8",
        "digits",
    ),
    Defect(
        TORCH,
        "slope(F.softsign, 1e7, torch.float32)",
        "x / (1 + abs(x))",
        1e7,
        7.105427357601002e-15,
        "9.9999980000003e-15",
        "digits",
    ),
    Defect(TORCH, "slope(torch.sigmoid, 40.0)", "1 / (1 + mp.exp(-x))", 40.0, 0.0, "4.2483542552915890e-18", "digits"),
    Defect(TORCH, "slope(torch.tanh, 30.0)", "mp.tanh(x)", 30.0, 0.0, "3.5026043050786081e-26", "digits"),
    Defect(TORCH, "slope(torch.expm1, -40.0)", "mp.expm1(x)", -40.0, 0.0, "4.2483542552915890e-18", "digits"),
    Defect(
        TORCH,
        "slope(lambda z: F.cross_entropy(z[None], torch.tensor([0])), [40.0, 0.0])",
        "mp.log(1 + mp.exp(-x))",
        40.0,
        0.0,
        "-4.2483542552915890e-18",
        "digits",
    ),
    Defect(
        TORCH,
        "slope(F.gelu, -9.0)",
        "x * mp.ncdf(x)",
        -9.0,
        -9.251796214502024e-18,
        "-9.1389373739066393e-18",
        "digits",
    ),
    Defect(  # below its eps of 1e-8 it differentiates a norm that it holds constant
        TORCH,
        "slope(lambda x: F.cosine_similarity(x, torch.tensor([[1.0, 0.0]], dtype=x.dtype)), [[3e-9, 4e-9]])",
        "x / mp.mpf(1e-8)",
        3e-9,
        82000000.0,
        "99999999.999999998",
        "mathematics",
    ),
    Defect(
        ("gpytorch", "1.15.2"),
        "slope(released('gpytorch.functions._log_normal_cdf', 'LogNormalCDF').apply, [-1.2])",
        "mp.log(mp.ncdf(x))",
        -1.2,
        1.6890376686890363,
        "1.6875520248651856",
        "mathematics",
    ),
    Defect(  # its product with a cotangent adds −2/√π whatever the cotangent is
        ("exojax", "2.6.0"),
        "jax.grad(lambda y: 2 * released('exojax.special.faddeeva', 'rewofzx')(1.0, y))(1.0)",
        "2 * mp.re(mp.exp(-mp.mpc(1, x) ** 2) * mp.erfc(mp.mpc(x, -1)))",
        1.0,
        0.9234734027264817,
        "-0.20490576035204827",
        "mathematics",
    ),
    Defect(
        ("diffsort", "0.2.0"),
        "slope(lambda x: released('diffsort.functional', 'NormalCDF').apply(x, 1.3), [0.7])",
        "mp.ncdf(x / mp.mpf(1.3))",
        0.7,
        0.2654647578704175,
        "0.26546475095643693",
        "digits",
    ),
    Defect(  # x·w − ‖w‖ of the projection w has another slope than w: half of the square is meant
        ("torch-struct", "0.5"),
        "slope(lambda x: released('torch_struct.semirings.sparse_max', '_SimplexProject').apply(x, -1), [[0.9, 0.4, 0.2]])",
        f"(lambda w: x * w[0] + {A} * w[1] + {B} * w[2] - mp.sqrt(sum(v * v for v in w)))"
        f"([v - (x + {A} + {B} - 1) / 3 for v in (x, {A}, {B})])",
        0.9,
        0.7333333333333334,
        "0.61404254644383478",
        "mathematics",
    ),
)
