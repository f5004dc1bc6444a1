"""The points: inside their domains, the same every time, and able to show mistakes that begin somewhere."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from oracle.search.domains import DOMAINS, as_domain
from oracle.search.lengths import LENGTHS, ladder
from oracle.search.plan import planned
from oracle.search.points import EXAMPLES, Point, points
from oracle.search.problem import Problem

Array = Any


def quadratic(a: Array, E: Array) -> Array:
    return 0.5 * ((a - E) ** 2).sum()


def residual(a: Array, E: Array) -> Array:
    return a - E


def problem(*domains: Any, fn: Any = quadratic, grad: Any = residual, **options: Any) -> Problem:
    return Problem(fn, grad, tuple(as_domain(d) for d in domains), **options)


def drawn(asked: Problem, examples: int = EXAMPLES, seed: int = 0) -> list[Point]:
    return list(points(asked, np.random.default_rng(seed), examples))


PAIRS = [(name, name) for name, domain in DOMAINS.items() if not domain.is_of_matrices] + [
    ("real", "one_hot"),
    ("unit", "closed_unit"),
    ("simplex", "closed_simplex"),
    ("positive", "nonnegative"),
    ("real", "sign"),
    ((-3, 5), (2, math.inf)),
    ((1e300, 1e301), (-math.inf, -1e-5)),
]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
@pytest.mark.parametrize(
    "options", [{}, {"lengths": (1, 2)}, {"lengths": (20, 30)}, {"shapes": ((2, 3), (2, 3))}, {"argnum": 1}]
)
def test_every_point_is_inside_its_domains(pair: tuple[Any, Any], options: dict[str, Any]) -> None:
    asked = problem(*pair, **options)
    made = drawn(asked, 200)
    assert len(made) == 200 or {d.kind for d in asked.domains} <= {"sign", "one_hot", "simplex"}
    for point in made:
        for domain, x in zip(asked.domains, point.args, strict=True):
            assert domain.holds(x), (point.why, x)
            assert x.dtype == np.float64
            assert x.flags.c_contiguous


def test_they_are_the_same_for_a_seed_and_never_twice() -> None:
    asked = problem("unit", "unit")
    first, second, other = drawn(asked), drawn(asked), drawn(asked, seed=1)
    for p, q in zip(first, second, strict=True):
        assert p.why == q.why
        assert all(np.array_equal(x, y) for x, y in zip(p.args, q.args, strict=True))
    assert not np.array_equal(first[0].args[0], other[0].args[0])
    assert len({tuple((x.shape, x.tobytes()) for x in p.args) for p in first}) == len(first) == EXAMPLES
    longer = drawn(asked, 2 * EXAMPLES)
    assert [p.why for p in longer[:EXAMPLES]] == [p.why for p in first]


def test_every_pattern_is_used_by_default() -> None:
    made = drawn(problem("real", "real"))
    assert {step.words for step in planned(())} - {p.why for p in made} == {
        "at the ends",
        "beside the ends",
        "beside the ends in the differentiated argument",
        "at the ends in the differentiated argument",
        "at the ends in the other arguments",
    }
    closed = {p.why for p in drawn(problem("closed_unit", "closed_unit"))}
    assert {"at the ends", "beside the ends", "at the ends in the differentiated argument"} <= closed


def test_every_length_comes_and_the_telling_ones_come_early() -> None:
    made = drawn(problem("real", "real"))
    lengths = [p.args[0].size for p in made]
    assert set(lengths) == set(LENGTHS)
    assert set(range(1, 10)) | {16, 17, 31, 65, 129} == set(LENGTHS)
    assert {1, 2, 3, 9, 65, 129} <= set(lengths[:16])
    assert Counter(lengths)[129] <= 3  # enclosures cost most there
    assert len({n for n in lengths[:2]} & {3, 9}) == 2


FEATURES: dict[str, Callable[[Array, Array], bool]] = {
    "all zero": lambda a, E: not a.any(),
    "some zero": lambda a, E: bool((a == 0).any() and a.any()),
    "ones": lambda a, E: bool((a == 1).all()),
    "a = E": lambda a, E: np.array_equal(a, E),
    "a = E in some": lambda a, E: bool((a == E).any() and (a != E).any()),
    "a near E": lambda a, E: bool(((a != E) & (abs(a - E) <= np.spacing(abs(a)))).any()),
    "a = −E": lambda a, E: np.array_equal(a, -E),
    "repeated": lambda a, E: len(np.unique(a)) < a.size and len(np.unique(a)) > 1,
    "all equal": lambda a, E: a.size > 1 and len(np.unique(a)) == 1 and a[0] not in (0, 1),
    "sorted": lambda a, E: a.size > 4 and bool((np.diff(a) > 0).all()),
    "reversed": lambda a, E: a.size > 4 and bool((np.diff(a) < 0).all()),
    "cancelling": lambda a, E: a.size > 2 and abs(a.sum()) < 1e-6 < abs(a).sum() and bool(a.any()),
    "subnormal": lambda a, E: bool(((a != 0) & (abs(a) < np.finfo(float).tiny)).any()),
    "huge": lambda a, E: bool((abs(a) > 1e200).any()),
    "saturated": lambda a, E: bool((a == 700).any() and (a == -40).any()),
    "negative": lambda a, E: bool((a < 0).all() and (E < 0).all()),
    "positive": lambda a, E: bool((a > 0).all() and (E > 0).all()),
    "one extreme": lambda a, E: bool((abs(a) > 1e6).sum() == 1 and (abs(a) < 4).sum() == a.size - 1 > 2),
    "one tiny": lambda a, E: bool((abs(a) < 1e-9).sum() == 1 and (abs(a) > 0.1).sum() == a.size - 1 > 2),
    "scales": lambda a, E: bool(a.all()) and float(np.ptp(np.log10(abs(a)))) > 9,
    "E zero": lambda a, E: bool(not E.any() and a.all()),
    "neighbouring floats": lambda a, E: (
        a.size > 1 and bool((np.diff(np.sort(a)) == np.spacing(abs(np.sort(a)[:-1]))).any())
    ),
}


def test_the_states_that_matter_all_occur() -> None:
    made = drawn(problem("real", "real"))
    missing = [name for name, holds in FEATURES.items() if not any(holds(*p.args) for p in made)]
    assert not missing
    dull = [Point((np.array([0.3, -2.0]), np.array([1.1, 0.7])), "")]
    assert not any(holds(*p.args) for p in dull for holds in FEATURES.values())


def test_the_boundary_comes_where_it_belongs_to_the_domain_and_its_neighbours_where_not() -> None:
    closed = [p.args[0] for p in drawn(problem("closed_unit", "closed_unit"))]
    for value in (0.0, 1.0, 5e-324, np.nextafter(1, 0)):
        assert any((x == value).any() for x in closed)
    unit = [p.args[0] for p in drawn(problem("unit", "unit"))]
    for value in (5e-324, np.nextafter(1, 0)):
        assert any((x == value).any() for x in unit)
    simplex = [p.args[0] for p in drawn(problem("closed_simplex", "closed_simplex"))]
    assert any((x == 1).any() and x.size > 1 for x in simplex)
    assert any((x == 0).any() and (x > 0).sum() > 1 for x in simplex)


def mined_grad(a: Array, E: Array) -> Array:
    return np.where(abs(a) > 3.25, a, a - E)


@pytest.mark.parametrize(
    ("what", "holds"),
    [
        ("c", lambda a, E: (a == 3.25).any()),
        ("−c", lambda a, E: (a == -3.25).any()),
        ("just over c", lambda a, E: (a == np.nextafter(3.25, 4)).any()),
        ("just under c", lambda a, E: (a == np.nextafter(3.25, 3)).any()),
        ("c(1 + 1e-3)", lambda a, E: (a == 3.25 * (1 + 1e-3)).any()),
        ("−c(1 − 1e-3)", lambda a, E: (a == -3.25 * (1 - 1e-3)).any()),
        ("a − E = c", lambda a, E: (a - E == 3.25).any()),
        ("a − E = −c", lambda a, E: (a - E == -3.25).any()),
        ("a − E over c", lambda a, E: ((a - E > 3.25) & (a - E < 3.26)).any()),
        ("a − E under c", lambda a, E: ((a - E > 3.24) & (a - E < 3.25)).any()),
        ("a + E = c", lambda a, E: (a + E == 3.25).any()),
        ("a = c·E", lambda a, E: ((E != 0) & (a == 3.25 * E) & (E != 1)).any()),
        ("norm over c", lambda a, E: 4 < np.hypot.reduce(a) < 7 and a.size == 3),
    ],
)
def test_mined_constants_are_met_and_straddled(what: str, holds: Callable[[Array, Array], bool]) -> None:
    assert any(holds(*p.args) for p in drawn(problem("real", "real", grad=mined_grad)))


def wrong_where(condition: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, E: np.where(condition(a, E), 1.5, 1.0) * (a - E + 0.1)


def repeated(a: Array, E: Array) -> Array:
    return np.array([(a == v).sum() > 1 for v in a])


def seventh(a: Array, E: Array) -> Array:
    return (np.arange(a.size) == 6) & (a.size == 7)


WRONG: dict[str, tuple[Callable[[Array, Array], Array], int]] = {
    "n >= 65": (lambda a, E: np.full(a.shape, a.size >= 65), 4),
    "n >= 9": (lambda a, E: np.full(a.shape, a.size >= 9), 2),
    "from the 128th entry on": (lambda a, E: np.arange(a.size) > 127, 20),
    "n = 1": (lambda a, E: np.full(a.shape, a.size == 1), 20),
    "n odd": (lambda a, E: np.full(a.shape, a.size % 2 == 1), 1),
    "n a multiple of 8": (lambda a, E: np.full(a.shape, a.size % 8 == 0), 40),
    "n = 100": (lambda a, E: np.full(a.shape, a.size == 100), 90),
    "a < 1e-3, positive": (lambda a, E: (a > 0) & (a < 1e-3), 9),
    "a < 1e-12, positive": (lambda a, E: (a > 0) & (a < 1e-12), 20),
    "|a| > 3": (lambda a, E: abs(a) > 3, 9),
    "|a| > 1234.5": (lambda a, E: abs(a) > 1234.5, 9),
    "|a − E| > 3.5": (lambda a, E: abs(a - E) > 3.5, 9),
    "1.234 < a < 1.236": (lambda a, E: (a > 1.234) & (a < 1.236), 40),
    "a = 1.75": (lambda a, E: a == 1.75, 40),
    "a = E": (lambda a, E: a == E, 20),
    "a = 0": (lambda a, E: a == 0, 40),
    "repeated entries": (repeated, 40),
    "one component at n = 7": (seventh, 40),
    "norm > 6.5": (lambda a, E: np.full(a.shape, np.hypot.reduce(a) > 6.5), 20),
    "mean < -1e5": (lambda a, E: np.full(a.shape, a.mean() < -1e5), 60),
    "ascending": (lambda a, E: np.full(a.shape, a.size > 3 and bool((np.diff(a) > 0).all())), EXAMPLES),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_gradient_wrong_only_somewhere_is_seen(name: str) -> None:
    condition, within = WRONG[name]
    grad = wrong_where(condition)
    made = drawn(problem("real", "real", grad=grad))
    right = wrong_where(lambda a, E: np.zeros(a.shape, bool))
    seen = [k for k, p in enumerate(made) if not np.array_equal(grad(*p.args), right(*p.args))]
    assert seen, f"no point shows {name}"
    assert seen[0] < within, (seen[0], made[seen[0]].why)


def test_lengths_are_bounded_and_shapes_fixed() -> None:
    made = drawn(problem("real", "real", lengths=(5, 40)))
    sizes = {p.args[0].size for p in made}
    assert min(sizes) == 5
    assert max(sizes) == 40
    assert {p.args[0].size for p in drawn(problem("real", "real", lengths=(1, 1)))} == {1}
    assert max(ladder(problem("real", lengths=(1, 1000)))) == 1000
    shapes = ((2, 3), (3,))
    assert all(p.shapes == shapes for p in drawn(problem("real", "unit", shapes=shapes)))
    scalars = drawn(problem("real", "real", shapes=((), ())))
    assert len(scalars) == EXAMPLES
    assert all(p.shapes == ((), ()) for p in scalars)


@pytest.mark.parametrize("lengths", [(0, 3), (4, 2), (-1, -1)])
def test_bad_lengths_are_refused_at_once(lengths: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"give \(low, high\) with 1 <= low <= high"):
        points(problem("real", lengths=lengths), np.random.default_rng(0))


def test_a_small_domain_ends_instead_of_repeating() -> None:
    made = drawn(problem("sign", "sign", shapes=((1,), (1,))))
    assert 1 <= len(made) <= 4


def test_strategies_of_arrays_are_drawn_from() -> None:
    vectors = st.integers(1, 4).flatmap(lambda n: npst.arrays(np.float64, n, elements=st.floats(3, 4)))
    asked = problem(vectors, "unit")
    made = drawn(asked, 40)
    assert len(made) > 20
    for p in made:
        assert ((p.args[0] >= 3) & (p.args[0] <= 4)).all()
        assert p.args[1].shape == p.args[0].shape
        assert asked.domains[1].holds(p.args[1])
    again = drawn(asked, 40)
    assert all(np.array_equal(p.args[0], q.args[0]) for p, q in zip(made, again, strict=True))
    assert {p.args[0].size for p in drawn(problem(vectors, "unit", lengths=(2, 3)), 40)} == {2, 3}


def test_a_function_that_jax_cannot_trace_still_gets_points() -> None:
    def floats_only(a: Sequence[float], E: Sequence[float]) -> float:
        return sum(math.exp(float(v)) for v in a)

    assert len(drawn(problem("real", "real", fn=floats_only))) == EXAMPLES
