"""The greater of two balls is enclosed even where it is not known which one it is."""

import numpy as np
import pytest

from oracle.balls.arrays import contains, lift, precision
from oracle.balls.errors import Undecidable


def test_the_maximum_of_overlapping_balls_encloses_both() -> None:
    with precision(60):
        third = lift(np.array([1.0])) / lift(np.array([3.0]))
        other = lift(np.array([2.0])) / lift(np.array([6.0]))
        largest, smallest = np.maximum(third, other), np.minimum(third, other)
        top = np.max(np.concatenate([third, other]))
        with pytest.raises(Undecidable):
            bool(third[0] > other[0])
    for ball in (largest[0], smallest[0], top):
        assert abs(float(ball.arb.mid()) - 1 / 3) < 1e-15
        assert not ball.arb.is_exact()


def test_the_maximum_of_distinct_balls_is_the_greater() -> None:
    x, y = lift(np.array([1.0, 5.0])), lift(np.array([2.0, -5.0]))
    assert contains(np.maximum(x, y), np.array([2.0, 5.0])).all()
    assert contains(np.minimum(x, y), np.array([1.0, -5.0])).all()
    assert not contains(np.maximum(x, y), np.array([1.0, 5.0])).all()
