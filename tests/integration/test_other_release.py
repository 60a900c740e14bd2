"""A home whose warehouse an earlier release made: what is missing in it is named in one line, with what to do; what is there is
shown, and said to be of other code; the first build of this release says what it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from mcp.client.client import Client

from flows.build.version import code_version
from flows.cli import main
from reports.assistants.server import make_server
from reports.reading import open_build
from tests.integration.restating import ask, at, make_home, publish
from tests.support.doctored import doctored
from transforms.restatements import Before
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

OLD = "0.0.9+0123456789ab"
MADE_BY_OTHER_CODE = f"update ops.builds set code_version = '{OLD}'"
EARLIER = (
    MADE_BY_OTHER_CODE,
    "drop table reports.headline",
    "alter table reports.precedents drop column position",
    "alter table marts.index_returns drop column return_ytd_pct",
)
CELL = ("marts.index_returns", "session_date={day} index_id=SPX")


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("current")
    make_home(home)
    publish(home, at(0))
    return home


@pytest.fixture(scope="module")
def earlier(current: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return doctored(current, tmp_path_factory.mktemp("earlier") / "home", *EARLIER)


def newest_day(home: Path) -> str:
    return str(ask(home, "select max(session_date) from marts.index_returns")[0][0])


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (("report",), "reports.headline"),
        (("report", "--last", "2"), "reports.headline"),
        (("export",), "reports.headline"),
        (("ask", "SPX ytd"), "marts.index_returns.return_ytd_pct"),
        (("why", *CELL, "return_ytd_pct"), "marts.index_returns.return_ytd_pct"),
    ],
)
def test_what_is_missing_is_named_in_one_line(
    earlier: Path, capsys: pytest.CaptureFixture[str], arguments: Sequence[str], missing: str
) -> None:
    given = [one.format(day=newest_day(earlier)) for one in arguments]
    assert main(["--home", str(earlier), *given]) == 1
    shown = capsys.readouterr()
    assert f"the warehouse was made by an earlier release ({OLD}), which has no {missing}" in shown.err
    assert shown.err.endswith("; `breadthwise build` makes it anew\n")
    assert (shown.err.count("\n"), shown.out) == (1, "")


def test_a_query_that_fails_for_it_says_whose_warehouse_it_is(
    current: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = f"; the warehouse was made by other code, {OLD}: `breadthwise build` makes it anew\n"
    for query in ("from reports.headline", "select return_ytd_pct from marts.index_returns"):
        assert main(["--home", str(earlier), "sql", query]) == 2
        assert capsys.readouterr().err.endswith(told)
    assert main(["--home", str(current), "sql", "from reports.headlines"]) == 2
    assert "other code" not in capsys.readouterr().err


def test_an_assistant_is_told_so_too(earlier: Path) -> None:
    async def call() -> str:
        async with Client(make_server(earlier, Settings())) as client:
            answer = await client.call_tool("figure", {"question": "SPX ytd"})
            assert answer.is_error
            return str(answer.content)

    assert f"made by an earlier release ({OLD}), which has no marts.index_returns.return_ytd_pct" in asyncio.run(call())


def test_what_is_missing_in_no_earlier_warehouse_is_an_internal_error(
    current: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("nothing")

    monkeypatch.setattr("reports.figures.question.parse_question", fail)
    assert main(["--home", str(current), "ask", "SPX ytd"]) == 1
    assert "internal error, please report" in capsys.readouterr().err


def test_a_table_without_a_key_column_has_its_history_in_one_order(current: Path, tmp_path: Path) -> None:
    home = doctored(current, tmp_path / "home", "alter table reports.headline_indices drop column position")
    with open_build(home / "warehouse.duckdb") as reading:
        first, last = reading.sessions_before(reading.newest_session(), 2)  # type: ignore[arg-type]
        rows = reading.history_rows("headline_indices", ["index_id"], first, last)
    assert [row["session_date"] for row in rows] == sorted(row["session_date"] for row in rows)


def test_status_says_that_other_code_made_it_and_that_a_build_is_next(
    current: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(current), "status"]) == 0
    assert "other code" not in capsys.readouterr().out
    home = doctored(current, tmp_path / "home", MADE_BY_OTHER_CODE)
    assert main(["--home", str(home), "status"]) == 0
    out = capsys.readouterr().out
    assert f"made by other code than is installed ({code_version()}); next: `breadthwise build`" in out


def test_why_shows_the_method_of_the_build_and_says_whose_code_is_shown(
    current: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old_method = "update ops.methods set formula = 'the old formula' where table_name = 'marts.index_returns'"
    home = doctored(current, tmp_path / "home", MADE_BY_OTHER_CODE, old_method)
    cell = [one.format(day=newest_day(home)) for one in CELL]
    assert main(["--home", str(home), "why", *cell, "close"]) == 0
    out = capsys.readouterr().out
    assert ": the old formula\n" in out
    assert f"made by other code, {OLD}, than is installed, {code_version()}" in out
    assert main(["--home", str(current), "why", *cell, "close"]) == 0
    assert "other code" not in capsys.readouterr().out


@pytest.fixture
def upgraded(current: Path, tmp_path: Path) -> Path:
    """A home of its own whose published build is made to look as other code left it: one figure and one key differ."""
    make_home(tmp_path)
    before = publish(tmp_path, at(0)).result.path
    before.chmod(0o644)
    with duckdb.connect(str(before)) as con:
        con.execute(f"{MADE_BY_OTHER_CODE}, settings_hash = 'counted otherwise'")
        con.execute(
            "update ops.builds set hash = 'other' where table_name in ('marts.index_returns', 'marts.suspect_rows')"
        )
        con.execute("update marts.index_returns set close = close + 1 where index_id = 'SPX'")
        con.execute("alter table marts.suspect_rows drop column dataset")
    return tmp_path


def test_the_first_build_of_a_release_says_what_it_changed(upgraded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(upgraded, at(1))
    line = (
        "other code or settings: tables with other figures than in the build before: 1, not compared, as their keys differ: 1; "
        "ops.restatement_counts and ops.restatements list them"
    )
    assert capsys.readouterr().out == f"{line}\n"
    assert Journal(upgraded).list_runs(1)[0]["message"] == line
    counts = ask(upgraded, "select table_name, rows_deleted is null, cause from ops.restatement_counts order by all")
    # the settings are the same by their record, though another release counts their digest otherwise
    code = f"code {OLD} -> {code_version()}"
    assert counts == [
        ("marts.index_returns", False, code),
        ("marts.suspect_rows", True, f"keys differ: not compared; {code}"),
    ]
    publish(upgraded, at(2))
    assert capsys.readouterr().out == ""


def test_without_a_record_other_settings_are_told_by_their_digests(upgraded: Path) -> None:
    for record in (upgraded / "builds").glob("*.record.json.gz"):
        record.unlink()
    assert Before(upgraded).settings_changed is None
    publish(upgraded, at(1))
    [(cause,)] = ask(upgraded, "select cause from ops.restatement_counts where table_name = 'marts.index_returns'")
    assert cause.startswith(f"code {OLD} -> {code_version()}; settings: counted otherwise -> ")
