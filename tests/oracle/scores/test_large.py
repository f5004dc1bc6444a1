"""The certified gradient of the network of handwriting, and the benchmark of speed, in small."""

import numpy as np
import pytest

import manualbp
from oracle.scores.large import certify_large
from oracle.scores.speed import bare_products, interleaved, jax_gradient, measure


@pytest.mark.longer
def test_every_parameter_is_certified_and_ours_is_right() -> None:
    found = certify_large()
    assert found.parameters == 23_860
    assert found.worst_relative_radius < 2.0**-80
    assert found.ours_eps < 10
    assert found.jax_eps < 10


def test_the_contenders_of_the_speed_table_compute_the_same() -> None:
    rng = np.random.default_rng(0)
    head = manualbp.chained(manualbp.SIGMOID, manualbp.QUADRATIC)
    net = manualbp.init((5, 4, 3), hidden=manualbp.SIGMOID, head=head, rng=rng)
    x, E = rng.random((5, 6)), rng.random((3, 6))
    ours = manualbp.gradients(net, x, E)
    for (w, b), dw, db in zip(jax_gradient(net, x, E)(), ours.nabla_w, ours.nabla_b, strict=True):
        np.testing.assert_allclose(w, dw, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(b, db, rtol=1e-13, atol=1e-16)
    bare_products(net, x)()


def test_a_row_of_the_speed_table() -> None:
    row = measure((4, 3, 2), 5, np.float32, rounds=1)
    assert row.dtype == "float32"
    assert row.products_us > 0
    assert row.ours > 0
    assert {len(times) for times in interleaved({"a": int, "b": int}, 2).values()} == {2}
