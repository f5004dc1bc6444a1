"""From a name to a session: a backend shipped here, an entry point, or an attribute of a module."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

from oracle.backends.backend import Backend
from oracle.backends.held import no_exit
from oracle.backends.session import TIMEOUT, CannotRun, Session, in_process, in_program
from oracle.backends.words import printable, told
from oracle.candidate.guard import Stopped

GROUP = "manualbp.backends"
SHIPPED: Mapping[str, str] = MappingProxyType(
    {
        "manualbp": "oracle.backends.manualbp_numpy:backend",
        "jax": "oracle.backends.jax_optax:backend",
        "torch": "oracle.backends.torch_functional:backend",
        "autograd": "oracle.backends.hips_autograd:backend",
        "tinygrad": "oracle.backends.tinygrad_tensor:backend",
        "sklearn": "oracle.backends.sklearn_mlp:backend",
        "tensorflow": "oracle.backends.tensorflow_tape:backend",
        "keras": "oracle.backends.keras_layers:backend",
        "mlx": "oracle.backends.mlx_arrays:backend",
    }
)
#: Shipped programs: (file, what runs it, what to install)
PROGRAMS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {"tfjs": ("tfjs.mjs", "node", "npm install @tensorflow/tfjs, in the current directory")}
)
#: module: the distribution that brings it, where the two are named differently
DISTRIBUTIONS = {
    "jax": "jax",
    "optax": "optax",
    "torch": "torch",
    "autograd": "autograd",
    "tinygrad": "tinygrad",
    "sklearn": "scikit-learn",
    "tensorflow": "tensorflow",
    "keras": "keras tensorflow",
    "mlx": "'mlx[cpu]'",
}


def names() -> list[str]:
    """Everything that can be named without a module."""
    return sorted({*SHIPPED, *PROGRAMS, *(point.name for point in entry_points(group=GROUP))})


def opened(name: str, timeout: float | None = TIMEOUT) -> Session:
    """A session with the backend of that name. Raises CannotRun."""
    if name not in PROGRAMS:
        return in_process(find(name), timeout, module_of(name))
    file, runner, install = PROGRAMS[name]
    command = shlex.join([runner, str(Path(__file__).with_name(file))])
    try:
        return in_program(command, timeout or TIMEOUT)
    except CannotRun as error:
        raise CannotRun(f"the backend {name} needs {runner}, and {install}: {error}") from error


def find(name: str) -> Backend:
    """The backend of that name. `package.module:attribute` names a Backend or a function that makes one; modules are also
    looked for in the current directory. Raises CannotRun."""
    target = _target(name)
    found = _attempt(name, f"{target.partition(':')[0]} cannot be imported", lambda: _attribute(target))
    if not isinstance(found, Backend) and callable(found):
        found = _attempt(name, f"{name} makes no backend", found)
    if not isinstance(found, Backend):
        raise CannotRun(
            f"{name} is a {type(found).__name__}: give an oracle.backends.Backend, or a function that makes one"
        )
    return found


def module_of(name: str) -> str:
    """The module in which a name is looked for."""
    return _target(name).partition(":")[0]


def _target(name: str) -> str:
    if name in SHIPPED:
        return SHIPPED[name]
    if name in PROGRAMS:
        raise CannotRun(f"{name} is a program, and no Backend of this process")
    points = list(entry_points(group=GROUP, name=name))
    if points:
        return points[0].value
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise CannotRun(
            f"no backend {name}: give one of {', '.join(names())}, package.module:attribute, or --command 'CMD'"
        )
    return name


def _attempt(name: str, failing: str, act: Callable[[], Any]) -> Any:
    """What somebody else's code returns; CannotRun for whatever it does instead. It may not end this process."""
    try:
        with no_exit(name):
            return act()
    except (CannotRun, KeyboardInterrupt):
        raise
    except ModuleNotFoundError as error:
        raise _missing(name, error) from error
    except Stopped as error:
        raise CannotRun(f"{failing}: {printable(str(error))}") from error
    except BaseException as error:
        raise CannotRun(f"{failing}: {told(error)}") from error


def _attribute(target: str) -> Any:
    module_name, _, attribute = target.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # a command that pip installs does not look there
    found: Any = import_module(module_name)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise CannotRun(f"{module_name} has no {attribute}")
        found = getattr(found, part)
    return found


def _missing(name: str, error: ModuleNotFoundError) -> CannotRun:
    module = (error.name or str(error)).partition(".")[0]
    if module in DISTRIBUTIONS:
        return CannotRun(f"the backend {name} needs {module}: pip install {DISTRIBUTIONS[module]}")
    return CannotRun(f"the backend {name} cannot be imported: there is no module {error.name or error}")
