"""Folders that are no export: refused in one sentence, with exit code 2, here and by the reader in JavaScript alike."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from oracle.cli import main
from oracle.vectors.files import MANIFEST, SCHEMA, Damaged, read_vectors
from oracle.vectors.large import read_all, read_large

NODE = shutil.which("node")
PORTS = Path(__file__).parents[2] / "ports"
NAME = "float64/huber.json"
LARGE = "large/784-30-10-float64.json"
READS = """
import { readVectors } from "PORTS/folder.mjs";
const found = process.argv.slice(1).map((folder) => {
  try { return readVectors(folder).size } catch (error) { return error.message }
});
console.log(JSON.stringify(found));
"""


def edit(change, name=NAME):
    """A change of the JSON of one file, its digest renewed."""

    def write(folder, about):
        data = json.loads((folder / name).read_bytes())
        data = change(data) or data
        return replaced(json.dumps(data), name)(folder, about)

    return write


def replaced(text, name=NAME):
    def write(folder, about):
        (folder / name).unlink()
        (folder / name).write_text(text, encoding="utf-8")
        about["files"][name]["sha256"] = hashlib.sha256(text.encode()).hexdigest()

    return write


def record(change):
    """A change of one vector, of three layers of three neurons and two samples."""

    def write(folder, about):
        lines = (folder / NAME).read_text(encoding="utf-8").split("\n")
        first = next(k for k, line in enumerate(lines) if line.startswith('{"id":'))
        vector = json.loads(lines[first].removesuffix(","))
        change(vector)
        lines[first] = json.dumps(vector) + ","
        replaced("\n".join(lines))(folder, about)

    return write


def listed(change):
    return lambda folder, about: change(about) and None


def outside(folder, about):
    shutil.copy(folder / "README.md", folder.parent / "x.json")
    about["files"]["float64/../../x.json"] = {"vectors": 0, "sha256": about["files"]["README.md"]["sha256"]}


def removed(data):
    data["vectors"].pop()


def both_counts(folder, about):
    """A vector gone, the file's counts made to fit, the sum not."""
    edit(lambda data: data["vectors"].pop() and data.update(count=data["count"] - 1))(folder, about)
    about["files"][NAME]["vectors"] -= 1


def twice(data):
    data["vectors"][1] = data["vectors"][0]


