"""A user's file or module: found, and run as Python."""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from collections.abc import Iterator
from pathlib import Path

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import no_silent_exit, said


@contextlib.contextmanager
def opened(target: str) -> Iterator[tuple[types.ModuleType, Path, list[str]]]:
    """The module of a target, FILE or package.module with names after a colon, its file, and the names. Raises CannotJudge."""
    if is_module(target):
        name, _, names = target.partition(":")
        wanted = split_target(f"{name}:{names}")[1] if names else []
        with imported(name) as (module, path):
            yield module, path, wanted
        return
    path, wanted = split_target(target)
    with loaded(path) as module:
        yield module, path, wanted


def split_target(target: str) -> tuple[Path, list[str]]:
    """FILE[:COST[,GRAD]] → the file and the names."""
    if Path(target).exists() or ":" not in target:
        return Path(target), []
    file, _, names = target.rpartition(":")
    wanted = [name.strip() for name in names.split(",")]
    if not file or len(wanted) > 2 or not all(name.isidentifier() for name in wanted):
        raise CannotJudge(f"no such file: {target} (a cost and its gradient are named as in FILE:COST,GRAD)")
    return Path(file), wanted


def is_module(target: str) -> bool:
    """Whether the target, without names after a colon, is package.module rather than a file."""
    name = target.partition(":")[0]
    return not Path(name).exists() and not name.endswith(".py") and all(p.isidentifier() for p in name.split("."))


@contextlib.contextmanager
def imported(name: str) -> Iterator[tuple[types.ModuleType, Path]]:
    """A module by its name, from the current directory or where Python finds it; its relative imports work. Raises CannotJudge."""
    directory = str(Path.cwd())
    sys.path.insert(0, directory)
    try:
        try:
            with no_silent_exit():
                module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing = (
                f"no such file or module: {name}" if error.name and name.startswith(error.name) else f"{name}: {error}"
            )
            raise CannotJudge(missing) from error
        except SystemExit as error:
            raise CannotJudge(f"{name} calls {said(error).partition('(')[0]} when it is imported") from error
        except Exception as error:
            words = (str(error).strip().splitlines() or [""])[0]
            raise CannotJudge(f"{name} cannot be imported: {type(error).__name__}: {words}") from error
        file = getattr(module, "__file__", None)
        if file is None:
            raise CannotJudge(f"{name} has no file of its own: name one of its modules")
        yield module, Path(file)
    finally:
        sys.path.remove(directory)


@contextlib.contextmanager
def loaded(path: Path) -> Iterator[types.ModuleType]:
    """Runs the file as a module, with its directory on the path meanwhile, as `python FILE` has it.

    Raises CannotJudge with one sentence.
    """
    source = _read(path)
    try:
        code = compile(source, str(path), "exec")
    except SyntaxError as error:
        raise CannotJudge(f"{path}, line {error.lineno}: {type(error).__name__}: {error.msg}") from error
    except ValueError as error:
        raise CannotJudge(f"{path} is no Python file: {error}") from error
    stem = path.stem
    name = stem if stem.isidentifier() and stem not in sys.modules else f"user_file_{abs(hash(str(path)))}"
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    directory = str(path.parent.resolve())
    sys.path.insert(0, directory)
    try:
        with no_silent_exit():
            _run(code, module, path)
            yield module
    finally:
        del sys.modules[name]
        sys.path.remove(directory)


def _run(code: types.CodeType, module: types.ModuleType, path: Path) -> None:
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        raise CannotJudge(
            f"{path}{_line(error, path)} calls {said(error).partition('(')[0]} when it is run; "
            "put that under if __name__ == '__main__'"
        ) from error
    except Exception as error:
        words = (str(error).strip().splitlines() or [""])[0]
        raise CannotJudge(f"{path}{_line(error, path)}: {type(error).__name__}: {words}") from error


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise CannotJudge(f"{path} is a directory: give a Python file")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CannotJudge(f"no such file: {path}") from error
    except OSError as error:
        raise CannotJudge(f"{path} cannot be read: {error.strerror}") from error


def _line(error: BaseException, path: Path) -> str:
    """Where in the file the error arose."""
    numbers = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == str(path):
            numbers.append(step.tb_lineno)
        step = step.tb_next
    return f", line {numbers[-1]}" if numbers else ""
