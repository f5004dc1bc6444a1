"""The costs of a user's file with their derivatives: by their names, by rules of their own, by the methods of a class."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.rules_by_example import carries_a_rule, rule_by_example
from oracle.check.declarations import Declared, declaration

SUFFIX = "_grad"
#: Which derivatives stand beside a function `name`, by the ends of their names.
KINDS = {"_grad": "grad", "_jvp": "jvp", "_hess": "hess", "_hvp": "hvp"}
#: What a class calls its cost, and its derivatives.
VALUES = ("__call__", "value", "loss", "cost", "fun", "fn")
METHODS = {"grad": "grad", "gradient": "grad", "hess": "hess", "hessian": "hess"}


@dataclass(frozen=True)
class Pair:
    """A cost and its gradient.

    Where `rule` names an object of the file with a rule of its own: a function of any output, and its vector–Jacobian product,
    which takes a cotangent after the arguments and returns a tuple with one array each; `asked`: in which way it is asked. kind:
    what `grad` is of fn, by the end of its name: one of KINDS.
    """

    name: str
    fn: Callable[..., Any]
    grad: Callable[..., Any]
    declared: Declared
    rule: str = ""
    asked: int = 0
    kind: str = "grad"


class NothingToJudge(CannotJudge):
    """A file without any pair, or rule."""


def pairs_in(module: types.ModuleType, wanted: list[str], path: Path) -> tuple[list[Pair], dict[str, str]]:
    """The named pair, or every pair of the file in its order, and a sentence for each that cannot be judged.

    Raises CannotJudge where there is neither.
    """
    names = vars(module)
    for name in wanted:
        if name not in names:
            raise CannotJudge(f"{path} defines no {name}; it has {_listed(names, module)}")
        if not callable(names[name]):
            raise CannotJudge(f"{name} of {path} is a {type(names[name]).__name__}, no function")
    if len(wanted) == 2:
        return [_by_name(wanted[1], names[wanted[0]], names[wanted[1]])], {}
    beside = {wanted[0], *(wanted[0] + suffix for suffix in KINDS)} if wanted else set()
    chosen = {k: v for k, v in names.items() if not wanted or k in beside}
    found, refused = _pairs(chosen, module.__name__)
    if not found and not refused:
        missing = f"no {wanted[0]}{SUFFIX}" if wanted else f"no pair of functions name and name{SUFFIX}"
        raise NothingToJudge(
            f"{path} has {missing}, no function with a rule of JAX and no torch.autograd.Function"
            f"{' of that name' if wanted else ''}; it has {_listed(names, module)}"
        )
    return found, refused


def _pairs(names: dict[str, Any], home: str) -> tuple[list[Pair], dict[str, str]]:
    from oracle.candidate.custom_rules import rules, without_rule

    found: list[Pair] = []
    refused: dict[str, str] = {}
    known: list[Any] = []
    for name, value in list(names.items()):
        cost = names.get(_without_suffix(name))
        if _without_suffix(name) and callable(cost) and callable(value):
            found.append(_by_name(name, cost, value))
        found += _of_class(name, value, home)
        code = without_rule(value)
        if any(code is other for other in known):  # the same rule under another name, jitted for one
            continue
        given = _by_example(name, value, code)
        if given is not None:
            known.append(code)
            found.append(given)
            continue
        try:
            own = rules(value)
        except CannotJudge as error:
            refused[name] = str(error)
            continue
        if own:
            known.append(code)
        for k, rule in enumerate(own):
            words = f", {rule.words}" if rule.words else ""
            said = declaration(value, code, rule.fn)
            if rule.shapes is not None and said == Declared():
                said = Declared(shapes=rule.shapes)
            if rule.argnum is not None and said.argnum is None:
                said = replace(said, argnum=rule.argnum)
            found.append(Pair(f"{name}{words}, by its own rule", rule.fn, rule.vjp, said, name, k))
    return found, refused


def _by_example(name: str, value: Any, code: Any) -> Pair | None:
    """What carries a rule, and says at which arguments it is to be asked."""
    said = declaration(value, code)
    if said.like is None or not carries_a_rule(value):
        return None
    fn, vjp = rule_by_example(value)
    return Pair(f"{name}, by its own rule", fn, vjp, said, name)


def _by_name(name: str, cost: Any, grad: Any) -> Pair:
    """A rule that cost carries is not what its gradient is held against: the truth is that of the function itself."""
    from oracle.candidate.custom_rules import without_rule

    kind = next((kind for suffix, kind in KINDS.items() if name.endswith(suffix)), "grad")
    return Pair(
        name,
        without_rule(cost),
        grad,
        declaration(grad, cost) if kind != "grad" else declaration(cost, grad),
        kind=kind,
    )


def _without_suffix(name: str) -> str:
    """The name of the function whose derivative bears this name; nothing where it is none."""
    return next((name.removesuffix(suffix) for suffix in KINDS if name.endswith(suffix) and name != suffix), "")


def _of_class(name: str, value: Any, home: str) -> list[Pair]:
    """The derivatives among the methods of a class of the file that is made without arguments."""
    if not inspect.isclass(value) or value.__module__ != home or not any(hasattr(value, m) for m in METHODS):
        return []
    cost = next((m for m in VALUES if callable(vars(value).get(m))), None)
    if cost is None:
        return []
    try:
        made = value()
    except Exception:  # it is made with something that nobody has told us
        return []
    fn = getattr(made, cost)
    return [
        Pair(
            f"{name}.{method}",
            fn,
            getattr(made, method),
            declaration(getattr(value, method), getattr(value, cost), value),
            kind=kind,
        )
        for method, kind in METHODS.items()
        if callable(getattr(value, method, None))
    ]


def _listed(names: dict[str, Any], module: types.ModuleType) -> str:
    own = [
        k
        for k, v in names.items()
        if callable(v) and not k.startswith("__") and getattr(v, "__module__", None) == module.__name__
    ]
    return ", ".join(own[:8]) + (", …" if len(own) > 8 else "") if own else "no function of its own"
