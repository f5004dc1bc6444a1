"""`check_hessian` and `check_hvp`: right second derivatives, and wrong ones with the entry at which they are."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle

from ...optional import skip_without
from ...sweeps import thinned
from .hessians import RIGHT, WRONG, Case, log_sum_exp, log_sum_exp_hess, rosenbrock, rosenbrock_hess, softmax

Array = Any
OPTIONS: Any = {"database": None, "examples": 9}
pytestmark = pytest.mark.usefixtures("little_evidence")


def product_of(case: Case) -> Any:
    """hvp(*arrays, v) by the Hessian of the case."""
    return lambda *arrays: np.tensordot(case.hess(*arrays[:-1]), arrays[-1], arrays[-1].ndim)


@pytest.mark.costly
@pytest.mark.parametrize("name", thinned(RIGHT, 12))
def test_right_hessians(name: str) -> None:
    case = RIGHT[name]
    report = oracle.check_hessian(case.fn, case.hess, **case.options, **OPTIONS)
    assert report.verdict == "right", str(report)
    assert "certified: " in str(report)
    assert report.tried.right > report.tried.undecided


@pytest.mark.costly
@pytest.mark.parametrize("name", thinned(WRONG, 12))
def test_wrong_hessians(name: str) -> None:
    case, words = WRONG[name]
    report = oracle.check_hessian(case.fn, case.hess, **case.options, **OPTIONS)
    assert report.verdict == "wrong", str(report)
    assert "reproduce:" in str(report)
    assert words in " ".join(report.diagnosis)
    assert report.counterexample is not None
    args = report.counterexample
    at = np.asarray(case.hess(*args))[report.component]
    assert report.of == "Hessian"
    assert float(at) == report.got
    true = (
        np.asarray(jax.hessian(case.fn, case.options.get("argnum", 0))(*map(jnp.asarray, args)))
        if name[:5] != "NumPy"
        else None
    )
    if true is not None:
        assert report.expected == pytest.approx(float(true[report.component]), rel=1e-4, abs=1e-5)


@pytest.mark.costly
@pytest.mark.parametrize("name", thinned([n for n in RIGHT if n not in ("Rosenbrock, as lists", "float32")], 18))
def test_right_products(name: str) -> None:
    case = RIGHT[name]
    report = oracle.check_hvp(case.fn, product_of(case), **case.options, **OPTIONS)
    assert report.verdict == "right", str(report)
    assert "certified: " in str(report)


@pytest.mark.costly
@pytest.mark.usefixtures("unnamed_mistakes")
@pytest.mark.longer
@pytest.mark.parametrize("name", thinned(WRONG, 18))
def test_wrong_products(name: str) -> None:
    case, _ = WRONG[name]
    report = oracle.check_hvp(case.fn, product_of(case), **case.options, **OPTIONS)
    assert report.verdict == "wrong", str(report)
    assert "reproduce:" in str(report)
    assert report.counterexample is not None
    assert len(report.counterexample) == len(report.arguments)


@pytest.mark.longer
def test_what_an_entry_is_shown_with() -> None:
    """The arguments alone, no direction, and a script that prints the entry."""
    report = oracle.check_hessian(rosenbrock, lambda x: np.diag(np.diag(rosenbrock_hess(x))), lengths=(2, 4), **OPTIONS)
    assert report.arguments == ("x",)
    assert report.component is not None
    assert len(report.component) == 2
    assert f"print(hess(x)[{', '.join(map(str, report.component))}])" in report.reproduction
    assert "Hessian[" in str(report)
    assert report.to_dict()["of"] == "Hessian"


def p_times_1_minus_p(x: Array) -> Array:
    return softmax(x) * (1 - softmax(x))


def logloss(y: Array, z: Array) -> Array:
    return (jnp.logaddexp(0.0, z) - y * z).sum()


def of_logloss(y: Array, z: Array) -> Array:
    return 1 / (1 + np.exp(-z)) / (1 + np.exp(z))


def floored(y: Array, z: Array) -> Array:
    return np.maximum(of_logloss(y, z), 1e-6)


LOGLOSS: Any = {"domains": ("closed_unit", (-60.0, 60.0)), "argnum": 1, "lengths": (1, 3)}
RIGHT_DIAGONALS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "log loss": (logloss, of_logloss, LOGLOSS),
    "log loss, floored": (logloss, floored, {**LOGLOSS, "hess_at_least": True}),
    "log loss, bounded by 1/4": (logloss, lambda y, z: np.full(z.shape, 0.25), {**LOGLOSS, "hess_at_least": True}),
    "coupled: softmax": (log_sum_exp, p_times_1_minus_p, {"domains": ((-3.0, 3.0),), "lengths": (1, 4)}),
    "coupled: Rosenbrock": (
        rosenbrock,
        lambda x: np.diag(rosenbrock_hess(x)).copy(),
        {"lengths": (2, 5), "domains": ((-3.0, 3.0),)},
    ),
    "Huber": (
        RIGHT["Huber"].fn,
        lambda x: np.where(np.abs(x) < 1, 1.0, 0.0),
        {"domains": ((-3.0, 3.0),), "lengths": (1, 4)},
    ),
    "NumPy": (
        RIGHT["NumPy"].fn,
        lambda x: np.exp(x) * (x * x + 4 * x + 2),
        {"domains": ((-3.0, 3.0),), "lengths": (1, 4)},
    ),
    "a matrix": (lambda W: (W**3).sum() + W.sum() ** 2, lambda W: 6 * W + 2, {"shapes": ((2, 2),)}),
}
WRONG_DIAGONALS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "log loss: p": (logloss, lambda y, z: 1 / (1 + np.exp(-z)), LOGLOSS),
    "log loss: the gradient": (logloss, lambda y, z: 1 / (1 + np.exp(-z)) - y, LOGLOSS),
    "log loss: 1": (logloss, lambda y, z: np.ones_like(z), LOGLOSS),
    "a floor that nobody declared": (logloss, floored, LOGLOSS),
    "a floor that is a ceiling": (
        logloss,
        lambda y, z: np.minimum(of_logloss(y, z), 0.2),
        {**LOGLOSS, "hess_at_least": True},
    ),
    "below, by 1e-9 of it": (logloss, lambda y, z: of_logloss(y, z) * (1 - 1e-9), {**LOGLOSS, "hess_at_least": True}),
    "coupled: softmax, p": (log_sum_exp, softmax, {"domains": ((-3.0, 3.0),), "lengths": (1, 4)}),
    "coupled: row sums": (log_sum_exp, lambda x: np.zeros_like(x), {"domains": ((-3.0, 3.0),), "lengths": (2, 5)}),
    "2p(1 − p), no bound declared": (
        log_sum_exp,
        lambda x: 2 * p_times_1_minus_p(x),
        {"domains": ((-3.0, 3.0),), "lengths": (1, 4)},
    ),
}


@pytest.mark.costly
@pytest.mark.parametrize("name", RIGHT_DIAGONALS)
def test_right_diagonals(name: str) -> None:
    fn, hess, options = RIGHT_DIAGONALS[name]
    report = oracle.check_hessian(fn, hess, diagonal=True, **options, **{**OPTIONS, "examples": 16})
    assert report.verdict == "right", str(report)
    assert "certified: " in str(report)


@pytest.mark.costly
@pytest.mark.usefixtures("unnamed_mistakes")
@pytest.mark.longer
@pytest.mark.parametrize("name", WRONG_DIAGONALS)
def test_wrong_diagonals(name: str) -> None:
    fn, hess, options = WRONG_DIAGONALS[name]
    report = oracle.check_hessian(fn, hess, diagonal=True, **options, **OPTIONS)
    assert report.verdict == "wrong", str(report)
    assert "reproduce:" in str(report)
    assert report.counterexample is not None
    assert len(report.counterexample) == len(report.arguments) == (2 if fn is logloss else 1)
    assert report.got == float(hess(*report.counterexample)[report.component])


@pytest.mark.rest
@pytest.mark.longer
def test_an_upper_bound_is_asked_for_by_name() -> None:
    report = oracle.check_hessian(logloss, floored, diagonal=True, **LOGLOSS, **OPTIONS)
    assert "if it is meant as an upper bound, say so (hess_at_least=True)" in str(report)
    below = oracle.check_hessian(logloss, lambda y, z: 0.5 * of_logloss(y, z), diagonal=True, **LOGLOSS, **OPTIONS)
    assert "hess_at_least" not in str(below)


@jax.custom_jvp
def ruled(x: Array) -> Array:
    return (x**3).sum()


ruled.defjvp(lambda p, t: (ruled(*p), (5.0 * p[0] ** 2 * t[0]).sum()))


@pytest.mark.longer
def test_the_truth_has_neither_rules_nor_stopped_gradients() -> None:
    """What is judged is held to the derivatives of fn's values."""
    stopped = lambda x: (x * x * jax.lax.stop_gradient(x)).sum() + jax.nn.softplus(0.0 * x).sum()  # noqa: E731
    options: Any = {"domains": ((-3.0, 3.0),), "shapes": ((2,),), **OPTIONS}
    for fn in (ruled, stopped):
        right = oracle.check_hessian(fn, lambda x: np.diag(6 * x), **options)
        assert right.verdict == "right", str(right)
        own = oracle.check_hessian(fn, jax.jit(jax.hessian(fn)), **options)
        assert own.verdict == "wrong"


