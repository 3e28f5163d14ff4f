"""The emulator's layout: SQL is where rows are."""

import re
from pathlib import Path

import pagerduty_emulator

PACKAGE = Path(pagerduty_emulator.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py"))
SQL = re.compile(
    r"""["'](?:SELECT|INSERT|UPDATE|DELETE FROM|PRAGMA|CREATE) |\bdatabase\.(?:one|all|scalar|execute|insert)\("""
)


def test_sql_is_where_rows_are() -> None:
    with_sql = {name for name in MODULES if SQL.search((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))}
    assert with_sql == {name for name in MODULES if name == "database" or name.endswith("/rows")}
