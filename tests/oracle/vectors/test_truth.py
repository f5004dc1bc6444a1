"""The truth against an arithmetic that shares nothing with it: differences at 80 digits in mpmath, and ordinary doubles."""

import mpmath
import numpy as np
import pytest

from manualbp import ACTIVATIONS, HEADS
from oracle.balls.errors import Undecidable
from oracle.vectors import Question, vectors
from oracle.vectors.draw import draw
from oracle.vectors.formats import FORMATS, as_floats
from oracle.vectors.own_rules import own_rules
from oracle.vectors.plans import plans
from oracle.vectors.record import NONE, tensors
from oracle.vectors.truth import Unfit, gradient_by_own_rules, traced_cost, truth_of
from oracle.witnesses.without_rules import without_rules

SIGMAS = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "gelu_tanh": lambda z: (
        z / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf(44715) / 1000000 * z**3)))
    ),
    "mish": lambda z: z * mpmath.tanh(mpmath.log(1 + mpmath.exp(z))),
    "softsign": lambda z: z / (1 + abs(z)),
    "arctan": mpmath.atan,
    "elu": lambda z: z if z > 0 else mpmath.exp(z) - 1,
    "selu": lambda z: (
        mpmath.mpf(1.0507009873554805) * (z if z > 0 else mpmath.mpf(1.6732632423543772) * (mpmath.exp(z) - 1))
    ),
    "identity": lambda z: z,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else mpmath.mpf(0.01) * z,
}
COSTS = {
    "quadratic": lambda a, E: sum((p - q) ** 2 for p, q in zip(a, E, strict=True)) / 2,
    "cross_entropy": lambda a, E: (
        -sum(q * mpmath.log(p) + (1 - q) * mpmath.log(1 - p) for p, q in zip(a, E, strict=True))
    ),
    "categorical_cross_entropy": lambda a, E: -sum(q * mpmath.log(p) for p, q in zip(a, E, strict=True)),
    "itakura_saito": lambda a, E: sum(q / p - mpmath.log(q / p) - 1 for p, q in zip(a, E, strict=True)),
}


def mean_cost(q, weights, biases):
    """C of a question, neuron by neuron, in mpmath."""
    total = mpmath.mpf(0)
    head = q.head_record()
    for r in range(q.samples):
        a = [mpmath.mpf(float(v)) for v in q.x[:, r]]
        for k, (w, b) in enumerate(zip(weights, biases, strict=True)):
            z = [sum(wjk * ak for wjk, ak in zip(row, a, strict=True)) + bj for row, bj in zip(w, b, strict=True)]
            if k < len(q.hidden):
                a = [SIGMAS[q.hidden[k]](v) for v in z]
            elif head.activation == "softmax":
                e = [mpmath.exp(v) for v in z]
                a = [v / sum(e) for v in e]
            else:
                a = [SIGMAS[head.activation](v) for v in z]
        total += COSTS[head.cost.name](a, [mpmath.mpf(float(v)) for v in q.expected[:, r]])
    return total / q.samples


@pytest.mark.parametrize(
    "id",
    [
        "float64/sigmoid+quadratic/square",
        "float64/softmax+categorical_cross_entropy:fused/unequal",
        "float64/sigmoid+cross_entropy:fused/saturated",
        "float64/softplus+itakura_saito/tiny",
        "float32/identity+quadratic/cancelling",
        "bfloat16/sigmoid+quadratic/single",
    ],
)
def test_the_truth_is_correctly_rounded(id):
    (vector,) = [v for v in vectors(id.partition("/")[0]) if v.id == id]
    q, fmt = vector.question, vector.question.format
    with mpmath.workdps(120):
        weights = [[[mpmath.mpf(float(v)) for v in row] for row in w] for w in q.weights]
        biases = [[mpmath.mpf(float(v)) for v in b[:, 0]] for b in q.biases]
        h = mpmath.mpf(10) ** -40

        def slope(row, k):
            """(C(w + h) − C(w − h))/2h, whose error is of the order of h²."""
            kept = row[k]
            values = []
            for step in (h, -h):
                row[k] = kept + step
                values.append(mean_cost(q, weights, biases))
            row[k] = kept
            return (values[0] - values[1]) / (2 * h)

        assert_rounds(mean_cost(q, weights, biases), vector.truth.cost, fmt)
        for i in range(len(weights)):
            for (j, k), truth in np.ndenumerate(vector.truth.nabla_w[i]):
                assert_rounds(slope(weights[i][j], k), truth, fmt)
            for (j, _), truth in np.ndenumerate(vector.truth.nabla_b[i]):
                assert_rounds(slope(biases[i], j), truth, fmt)


def assert_rounds(exact, truth, fmt):
    """No number of the format is nearer: the truth is within half a place."""
    t = mpmath.mpf(float(truth))
    _, exponent = np.frexp(max(abs(float(truth)), fmt.tiny))
    place = mpmath.mpf(2) ** (int(exponent) - fmt.bits)
    assert abs(exact - t) <= place / 2 * (1 + mpmath.mpf(10) ** -20) + mpmath.mpf(10) ** -60


def test_that_check_sees_the_neighbour():
    fmt = FORMATS["float64"]
    with mpmath.workdps(60):
        assert_rounds(mpmath.mpf(1) / 3, np.float64(1) / 3, fmt)
        with pytest.raises(AssertionError):
            assert_rounds(mpmath.mpf(1) / 3, np.nextafter(np.float64(1) / 3, 1), fmt)


def test_a_kink_makes_no_vector():
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    q = Question("kink", "float64", "identity+quadratic", ("relu",), zero, one, (one, one), (zero, zero), NONE)
    with pytest.raises(Unfit, match="kink"):
        truth_of(q)


