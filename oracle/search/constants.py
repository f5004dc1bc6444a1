"""Constants mined from the code of a function: thresholds, clips and block lengths are written down in it.

Two sources: the bytecode, with what it reaches by closures, defaults, globals, partials and attributes; and the literals of
the jaxpr, where JAX can trace. What a comparison, max, min or clamp uses comes first.
"""

from __future__ import annotations

import dis
import functools
import inspect
import math
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

#: Objects visited at most, and entries of a container read at most: a global may hold a data set.
MOST_OBJECTS = 300
MOST_ENTRIES = 16

#: Their code is full of numbers that are nobody's thresholds; what a jaxpr keeps of them is mined there.
_LIBRARIES = {"jax", "jaxlib", "numpy", "scipy", "torch", "builtins", "functools"}

#: Arithmetic of constants that tracing leaves in the jaxpr: 1 − eps is a threshold too.
_FOLDS: dict[str, Callable[..., Any]] = {
    "convert_element_type": lambda x: x,
    "broadcast_in_dim": lambda x: x,
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
}

_CHOOSING = {"gt", "lt", "ge", "le", "eq", "ne", "max", "min", "clamp", "rem", "sign"}


@dataclass
class Mined:
    """compared: constants that a choice depends on; factors: those that multiply or divide; others: any other number of the
    code; modules: the roots of what it names.
    """

    compared: dict[float, None] = field(default_factory=dict)
    others: dict[float, None] = field(default_factory=dict)
    factors: dict[float, None] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)

    def add(self, value: Any, *, compared: bool = False, factor: bool = False) -> None:
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
            return
        try:
            number = float(value)
        except OverflowError:
            return
        if math.isfinite(number):
            (self.compared if compared else self.factors if factor else self.others).setdefault(number)

    def merged(self, other: Mined) -> Mined:
        """What either holds, this one's first."""
        return Mined(
            {**self.compared, **other.compared},
            {**self.others, **other.others},
            {**self.factors, **other.factors},
            self.modules | other.modules,
        )

    def thresholds(self) -> tuple[float, ...]:
        """Magnitudes |c| > 0, each once: those of comparisons first, factors last, fractions before integers."""
        others, factors = (sorted(group, key=lambda c: c.is_integer()) for group in (self.others, self.factors))
        return tuple(dict.fromkeys(abs(c) for c in (*self.compared, *others, *factors) if c))

    def integers(self) -> tuple[int, ...]:
        """Positive integers, each once: those of comparisons first."""
        both = dict.fromkeys((*self.compared, *self.others, *self.factors))
        return tuple(int(c) for c in both if c > 0 and c.is_integer() and c < 2**31)


def mine(*functions: Callable[..., Any]) -> Mined:
    """The constants in the code of the functions and of what they call in their own packages."""
    found = Mined()
    roots = {root for f in functions for root in _roots(f)} - _LIBRARIES
    pending: list[Any] = list(functions)
    seen: set[int] = set()
    alive: list[Any] = []  # ids are compared, so what was seen must stay
    while pending and len(alive) < MOST_OBJECTS:
        thing = pending.pop(0)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        alive.append(thing)
        pending.extend(_reached(thing, found, roots))
    return found


def mine_jaxpr(closed: Any, found: Mined) -> None:
    """Adds the literals of a closed jaxpr, and its small captured arrays."""
    for constant in closed.consts:
        for value in _numbers(constant):
            found.add(value)
    known: dict[Any, float] = {}
    for jaxpr in _jaxprs(closed.jaxpr, known):
        for eqn in jaxpr.eqns:
            choosing = eqn.primitive.name in _CHOOSING
            for atom in eqn.invars:
                value = _literal(atom, known)
                if value is not None:
                    found.add(value, compared=choosing, factor=eqn.primitive.name in ("mul", "div"))


def _literal(atom: Any, known: dict[Any, float]) -> float | None:
    if not hasattr(atom, "val"):
        return known.get(atom)
    if np.ndim(atom.val) == 0 and np.asarray(atom.val).dtype.kind in "fiu":
        return float(atom.val)
    return None


def _jaxprs(jaxpr: Any, known: dict[Any, float]) -> Iterator[Any]:
    """The jaxpr and those inside it; `known` learns which variables only carry a literal into an inner one."""
    for eqn in jaxpr.eqns:
        fold = _FOLDS.get(eqn.primitive.name)
        values = [_literal(atom, known) for atom in eqn.invars] if fold is not None else []
        if fold is not None and all(value is not None for value in values):
            with np.errstate(all="ignore"):  # a constant that overflows is no threshold
                known[eqn.outvars[0]] = float(fold(*(np.float64(value) for value in values)))
        for inner in _inner(eqn):
            if len(inner.invars) == len(eqn.invars):
                for variable, atom in zip(inner.invars, eqn.invars, strict=True):
                    value = _literal(atom, known)
                    if value is not None:
                        known[variable] = value
            yield from _jaxprs(inner, known)
    yield jaxpr


