"""What a function is called, and how a script gets at it: a name that it bears may be another's, as after jax.grad."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.candidate.guard import Guarded
from oracle.candidate.jax_arrays import OnJaxArrays
from oracle.candidate.tensors import OnArrays

#: jax.grad says so in the docstring of what it returns.
BY_JAX_GRAD = re.compile(r"Gradient of .* with respect to positional argument\(s\) (?P<argnums>[\d, ()]+)\.")


@dataclass(frozen=True)
class Called:
    """title: for the report. expression: for a script, below its lines: imports, or a comment on what is to be filled in."""

    title: str
    expression: str
    lines: tuple[str, ...] = ()


def called(function: Any, stand_in: str = "grad") -> Called:
    """By the name at the top of its module that leads to it, by jax.grad and jax.jit where they made it; else the script has the
    stand-in for it."""
    while isinstance(function, Guarded):
        function = function.__wrapped__
    if isinstance(function, OnArrays):
        return _on_arrays(function, called(function.function, stand_in))
    if isinstance(function, OnJaxArrays):
        on_jax = called(function.function, stand_in)
        lines = (*on_jax.lines, "from oracle.candidate.jax_arrays import OnJaxArrays")
        return Called(on_jax.title, f"OnJaxArrays({on_jax.expression})", lines)
    if hasattr(function, "inward"):
        return called(function.inward, stand_in)
    name = getattr(function, "__name__", None)
    if name is None:
        return _unknown(type(function).__name__, stand_in)
    module, qualified = getattr(function, "__module__", None) or "", getattr(function, "__qualname__", "")
    own = _at_the_top(module, qualified, function)
    if own is not None:
        return Called(own, own, () if module == "__main__" else (f"from {module} import {own}",))
    inner = getattr(function, "__wrapped__", None)
    if inner is None:
        is_local = name.isidentifier() and (qualified == name or qualified.endswith(f"<locals>.{name}"))
        return Called(name, name) if is_local else _unknown(name, stand_in)
    made = _made_by_jax(function)
    if not made:
        return _unknown(f"made from {name}", stand_in)
    of = called(inner, "fn")
    way, options = made
    lines = tuple(dict.fromkeys((*_jax(), *of.lines)))
    return Called(f"{way}({of.title}{options})", f"{way}({of.expression}{options})", lines)


def _on_arrays(function: OnArrays, own: Called) -> Called:
    """A function of tensors is called by a script with its arrays made tensors."""
    if not function.dtype:
        return own
    lines = (*own.lines, "from oracle.candidate.tensors import on_arrays")
    return Called(own.title, f"on_arrays({own.expression})", lines)


def _at_the_top(module: str, qualified: str, function: Any) -> str | None:
    """The name under which a module holds a function, the function's own if that does."""
    held = dict(vars(sys.modules[module])) if module in sys.modules else {}
    if held.get(qualified) is function:
        return qualified
    return next((name for name, value in held.items() if value is function and name.isidentifier()), None)


def _unknown(title: str, stand_in: str) -> Called:
    what = "the function that is differentiated" if stand_in == "fn" else "the function that was checked"
    return Called(title, stand_in, (f"# {stand_in} is {what}",))


def _made_by_jax(function: Any) -> tuple[str, str] | None:
    """jax.grad or jax.jit, with its options, where that is what wrapped the function last."""
    if "jax" not in sys.modules:
        return None
    if type(function).__name__ == "PjitFunction":
        return "jax.jit", ""
    code = getattr(function, "__code__", None)
    said = BY_JAX_GRAD.match(function.__doc__ or "")
    if code is None or said is None or not {"jax", "_src"} <= set(Path(code.co_filename).parts):
        return None
    argnums = said["argnums"]
    return "jax.grad", "" if argnums == "0" else f", argnums={argnums}"


def _jax() -> tuple[str, ...]:
    import jax

    wide = ('jax.config.update("jax_enable_x64", True)',) if jax.config.jax_enable_x64 else ()
    return ("import jax", *wide)
