"""What names mean on a page: the definitions displayed so far, and the variables a formula leaves free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.own import Own
from oracle.proofs.statements import Statement
from oracle.proofs.tokens import FUNCTIONS

#: Names that always mean the same.
OF_A_NETWORK = frozenset({"a", "z", "w", "W", "b", "delta", "E", "C", "L", "m", "Delta w", "Delta W", "Delta b"})
OF_A_COLUMN = frozenset({"a", "z", "delta", "E", "C"})
#: What a section may make special, and with how many indices: the cost, and the activations of layer L.
DEFINABLE = {"a": 1, "C": 0}
ALWAYS = frozenset({"pi", "eta", "n", "e"})
Rows = tuple[tuple[Fraction, ...], ...]
#: A network in numbers: (name, layer) → rows; the layer of E is 0.
Given = Mapping[tuple[str, int], Rows]


@dataclass(frozen=True)
class Definition:
    """name_{indices}(arguments) := body. conditions: what it declares of its parameters, such as d > 0."""

    name: str
    indices: tuple[str, ...]
    arguments: tuple[str, ...]
    body: n.Node
    line: int = 0
    conditions: tuple[n.Comparison, ...] = ()


@dataclass(frozen=True)
class Scope:
    """The definitions in force. kind and name: the section's subject, such as ("cost", "hellinger"). given, own: see there."""

    kind: str = "network"
    name: str = ""
    definitions: dict[str, Definition] = field(default_factory=dict)
    given: Given = field(default_factory=dict)
    own: Own | None = None

    @property
    def layered(self) -> bool:
        return self.kind == "network"

    @property
    def columnar(self) -> bool:
        """Whether the page is about one column: a, z, δ and E of layer L."""
        return self.kind in ("cost", "head", "softmax")

    def means(self, node: n.Symbol) -> bool:
        """Whether the symbol is one of the network or column, and no variable; a bare z is a variable everywhere."""
        if node.name == "z" and not (node.index or node.layer):
            return False
        if self.layered:
            return node.name in OF_A_NETWORK
        return self.columnar and node.name in OF_A_COLUMN

    def is_variable(self, node: n.Symbol) -> bool:
        """Whether the symbol is a free number: nothing of the network, nothing that the page defines."""
        return not (node.index or node.layer or node.sample or self.means(node)) and self.get(node.name) is None

    @property
    def functions(self) -> frozenset[str]:
        return frozenset(name for name, d in self.definitions.items() if d.arguments)

    def get(self, name: str) -> Definition | None:
        return self.definitions.get(name)

    def with_definition(self, definition: Definition) -> Scope:
        return replace(self, definitions={**self.definitions, definition.name: definition})


def definition_of(statement: Statement, scope: Scope) -> Definition:
    """What a `:=` block defines. Raises ProofError where its left side is nothing that can be defined, or defined already."""
    left, body = statement.sides
    line = statement.line
    if isinstance(left, n.Call) and not left.primes:
        arguments = tuple(a.name for a in left.arguments if isinstance(a, n.Symbol) and not (a.index or a.layer))
        if len(arguments) != len(left.arguments) or len(set(arguments)) != len(arguments):
            raise ProofError("a function is defined for distinct variables, such as f(x, y)", line)
        made = Definition(left.name, (), arguments, body, line, statement.conditions)
    elif isinstance(left, n.Symbol) and left.sample is None and (left.layer is None or left.layer == n.Layer("L")):
        if any(not i.isalpha() for i in left.index) or len(set(left.index)) != len(left.index):
            raise ProofError("an entry is defined for an index, such as r_j", line)
        made = Definition(left.name, left.index, (), body, line, statement.conditions)
    else:
        raise ProofError("the left side of := is a name, a name with an index, or a function of variables", line)
    check_definable(made, scope)
    check_arguments(made, scope)
    stray = (free_indices(body) - set(made.indices)) | layer_variables(body)
    if stray:
        raise ProofError(f"the definition of {made.name} leaves {min(stray)} open", line)
    if made.name in reached(made.name, scope.with_definition(made)):
        for x in n.walk(body):
            if isinstance(x, n.Symbol) and x.layer and x.name in made.arguments:
                power = f"write ({x.name})^{x.layer}"
                raise ProofError(f"{x.name}^{x.layer} is a layer here, no power: {power}", line)
        raise ProofError(f"{made.name} is defined by itself", line)
    check_declared(made)
    return made


def check_definable(made: Definition, scope: Scope) -> None:
    """Raises ProofError for a name that has its meaning already: everywhere, in this kind of section, or by a definition above."""
    name, line = made.name, made.line
    if name in scope.definitions:
        raise ProofError(f"{name} is defined twice: first in line {scope.definitions[name].line}", line)
    if name in ALWAYS or name in (*FUNCTIONS, "erf", "erfc") or (name == "sigma" and len(made.arguments) != 1):
        raise ProofError(f"{name} has its meaning already and cannot be defined", line)
    taken = OF_A_NETWORK if scope.layered else OF_A_COLUMN if scope.columnar else frozenset()
    if name not in taken or (name == "z" and not (scope.layered or made.arguments or made.indices)):
        return
    if made.arguments:
        raise ProofError(f"{name} is a quantity of the network and no function: take another letter", line)
    if name == "a" and scope.kind == "cost":
        raise ProofError("the cost is a function of a, which cannot be defined here: take another letter", line)
    if DEFINABLE.get(name) != len(made.indices):
        raise ProofError(f"{name} has its meaning already and cannot be defined", line)


