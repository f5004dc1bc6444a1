"""`check_gradient`: verdicts, strictness, kinks, precisions, domains, what it leaves alone."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from hypothesis.database import DirectoryBasedExampleDatabase, InMemoryExampleDatabase

import oracle
from oracle import CannotJudge, Domain, Report, Verdict, as_domain, assert_gradient
from oracle.question import make_problem

Array = Any
REAL2 = ("real", "real")

check = partial(oracle.check_gradient, database=None, examples=40)


def cost(a: Array, E: Array) -> Array:
    return 0.5 * ((a - E) ** 2).sum()


def cost_grad(a: Array, E: Array) -> Array:
    return a - E


def cross_entropy(a: Array, E: Array) -> Array:
    return -(E * jnp.log(a) + (1 - E) * jnp.log(1 - a)).sum()


def cross_entropy_grad(a: Array, E: Array) -> Array:
    return (1 - E) / (1 - a) - E / a


def is_proved(report: Report) -> bool:
    return report.verdict == "wrong" and report.certified and "proved" in report.how


# the four verdicts


def test_a_right_gradient_is_right_and_says_what_was_tried() -> None:
    report = check(cross_entropy, cross_entropy_grad)
    assert report
    assert report.verdict is Verdict.RIGHT
    assert report.certified
    assert report.counterexample is None
    assert report.tried.points == report.tried.certified == 40
    assert report.power is not None
    assert len(report.power.seen) > 15
    assert not report.diagnosis


def test_a_wrong_gradient_is_wrong_and_says_where_and_why() -> None:
    report = check(cost, lambda a, E: 2 * (a - E), REAL2)
    assert not report
    assert is_proved(report)
    assert report.component == (0,)
    assert report.expected is not None
    assert report.got == 2 * report.expected
    assert any("2 times" in sentence for sentence in report.diagnosis)
    a, E = report.counterexample or ()
    assert a.shape == E.shape == (1,), "shrunk to one entry"


def test_lost_digits_are_inaccurate() -> None:
    def softplus(z: Array) -> Array:
        return jnp.logaddexp(z, 0.0).sum()

    def through_the_exponential(z: Array) -> Array:
        return np.exp(z) / (1 + np.exp(z))

    report = check(softplus, through_the_exponential, ("real",))
    assert report.verdict == "inaccurate"
    assert report.expected == 1
    assert np.isnan(report.got)
    assert any("digits are lost at" in note for note in report.notes)


def test_without_a_truth_it_is_undecided_and_says_why() -> None:
    rng = np.random.default_rng(0)

    def sampled(a: Array) -> float:
        return float(((a + rng.normal(0, 0.1, (100, a.size))) ** 2).mean(axis=0).sum())

    for factor in (1, 2):
        report = check(sampled, lambda a, f=factor: f * a, ("unit",), lengths=(1, 3))
        assert report.verdict == "undecided"
        assert not report
        assert not report.certified
        assert "differences in floats" in report.how
        assert "extrapolated differences in floats" in report.why_not


def test_a_function_in_few_digits_makes_no_right_gradient_wrong() -> None:
    def in_float32(a: Array, E: Array) -> float:
        return float(sum((np.float32(x) - np.float32(y)) ** 2 for x, y in zip(a, E, strict=True)))

    options: Any = {"lengths": (1, 4), "examples": 25}
    for domains in (("unit", "unit"), REAL2):
        assert check(in_float32, lambda a, E: 2 * (a - E), domains, **options).verdict != "wrong"
        assert check(in_float32, lambda a, E: 2 * (a - E) * (1 + 1e-3), domains, **options).verdict == "wrong"


def test_a_gradient_that_is_nowhere_finite_is_not_called_right_mathematics() -> None:
    report = check(cost, lambda a, E: a * np.nan, REAL2)
    assert report.verdict == "wrong"
    assert report.diagnosis == ("It is not finite at any of the 40 points tried",)


# how small a mistake is seen (acceptance 2)


def off_in_the_first(relative: float, a: Array, E: Array) -> Array:
    gradient = cross_entropy_grad(a, E)
    gradient[0] = gradient[0] * (1 + relative)
    return gradient


@pytest.mark.parametrize("relative", [1e-3, 1e-6, 1e-9, 1e-12])
def test_a_relative_error_in_one_component_is_proved_wrong(relative: float) -> None:
    report = check(cross_entropy, partial(off_in_the_first, relative))
    assert is_proved(report)
    assert report.component == (0,)
    assert report.expected is not None
    assert report.got == pytest.approx(report.expected * (1 + relative), rel=1e-14)


def test_no_relative_error_is_right() -> None:
    assert check(cross_entropy, partial(off_in_the_first, 0.0))


def in_dtype(dtype: Any, relative: float, a: Array, E: Array) -> Array:
    gradient = (a - E).astype(dtype)
    gradient[0] = (gradient[0].astype(np.float64) * (1 + relative)).astype(dtype)
    return gradient


@pytest.mark.parametrize(
    ("dtype", "relative"),
    [(np.float64, 1e-12), (np.float32, 1e-5), (np.float16, 2e-2), (ml_dtypes.bfloat16, 1e-1)],
)
def test_the_dtype_that_comes_back_is_what_is_judged(dtype: Any, relative: float) -> None:
    assert check(cost, partial(in_dtype, dtype, 0.0), REAL2)
    report = check(cost, partial(in_dtype, dtype, relative), REAL2)
    assert report.verdict == "wrong"
    assert report.component == (0,)


def test_float32_and_float64_by_jax_itself() -> None:
    automatic = jax.jit(jax.grad(cross_entropy))
    assert check(cross_entropy, automatic, lengths=(1, 3), examples=15)
    with jax.enable_x64(True):
        assert check(cross_entropy, automatic, lengths=(1, 3), examples=15)


def test_infinity_is_right_where_the_truth_is_beyond_the_floats() -> None:
    def reciprocal(a: Array) -> Array:
        return -jnp.log(a).sum()

    assert check(reciprocal, lambda a: -1 / a, ("positive",))
    report = check(reciprocal, lambda a: np.maximum(-1 / a, -1e300), ("positive",))
    assert report.verdict == "wrong"
    assert report.expected == -np.inf
    assert "beyond the largest float64" in str(report)


# strictness about what comes back


def changing(a: Array, E: Array) -> Array:
    a -= E
    return a.copy()


def handing_out_one(buffers: dict[Any, Array], a: Array, E: Array) -> Array:
    buffer = buffers.setdefault(a.shape, np.empty(a.shape))
    buffer[...] = a - E
    return buffer


def remembering(kept: dict[Any, Array], a: Array, E: Array) -> Array:
    return kept.setdefault(a.shape, a - E).copy()


def multiplied_at_random(rng: np.random.Generator, a: Array, E: Array) -> Array:
    return (a - E) * rng.normal(1, 0.1, a.shape)


MISBEHAVIOUR: dict[str, tuple[Callable[[], Any], str]] = {
    "a shape of its own": (lambda: lambda a, E: (a - E).sum(keepdims=True), "It returns the shape (1,)"),
    "a column": (lambda: lambda a, E: (a - E)[:, None], "It returns the shape"),
    "integers": (lambda: lambda a, E: (a - E).astype(int), "It returns the dtype int64"),
    "complex numbers": (lambda: lambda a, E: (a - E) + 0j, "It returns the dtype complex128"),
    "its argument changed": (lambda: changing, "It changes its argument 0"),
    "its argument's memory": (
        lambda: lambda a, E: np.subtract(a, E * 0, out=a),
        "It returns its own argument's memory",
    ),
    "the work done in place": (lambda: lambda a, E: np.subtract(a, E, out=a), "It changes its argument 0"),
    "one array for all": (lambda: partial(handing_out_one, {}), "It returns the same array at every call"),
    "random numbers": (
        lambda: partial(multiplied_at_random, np.random.default_rng(0)),
        "It answers otherwise the second time",
    ),
    "a stale answer": (lambda: partial(remembering, {}), "It is the same at every point of one shape"),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_misbehaviour_is_wrong_and_named(name: str) -> None:
    make, words = MISBEHAVIOUR[name]
    report = check(cost, make(), REAL2)
    assert report.verdict == "wrong"
    assert any(sentence.startswith(words) for sentence in report.diagnosis), report.diagnosis


def test_a_view_of_the_argument_is_wrong() -> None:
    report = check(lambda a: 0.5 * (a**2).sum(), lambda a: a, ("real",))
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith("It returns its own argument's memory")
    assert check(lambda a: 0.5 * (a**2).sum(), lambda a: a.copy(), ("real",))


# kinks


def share_of_the_greatest(a: Array) -> Array:
    greatest = a == a.max()
    return greatest / greatest.sum()


def first_of_the_greatest(a: Array) -> Array:
    return np.eye(a.size)[np.argmax(a)]


KINKS = {
    "abs, 0": (lambda a: abs(a).sum(), np.sign, "the mean"),
    "abs, 1": (lambda a: abs(a).sum(), lambda a: np.where(a >= 0, 1.0, -1.0), "the upper"),
    "relu, 0": (lambda a: jnp.maximum(a, 0).sum(), lambda a: np.where(a > 0, 1.0, 0.0), "the lower"),
    "relu, a half": (lambda a: jnp.maximum(a, 0).sum(), lambda a: np.heaviside(a, 0.5), "the mean"),
    "max, shared": (lambda a: a.max(), share_of_the_greatest, "a subgradient"),
    "max, the first": (lambda a: a.max(), first_of_the_greatest, "a subgradient"),
}


@pytest.mark.parametrize("name", KINKS)
def test_any_subgradient_is_right_and_its_convention_named(name: str) -> None:
    fn, grad, convention = KINKS[name]
    report = check(fn, grad, ("real",))
    assert report
    (note,) = report.notes
    assert note.startswith("where fn has a kink, grad takes")
    assert convention in note


def test_no_subgradient_is_wrong() -> None:
    report = check(lambda a: abs(a).sum(), lambda a: np.where(a == 0, 1.5, np.sign(a)), ("real",))
    assert report.verdict == "wrong"
    assert report.expected == (-1, 1)
    assert report.got == 1.5
    assert "between -1 and 1 (a kink)" in str(report)


def test_a_maximum_whose_gradient_sums_to_two_at_ties_is_wrong() -> None:
    report = check(lambda a: a.max(), lambda a: (a == a.max()).astype(float), ("real",))
    assert report.verdict == "wrong"
    assert "together they are no subgradient" in report.how
    assert report.counterexample is not None
    assert report.counterexample[0].shape == (2,)


def softplus_of_jax(a: Array) -> Array:
    """jax#2107: at 0 the automatic derivative is 0, the derivative is ½."""
    return (jnp.log1p(jnp.exp(-abs(a))) + jnp.maximum(a, 0)).sum()


