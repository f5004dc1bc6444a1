"""Arguments in containers: dicts, lists, tuples, namedtuples, None, and what JAX knows as a pytree where it is loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Path = tuple[Any, ...]


class Level(NamedTuple):
    """One level of a container: its parts, the words that lead to each (`['w']`, `[0]`, `.w`), their keys, and how it is built."""

    parts: Sequence[Any]
    words: Sequence[str]
    keys: Sequence[Any]
    build: Callable[[Sequence[Any]], Any]


def level(value: Any) -> Level | None:
    """The uppermost level of a container; None for what is none."""
    if isinstance(value, dict):
        keys = list(value)
        make = (
            type(value) if type(value).__module__ == "collections" and type(value).__name__ == "OrderedDict" else dict
        )
        return Level(
            list(value.values()),
            [f"[{key!r}]" for key in keys],
            keys,
            lambda parts: make(zip(keys, parts, strict=True)),
        )
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        fields, kind = list(value._fields), type(value)
        return Level(value, [f".{name}" for name in fields], fields, lambda parts: kind(*parts))
    if isinstance(value, tuple | list):
        numbers = range(len(value))
        build: Callable[[Sequence[Any]], Any] = tuple if isinstance(value, tuple) else list
        return Level(value, [f"[{k}]" for k in numbers], list(numbers), build)
    return _known_to_jax(value)


def _known_to_jax(value: Any) -> Level | None:
    """A class that a library has registered with JAX."""
    jax = sys.modules.get("jax")
    if jax is None or value is None or isinstance(value, type) or not hasattr(jax, "tree_util"):
        return None
    if jax.tree_util.all_leaves([value]):
        return None
    found, tree = jax.tree_util.tree_flatten_with_path(value, is_leaf=lambda part: part is not value)
    words = [jax.tree_util.keystr(path) for path, _ in found]
    return Level([part for _, part in found], words, list(range(len(found))), tree.unflatten)


def mapped(value: Any, visit: Callable[[Any, str, Path], Any], name: str = "", path: Path = ()) -> Any:
    """The same containers with visit(part, name, path) for everything in them that is no container."""
    found = level(value)
    if found is None:
        return visit(value, name, path)
    inner = zip(found.parts, found.words, found.keys, strict=True)
    return found.build([mapped(part, visit, name + word, (*path, key)) for part, word, key in inner])


class Unlike(ValueError):
    """What was returned has not the structure that was asked for: a clause that says where."""


def picked(value: Any, path: Path, name: str) -> Any:
    """The part of a container at a path; None where a None stands on the way to it. Raises Unlike; name: of the whole."""
    for key in path:
        if value is None:
            return None
        found = level(value)
        if found is None:
            raise Unlike(f"{name} is of type {type(value).__name__}, which has no {key!r}")
        at = next((k for k, own in enumerate(found.keys) if own == key), key if isinstance(key, int) else None)
        if at is None or at >= len(found.parts):
            known = ", ".join(repr(own) for own in found.keys)
            raise Unlike(f"{name} is a {type(value).__name__} of {known or 'nothing'}, without {key!r}")
        name, value = name + found.words[at], found.parts[at]
    return value
