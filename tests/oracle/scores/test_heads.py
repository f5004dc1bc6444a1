"""δ of every fused head within 8 eps of the truth wherever that is a normal number; and that the measurement is sound."""

import dataclasses
import json

import numpy as np
import pytest

from manualbp.activations import SIGMOID
from manualbp.heads import HEADS, Head
from oracle.scores import heads
from oracle.scores.heads import FUSED, columns, error_at, head_table, worst_of


@pytest.mark.costly
@pytest.mark.longer
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", FUSED)
def test_every_fused_head_is_within_8_eps_of_the_truth(name: str, dtype: str) -> None:
    row = worst_of(
        HEADS[name], dtype, 5 if HEADS[name].activation == "softmax" else 25
    )  # three entries each, and slow ones
    assert row.entries > 1000
    assert row.eps <= 8, row


@pytest.mark.parametrize(
    ("name", "z", "E"),
    [
        ("sigmoid+hellinger:fused", [-864.0, -1400.0, -1.0986122886681096, 345.0], [1.0, 1.0, 0.25, 1.0]),
        ("sigmoid+poisson:fused", [-690.7, 0.1, 330.0, -20.7232658], [1e-300, 0.5, 1.0, 1e-9]),
        ("sigmoid+cross_entropy:fused", [-690.7, 36.7, 700.0, 20.7232658], [1e-300, 1 - 2.0**-53, 1.0, 1 - 1e-9]),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_at_the_ends_and_beside_the_roots(name: str, z: list[float], E: list[float], dtype: str) -> None:
    errors, normal = error_at(HEADS[name], np.array([z], dtype), np.array([E], dtype))
    assert normal >= 1
    assert errors.max() <= 8


def through_a(head: Head) -> Head:
    """The form that takes the root of a, and the plain difference."""

    def delta(z: np.ndarray, a: np.ndarray, E: np.ndarray) -> np.ndarray:
        return np.sqrt(a) * (np.sqrt(a) - np.sqrt(E)) * SIGMOID.sigma(-z) / 2**0.5

    return dataclasses.replace(head, delta=delta)


@pytest.mark.parametrize(("z", "E"), [(-864.0, 1.0), (-1.0986, 0.25), (40.0, 1.0)])
def test_a_form_that_loses_digits_is_seen(z: float, E: float) -> None:
    head = through_a(HEADS["sigmoid+hellinger:fused"])
    errors, normal = error_at(head, np.array([[z]]), np.array([[E]]))
    assert normal == 1
    assert errors.item() > 1000


@pytest.mark.parametrize("name", FUSED)
def test_the_points_reach_the_ends_of_E_saturation_and_the_roots(name: str) -> None:
    z, E = columns(HEADS[name], "float64", 3)
    assert z.shape == E.shape
    assert np.max(z) >= 1e4
    assert np.min(z) <= -1e4
    assert {0.0, 1.0, 1e-300, 1 - 2.0**-53} <= set(E[0].tolist())
    gap = z[0] - (z[1] if len(z) > 1 and HEADS[name].activation == "softmax" else 0)
    inside = (E[0] > 0) & (E[0] < 1)
    from_root = np.abs(gap[inside] - (np.log(E[0, inside]) - np.log1p(-E[0, inside])))
    assert np.sum(from_root < 1e-3) > 50


def test_what_is_no_normal_number_is_not_counted() -> None:
    errors, normal = error_at(HEADS["sigmoid+kullback_leibler:fused"], np.array([[800.0, 1.0]]), np.array([[1.0, 0.0]]))
    assert (errors.max(), normal) == (0, 0)


def test_the_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = head_table(["identity+quadratic:fused"], count=2)
    assert [row.dtype for row in rows] == ["float64", "float32"]
    assert all(row.eps <= 0.5 for row in rows)
    monkeypatch.setattr(heads, "head_table", lambda count: rows)
    assert heads.main([]) == 0
    assert "identity+quadratic" in capsys.readouterr().out
    heads.main(["--json"])
    assert json.loads(capsys.readouterr().out)[0]["dtype"] == "float64"
