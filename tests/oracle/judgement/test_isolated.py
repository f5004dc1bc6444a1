"""Whether an error stands alone: asked beside the point, as far as the domain goes."""

import numpy as np
import pytest

from oracle.judgement.isolated import stands_alone
from oracle.witnesses.prepare import prepare

X = (np.array([3.0]),)


def alone(grad, most: float) -> bool:
    function = prepare(lambda x: (x * x).sum(), X, 0, [(0.0, most)])
    function.inside = lambda args: bool(np.all((args[0] > 0) & (args[0] < most)))
    error = np.abs(grad(*X) - 2 * X[0])
    return stands_alone(function, grad, X, error, np.array([True]), np.dtype(np.float64))


@pytest.mark.parametrize(("most", "expected"), [(10.0, False), (3 * (1 + 2.0**-40), True)])
def test_a_direction_in_which_the_domain_soon_ends_says_nothing(most: float, expected: bool) -> None:
    assert alone(lambda x: 2 * x * np.where(x >= 3, 1.01, 1.0), most) is expected


def test_what_is_wrong_at_one_number_stands_alone_and_rounding_does_not() -> None:
    assert alone(lambda x: 2 * x * np.where(x == 3, 1.01, 1.0), 10.0)
    assert not alone(lambda x: 2 * x * (1 + 1e-9), 10.0)