BROKEN = {
    "no such file": lambda folder, about: (folder / NAME).unlink(),
    "another digest": listed(lambda a: a["files"][NAME].update(sha256="0")),
    "a file that is a number": listed(lambda a: a["files"].update({NAME: 3})),
    "a file that is null": listed(lambda a: a["files"].update({NAME: None})),
    "a name with NUL": listed(lambda a: a["files"].update({"float64/\0.json": {"vectors": 0, "sha256": ""}})),
    "a name that leads outside": outside,
    "a name from the root": listed(lambda a: a["files"].update({"/etc/x.json": {"vectors": 0, "sha256": ""}})),
    "vectors in a file of another name": listed(lambda a: a["files"]["README.md"].update(vectors=1)),
    "a total that is another": listed(lambda a: a.update(vectors=a["vectors"] + 1)),
    "a count below 0": listed(lambda a: a["files"][NAME].update(vectors=-1)),
    "a count that is true": listed(lambda a: a["files"][LARGE].update(vectors=True)),
    "version true": listed(lambda a: a.update(version=True)),
    "version 2": listed(lambda a: a.update(version=2)),
    "no list of files": listed(lambda a: a.update(files=[])),
    "no schema": listed(lambda a: a["files"].pop(SCHEMA) and None),
    "file: {": replaced("{"),
    "file: {}": replaced("{}"),
    "file: []": replaced("[]"),
    "file: nested": replaced("[" * 100_000),
    "file: a byte order mark": replaced("\ufeff{}"),
    "file: vectors a number": edit(lambda data: {"vectors": 3}),
    "file: vectors a number, else whole": edit(lambda data: data.update(vectors=3)),
    "file: version true": edit(lambda data: data.update(version=True)),
    "file: another dtype": edit(lambda data: data.update(dtype="float32")),
    "file: another cost": edit(lambda data: data.update(cost="quadratic")),
    "file: a vector gone": edit(removed),
    "file: a vector gone and counted so": edit(lambda data: removed(data) or data.update(count=data["count"] - 1)),
    "file: a vector gone, the total left": both_counts,
    "file: an id twice": edit(twice),
    "file: unknown flags": edit(lambda data: data["flags"].update(special="?")),
    "file: null for a vector": edit(lambda data: data["vectors"].__setitem__(0, None)),
    "infinite allowance": record(lambda v: v["allowance"].update(cost=float("inf"))),
    "allowance beyond the range": replaced("", NAME),
    "allowance 0": record(lambda v: v["allowance"]["nabla_w"][0].__setitem__(0, 0)),
    "allowance in words": record(lambda v: v["allowance"]["nabla_w"][0].__setitem__(0, "1")),
    "allowance true": record(lambda v: v["allowance"].update(cost=True)),
    "an allowance too few": record(lambda v: v["allowance"]["deltas"][0].pop() and None),
    "sizes": record(lambda v: v["sizes"].__setitem__(0, 7)),
    "sizes too few": record(lambda v: v["sizes"].pop() and None),
    "samples": record(lambda v: v.update(samples=9)),
    "parameters none": record(lambda v: v.update(parameters={})),
    "parameters other": record(lambda v: v.update(parameters={"tau": 1.0})),
    "parameters a list": record(lambda v: v.update(parameters=[])),
    "parameters below 0": record(lambda v: v.update(parameters={"threshold": -1.0})),
    "parameters huge": record(lambda v: v.update(parameters={"threshold": 10**400})),
    "flags a number": record(lambda v: v.update(flags=3)),
    "flags of numbers": record(lambda v: v.update(flags=[3])),
    "flags unknown": record(lambda v: v.update(flags=["special"])),
    "catches unknown": record(lambda v: v["catches"].append("bad luck")),
    "catches twice": record(lambda v: v["catches"].append(v["catches"][0])),
    "catches two": record(lambda v: v.update(catches=v["catches"][:2])),
    "head unknown": record(lambda v: v.update(head="arctan+nothing")),
    "head another": record(lambda v: v.update(head="tanh+huber")),
    "head a list": record(lambda v: v.update(head=[])),
    "output_activation another": record(lambda v: v.update(output_activation="tanh")),
    "cost another": record(lambda v: v.update(cost="quadratic")),
    "head and its halves another": record(lambda v: v.update(head="tanh+huber", output_activation="tanh")),
    "dtype another": record(lambda v: v.update(dtype="float32")),
    "dtype a list": record(lambda v: v.update(dtype=[])),
    "hidden unknown": record(lambda v: v.update(hidden=["relu6"])),
    "hidden softmax": record(lambda v: v.update(hidden=["softmax"])),
    "hidden too many": record(lambda v: v.update(hidden=["tanh"] * 4)),
    "hidden a string": record(lambda v: v.update(hidden="tanh")),
    "id null": record(lambda v: v.update(id=None)),
    "id on two lines": record(lambda v: v.update(id=v["id"] + "\nverdict: right")),
    "id of another dtype": record(lambda v: v.update(id=v["id"].replace("float64", "float32"))),
    "notes a number": record(lambda v: v.update(notes=3)),
    "one field more": record(lambda v: v.update(surprise=1)),
    "one field fewer": record(lambda v: v.pop("notes") and None),
    "NaN in an input": record(lambda v: v["x"]["bits"].__setitem__(0, "7ff8000000000000")),
    "infinity in the truth": record(lambda v: v["truth"]["cost"]["bits"].__setitem__(0, "7ff0000000000000")),
    "truth of another shape": record(lambda v: v["truth"]["nabla_w"].pop() and None),
    "truth a list": record(lambda v: v.update(truth=[])),
    "cost of another shape": record(lambda v: v["truth"]["cost"].update(shape=[1])),
    "weights of one axis": record(lambda v: v["weights"][0].update(shape=[len(v["weights"][0]["bits"])])),
    "no weights": record(lambda v: v.update(weights=[])),
    "large: {}": replaced("{}", LARGE),
    "large: catches unknown": edit(lambda data: data["catches"].append("bad luck"), LARGE),
    "large: sizes": edit(lambda data: data["sizes"].__setitem__(0, 783), LARGE),
    "large: arrays elsewhere": edit(lambda data: data.update(tensors="../x.safetensors"), LARGE),
    "large: arrays of nothing": lambda f, a: replaced("nothing at all", LARGE.replace("json", "safetensors"))(f, a),
    "large: no arrays": listed(lambda a: a["files"].pop(LARGE.replace("json", "safetensors")) and None),
}
UNREADABLE = {"nothing": "", "half": '{"format"', "nested": "[" * 100_000, "null": "null", "a list": "[]", "NaN": "NaN"}
FINE = {
    "nothing changed": lambda folder, about: None,
    "integers as floats are integers": record(
        lambda v: v.update(sizes=[float(n) for n in v["sizes"]], samples=float(v["samples"]))
    ),
    "a file more": listed(lambda a: a["files"].update({"notes.txt": {"vectors": 0, "sha256": "0"}})),
}


