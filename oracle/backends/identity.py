"""Which backend it is that answers, to the byte: a digest that changes when its code does.

A journal's answers are taken up for the same backend alone (`oracle.conform.journal`). What is outside of the files that are looked
at here (an installed framework, a model that is loaded, a library elsewhere) has its version in the backend's own `version`.
"""

from __future__ import annotations

import functools
import hashlib
import shlex
import shutil
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from oracle.backends.backend import Backend

#: What is loaded without being a module.
LIBRARIES = (".so", ".dylib", ".dll", ".pyd")
#: A folder of more files than this is looked at no further: the files that were named count alone.
MOST_FILES = 2000


def of_backend(backend: Backend, module: str = "") -> str:
    """Of the module that was named, that of its function, every module loaded from their folders, and the libraries there."""
    function = backend.run
    while isinstance(function, functools.partial):
        function = function.func
    owner = getattr(function, "__module__", None) or type(function).__module__
    named = {name for name in (module, owner) if name in sys.modules}
    files = {file for name in named if (file := _file(name)) is not None}
    folders = {file.parent for file in files} - _installed()
    beside = {
        file
        for name in list(sys.modules)
        if (file := _file(name)) is not None
        and not folders.isdisjoint(file.parents)
        and not _in_packages(file, folders)
    }
    libraries = {file for folder in folders for file in _few(folder) if file.suffix in LIBRARIES}
    return digest(repr(backend.capabilities), backend.version, files=files | beside | libraries)


def of_command(command: str) -> str:
    """Of the words, the files that they name (the program, scripts, `-m module`), and files of the same kind beside a script."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    files: set[Path] = set()
    for k, word in enumerate(words):
        found = shutil.which(word) if k == 0 else None
        for path in (Path(found or word), Path(f"{word.replace('.', '/')}.py")):
            if _is_file(path):
                files.add(path.resolve())
    scripts = [file for file in files if file.suffix and file.suffix not in (".exe", ".bat")]
    beside = {f for script in scripts for f in _few(script.parent) if f.suffix == script.suffix}
    return digest(command, files=files | beside)


def digest(*words: str, files: Iterable[Path]) -> str:
    """Of words, and of the names and bytes of files."""
    found = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        found.update(f"\0{file.name}\0".encode())
        try:
            with file.open("rb") as data:
                found.update(hashlib.file_digest(data, "sha256").digest())
        except OSError:  # gone, or not ours to read: its name counts
            continue
    return found.hexdigest()


def _file(module: str) -> Path | None:
    name = getattr(sys.modules.get(module), "__file__", None)
    return Path(name).resolve() if isinstance(name, str) else None


def _few(folder: Path) -> Iterator[Path]:
    """The files of a folder, or none where there are too many."""
    try:
        found = [file for file in folder.iterdir() if file.is_file()]
    except OSError:
        return
    if len(found) <= MOST_FILES:
        yield from found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


@functools.cache
def _installed() -> frozenset[Path]:
    """Folders in which the packages of many lie side by side."""
    paths = sysconfig.get_paths()
    names = (paths["purelib"], paths["platlib"], paths["stdlib"], *site.getsitepackages(), site.getusersitepackages())
    return frozenset(Path(name).resolve() for name in names)


def _in_packages(file: Path, folders: set[Path]) -> bool:
    """Whether a file lies in an installed package of others that happens to be beneath one of the folders."""
    return any(root in file.parents and not any(root in (f, *f.parents) for f in folders) for root in _installed())
