"""The house in rooms: imports run one way, each room says what it may import, and nothing but doors stands in the hall."""

from __future__ import annotations

from pathlib import Path

import pytest

from .rooms import ORACLE, complaints, floors, room_graph, rooms

#: The longest chain of imports between rooms.
MOST_FLOORS = 8


def test_imports_run_one_way_and_as_each_room_says() -> None:
    found = list(complaints(ORACLE))
    assert not found, "\n".join(found[:9])


def test_the_house_is_low() -> None:
    floor = floors(room_graph(ORACLE))
    assert max(floor[room] for room in rooms(ORACLE)) <= MOST_FLOORS


def test_each_room_has_a_folder_of_tests() -> None:
    here = Path(__file__).parent
    assert {path.relative_to(here).parts[0] for path in here.glob("*/**/test_*.py")} == set(rooms(ORACLE))


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of two rooms in order: up imports down."""
    package = tmp_path / "house"
    for name, text in {
        "__init__": '"""A house."""\n',
        "cli": "from house.up.command import run\n",
        "up/__init__": '"""Up.\n\nImports: no rooms but down.\n"""\n',
        "up/command": "def run():\n    from house.down import cellar\n",
        "down/__init__": '"""Down.\n\nImports: no other room.\n"""\n',
        "down/cellar": "",
        "down/shelf": "from house.down.cellar import __doc__\n",
    }.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


def test_a_house_in_order(house: Path) -> None:
    assert list(complaints(house)) == []
    assert floors(room_graph(house)) == {"__init__": 1, "cli": 3, "up": 2, "down": 1}


OUT_OF_ORDER = [
    ("down/cellar", "from house.up import command\n", "rooms import in a circle: down → up → down"),
    ("down/cellar", "def f():\n    import house.up.command\n", "rooms import in a circle: down → up → down"),
    (
        "down/cellar",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..up import command\n",
        "rooms import in a circle: down → up → down",
    ),
    (
        "down/cellar",
        "from . import shelf\n",
        "modules import in a circle: house.down.cellar → house.down.shelf → house.down.cellar",
    ),
    (
        "down/cellar",
        "\nimport house.up.command as c\n",
        "house/down/cellar.py:2: down imports up, which its __init__ does not allow",
    ),
    (
        "down/cellar",
        "import importlib\n\ndef f():\n    importlib.import_module('house.up.command')\n",
        "house/down/cellar.py:4: down imports up, which its __init__ does not allow",
    ),
    (
        "down/cellar",
        "from house import run\n",
        "house/down/cellar.py:1: down imports the names of house: it is to import them from their room",
    ),
    ("up/command", "", "up's __init__ allows down, which it does not import"),
    ("up/__init__", '"""Up."""\n', "up/__init__.py does not say what the room may import"),
    ("attic", "", "attic.py stands in the hall: it belongs into the room of its capability"),
]


def test_what_is_out_of_order_is_said(house: Path) -> None:
    for name, text, words in OUT_OF_ORDER:
        path = house / f"{name}.py"
        before = path.read_text(encoding="utf-8") if path.exists() else None
        path.write_text(text, encoding="utf-8")
        assert words in list(complaints(house)), (name, text)
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
    assert list(complaints(house)) == []


def test_a_house_that_goes_around_has_no_floors(house: Path) -> None:
    (house / "down/cellar.py").write_text("import house.up.command\n", encoding="utf-8")
    with pytest.raises(ValueError, match="down → up → down"):
        floors(room_graph(house))
