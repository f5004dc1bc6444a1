"""A formula as one line of text, for the sentences of the checker."""

from __future__ import annotations

from typing import Any

from oracle.proofs import nodes as n

SIGNS = {"\\le": "≤", "\\ge": "≥", "\\ne": "≠", "\\approx": "≈", "\\leftarrow": "←"}
LETTERS = {"delta": "δ", "sigma": "σ", "eta": "η", "tau": "τ", "pi": "π", "lambda": "λ", "alpha": "α", "infty": "∞"}


def shown(node: Any) -> str:
    """x + y, ∂C/∂z^i_j, Σ_k (…): near to what the page displays."""
    if isinstance(node, n.Number):
        return str(node.value)
    if isinstance(node, n.Symbol):
        return named(node.name) + scripts(node)
    if isinstance(node, n.Width):
        return f"n_{node.layer}" if node.layer else "n"
    if isinstance(node, n.Sum):
        text = " + ".join(shown(term) for term in node.terms)
        return text.replace("+ -", "- ")
    if isinstance(node, n.Negative):
        return f"-{within(node.body)}"
    if isinstance(node, n.Product):
        return " ".join(within(part) for part in node.factors)
    if isinstance(node, n.Hadamard):
        return " ⊙ ".join(within(part) for part in node.factors)
    if isinstance(node, n.Quotient):
        return f"{within(node.top)}/{within(node.bottom)}"
    if isinstance(node, n.Power):
        return f"{within(node.body)}^{node.exponent}"
    if isinstance(node, n.Transpose):
        return f"{within(node.body)}^T"
    if isinstance(node, n.Call):
        inside = ", ".join(shown(argument) for argument in node.arguments)
        return f"|{inside}|" if node.name == "abs" else f"{named(node.name)}{chr(39) * node.primes}({inside})"
    if isinstance(node, n.Derivative):
        return f"∂{within(node.body)}/∂{shown(node.by)}"
    if isinstance(node, n.Gradient):
        return f"∇{'_' + shown(node.by) if node.by else ''} {within(node.body)}"
    if isinstance(node, n.BigSum):
        other = f" ≠ {node.without}" if node.without else ""
        return f"Σ_{node.index}{other} {within(node.body)}"
    if isinstance(node, n.Kronecker):
        return f"[{node.left} = {node.right}]"
    if isinstance(node, n.Entry):
        return f"[{shown(node.body)}]_{','.join(node.index)}"
    if isinstance(node, n.Comparison):
        parts = [shown(node.sides[0])]
        for sign, side in zip(node.operators, node.sides[1:], strict=True):
            parts += [SIGNS.get(sign, sign), shown(side)]
        return " ".join(parts)
    if isinstance(node, n.Column):
        return f"({', '.join(shown(entry) for entry in node.entries)})"
    if isinstance(node, n.Matrix):
        entries = [shown(entry) for entry in node.entries]
        lines = (entries[k : k + node.columns] for k in range(0, len(entries), node.columns))
        return f"({'; '.join(', '.join(line) for line in lines)})"
    if isinstance(node, n.Cases):
        return "{" + "; ".join(shown(branch) for branch in node.branches) + "}"
    conditions = ", ".join(shown(c) for c in node.conditions)
    return f"{shown(node.value)} {'if ' + conditions if conditions else 'otherwise'}"


def within(node: Any) -> str:
    """In parentheses where the formula would fall apart in a product."""
    text = shown(node)
    return (
        f"({text})" if isinstance(node, n.Sum | n.Negative | n.Product | n.Quotient | n.BigSum | n.Hadamard) else text
    )


def named(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"Δ{rest}" if first == "Delta" and rest else LETTERS.get(name, name)


def scripts(node: n.Symbol) -> str:
    above = ",".join(str(part) for part in (node.layer, node.sample) if part is not None)
    below = ",".join(node.index) if any(len(i) > 1 for i in node.index) else "".join(node.index)
    return (f"^{above}" if above else "") + (f"_{below}" if below else "")
