"""The emulator's layout: SQL is where rows are."""

import re
from pathlib import Path

import pagerduty_emulator
import pytest

PACKAGE = Path(pagerduty_emulator.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py"))
SQL = re.compile(
    r"""["'](?:SELECT|INSERT|UPDATE|DELETE FROM|PRAGMA|CREATE) |\bdatabase\.(?:one|all|scalar|execute|insert)\("""
)


@pytest.mark.parametrize("name", MODULES)
def test_sql_stands_where_rows_are(name: str) -> None:
    has_sql = SQL.search((PACKAGE / f"{name}.py").read_text(encoding="utf-8")) is not None
    assert has_sql == (name == "database" or name.endswith("/rows"))