def test_out_of_range_makes_no_vector():
    big = np.full((1, 1), 300.0).astype(np.float16)
    zero = np.zeros((1, 1), dtype=np.float16)
    q = Question("range", "float16", "identity+quadratic", (), big, zero, (big,), (zero,), NONE)
    with pytest.raises(Unfit, match="range of float16"):
        truth_of(q)


def test_ties_are_decided_and_flagged():
    ties = [v for v in vectors("float64") if "tie" in v.flags]
    assert len(ties) > 50
    (softmax,) = [v for v in ties if v.id == "float64/softmax+quadratic/edge"]
    truth, _, tied = truth_of(softmax.question)
    assert tied
    for (_, _, v), (_, _, w) in zip(tensors(truth), tensors(softmax.truth), strict=True):
        assert v.tobytes() == w.tobytes()


def test_a_number_that_is_no_tie_is_never_guessed():
    """An enclosure that spans two numbers is refused."""
    from flint import arb

    from oracle.vectors.truth import _nearest

    fmt = FORMATS["float32"]
    assert _nearest(arb(1), arb(1), 1, fmt) == 1.0
    with pytest.raises(Undecidable):
        _nearest(arb(1, 1e-3), arb(1, 1e-3), 1, fmt)


def test_the_numbers_are_the_same_in_every_dtype_up_to_rounding():
    chosen = [plan for plan in plans() if plan[0].endswith("/tanh+quadratic/square")]
    wide, *others = [draw(*plan, 0) for plan in chosen]
    for other in others:
        for v, w in zip(wide.weights, other.weights, strict=True):
            np.testing.assert_array_equal(v.astype(other.format.dtype), w)
        assert as_floats(other.x).shape == wide.x.shape


# the JAX that is installed


@pytest.fixture
def other_rules(monkeypatch):
    """A JAX whose rules for tanh and expm1 are other formulas, as those of 0.11 are."""
    import jax
    from jax import lax
    from jax.interpreters import ad

    slopes = {
        "tanh": lambda x, g: g * (4 * (lax.logistic(2 * x) * lax.logistic(-2 * x))),
        "expm1": lambda x, g: g * lax.exp(x),
    }
    for name, slope in slopes.items():
        (eqn,) = jax.make_jaxpr(getattr(lax, name))(0.5).eqns

        def rule(primals, tangents, primitive=eqn.primitive, slope=slope, **parameters):
            (x,), (g,) = primals, tangents
            return primitive.bind(x, **parameters), g if isinstance(g, ad.Zero) else slope(x, g)

        monkeypatch.setitem(ad.primitive_jvps, eqn.primitive, rule)
    forget()
    yield
    forget()


def forget():
    traced_cost.cache_clear()
    gradient_by_own_rules.cache_clear()


def same(made, stored):
    pairs = zip(tensors(made), tensors(stored), strict=True)
    return all(v[:2] == w[:2] and np.array_equal(v[2], w[2]) for v, w in pairs)


@pytest.mark.parametrize(
    "id", ["float64/tanh+quadratic/square", "float32/tanh+log_cosh/thin", "float16/elu+huber/square"]
)
def test_vectors_do_not_depend_on_jax_s_rules(id, other_rules, monkeypatch):
    (kept,) = [v for v in vectors() if v.id == id]
    truth, allowance, _ = truth_of(kept.question)
    assert same(truth, kept.truth)
    assert same(allowance, kept.allowance)
    monkeypatch.setattr("oracle.vectors.truth.by_own_rules", without_rules)
    forget()
    _, by_the_rules_of_jax, _ = truth_of(kept.question)
    assert not same(by_the_rules_of_jax, kept.allowance)


@pytest.mark.longer
def test_the_own_rules_are_those_of_every_function_that_curves():
    """A primitive of one variable with a formula for its slope that is not in the list could change with JAX."""
    import jax

    linear = {
        "neg",
        "convert_element_type",
        "broadcast_in_dim",
        "reduce_sum",
        "reshape",
        "squeeze",
        "transpose",
        "copy",
    }
    linear |= {
        "add",
        "sub",
        "mul",
        "div",
        "dot_general",
        "select_n",
        "gt",
        "lt",
        "le",
        "ge",
        "eq",
        "reduce_max",
        "jit",
        "pjit",
    }
    without_roundings = {
        "abs",
        "sign",
        "integer_pow",
        "square",
        "max",
        "stop_gradient",
        "not",
        "and",
    }  # slopes of one product
    found = set()
    for head in (
        "sigmoid+cross_entropy",
        "softmax+hellinger:fused",
        "sigmoid+hellinger",
        "tanh+log_cosh",
        "softmax+poisson",
    ):
        if head in HEADS:
            found |= primitives(traced_cost(head, (), (), (2, 2), 1).value.jaxpr)
    for name in ACTIVATIONS:
        found |= primitives(traced_cost("identity+quadratic", (), (name,), (1, 1, 1), 1).value.jaxpr)
    assert found - linear - without_roundings - set(own_rules()) == set()
    assert {"tanh", "expm1", "exp", "erfc"} <= found
    for name, f in own_rules().items():
        x = jax.numpy.float32(0.3)
        assert f(x) == getattr(jax.lax, name)(x)
        assert np.isclose(jax.grad(f)(x), jax.grad(getattr(jax.lax, name))(x), rtol=1e-5)


def primitives(jaxpr):
    names = set()
    for eqn in jaxpr.eqns:
        names.add(eqn.primitive.name)
        for inner in eqn.params.values():
            if hasattr(inner, "jaxpr"):
                names |= primitives(inner.jaxpr)
    return names