def sigmoid(a: Array) -> Array:
    e = np.exp(-abs(a))
    return np.where(a > 0, 1 / (1 + e), e / (1 + e))


def test_at_a_tie_of_a_smooth_function_the_derivative_counts_not_what_autodiff_says() -> None:
    assert check(softplus_of_jax, sigmoid, ("real",))
    report = check(softplus_of_jax, lambda a: np.where(a == 0, 0.0, sigmoid(a)), ("real",))
    assert report.verdict == "wrong"
    assert (report.got, report.expected) == (0, 0.5)


@jax.custom_vjp
def badly_squared(x: Array) -> Array:
    return x * x


badly_squared.defvjp(lambda x: (x * x, x), lambda x, c: (3 * x * c,))


def test_a_wrong_rule_inside_the_function_is_not_the_truth() -> None:
    def total(a: Array) -> Array:
        return badly_squared(a).sum()

    assert check(total, lambda a: 2 * a, ("real",), lengths=(1, 4), examples=20)
    report = check(total, lambda a: 3 * a, ("real",), lengths=(1, 4), examples=20)
    assert report.verdict == "wrong"


# functions that JAX cannot trace


def branching(a: Array, E: Array) -> Array:
    distance = ((a - E) ** 2).sum()
    return distance if distance > 1 else distance * 0.5 + distance * 0.5


