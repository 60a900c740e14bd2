"""`breadthwise sql`: what is printed, from where the query comes, and what DuckDB suggests."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.cli import main

ROWS = "from reports.closes order by session_date"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        con.execute("""
            create schema reports;
            create table reports.closes as
            select * from (values (date '2026-01-22', 'SPX', 6913.35, true, 1.5::decimal(3, 1)),
                                  (date '2026-01-23', null, null, null, null))
                as t(session_date, name, close, is_final, share)
        """)
    return tmp_path


def test_a_table_has_one_sign_for_null(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "sql", ROWS]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "session_date  name    close  is_final  share",
        "2026-01-22    SPX   6913.35  true        1.5",
        "2026-01-23    NULL     NULL  NULL       NULL",
    ]


def test_json_has_dates_and_numbers(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "sql", ROWS, "--format", "json"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"session_date": "2026-01-22", "name": "SPX", "close": 6913.35, "is_final": True, "share": 1.5},
        {"session_date": "2026-01-23", "name": None, "close": None, "is_final": None, "share": None},
    ]


def test_json_names_what_is_no_number_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = "select 'nan'::double as a, 'inf'::double as b, ['-inf'::double, 1.5] as c, null::double as d"
    assert main(["--home", str(home), "sql", query, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": "NaN", "b": "Infinity", "c": ["-Infinity", 1.5], "d": None}


def test_csv_leaves_null_empty(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "sql", ROWS, "--format", "csv"]) == 0
    assert capsys.readouterr().out == (
        "session_date,name,close,is_final,share\n2026-01-22,SPX,6913.35,true,1.5\n2026-01-23,,,,\n"
    )


def test_vertical_gives_each_value_a_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "sql", ROWS, "--vertical", "--limit", "1"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[:4] == [
        "-- row 1",
        "session_date  2026-01-22",
        "name          SPX",
        "close         6913.35",
    ]
    assert shown.err == "only the first 1 rows are shown; --limit N shows more\n"


def test_a_query_comes_from_a_file_or_from_standard_input(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = home / "query.sql"
    query.write_text("-- the newest\nselect max(session_date) as newest\nfrom reports.closes;\n")
    for arguments in (["--file", str(query)], [], ["-"]):
        monkeypatch.setattr("sys.stdin", io.StringIO(query.read_text()))
        assert main(["--home", str(home), "sql", *arguments]) == 0
        assert capsys.readouterr().out == "newest\n2026-01-23\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["from reports.closse"], 'does not exist! Did you mean "closes"?'),
        (["select clse from reports.closes"], 'Candidate bindings: "close"'),
        (["create table x (a int)"], "ask the warehouse with SELECT"),
        ([" ; "], "there is no query; give one, such as"),
        (["select 1; from reports.closes;"], "these are 2 queries, and one is run at a time"),
        (["--file", "nowhere.sql"], "--file nowhere.sql cannot be read: No such file or directory; give a file"),
        (["select 1", "--file", "x.sql"], "a query and --file are two queries; give one of them"),
        (
            ["select 1", "--limit", "3", "--format", "csv"],
            "--limit is of tables, and --format csv is whole; write `limit N`",
        ),
        (
            ["select 1", "--vertical", "--format", "json"],
            "--vertical is a way to print tables; leave it out, or --format json",
        ),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], message: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(home), "sql", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_what_gives_no_rows_may_stand_before_the_query(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "sql", "set variable a = 7; -- ; select 1\nselect getvariable('a') as a; ;"]) == 0
    assert capsys.readouterr().out == "a\n7\n"


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as a; -- the end",
        "select 1 as a ; /* ; */ ;",
        "-- first\nselect 1 as a -- last",
        "select 1 as a where '金融' in ('金融', '能源'); -- 金",
    ],
)
def test_a_comment_may_stand_behind_the_query(home: Path, capsys: pytest.CaptureFixture[str], query: str) -> None:
    assert main(["--home", str(home), "sql", query]) == 0
    assert capsys.readouterr().out == "a\n1\n"


@pytest.mark.parametrize(
    "query", ["copy (select 1) to '{file}'", "copy (select 1) to '{file}'; select 1", "set threads = 1"]
)
def test_what_asks_nothing_is_not_run(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("keep", encoding="utf-8")
    assert main(["--home", str(home), "sql", query.format(file=precious)]) == 2
    assert "returns no rows" in capsys.readouterr().err
    assert precious.read_text(encoding="utf-8") == "keep"


COPY = "copy (select 1) to '{file}'"
PIVOT = "pivot reports.closes on name using max(close)"


@pytest.mark.parametrize(
    "query",
    [
        f"explain analyze {COPY}",
        f"explain (analyze, format json) {COPY}",
        f"explain /* or */ analyze {COPY}",
        f"copy ({PIVOT}) to '{{file}}'",
        f"explain analyze copy ({PIVOT}) to '{{file}}'",
        "set log_query_path = '{file}'; select 1",
        "set profiling_output = '{file}'; set enable_profiling = 'json'; select 1",
        "set variable x = (select count(*) from enable_profiling(format := 'json', save_location := '{file}')); select 1",
        "set variable x = (from enable_logging(storage = 'file', storage_path = '{file}')); select 1",
        "pragma profiling_output = '{file}'",
        "from enable_logging(storage = 'file', storage_path = '{file}')",
        "call enable_logging(storage = 'file', storage_path = '{file}')",
        "export database '{file}'",
        "attach '{file}' as other; select 1",
    ],
)
def test_no_statement_writes_a_file(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], query: str) -> None:
    precious = tmp_path / "precious.txt"
    for content in ("keep", None):
        precious.unlink() if content is None else precious.write_text(content, encoding="utf-8")
        assert main(["--home", str(home), "sql", query.format(file=precious)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert (precious.read_text(encoding="utf-8") if precious.exists() else None) == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["warehouse.duckdb"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from read_csv('{file}')", "42"),
        ("select a from '{file}'", "42"),
        (PIVOT, "SPX"),
        ("-- the plan\nexplain select 1", "PROJECTION"),
        ("explain analyze select 1", "DUMMY"),
        ("set timezone = 'America/New_York'; select current_setting('timezone') as zone", "America/New_York"),
        ("use reports; select count(*) as n from closes", "2"),
        ("describe reports.closes", "session_date"),
        ("show all tables", "closes"),
    ],
)
def test_files_of_ones_own_plans_and_pivots_can_be_asked_for(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], query: str, words: str
) -> None:
    own = tmp_path / "own.csv"
    own.write_text("a,b\n42,x\n", encoding="utf-8")
    assert main(["--home", str(home), "sql", query.format(file=own), "--format", "csv"]) == 0
    assert words.casefold() in capsys.readouterr().out.casefold()


def test_a_warehouse_that_a_client_writes_is_named_with_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Held by a process of its own: within one process DuckDB shares a file."""
    path = home / "warehouse.duckdb"
    program = (
        f"import duckdb, sys\nwith duckdb.connect({str(path)!r}):\n    print('held', flush=True)\n    sys.stdin.read()"
    )
    client = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    assert client.stdout.readline() == "held\n"
    try:
        assert main(["--home", str(home), "sql", "select 1"]) == 1
    finally:
        client.communicate("")
    holder = f"{path}: another program (PID {client.pid}) has it open for writing"
    assert capsys.readouterr().err == (
        f"breadthwise sql: {holder}; close it there, or open it there with read_only=True\n"
    )


