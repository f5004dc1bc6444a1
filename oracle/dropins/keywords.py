"""Keywords of the models that mean nothing here, and the one sentence on those that were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What takes the place of steps and tolerances.
INSTEAD = "the truth is enclosed and what rounding may cost is measured: nothing is stepped or tolerated"


def ignored(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentence on keywords that were set to something else than the model's defaults; nothing where none was."""
    names = [name for name, value in given.items() if value is not defaults[name] and value != defaults[name]]
    if not names:
        return ()
    several = len(names) > 1
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if several else names[0]
    return (f"{listed} {'mean' if several else 'means'} nothing here: {INSTEAD}",)
