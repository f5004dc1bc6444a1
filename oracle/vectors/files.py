"""The files of the vectors: one for each dtype and cost, a vector a line, and a manifest with the digest of each.

`data/` of this package holds them as they are exported; what is not exactly what the manifest says is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from oracle.vectors.encoding import Malformed, decode_vector, encode_vector, whole
from oracle.vectors.flags import FLAGS
from oracle.vectors.form import check_form
from oracle.vectors.formats import FORMATS
from oracle.vectors.record import Vector

FORMAT, VERSION = "manualbp vectors", 1
MANIFEST = "manifest.json"
SCHEMA = "vectors.schema.json"
#: Fewer vectors than this in a dtype are not these vectors, whatever the manifest says.
LEAST = {"float64": 500, "float32": 500, "float16": 150, "bfloat16": 60}

#: What may be listed: plain names, in a folder or none. And which of them may hold vectors.
NAME = re.compile(r"(\w[\w.-]*/)?\w[\w.-]*", re.ASCII)
HOLDS = re.compile(rf"({'|'.join(FORMATS)})/\w+\.json|large/[\w.-]+\.json", re.ASCII)


class Damaged(ValueError):
    """A folder that holds no vectors, or not the ones that its manifest lists."""


def data_folder() -> Traversable:
    """Where the distribution keeps its vectors."""
    return package_folder() / "data"


def package_folder() -> Traversable:
    """Where the page and the schema are that go with every export."""
    return files("oracle.vectors")


def file_of(vector: Vector) -> str:
    """The name of a vector's file inside the folder."""
    return f"{vector.question.dtype}/{vector.question.head_record().cost.name}.json"


def contents(made: Iterable[Vector]) -> dict[str, bytes]:
    """Every file of the vectors by name, the manifest last."""
    by_file: dict[str, list[Vector]] = {}
    for vector in made:
        by_file.setdefault(file_of(vector), []).append(vector)
    found = {name: _file(vectors) for name, vectors in sorted(by_file.items())}
    counts = {name: len(by_file[name]) for name in found}
    return {**found, MANIFEST: manifest(found, counts)}


def manifest(found: Mapping[str, bytes], counts: Mapping[str, int]) -> bytes:
    """What lists the files, their counts of vectors and their digests."""
    listed = {
        name: {"vectors": counts[name], "sha256": hashlib.sha256(data).hexdigest()} for name, data in found.items()
    }
    about = {"format": FORMAT, "version": VERSION, "vectors": sum(counts.values()), "files": listed}
    return (json.dumps(about, indent=1) + "\n").encode()


def _file(vectors: list[Vector]) -> bytes:
    first = vectors[0].question
    used = sorted({flag for vector in vectors for flag in vector.flags})
    head = {
        "format": FORMAT,
        "version": VERSION,
        "dtype": first.dtype,
        "cost": first.head_record().cost.name,
        "count": len(vectors),
        "flags": {flag: FLAGS[flag] for flag in used},
    }
    lines = ",\n".join(_compact(encode_vector(vector)) for vector in vectors)
    opening = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    return f'{opening},\n "vectors": [\n{lines}\n ]\n}}\n'.encode()


def _compact(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parsed(data: bytes) -> Any:
    """The JSON of a file. Raises ValueError."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_number(word: str) -> None:
    """NaN and Infinity, which Python's reader takes and JSON does not know."""
    raise ValueError(word)


def read_manifest(folder: Traversable) -> dict[str, Any]:
    """The manifest of a folder, in which every name lies inside the folder and the counts add up. Raises Damaged."""
    try:
        about = parsed((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise Damaged(f"{folder} has no readable {MANIFEST}: export the vectors anew") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT or not isinstance(about.get("files"), dict):
        raise Damaged(f"{MANIFEST} of {folder} does not say {FORMAT!r}: export the vectors anew")
    if not whole(about.get("version")) or about["version"] != VERSION:
        raise Damaged(f"{folder} has version {about.get('version')!r}, and this manualbp reads version {VERSION}")
    for name, listed in about["files"].items():
        if not NAME.fullmatch(name) or not isinstance(listed, dict) or not _counted(name, listed.get("vectors")):
            raise Damaged(f"{MANIFEST} of {folder} lists {name!r} in no form that is known: export the vectors anew")
    if not whole(about.get("vectors")) or about["vectors"] != sum(e["vectors"] for e in about["files"].values()):
        raise Damaged(f"{MANIFEST} of {folder} has counts that do not add up: export the vectors anew")
    return about


def _counted(name: str, count: object) -> bool:
    """Whether a file that is listed may hold so many vectors."""
    return whole(count) and (count == 0 or (count > 0 and HOLDS.fullmatch(name) is not None))  # type: ignore[operator]


def read_listed(folder: Traversable, name: str, listed: Mapping[str, Any]) -> bytes:
    """One file, exactly as the manifest knows it. Raises Damaged."""
    try:
        data = folder.joinpath(*name.split("/")).read_bytes()
    except OSError as error:
        raise Damaged(f"{name} is listed in {MANIFEST} and cannot be read: export the vectors anew") from error
    if hashlib.sha256(data).hexdigest() != listed.get("sha256"):
        raise Damaged(f"{name} is not what {MANIFEST} says, so that its truth may be none: export the vectors anew")
    return data


def read_vectors(folder: Traversable, dtype: str | None = None) -> Iterator[Vector]:
    """The vectors of a folder, of one dtype or all, in the order of its files. Raises Damaged."""
    about = read_manifest(folder)
    for each in FORMATS if dtype is None else (dtype,):
        seen: set[str] = set()
        for name, listed in about["files"].items():
            if name.startswith(f"{each}/") and name.endswith(".json"):
                try:
                    for vector in _vectors(name, parsed(read_listed(folder, name, listed)), listed["vectors"]):
                        if vector.id in seen:
                            raise Malformed(f"{vector.id} is there twice")
                        seen.add(vector.id)
                        yield vector
                except Damaged:
                    raise
                except ValueError as error:
                    raise Damaged(f"{name} holds no vectors as they are shipped: {error}") from error
        if len(seen) < LEAST[each]:
            raise Damaged(
                f"{folder} has {len(seen)} vectors of {each}, and never fewer than {LEAST[each]}: export anew"
            )


def _vectors(name: str, data: object, count: int) -> Iterator[Vector]:
    """Those of one file's JSON. Raises Malformed."""
    dtype, _, cost = name.removesuffix(".json").partition("/")
    about = {"format": FORMAT, "version": VERSION, "dtype": dtype, "cost": cost, "count": count}
    if not isinstance(data, dict) or data.keys() != {*about, "flags", "vectors"} or not whole(data["version"]):
        raise Malformed(f"it is no object of {', '.join(about)}, flags and vectors")
    if any(data[key] != value for key, value in about.items()):
        raise Malformed(f"its format, version, dtype, cost or count is another than {MANIFEST} or its name says")
    if not isinstance(data["vectors"], list) or len(data["vectors"]) != count:
        raise Malformed(f"its vectors are not the {count} that it counts")
    if not isinstance(data["flags"], dict) or not data["flags"].keys() <= FLAGS.keys():
        raise Malformed("its flags are unknown")
    for record in data["vectors"]:
        vector = decode_vector(record)
        check_form(record, vector)
        if (record["dtype"], record["cost"]) != (dtype, cost):
            raise Malformed(f"{vector.id} is of another dtype or cost")
        yield vector
