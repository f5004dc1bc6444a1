"""σ(z) − E and softmax's error where they cancel, against 300 bits; and that nothing else is touched."""

import mpmath
import numpy as np
import pytest

from manualbp import differences
from manualbp.heads import HEADS

SIGMOID = HEADS["sigmoid+cross_entropy:fused"]
SOFTMAX = HEADS["softmax+kullback_leibler:fused"]
EPS, SUBNORMAL = 2.0**-52, 5e-324
EXPECTED = [0.5, 0.25, 0.3, 1e-3, 1e-9, 1e-30, 1e-300, 0.999, 1 - 1e-9, 1 - 2.0**-53]


@pytest.fixture(autouse=True)
def bits() -> object:
    with mpmath.workprec(2600):
        yield


def sigmoid(z: float) -> mpmath.mpf:
    return 1 / (1 + mpmath.exp(-mpmath.mpf(z)))


def beside_the_root(E: float) -> np.ndarray:
    """The floats nearest to the z at which σ(z) = E, and some further off."""
    root = float(mpmath.log(mpmath.mpf(E) / (1 - mpmath.mpf(E))))
    near = [np.nextafter(root, -9e9), root, np.nextafter(root, 9e9)]
    off = [root + sign * 10.0**-k for k in (0.5, 1, 2, 4, 8, 12) for sign in (-1, 1)]
    return np.array([near + off])


@pytest.mark.parametrize("E", EXPECTED)
def test_the_error_keeps_its_digits_beside_its_root(E: float) -> None:
    z = beside_the_root(E)
    expected = np.full_like(z, E)
    got = SIGMOID.delta(z, SIGMOID.sigma(z), expected)
    for at, value in zip(z[0], got[0], strict=True):
        truth = sigmoid(at) - mpmath.mpf(E)
        assert abs(mpmath.mpf(float(value)) - truth) <= 3 * EPS * abs(truth) + SUBNORMAL, at


@pytest.mark.parametrize("E", EXPECTED[1:])
def test_the_plain_difference_does_not(E: float) -> None:
    z = beside_the_root(E)[:, 1:2]
    plain = (1 - E) * SIGMOID.sigma(z) - E * SIGMOID.sigma(-z)
    truth = sigmoid(z.item()) - mpmath.mpf(E)
    assert abs(mpmath.mpf(plain.item()) - truth) > 1000 * EPS * abs(truth)


@pytest.mark.parametrize("E", [0.25, 1e-3, 1e-30, 0.999])
def test_softmax_s_error_keeps_its_digits_where_it_cancels(E: float) -> None:
    away = beside_the_root(E)
    z = np.concatenate([away + 0.7, np.full_like(away, 0.7), np.full_like(away, -3.1)])
    # the third output takes its share of E too: each of the three differences is small where the first is
    share = float(mpmath.exp(-3.8))
    expected = np.concatenate(
        [
            np.full_like(away, E),
            np.full_like(away, (1 - E) / (1 + share)),
            np.full_like(away, (1 - E) * share / (1 + share)),
        ]
    )
    got = SOFTMAX.delta(z, SOFTMAX.sigma(z), expected)
    for k in range(z.shape[1]):
        e = [mpmath.exp(mpmath.mpf(v)) for v in z[:, k]]
        target = [mpmath.mpf(v) for v in expected[:, k]]
        for j in range(3):
            truth = (e[j] * (sum(target) - target[j]) - target[j] * (sum(e) - e[j])) / sum(e)
            assert abs(mpmath.mpf(float(got[j, k])) - truth) <= 6 * EPS * abs(truth), (j, k)


def test_what_subtracting_the_largest_z_rounds_off_is_not_lost() -> None:
    z = np.array([[-699.9], [0.1234567], [-0.3]])
    a = SOFTMAX.sigma(z)
    e = [mpmath.exp(mpmath.mpf(v)) for v in z[:, 0]]
    for j in range(3):
        assert abs(mpmath.mpf(a[j, 0]) - e[j] / sum(e)) <= 3 * EPS * e[j] / sum(e)
    d = z - z.max(axis=0)
    plain = np.exp(d) / np.exp(d).sum(axis=0)
    assert abs(mpmath.mpf(plain[0, 0]) - e[0] / sum(e)) > 30 * EPS * e[0] / sum(e)


def test_the_largest_z_may_be_out_of_reach() -> None:
    z = np.array([[1.7e308, 0.0], [-1.7e308, -1e308]])
    assert np.array_equal(SOFTMAX.sigma(z), [[1, 1], [0, 0]])
    assert np.array_equal(SOFTMAX.delta(z, SOFTMAX.sigma(z), np.array([[0.5, 0], [0.5, 1]])), [[0.5, 1], [-0.5, -1]])


def test_entries_that_do_not_cancel_are_left_as_they_are() -> None:
    z, E = np.array([[3.0, -3.0, 0.0, 50.0]]), np.array([[0.0, 1.0, 1.0, 0.5]])
    a = SIGMOID.sigma(z)
    value = (1 - E) * a - E * SIGMOID.sigma(-z)
    assert differences.sigmoid_error(value, z, a, E) is value
    columns, targets = np.concatenate([z, 0 * z, -z]), np.eye(3)[:, [0, 1, 2, 0]]
    outputs = SOFTMAX.sigma(columns)
    error = np.zeros_like(columns) - 1.0
    assert differences.softmax_error(error, columns, outputs, targets) is error


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_and_stacks_stay_what_they_are(dtype: type) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2, 3, 4)).astype(dtype)
    for head, E in ((SIGMOID, SIGMOID.sigma(z) * dtype(1.01)), (SOFTMAX, SOFTMAX.sigma(z) * dtype(1.01))):
        a = head.sigma(z)
        stacked = head.delta(z, a, E)
        assert stacked.dtype == dtype
        assert np.array_equal(stacked, np.stack([head.delta(z[k], a[k], E[k]) for k in range(2)]))
        assert np.all(stacked != a - E)


def test_the_exponential_has_more_bits_than_a_double() -> None:
    x = -np.concatenate([np.linspace(0, 745, 40), 10.0 ** np.linspace(-20, 2.8, 40)])
    hi, lo = differences.exp_two(x, np.zeros_like(x))
    for at, high, low in zip(x, hi, lo, strict=True):
        truth = mpmath.ldexp(mpmath.exp(mpmath.mpf(at)), differences.SCALE)
        assert abs(mpmath.mpf(high) + mpmath.mpf(low) - truth) <= 2.0**-95 * truth
        assert abs(low) <= abs(high) * EPS
    assert differences.exp_two(np.array([-1e300]), np.array([0.0]))[0] == 0