def check_arguments(made: Definition, scope: Scope) -> None:
    """Raises ProofError where a function lacks an argument and has another letter in its place, as h(a) := e^{z}."""
    letters = {x.name for x in n.walk(made.body) if isinstance(x, n.Symbol) and scope.is_variable(x)} - ALWAYS
    for argument in sorted(set(made.arguments) - letters):
        if letters - set(made.arguments):
            other = min(letters - set(made.arguments))
            raise ProofError(f"{made.name} is defined for every {argument}, but has {other} in its place", made.line)


def check_declared(made: Definition) -> None:
    """Raises ProofError where a condition is more than a word on a parameter."""
    for condition in made.conditions:
        letters = {x.name for x in n.walk(condition) if isinstance(x, n.Symbol)}
        own = sorted(letters & {*made.arguments, *made.indices})
        if own:
            raise ProofError(
                f"{made.name} is defined for every {own[0]}: write cases instead of a condition", made.line
            )
        if any(x.index or x.layer for x in n.walk(condition) if isinstance(x, n.Symbol)):
            raise ProofError("the condition of a definition is about a parameter, such as d > 0", made.line)


#: What a quantity is computed from, where the page defines nothing else.
MADE_OF = {
    "delta": ("C", "z"),
    "C": ("a", "E"),
    "a": ("sigma", "z"),
    "Delta w": ("C",),
    "Delta W": ("C",),
    "Delta b": ("C",),
}


def reached(name: str, scope: Scope) -> set[str]:
    """All that the meaning of a name rests on; the name itself, if it rests on itself."""
    found: set[str] = set()
    ahead = [name]
    while ahead:
        for other in made_of(ahead.pop(), scope):
            if other not in found:
                found.add(other)
                ahead.append(other)
    return found


def made_of(name: str, scope: Scope) -> set[str]:
    definition = scope.get(name)
    if definition is None:
        return set(MADE_OF.get(name, ())) if scope.layered or scope.columnar else set()
    own = {node for node in n.walk(definition.body) if isinstance(node, n.Symbol | n.Call)}
    names = {
        node.name
        for node in own
        if not (isinstance(node, n.Symbol) and not node.index and node.name in definition.arguments)
    }
    deep = scope.layered and any(isinstance(node, n.Symbol) and node.name == "z" and node.layer for node in own)
    return names | ({"a"} if deep else set())


def named_in(root: n.Node, scope: Scope) -> set[str]:
    """All symbols in a formula and in the definitions of what it contains; of a function without arguments, its variables."""
    found: set[str] = set()
    ahead: list[n.Node] = [root]
    while ahead:
        for node in n.walk(ahead.pop()):
            if not isinstance(node, n.Symbol | n.Call) or node.name in found:
                continue
            found |= {node.name} if isinstance(node, n.Symbol) else set()
            definition = scope.get(node.name)
            if definition is not None and isinstance(node, n.Symbol):
                found |= set(definition.arguments)
                ahead.append(definition.body)
    return found


def is_batch_mean(statement: Statement) -> bool:
    """C := (1/m) Σ C_r, which is what C of a batch means anyway."""
    left, body = statement.sides
    costs = [node for node in n.walk(body) if isinstance(node, n.Symbol) and node.name == "C"]
    return left == n.Symbol("C") and bool(costs) and all(node.index for node in costs)


def layer_variables(*roots: n.Node) -> set[str]:
    """The letters that stand for a layer, L apart."""
    found = set()
    for root in roots:
        for node in n.walk(root):
            layer = node.layer if isinstance(node, n.Symbol | n.Width) else None
            if layer is not None and layer.base not in ("", "L"):
                found.add(layer.base)
    return found


def samples(*roots: n.Node) -> set[str]:
    """The names and numerals that stand for a sample."""
    found = set()
    for root in roots:
        for node in n.walk(root):
            if isinstance(node, n.Symbol):
                found |= {node.sample} if node.sample else set()
                found |= set(node.index) if node.name == "C" else set()
    return found


def bound_indices(*roots: n.Node) -> set[str]:
    return {node.index for root in roots for node in n.walk(root) if isinstance(node, n.BigSum)}


def free_indices(node: n.Node) -> set[str]:
    """Index and sample letters that no sum around them binds."""
    found: set[str] = set()
    if isinstance(node, n.Symbol):
        found |= {i for i in (*node.index, node.sample or "1") if i.isalpha()}
    elif isinstance(node, n.Kronecker):
        found |= {i for i in (node.left, node.right) if i.isalpha()}
    elif isinstance(node, n.Entry):
        found |= {i for i in node.index if i.isalpha()}
    for child in n.children(node):
        found |= free_indices(child)
    if isinstance(node, n.BigSum):
        found = (found - {node.index}) | ({node.without} if node.without else set())
    return found
