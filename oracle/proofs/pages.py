"""A page: Markdown into its fenced blocks, in order, and its sections, each about one subject."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from oracle.proofs.errors import ProofError

SUBJECT = re.compile(r"<!--\s*subject:\s*(.*?)\s*-->")


@dataclass(frozen=True)
class Block:
    """A fenced block. info: what stands after the fence, such as `python manualbp/costs.py`. line: of its first line inside."""

    info: str
    content: str
    line: int


@dataclass
class Section:
    """What stands below one subject comment. subject: such as ("cost", "hellinger") or ("network", "")."""

    subject: tuple[str, str]
    line: int
    blocks: list[Block] = field(default_factory=list)

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
    return sections(text)


def sections(text: str) -> list[Section]:
    from markdown_it import MarkdownIt

    found: list[Section] = []
    for token in MarkdownIt("commonmark").parse(text):
        line = token.map[0] + 1 if token.map else 1
        if token.type in ("html_block", "inline"):
            for match in SUBJECT.finditer(token.content):
                kind, _, name = match.group(1).partition(" ")
                found.append(Section((kind, name.strip()), line + token.content.count("\n", 0, match.start())))
        elif token.type == "fence":
            if not found:
                raise ProofError("says nowhere what it is about: begin it with <!-- subject: … -->", line)
            found[-1].blocks.append(Block(token.info.strip(), token.content, line + 1))
    if not any(block.info == "math" for section in found for block in section.blocks):
        raise ProofError("displays no ```math block")
    return found
