"""The emulator's rooms: what its README's map says is there, and SQL is where rows are."""

import re
from pathlib import Path

import pagerduty_emulator
import pytest

PACKAGE = Path(pagerduty_emulator.__file__).parent
README = PACKAGE.parent / "README.md"
MODULES = sorted(path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py"))
SQL = re.compile(
    r"""["'](?:SELECT|INSERT|UPDATE|DELETE FROM|PRAGMA|CREATE) |\bdatabase\.(?:one|all|scalar|execute|insert)\("""
)


def mapped() -> set[str]:
    """The modules that the map names: `room/module`, or after `room/` in its line only `module`."""
    section = README.read_text(encoding="utf-8").partition("\n## Map\n")[2]
    table = re.findall(r"^\| (.+) \| (.+) \|$", section, re.MULTILINE)
    names: set[str] = set()
    for place, what in table:
        places = re.findall(r"`([\w/]+)`", place)
        names.update(places)
        if places and re.fullmatch(r"api/\w+/", places[0]):
            names.update(places[0] + module for module in re.findall(r"`(\w+)`", what))
    return names


def test_the_map_names_every_room_and_module_and_no_other() -> None:
    packages = {name.removesuffix("__init__") for name in MODULES if name.endswith("/__init__")}
    modules = {name for name in MODULES if not name.endswith("/__init__")}
    assert mapped() - {"web/templates/", "data/"} == packages | modules


@pytest.mark.parametrize("name", MODULES)
def test_sql_stands_where_rows_are(name: str) -> None:
    has_sql = SQL.search((PACKAGE / f"{name}.py").read_text(encoding="utf-8")) is not None
    assert has_sql == (name == "database" or name.endswith("/rows"))