def on_floats(a: Array, E: Array) -> float:
    return float(sum((float(x) - float(y)) ** 2 for x, y in zip(a, E, strict=True)))


@pytest.mark.parametrize(
    ("fn", "words"), [(branching, "judged by differences in balls"), (on_floats, "extrapolated differences in floats")]
)
def test_untraceable_functions_are_judged_by_differences_and_not_certified(fn: Any, words: str) -> None:
    options: Any = {"lengths": (1, 4), "examples": 15}
    report = check(fn, lambda a, E: 2 * (a - E), **options)
    assert report
    assert not report.certified
    assert "JAX cannot trace fn (" in report.why_not
    assert words in report.why_not
    assert f"certified: no ({report.why_not})" in str(report)
    wrong = check(fn, lambda a, E: 2 * (a - E) * (1 + 1e-6), **options)
    assert wrong.verdict == "wrong"
    assert not wrong.certified
    assert "proved" not in wrong.how
    assert "(estimated)" in str(wrong)


def test_a_primitive_without_ball_arithmetic_is_judged_in_float64() -> None:
    """JAX's own precision here is float32, in which differences would see nothing."""

    def incomplete_gamma(a: Array) -> Array:
        return jax.scipy.special.gammainc(2.0, a).sum()

    options: Any = {"lengths": (1, 2), "examples": 8}
    report = check(incomplete_gamma, lambda a: a * np.exp(-a), ((0.5, 4),), **options)
    assert report
    assert report.why_not.startswith("primitive 'igamma' has no ball arithmetic")
    assert check(incomplete_gamma, lambda a: 1.00001 * a * np.exp(-a), ((0.5, 4),), **options).verdict == "wrong"


