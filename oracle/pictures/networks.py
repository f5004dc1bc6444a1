"""The network with its indices, and one neuron's wires: forward, where it collects, and backward, where errors return."""

from __future__ import annotations

from oracle.pictures.canvas import BACKWARD, FAINT, FORWARD, INK, Canvas, Point

RADIUS = 21


def network() -> str:
    canvas = Canvas(
        760,
        400,
        "A network with three layers of 3, 4 and 2 neurons. The wire from neuron k = 2 of layer 1 to neuron j = 3 of layer 2 "
        "carries the weight w superscript 2, subscript 3 2.",
    )
    columns = {1: (130, 3), 2: (370, 4), 3: (610, 2)}
    places = {(i, j): spot(x, j, count) for i, (x, count) in columns.items() for j in range(1, count + 1)}
    for i in (2, 3):
        for j in range(1, columns[i][1] + 1):
            for k in range(1, columns[i - 1][1] + 1):
                canvas.line(*between(places[i - 1, k], places[i, j]), FAINT, 1.2)
    canvas.arrow(*between(places[1, 2], places[2, 3]), FORWARD, 2.4)
    canvas.arrow(*between(places[2, 3], places[3, 1]), FORWARD, 2.4)
    canvas.formula((252, 206), "w^{2}_{32}", FORWARD)
    canvas.formula((500, 184), "w^{3}_{13}", FORWARD)
    for (i, j), at in places.items():
        chosen = (i, j) in ((1, 2), (2, 3), (3, 1))
        canvas.circle(at, RADIUS, FORWARD if chosen else INK)
        canvas.formula((at[0], at[1] + 6), f"a^{{{i}}}_{{{j}}}", FORWARD if chosen else INK)
    x, y = places[2, 3]
    canvas.formula((x + 3, y + 42), "z^{2}_{3}, b^{2}_{3}", FORWARD, size=16)
    canvas.formula((x + 3, y - 31), "δ^{2}_{3}", BACKWARD, size=16)
    for j in (1, 2):
        x, y = places[3, j]
        canvas.arrow((x + RADIUS + 2, y), (x + RADIUS + 44, y))
        canvas.formula((x + RADIUS + 62, y + 6), f"E_{{{j}}}")
    x, y = places[3, 1]
    canvas.formula((x + 3, y - 31), "δ^{3}_{1}", BACKWARD, size=16)
    for j in (1, 2, 3):
        x, y = places[1, j]
        canvas.arrow((x - RADIUS - 44, y), (x - RADIUS - 2, y))
    for i, (x, count) in columns.items():
        canvas.words((x, 366), ("input, layer 1", "hidden, layer 2", "output, layer 3 = L")[i - 1])
        canvas.formula((x, 390), f"n_{{{i}}} = {count}", size=15)
    canvas.arrow((190, 22), (550, 22), FORWARD)
    canvas.words((370, 16), "forward: z, then a, layer by layer", FORWARD, size=13)
    canvas.arrow((550, 40), (190, 40), BACKWARD)
    canvas.words((370, 55), "backward: δ, from the last layer to the second", BACKWARD, size=13)
    return canvas.svg()


def spot(x: float, j: int, count: int) -> Point:
    return x, 202 + 76 * (j - (count + 1) / 2)


def between(start: Point, end: Point, gap: float = RADIUS + 2) -> tuple[Point, Point]:
    """The ends of a wire, from rim to rim."""
    along = end[0] - start[0], end[1] - start[1]
    length = (along[0] ** 2 + along[1] ** 2) ** 0.5
    u, v = gap * along[0] / length, gap * along[1] / length
    return (start[0] + u, start[1] + v), (end[0] - u, end[1] - v)


def forward_wires() -> str:
    canvas = Canvas(
        760,
        270,
        "Forward: neuron j of layer i receives the activation of every neuron k of layer i − 1 through the wire w jk, adds its "
        "bias, and sends on sigma of the sum.",
    )
    target = (400.0, 130.0)
    sources = [(110.0, 50.0), (110.0, 130.0), (110.0, 210.0)]
    for k, (source, name) in enumerate(zip(sources, ("1", "k", "n"), strict=True)):
        canvas.arrow(*between(source, target, 25), FORWARD, 2.4 if k == 1 else 1.8)
        canvas.circle(source, 23, INK)
        canvas.formula((source[0], source[1] + 6), f"a^{{i−1}}_{{{name}}}")
    canvas.words((110, 252), "layer i − 1: neurons 1, …, k, …", size=13)
    canvas.formula((254, 76), "w^{i}_{j1}", FORWARD)
    canvas.formula((232, 122), "w^{i}_{jk}", FORWARD)
    canvas.formula((262, 204), "w^{i}_{jn}", FORWARD)
    canvas.circle(target, 23, FORWARD)
    canvas.formula((target[0], target[1] + 6), "z^{i}_{j}", FORWARD)
    canvas.arrow((400, 232), (400, 156), FORWARD)
    canvas.formula((400, 252), "b^{i}_{j}", FORWARD)
    canvas.arrow((424, 130), (522, 130), FORWARD, 2.4)
    canvas.formula((473, 120), "σ", FORWARD)
    canvas.circle((546, 130), 23, FORWARD)
    canvas.formula((546, 136), "a^{i}_{j}", FORWARD)
    for y in (50, 130, 210):
        canvas.arrow(*between((546, 130), (690, y), 25))
    canvas.words((546, 252), "neuron j of layer i", size=13)
    canvas.words((400, 30), "collects over its sources: along row j of W", size=13)
    return canvas.svg()


def backward_wires() -> str:
    canvas = Canvas(
        760,
        270,
        "Backward: the error of neuron j of layer i is collected from every neuron k of layer i + 1 that it feeds, through the "
        "same wires w kj, and multiplied by the slope of sigma.",
    )
    target = (360.0, 130.0)
    sources = [(650.0, 50.0), (650.0, 130.0), (650.0, 210.0)]
    for k, (source, name) in enumerate(zip(sources, ("1", "k", "n"), strict=True)):
        canvas.arrow(*between(source, target, 25), BACKWARD, 2.4 if k == 1 else 1.8)
        canvas.circle(source, 23, BACKWARD)
        canvas.formula((source[0], source[1] + 6), f"δ^{{i+1}}_{{{name}}}", BACKWARD)
    canvas.words((650, 252), "layer i + 1: neurons 1, …, k, …", size=13)
    canvas.formula((500, 74), "w^{i+1}_{1j}", BACKWARD)
    canvas.formula((535, 122), "w^{i+1}_{kj}", BACKWARD)
    canvas.formula((495, 204), "w^{i+1}_{nj}", BACKWARD)
    canvas.circle(target, 23, BACKWARD)
    canvas.formula((target[0], target[1] + 6), "+", BACKWARD, size=22)
    canvas.arrow((336, 130), (222, 130), BACKWARD, 2.4)
    canvas.formula((280, 118), "· σ′(z^{i}_{j})", BACKWARD)
    canvas.circle((198, 130), 23, BACKWARD)
    canvas.formula((198, 136), "δ^{i}_{j}", BACKWARD)
    for y in (50, 130, 210):
        canvas.line(*between((198, 130), (70, y), 25), FAINT, 1.5)
    canvas.words((250, 252), "neuron j of layer i", size=13)
    canvas.words((330, 30), "collects over its targets: down column j of W", size=13)
    return canvas.svg()
