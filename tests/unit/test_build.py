"""One build from a small lake: columns, invariants, comments, hashes that hang on the facts alone, whole or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from reports.texts import texts_for_sql
from tests.unit.test_model_graph import model
from transforms import build
from transforms.build import BuildResult, build_warehouse, name_build
from transforms.engine import run
from transforms.engine.model import Invariant, Model, ModelColumn, parse_model
from warehouse.calendar import sessions_between
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import ModelError
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import Manifest
from warehouse.settings import Settings

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
SESSIONS = sessions_between(date(2025, 12, 1), date(2026, 1, 30))


def rows_of(dataset: str, rows: list[dict[str, Any]]) -> pa.Table:
    """`rows` as the lake wants them; what every row carries is filled in."""
    common = {"source": "test", "payload_sha256": "0" * 64, "known_at": NOW, "is_withdrawn": False}
    return pa.Table.from_pylist([{**common, **row} for row in rows], schema=CONTRACTS[dataset].lake_schema)


def bars(symbol: str, start: float, step: float, **more: Any) -> list[dict[str, Any]]:
    """Closes start, start + step, ... on the sessions of the fixture."""
    return [
        {
            "symbol": symbol,
            "session_date": day,
            "basis": "raw",
            "close": start + i * step,
            "is_final": True,
            "previous_close": start + (i - 1) * step if i else None,
            **more,
        }
        for i, day in enumerate(SESSIONS)
    ]


def datasets() -> dict[str, pa.Table]:
    stocks = [row for n in range(6) for row in bars(f"ST{n}", 50 + n, 0.25 if n % 2 else -0.5, volume=100 * n)]
    names = [{"symbol": f"ST{n}", "first_seen": SESSIONS[0], "name": f"Stock {n} Common Stock"} for n in range(6)]
    return {
        "index_bars": rows_of("index_bars", bars("SPX", 6000, 3) + bars("RUT", 2000, 4)),
        "sector_bars": rows_of("sector_bars", bars("XLF", 40, 0.1) + bars("XLK", 90, -0.1) + bars("SPY", 600, 0.5)),
        "equity_bars": rows_of("equity_bars", stocks),
        "securities": rows_of("securities", names),
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("home"))
    lake.commit("run-1", datasets())
    return lake


def built(lake: Lake, out: Path, **more: Any) -> BuildResult:
    return build_warehouse(
        lake, lake.manifest(), out, Settings(), code_version="test", built_at=NOW, texts=texts_for_sql(), **more
    )


@pytest.fixture(scope="module")
def result(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    runs = pa.table(
        {
            "run_id": ["r1"],
            "kind": ["import"],
            "arguments": ["{}"],
            "started_at": [NOW],
            "ended_at": [NOW],
            "status": ["done"],
            "exit_code": [0],
            "fetched": [3],
            "accepted": [2],
            "known": [1],
            "quarantined": [0],
            "warnings": [0],
            "message": [None],
        }
    )
    return built(lake, tmp_path_factory.mktemp("builds") / "w.duckdb", journal={"runs": runs})


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def test_marts_hold_the_figures_of_the_facts(result: BuildResult) -> None:
    with opened(result.path) as con:
        day = SESSIONS[1]
        index = con.execute("select index_id, return_1d_pct from marts.index_returns where session_date = ?", [day])
        assert index.fetchall() == [("RUT", 100 * (2004 / 2000 - 1)), ("SPX", 100 * (6003 / 6000 - 1))]
        breadth = con.execute(
            "select members, advances, declines, unchanged, up_volume, down_volume from marts.breadth_daily "
            "where session_date = ? and universe = 'all'",
            [day],
        )
        assert breadth.fetchall() == [(6, 3, 3, 0, 900, 600)]


def test_ops_say_what_was_built_from_what(lake: Lake, result: BuildResult) -> None:
    with opened(result.path) as con:
        builds = con.execute("select * from ops.builds where table_name = 'marts.equity_facts'").fetchall()
        expected = (
            result.build_id,
            lake.manifest().fingerprint,
            None,
            "test",
            Settings().build_digest,
            NOW,
            "marts.equity_facts",
            6 * len(SESSIONS),
            result.hashes["marts.equity_facts"],
        )
        assert builds == [expected]
        ledger = con.execute(
            "select dataset, status, count(*) from ops.session_ledger group by all order by all"
        ).fetchall()
        assert ledger == [(name, "present", len(SESSIONS)) for name in ("equity_bars", "index_bars", "sector_bars")]
        assert con.execute("select run_id, fetched, accepted, known from ops.runs").fetchall() == [("r1", 3, 2, 1)]
        assert con.execute("select count(*) from ops.quarantine_counts").fetchall() == [(0,)]
        assert con.execute("select version from ops.methods where id = 'index_returns'").fetchall() == [(2,)]


def test_every_table_and_column_tells_its_unit_and_meaning(result: BuildResult) -> None:
    with opened(result.path) as con:
        bare = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where comment is null union all "
            "select schema_name || '.' || table_name || '.' || column_name from duckdb_columns() "
            "where schema_name in ('marts', 'reports', 'ops') and comment is null"
        )
        assert bare.fetchall() == []
        close = con.execute(
            "select comment from duckdb_columns() where schema_name = 'marts' and table_name = 'equity_facts' "
            "and column_name = 'return_1d_pct'"
        ).fetchall()
        assert close[0][0].startswith("percent: ")


def test_nothing_but_the_published_schemas_is_in_the_file(result: BuildResult) -> None:
    with opened(result.path) as con:
        found = con.execute("select distinct schema_name from duckdb_tables() order by 1").fetchall()
        assert found == [("marts",), ("ops",), ("reports",)]
    assert [path.name for path in result.path.parent.iterdir()] == [result.path.name]


def test_equal_facts_give_equal_hashes_whatever_the_files_and_threads(
    result: BuildResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Lake(tmp_path / "home")
    for number, (dataset, table) in enumerate(reversed(datasets().items())):
        half = table.num_rows // 2
        other.commit(f"run-{number}-b", {dataset: table.slice(half)})
        other.commit(f"run-{number}-a", {dataset: table.slice(0, half)})
    # the tables that are thrown away lie on the disk, as those of a large lake do
    monkeypatch.setattr(build, "_SMALL_ROWS", 0)
    again = built(other, tmp_path / "w.duckdb", threads=1)
    assert again.hashes == result.hashes
    assert again.rows == result.rows


def test_a_changed_fact_changes_the_hashes_that_it_should(lake: Lake, result: BuildResult, tmp_path: Path) -> None:
    other = Lake(tmp_path / "home")
    facts = datasets()
    facts["index_bars"] = rows_of("index_bars", bars("SPX", 6001, 3) + bars("RUT", 2000, 4))
    other.commit("run", facts)
    again = built(other, tmp_path / "w.duckdb")
    assert again.hashes["marts.index_returns"] != result.hashes["marts.index_returns"]
    assert again.hashes["marts.breadth_daily"] == result.hashes["marts.breadth_daily"]


def test_a_build_as_of_an_earlier_instant_knows_nothing_later(lake: Lake, tmp_path: Path) -> None:
    early = built(lake, tmp_path / "w.duckdb", as_of=datetime(2026, 2, 1, tzinfo=UTC))
    assert set(early.rows.values()) == {0}


def small(sql: str, **changes: object) -> dict[str, Model]:
    """The models that every build needs, made of nothing, and marts.m with `sql`."""
    ledger = tuple(
        ModelColumn(name, kind, "", "x")
        for name, kind in (
            ("dataset", "VARCHAR"),
            ("session_date", "DATE"),
            ("status", "VARCHAR"),
            ("rows", "BIGINT"),
            ("note", "VARCHAR"),
        )
    )
    nothing = ", ".join(f"cast(null as {column.type}) as {column.name}" for column in ledger)
    first = model("intermediate.session_ledger", f"select {nothing} where false", columns=ledger)
    return {found.name: found for found in (first, model("marts.m", sql, **changes))}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select 1 as x, 2 as y", "marts.m differs from its header: y is not in the header"),
        ("select 1 as z", "marts.m differs from its header: z is not in the header; x is not built"),
        ("select 'a' as x", "marts.m differs from its header: x is VARCHAR, declared INTEGER"),
        ("select nothing as x", 'marts.m, line 1: Binder Error: Referenced column "nothing" was not found'),
        ("select $gate as x", "marts.m: there is no parameter $gate; choose from anchors, benchmark, block_sessions"),
        ("select $coverge_gate as x", "marts.m: there is no parameter $coverge_gate; did you mean coverage_gate?"),
    ],
)
def test_a_model_that_breaks_its_word_leaves_nothing(lake: Lake, tmp_path: Path, sql: str, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        built(lake, tmp_path / "w.duckdb", models=small(sql))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_columns_in_another_order_are_named(lake: Lake, tmp_path: Path) -> None:
    columns = tuple(ModelColumn(name, "INTEGER", "", "A number.") for name in ("x", "y"))
    with pytest.raises(ModelError, match="the order is y, x, declared x, y"):
        built(lake, tmp_path / "w.duckdb", models=small("select 1 as y, 2 as x", columns=columns))


def test_a_declared_type_that_there_is_not_is_named(lake: Lake, tmp_path: Path) -> None:
    columns = (ModelColumn("x", "BIGINTT", "", "A number."),)
    with pytest.raises(ModelError, match="x is INTEGER, declared BIGINTT, which is no type of DuckDB's"):
        built(lake, tmp_path / "w.duckdb", models=small("select 1 as x", columns=columns))


def test_an_error_of_sql_names_the_line_of_the_file(lake: Lake, tmp_path: Path) -> None:
    header = "/*\ndescription: d\ngrain: x\nmaterialized: table\ncolumns:\n"
    column = "  - {name: x, type: INTEGER, unit: '', description: A number.}\n*/\n\n"
    wrong = parse_model("marts", "m", f"{header}{column}select\n    1 as y,\n    nothing as x\n")
    models = {**small("select 1 as x"), "marts.m": wrong}
    with pytest.raises(ModelError, match=r"marts\.m, line 11: Binder Error: Referenced column \"nothing\""):
        built(lake, tmp_path / "w.duckdb", models=models)


def test_a_broken_invariant_fails_the_build_with_the_offending_rows(lake: Lake, tmp_path: Path) -> None:
    invariants = (Invariant("Numbers are small.", "select x from marts.m where x > 2"),)
    sql = "select cast(i as integer) as x from range(9) as r (i) order by x"
    with pytest.raises(ModelError) as caught:
        built(lake, tmp_path / "w.duckdb", models=small(sql, invariants=invariants))
    assert str(caught.value) == "marts.m: invariant broken: Numbers are small. Rows: {'x': 3}; {'x': 4}; {'x': 5}"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_written_over(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "w.duckdb"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(ModelError, match="is there already"):
        built(lake, out, models=small("select 1 as x"))
    assert out.read_text(encoding="utf-8") == "mine"


def test_a_comment_in_the_last_line_ends_with_it(lake: Lake, tmp_path: Path) -> None:
    assert built(lake, tmp_path / "w.duckdb", models=small("select 1 as x -- one")).rows == {"marts.m": 1}


def test_the_journal_must_have_its_columns(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the journal's table of runs lacks kind, arguments"):
        built(lake, tmp_path / "w.duckdb", models=small("select 1 as x"), journal={"runs": pa.table({"run_id": ["r"]})})


def test_the_name_of_a_build_tells_its_inputs_apart() -> None:
    def name(**changes: Any) -> str:
        given = {"as_of": None, "code_version": "1", "built_at": NOW, "settings": Settings(), **changes}
        return name_build(Manifest(), given.pop("settings"), **given)

    names = {
        name(),
        name(as_of=NOW),
        name(code_version="2"),
        name(settings=Settings(coverage_gate=0.5)),
    }
    assert len(names) == 4
    assert all(one.startswith("20260202T120000000000Z-") for one in names)


def test_a_hash_depends_on_rows_and_not_on_their_order() -> None:
    con = duckdb.connect()
    con.execute("create table a as select i, i / 7 as f, 'x' || i as t from range(1000) as r (i)")
    con.execute("create table b as from a order by t desc")
    con.execute("create table c as select * replace (f + if(i = 500, 1e-12, 0) as f) from a")
    assert run.table_hash(con, "a") == run.table_hash(con, "b")
    assert run.table_hash(con, "a") != run.table_hash(con, "c")
    con.execute("create table d as from a where false")
    assert run.table_hash(con, "d") == (0, "0" * 16)
