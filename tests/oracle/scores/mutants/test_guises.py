"""The guises: the same numbers, in the arrays that their names say; a label in one of them is proved there, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from oracle.scores.mutants import wrong_layouts, wrong_memory
from oracle.scores.mutants.corpus import SUBJECTS
from oracle.scores.mutants.guises import GUISES
from oracle.scores.mutants.labels import NotProven, arrays, prove
from oracle.scores.mutants.record import RIGHT, WRONG, Subject
from oracle.scores.mutants.right_memory import BETWEEN

IN_A_GUISE = [s for m in (wrong_layouts, wrong_memory) for s in m.SUBJECTS if s.guise]
POINTS = [
    (np.arange(12.0).reshape(3, 4), np.ones((2, 2))),
    (np.arange(5.0), np.array([-1.0])),
    (np.array(2.0), np.array([[3.0]])),
]


@pytest.mark.parametrize("name", GUISES)
@pytest.mark.parametrize("point", POINTS, ids=lambda p: str(p[0].shape))
def test_the_numbers_are_the_same(name: str, point: tuple) -> None:
    given = GUISES[name](BETWEEN, point, ())
    assert all(np.array_equal(a, b) and a.shape == b.shape for a, b in zip(given, point, strict=True))
    assert not any(np.shares_memory(a, b) for a, b in zip(given, point, strict=True))


def test_the_arrays_are_what_their_names_say() -> None:
    grid, line = POINTS[0][0], POINTS[1][0]
    given = {name: GUISES[name](BETWEEN, (grid, line), ()) for name in GUISES}
    assert given["in Fortran order"][0].flags.f_contiguous
    assert given["in every third entry"][1].strides == (24,)
    assert given["from the end"][1].strides == (-8,)
    assert given["inside a longer array"][1].flags.c_contiguous
    assert given["inside a longer array"][1].base is not None
    assert not given["read-only"][0].flags.writeable
    fresh = (grid.copy(), line.copy())
    again = GUISES["in the same objects"](BETWEEN, (2 * grid, line), fresh)
    assert again[0] is fresh[0]
    assert np.array_equal(again[0], 2 * grid)


def test_labels_alone_become_integers() -> None:
    z, y = GUISES["labels as integers"](wrong_layouts.MARGINS, (np.array([0.5]), np.array([-1.0])), ())
    assert (z.dtype, y.dtype) == (np.float64, np.int64)


@pytest.mark.parametrize("subject", IN_A_GUISE, ids=lambda s: s.name)
def test_what_is_wrong_in_a_guise_is_not_proved_wrong_without_it(subject: Subject) -> None:
    prove(subject)
    with pytest.raises(NotProven):
        prove(replace(subject, guise=""))


@pytest.mark.parametrize("subject", [s for s in IN_A_GUISE if s.make is None], ids=lambda s: s.name)
def test_what_is_wrong_in_a_guise_alone_is_not_proved_right(subject: Subject) -> None:
    with pytest.raises(NotProven, match=f"is not right ({'|'.join(GUISES)}): "):
        prove(replace(subject, label=RIGHT, guise="", where=()), lengths=(4,))


@pytest.mark.parametrize("subject", [s for s in SUBJECTS if s.product is not None], ids=lambda s: s.name)
def test_a_product_is_the_gradient_of_its_pairing(subject: Subject) -> None:
    """fn is the sum of c·f, grad the entry of the product for the argument."""
    assert subject.product is not None
    *given, c = arrays(subject.where[0]) if subject.where else [np.ones(shape) for shape in subject.shapes or ()]
    assert subject.fn(*given, c) == pytest.approx(np.sum(subject.product.fn(*given) * c))
    with np.errstate(all="ignore"):
        entry = subject.product.vjp(*given, c)[subject.argnum]
        assert np.array_equal(entry, subject.grad(*given, c), equal_nan=True)


def test_a_wrong_cotangent_is_proved_at_its_points_alone() -> None:
    clipped = next(s for s in SUBJECTS if s.name == "cotangent_clipped")
    with pytest.raises(NotProven):
        prove(replace(clipped, label=WRONG, where=(([0.5, -1.0], [4.9, -2.0]),)))
