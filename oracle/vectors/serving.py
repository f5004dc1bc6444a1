"""`manualbp vectors`: export them, check results against them, and make them anew."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from oracle.vectors.drawn import LARGER, all_drawn, digest, names
from oracle.vectors.files import (
    MANIFEST,
    SCHEMA,
    Damaged,
    contents,
    data_folder,
    file_of,
    manifest,
    package_folder,
    read_listed,
    read_manifest,
    read_vectors,
)
from oracle.vectors.large import DTYPES, large_contents, make_large, read_all
from oracle.vectors.record import Vector
from oracle.vectors.results import Checked, check_results
from oracle.vectors.write import Refused, check_writable, write_files
from oracle.workers.executors import HERE, Where

SHOWN = 20


class CannotServe(Exception):
    """One sentence: why there is no verdict."""


def run_vectors_command(
    action: str,
    folder: Path | None,
    results: str | None,
    *,
    force: bool,
    large: bool,
    drawn: int | None,
    seed: int,
    only: tuple[str, ...],
    flush_to_zero: bool,
    min_cases: int | None,
    as_json: bool,
    where: Where = HERE,
) -> int:
    """Exit code: 0 right, 1 wrong. min_cases: half of the vectors asked where it is None. Raises CannotServe."""
    try:
        if action == "export":
            return _export(_needed(folder, "export DIR"), force, large, drawn or 0, seed, as_json, where)
        if action == "regenerate":
            return _regenerate(only, as_json, where)
        source = _needed(folder, "check DIR RESULTS")
        if results is None:
            raise CannotServe("manualbp vectors check DIR RESULTS: RESULTS is missing; - reads standard input")
        return _check(source, results, only, flush_to_zero, min_cases, as_json)
    except (Damaged, Refused) as error:
        raise CannotServe(f"{error}.") from error


def _needed(folder: Path | None, usage: str) -> Path:
    if folder is None:
        raise CannotServe(f"manualbp vectors {usage}: DIR is missing.")
    return folder


def _export(folder: Path, force: bool, large: bool, count: int, seed: int, as_json: bool, where: Where) -> int:
    check_writable(folder, force=force)
    source = data_folder()
    stored = list(read_vectors(source))  # counts and decodes each, so that nothing damaged is handed on
    listed = read_manifest(source)["files"]
    files = {name: read_listed(source, name, entry) for name, entry in listed.items()}
    more, told = _made(count, seed, where)
    if more:
        files = {name: data for name, data in contents((*stored, *more)).items() if name != MANIFEST}
    counts = dict(Counter(file_of(v) for v in (*stored, *more)))
    for dtype in DTYPES if large else ():
        made = large_contents(make_large(dtype))
        files |= made
        counts |= {name: int(name.endswith(".json")) for name in made}
    beside = {name: (package_folder() / name).read_bytes() for name in (SCHEMA, "README.md")}
    files |= beside
    counts |= dict.fromkeys(beside, 0)
    files[MANIFEST] = manifest(files, counts)
    write_files(folder, files, force=force)
    total, size = sum(counts.values()), sum(map(len, files.values()))
    if as_json:
        beside_them = {"drawn": len(more), "sha256": told} if more else {}
        print(json.dumps({"folder": str(folder), "vectors": total, "files": len(files), "bytes": size, **beside_them}))
    else:
        print(
            f"{total:,} vectors in {len(files)} files, {size:,} bytes, in {folder}; README.md there says what is in them"
        )
        if more:
            print(f"{len(more)} of them were made now, sha256 {told}")
    return 0


def _made(count: int, seed: int, where: Where) -> tuple[list[Vector], str]:
    """Larger vectors of a seed, in both dtypes, and their digest."""
    try:
        made = all_drawn(names(LARGER, count, seed), where)
    except ValueError as error:
        raise CannotServe(f"--seed {seed}: {error}") from error
    return made, digest(made) if made else ""


def _check(
    folder: Path, results: str, only: tuple[str, ...], flush_to_zero: bool, min_cases: int | None, as_json: bool
) -> int:
    asked = _chosen(read_all(folder), only)
    try:
        data = sys.stdin.buffer.read() if results == "-" else Path(results).read_bytes()
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CannotServe(f"{results} is no UTF-8 text: give one JSON object a line.") from error
    checked = check_results(asked, text.split("\n"), flush_to_zero=flush_to_zero, least=min_cases)
    print(json.dumps(checked.to_dict()) if as_json else report(checked))
    return 0 if checked.right else 1


def _chosen(vectors: Sequence[Vector], only: tuple[str, ...]) -> list[Vector]:
    chosen = [v for v in vectors if not only or any(fnmatchcase(v.id, pattern) for pattern in only)]
    if not chosen:
        raise CannotServe(f"--only {' '.join(only)}: no vector has such an id.")
    return chosen


def report(checked: Checked) -> str:
    """What is wrong, a sentence each, then the counts."""
    wrong = [f"{j.id}: {j.sentence}" for j in checked.judged if not j]
    lines = [*wrong, *(p.sentence for p in checked.problems)]
    shown = lines[:SHOWN] + ([f"… and {len(lines) - SHOWN} more; --json has them all"] if len(lines) > SHOWN else [])
    judged = f"{len(checked.judged):,} of {checked.asked:,} judged"
    if len(checked.judged) < checked.least:
        shown.append(
            f"{judged}, and fewer than {checked.least:,} are no check: --only says what is asked, --min-cases how few do"
        )
    summary = ", ".join(f"{count:,} {what}" for what, count in checked.counts().items())
    return "\n".join([*shown, f"{'right' if checked.right else 'wrong'}: {judged}; {summary}"])


def _regenerate(only: tuple[str, ...], as_json: bool, where: Where) -> int:
    """Makes vectors anew in balls, and compares their bytes with those shipped."""
    from oracle.vectors.encoding import encode_vector
    from oracle.vectors.make import make_all
    from oracle.vectors.plans import plans

    ids = [id for id, *_ in plans() if not only or any(fnmatchcase(id, pattern) for pattern in only)]
    if not ids:
        raise CannotServe(f"--only {' '.join(only)}: no vector has such an id.")
    made = {v.id: v for v in make_all(ids, where)}
    kept = {v.id: v for v in read_vectors(data_folder()) if v.id in set(ids)}
    if only:
        texts = [{id: json.dumps(encode_vector(v)) for id, v in vectors.items()} for vectors in (made, kept)]
        other = sorted(id for id in texts[0].keys() | texts[1].keys() if texts[0].get(id) != texts[1].get(id))
    else:
        anew = contents(made.values())
        other = sorted(
            name for name, data in anew.items() if (data_folder().joinpath(*name.split("/"))).read_bytes() != data
        )
    if as_json:
        print(json.dumps({"verdict": "wrong" if other else "right", "vectors": len(made), "different": other}))
    else:
        print(
            "\n".join(
                [*(f"different: {name}" for name in other), f"{len(made)} vectors made anew, {len(other)} different"]
            )
        )
    return 1 if other else 0
