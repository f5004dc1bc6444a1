"""Where pytest enters: a name that collides with nothing. Projects have an `oracle.py` of their own, and theirs comes first.

pytest loads this in every run where manualbp is installed. The fixtures are in `oracle/pytest_plugin.py`, whose file is loaded by
its path: the package `oracle` is not imported before a fixture is called.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    if name != "fixtures":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    path = Path(__file__).resolve().parents[1] / "oracle" / "pytest_plugin.py"
    spec = spec_from_file_location("manualbp_pytest_plugin", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded: install manualbp anew")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where `oracle` finds who listens
    spec.loader.exec_module(module)
    return module
