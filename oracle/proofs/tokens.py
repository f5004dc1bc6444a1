"""LaTeX into tokens. What is not listed here is an error, never skipped."""

import re
from dataclasses import dataclass

from oracle.proofs.errors import ProofError

#: Layout alone, without meaning.
LAYOUT = frozenset(
    {r"\left", r"\right", r"\,", r"\;", r"\!", r"\:", r"\ ", r"\quad", r"\qquad", r"\displaystyle", r"\limits"}
    | {r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\big", r"\Big", r"\nonumber", "&"}
)
KEEP_AMPERSAND = frozenset({"cases", "pmatrix"})

SMALL = "alpha beta gamma delta epsilon theta kappa lambda mu nu xi pi rho sigma tau phi varphi psi omega eta"
CAPITAL = "Phi Psi Omega Gamma Delta Lambda"
GREEK = (*SMALL.split(" "), *CAPITAL.split(" "))
FUNCTIONS = ("exp", "ln", "tanh", "sinh", "cosh", "arctan", "max", "min")
OPERATORS = (
    "frac",
    "sqrt",
    "sum",
    "partial",
    "nabla",
    "odot",
    "cdot",
    "times",
    "le",
    "ge",
    "ne",
    "leftarrow",
    "approx",
)
OTHER = ("boxed", "infty", "lVert", "rVert", "lvert", "rvert", "top", "mathsf")
COMMANDS = frozenset("\\" + name for name in (*GREEK, *FUNCTIONS, *OPERATORS, *OTHER))

PATTERN = re.compile(
    r"""(?P<space>\s+)
    | \\begin\{(?P<begin>[a-z]+)\} | \\end\{(?P<end>[a-z]+)\}
    | \\text\{(?P<text>[^{}]*)\} | \\tag\{(?P<tag>[^{}]*)\} | \\mathrm\{(?P<name>[A-Za-z]+)\}
    | (?P<kronecker>\\mathbb\{1\}) | (?P<newline>\\\\(?:\[\d+pt\])?) | (?P<command>\\[A-Za-z]+ | \\[,;!:\ ])
    | (?P<number>\d+(?:\.\d+)?) | (?P<assign>:=) | (?P<letter>[A-Za-z]) | (?P<sign>[-{}()\[\]^_'+*/=,<>.&|])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """kind: number, letter, command, name, text, tag, begin, end, newline, kronecker or sign. line: counted in the file."""

    kind: str
    text: str
    line: int


def tokenize(source: str, line: int = 1) -> list[Token]:
    """The tokens of one block that starts at that line of its file. Raises ProofError for anything unknown."""
    found: list[Token] = []
    environments: list[str] = []
    position = 0
    while position < len(source):
        match = PATTERN.match(source, position)
        at = line + source.count("\n", 0, position)
        if match is None:
            raise ProofError(f"unknown input {source[position : position + 12]!r}", at)
        position = match.end()
        kind = match.lastgroup or ""
        text = match.group(kind)
        if kind == "space":
            continue
        if kind == "command":
            if text in LAYOUT:
                continue
            if text == r"\operatorname":
                raise ProofError(r"GitHub refuses \operatorname: write \mathrm", at)
            if text not in COMMANDS:
                raise ProofError(f"unknown command {text}", at)
        if kind == "begin":
            environments.append(text)
        if kind == "end" and (not environments or environments.pop() != text):
            raise ProofError(f"\\end{{{text}}} closes nothing", at)
        if text == "&" and not (environments and environments[-1] in KEEP_AMPERSAND):
            continue
        if kind == "number" and len(text) > 1 and found and found[-1].text in ("^", "_") and found[-1].kind == "sign":
            raise ProofError(f"only the first digit of {text} is set as a script: put it in braces", at)
        found.append(Token(kind if kind != "assign" else "sign", text, at))
    if environments:
        raise ProofError(f"\\begin{{{environments[-1]}}} is never closed", line)
    return found