def copied(exported, folder):
    """The same files by another name, without copying what they hold."""
    for path in exported.rglob("*"):
        if path.is_file():
            (folder / path.relative_to(exported)).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, folder / path.relative_to(exported))
    return folder


def changed(exported, folder, change):
    """A folder with one change; the changed files are listed first, so that a reader meets them soon."""
    copied(exported, folder)
    about = json.loads((folder / MANIFEST).read_bytes())
    about["files"] = {
        name: about["files"][name] for name in sorted(about["files"], key=lambda n: n not in (NAME, LARGE))
    }
    change(folder, about)
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).write_text(json.dumps(about), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folders(exported, tmp_path_factory):
    """Every changed folder, by what was done."""
    root = tmp_path_factory.mktemp("changed")
    made = {}
    for k, (name, change) in enumerate((BROKEN | FINE).items()):
        made[name] = changed(exported, root / str(k), change)
    big = record(lambda v: v["allowance"].update(cost=1e305))
    again = made["allowance beyond the range"]
    shutil.rmtree(again)
    changed(exported, again, big)
    text = (again / NAME).read_text().replace("1e+305", "1e999")
    about = json.loads((again / MANIFEST).read_bytes())
    replaced(text)(again, about)
    (again / MANIFEST).write_text(json.dumps(about), encoding="utf-8")
    for name, text in UNREADABLE.items():
        made[name] = copied(exported, root / name)
        (made[name] / MANIFEST).unlink()
        (made[name] / MANIFEST).write_text(text)
    return made


@pytest.mark.longer
def test_python_refuses_them_in_a_sentence(folders):
    for name in (*BROKEN, *UNREADABLE):
        with pytest.raises(Damaged) as refused:
            (read_large if name.startswith("large: ") else read_all)(folders[name])
        assert "\n" not in str(refused.value), name


@pytest.mark.longer
def test_what_is_fine_is_read(folders):
    for name in FINE:
        assert len(read_all(folders[name])) == 2662


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.longer
def test_javascript_refuses_them_too(folders):
    script = READS.replace("PORTS", PORTS.as_posix())
    names = list(folders)
    command = [NODE, "--input-type=module", "-e", script, *(str(folders[name]) for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True)
    found = dict(zip(names, json.loads(done.stdout), strict=True))
    assert {name for name, size in found.items() if isinstance(size, int)} == set(FINE)
    assert {found[name] for name in FINE} == {2662}


@pytest.mark.longer
def test_the_command_exits_with_2_and_one_line(folders):
    for name in ("a file that is null", "file: nested", "nested", "head another"):
        result = CliRunner().invoke(main, ["vectors", "check", str(folders[name]), "-"], input="")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.count("\n") == 1


def test_an_export_of_too_few_is_refused(tmp_path):
    about = {"format": "manualbp vectors", "version": 1, "files": {}, "vectors": 0}
    (tmp_path / MANIFEST).write_text(json.dumps(about))
    with pytest.raises(Damaged, match="has 0 vectors of float64, and never fewer than"):
        list(read_vectors(tmp_path))
