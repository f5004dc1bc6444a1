"""Results come in the order of the items, whoever works on them and whoever dies."""

import importlib
import itertools
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from oracle.workers.each import AHEAD, Lost, _Run, in_order
from oracle.workers.executors import Pool, Where

TASKS = """
import os, signal, sys, time
from pathlib import Path

def square(n):
    time.sleep(0.02 * (n % 3 == 0))
    return n * n

def fails(n):
    if n == 3:
        raise ZeroDivisionError("three")
    return n

def kills(item):
    n, deadly, folder = item
    if n in deadly:
        tries = len(list(Path(folder).glob(f"{n}-*")))
        Path(folder, f"{n}-{tries}").touch()
        if tries < deadly[n]:
            os.kill(os.getpid(), signal.SIGKILL)
    return n

def hangs(n):
    if n == 1:
        time.sleep(600)
    return n
"""


@pytest.fixture(scope="module")  # a pool whose run was left may still send what it has of it
def tasks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "tasks_of_test_each.py").write_text(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("tasks_of_test_each")
    sys.modules.pop("tasks_of_test_each")


def test_here_nothing_is_started():
    assert list(in_order(str, range(3), Where())) == ["0", "1", "2"]
    endless = in_order(str, itertools.count(), Where())
    assert [next(endless) for _ in range(3)] == ["0", "1", "2"]


def test_in_processes_they_come_in_order(tasks):
    assert list(in_order(tasks.square, range(9), Where(2))) == [n * n for n in range(9)]


@pytest.mark.longer
@pytest.mark.parametrize("workers", [1, 3, 4])
def test_their_number_changes_nothing(tasks, workers):
    assert list(in_order(tasks.square, range(23), Where(workers))) == [n * n for n in range(23)]
    assert list(in_order(tasks.square, [], Where(workers))) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_what_dies_once_is_done_again_and_what_dies_twice_is_lost_alone(tasks, tmp_path):
    items = [(n, {2: 1, 5: 3}, str(tmp_path)) for n in range(8)]
    found = list(in_order(tasks.kills, items, Where(2)))
    assert found[:5] + found[6:] == [0, 1, 2, 3, 4, 6, 7]
    assert isinstance(found[5], Lost)
    assert "died more than once" in found[5].why


@pytest.mark.longer
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_many_deaths_lose_nothing_else(tasks, tmp_path):
    items = [(n, dict.fromkeys(range(0, 12, 2), 1) | {9: 3, 10: 9}, str(tmp_path)) for n in range(14)]
    found = list(in_order(tasks.kills, items, Where(3)))
    assert [n for n, result in enumerate(found) if isinstance(result, Lost)] == [9, 10]
    assert [r for r in found if not isinstance(r, Lost)] == [n for n in range(14) if n not in (9, 10)]


def test_what_hangs_is_lost_alone(tasks):
    found = list(in_order(tasks.hangs, range(4), Where(2), silence=1.5))
    assert [found[0], *found[2:]] == [0, 2, 3]
    assert found[1] == Lost("nothing came from it in 1.5 s, twice")


def test_what_a_task_raises_is_raised(tasks):
    with pytest.raises(ZeroDivisionError, match="three"):
        list(in_order(tasks.fails, range(9), Where(2)))


def test_who_wants_no_more_need_not_wait(tasks):
    started = time.monotonic()
    first = next(iter(in_order(tasks.hangs, itertools.chain([0], itertools.repeat(1)), Where(2))))
    assert first == 0
    assert time.monotonic() - started < 300  # the others sleep for ten minutes


def test_no_more_is_held_than_some_of_each():
    begun = []

    def note(n):
        begun.append(n)
        return n

    with ThreadPoolExecutor(2) as threads:
        run = _Run(note, itertools.count(), 60.0, note)
        results = run.of(Pool(threads, 2, lambda: None))
        for n in range(50):
            assert next(results) == n
            assert max(begun) <= n + 2 * AHEAD
        results.close()


@pytest.mark.longer
@pytest.mark.filterwarnings("default")  # Dask's own
def test_a_cluster_does_the_same(tasks, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as local:
        where = Where(scheduler=local.scheduler_address)
        assert list(in_order(tasks.square, range(9), where)) == [n * n for n in range(9)]
        with pytest.raises(ZeroDivisionError):
            list(in_order(tasks.fails, range(5), where))
        items = [(n, {1: 1, 4: 99}, str(tmp_path)) for n in range(6)]
        found = list(in_order(tasks.kills, items, where))
        assert [*found[:4], found[5]] == [0, 1, 2, 3, 5]
        assert isinstance(found[4], Lost)


@pytest.mark.longer
@pytest.mark.filterwarnings("default")
def test_where_no_scheduler_answers_nothing_is_done():
    pytest.importorskip("distributed")
    with pytest.raises(OSError, match=r"127\.0\.0\.1:1"):
        list(in_order(str, range(3), Where(scheduler="tcp://127.0.0.1:1")))
