"""Connections and quoting: once, in warehouse/duck.py, and nowhere else."""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from warehouse import duck
from warehouse.duck import connect, error_line, instant_literal, quote_identifier, quote_identifiers, quote_literal
from warehouse.errors import LakeError

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("warehouse", "sources", "expectations", "transforms", "reports", "flows")
# what only duck.py may do: open, set the zone or the bar, double a quote
ONLY_IN_DUCK = re.compile(
    r"duckdb\.connect\(|set time_?zone|enable_progress_bar|replace\(\"'\"|replace\('\"'|chr\(39\)", re.IGNORECASE
)


def offences(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if ONLY_IN_DUCK.search(line)]


def test_only_one_module_opens_connections_and_quotes() -> None:
    found = {
        str(path.relative_to(ROOT)): offences(path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path != ROOT / "warehouse" / "duck.py"
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_guard_sees_what_it_looks_for() -> None:
    bad = [
        "duckdb.connect(path)",
        "con.execute(\"set TimeZone = 'UTC'\")",
        'x.replace("\'", "\'\'")',
        "x.replace('\"', '')",
    ]
    assert [offences(line) for line in bad] == [[line] for line in bad]
    assert offences('connect(path); text.replace("a", "b")') == []


def test_a_connection_is_quiet_and_in_utc(tmp_path: Path) -> None:
    with connect(tmp_path / "it's.duckdb", threads=1, memory_limit="200MB", temp_directory=None) as con:
        (row,) = con.execute(
            "select current_setting('TimeZone'), current_setting('enable_progress_bar'), current_setting('threads')"
        ).fetchall()
        assert row == ("UTC", False, 1)
    with pytest.raises(duckdb.InvalidInputException), connect(tmp_path / "it's.duckdb", read_only=True) as con:
        con.execute("create table t (a int)")


def test_a_python_variable_is_no_table() -> None:
    import pyarrow as pa

    secret = pa.table({"a": [1]})
    with connect() as con, pytest.raises(duckdb.CatalogException, match="secret"):
        con.execute("select * from secret")
    assert secret.num_rows == 1


def test_names_and_values_in_sql() -> None:
    assert quote_identifier('say "so"') == '"say ""so"""'
    assert quote_identifiers(["a", 'b"'], "t.") == 't."a", t."b"""'
    assert quote_literal("it's") == "'it''s'"
    assert quote_literal(Path("a'b")) == "'a''b'"
    assert instant_literal(datetime(2026, 1, 23, 21, tzinfo=UTC)) == "timestamptz '2026-01-23T21:00:00+00:00'"
    with pytest.raises(LakeError, match="has no time zone"):
        instant_literal(datetime(2026, 1, 23, 21))
    with connect() as con:
        value = quote_literal("it's")
        assert con.execute(f"select {value} as {quote_identifier('x y')}").fetchall() == [("it's",)]


def test_an_error_on_one_line() -> None:
    with connect() as con, pytest.raises(duckdb.Error) as caught:
        con.execute("select\n  nothing\nfrom (select 1 as one)")
    line = error_line(caught.value)
    assert "\n" not in line
    assert "LINE" not in line
    assert 'column "nothing" not found' in line


def test_a_cursor_has_what_is_temporary_for_itself() -> None:
    with duck.cursor(threads=1) as one, duck.cursor(threads=1) as other:
        one.execute("create temp table made as select 1 as n")
        one.register("given", pa.table({"n": [2]}))
        for name in ("made", "given"):
            with pytest.raises(duckdb.CatalogException):
                other.execute(f"from {name}")
        assert one.execute("select made.n + given.n from made, given").fetchall() == [(3,)]
    with duck.cursor(threads=1) as later, pytest.raises(duckdb.CatalogException):
        later.execute("from made")


def test_cursors_of_one_configuration_share_a_database() -> None:
    name = "select current_setting('memory_limit'), current_setting('TimeZone')"
    with duck.cursor(memory_limit="64MiB") as one, duck.cursor(memory_limit="64MiB") as two:
        assert one.execute(name).fetchall() == two.execute(name).fetchall() == [("64.0 MiB", "UTC")]
        assert duck._shared_database(os.getpid(), memory_limit="64MiB") is duck._shared_database(
            os.getpid(), memory_limit="64MiB"
        )
        assert duck._shared_database(os.getpid(), memory_limit="64MiB") is not duck._shared_database(
            os.getpid(), memory_limit="65MiB"
        )


def test_threads_that_begin_together_make_one_database(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    inner = duck.connect

    def slow(**config: Any) -> duckdb.DuckDBPyConnection:
        made.append(config)
        time.sleep(0.05)
        return inner(**config)

    monkeypatch.setattr(duck, "connect", slow)
    with ThreadPoolExecutor(8) as pool:
        cursors = list(pool.map(lambda _: duck.cursor(memory_limit="66MiB"), range(8)))
    for one in cursors:
        one.close()
    assert made == [{"memory_limit": "66MiB"}]


def test_a_database_that_an_error_has_spoilt_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    class Spoilt:
        def cursor(self) -> duckdb.DuckDBPyConnection:
            duck._shared_database.cache_clear()
            monkeypatch.undo()
            raise duckdb.FatalException("database has been invalidated because of a previous fatal error")

    monkeypatch.setattr(duck, "connect", lambda **_: Spoilt())
    duck._shared_database.cache_clear()
    with duck.cursor() as con:
        assert con.execute("select 1").fetchall() == [(1,)]
