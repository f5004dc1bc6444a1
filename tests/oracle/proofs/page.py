"""Pages made up for a test."""

from pathlib import Path

from oracle.proofs.check import PageReport, check_page
from oracle.proofs.citations import Citations

NETWORK = "<!-- subject: network -->\n"


def math(*blocks: str) -> str:
    return "".join(f"\n```math\n{block}\n```\n" for block in blocks)


def aligned(rows: str, condition: str = "") -> str:
    return rf"\begin{{aligned}} {rows} \end{{aligned}} {condition}"


def check(folder: Path, text: str) -> PageReport:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return check_page(page, Citations())


def complaints(folder: Path, *blocks: str, subject: str = "network") -> list[str]:
    return [p.message for p in check(folder, f"<!-- subject: {subject} -->\n{math(*blocks)}").problems]
