"""What the corpus must hold: enough of each label and kind, no two alike, points inside their domains, functions that trace."""

import inspect
import subprocess
import sys
from collections import Counter
from itertools import combinations

import jax
import numpy as np
import pytest

from oracle.scores.mutants import points
from oracle.scores.mutants.corpus import SUBJECTS
from oracle.scores.mutants.guises import GUISES
from oracle.scores.mutants.labels import arrays, call
from oracle.scores.mutants.record import INACCURATE, RIGHT, WRONG, Subject
from oracle.scores.mutants.truth import context, exact
from oracle.witnesses.tracing import double_precision

from ....sweeps import thinned

WRONG_FAMILIES = {
    "factor", "missing term", "missing factor", "extra term", "epsilon", "clip", "rolled", "reversed", "transposed", "swapped",
    "arguments swapped", "order", "another cost", "another function", "missing σ′", "σ′ at a", "extra σ′", "region", "ties",
    "point", "NaN", "length", "component", "relative error", "absolute error", "digits", "vanished", "shape", "dtype",
    "mutation", "buffer", "stale", "random",
    "layout", "cotangent",
}  # fmt: skip
RIGHT_FAMILIES = {
    "cost", "kink", "sorting", "stiff", "flat", "badly scaled", "cancelling", "piecewise", "where", "shapes", "lengths",
    "several arguments", "dtype", "tie of a smooth function", "smooth", "opaque",
    "memory", "cotangent",
}  # fmt: skip

BY_FUNCTION = {(id(s.fn), id(s.truth)): s for s in SUBJECTS}


def test_there_are_enough_of_each_label_and_every_kind() -> None:
    count = Counter(s.label for s in SUBJECTS)
    assert count[RIGHT] >= 200
    assert count[WRONG] >= 300
    assert count[INACCURATE] >= 10
    assert {s.family for s in SUBJECTS if s.label == WRONG} >= WRONG_FAMILIES
    assert {s.family for s in SUBJECTS if s.label == RIGHT} >= RIGHT_FAMILIES


def test_names_are_unique_and_kinds_are_told() -> None:
    assert [n for n, count in Counter(s.name for s in SUBJECTS).items() if count > 1] == []
    assert all(s.kind and s.name.isascii() for s in SUBJECTS)


@pytest.mark.parametrize("subject", [s for s in SUBJECTS if s.where], ids=lambda s: s.name)
def test_the_points_lie_in_the_domains_and_lengths(subject: Subject) -> None:
    for place in subject.where:
        args = arrays(place)
        assert len(args) == len(subject.domains)
        if subject.shapes is not None:
            assert tuple(a.shape for a in args) == subject.shapes
        else:
            assert len({a.shape for a in args}) == 1
            low, high = subject.lengths or (1, 129)
            assert low <= args[0].size <= high
        for domain, array in zip(subject.domains, args, strict=True):
            assert belongs(domain, array), (domain, array)


def belongs(domain: object, array: np.ndarray) -> bool:
    if domain == "sign":
        return bool(np.all(np.abs(array) == 1))
    if domain == "one_hot":
        return bool(np.sort(array)[-1] == 1 and np.sum(array) == 1)
    if domain in ("simplex", "closed_simplex"):
        return bool(np.all(array >= 0) and np.isclose(np.sum(array), 1))
    return bool(np.all(points.inside(domain, array)))


ON_FLOATS = [s for s in BY_FUNCTION.values() if "floats" in s.kind]


@pytest.mark.parametrize("subject", ON_FLOATS, ids=lambda s: s.name)
def test_a_function_of_floats_is_what_its_formula_says(subject: Subject) -> None:
    args = points.ordinary(subject, np.random.default_rng(5), points.lengths_of(subject, (3,))[0])
    expected = float(subject.truth.value(context(50), *(exact(context(50), a) for a in args)))
    assert subject.fn(*args) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "subject", thinned([s for s in BY_FUNCTION.values() if s not in ON_FLOATS], 4), ids=lambda s: s.name
)
def test_a_function_is_traced_by_jax_and_is_what_its_formula_says(subject: Subject) -> None:
    """In float64, under jit, at an ordinary point."""
    args = points.ordinary(subject, np.random.default_rng(5), points.lengths_of(subject, (3,))[0])
    with double_precision():
        got = jax.jit(subject.fn)(*(jax.numpy.asarray(a) for a in args))
        assert got.shape == ()
        got = float(got)
    m = context(50)
    expected = float(subject.truth.value(m, *(exact(m, a) for a in args)))
    assert abs(got - expected) <= 1e-9 * abs(expected) + 1e-300


def test_a_truth_shares_no_code_with_its_function_or_gradient() -> None:
    for subject in SUBJECTS:
        names = (
            set(inspect.getclosurevars(subject.truth.value).globals)
            if inspect.isfunction(subject.truth.value)
            else set()
        )
        assert not names & {"np", "softmax", "sigmoid"}, subject.name


@pytest.mark.longer
def test_no_two_wrong_ones_of_a_function_are_the_same() -> None:
    """At the points of either, or a few more, they differ in a value, a shape, a dtype, or in what they do to their arguments."""
    same = []
    plain = [
        s
        for s in SUBJECTS
        if s.label == WRONG and s.make is None and s.kind.partition(":")[0] not in ("mutation", "buffer")
    ]
    for one, other in combinations(plain, 2):
        if one.truth is other.truth:
            places = [*(arrays(p) for p in (*one.where, *other.where)), *points.many(one, seed=3, lengths=(1, 3, 9))]
            if all(alike(one, other, place) for place in places):
                same.append((one.name, other.name))
    assert same == []


def alike(one: Subject, other: Subject, place: tuple) -> bool:
    """In fresh arrays, and in those in which either is wrong."""
    return all(alike_in(guise, one, other, place) for guise in {"", one.guise, other.guise})


def alike_in(guise: str, one: Subject, other: Subject, place: tuple) -> bool:
    def given(subject: Subject) -> tuple:
        return GUISES[guise](subject, place, ()) if guise else tuple(a.copy() for a in place)

    first, second = (np.asarray(call(s, given(s))) for s in (one, other))
    return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=first.dtype.kind == "f")


def test_a_state_is_forgotten() -> None:
    once = next(s for s in SUBJECTS if s.name == "right_once")
    args = (np.array([1.0]), np.array([0.5]))
    fresh = once.renewed()
    assert [fresh.grad(*args)[0], fresh.grad(*args)[0]] == [0.5, 1.0]
    assert once.renewed().grad(*args)[0] == 0.5


def test_importing_the_corpus_imports_no_framework() -> None:
    modules = ", ".join(f"oracle.scores.mutants.{name}" for name in ("corpus", "peers", "labels"))
    code = f"import sys, {modules}; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"jax", "torch", "scipy", "autograd", "mpmath", "pytest", "hypothesis"}
    assert "numpy" in loaded, "the test can see an import"
