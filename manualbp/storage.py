"""Networks in files: NumPy's .npz, read without pickle, so that opening a file never runs what is in it.

The entry `about` is JSON: the format, its version, the names of the activations and of the head, and the parameters of
the cost. The entries `weights_i` and `biases_i`, one a layer i = 2…L, are the numbers, stored bit for bit.
"""

import json
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any

import numpy as np

from manualbp.activations import ACTIVATIONS
from manualbp.costs import Cost, exponential, huber
from manualbp.heads import HEADS, Head, chained, softmax
from manualbp.network import Network, from_parameters
from manualbp.types import Array

FORMAT, VERSION = "manualbp network", 1

#: Costs with parameters, and what makes one from them.
PARAMETRIC: Mapping[str, Callable[..., Cost]] = MappingProxyType({"exponential": exponential, "huber": huber})


class DamagedFile(ValueError):
    """The file holds no network that this version can read."""


def save(net: Network, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write `net` to `path`, exactly that name; `load` gives it back bit for bit.

    FileExistsError: the file exists and `overwrite` is false, or it is a directory or a device. ValueError: the head or
    an activation is not one of manualbp.HEADS and manualbp.ACTIVATIONS, and code cannot be stored. OSError: the file
    cannot be written.
    """
    path = Path(path).resolve()  # a symbolic link stays one, and points to the new network
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{path} is no regular file, and is not replaced: give the name of a file")
    for activation in net.activations:
        if not same(ACTIVATIONS.get(activation.name), activation):
            raise ValueError(
                f"the activation {activation.name!r} is not in manualbp.ACTIVATIONS, and a file holds names, not code: "
                "use a listed activation, or store net.weights and net.biases with numpy.savez"
            )
    parameters = dict(net.head.cost.parameters)
    try:
        storable = same(_head(net.head.name, parameters), net.head)
    except (KeyError, ValueError, TypeError):
        storable = False
    if not storable:
        raise ValueError(
            f"the head {net.head.name!r} is not in manualbp.HEADS, and a file holds names, not code: "
            "use a listed head, or store net.weights and net.biases with numpy.savez"
        )
    about = {
        "format": FORMAT,
        "version": VERSION,
        "activations": [activation.name for activation in net.activations],
        "head": net.head.name,
        "parameters": parameters,
    }
    entries: dict[str, Array] = {"about": np.array(json.dumps(about))}
    for layer, (w, b) in enumerate(zip(net.weights, net.biases, strict=True), start=2):
        entries |= {f"weights_{layer}": w, f"biases_{layer}": b}
    content = BytesIO()
    np.savez(content, allow_pickle=False, **entries)
    _write(path, content.getvalue(), overwrite)


def load(path: str | os.PathLike[str]) -> Network:
    """The network that `save` wrote to `path`.

    DamagedFile (a ValueError): the file is truncated, altered, of another program or of a newer version; nothing in
    it is ever executed. OSError: the file cannot be read.
    """
    path = Path(path)
    content = path.read_bytes()
    try:
        return _parse(content)
    except DamagedFile as error:
        raise DamagedFile(f"{path}: {error}; save the network again with manualbp.storage.save") from error.__cause__


def _parse(content: bytes) -> Network:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = {info.filename: _entry(archive, info) for info in archive.infolist()}
            if len(entries) != len(archive.infolist()):
                raise DamagedFile("it holds an entry twice")
    except DamagedFile:
        raise
    # what zipfile and NumPy's reader raise for bytes that were truncated, altered or made up
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, RuntimeError, KeyError) as error:
        raise DamagedFile(f"no readable .npz archive ({_words(error)})") from error
    about = _about(entries.pop("about.npy", None))
    layers = range(2, len(about["activations"]) + 3)
    names = [f"{kind}_{layer}.npy" for layer in layers for kind in ("weights", "biases")]
    if sorted(names) != sorted(entries):
        raise DamagedFile(f"it holds the arrays {sorted(entries)}, where {sorted(names)} belong")
    try:
        return from_parameters(
            tuple(entries[f"weights_{layer}.npy"] for layer in layers),
            tuple(entries[f"biases_{layer}.npy"] for layer in layers),
            tuple(ACTIVATIONS[name] for name in about["activations"]),
            _head(about["head"], about["parameters"]),
        )
    except KeyError as error:
        raise DamagedFile(f"this version knows no activation or head named {error}") from error
    except (ValueError, TypeError) as error:
        raise DamagedFile(f"its numbers make no network ({_words(error)})") from error


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    """One array. A short entry may claim to be huge: the claim is held against the bytes before memory is taken."""
    if info.compress_type != zipfile.ZIP_STORED:
        raise DamagedFile(f"its entry {info.filename!r} is compressed, which this format never is")
    data = archive.read(info)  # verifies the checksum
    stream = BytesIO(data)
    major_minor = np.lib.format.read_magic(stream)
    if major_minor != (1, 0):
        raise DamagedFile(f"its entry {info.filename!r} has the array format {major_minor}, not (1, 0)")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject:
        raise DamagedFile(f"its entry {info.filename!r} holds pickled objects, which could run code and are never read")
    if prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise DamagedFile(f"its entry {info.filename!r} claims shape {shape} of {dtype}, but has other bytes than that")
    stream.seek(0)
    array: Array = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def _about(entry: Array | None) -> dict[str, Any]:
    if entry is None or entry.dtype.kind != "U" or entry.ndim != 0:
        raise DamagedFile("it has no entry `about`, so another program wrote it")
    try:
        about = json.loads(str(entry))
    except (ValueError, RecursionError) as error:
        raise DamagedFile("its entry `about` is no JSON") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise DamagedFile(f"its entry `about` does not say {FORMAT!r}, so another program wrote it")
    if type(about.get("version")) is not int or about["version"] != VERSION:
        raise DamagedFile(f"it has format version {about.get('version')!r}, and this manualbp reads version {VERSION}")
    activations, parameters = about.get("activations"), about.get("parameters")
    well_formed = (
        isinstance(about.get("head"), str)
        and isinstance(activations, list)
        and all(isinstance(name, str) for name in activations)
        and isinstance(parameters, dict)
        and all(type(value) is float for value in parameters.values())
    )
    if not well_formed:
        raise DamagedFile("its entry `about` lacks the names of the activations, the head or its parameters")
    return about


def _head(name: str, parameters: Mapping[str, float]) -> Head:
    """The head of that name; where its cost has other parameters than the listed one, a head made with those."""
    listed = HEADS[name]
    if dict(listed.cost.parameters) == parameters:
        return listed
    if listed.cost.name not in PARAMETRIC:
        raise ValueError(f"the cost {listed.cost.name!r} takes no parameters {dict(parameters)}")
    cost = PARAMETRIC[listed.cost.name](**parameters)
    return softmax(cost) if listed.activation == "softmax" else chained(ACTIVATIONS[listed.activation], cost)


def same(one: object, other: object) -> bool:
    """Whether two records compute the same: equal values, and functions of the same code over the same closure.

    Plain equality calls `chained(SIGMOID, QUADRATIC)` different each time it is made, for its closures are new.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, FunctionType) and isinstance(other, FunctionType):
        cells = [[cell.cell_contents for cell in f.__closure__ or ()] for f in (one, other)]
        return one.__code__ is other.__code__ and all(map(same, *cells))
    if is_dataclass(one):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return bool(one == other)


def _write(path: Path, content: bytes, overwrite: bool) -> None:
    """All of the file or none: a full disk or an interrupt leaves what was there before."""
    target = path.with_name(f".{path.name}.{os.getpid()}.partial") if overwrite else path
    try:
        file = open(target, "xb")  # noqa: SIM115 - closed below, and a failure to open must not unlink
    except FileExistsError:
        raise FileExistsError(f"{target} exists already: give another path, or overwrite=True to replace it") from None
    try:
        with file:
            file.write(content)
        if overwrite:
            os.replace(target, path)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
