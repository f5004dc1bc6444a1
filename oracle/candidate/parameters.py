"""What a function says that its parameters are called, where it is made of another one."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any


def with_parameters(function: Any, names: Sequence[str], one_more: Sequence[str] = ()) -> Any:
    """The function, whose signature has these names from now on, and behind them the first of `one_more` that is none of them; of
    arrays in containers, called params['w'], they are its `leaf_names`."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    every = (*names, unlike(names, one_more)) if one_more else tuple(names)
    if not all(name.isidentifier() for name in every):
        function.leaf_names = every
        return function
    function.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in every])
    return function


def unlike(names: Sequence[str], words: Sequence[str]) -> str:
    """The first of the words that is none of the names."""
    return next(word for word in words if word not in names)
