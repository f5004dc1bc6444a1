"""A run that was cut off goes on; a file of another run is refused."""

import json

import pytest

from oracle.workers.journal import noted, taken_up

ABOUT = {"command": "verify", "seed": 3}


def test_what_was_noted_is_taken_up(tmp_path):
    path = tmp_path / "run.jsonl"
    assert taken_up(None, ABOUT) == taken_up(path, ABOUT) == {}
    with noted(path, ABOUT, {}) as note:
        note(0, [1, 2])
        note(2, {"a": "ü"})
    assert taken_up(path, ABOUT) == {0: [1, 2], 2: {"a": "ü"}}
    with noted(path, ABOUT, {0: [1, 2]}) as note:
        note(1, None)
    assert taken_up(path, ABOUT) == {0: [1, 2], 1: None}
    with noted(None, ABOUT, {}) as note:
        note(0, 1)


def test_each_line_is_there_as_soon_as_it_is_noted(tmp_path):
    path = tmp_path / "run.jsonl"
    with noted(path, ABOUT, {}) as note:
        note(0, 1)
        assert taken_up(path, ABOUT) == {0: 1}
    with path.open("a") as file:
        file.write('{"item":1,"res')  # cut off
    assert taken_up(path, ABOUT) == {0: 1}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello\n", "written by another command"),
        (json.dumps({"format": "manualbp conform journal 1"}), "written by another command"),
        (json.dumps({"format": "manualbp run 1", "command": "verify", "seed": 4}), r"another run \(seed = 4\)"),
        (json.dumps({"format": "manualbp run 1"}), "command = None, seed = None"),
    ],
)
def test_another_file_is_refused(tmp_path, text, why):
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=why):
        taken_up(path, ABOUT)


def test_what_is_no_text_is_refused_and_what_is_empty_is_not(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="cannot be read"):
        taken_up(path, ABOUT)
    path.write_text("\n")
    assert taken_up(path, ABOUT) == {}
