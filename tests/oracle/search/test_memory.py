"""The memory of failures: kept, tried first, forgiving of damage, silent without a failure."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis.database import DirectoryBasedExampleDatabase, InMemoryExampleDatabase

from oracle.search.domains import DOMAINS
from oracle.search.memory import decode, encode, forget, key_of, recall, remember
from oracle.search.problem import Problem

Array = Any


def cost(a: Array, E: Array) -> Array:
    return ((a - E) ** 2).sum()


def cost_grad(a: Array, E: Array) -> Array:
    return 2 * (a - E)


def problem(fn: Any = cost, grad: Any = cost_grad, domain: str = "real", **options: Any) -> Problem:
    return Problem(fn, grad, (DOMAINS[domain],) * 2, **options)


ARGS = (np.array([0.1, 5e-324]), np.array([-0.0, 1e300]))


def same(x: Any, y: Any) -> bool:
    return len(x) == len(y) and all(
        a.tobytes() == b.tobytes() and a.shape == b.shape for a, b in zip(x, y, strict=True)
    )


def test_what_failed_is_recalled_bit_by_bit_the_smallest_first() -> None:
    store = InMemoryExampleDatabase()
    long = (np.zeros(5), np.ones(5))
    remember(problem(), long, store)
    remember(problem(), ARGS, store)
    found = recall(problem(), store)
    assert same(found[0], ARGS)
    assert same(found[1], long)
    forget(problem(), ARGS, store)
    assert len(recall(problem(), store)) == 1


def test_shapes_survive() -> None:
    for args in [(np.float64(3.5) * np.ones(()),), (np.arange(6.0).reshape(2, 3), np.empty((0,)))]:
        found = decode(encode(args))
        assert found is not None
        assert same(found, args)


def test_nothing_is_written_without_a_failure_or_a_database(tmp_path: Path) -> None:
    store = DirectoryBasedExampleDatabase(tmp_path / "examples")
    assert recall(problem(), store) == []
    assert recall(problem(), None) == []
    remember(problem(), ARGS, None)
    forget(problem(), ARGS, None)
    assert not (tmp_path / "examples").exists()
    remember(problem(), ARGS, store)
    assert (tmp_path / "examples").exists()
    assert len(recall(problem(), store)) == 1


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"null",
        b'{"version": 99, "arguments": []}',
        b'{"version": 1, "arguments": 3}',
        b'{"version": 1, "arguments": [{"shape": [2], "entries": ["0x1p+0"]}]}',
        b'{"version": 1, "arguments": [{"shape": [-1], "entries": []}]}',
        b'{"version": 1, "arguments": [{"shape": [1], "entries": ["one"]}]}',
        b'{"version": 1, "arguments": [{"shape": [1], "entries": [1]}]}',
        encode(ARGS)[:-5],
    ],
)
def test_damaged_entries_are_removed(entry: bytes) -> None:
    store = InMemoryExampleDatabase()
    store.save(key_of(problem()), entry)
    remember(problem(), ARGS, store)
    assert len(recall(problem(), store)) == 1
    assert len(set(store.fetch(key_of(problem())))) == 1


def test_what_does_not_fit_today_is_passed_over_and_kept() -> None:
    store = InMemoryExampleDatabase()
    remember(problem(), ARGS, store)
    assert recall(problem(lengths=(3, 9)), store) == []
    assert recall(problem(shapes=((3,), (3,))), store) == []
    assert len(recall(problem(lengths=(1, 9)), store)) == 1
    assert len(recall(problem(shapes=((2,), (2,))), store)) == 1
    assert recall(problem(domain="unit"), store) == []


def test_the_key_outlives_the_fix_and_tells_functions_apart() -> None:
    def renamed() -> Any:
        def cost_grad(a: Array, E: Array) -> Array:
            return (a - E) * 2

        cost_grad.__qualname__ = "cost_grad"
        return cost_grad

    assert key_of(problem()) == key_of(problem(grad=renamed()))
    lambdas = [problem(grad=lambda a, E: a), problem(grad=lambda a, E: E)]
    keys = {key_of(p) for p in (problem(), problem(fn=cost_grad), problem(domain="unit"), problem(argnum=1), *lambdas)}
    assert len(keys) == 6


def test_a_strange_database_is_refused() -> None:
    with pytest.raises(ValueError, match="give 'default', None"):
        recall(problem(), "somewhere")