@pytest.mark.parametrize(
    "command",
    [
        ["sql", "select 1"],
        ["ask", "RUT ytd"],
        ["why", "marts.index_returns", "session_date=2026-01-23 index_id=RUT", "close"],
        ["report"],
        ["report", "--last", "3"],
        ["export"],
    ],
)
def test_a_published_file_that_is_gone_is_named_by_all_commands(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "warehouse.duckdb").symlink_to(Path("builds") / "b001.duckdb")
    assert main(["--home", str(tmp_path), *command]) == 1
    gone = f"{tmp_path / 'warehouse.duckdb'} leads to {tmp_path / 'builds' / 'b001.duckdb'}, which is gone"
    assert capsys.readouterr().err == f"breadthwise {command[0]}: {gone}; run `breadthwise build`\n"


MANY = "select range as number, repeat('x', 1000) as text, 1 / (range - 300_000) as share from range(1_000_000)"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_rows_are_printed_as_they_come_and_end_with_their_reader(home: Path, form: str) -> None:
    """A gigabyte in all, of which a reader takes three lines; the whole of it would not fit."""
    program = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_DATA, (900 * 2**20, 900 * 2**20))\n"
        "from flows.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "--home", str(home), "sql", MANY, "--format", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (0, "")
    assert all(lines)


def test_a_query_that_fails_midway_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = "select case when range < 500_000 then 1 else error('the end') end as a from range(1_000_000)"
    assert main(["--home", str(home), "sql", query, "--format", "csv"]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("a\n1\n1\n")
    assert shown.err.startswith("breadthwise sql: the query failed: ")
    assert shown.err.count("\n") == 1


def test_a_damaged_warehouse_says_how_it_is_made_anew(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "warehouse.duckdb").write_text("no database" * 500)
    assert main(["--home", str(home), "sql", "select 1"]) == 1
    error = capsys.readouterr().err
    assert "it is not a valid DuckDB database file!; `breadthwise build` makes the warehouse anew" in error
    assert error.count("\n") == 1
