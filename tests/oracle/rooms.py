"""The rooms of the oracle as their code has them. `python tests/oracle/rooms.py` lists them: floor, files, lines, imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ORACLE = Path(__file__).resolve().parents[2] / "oracle"
#: What may stand beside the rooms: names, the command, pytest's entry.
DOORS = {"__init__", "__main__", "cli", "pytest_plugin"}
#: How a room's docstring says what it may import.
ALLOWED = re.compile(r"^Imports: no (?:other room|rooms but (?P<rooms>[\w, ]+))\.$", re.MULTILINE)

Graph = Mapping[str, set[str]]


def modules(package: Path) -> dict[str, Path]:
    """Dotted names of all modules of a package, each with its file."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known: Mapping[str, Path]) -> dict[str, int]:
    """The modules of the package that one of them imports, at its top, in a function, for a type checker alone or by name, each
    with the first line that does."""
    found: dict[str, int] = {}

    def note(module: str, line: int) -> None:
        if module in known and module != name:
            found[module] = min(line, found.get(module, line))

    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                note(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(name, path, node)
            for alias in node.names:
                note(f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base, node.lineno)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    note(argument.value, node.lineno)
    return found


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _absolute(name: str, path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


def module_graph(package: Path) -> dict[str, set[str]]:
    """Which module imports which."""
    known = modules(package)
    return {name: set(imported(name, path, known)) for name, path in known.items()}


def room_of(module: str) -> str:
    """The room of a module, or the module itself where it stands in the hall."""
    return module.split(".")[1] if "." in module else "__init__"


def room_graph(package: Path) -> dict[str, set[str]]:
    """Which room or door imports which room."""
    graph: dict[str, set[str]] = {}
    for module, others in module_graph(package).items():
        here = room_of(module)
        graph.setdefault(here, set()).update({room_of(other) for other in others} - {here, "__init__"})
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Every import that leads back to where it came from, as the path it takes from the first name of it."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            circle = path[path.index(name) :]
            first = circle.index(min(circle))
            found.append([*circle[first:], *circle[:first], circle[first]])
        elif name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, [*path, name])
            done.add(name)

    for name in sorted(graph):
        visit(name, [])
    return found


def floors(graph: Graph) -> dict[str, int]:
    """The longest chain of imports below each, itself counted. Raises ValueError where imports go in a circle."""
    if (around := circles(graph)) != []:
        raise ValueError("imports go in a circle: " + " → ".join(around[0]))
    height: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in height:
            height[name] = 1 + max((of(other) for other in graph.get(name, ())), default=0)
        return height[name]

    return {name: of(name) for name in graph}


def rooms(package: Path) -> list[str]:
    """The folders of a package that hold code."""
    return sorted({room_of(m) for m, p in modules(package).items() if p.parent != package})


def said(package: Path, room: str) -> set[str] | None:
    """The rooms that a room's docstring allows it to import; None where it says nothing."""
    door = package / room / "__init__.py"
    docstring = ast.get_docstring(ast.parse(door.read_text(encoding="utf-8"))) if door.exists() else None
    match = ALLOWED.search(docstring or "")
    if match is None:
        return None
    return set((match["rooms"] or "").replace(" ", "").split(",")) - {""}


def complaints(package: Path) -> Iterator[str]:
    """What is out of order in the house, a sentence each: first those that name a line."""
    graph, here = room_graph(package), rooms(package)
    may = {room: said(package, room) for room in here}
    known = modules(package)
    for module, path in known.items():
        room = room_of(module)
        for other, line in sorted(imported(module, path, known).items()) if room in here else ():
            to, where = room_of(other), f"{path.relative_to(package.parent)}:{line}"
            if to == "__init__":
                yield f"{where}: {room} imports the names of {package.name}: it is to import them from their room"
            elif to != room and to not in (may[room] or ()):
                yield f"{where}: {room} imports {to}, which its __init__ does not allow"
    for name in sorted(set(graph) - set(here) - DOORS):
        yield f"{name}.py stands in the hall: it belongs into the room of its capability"
    for room in here:
        allowed = may[room]
        if allowed is None:
            yield f"{room}/__init__.py does not say what the room may import"
            continue
        for other in sorted(allowed - graph[room]):
            yield f"{room}'s __init__ allows {other}, which it does not import"
    for circle in circles(graph):
        yield "rooms import in a circle: " + " → ".join(circle)
    for circle in circles(module_graph(package)):
        yield "modules import in a circle: " + " → ".join(circle)


def listing(package: Path) -> str:
    """A line a room: its floor, files and lines, and what it imports; the lowest first."""
    graph = room_graph(package)
    height = floors(graph)
    known = modules(package)
    lines = ["floor  room        files  lines  over 200  imports"]
    for room in sorted(graph, key=lambda r: (height[r], r)):
        paths = [p for m, p in known.items() if room_of(m) == room]
        sizes = [len(p.read_text(encoding="utf-8").splitlines()) for p in paths]
        long = sum(size > 200 for size in sizes)
        imports = ", ".join(sorted(graph[room])) or "none"
        lines.append(f"{height[room]:>5}  {room:<13} {len(paths):>3} {sum(sizes):>6} {long:>9}  {imports}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(listing(ORACLE))
