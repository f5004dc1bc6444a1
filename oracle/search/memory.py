"""Failing arguments are kept in Hypothesis's example database and tried first next time.

The directory is Hypothesis's own (`.hypothesis/`), and so is the choice to have none: a profile without a database, such as the
one Hypothesis loads on continuous integration, turns this off too. Nothing is written before something fails.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from oracle.candidate.guard import Guarded
from oracle.candidate.tensors import OnArrays
from oracle.search.lengths import shape_of_length
from oracle.search.problem import Arguments, Problem
from oracle.search.shrink import inside

#: "default": that of Hypothesis's current settings; None: neither read nor write; or an ExampleDatabase.
Database = Any
DEFAULT: Literal["default"] = "default"

VERSION = 1
MOST_RECALLED = 10


def remember(problem: Problem, args: Arguments, database: Database = DEFAULT) -> None:
    """Keeps the arguments of a failure."""
    store = _opened(database)
    if store is not None:
        store.save(key_of(problem), encode(args))


def forget(problem: Problem, args: Arguments, database: Database = DEFAULT) -> None:
    """Removes arguments that fail no longer."""
    store = _opened(database)
    if store is not None:
        store.delete(key_of(problem), encode(args))


def recall(problem: Problem, database: Database = DEFAULT) -> list[Arguments]:
    """Arguments that failed before, the smallest first; entries that cannot be read are removed.

    Those that the domains, lengths or shapes of today do not allow are passed over.
    """
    store = _opened(database)
    if store is None:
        return []
    key = key_of(problem)
    found = []
    for entry in sorted(store.fetch(key)):
        args = decode(entry)
        if args is None:
            store.delete(key, entry)
        elif _fits(problem, args):
            found.append(args)
    return sorted(found, key=lambda args: sum(x.size for x in args))[:MOST_RECALLED]


def key_of(problem: Problem) -> bytes:
    """The same for the same functions, by module and qualified name, domains and argnum.

    The source counts only for lambdas and local functions, which share their names: else the example would be lost with the fix
    that it is meant to test.
    """
    parts = [_identity(problem.fn), _identity(problem.grad), str(problem.argnum)]
    parts += [
        f"{d.name} {d.low} {d.high} {d.closed} {d.kind}" + (f" {d.condition}" if d.condition is not None else "")
        for d in problem.domains
    ]
    return b"oracle.check_gradient." + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32].encode()


def _identity(function: Callable[..., Any]) -> str:
    while isinstance(function, functools.partial | Guarded | OnArrays):
        function = function.func if isinstance(function, functools.partial) else function.__wrapped__
    named = function if hasattr(function, "__qualname__") else type(function)
    name = f"{named.__module__}.{named.__qualname__}"
    if "<" not in name:
        return name
    code = getattr(function, "__code__", None)
    name += code.co_code.hex() if code is not None else ""  # two lambdas in one line share their source
    try:
        return name + inspect.getsource(function)
    except (OSError, TypeError):
        return name


def encode(args: Arguments) -> bytes:
    """Shapes, and entries as hexadecimal floats, as JSON; the dtype where it is another than float64."""
    arrays: list[dict[str, Any]] = [
        {"shape": list(x.shape), "entries": [float(v).hex() for v in x.flat]}
        | ({} if x.dtype.kind == "f" else {"dtype": x.dtype.name})
        for x in args
    ]
    return json.dumps({"version": VERSION, "arguments": arrays}).encode()


def decode(entry: bytes) -> Arguments | None:
    """The arguments, or None for an entry that is damaged or of another version."""
    try:
        data = json.loads(entry)
        if data["version"] != VERSION:
            return None
        args = []
        for array in data["arguments"]:
            shape = tuple(int(n) for n in array["shape"])
            entries = [float.fromhex(v) for v in array["entries"]]
            if len(entries) != math.prod(shape) or any(n < 0 for n in shape):
                return None
            args.append(np.array(entries, dtype=np.float64).reshape(shape).astype(array.get("dtype", "float64")))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return tuple(args)


def _fits(problem: Problem, args: Arguments) -> bool:
    if problem.product is not None:
        return len(args) > 1 and _fits(problem.product.primal, args[:-1]) and inside(problem, args)
    if len(args) != len(problem.domains):
        return False
    shapes = tuple(x.shape for x in args)
    if problem.shapes is not None:
        right = shapes == tuple(tuple(s) for s in problem.shapes)
    elif problem.sizes is not None:
        right = problem.sizes.of(shapes) is not None
    else:
        alike = shapes == tuple(
            shape_of_length(d, s[-1] if s else 0) for d, s in zip(problem.domains, shapes, strict=True)
        )
        right = any(d.kind == "drawn" for d in problem.domains) or (alike and len({s[-1] for s in shapes}) == 1)
    return right and inside(problem, args)


def _opened(database: Database) -> Any:
    if database is None:
        return None
    if isinstance(database, str):
        if database != DEFAULT:
            raise ValueError(f"database {database!r}: give 'default', None, or a Hypothesis ExampleDatabase")
        try:
            import hypothesis
        except ImportError:  # an extra that is not installed: then nothing is kept
            return None
        settings = hypothesis.settings.default
        return settings.database if settings is not None else None
    return database
