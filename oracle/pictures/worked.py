"""The computation graph of a 2-2-1 network: numbers forward above each node, derivatives backward below it.

The numbers are those that `manualbp` computes; softsign keeps them fractions. Page 13 of the proofs works them out.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

import manualbp
from oracle.pictures.canvas import BACKWARD, FORWARD, INK, Canvas, Point
from oracle.pictures.networks import between

INPUT, EXPECTED = np.array([[1.0], [-2.0]]), np.array([[0.3]])
WEIGHTS = (np.array([[2.0, -1.0], [3.0, 5.0]]), np.array([[6.0, 8.0]]))
BIASES = (np.array([[-3.0], [4.0]]), np.array([[7.0]]))
#: Where the nodes stand: layer, neuron.
PLACES: dict[tuple[int, int], Point] = {
    (1, 1): (90, 110),
    (1, 2): (90, 290),
    (2, 1): (370, 110),
    (2, 2): (370, 290),
    (3, 1): (640, 200),
}


def network() -> manualbp.Network:
    head = manualbp.chained(manualbp.SOFTSIGN, manualbp.QUADRATIC)
    return manualbp.from_parameters(WEIGHTS, BIASES, (manualbp.SOFTSIGN,), head)


def fraction(value: float) -> str:
    """Such as −3/16."""
    exact = Fraction(float(value)).limit_denominator(1024)
    return str(exact).replace("-", "−")


def graph() -> str:
    net = network()
    z, a = manualbp.forward(net, INPUT)
    g = manualbp.gradients(net, INPUT, EXPECTED)
    canvas = Canvas(
        850,
        410,
        f"A 2-2-1 network in numbers. Forward, the input (1, −2) gives the weighted inputs {fraction(z[0][0, 0])} and "
        f"{fraction(z[0][1, 0])}, the activations {fraction(a[1][0, 0])} and {fraction(a[1][1, 0])}, the output "
        f"{fraction(a[2][0, 0])} and the cost {fraction(g.cost)}. Backward, delta of the output is "
        f"{fraction(g.deltas[1][0, 0])}, and those of the hidden neurons are {fraction(g.deltas[0][0, 0])} and "
        f"{fraction(g.deltas[0][1, 0])}; each wire shows its weight and the derivative with respect to it.",
    )
    for layer in (2, 3):
        for (i, j), end in PLACES.items():
            for (h, k), start in PLACES.items():
                if i == layer and h == layer - 1:
                    wire(canvas, start, end, WEIGHTS[i - 2][j - 1, k - 1], g.nabla_w[i - 2][j - 1, k - 1])
    for (i, j), (x, y) in PLACES.items():
        canvas.circle((x, y), 27, INK)
        canvas.formula((x, y + 6), f"a^{{{i}}}_{{{j}}}")
        canvas.words((x, y + 46 if (i, j) == (1, 2) else y - 36), f"a = {fraction(a[i - 1][j - 1, 0])}", FORWARD)
        if i > 1:
            bias = BIASES[i - 2][j - 1, 0]
            canvas.words((x, y - 54), f"b = {fraction(bias)}, z = {fraction(z[i - 2][j - 1, 0])}", FORWARD)
            canvas.words(
                (x + 34 * (j == 1 and i == 2), y + 48), f"δ = ∂C/∂b = {fraction(g.deltas[i - 2][j - 1, 0])}", BACKWARD
            )
    canvas.arrow((669, 200), (728, 200), INK)
    canvas.box((730, 178), 72, 44)
    canvas.formula((766, 206), "C")
    canvas.words((766, 168), f"C = {fraction(g.cost)}", FORWARD)
    canvas.words((766, 150), f"E = {fraction(EXPECTED[0, 0])}", FORWARD)
    canvas.words((766, 240), f"∂C/∂a = {fraction(a[2][0, 0] - EXPECTED[0, 0])}", BACKWARD)
    canvas.arrow((60, 384), (100, 384), FORWARD)
    canvas.words((108, 389), "forward: values", FORWARD, anchor="start")
    canvas.arrow((290, 384), (250, 384), BACKWARD)
    canvas.words((298, 389), "backward: derivatives of C", BACKWARD, anchor="start")
    return canvas.svg()


#: Where the label of a wire stands, as a share of its way and a shift from there: clear of the other wires.
LABELS: dict[tuple[Point, Point], tuple[float, float, float]] = {
    ((90, 110), (370, 110)): (0.3, 0, -24),
    ((90, 290), (370, 110)): (0.18, -42, -22),
    ((90, 110), (370, 290)): (0.18, -34, 14),
    ((90, 290), (370, 290)): (0.3, 0, 20),
    ((370, 110), (640, 200)): (0.5, 22, -32),
    ((370, 290), (640, 200)): (0.5, 10, 24),
}


def wire(canvas: Canvas, start: Point, end: Point, weight: float, slope: float) -> None:
    """An arrow, and beside it the weight with the derivative below."""
    canvas.arrow(*between(start, end, 29))
    share, right, down = LABELS[start, end]
    x, y = start[0] + share * (end[0] - start[0]) + right, start[1] + share * (end[1] - start[1]) + down
    canvas.words((x, y), f"w = {fraction(weight)}", FORWARD, size=13)
    canvas.words((x, y + 15), f"∂C/∂w = {fraction(slope)}", BACKWARD, size=13)
