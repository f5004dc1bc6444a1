"""Keywords of the models that mean nothing here, and the one sentence on those that were given."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

#: What takes the place of steps and tolerances.
INSTEAD = "the truth is enclosed and what rounding may cost is measured: nothing is stepped or tolerated"


def ignored(dropin: Callable[..., Any], given: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentence on keywords that were set to something else than the drop-in's defaults, which are its model's; nothing where
    none was."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(dropin).parameters.items()}
    names = [name for name, value in given.items() if value is not defaults[name] and value != defaults[name]]
    if not names:
        return ()
    several = len(names) > 1
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if several else names[0]
    return (f"{listed} {'mean' if several else 'means'} nothing here: {INSTEAD}",)