def test_points_that_fn_refuses_are_undecided_not_a_crash() -> None:
    report = check(
        on_floats, lambda a, E: 2 * (a - E), REAL2, lengths=(1, 9), examples=90
    )  # 1e300² overflows: Python raises
    assert report.verdict == "right"
    assert report.tried.undecided > 0
    assert any(note.startswith("undecided at ") for note in report.notes)


# arguments, shapes, domains


def test_argnum() -> None:
    assert check(cost, lambda a, E: E - a, REAL2, argnum=1)
    report = check(cost, cost_grad, REAL2, argnum=1)
    assert report.verdict == "wrong"
    assert any("−1 times" in sentence for sentence in report.diagnosis)


def test_shapes() -> None:
    def output(W: Array, x: Array) -> Array:
        return 0.5 * ((W @ x) ** 2).sum()

    options: Any = {"domains": REAL2, "shapes": ((3, 4), (4,)), "examples": 15}
    assert check(output, lambda W, x: np.outer(W @ x, x), **options)
    assert check(output, lambda W, x: W.T @ (W @ x), argnum=1, **options)
    report = check(output, lambda W, x: 2 * np.outer(W @ x, x), **options)
    assert report.verdict == "wrong"
    assert report.component is not None
    assert len(report.component) == 2
    assert report.counterexample is not None
    assert report.counterexample[0].shape == (3, 4)


def test_numbers_without_axes() -> None:
    report = check(lambda x: x**2, lambda x: 3 * x, ("real",), shapes=((),), examples=15)
    assert report.verdict == "wrong"
    assert report.component == ()
    assert "  gradient  got       " in str(report)


def test_lengths() -> None:
    report = check(cost, cost_grad, lengths=(3, 5))
    assert {shapes[0][0] for shapes in report.tried.shapes} == {3, 4, 5}


DOMAINS: dict[str, tuple[Any, ...]] = {
    "simplex, one_hot": ("simplex", "one_hot"),
    "closed_simplex, sign": ("closed_simplex", "sign"),
    "unit, closed_unit": ("unit", "closed_unit"),
    "a pair, positive": ((2, 5), "positive"),
    "a Domain, nonnegative": (Domain("ten to eleven", 10, 11, (True, False)), "nonnegative"),
    "sign, real": ("sign", "real"),
}
BUFFERS: dict[Any, Array] = {}
CANDIDATES = {
    "right": cost_grad,
    "wrong": lambda a, E: (a - E) * (1 + 1e-3 * abs(a)),
    "opaque": lambda a, E: np.asarray((a - E) * (1 + 1e-9), dtype=np.float64),
    "float32": lambda a, E: np.float32(1.001) * (np.float32(a) - np.float32(E)),
    "one buffer": partial(handing_out_one, BUFFERS),
}


