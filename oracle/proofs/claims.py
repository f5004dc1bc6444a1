"""What must be proved: every cost, activation and head of `manualbp`, the four equations, the updates; and every boxed equation.

The first part is generated from the package. The second is the list `claims.txt`, a line for each boxed equation of the pages,
so that none is lost; `python -m oracle.proofs` writes it anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import manualbp
from oracle.proofs import nodes as n
from oracle.proofs.conditions import holds
from oracle.proofs.domains import domains_of
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.places import places
from oracle.proofs.proved import renamed
from oracle.proofs.scope import Scope, free_indices
from oracle.proofs.section import declarations
from oracle.proofs.shapes import frames
from oracle.proofs.statements import Statement, parse_statement
from oracle.proofs.tokens import tokenize

LIST = Path(__file__).with_name("claims.txt")

#: Of every network; each must stand boxed, as it is here, on a page about networks.
EQUATIONS = {
    "BP1": r"\delta^L = \nabla_{a^L} C \odot \sigma'(z^L)",
    "BP2": r"\delta^i = \left( (W^{i+1})^T \delta^{i+1} \right) \odot \sigma'(z^i)",
    "BP3": r"\frac{\partial C}{\partial W^i} = \delta^i (a^{i-1})^T",
    "BP4": r"\frac{\partial C}{\partial b^i} = \delta^i",
    "BP3 of a batch": r"\frac{\partial C}{\partial W^i} = \frac{1}{m} \sum_{r=1}^{m} \delta^{i,r} (a^{i-1,r})^T",
    "BP4 of a batch": r"\frac{\partial C}{\partial b^i} = \frac{1}{m} \sum_{r=1}^{m} \delta^{i,r}",
    "the update of weights": r"w^i_{jk} \leftarrow w^i_{jk} + \Delta w^i_{jk}",
    "the update of biases": r"b^i_j \leftarrow b^i_j + \Delta b^i_j",
}
#: The left side that a record's box must have; its right side holds no derivative, and nothing that is forbidden.
LEFT_SIDES = {
    "activation": r"\sigma'(z) = 0",
    "cost": r"\frac{\partial C}{\partial a_j} = 0",
    "head": r"\delta_j = 0",
}
SOFTMAX = (r"\frac{\partial a_k}{\partial z_j} = 0", r"\delta_j = 0")
FORBIDDEN = frozenset({"delta"})

Box = tuple[str, Scope, Statement]


@dataclass(frozen=True)
class Requirement:
    """A box wanted in a section about (kind, name). derivatives: whether its right side may hold ∂C/∂a."""

    what: str
    kind: str
    name: str
    left: n.Node
    derivatives: bool = False


def requirements() -> Iterator[Requirement]:
    """One for each record of the package; chained and softmax heads follow from BP1 and from the page on softmax."""
    records = [("activation", name) for name in manualbp.ACTIVATIONS] + [("cost", name) for name in manualbp.COSTS]
    records += [("head", name) for name, head in manualbp.HEADS.items() if head.form == "fused"]
    for kind, name in records:
        left = parse_statement(LEFT_SIDES[kind], 0, False, frozenset()).sides[0]
        yield Requirement(f"the {kind} {name}", kind, name, left)
    for source in SOFTMAX:
        left = parse_statement(source, 0, False, frozenset()).sides[0]
        yield Requirement(f"{source.removesuffix(' = 0')} of softmax", "softmax", "", left, derivatives=True)


def missing(boxes: Sequence[Box]) -> list[str]:
    """A sentence for each thing that must be proved and is not."""
    lost = {name: source for name, source in EQUATIONS.items() if not stands(source, boxes)}
    found = [f"{name} is boxed in no section about every network: {source}" for name, source in lost.items()]
    return found + [complaint for wanted in requirements() if (complaint := unmet(wanted, boxes))]


#: Names of a network: where a section defines one of them, its equations hold for that σ or C alone.
SPECIAL = frozenset({"sigma", "C", "a", "z", "E", "w", "W", "b", "delta", "L", "m"})


def stands(source: str, boxes: Sequence[Box]) -> bool:
    """Whether that equation is boxed in a section about every network, which defines no σ or C of its own."""
    wanted = parse_statement(source, 0, True, frozenset())
    return any(
        scope.layered
        and not SPECIAL & set(scope.definitions)
        and (box.sides, box.relations) == (wanted.sides, wanted.relations)
        for _, scope, box in boxes
    )


def unmet(wanted: Requirement, boxes: Sequence[Box]) -> str | None:
    subject = wanted.kind, wanted.name
    here = [(scope, box) for _, scope, box in boxes if (scope.kind, scope.name) == subject and scope.own is None]
    if not here:
        return f"{wanted.what} is proved on no page"
    fitting = [
        (scope, box) for scope, box in here if is_left(box.sides[0], wanted.left) and says_something(box, wanted)
    ]
    if not fitting:
        return f"{wanted.what} has no boxed derivative whose right side is free of derivatives and δ"
    if not cover(fitting):
        return f"{wanted.what}: the conditions of its boxed derivatives do not cover every case"
    return None


def is_left(left: n.Node, wanted: n.Node) -> bool:
    mine, theirs = sorted(free_indices(left)), sorted(free_indices(wanted))
    if len(mine) != len(theirs):
        return False
    orders = (mine, mine[::-1])
    return any(renamed(wanted, dict(zip(theirs, order, strict=True))) == left for order in orders)


def says_something(box: Statement, wanted: Requirement) -> bool:
    for node in n.walk(box.sides[-1]):
        if isinstance(node, n.Symbol) and node.name in FORBIDDEN:
            return False
        if isinstance(node, n.Call) and node.primes:
            return False
        if isinstance(node, n.Gradient) or (isinstance(node, n.Derivative) and not allowed(node, wanted)):
            return False
    return True


def allowed(node: n.Derivative, wanted: Requirement) -> bool:
    return wanted.derivatives and isinstance(node.body, n.Symbol) and node.body.name == "C" and node.by.name == "a"


def cover(fitting: Sequence[tuple[Scope, Statement]]) -> bool:
    """Whether on every draw the conditions of some box hold."""
    scope, first = fitting[0]
    declared = tuple(declarations(scope))
    if any(set(box.conditions) <= set(declared) for _, box in fitting):
        return True
    draws = Draws(scope, domains_of(scope))
    open_claim = replace(first, conditions=declared)
    for number in range(12):
        for frame in frames(scope, open_claim.sides):
            try:
                for place in places(draws, "floats", frame, open_claim, number=number):
                    if not any(holds(box.conditions, place.evaluator) for _, box in fitting):
                        return False
            except (Resample, ProofError):
                continue
    return True


# the list of all boxed equations


def line_of(page: str, statement: Statement) -> str:
    """page: LaTeX of the box without layout, as it stands in the list."""
    return f"{page}: {' '.join(token.text if token.kind != 'text' else token.text.strip() for token in tokenize(statement.source))}"


def listed() -> list[str]:
    return LIST.read_text(encoding="utf-8").splitlines() if LIST.is_file() else []


def differences(pages: Sequence[str], boxes: Sequence[Box]) -> list[tuple[str, str]]:
    """(page, sentence) for every box of these pages that is listed and missing, or stands there unlisted.

    A page without a number is an author's own, and on no list.
    """
    pages = [page for page in pages if page[:1].isdigit()]
    boxes = [box for box in boxes if box[0][:1].isdigit()]
    have = Counter(line_of(page, box) for page, _, box in boxes)
    want = Counter(line for line in listed() if line.partition(":")[0] in pages)
    gone = [
        (line.partition(":")[0], f"a boxed equation is gone:{line.partition(':')[2]}")
        for line in (want - have).elements()
    ]
    new = [
        (line.partition(":")[0], f"a boxed equation is not on the list of claims (claims.txt):{line.partition(':')[2]}")
        for line in (have - want).elements()
    ]
    return gone + new


def lost_pages(pages: Sequence[str]) -> list[str]:
    """The pages of the list that are not among these."""
    return sorted({line.partition(":")[0] for line in listed()} - set(pages))