def test_another_slope_than_that_of_the_values_decides_nothing() -> None:
    """A stop_gradient inside of a loop stays in the slope that JAX makes: neither right nor wrong can be said."""

    def fn(x: Array) -> Array:
        return jax.lax.fori_loop(0, 1, lambda _, c: c + (x * x * jax.lax.stop_gradient(x)).sum(), 0.0)

    options: Any = {"domains": ((0.5, 3.0),), "shapes": ((2,),), **OPTIONS}
    for hess in (lambda x: np.diag(6 * x), lambda x: np.diag(2 * x)):
        report = oracle.check_hessian(fn, hess, **options)
        assert report.verdict == "undecided", str(report)
        assert "is not that of its values there" in report.how


@pytest.mark.longer
def test_a_tie_of_a_smooth_function_accuses_nobody() -> None:
    """log(1 + exp(−|a|)) + max(a, 0) is smooth, and AD of it is not its slope at 0: neither Hessian nor product is called wrong."""
    fn = lambda a: (jnp.log1p(jnp.exp(-jnp.abs(a))) + jnp.maximum(a, 0)).sum()  # noqa: E731
    sigma = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    hess = lambda a: np.diag(sigma(a) * (1 - sigma(a)))  # noqa: E731
    report = oracle.check_hessian(fn, hess, ((-3.0, 3.0),), lengths=(1, 4), **OPTIONS)
    assert report.verdict in ("right", "undecided"), str(report)
    wrong = oracle.check_hessian(fn, lambda a: 2 * hess(a), ((-3.0, 3.0),), lengths=(1, 4), **OPTIONS)
    assert wrong.verdict == "wrong"