def _inner(eqn: Any) -> Iterator[Any]:
    for value in eqn.params.values():
        for part in value if isinstance(value, tuple | list) else (value,):
            part = getattr(part, "jaxpr", part)
            if hasattr(part, "eqns"):
                yield part


def _roots(function: Any) -> Iterator[str]:
    """The packages whose functions are the user's: where the function and what it wraps are defined."""
    for _ in range(8):
        if isinstance(function, functools.partial):
            function = function.func
            continue
        module = getattr(function, "__module__", None) or type(function).__module__
        if isinstance(module, str):
            yield module.partition(".")[0]
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is None:
            return
        function = wrapped


def _reached(thing: Any, found: Mined, roots: set[str]) -> Iterator[Any]:
    """Notes the numbers of one object, and yields the objects that it leads to."""
    if isinstance(thing, types.CodeType):
        _read_code(thing, found)
        yield from (c for c in thing.co_consts if isinstance(c, types.CodeType | tuple | frozenset))
    elif isinstance(thing, types.FunctionType):
        yield from _function_parts(thing, found, roots)
    elif isinstance(thing, functools.partial):
        yield from (thing.func, thing.args, thing.keywords)
    elif isinstance(thing, types.MethodType):
        yield from (thing.__func__, thing.__self__)
    elif isinstance(thing, types.ModuleType):
        found.modules.add(thing.__name__.partition(".")[0])
    elif isinstance(thing, tuple | list | set | frozenset):
        yield from list(thing)[:MOST_ENTRIES]
    elif isinstance(thing, dict):
        yield from list(thing.values())[:MOST_ENTRIES]
    elif isinstance(thing, int | float | np.integer | np.floating | np.ndarray):
        for value in _numbers(thing):
            found.add(value)
    elif hasattr(thing, "__wrapped__"):  # jit, vmap, custom_vjp, functools.wraps
        found.modules.add(type(thing).__module__.partition(".")[0])
        yield thing.__wrapped__
        yield from (getattr(thing, name, None) for name in ("fwd", "bwd", "jvp"))
    elif not isinstance(thing, type | str | bytes) and type(thing).__module__.partition(".")[0] in roots:
        yield from (vars(type(thing)).get("__call__"), getattr(thing, "__dict__", {}))


def _function_parts(function: types.FunctionType, found: Mined, roots: set[str]) -> Iterator[Any]:
    root = (function.__module__ or "").partition(".")[0]
    found.modules.add(root)
    if hasattr(function, "__wrapped__"):
        yield function.__wrapped__
    if root not in roots:
        return
    yield function.__code__
    yield from (function.__defaults__ or (), function.__kwdefaults__ or {})
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a cell not yet filled
            continue
    names = list(dict.fromkeys(_names(function.__code__)))
    for value in (function.__globals__[name] for name in names if name in function.__globals__):
        yield value
        if isinstance(value, types.ModuleType) and value.__name__.partition(".")[0] in roots:
            yield from (vars(value)[name] for name in names if name in vars(value))


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _read_code(code: types.CodeType, found: Mined) -> None:
    """Constants of the bytecode, told apart by what is done with them next; exponents are left out."""
    recent: list[Any] = []
    loaded = False  # whether the instruction before loaded the latest of them
    for instruction in dis.get_instructions(code):
        name, use = instruction.opname, instruction.argrepr.rstrip("=")
        if name == "BINARY_OP" and use == "**":
            recent = recent[:-1] if loaded else recent
        elif name in ("LOAD_CONST", "LOAD_SMALL_INT"):
            recent.append(instruction.argval)
        elif not name.startswith(("LOAD_", "UNARY_", "CACHE")) or name == "LOAD_METHOD":
            for value in reversed(recent):  # a comparison takes the latest
                compared = name == "COMPARE_OP" and value is recent[-1]
                found.add(value, compared=compared, factor=name == "BINARY_OP" and use in ("*", "/"))
            recent = []
        loaded = name in ("LOAD_CONST", "LOAD_SMALL_INT")


def _numbers(value: Any) -> list[Any]:
    """The entries of a number or small numeric array, JAX arrays too."""
    if not isinstance(value, int | float | np.integer | np.floating | np.ndarray) and not hasattr(value, "__array__"):
        return []
    if str(getattr(value, "dtype", "")).startswith("key<"):  # of random numbers: NumPy does not know them
        return []
    array = np.asarray(value)
    return list(array.ravel()) if array.dtype.kind in "fiu" and array.size <= MOST_ENTRIES else []


def signature_names(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    """What the function calls its positional arguments; x0, x1, … where it does not say. Where it was made of one that takes
    containers, what it says the arrays in these are called: params['w']."""
    inner: Any = function
    while inner is not None:
        own = getattr(inner, "__dict__", {}).get("leaf_names", ())
        if len(own) == count:
            return tuple(own)
        inner = getattr(inner, "__wrapped__", None)
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return tuple(named[k] if k < len(named) else f"x{k}" for k in range(count))
