"""The value of a formula in a world: numbers are scalars of the arithmetic, columns and matrices are arrays of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.derivatives import Derivatives
from oracle.proofs.errors import NoDerivative, Punctured, Resample
from oracle.proofs.kinks import slope
from oracle.proofs.logarithm import logarithm
from oracle.proofs.symbol_values import SymbolValues
from oracle.proofs.widths import Typing
from oracle.proofs.world import Bump, World

Value = Any


class Evaluator(SymbolValues, Derivatives):
    """layers, indices: letters to numbers (indices from 0); arguments: a function's variables; sample: the one meant where
    none is written, None for all.
    """

    __slots__ = ("arguments", "bump", "f", "indices", "layers", "sample", "world")

    def __init__(
        self,
        world: World,
        layers: dict[str, int],
        indices: dict[str, int],
        arguments: dict[str, Value],
        bump: Bump = None,
        sample: int | None = None,
    ) -> None:
        self.world, self.layers, self.indices, self.arguments = world, layers, indices, arguments
        self.bump, self.sample, self.f = bump, sample, world.f

    def changed(self, **changes: Any) -> Evaluator:
        """The same with other layers, indices, arguments, bump or sample."""
        get = changes.get
        moved = get("layers", self.layers), get("indices", self.indices), get("arguments", self.arguments)
        return type(self)(self.world, *moved, get("bump", self.bump), get("sample", self.sample))

    def bound(self, index: str, number: int) -> Evaluator:
        return self.changed(indices={**self.indices, index: number})

    def value(self, node: n.Node) -> Value:
        return getattr(self, METHODS[type(node)])(node)

    def number(self, value: Value) -> Any:
        """The only entry of a 1 × 1 array; a number as it is."""
        return value.reshape(-1)[0] if isinstance(value, np.ndarray) else value

    def scalar(self, node: n.Node) -> Any:
        return self.number(self.value(node))

    def constant(self, value: int | Fraction) -> Any:
        return self.f.number(Fraction(value))

    def column(self, values: Any) -> np.ndarray:
        return self.world.array(list(values), (-1, 1))

    def each(self, function: Callable[..., Any], *values: Value) -> Value:
        """Entry by entry; a number beside columns is the same for every entry."""
        arrays = [v for v in values if isinstance(v, np.ndarray)]
        if not arrays:
            return function(*values)
        parts = (v.reshape(-1) if isinstance(v, np.ndarray) else [v] * arrays[0].size for v in values)
        return self.world.array([function(*x) for x in zip(*parts, strict=True)], arrays[0].shape)

    def at(self, index: str) -> int:
        return int(index) - 1 if index not in self.indices and index.isdigit() else self.indices[index]

    def of_number(self, node: n.Number) -> Value:
        return self.f.number(node.value)

    def of_negative(self, node: n.Negative) -> Value:
        return -self.value(node.body)

    def of_sum(self, node: n.Sum) -> Value:
        values = [self.value(term) for term in node.terms]
        if any(isinstance(v, np.ndarray) for v in values) and not all(isinstance(v, np.ndarray) for v in values):
            values = [self.number(v) for v in values]
        total = values[0]
        for value in values[1:]:
            total = total + value
        return total

    def of_product(self, node: n.Product) -> Value:
        result = self.value(node.factors[0])
        for factor in node.factors[1:]:
            value = self.value(factor)
            if isinstance(result, np.ndarray) and isinstance(value, np.ndarray):
                result = result.dot(value)
            elif isinstance(value, np.ndarray):
                result = self.each(lambda x, k=result: k * x, value)
            elif isinstance(result, np.ndarray):
                result = self.each(lambda x, k=value: x * k, result)
            else:
                result = result * value
        return result

    def of_hadamard(self, node: n.Hadamard) -> Value:
        values = [self.value(factor) for factor in node.factors]
        result = values[0]
        for value in values[1:]:
            result = result * value
        return result

    def of_quotient(self, node: n.Quotient) -> Value:
        bottom = self.scalar(node.bottom)
        if self.f.sign(bottom) == 0 and (self.world.vanishes or is_count(node.bottom)):
            raise Resample
        return self.each(lambda x: x / bottom, self.value(node.top))

    def of_power(self, node: n.Power) -> Value:
        return self.f.power(self.scalar(node.body), node.exponent)

    def of_transpose(self, node: n.Transpose) -> Value:
        return self.value(node.body).T

    def of_call(self, node: n.Call) -> Value:
        values = [self.value(argument) for argument in node.arguments]
        if node.name == "ln" and self.f.exact and not isinstance(values[0], np.ndarray):
            return logarithm(self, node.arguments[0])
        if node.name == "norm":
            entries = values[0].reshape(-1)
            return self.f.call("sqrt", sum((x * x for x in entries[1:]), entries[0] * entries[0]))
        return self.each(lambda *x: self.of_function(node.name, x, node.primes), *values)

    def of_function(self, name: str, x: tuple[Any, ...], primes: int) -> Any:
        """A function at numbers; primes differentiate it."""
        definition = self.world.scope.get(name)
        if definition is None and name == "sigma":
            return self.world.sigma(x[0], primes)
        if definition is None:
            return self.f.call(name, *x)
        if primes == 0:
            arguments = dict(zip(definition.arguments, x, strict=True))
            return self.changed(indices={}, arguments=arguments).scalar(definition.body)
        if self.f.has_derivative(x[0]):
            return self.differentiated(name, x[0], primes)
        f, still = self.f, self.changed(bump=None)
        if primes == 1:
            return slope(f, lambda: still.of_function(name, (f.eps(x[0]),), 0))
        return slope(f, lambda: still.differentiated(name, f.eps(x[0]), primes - 1))

    def of_kronecker(self, node: n.Kronecker) -> Value:
        return self.constant(int(self.at(node.left) == self.at(node.right)))

    def of_entry(self, node: n.Entry) -> Value:
        apart = entries_of(node)
        if apart is not None:
            return self.value(apart)
        values = self.value(node.body)
        found = tuple(self.at(i) for i in node.index)
        return values[found if len(found) == 2 else (found[0], 0)]

    def of_column(self, node: n.Column) -> Value:
        return self.column(self.scalar(entry) for entry in node.entries)

    def of_matrix(self, node: n.Matrix) -> Value:
        return self.world.array([self.scalar(entry) for entry in node.entries], (-1, node.columns))

    def of_bigsum(self, node: n.BigSum) -> Value:
        width = self.width_of_sum(node)
        numbers = [k for k in range(width) if node.without is None or k != self.at(node.without)]
        if not numbers:
            return self.constant(0)
        total = self.bound(node.index, numbers[0]).value(node.body)
        for k in numbers[1:]:
            total = total + self.bound(node.index, k).value(node.body)
        return total

    def width_of_sum(self, node: n.BigSum) -> int:
        key = id(node), *self.layers.items()
        known = self.world.sums
        if key not in known:
            typing = Typing(self.world.scope, self.world.frame, self.layers, arguments=frozenset(self.arguments))
            known[key] = node, typing.sum_over(node)[1]  # the node is kept, so that its id stays its own
        return int(known[key][1])

    def of_cases(self, node: n.Cases) -> Value:
        from oracle.proofs.conditions import chosen_branch

        branch = chosen_branch(node, self)
        nearby = chosen_branch(node, self, aside=True)
        try:
            value = self.value(nearby.value)
        except (Resample, ArithmeticError):
            if nearby is branch:
                raise
            raise Punctured from None
        if nearby is not branch and not isinstance(value, np.ndarray):
            here = self.scalar(branch.value)
            if not self.f.equal(self.f.value(here), self.f.value(self.number(value))):
                raise NoDerivative  # a jump
        return value


def entries_of(node: n.Entry) -> n.Node | None:
    """[x ⊙ y]_j as x_j y_j, and [f(z)]_j as f(z_j), which have a value where another entry has none; None for anything else."""
    body, index = node.body, node.index
    if isinstance(body, n.Hadamard):
        return n.Product(tuple(n.Entry(factor, index) for factor in body.factors))
    if isinstance(body, n.Call) and len(body.arguments) == 1 and body.name != "norm":
        return replace(body, arguments=(n.Entry(body.arguments[0], index),))
    return None


def is_count(node: n.Node) -> bool:
    """Whether it is made of widths, L, m and numbers, so that nothing is rounded."""
    leaves = [x for x in n.walk(node) if not list(n.children(x))]
    return all(isinstance(x, n.Number | n.Width) or (isinstance(x, n.Symbol) and x.name in ("L", "m")) for x in leaves)


#: By kind of node, the method that evaluates it: a subclass may have its own.
METHODS: dict[type, str] = {
    kind: f"of_{kind.__name__.lower()}" for kind in n.KINDS if kind not in (n.Comparison, n.Branch)
}