@pytest.mark.longer
def test_torch() -> None:
    torch = pytest.importorskip("torch")
    skip_without("torchax")
    fn = lambda x: torch.logsumexp(x, 0)  # noqa: E731
    options: Any = {"domains": ((-3.0, 3.0),), "lengths": (1, 4), **OPTIONS}
    assert oracle.check_hessian(fn, log_sum_exp_hess, **options).verdict == "right"
    assert oracle.check_hessian(fn, lambda x: torch.diag(p := torch.softmax(x, 0)) - torch.outer(p, p), **options)
    assert oracle.check_hessian(fn, lambda x: torch.diag(torch.softmax(x, 0)), **options).verdict == "wrong"
    assert oracle.check_hessian(fn, p_times_1_minus_p, diagonal=True, **options).verdict == "right"


@pytest.mark.longer
def test_sparse_matrices() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    options: Any = {"domains": ((-3.0, 3.0),), "lengths": (2, 4), **OPTIONS}
    assert oracle.check_hessian(rosenbrock, lambda x: sparse.csr_matrix(rosenbrock_hess(x)), **options)
    assert not oracle.check_hessian(rosenbrock, lambda x: sparse.csr_matrix(2 * rosenbrock_hess(x)), **options)


class Operator:
    def matvec(self, v: Array) -> Array:
        return v


def on_floats(x: Array) -> float:
    return sum(float(v) ** 3 for v in x)


def a_hessian(x: Array) -> Array:
    return np.diag(6 * x)


