"""The networks that a statement is tested on. No two quantities coincide by accident, and each coincidence that a condition
asks for is met in several ways.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace

from oracle.proofs import nodes as n
from oracle.proofs.conditions import COMPARE, integer
from oracle.proofs.errors import ProofError
from oracle.proofs.frame import Frame
from oracle.proofs.given import widths as given_widths
from oracle.proofs.sampled import batches, mentions_samples, named_samples
from oracle.proofs.scope import Scope, layer_variables
from oracle.proofs.sizes import DEEPEST, WIDEST, depth_counts, turning_sizes

#: Two to five layers; unequal, equal and single neurons; one layer of more than nine. The first four test the reasons.
NETWORKS: tuple[tuple[int, ...], ...] = (
    (2, 4, 3, 5),
    (3, 2),
    (4, 4, 4),
    (2, 3, 1, 4, 2),
    (3, 11),
    (1, 2, 1, 2, 6),
    (5, 2, 4),
    (1, 1),
)
#: Where a condition rules out some of those: equal neighbours of 1, 2, 4 and 5, equal ends, and every depth in several ways.
MORE: tuple[tuple[int, ...], ...] = (
    (2, 2),
    (4, 4),
    (5, 5),
    (2, 4, 3),
    (3, 1, 2),
    (4, 2, 4),
    (1, 1, 1),
    (2, 5, 5),
    (2, 2, 3),
    (3, 3, 5, 5),
    (4, 2, 1),
    (2, 1),
    (3, 5, 1, 4),
    (2, 2, 2, 2),
    (5, 3, 4, 2, 3),
    (2, 2, 4, 4, 1),
)
ENOUGH = 9
COLUMNS: tuple[tuple[int, ...], ...] = ((3,), (1,), (4,), (2,), (10,))
MORE_COLUMNS: tuple[tuple[int, ...], ...] = ((5,), (6,), (7,), (8,), (9,), (12,))
MORE_SAMPLES = (1, 2, 3, 4, 5, 6)
#: The depth up to which networks are searched for one that meets conditions.
DEEPEST_SEARCHED = 12
#: How many small networks are tried for a mistake that was found on another.
SMALL = 40
#: How many networks of one depth are searched for one that meets a condition.
MOST_SEARCHED = 3000


def frames(
    scope: Scope, roots: Sequence[n.Node], plain_points: int = 5, conditions: Sequence[n.Comparison] = ()
) -> Iterator[Frame]:
    """The frames for a statement made of these formulas: those on which its conditions can hold, if there are any."""
    if scope.given:
        yield Frame(given_widths(scope.given))
        return
    if not uses_network(scope, roots):
        widths = NETWORKS[0] if scope.layered else COLUMNS[0]
        yield from (Frame(widths, column=not scope.layered) for _ in range(plain_points))
        return
    about = [c for c in conditions if all(isinstance(leaf, n.Number) or counts(leaf) for leaf in leaves(c))]
    letters = sorted(layer_variables(*roots))
    found = []
    for frame in candidates(scope, roots, bool(about), plain_points):
        if conforms(frame, about, letters, scope):
            found.append(frame)
            if len(found) >= ENOUGH:
                break
    found = found or list(itertools.islice(searched(scope, roots, about, letters), ENOUGH))
    yield from found or itertools.islice(candidates(scope, roots, False, plain_points), ENOUGH)
    yield from (frame for frame in beyond(scope, roots) if conforms(frame, about, letters, scope))


def candidates(scope: Scope, roots: Sequence[n.Node], more: bool, plain_points: int) -> Iterator[Frame]:
    if scope.columnar or not scope.layered:
        for widths in (*COLUMNS[:plain_points], *(MORE_COLUMNS if more else ())):
            yield Frame(widths, column=True)
        return
    needed = batches(roots)
    for k, widths in enumerate((*NETWORKS, *(MORE if more else ()))):
        count, mini_batches = needed.of_network(k)
        yield Frame(widths, count, mini_batches=mini_batches)
    if more and mentions_samples(roots):
        for widths, count in itertools.product(NETWORKS[:3], MORE_SAMPLES):
            yield Frame(widths, max(count, *named_samples(roots), 1))


def searched(
    scope: Scope, roots: Sequence[n.Node], about: Sequence[n.Comparison], letters: Sequence[str]
) -> Iterator[Frame]:
    """The networks and columns that meet conditions which none of the lists meets, such as L = 3 and n_2 = 7."""
    named = {int(x.value) for c in about for x in n.walk(c) if isinstance(x, n.Number) and x.value.denominator == 1}
    sizes = sorted({1, 2, 3, 4} | {k + more for k in named for more in (0, 1) if 1 <= k + more < WIDEST})
    if not about:
        return
    count, mini_batches = batches(roots).of_network()
    for depth in range(2, DEEPEST_SEARCHED) if scope.layered else (1,):
        combinations = list(itertools.islice(itertools.product(sizes, repeat=depth), MOST_SEARCHED))
        mixed = sorted(combinations, key=lambda widths: (-len(set(widths)), sum(widths)))
        frames_here = (Frame(w, count, column=not scope.layered, mini_batches=mini_batches) for w in mixed)
        yield from itertools.islice((f for f in frames_here if conforms(f, about, letters, scope)), ENOUGH // 3)


def conforms(frame: Frame, conditions: Sequence[n.Comparison], letters: Sequence[str], scope: Scope) -> bool:
    """Whether some choice of layers meets the conditions on layers, widths and samples."""
    if not conditions:
        return True
    chosen = itertools.product(range(1, frame.L + 1), repeat=len(letters))
    return any(met(frame, conditions, dict(zip(letters, layers, strict=True)), scope) for layers in chosen)


def met(frame: Frame, conditions: Sequence[n.Comparison], layers: dict[str, int], scope: Scope) -> bool:
    sizes = {"L": frame.L, "m": frame.samples}
    world = SimpleNamespace(frame=frame, scope=scope)
    here = SimpleNamespace(world=world, layers=layers, indices={}, size=sizes.__getitem__)
    for condition in conditions:
        for left, sign, right in zip(condition.sides, condition.operators, condition.sides[1:], strict=False):
            try:
                mine, theirs = integer(left, here), integer(right, here)
            except ProofError:  # n_{i+1} of a layer that is not there
                return False
            if mine is not None and theirs is not None and not COMPARE[sign](mine, theirs):
                return False
    return True


def beyond(scope: Scope, roots: Sequence[n.Node]) -> Iterator[Frame]:
    """Frames of the sizes at which something changes: widths, depths and numbers of samples."""
    for size in turning_sizes(roots, scope):
        if not scope.layered:
            yield Frame((size,), column=True)
            continue
        count, mini_batches = batches(roots).of_network()
        yield Frame((2, size), count, mini_batches=mini_batches)
        yield Frame((size, 2), count, mini_batches=mini_batches)
        if mentions_samples(roots) and mini_batches is None:
            yield Frame((2, 3), max(count, size))
        if 2 <= size <= DEEPEST and any(depth_counts(root) for root in roots):
            yield Frame(tuple(2 + k % 3 for k in range(size)), count, mini_batches=mini_batches)


def larger_frames(scope: Scope, conditions: Sequence[n.Comparison]) -> Iterator[Frame]:
    """Networks and columns beyond the numbers with which conditions compare depths, widths and samples."""
    about = [c for c in conditions if any(counts(leaf) for leaf in leaves(c))]
    named = {int(x.value) for c in about for x in n.walk(c) if isinstance(x, n.Number) and x.value.denominator == 1}
    for size in sorted({k + more for k in named for more in (0, 1) if 0 < k + more < WIDEST}):
        if not scope.layered:
            yield Frame((size,), column=True)
            continue
        yield Frame((2, size))
        yield Frame((size, 2))
        yield Frame((2, 3), size)
        if 2 <= size <= DEEPEST:
            yield Frame(tuple(2 + k % 2 for k in range(size)))


def untried_size(conditions: Sequence[n.Comparison]) -> int | None:
    """A number with which one of the conditions compares a size, and beyond which none is tried."""
    for condition in conditions:
        if any(counts(leaf) for leaf in leaves(condition)):
            largest = DEEPEST if depth_counts(condition) else WIDEST
            named = [int(x.value) for x in n.walk(condition) if isinstance(x, n.Number)]
            too_large = [number for number in named if number >= largest]
            if too_large:
                return min(too_large)
    return None


def small_frames(scope: Scope, roots: Sequence[n.Node], conditions: Sequence[n.Comparison]) -> Iterator[Frame]:
    """Frames on which a mistake is easy to see, the smallest first."""
    if scope.given or not uses_network(scope, roots):
        return
    about = [c for c in conditions if all(isinstance(leaf, n.Number) or counts(leaf) for leaf in leaves(c))]
    letters = sorted(layer_variables(*roots))
    depths = (2, 3, 4) if scope.layered else (1,)
    shapes = sorted(
        (w for L in depths for w in itertools.product((1, 2, 3), repeat=L)), key=lambda w: (sum(w), len(w), w)
    )
    least, mini_batches = batches(roots).of_network(2)
    counts_of_samples = range(max(named_samples(roots), default=1), 4) if mentions_samples(roots) else (1,)
    found = 0
    for widths in shapes:
        for count in counts_of_samples if mini_batches is None else (least,):
            frame = Frame(widths, count, column=not scope.layered, mini_batches=mini_batches)
            if found < SMALL and conforms(frame, about, letters, scope):
                found += 1
                yield frame


def leaves(condition: n.Comparison) -> list[n.Node]:
    return [node for side in condition.sides for node in n.walk(side) if not list(n.children(node))]


def counts(node: n.Node) -> bool:
    """Whether it is a width, or a bare letter that may count layers or samples."""
    bare = isinstance(node, n.Symbol) and not (node.index or node.layer or node.sample)
    return isinstance(node, n.Width) or (bare and isinstance(node, n.Symbol) and node.name in "Limlpq")


def uses_network(scope: Scope, roots: Iterable[n.Node]) -> bool:
    if scope.columnar:
        return True
    if not scope.layered:
        return False
    for root in roots:
        for node in n.walk(root):
            if isinstance(node, n.Width) or (isinstance(node, n.Symbol) and scope.means(node)):
                return True
            if isinstance(node, n.Symbol | n.Call):
                definition = scope.get(node.name)
                if definition is not None and uses_network(scope, [definition.body]):
                    return True
    return bool(layer_variables(*roots))
