"""Types: the shape of every formula, and which width each of its indices meets. A formula that mixes shapes is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.frame import Frame
from oracle.proofs.index_widths import IndexWidths
from oracle.proofs.scope import Scope, bound_indices, free_indices, named_in
from oracle.proofs.symbol_shapes import SCALAR, Shape, SymbolShapes
from oracle.proofs.tokens import FUNCTIONS

NUMBERS = (SCALAR, (1, 1))  # the product of a row and a column is a number
KNOWN_FUNCTIONS = frozenset({*FUNCTIONS, "sigma", "erf", "erfc", "sqrt", "abs", "norm"})


@dataclass
class Typing(SymbolShapes):
    """Infers shapes and collects, for every free index, the widths it would run over."""

    scope: Scope
    frame: Frame
    layers: dict[str, int]
    indices: IndexWidths = field(default_factory=IndexWidths)
    arguments: frozenset[str] = frozenset()

    def inside(self, arguments: frozenset[str]) -> Typing:
        """For a formula whose indices are its own: the body of a definition, or of a sum."""
        return Typing(self.scope, self.frame, self.layers, arguments=arguments)

    def put(self, index: str, width: int) -> None:
        self.indices.put(index, width)

    def settled(self, outermost: bool = True) -> dict[str, int]:
        """index → width, see `IndexWidths.settled`."""
        return self.indices.settled(outermost)

    def shape(self, node: n.Node) -> Shape:
        return getattr(self, f"of_{type(node).__name__.lower()}")(node)

    def scalar(self, node: n.Node, what: str) -> None:
        shape = self.shape(node)
        if shape not in NUMBERS:
            raise ProofError(f"{what} is a number, not of shape {shape}")

    def of_number(self, node: n.Number) -> Shape:
        return SCALAR

    def of_width(self, node: n.Width) -> Shape:
        if node.layer is not None:
            self.frame.checked("a", self.frame.number(node.layer, self.layers))
        return SCALAR

    def same(self, parts: tuple[n.Node, ...], what: str) -> Shape:
        shapes = [self.shape(part) for part in parts]
        if all(shape in NUMBERS for shape in shapes):
            return max(shapes)
        if len(set(shapes)) > 1:
            raise ProofError(f"{what} of shapes {' and '.join(map(str, dict.fromkeys(shapes)))}")
        return shapes[0]

    def of_sum(self, node: n.Sum) -> Shape:
        return self.same(node.terms, "a sum")

    def of_negative(self, node: n.Negative) -> Shape:
        return self.shape(node.body)

    def of_hadamard(self, node: n.Hadamard) -> Shape:
        shape = self.same(node.factors, "\\odot")
        if any(self.shape(factor) == SCALAR for factor in node.factors):
            raise ProofError("\\odot stands between columns, not between numbers")
        return shape

    def of_product(self, node: n.Product) -> Shape:
        result = SCALAR
        for factor in node.factors:
            shape = self.shape(factor)
            if result == SCALAR or shape == SCALAR:
                result = result or shape
            elif result[1] != shape[0]:
                raise ProofError(f"a matrix product of shapes {result} and {shape}")
            else:
                result = (result[0], shape[1])
        return result

    def of_quotient(self, node: n.Quotient) -> Shape:
        self.scalar(node.bottom, "a denominator")
        return self.shape(node.top)

    def of_power(self, node: n.Power) -> Shape:
        self.scalar(node.body, "what is raised to a power")
        return SCALAR

    def of_transpose(self, node: n.Transpose) -> Shape:
        shape = self.shape(node.body)
        if shape == SCALAR:
            raise ProofError("a number has no transpose")
        return shape[::-1]

    def of_call(self, node: n.Call) -> Shape:
        if node.name == "norm":
            shape = self.shape(node.arguments[0])
            if len(shape) != 2 or shape[1] != 1:
                raise ProofError("\\lVert … \\rVert is the length of a column; of a number write |x|")
            return SCALAR
        definition = self.scope.get(node.name)
        if definition is None and node.name not in KNOWN_FUNCTIONS:
            raise ProofError(f"{node.name} is no function that is defined above")
        if definition is not None and len(definition.arguments) != len(node.arguments):
            raise ProofError(f"{node.name} is defined for {len(definition.arguments)} variables")
        if node.primes and len(node.arguments) != 1:
            raise ProofError(f"{node.name}' needs one variable")
        shape = self.same(node.arguments, node.name)
        if len(shape) == 2 and shape[1] != 1:
            raise ProofError(
                f"{node.name} is a function of a number, or of each entry of a column: of a matrix it has other meanings"
            )
        return shape

    def of_derivative(self, node: n.Derivative) -> Shape:
        if not isinstance(node.by, n.Symbol):
            raise ProofError("a derivative is taken with respect to a symbol")
        body, by = self.shape(node.body), self.shape(node.by)
        if self.scope.is_variable(node.by) and node.by.name not in self.arguments:
            names = named_in(node.body, self.scope)
            if names and node.by.name not in names:
                raise ProofError(f"what is differentiated does not contain {node.by.name}")
        if by == SCALAR:
            return body
        if body == SCALAR:
            return by
        if body[1] != 1 or by[1] != 1:
            raise ProofError("a derivative with more than two indices: write it with indices")
        return (body[0], by[0])

    def of_gradient(self, node: n.Gradient) -> Shape:
        if node.by is not None:
            return self.of_derivative(n.Derivative(node.body, node.by))
        definition = self.scope.get(node.body.name) if isinstance(node.body, n.Call | n.Symbol) else None
        if definition is None or not definition.arguments:
            raise ProofError("\\nabla without an index is of a function of the page, such as \\nabla f(x, y)")
        self.shape(node.body)
        return (len(definition.arguments), 1)

    def of_bigsum(self, node: n.BigSum) -> Shape:
        if node.index in self.indices.found:
            raise ProofError(f"index {node.index} is bound by a sum and used outside it")
        shape, _, outer = self.sum_over(node)
        for index, found in outer.items():
            self.put(index, found)
        bound = bound_indices(node)
        inside = [(k.left, k.right) for k in n.walk(node.body) if isinstance(k, n.Kronecker)]
        self.indices.pairs += [pair for pair in inside if not bound & set(pair)]
        return shape

    def sum_over(self, node: n.BigSum) -> tuple[Shape, int, dict[str, int]]:
        """The shape of the terms, the number of values of the index, and the widths of the indices that stay free."""
        inner = self.inside(self.arguments)
        shape, upper = inner.shape(node.body), self.upper(node)
        if node.without is not None:
            inner.indices.pairs.append((node.index, node.without))
        if node.index not in free_indices(node.body):
            raise ProofError(f"the sum over {node.index} has no {node.index} in it")
        if upper is not None:
            inner.indices.found.setdefault(node.index, {upper})
        settled = inner.settled(outermost=False)
        if node.index not in settled:
            raise ProofError(f"nothing says what index {node.index} runs over")
        width = settled.pop(node.index)
        if upper is not None and upper != width:
            raise ProofError(f"the sum over {node.index} runs to {upper}, but its index has {width} values")
        return shape, width, settled

    def upper(self, node: n.BigSum) -> int | None:
        """The displayed upper end of a sum, as a number."""
        upper, sizes = node.upper, self.frame.mini_batches or (None, None)
        if upper is None:
            return None
        if isinstance(upper, n.Width):
            return self.frame.width(
                self.frame.L if upper.layer is None else self.frame.number(upper.layer, self.layers)
            )
        if isinstance(upper, n.Symbol) and upper.name in ("m", "P", "Q"):
            return {"m": self.frame.samples, "P": sizes[0], "Q": sizes[1]}[upper.name]
        if isinstance(upper, n.Number):
            return int(upper.value)
        raise ProofError("a sum ends at n_i, n, m or a number")

    def of_kronecker(self, node: n.Kronecker) -> Shape:
        self.indices.pairs.append((node.left, node.right))
        return SCALAR

    def of_entry(self, node: n.Entry) -> Shape:
        shape = self.shape(node.body)
        if shape == SCALAR or (len(node.index) == 1 and shape[1] != 1):
            raise ProofError(f"an entry with {len(node.index)} indices of something of shape {shape}")
        for index, width in zip(node.index, shape, strict=False):
            self.put(index, width)
        return SCALAR

    def of_column(self, node: n.Column) -> Shape:
        for entry in node.entries:
            self.scalar(entry, "an entry of a column")
        return (len(node.entries), 1)

    def of_matrix(self, node: n.Matrix) -> Shape:
        for entry in node.entries:
            self.scalar(entry, "an entry of a matrix")
        return (len(node.entries) // node.columns, node.columns)

    def of_cases(self, node: n.Cases) -> Shape:
        for branch in node.branches:
            for condition in branch.conditions:
                self.of_comparison(condition)
        return self.same(tuple(branch.value for branch in node.branches), "cases")

    def of_comparison(self, node: n.Comparison) -> Shape:
        for side in node.sides:
            if not (isinstance(side, n.Symbol) and side.name == "infty"):
                self.scalar(side, "what is compared")
        return SCALAR
