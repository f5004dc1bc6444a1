"""torchax, without what importing it does to a process.

It renames a device of torch, turns off a fast path of its attention, sets an option of JAX and a variable of the environment, and
adds to torch's decompositions. All that is undone, and the modules are taken out of `sys.modules` again, so that whoever wants them
imports them as they are.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import torch


@functools.lru_cache(maxsize=1)
def registry() -> Mapping[Any, Any]:
    """torchax's table of operators. Raises ImportError where it is not installed."""
    with _environment_kept():
        importlib.import_module("torch._dynamo")  # torch does it itself at its first recorded call
    if "torchax" in sys.modules:
        return _table()
    with _undone():
        return _table()


def _table() -> Mapping[Any, Any]:
    importlib.import_module("torchax.ops.jaten")  # fills the table
    from torchax.ops import ops_registry

    return {
        op: entry for op, entry in ops_registry.all_aten_ops.items() if entry.is_jax_function and not entry.needs_env
    }


@contextlib.contextmanager
def _environment_kept() -> Iterator[None]:
    environment = dict(os.environ)
    try:
        yield
    finally:
        for name in set(os.environ) - set(environment):
            del os.environ[name]


@contextlib.contextmanager
def _undone() -> Iterator[None]:
    """What an import of torchax changes is as before afterwards."""
    from torch._decomp import global_decomposition_table as tables

    fast = torch.backends.mha.get_fastpath_enabled()
    kept = {name: dict(table) for name, table in tables.items()}
    rename, register, update = (
        torch.utils.rename_privateuse1_backend,
        torch._register_device_module,
        type(jax.config).update,
    )
    torch.utils.rename_privateuse1_backend = lambda name: None
    torch._register_device_module = lambda name, module: None
    type(jax.config).update = lambda self, name, value: None
    try:
        with _environment_kept():
            yield
    finally:
        torch.utils.rename_privateuse1_backend, torch._register_device_module = rename, register
        type(jax.config).update = update
        torch.backends.mha.set_fastpath_enabled(fast)
        for name, table in tables.items():
            for added in set(table) - set(kept.get(name, table)):
                del table[added]
        for name in [n for n in sys.modules if n.partition(".")[0] == "torchax"]:
            del sys.modules[name]
