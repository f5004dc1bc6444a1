"""One random network: what a, z, w, b, E and C are there, with an infinitesimal added to one of them on demand.

That is the meaning of a derivative here: ∂X/∂Y is the infinitesimal part of X when Y has one. Nothing knows a rule of
backpropagation; δ is ∂C/∂z by definition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from oracle.proofs.errors import Resample
from oracle.proofs.frame import Frame
from oracle.proofs.kinks import slope
from oracle.proofs.scope import Scope

#: Up to how many outputs an unknown cost has a term for each pair of them.
FULL = 16
#: What carries the infinitesimal: (name, layer, sample, index), or ("free", name).
Bump = tuple[Any, ...] | None
KINDS = {"closed_unit": "unit", "nonnegative": "positive", "closed_simplex": "positive", "positive": "positive"}
KINDS |= {"unit": "unit", "sign": "sign", "real": "real"}


@dataclass(frozen=True)
class State:
    """The values of one forward pass, by (layer, sample)."""

    w: dict[int, np.ndarray]
    b: dict[int, np.ndarray]
    z: dict[tuple[int, int], np.ndarray]
    a: dict[tuple[int, int], np.ndarray]


class World:
    """A network of random numbers in the given arithmetic. evaluator: of formulas, in a world; domains: where a and E of the last
    layer may lie."""

    def __init__(
        self,
        evaluator: Callable[..., Any],
        arithmetic: Any,
        scope: Scope,
        frame: Frame,
        domains: tuple[str, str] = ("real", "real"),
        direct: bool = False,
    ) -> None:
        self.evaluator_of = evaluator
        self.f, self.scope, self.frame = arithmetic, scope, frame
        self.domains = domains
        self.a_kind, self.e_kind = (KINDS[name] for name in domains)
        self.edge_share = self.f.rng.choice((0.0, 0.5))
        self.e_edges = {"closed_unit": (0, 1), "nonnegative": (0,), "closed_simplex": (0,)}.get(domains[1], ())
        self.states: dict[tuple[Bump, int, float], State] = {}
        self.costs: dict[tuple[int, Bump, int, float], Any] = {}
        self.variables: dict[str, Any] = {}
        self.kinked: dict[Any, tuple[bool, bool, float]] = {}
        self.vanishes = False  # whether a denominator that is 0 but for rounding counts for 0
        self.memory: dict[Any, Any] = {}
        self.deltas: dict[tuple[int, int, int], Any] = {}
        self.sums: dict[Any, Any] = {}  # how far each sum runs: what holds for all worlds of these sizes
        self.direct = direct and not (scope.get("a") or scope.get("sigma"))
        self.start = self.drawn()
        if self.direct:
            self.start.a.update({key: self.draw_outputs(len(z)) for key, z in self.start.z.items()})
        self.expected = [self.draw_expected() for _ in range(frame.samples)]

    def array(self, values: list[Any], shape: tuple[int, ...]) -> np.ndarray:
        made = np.empty(len(values), dtype=self.f.dtype)
        made[:] = values
        return made.reshape(shape)

    def draw(self, *shape: int, kind: str = "real") -> np.ndarray:
        return self.array([self.f.draw(kind) for _ in range(int(np.prod(shape)))], shape)

    def draw_outputs(self, width: int) -> np.ndarray:
        if self.domains[0] == "closed_simplex":
            return self.on_simplex(partial(self.draw, width, kind="positive"))
        return self.draw(width, kind=self.a_kind)

    def on_simplex(self, drawn: Callable[[], np.ndarray]) -> np.ndarray:
        """A column that is drawn, divided by its sum."""
        for _ in range(100):
            column = drawn()
            total = sum(column[1:], column[0])
            if self.f.sign(total) > 0:
                return self.array(self.f.shares([x / total for x in column]), (-1,))
        raise Resample

    def forget(self) -> None:
        """What was computed from numbers that have changed since."""
        self.states.clear()
        self.costs.clear()
        self.kinked.clear()
        self.deltas.clear()

    def bring_close(self) -> None:
        """E close to a, where the arithmetic draws them so and both domains permit."""
        column = self.frame.column and self.scope.columnar
        if not self.f.neighbourly or self.e_kind == "sign" or "closed_simplex" in self.domains or self.scope.given:
            return
        if not (column or (self.scope.layered and self.scope.get("C") is not None)):
            return
        one = self.f.number(Fraction(1))
        for r, expected in enumerate(self.expected):
            for j, a in enumerate(self.state().a[self.frame.L, r]):
                near = a + self.f.neighbour()
                positive = self.e_kind == "real" or self.f.sign(near) > 0
                if positive and (self.e_kind != "unit" or self.f.sign(one - near) > 0):
                    expected[j] = near

    def draw_expected(self) -> np.ndarray:
        if self.scope.given:
            return self.array([self.f.number(row[0]) for row in self.scope.given["E", 0]], (-1,))
        if self.domains[1] == "closed_simplex":
            return self.on_simplex(self.expected_entries)
        return self.expected_entries()

    def expected_entries(self) -> np.ndarray:
        expected = self.draw(self.frame.width(self.frame.L), kind=self.e_kind)
        for j in range(len(expected)):
            if self.e_edges and self.f.rng.random() < self.edge_share:
                expected[j] = self.f.number(Fraction(self.f.rng.choice(self.e_edges)))
        return expected

    def drawn(self) -> State:
        """Weights, biases and inputs; on a page about one column, z of that column."""
        frame = self.frame
        L, everyone = frame.L, range(frame.samples)
        if frame.column:
            if self.scope.get("a") or self.scope.get("sigma") or self.direct:
                z = {(L, r): self.draw(frame.width(L)) for r in everyone}
            else:
                z = {(L, r): self.array([self.preimage() for _ in range(frame.width(L))], (-1,)) for r in everyone}
            return State({}, {}, z, {})
        if self.scope.given:
            return self.as_given()
        w = {i: self.draw(frame.width(i), frame.width(i - 1)) for i in range(2, L + 1)}
        b = {i: self.draw(frame.width(i)) for i in range(2, L + 1)}
        return State(w, b, {}, {(1, r): self.draw(frame.width(1)) for r in everyone})

    def as_given(self) -> State:
        """The numbers that the page gives."""
        made = {
            key: self.array([self.f.number(x) for row in rows for x in row], (len(rows), len(rows[0])))
            for key, rows in self.scope.given.items()
        }
        layers = range(2, self.frame.L + 1)
        b = {i: made["b", i].reshape(-1) for i in layers}
        return State({i: made["W", i] for i in layers}, b, {}, {(1, 0): made["a", 1].reshape(-1)})

    def preimage(self) -> Any:
        """A z with σ(z) in the domain of a."""
        f = self.f
        for _ in range(100):
            z = f.draw()
            a = self.sigma(z)
            inside = self.a_kind == "real" or f.sign(a) > 0
            if inside and (self.a_kind != "unit" or f.sign(f.number(Fraction(1)) - a) > 0):
                return z
        raise Resample

    def sigma(self, x: Any, primes: int = 0) -> Any:
        """σ of the page, or an unknown function, whose values lie in the domain of a."""
        if self.scope.get("sigma"):
            return self.evaluator().of_function("sigma", (x,), primes)
        y = self.f.unknown("sigma", primes, x)
        if self.f.exact:
            return y
        factor, shift = self.f.spread(self.a_kind)
        return factor * y - shift if primes == 0 else factor * y

    def evaluator(self, bump: Bump = None, sample: int | None = None) -> Any:
        """What gives the page's formulas their value here."""
        return self.evaluator_of(self, {}, {}, {}, bump, sample)

    def state(self, bump: Bump = None) -> State:
        """The forward pass; its derivative by what carries the bump comes with it."""
        if bump is not None and bump[0] not in ("a", "z", "w", "b") and not self.scope.definitions:
            bump = None
        key = bump, self.f.direction, self.f.shift
        if not self.kinked and key in self.states:
            return self.states[key]
        found: State = self.kept(self.states, key, partial(self.forward, bump))
        return found

    def kept(self, made: dict[Any, Any], key: Any, make: Callable[[], Any]) -> Any:
        """What `make` makes, once; whether a kink or a flat tie was met on the way is kept with it."""
        f = self.f
        if key not in made:
            outside = f.met, f.flat
            f.met, f.flat = False, False
            try:
                made[key] = make()
                if f.met or f.flat or f.shift:
                    self.kinked[id(made), key] = f.met, f.flat, f.step
            finally:
                f.met, f.flat = f.met or outside[0], f.flat or outside[1]
        elif (id(made), key) in self.kinked:
            met, flat, f.step = self.kinked[id(made), key]
            f.met, f.flat = f.met or met, f.flat or flat
        return made[key]

    def forward(self, bump: Bump) -> State:
        frame, L = self.frame, self.frame.L
        w, b = ({i: self.bumped(name, i, 0, v, bump) for i, v in values.items()} for name, values in self.parameters())
        z, a = {}, {}
        for r in range(frame.samples):
            if not frame.column:
                a[1, r] = self.bumped("a", 1, r, self.start.a[1, r], bump)
            for i in range(L if frame.column else 2, L + 1):
                weighted = self.start.z[L, r] if frame.column else w[i].dot(a[i - 1, r]) + b[i]
                z[i, r] = self.bumped("z", i, r, weighted, bump)
                a[i, r] = self.bumped("a", i, r, self.activated(i, r, z, bump), bump)
        return State(w, b, z, a)

    def parameters(self) -> tuple[tuple[str, dict[int, np.ndarray]], ...]:
        return ("w", self.start.w), ("b", self.start.b)

    def bumped(self, name: str, layer: int, sample: int, values: np.ndarray, bump: Bump) -> np.ndarray:
        if bump is None or bump[:3] != (name, layer, sample):
            return values
        values = values.copy()
        values[bump[3]] = self.f.eps(values[bump[3]])
        return values

    def activated(self, layer: int, sample: int, z: dict[tuple[int, int], np.ndarray], bump: Bump) -> np.ndarray:
        if (layer, sample) in self.start.a:
            return self.start.a[layer, sample]
        definition = self.scope.get("a")
        if definition is None or layer != self.frame.L or not definition.indices:
            return self.array([self.sigma(x) for x in z[layer, sample]], (-1,))
        key = bump, self.f.direction, self.f.shift
        self.states[key] = State({}, {}, z, {})  # what the definition of a reads
        evaluator = self.evaluator(bump, sample)
        entries = range(len(z[layer, sample]))
        try:
            values = [evaluator.bound(definition.indices[0], j).value(definition.body) for j in entries]
        finally:
            del self.states[key]
        return self.array([evaluator.number(v) for v in values], (-1,))

    def cost(self, sample: int, bump: Bump = None) -> Any:
        """C of one sample: the page's definition, or an unknown cubic function of all outputs and targets."""
        key = sample, bump, self.f.direction, self.f.shift
        definition = self.scope.get("C")
        if definition is not None:
            return self.kept(self.costs, key, lambda: self.evaluator(bump, sample).value(definition.body))
        return self.kept(self.costs, key, partial(self.unknown_cost, sample, bump))

    def unknown_cost(self, sample: int, bump: Bump) -> Any:
        f, L = self.f, self.frame.L
        a, E = self.state(bump).a[L, sample], self.target(sample, bump)
        total = f.number(Fraction(0))
        for j, (x, e) in enumerate(zip(a, E, strict=True)):
            total = total + self.coefficient(j) * x * x * x * e
            for k in range(len(a)) if len(a) <= FULL else ((j + 1) % len(a), (j + 5) % len(a)):
                y, g = a[k], E[k]
                total = total + self.coefficient(j, k) * (x - e) * (y + g)
        return total

    def coefficient(self, *at: int) -> Any:
        """Of one term of the unknown cost, drawn once."""
        key = "coefficient", *at
        if key not in self.memory:
            self.memory[key] = self.f.leaf(f"cost {' '.join(map(str, at))}", "real")
        return self.memory[key]

    def target(self, sample: int, bump: Bump) -> np.ndarray:
        return self.bumped("E", self.frame.L, sample, self.expected[sample], bump)

    def delta(self, layer: int, sample: int, entry: int | None = None) -> Any:
        """∂C/∂z of that layer, by definition: one entry of it, or all."""
        if entry is None:
            return self.array([self.delta(layer, sample, j) for j in range(self.frame.width(layer))], (-1,))
        key = layer, sample, entry
        if key not in self.deltas:
            self.deltas[key] = slope(self.f, partial(self.cost, sample, ("z", layer, sample, entry)))
        return self.deltas[key]

    def variable(self, name: str, bump: Bump) -> Any:
        """A free real variable, or a parameter."""
        if name == "pi":
            return self.f.call("pi")
        if name not in self.variables:
            self.variables[name] = self.f.draw()
        value = self.variables[name]
        return self.f.eps(value) if bump == ("free", name) else value

    def vector(self, name: str, bump: Bump) -> np.ndarray:
        """A free column, such as v in Σ v_k."""
        key = "vector", name
        if key not in self.memory:
            self.memory[key] = self.draw(self.frame.width(self.frame.L))
        return self.bumped(name, self.frame.L, 0, self.memory[key], bump)