def watched(function: Any, domains: tuple[Any, ...], calls: list[bool]) -> Any:
    """The function, with a note of whether each call on numbers came from inside the domains."""

    def called(*args: Array) -> Array:
        if all(isinstance(a, np.ndarray) and a.dtype == np.float64 for a in args):
            calls.append(all(as_domain(d).holds(a) for d, a in zip(domains, args, strict=True)))
        return function(*args)

    return called


@pytest.mark.parametrize("candidate", CANDIDATES)
@pytest.mark.parametrize("name", DOMAINS)
def test_no_point_outside_the_domains_is_evaluated(name: str, candidate: str) -> None:
    calls: list[bool] = []
    domains = DOMAINS[name]
    check(cost, watched(CANDIDATES[candidate], domains, calls), domains, lengths=(1, 5), examples=25)
    assert len(calls) > 40
    assert all(calls)


@pytest.mark.parametrize("name", ["unit, closed_unit", "a pair, positive"])
def test_no_difference_step_leaves_the_domains(name: str) -> None:
    calls: list[bool] = []
    fn = watched(on_floats, DOMAINS[name], calls)
    assert check(fn, lambda a, E: 2 * (a - E), DOMAINS[name], lengths=(1, 3), examples=10).tried.right > 3
    assert len(calls) > 100
    assert all(calls)


def test_that_watch_sees_a_step_outside() -> None:
    calls: list[bool] = []
    watched(cost, ("unit", "unit"), calls)(np.array([0.5]), np.array([1.0]))
    assert calls == [False]


def test_an_undefined_domain_is_found_out() -> None:
    """Half of the reals have no logarithm: nothing is claimed there."""
    report = check(lambda a: jnp.log(a).sum(), lambda a: 1 / a, ("real",))
    assert report.tried.undecided > 10
    assert f"certified: yes, at {report.tried.certified} of {report.tried.points} points" in str(report)


def test_a_strategy_of_arrays() -> None:
    threes = hnp.arrays(np.float64, 4, elements=st.floats(-3, 3))
    cube: Any = {"domains": (threes,), "examples": 20}
    assert check(lambda x: (x**3).sum(), lambda x: 3 * x**2, **cube)
    report = check(lambda x: (x**3).sum(), lambda x: 2 * x**2, **cube)
    assert report.verdict == "wrong"
    assert report.counterexample is not None
    assert abs(report.counterexample[0]).max() <= 3


# repeatability and memory


def without_seconds(report: Report) -> dict[str, Any]:
    data = report.to_dict()
    assert data.pop("seconds") > 0
    return data


@pytest.mark.parametrize("grad", [cross_entropy_grad, lambda a, E: (a - E) / a], ids=["right", "wrong"])
def test_two_runs_say_the_same(grad: Any) -> None:
    first, second = check(cross_entropy, grad), check(cross_entropy, grad)
    assert str(first) == str(second)
    assert without_seconds(first) == without_seconds(second)


def test_another_generator_tries_other_points() -> None:
    points: list[list[bytes]] = []
    for seed in (0, 1):
        seen: list[bytes] = []
        points.append(seen)
        check(cost, lambda a, E, seen=seen: seen.append(a.tobytes()) or a - E, rng=np.random.default_rng(seed))
    assert points[0] != points[1]


