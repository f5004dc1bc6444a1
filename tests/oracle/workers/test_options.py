"""Numbers of workers, clusters and parts that are none are refused in a sentence."""

import pytest

from oracle.console.exits import CouldNotRun
from oracle.workers.executors import Where
from oracle.workers.options import part, where


def test_what_fits():
    assert where(1, None) == Where()
    assert where(1, None).here
    assert where(3, None) == Where(3)
    assert not where(1, "tcp://h:1").here
    assert (part(None), part("3/8"), part("1/1")) == ((1, 1), (3, 8), (1, 1))


@pytest.mark.parametrize("count", [0, -1, 257])
def test_a_number_that_is_none(count):
    with pytest.raises(CouldNotRun, match=f"--workers = {count}: give a number of processes, from 1 to 256"):
        where(count, None)


def test_one_of_the_two():
    with pytest.raises(CouldNotRun, match="give one of the two"):
        where(2, "tcp://h:1")


@pytest.mark.parametrize("words", ["0/3", "4/3", "1", "1/0", "a/b", "1/3/4", "-1/3", ""])
def test_a_part_that_is_none(words):
    with pytest.raises(CouldNotRun, match="give K/N, the K-th of N parts"):
        part(words)
