"""Writing the files of the vectors into a folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from oracle.vectors.files import FORMAT, MANIFEST, Damaged, read_manifest


class Refused(ValueError):
    """A folder that is not overwritten."""


def check_writable(folder: Path, *, force: bool = False) -> None:
    """Whether `write_files` may write there. Raises Refused."""
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is no folder")
    if folder.exists() and any(folder.iterdir()):
        if not force:
            raise Refused(f"{folder} is not empty, and nothing is overwritten: give another folder, or --force")
        _earlier(folder)


def write_files(folder: Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Writes files, by their name inside the folder, the manifest last, so that half of an export never looks like one.

    A folder that is not empty is refused, unless `force` is given and it holds an export: its listed files are then removed
    first, and nothing else. Raises Refused, OSError.
    """
    check_writable(folder, force=force)
    if folder.exists() and any(folder.iterdir()):
        _clear(folder)
    for name, data in sorted(files.items(), key=lambda item: item[0] == MANIFEST):
        path = folder.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _earlier(folder: Path) -> list[str]:
    """What an earlier export wrote, beside its manifest."""
    try:
        return list(read_manifest(folder)["files"])
    except Damaged as error:
        raise Refused(f"{folder} holds something else than {FORMAT}, and is left alone: give another folder") from error


def _clear(folder: Path) -> None:
    """Removes an earlier export."""
    names = _earlier(folder)
    (folder / MANIFEST).unlink()
    for name in names:
        folder.joinpath(*name.split("/")).unlink(missing_ok=True)
    for child in folder.iterdir():
        if child.is_dir() and not any(child.iterdir()):
            shutil.rmtree(child)
