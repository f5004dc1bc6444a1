"""Named sizes: what a name stands for, which sizes are tried along its axis, and how arguments are made smaller."""

import numpy as np
import pytest

from oracle.search.kernel_sizes import MOST_ENTRIES, TILES, kernel_sizes
from oracle.search.points import EXAMPLES, ordinary_points
from oracle.search.shrink import shrink
from oracle.search.sizes import axis_of, sizes_of
from oracle.search.smaller import at_sizes, shorter

from .test_points import drawn, problem

NAMED = sizes_of((("n", "2*d+1"), ("d",)), {})


@pytest.mark.parametrize(
    ("said", "at_3"), [(7, 7), ("n", 3), ("2*n", 6), ("n+1", 4), ("n-2", 1), ("4*n - 1", 11), ("größe", 3)]
)
def test_an_axis_is_a_number_or_comes_of_a_name(said, at_3):
    axis = axis_of(said)
    assert axis.at({axis.name: 3}) == at_3


@pytest.mark.parametrize("said", ["", "2n", "n*2", "n+m", "0*n", "n/2", "-n", 0, -3, 2.5, "n+0"])
def test_anything_else_is_refused(said):
    with pytest.raises(ValueError, match="give a number of at least 1, a name, or"):
        axis_of(said)


def test_a_tile_of_a_kernel_is_tried_with_the_sizes_beside_it():
    assert {t + beside for t in (32, 64, 128, 256) for beside in (-1, 0, 1)} | {1000, 1024, 4096} == set(TILES)
    assert TILES[0] == 129  # left over after a tile


def test_sizes_and_shapes_go_both_ways():
    assert NAMED.names == ("n", "d")
    assert NAMED.shapes({"n": 4, "d": 3}) == ((4, 7), (3,))
    assert NAMED.of(((4, 7), (3,))) == {"n": 4, "d": 3}
    assert NAMED.of(((4, 8), (3,))) is None
    assert NAMED.of(((4, 7), (4,))) is None
    assert NAMED.of(((4, 7),)) is None
    assert sizes_of((("n", 5),), {"n": (2, 6)}).of(((7, 5),)) is None
    assert sizes_of((("n", 5),), {"n": (2, 6)}).of(((6, 4),)) is None


def test_every_axis_has_an_entry():
    assert sizes_of((("n-2", "2*m-4"),), {}).bounds == (("n", 3, 4096), ("m", 3, 4096))
    with pytest.raises(ValueError, match="n is at most 2"):
        sizes_of((("n-2",),), {"n": (1, 2)})


def test_sizes_of_kernels_are_tried_along_each_axis():
    asked = problem("real", "real", sizes=NAMED)
    tried = [NAMED.of(p.shapes) for p in drawn(asked)]
    for name in ("n", "d"):
        assert set(TILES) <= {sizes[name] for sizes in tried}
        assert set(range(1, 8)) <= {sizes[name] for sizes in tried}
    assert {"n": 65, "d": 65} in tried
    assert sum(sizes["n"] > sizes["d"] for sizes in tried) > 30 < sum(sizes["n"] < sizes["d"] for sizes in tried)
    assert len(tried) == EXAMPLES + len(list(kernel_sizes(NAMED)))
    assert len(drawn(asked, 20)) == 20


def test_bounds_hold_and_what_is_larger_is_not_tried():
    bounded = sizes_of((("n", "d"),), {"n": (60, 70), "d": (8, 8)})
    assert {p.shapes[0][1] for p in drawn(problem("real", sizes=bounded))} == {8}
    assert {64, 65, 63, 60, 61, 62, 70} <= {p.shapes[0][0] for p in drawn(problem("real", sizes=bounded))}
    deep = sizes_of((("b", "c", "h", "w"),), {"c": (64, 64)})
    entries = [np.prod(deep.shapes(deep.beside(size, 0, lead))[0]) for size, lead in kernel_sizes(deep)]
    assert 90_000 < max(entries) <= MOST_ENTRIES
    assert [size for size, _ in kernel_sizes(NAMED, [100])][:4] == [101, 101, 100, 100]


def test_ordinary_points_are_small():
    assert all(p[0].size <= 60 for p in ordinary_points(problem("real", "real", sizes=NAMED), 9))


def test_smaller_sizes_keep_what_belongs_together():
    asked = problem("simplex", "one_hot", sizes=sizes_of((("n", "d"), ("n", "d")), {"d": (2, 9)}))
    shares, hot = np.full((3, 4), 0.25), np.eye(4)[[3, 3, 0]]
    made = list(shorter(asked, (shares, hot)))
    assert {x.shape for x, _ in made} == {(1, 4), (2, 4), (3, 2), (3, 3)}
    for x, y in made:
        assert x.shape == y.shape
        np.testing.assert_allclose(x.sum(axis=-1), 1.0)
        assert (y.sum(axis=-1) == 1.0).all()
    first, last = at_sizes(asked, (shares, hot), {"n": 2, "d": 4})
    assert (last[1] == hot[1:]).all()
    assert (first[1] == hot[:2]).all()


@pytest.mark.parametrize(("axis", "begins"), [(0, 33), (1, 129), (1, 7)])
def test_what_fails_is_shrunk_to_the_smallest_size_that_fails(axis, begins):
    asked = problem("real", sizes=sizes_of((("n", "d"),), {}))
    x = np.random.default_rng(0).normal(size=(200, 300))
    (small,) = shrink((x,), lambda args: args[0].shape[axis] >= begins, asked)
    assert small.shape == ((begins, 1) if axis == 0 else (1, begins))


def test_an_entry_that_fails_is_kept_at_either_end():
    asked = problem("real", sizes=sizes_of((("n", "d"),), {}))
    for where in ((0, 0), (63, 41), (63, 0)):
        x = np.zeros((64, 42))
        x[where] = 5.0
        (small,) = shrink((x,), lambda args: bool((args[0] == 5.0).any()), asked)
        assert small.shape == (1, 1)
