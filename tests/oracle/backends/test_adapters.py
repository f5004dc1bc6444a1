"""The shipped adapters: right where nothing is extreme; and their known weak points are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oracle.backends.find import find, names, opened
from oracle.backends.session import CannotRun, Session, in_process
from oracle.conform.run import Result, ask
from oracle.vectors import Grade, Vector, vectors

#: framework: heads to try, few where every case is compiled or interpreted anew
FRAMEWORKS = {
    "manualbp": None,
    "torch": None,
    "autograd": None,
    "jax": ["softmax+poisson:fused"],
    "sklearn": ["sigmoid+cross_entropy", "softmax+categorical_cross_entropy"],
    "tensorflow": ["sigmoid+cross_entropy:fused"],
    "keras": ["softmax+categorical_cross_entropy:fused"],
}


def session(name: str) -> Session:
    pytest.importorskip({"jax": "optax"}.get(name, name))
    return in_process(find(name), 60)


def plain(dtype: str, heads: Any = None) -> list[Vector]:
    """Those without anything extreme, tied or at the end of a domain."""
    return [v for v in vectors(dtype, heads) if v.id.rpartition("/")[2] in ("square", "unequal", "single")]


@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=pytest.mark.longer), "float32"])
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_it_is_right_where_nothing_is_extreme(name: str, dtype: str) -> None:
    asked, ordinary = session(name), plain(dtype, FRAMEWORKS[name])
    assert len(ordinary) >= (200 if FRAMEWORKS[name] is None else 2)
    assert [r.words for r in (ask(asked, v) for v in ordinary) if r.failed] == []


def test_tinygrad_is_right_where_it_approximates_nothing() -> None:
    result = failing("tinygrad", "float32", "sigmoid+cross_entropy:fused/square")
    assert not result.failed, result.words


def failing(name: str, dtype: str, id: str) -> Result:
    (vector,) = [v for v in vectors(dtype) if v.id == f"{dtype}/{id}"]
    return ask(session(name), vector)


@pytest.mark.parametrize(
    ("name", "id", "place"),
    [
        ("torch", "gelu+quadratic/edge", ("forward", 2)),  # 1 + erf
        ("torch", "softplus+poisson/saturated", ("forward", 2)),  # the identity from z = 20
        ("torch", "hidden:sigmoid/points", ("BP2", 2)),  # a(1 − a)
        ("autograd", "elu+quadratic/edge", ("BP1", 2)),  # minimum(z, 0) shares its derivative at a tie
        ("autograd", "sigmoid+poisson:fused/saturated", ("BP1", 2)),
        ("jax", "gelu_tanh+quadratic/edge", ("forward", 2)),  # 1 + tanh
        ("tinygrad", "hidden:selu/points", ("forward", 2)),  # constants of six digits
        ("sklearn", "hidden:sigmoid/points", ("BP2", 2)),  # a(1 − a)
        ("tensorflow", "gelu+quadratic/edge", ("forward", 2)),  # a constant that is a float32
        ("keras", "leaky_relu+quadratic/edge", ("forward", 2)),  # so is this one
        ("mlx", "sigmoid+quadratic/edge", ("forward", 2)),  # seven digits of exp in float64
    ],
)
def test_a_weak_point_is_found(name: str, id: str, place: tuple[str, int]) -> None:
    result = failing(name, "float64", id)
    assert result.failed
    assert result.judgement is not None
    assert (result.judgement.equation, result.judgement.layer) == place


def test_sklearn_averages_the_cost_of_several_outputs() -> None:
    """But not its gradient."""
    result = failing("sklearn", "float64", "identity+quadratic/edge")
    assert result.judgement is not None
    assert (result.judgement.equation, result.mistakes) == ("cost", ())
    assert {t.tensor for t in result.judgement.tensors if t.grade is Grade.WRONG} == {"cost"}
    single = [
        v for v in vectors("float64", ["identity+quadratic"]) if v.question.sizes[-1] == 1 and not v.question.hidden
    ]
    assert all(not ask(session("sklearn"), v).failed for v in single)


def test_a_shipped_program_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its package one is told what it needs."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        CannotRun, match="the backend tfjs needs node, and npm install @tensorflow/tfjs, in the current"
    ):
        opened("tfjs", 5)
    with pytest.raises(CannotRun, match="tfjs is a program, and no Backend of this process"):
        find("tfjs")
    assert "tfjs" in names()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["torch", "jax"])
def test_narrow_dtypes_travel(name: str, dtype: str) -> None:
    result = failing(name, dtype, "sigmoid+cross_entropy:fused/single")
    assert not result.failed, result.words


def test_a_backend_that_knows_subnormals_does_not_flush() -> None:
    """And JAX, which declares that it does, would fail without saying so."""
    from dataclasses import replace

    (vector,) = [v for v in vectors("float64") if v.id == "float64/tanh+quadratic/tiny"]
    assert not ask(session("torch"), vector).failed
    jax = find("jax") if pytest.importorskip("optax") else None
    assert jax is not None
    assert not ask(in_process(jax, 60), vector).failed
    silent = replace(jax, capabilities=replace(jax.capabilities, flush_to_zero=False))
    assert ask(in_process(silent, 60), vector).mistakes == ("flushed subnormals",)