def test_a_failing_example_is_tried_first_next_time() -> None:
    """Even where the search would not come upon it by itself."""
    store = InMemoryExampleDatabase()

    def hidden(bad: bool, a: Array) -> Array:
        return np.where(bad & (a == float("0.123")), 7.0, 2 * a)  # text is not mined for constants

    fn = lambda a: (a**2).sum()  # noqa: E731
    grad = partial(hidden, True)
    assert check(fn, grad, ("real",), database=store), "not found by itself"
    from oracle.search.memory import remember

    problem = make_problem(fn, grad, ("real",), None, None, 40, None, 0)
    remember(problem, (np.array([0.123]),), store)
    report = check(fn, grad, ("real",), database=store)
    assert report.verdict == "wrong"
    assert report.tried.patterns[0] == "failed before"
    assert report.counterexample is not None
    assert report.counterexample[0].tolist() == [0.123]


def test_nothing_is_written_without_a_failure(tmp_path: Path) -> None:
    directory = tmp_path / "examples"
    options: Any = {"domains": REAL2, "database": DirectoryBasedExampleDatabase(directory)}
    assert check(cost, cost_grad, **options)
    assert not directory.exists()
    assert not check(cost, lambda a, E: E - a, **options)
    assert directory.exists()


# the report


def test_a_report_is_data() -> None:
    for grad in (cost_grad, lambda a, E: 2 * (a - E), lambda a, E: a * np.inf):
        report = check(cost, grad, REAL2)
        data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert data["verdict"] == str(report.verdict)
        assert data["domains"] == {"a": "real", "E": "real"}
        assert (data["counterexample"] is None) == bool(report)


def doubled(a: Array, E: Array) -> Array:
    return 2 * (a - E)


def test_the_snippet_runs_and_shows_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(cost, doubled, REAL2)
    lines = [line for line in report.reproduction.splitlines() if not line.startswith("from ")]
    exec("\n".join(lines), {"doubled": doubled})
    assert float(capsys.readouterr().out) == report.got
    anonymous = check(cost, lambda a, E: 2 * (a - E), REAL2)
    exec(anonymous.reproduction, {"grad": doubled})
    assert float(capsys.readouterr().out) == anonymous.got


def test_assert_gradient_reads_as_the_report() -> None:
    assert_gradient(cost, cost_grad, REAL2, database=None, examples=5)
    with pytest.raises(AssertionError) as failure:
        assert_gradient(cost, doubled, REAL2, database=None, examples=40)
    assert str(failure.value) == str(check(cost, doubled, REAL2))


# bad input: one sentence, never a verdict (acceptance 6)


def raising(a: Array, E: Array) -> Array:
    raise RuntimeError("out of order\nsecond line")


def leaving(a: Array, E: Array) -> Array:
    raise SystemExit(3)


def sleeping(a: Array, E: Array) -> Array:
    with contextlib.suppress(Exception):
        time.sleep(60)
    return a - E


