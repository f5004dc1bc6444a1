"""The Python file beside an author's page: what is quoted from it, and what its functions compute, in a process of their own."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from oracle.proofs.errors import ProofError
from oracle.proofs.examples import output
from oracle.proofs.own import Own
from oracle.proofs.scope import Scope

#: How far a program in floats may be from the page: digits are for `manualbp check` to judge, a wrong formula is farther off.
CLOSE = 1e-6
#: The same, of half of all points: digits are lost at some, a wrong number is wrong at all.
CLOSE_AT_MOST_POINTS = 1e-9
#: At special points, such as 0, what is smaller than this is not told from 0.
SMALL = 1e-3
#: Numbers of the file next to which it is tried.
MOST_CONSTANTS = 6
LARGEST = 1e300


def source_of(own: Own) -> str:
    if own.file is None:
        raise ProofError("quotes a file, but no Python file with the name of this page lies beside it")
    return own.file.read_text(encoding="utf-8")


def parsed(own: Own) -> ast.Module:
    try:
        return ast.parse(source_of(own))
    except SyntaxError as error:
        name = own.file.name if own.file is not None else "the file"
        raise ProofError(f"{name} is no Python: {error.msg}, line {error.lineno}") from None


def functions(scope: Scope) -> dict[str, ast.FunctionDef]:
    """The functions of the file by what they compute: value and slope. Raises ProofError where one is missing."""
    assert scope.own is not None
    assert scope.own.file is not None
    found = {node.name: node for node in parsed(scope.own).body if isinstance(node, ast.FunctionDef)}
    for name in (scope.name, f"{scope.name}_grad"):
        if name not in found:
            raise ProofError(f"{scope.own.file.name} defines no function {name}: the page's subject needs {name}")
    return {"value": found[scope.name], "slope": found[f"{scope.name}_grad"]}


def quoted_places(name: str, content: str, scope: Scope) -> list[range]:
    """The line numbers at which the quoted lines stand in the file beside the page."""
    assert scope.own is not None
    source = source_of(scope.own)
    assert scope.own.file is not None
    if name != scope.own.file.name:
        raise ProofError(f"quotes {name}, but the file beside this page is {scope.own.file.name}")
    wanted = [line.strip() for line in content.strip().splitlines()]
    lines = [line.strip() for line in source.splitlines()]
    places = [range(k + 1, k + 1 + len(wanted)) for k in range(len(lines)) if lines[k : k + len(wanted)] == wanted]
    if not wanted or not places:
        raise ProofError(f"the quoted code does not stand in {name}")
    return places


@dataclass(frozen=True)
class Computed:
    """What a function gives for one point. numbers: flat; shape: of the array; complex: whether it has an imaginary part.

    lost: by how much each number is another one in longer floats; None where that is not known, or was not asked. changed: whether
    an argument was another one after the call.
    """

    numbers: list[float]
    shape: tuple[int, ...]
    complex: bool
    lost: list[float] | None = None
    changed: bool = False


def values(scope: Scope, points: Sequence[dict[str, Any]]) -> list[tuple[Computed, Computed]]:
    """(the value, slopes) of the author's functions at these points, computed in a process of their own.

    A point: arguments, columns as lists, and parameters by name; long: whether it is computed in longer floats, too. Raises
    ProofError where the file fails.
    """
    assert scope.own is not None
    assert scope.own.file is not None
    for node in functions(scope).values():
        letters = sorted(set(points[0]["parameters"]) - {a.arg for a in (*node.args.args, *node.args.kwonlyargs)})
        if letters:
            raise ProofError(f"{node.name} has no keyword {letters[0]}, which is a letter of the page's definition")
    name = scope.own.file.name
    result = output(driver(scope, source_of(scope.own), points))
    if result.get("error"):
        raise ProofError(f"{name} {result['error']}")
    try:
        found = [tuple(computed(part) for part in both) for both in json.loads(result["out"].splitlines()[-1])]
    except (ValueError, TypeError, IndexError, KeyError):
        found = []
    if len(found) != len(points):
        raise ProofError(f"{name} does not let its functions be run to the end")
    return [(value, slopes) for value, slopes in found]


def driver(scope: Scope, source: str, points: Sequence[dict[str, Any]]) -> str:
    assert scope.own is not None
    assert scope.own.file is not None
    return DRIVER.format(source=source, file=scope.own.file.name, name=scope.name, points=json.dumps(points))


def computed(part: dict[str, Any]) -> Computed:
    lost = part["lost"]
    return Computed(
        list(map(float, part["numbers"])),
        tuple(part["shape"]),
        bool(part["complex"]),
        None if lost is None else list(map(float, lost)),
        bool(part["changed"]),
    )


def constants(own: Own) -> list[float]:
    """The numbers in the file, which may be thresholds: the largest and the smallest ones first.

    Taken from the compiled file: there, 1 << 6 and 2.0**5 are one number.
    """
    parsed(own)
    ahead, found = list[object]([compile(source_of(own), "own", "exec", dont_inherit=True)]), set[float]()
    while ahead:
        x = ahead.pop()
        if isinstance(x, CodeType | tuple | frozenset):
            ahead += x.co_consts if isinstance(x, CodeType) else x
        elif isinstance(x, int | float) and not isinstance(x, bool) and abs(x) < LARGEST:
            found.add(abs(float(x)))
    told = [x for x in found if math.isfinite(x) and x not in (0.0, 1.0)]
    return sorted(told, key=lambda x: -abs(math.log(x)))[:MOST_CONSTANTS]


#: The file runs in a namespace of its own, so that no name of it is one of these lines'.
DRIVER = """
import inspect, json, numpy as np

own = {{"__name__": "own"}}
exec(compile({source!r}, {file!r}, "exec"), own)

def called(f, point, kind=float):
    named = inspect.signature(f).parameters
    given = [np.array(column, dtype=kind) for column in point["columns"]]
    before = [column.copy() for column in given]
    result = f(*given, **{{k: v for k, v in point["parameters"].items() if k in named}})
    return result, not all(np.array_equal(x, y) for x, y in zip(given, before))

def lost(f, point, flat):
    if not point.get("long") or np.finfo(np.longdouble).eps > 1e-18:
        return None
    try:
        longer = np.asarray(called(f, point, np.longdouble)[0])
    except Exception:
        return None
    if longer.dtype != np.longdouble or longer.size != len(flat):
        return None
    return [float(abs(x - np.longdouble(y))) for x, y in zip(np.ravel(longer), flat)]

def numbers(f, point):
    x, changed = called(f, point)
    x = np.asarray(x)
    beside = bool(np.iscomplexobj(x) and np.any(x.imag != 0))
    flat = [float(v) for v in np.ravel(np.asarray(x.real if np.iscomplexobj(x) else x, dtype=float))]
    shape = list(x.shape)
    return {{"numbers": flat, "shape": shape, "complex": beside, "changed": changed, "lost": lost(f, point, flat)}}

points = json.loads({points!r})
print(json.dumps([[numbers(own[f], p) for f in ({name!r}, {name!r} + "_grad")] for p in points]))
"""


def agree(mine: Sequence[float], theirs: Sequence[float], close: float = CLOSE, least: float = 0.0) -> bool:
    """Whether all entries are close, measured by the largest, or by `least` if that is larger."""
    scale = max((abs(x) for x in mine), default=0.0)
    within = close * max(scale, least)
    return len(mine) == len(theirs) and all(abs(x - y) <= within for x, y in zip(mine, theirs, strict=True))
