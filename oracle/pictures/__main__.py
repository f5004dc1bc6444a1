"""`python -m oracle.pictures [FOLDER]`: draws the pictures of the proofs anew."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from oracle.pictures.gallery import FOLDER, draw


def main(argv: Sequence[str] | None = None) -> None:
    """Draws them, and says where."""
    parser = argparse.ArgumentParser(
        prog="python -m oracle.pictures", description="Draws the pictures of the proofs anew."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="where to (default: beside the pages)")
    folder = parser.parse_args(argv).folder
    print(f"{folder}: {len(draw(folder))} pictures")


if __name__ == "__main__":
    main()