BAD: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "fn returns a vector": (lambda a, E: a - E, cost_grad, {}, "fn returned the shape (3,)"),
    "fn returns one number in an array": (
        lambda a, E: ((a - E) ** 2).sum(keepdims=True),
        cost_grad,
        {},
        "fn returned the shape (1,)",
    ),
    "fn returns None": (lambda a, E: None, cost_grad, {}, "fn returned None"),
    "fn returns text": (lambda a, E: "0", cost_grad, {}, "fn returned a str"),
    "fn returns a truth value": (lambda a, E: True, cost_grad, {}, "fn returned a bool"),
    "fn returns a complex number": (lambda a, E: 1j, cost_grad, {}, "fn returned a complex"),
    "fn is NaN everywhere": (
        lambda a, E: (a * np.nan).sum(),
        cost_grad,
        {},
        "fn is not finite at any of the 40 points",
    ),
    "fn raises": (raising, cost_grad, {}, "fn raised RuntimeError: out of order"),
    "fn leaves": (leaving, cost_grad, {}, "fn called sys.exit(3)"),
    "fn sleeps": (sleeping, cost_grad, {"timeout": 0.2}, "fn took longer than 0.2 seconds"),
    "fn takes another number of arguments": (lambda a: a.sum(), cost_grad, {}, "takes 1 positional argument"),
    "fn is no function": (3, cost_grad, {}, "fn is of type int: give a function"),
    "grad is no function": (cost, None, {}, "grad is of type NoneType"),
    "grad raises": (cost, raising, {}, "grad raised RuntimeError at arguments of shapes (3,), (3,): out of order"),
    "grad raises at some length": (
        cost,
        lambda a, E: a - E if a.size < 9 else raising(a, E),
        {},
        "grad raised RuntimeError at arguments of shapes (9,)",
    ),
    "grad returns None": (cost, lambda a, E: None, {}, "grad returned None"),
    "grad returns text": (cost, lambda a, E: "abc", {}, "grad returned a str"),
    "grad returns a dictionary": (cost, lambda a, E: {"a": a}, {}, "grad returned a dict"),
    "grad leaves": (cost, leaving, {}, "grad called sys.exit(3)"),
    "grad sleeps": (cost, sleeping, {"timeout": 0.2}, "grad took longer than 0.2 seconds for one call"),
    "an unknown domain": (cost, cost_grad, {"domains": ("unit", "plane")}, "unknown domain 'plane': give one of real"),
    "an empty interval": (cost, cost_grad, {"domains": ((1, 0), "unit")}, "domain '(1, 0)' is empty"),
    "one domain without its tuple": (cost, cost_grad, {"domains": "unit"}, "domains = 'unit': give a sequence"),
    "no domain": (cost, cost_grad, {"domains": ()}, "domains = ()"),
    "a number as a domain": (cost, cost_grad, {"domains": (3, "unit")}, "domain 3 is of type int"),
    "too many domains": (cost, cost_grad, {"domains": ("unit",) * 3}, "fn raised TypeError"),
    "lengths of 0": (cost, cost_grad, {"lengths": (0, 3)}, "lengths = (0, 3): give (low, high)"),
    "lengths the wrong way round": (cost, cost_grad, {"lengths": (5, 3)}, "lengths = (5, 3)"),
    "one length": (cost, cost_grad, {"lengths": 5}, "lengths = 5: give (low, high)"),
    "shapes without their tuples": (cost, cost_grad, {"shapes": (3, 4)}, "shapes = (3, 4): give one shape for each"),
    "too few shapes": (cost, cost_grad, {"shapes": ((3,),)}, "shapes has 1 entries, domains 2"),
    "an empty shape": (cost, cost_grad, {"shapes": ((0,), (3,))}, "every length must be at least 1"),
    "lengths and shapes": (cost, cost_grad, {"lengths": (1, 2), "shapes": ((3,), (3,))}, "are both given"),
    "an argnum too high": (cost, cost_grad, {"argnum": 2}, "argnum = 2: there are 2 arguments"),
    "an argnum that is no number": (cost, cost_grad, {"argnum": "E"}, "argnum = 'E'"),
    "no examples": (cost, cost_grad, {"examples": 0}, "examples = 0: give a whole number"),
    "a seed for a generator": (cost, cost_grad, {"rng": 3}, "rng is of type int: give numpy.random.default_rng"),
    "an unknown database": (cost, cost_grad, {"database": "here"}, "database 'here'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_no_verdict(name: str) -> None:
    fn, grad, options, words = BAD[name]
    started = time.perf_counter()
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 — what it says is checked below
        check(fn, grad, **{"domains": REAL2} | options)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert time.perf_counter() - started < 10
    if name != "an unknown database":
        assert isinstance(refusal.value, CannotJudge)


def test_what_grad_prints_harms_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(cost, lambda a, E: print("hello") or a - E, REAL2, examples=5)
    assert capsys.readouterr().out.startswith("hello\n")


def test_the_limit_leaves_the_alarm_as_it_was() -> None:
    import signal

    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(CannotJudge):
        check(cost, sleeping, timeout=0.1)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    signal.setitimer(signal.ITIMER_REAL, 60)  # somebody else's, such as a test runner's: there is no limit of ours then
    try:
        assert check(cost, cost_grad, examples=3, timeout=1e-9)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_a_slow_search_stops_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oracle.check.SEARCH_SECONDS", 0.3)
    clock = itertools.count()
    report = check(cost, lambda a, E: next(clock) * 0 + (time.sleep(0.02) or a - E), REAL2)
    assert report.tried.points < 40
    assert "the search was stopped after 0.3 seconds" in report.notes
