"""The six functions of `growth` are what they say, in three libraries; a check that says nothing is told."""

import numpy as np
import pytest

from oracle.scores.growth import command
from oracle.scores.growth.command import line, measure
from oracle.scores.growth.judges import allclose, arguments
from oracle.scores.growth.problems import PROBLEMS, wrong_in_the_last_tile
from oracle.witnesses.tracing import double_precision


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_gradient_by_hand_is_right_and_the_other_one_is_not(name):
    problem = PROBLEMS[name]
    assert allclose(problem, problem.grad, 30) == (True, "")
    assert allclose(problem, wrong_in_the_last_tile(problem.grad), 30) == (False, "")
    args = arguments(problem, 30)
    off = wrong_in_the_last_tile(problem.grad)(*args) - problem.grad(*args)
    assert np.count_nonzero(off) == 1


@pytest.mark.parametrize("name", PROBLEMS)
def test_torch_computes_the_same(name):
    torch = pytest.importorskip("torch")
    problem, args = PROBLEMS[name], arguments(PROBLEMS[name], 30)
    with double_precision():
        expected = float(problem.fn(*args))
    assert float(problem.torch_fn(*map(torch.from_numpy, args))) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size", [10, 10**3, 10**6])
def test_the_judged_argument_has_about_so_many_entries(size):
    for problem in PROBLEMS.values():
        shapes = problem.shapes(size)
        assert len(shapes) == len(problem.domains)
        assert 0.5 * size <= np.prod(shapes[0]) <= max(1.2 * size, 128)
        assert sum(np.prod(shape) for shape in shapes) <= 4.2 * max(size, 1500)


def test_what_says_nothing_is_told(monkeypatch):
    monkeypatch.setattr(command, "CODE", "raise SystemExit('no such thing')")
    nothing = measure("layer norm", "ours", 10, True, 60.0)
    assert nothing.passes is None
    assert nothing.mistaken
    assert "no such thing" in line(nothing)
    assert line(nothing).endswith("MISTAKEN")
    monkeypatch.setattr(command, "CODE", "import time; time.sleep(60)")
    assert measure("layer norm", "ours", 10, True, 0.2).words == "nothing in 0.2 s"
    monkeypatch.setattr(command, "CODE", f"print('{command.MARK}[false, \"wrong\", 1.5, 2.5, 300]')")
    found = measure("layer norm", "ours", 10, False, 60.0)
    assert not found.mistaken
    assert "fails" in line(found)
