"""A page: Markdown into its fenced blocks, in order, and its sections, each about one subject."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oracle.proofs.errors import ProofError
from oracle.proofs.own import Own, declared

#: A fence says what it holds: mathematics, code of the package or an example, an example's output.
FENCE = re.compile(r"math|python( manualbp/\S+\.py| [\w-]+\.py)?|text")
#: What a section may be about; the name of a cost, activation or head follows.
SUBJECTS = ("network", "cost", "activation", "head", "softmax", "kinks", "rounding")
SUBJECT = re.compile(r"<!--\s*subject:\s*(.*?)\s*-->")


@dataclass(frozen=True)
class Block:
    """A fenced block. info: what stands after the fence, such as `python manualbp/costs.py`. line: of its first line inside."""

    info: str
    content: str
    line: int


@dataclass
class Section:
    """What stands below one subject comment. subject: such as ("cost", "hellinger") or ("network", ""). own: see `own.py`."""

    subject: tuple[str, str]
    line: int
    blocks: list[Block] = field(default_factory=list)
    own: Own | None = None

    @property
    def layered(self) -> bool:
        return self.subject[0] == "network"


def read_page(path: Path) -> list[Section]:
    """The sections of a file. Raises ProofError with one sentence where the file is no page."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ProofError("is no text: give a Markdown file") from None
    if not text.strip():
        raise ProofError("is empty")
    return sections(text, path)


def sections(text: str, path: Path | None = None) -> list[Section]:
    """path: where the page lies, for the Python file that may lie beside it."""
    from markdown_it import MarkdownIt

    found: list[Section] = []
    for token in MarkdownIt("commonmark").parse(text):
        line = token.map[0] + 1 if token.map else 1
        if token.type in ("html_block", "inline"):
            for match in SUBJECT.finditer(token.content):
                kind, _, name = match.group(1).partition(" ")
                own = None
                if kind == "own":
                    kind, name, own = declared(name, path, line)
                if kind not in SUBJECTS:
                    raise ProofError(f"the subject {kind!r} is unknown: it is one of {', '.join(SUBJECTS)}", line)
                at = line + token.content.count("\n", 0, match.start())
                found.append(Section((kind, name.strip()), at, own=own))
        check_shown(token, line)
        if token.type == "fence":
            if not found:
                raise ProofError("says nowhere what it is about: begin it with <!-- subject: … -->", line)
            found[-1].blocks.append(Block(token.info.strip(), token.content, line + 1))
    if not any(block.info == "math" for section in found for block in section.blocks):
        raise ProofError("displays no ```math block")
    return found


def check_shown(token: Any, line: int) -> None:
    """Raises ProofError where something is displayed in a way that would escape the check."""
    if token.type == "fence" and not FENCE.fullmatch(token.info.strip()):
        said = f"```{token.info.strip()}" if token.info.strip() else "a fence without a word"
        raise ProofError(
            f"{said} is not checked: write ```math, ```python, ```python manualbp/FILE.py, ```python FILE.py or ```text",
            line,
        )
    if token.type == "code_block":
        raise ProofError("an indented block is not checked: write a fence, such as ```math", line)
    if token.type == "html_block" and ("```" in token.content or "$$" in token.content):
        raise ProofError("what is displayed inside of HTML is not checked: leave an empty line after the tag", line)
    for child in token.children or ():
        if child.type in ("text", "html_inline") and ("$$" in child.content or r"\begin{" in child.content):
            raise ProofError("$$ is not checked: write ```math", line)
