"""Reads the definitions and the statements of proofs/formal/*.v, and evaluates their terms of real numbers with mpmath.

A grammar of what stands there: application, fun, let, if, branches, + − * / ^ and comparisons. Nothing of a proof is read.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import mpmath

Node = tuple[Any, ...]
Env = dict[str, Any]
TOKEN = re.compile(r"\s*(=>|->|<=|:=|%nat|[A-Za-z_][\w']*|\d+|[-+*/^()<:,])")
BINDERS = r"((?:\s*\([^)]*\)|\s+[\w']+)*)\s*"
DEFINITION = re.compile(r"Definition\s+([\w']+)" + BINDERS + r"(?::[^:=]+?)?:=\s*(.*?)\.(?=\s)", re.DOTALL)
THEOREM = re.compile(r"Theorem\s+([\w']+)" + BINDERS + r":\s*(.*?)\.\s*(?=Proof)", re.DOTALL)


class Theorem(NamedTuple):
    hypotheses: list[str]
    conclusion: Node
    section: tuple[str, ...]  # the variables of the section that it stands in


class Parser:
    """Coq's precedences: ^, then application's operators − and / in front, then * and /, then + and −, then comparisons."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        text = text.strip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise ValueError(f"no term: {text[at : at + 30]!r}")
            self.tokens.append(found[1])
            at = found.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if expected and token != expected:
            raise ValueError(f"{expected!r} expected, not {token!r}")
        self.at += 1
        return token

    def expression(self) -> Node:
        if self.peek() == "let":
            self.take()
            name = self.take()
            self.take(":=")
            value = self.expression()
            self.take("in")
            return ("app", ("fun", name, self.expression()), value)
        if self.peek() == "fun":
            self.take()
            names = []
            while self.peek() != "=>":
                names.append(self.take())
            self.take("=>")
            return nested(names, self.expression())
        if self.peek() == "if":
            self.take()
            condition = self.expression()
            self.take("then")
            yes = self.expression()
            self.take("else")
            return ("if", condition, yes, self.expression())
        left = self.sum()
        if self.peek() in ("<", "<="):
            return (self.take(), left, self.sum())
        return left

    def sum(self) -> Node:
        node = self.product()
        while self.peek() in ("+", "-"):
            node = (self.take(), node, self.product())
        return node

    def product(self) -> Node:
        node = self.unary()
        while self.peek() in ("*", "/"):
            node = (self.take(), node, self.unary())
        return node

    def unary(self) -> Node:
        if self.peek() in ("-", "/"):
            return ("1" + self.take(), self.unary())
        node = self.application()
        if self.peek() == "^":
            self.take()
            node = ("^", node, self.application())
        return node

    def application(self) -> Node:
        node = self.atom()
        while re.match(r"[A-Za-z_(\d]", self.peek()) and self.peek() not in ("in", "then", "else"):
            node = ("app", node, self.atom())
        return node

    def atom(self) -> Node:
        token = self.take()
        if token == "(":
            node = self.expression()
            self.take(")")
        elif token.isdigit():
            node = ("number", int(token))
        else:
            node = ("name", token)
        if self.peek() == "%nat":
            self.take()
        return node


def nested(names: list[str], body: Node) -> Node:
    for name in reversed(names):
        body = ("fun", name, body)
    return body


def parse(text: str) -> Node:
    parser = Parser(text)
    node = parser.expression()
    if parser.peek():
        raise ValueError(f"the term goes on: {parser.peek()!r}")
    return node


def evaluate(node: Node, env: Env) -> Any:
    kind, *parts = node
    if kind == "number":
        return mpmath.mpf(parts[0])
    if kind == "name":
        return env[parts[0]]
    if kind == "fun":
        name, body = parts
        return lambda value: evaluate(body, {**env, name: value})
    if kind == "if":
        return evaluate(parts[1] if evaluate(parts[0], env) else parts[2], env)
    values = [evaluate(part, env) for part in parts]
    return OPERATORS[kind](*values)


def curried(f: Callable[[Any, Any], Any]) -> Callable[[Any], Callable[[Any], Any]]:
    return lambda x: lambda y: f(x, y)


OPERATORS: dict[str, Callable[..., Any]] = {
    "app": lambda f, x: f(x),
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "^": lambda x, y: x ** int(y),
    "1-": lambda x: -x,
    "1/": lambda x: 1 / x,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
}

#: what the standard library has; RiemannInt takes the proof of integrability, of which only the end of the interval is kept
LIBRARY: Env = {
    **{name: getattr(mpmath, name) for name in ("exp", "ln", "sqrt", "tanh", "sinh", "cosh", "atan")},
    "PI": mpmath.pi,
    "Rabs": abs,
    "Rmax": curried(max),
    "Rmin": curried(min),
    "Rle_dec": curried(lambda x, y: x <= y),
    "Rlt_dec": curried(lambda x, y: x < y),
    "Sum": lambda n: lambda f: sum((f(k) for k in range(n)), mpmath.mpf(0)),
    "kronecker": curried(lambda k, j: mpmath.mpf(int(k == j))),
    "bell_integrable": lambda x: x,
}


def sources(folder: Path) -> list[str]:
    names = [word for word in (folder / "_CoqProject").read_text(encoding="utf-8").split() if word.endswith(".v")]
    return [re.sub(r"\(\*.*?\*\)", "", (folder / name).read_text(encoding="utf-8"), flags=re.DOTALL) for name in names]


def sectioned(source: str) -> list[tuple[tuple[str, ...], str]]:
    """The pieces of a file, each with the variables of its section."""
    pieces = re.split(r"^Section (\w+)\.|^End \w+\.", source, flags=re.MULTILINE)[::2]
    return [
        (tuple(v for names in re.findall(r"Variables?\s+([^.]*)\.", p) for v in variables(names)), p) for p in pieces
    ]


def variables(text: str) -> list[str]:
    grouped = re.findall(r"\(([^:)]*):", text) or [text.partition(":")[0]]
    return [name for group in grouped for name in group.split()]


def definitions(folder: Path) -> Env:
    """Every definition that is a term of real numbers, as a curried function; a section's variables come first."""
    env = dict(LIBRARY)
    for source in sources(folder):
        for section, piece in sectioned(source):
            for name, binders, body in DEFINITION.findall(piece):
                try:
                    node = nested(variables(binders), parse(body))
                except ValueError:
                    continue  # a proposition, a record
                used = [v for v in section if re.search(rf"\b{v}\b", body)]
                env[name] = evaluate(nested(used, node), env)
    env["RiemannInt"] = lambda x: mpmath.quad(env["bell"], [0, x])
    env["erf"] = lambda x: 2 / mpmath.sqrt(mpmath.pi) * env["RiemannInt"](x)
    return env


def theorems(folder: Path) -> dict[str, Theorem]:
    """Those whose conclusion is a derivative, `D f t l`, or a gradient, `is_gradient n f x g`."""
    found = {}
    for source in sources(folder):
        for section, piece in sectioned(source):
            for name, _, statement in THEOREM.findall(piece):
                *hypotheses, conclusion = re.split(r"->", statement)
                if re.match(r"\s*(D|is_gradient)\b", conclusion):
                    try:
                        found[name] = Theorem([h.strip() for h in hypotheses], parse(conclusion), section)
                    except ValueError:
                        continue  # about networks
    return found


def arguments(conclusion: Node) -> list[Node]:
    """f, x, y of the application `word f x y`."""
    parts: list[Node] = []
    while conclusion[0] == "app":
        conclusion, argument = conclusion[1], conclusion[2]
        parts.append(argument)
    return parts[::-1]