CUBE = lambda x: (x**3).sum()  # noqa: E731
#: What is asked, with which options, and words of the sentence.
BAD: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "hess is no function": (CUBE, 3, {}, "hess is of type int: give a function"),
    "fn is no function": (3, a_hessian, {}, "fn is of type int: give a function"),
    "diagonal is no truth value": (CUBE, a_hessian, {"diagonal": "yes"}, "diagonal = 'yes': give True or False"),
    "hess_at_least is no truth value": (
        CUBE,
        a_hessian,
        {"diagonal": True, "hess_at_least": 1},
        "hess_at_least = 1: give",
    ),
    "a bound on a whole Hessian": (CUBE, a_hessian, {"hess_at_least": True}, "give diagonal=True as well"),
    "a diagonal for a Hessian": (CUBE, lambda x: 6 * x, {"lengths": (2, 3)}, "diagonal=True judges a diagonal"),
    "a Hessian for a diagonal": (CUBE, a_hessian, {"diagonal": True, "lengths": (2, 3)}, "leave diagonal=True out"),
    "hess returns None": (CUBE, lambda x: None, {}, "hess returned None; it must return one array"),
    "hess returns a tuple": (CUBE, lambda x: (x, x), {}, "hess returned a tuple; it must return one array"),
    "hess returns text": (CUBE, lambda x: "H", {}, "hess returned a str"),
    "hess returns an operator": (CUBE, lambda x: Operator(), {}, "check_hvp judges its products"),
    "a diagonal of None": (CUBE, lambda x: None, {"diagonal": True}, "hess returned None"),
    "hess raises": (CUBE, lambda x: 1 // 0, {}, "hess raised ZeroDivisionError at arguments of shapes"),
    "hess takes nothing": (CUBE, lambda: 0, {}, "hess raised TypeError"),
    "fn returns a vector": (
        lambda x: x**3,
        a_hessian,
        {"lengths": (2, 3)},
        "fn returned the shape (3,); it must return one number",
    ),
    "fn returns None": (lambda x: None, a_hessian, {}, "fn returned None; it must return one number"),
    "fn runs on floats alone": (
        on_floats,
        a_hessian,
        {},
        "fn runs on floats alone, where second derivatives are not judged",
    ),
    "argnum is too large": (CUBE, a_hessian, {"argnum": 1}, "argnum = 1: there are 1 arguments, numbered from 0"),
    "argnum is a truth value": (CUBE, a_hessian, {"argnum": True}, "argnum = True"),
    "accuracy is text": (CUBE, a_hessian, {"accuracy": "1e-9"}, "accuracy = '1e-9': give how much"),
    "accuracy is 0": (CUBE, a_hessian, {"accuracy": 0}, "accuracy = 0: give how much"),
    "accuracy is negative": (CUBE, a_hessian, {"accuracy": -1e-9}, "accuracy = -1e-09: give how much"),
    "accuracy is 1": (CUBE, a_hessian, {"accuracy": 1}, "accuracy = 1: give how much"),
    "accuracy is NaN": (CUBE, a_hessian, {"accuracy": float("nan")}, "accuracy = nan: give how much"),
    "no such domain": (CUBE, a_hessian, {"domains": ("reel",)}, "reel"),
    "no points": (CUBE, a_hessian, {"examples": 0}, "examples = 0: give a whole number"),
    "extremes is a number": (CUBE, a_hessian, {"extremes": 1}, "extremes = 1: give True or False"),
    "a database that is a number": (CUBE, a_hessian, {"database": 3}, "database = 3: give 'default', None for none"),
    "lengths and shapes": (
        CUBE,
        a_hessian,
        {"lengths": (1, 2), "shapes": ((2,),)},
        "lengths and shapes are both given",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_questions_get_one_sentence(name: str) -> None:
    fn, hess, options, words = BAD[name]
    with pytest.raises(oracle.CannotJudge) as raised:
        oracle.check_hessian(fn, hess, **{"domains": ("real",), **OPTIONS, **options})
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


BAD_PRODUCTS: dict[str, tuple[Any, str]] = {
    "no function": (3, "hvp is of type int: give a function of the arrays and a direction"),
    "without the direction": (lambda x: x, "hvp raised TypeError at arguments of shapes"),
    "None": (lambda x, v: None, "hvp returned None; it must return an array"),
    "a tuple": (
        lambda x, v: (6 * x * v,) * 2,
        "hvp returned a tuple of 2 arrays, each shaped as the argument: check one entry at a time, as "
        "`lambda *arrays: hvp(*arrays)[0]` does",
    ),
}


@pytest.mark.parametrize("name", BAD_PRODUCTS)
def test_bad_products_get_one_sentence(name: str) -> None:
    hvp, words = BAD_PRODUCTS[name]
    with pytest.raises(oracle.CannotJudge) as raised:
        oracle.check_hvp(CUBE, hvp, ("real",), lengths=(3, 3), **OPTIONS)
    assert words in str(raised.value)
    assert "argnum=" not in str(raised.value)


def test_a_matrix_of_another_shape_is_wrong() -> None:
    report = oracle.check_hessian(CUBE, lambda x: np.diag(6 * x)[:-1], ("real",), lengths=(2, 3), **OPTIONS)
    assert report.verdict == "wrong"
    assert "reproduce:" in str(report)
    assert "It returns the shape" in " ".join(report.diagnosis)
