"""A sceptic asks where a figure comes from, and gets the rows, the payload and the instant."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from flows import cli
from flows.ingest.withdraw import withdraw_fact
from reports.figures.entities import stock_entity
from reports.figures.measures import MEASURES
from reports.figures.resolver import Warehouse, resolve_figure
from tests.integration import test_fills_in_build as fills
from tests.integration.conftest import ROOT
from tests.integration.restating import at, bar, commit, make_home, publish
from tests.unit.test_build import NOW, SESSIONS
from transforms.engine.load import load_models
from transforms.engine.model import Evidence, parse_model
from transforms.explain import explain_cell
from warehouse.errors import UsageError
from warehouse.settings import Settings

# closes of SPX are 6000 + 3 a session; of the first session of January the base of the year is the one before it
FIRST_OF_YEAR = next(n for n, day in enumerate(SESSIONS) if day.year == 2026)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    make_home(home)
    commit(home, "run-2", {"index_bars": [bar("RUT", 10, 2039.5)], "rating_actions": ratings(SESSIONS[5])})
    publish(home, at(0))
    return home


def ratings(day: date) -> list[dict[str, object]]:
    """Two ratings of one firm on one day, before its session ends."""
    return [
        {
            "symbol": "ST0",
            "firm": "Bank",
            "rated_at": datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
            "rating_date": day,
            "to_grade": grade,
            "action": action,
        }
        for hour, grade, action in ((14, "Hold", "down"), (15, "Buy", "up"))
    ]


def why(home: Path, *arguments: str) -> int:
    return cli.main(["--home", str(home), "why", *arguments])


def test_a_return_is_explained_down_to_rows_payload_and_instant(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day, base = SESSIONS[FIRST_OF_YEAR + 3], SESSIONS[FIRST_OF_YEAR - 1]
    close, before = 6000 + 3 * (FIRST_OF_YEAR + 3), 6000 + 3 * (FIRST_OF_YEAR - 1)
    assert why(home, "marts.index_returns", f"session_date={day} index_id=SPX", "return_ytd_pct") == 0
    out = capsys.readouterr().out
    result = 100 * (close / before - 1)
    found = explain_cell(home, Settings(), "index_returns", f"session_date={day}, index_id=SPX", "return_ytd_pct")
    assert found.value == pytest.approx(result, abs=1e-12)
    assert f"applied:  100 ({close}.0 / {before}.0 - 1) = " in out
    (given,) = found.inputs
    assert [(row["role"], row["session_date"], row["close"]) for row in given.rows] == [
        ("close", day, float(close)),
        ("base", base, float(before)),
    ]
    digest = given.rows[0]["payload_sha256"]
    assert f"known_at {NOW.isoformat()}, payload {digest}" in out
    assert f"fetched {NOW.isoformat()} from https://example.test/bars?key=***" in out
    assert "method:   index_returns v2: 100 (C_t / C_t-n - 1)" in out


def test_other_facts_of_the_key_are_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert why(home, "marts.index_returns", f"session_date={SESSIONS[10]} index_id=RUT", "close") == 0
    out = capsys.readouterr().out
    assert "close=2039.5" in out
    assert "another fact: known_at 2026-02-02T12:00:00+00:00" in out
    assert "close=2040.0" in out.split("another fact:")[1]


def test_large_sets_are_counted_and_given_whole_as_csv(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = f"session_date={SESSIONS[5]} universe=all"
    found = explain_cell(home, Settings(), "marts.breadth_daily", key, "advances", limit=4)
    assert (found.inputs[0].total, len(found.inputs[0].rows)) == (12, 4)
    assert why(home, "marts.breadth_daily", key, "advances", "--all") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("dataset,role,symbol,session_date")
    assert len(lines) == 13
    assert lines[1].startswith(f"equity_bars,close,ST0,{SESSIONS[5]},raw")


def test_a_wrong_key_is_told_what_it_needs_and_what_is_near(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert why(home, "marts.index_returns", "index_id=SPX", "close") == 2
    assert 'a row of marts.index_returns is named by "session_date=... index_id=...": session_date is missing' in (
        capsys.readouterr().err
    )
    assert why(home, "marts.index_returns", f"session_date={SESSIONS[3]} index_id=SPY", "close") == 2
    assert f"near it are: session_date={SESSIONS[3]} index_id=RUT; session_date={SESSIONS[3]} index_id=SPX" in (
        capsys.readouterr().err
    )
    assert why(home, "marts.index_returns", "session_date=yesterday index_id=SPX", "close") == 2
    assert "session_date=yesterday is no date" in capsys.readouterr().err
    assert why(home, "marts.index_return", "index_id=SPX", "close") == 2
    assert "there is no table 'marts.index_return'; choose from marts.breadth_daily" in capsys.readouterr().err
    assert why(home, "marts.index_returns", f"session_date={SESSIONS[3]} index_id=SPX", "price") == 2
    assert "marts.index_returns has no column 'price'; it has session_date, index_id, close" in capsys.readouterr().err


def test_a_name_that_both_schemas_have_is_asked_for_with_its_schema(tmp_path: Path) -> None:
    stems = Counter(model.stem for model in load_models().values() if model.is_published)
    shared = sorted(stem for stem, count in stems.items() if count > 1)
    assert "sector_scores" in shared
    for stem in shared:
        both = f"there are several tables {stem}; write which is meant: marts.{stem} or reports.{stem}"
        with pytest.raises(UsageError, match=both):
            explain_cell(tmp_path, Settings(), stem, "session_date=2026-01-05", "x")
    with pytest.raises(UsageError, match="marts.sector_scores has no column 'x'"):
        explain_cell(tmp_path, Settings(), "marts.sector_scores", "session_date=2026-01-05", "x")


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no warehouse at .*; make one with `breadthwise build`"):
        explain_cell(tmp_path, Settings(), "marts.index_returns", "session_date=2026-01-05 index_id=SPX", "close")


def test_the_evidence_of_every_table_can_be_asked_for(home: Path) -> None:
    """Each query of a header runs for each column; on this small home some give no rows."""
    asked = 0
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        keys = {}
        for name, model in load_models().items():
            if model.is_published:
                names = [n.strip() for n in model.grain.split(" x ") if n.strip() in {c.name for c in model.columns}]
                listed = ", ".join(f'"{n}"' for n in names)
                rows = con.execute(f"select {listed} from {name} order by all desc limit 1").fetchall()
                if rows:
                    keys[name] = " ".join(f"{n}={v}" for n, v in zip(names, rows[0], strict=True))
    for name, key in keys.items():
        for column in load_models()[name].columns[-3:]:
            found = explain_cell(home, Settings(), name, key, column.name)
            assert found.column.name == column.name
            asked += 1
    assert asked > 40


def given_of(home: Path, table: str, key: str, column: str) -> list[tuple[object, ...]]:
    """Dataset, role, symbol, session, source and close of each fact that is named, in their order."""
    found = explain_cell(home, Settings(), table, key, column, limit=None)
    names = ("role", "symbol", "session_date", "source", "close")
    return [(given.dataset, *(row[name] for name in names)) for given in found.inputs for row in given.rows]


def test_a_sign_of_risk_names_the_bars_that_decide(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day, before = SESSIONS[-1], SESSIONS[-2]
    key = f"session_date={day} flag=financials_weakest"
    # XLF at 40 and XLK at 90, a tenth up and down a session
    n = len(SESSIONS) - 1
    assert given_of(home, "risk_flags", key, "is_raised") == [
        ("sector_bars", "close", "XLF", day, "test", pytest.approx(40 + 0.1 * n)),
        ("sector_bars", "close", "XLK", day, "test", pytest.approx(90 - 0.1 * n)),
        ("sector_bars", "close before", "XLF", before, "test", pytest.approx(40 + 0.1 * (n - 1))),
        ("sector_bars", "close before", "XLK", before, "test", pytest.approx(90 - 0.1 * (n - 1))),
    ]
    start = SESSIONS[FIRST_OF_YEAR - 1]
    spread = given_of(home, "risk_flags", f"session_date={day} flag=spread_extreme", "is_raised")
    assert [row[1:4] for row in spread] == [
        ("close of RUT", "RUT", day),
        ("close of SPX", "SPX", day),
        ("start of the year of RUT", "RUT", start),
        ("start of the year of SPX", "SPX", start),
    ]
    streak = given_of(home, "risk_flags", f"session_date={day} flag=lead_day_lost", "is_raised")
    assert {row[3] for row in streak} == {*SESSIONS[-10:], start}
    ranks = given_of(home, "risk_flags", f"session_date={day} flag=technology_climbing", "is_raised")
    assert [row[1:4:2] for row in ranks if row[2] == "XLK"] == [
        ("close", day),
        ("close 5 sessions ago", SESSIONS[-6]),
        ("base of now", SESSIONS[-22]),
        ("base of 5 sessions ago", SESSIONS[-27]),
    ]
    omen = given_of(home, "risk_flags", f"session_date={day} flag=hindenburg_omen", "is_raised")
    assert {row[0] for row in omen} == {"index_bars", "equity_bars"}
    assert len([row for row in omen if row[0] == "equity_bars"]) == 12
    assert why(home, "risk_flags", key, "is_raised") == 0
    out = capsys.readouterr().out
    assert "applied:  Financials +0.23 %; the weakest of 2 sectors is Information Technology with −0.12 %" in out
    assert "rows of index_bars" not in out


def test_what_is_amiss_names_the_bars_that_show_it(tmp_path: Path) -> None:
    fills.make_warehouse(tmp_path)
    before = fills.DAYS[fills.DAYS.index(fills.LOST) - 1]
    key = f"session_date={fills.LOST} item=fill subject=index_bars of yahoo_bars raw from fred raw"
    assert [row[1:5] for row in given_of(tmp_path, "data_quality", key, "note_en")] == [
        ("beside it", "SPX", before, "fred"),
        ("beside it", "SPX", before, "yahoo_bars"),
        ("of the session", "SPX", fills.LOST, "fred"),
    ]
    key = f"session_date={fills.LOST} item=fill subject=equity_bars of yahoo_bars raw from polygon_grouped raw"
    assert given_of(tmp_path, "data_quality", key, "rows") == [
        ("equity_bars", "of the session", "AAPL", fills.LOST, "polygon_grouped", pytest.approx(100.8))
    ]
    key = f"session_date={fills.WRONG} item=disagreement subject=index_bars of yahoo_bars and fred"
    assert given_of(tmp_path, "data_quality", key, "note_en") == [
        ("index_bars", "of the session", "SPX", fills.WRONG, "fred", 1016.0),
        ("index_bars", "of the session", "SPX", fills.WRONG, "yahoo_bars", 1011.0),
    ]
    key = f"session_date={fills.DAYS[0]} item=breadth subject=all"
    assert [row[0:5] for row in given_of(tmp_path, "data_quality", key, "note_en")] == [
        ("equity_bars", "of the session", "AAPL", fills.DAYS[0], "polygon_grouped"),
        ("equity_bars", "of the session", "AAPL", fills.DAYS[0], "yahoo_bars"),
    ]


def test_of_two_ratings_of_a_day_the_one_asked_for_is_explained(home: Path) -> None:
    day = SESSIONS[5]
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        query = "select position from reports.analyst_actions where session_date = ? and rated_time_utc = '14:00:00'"
        ((position,),) = con.execute(query, [day]).fetchall()
    key = f"session_date={day} position={position}"
    found = explain_cell(home, Settings(), "reports.analyst_actions", key, "to_grade")
    assert (found.value, found.inputs[0].dataset) == ("Hold", "rating_actions")
    assert [(row["role"], row["to_grade"]) for row in found.inputs[0].rows] == [("this rating", "Hold")]


def test_a_row_of_all_is_made_from_all(home: Path) -> None:
    day = SESSIONS[5]
    counted = explain_cell(home, Settings(), "rating_counts", f"session_date={day} sector=all", "actions")
    assert (counted.value, [given.total for given in counted.inputs]) == (2, [2])
    unknown = explain_cell(home, Settings(), "rating_counts", f"session_date={day} sector=unknown", "actions")
    assert (unknown.value, [given.total for given in unknown.inputs]) == (2, [2])
    flows = explain_cell(home, Settings(), "marts.flows_by_cap_band", f"session_date={day} cap_band=all", "members")
    # the bar of the day and that before of each of the six
    assert (flows.value, [given.total for given in flows.inputs]) == (6, [12])


def test_of_a_report_the_note_says_why_there_is_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert why(home, "reports.breadth", f"session_date={SESSIONS[5]} universe=all", "above_sma200_pct") == 0
    assert "reason:   Above the 20-day average: too few members with enough closes (" in capsys.readouterr().out


def with_evidence(monkeypatch: pytest.MonkeyPatch, name: str, evidence: Evidence | None) -> None:
    """Let the house have the model `name` with another evidence."""
    models = load_models()
    changed = {**models, name: replace(models[name], evidence=evidence)}
    monkeypatch.setattr("transforms.explain.load_models", lambda: changed)


def test_without_evidence_why_says_so_and_keeps_to_the_index(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_evidence(monkeypatch, "marts.index_returns", None)
    key = f"session_date={SESSIONS[3]} index_id=SPX"
    assert why(home, "marts.index_returns", key, "close") == 0
    out = capsys.readouterr().out
    assert "evidence: the model's header declares none" in out
    assert [line for line in out.splitlines() if " rows of " in line] == ["1 rows of index_bars"]
    assert f"of the session: symbol=SPX session_date={SESSIONS[3]}" in out


def test_the_evidence_of_the_recipe_names_the_sessions_that_it_counts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    model = parse_model("marts", "index_gaps", text.split("```sql\n", 1)[1].split("```", 1)[0])
    with_evidence(monkeypatch, "marts.index_returns", model.evidence)
    key = f"session_date={SESSIONS[30]} index_id=SPX"
    (given,) = explain_cell(home, Settings(), "marts.index_returns", key, "close", limit=None).inputs
    expected = [("close", SESSIONS[30]), *(("close before", SESSIONS[day]) for day in range(29, 9, -1))]
    assert [(row["role"], row["session_date"]) for row in given.rows] == expected
    assert {row["symbol"] for row in given.rows} == {"SPX"}


def test_neither_prefect_nor_great_expectations_is_imported(home: Path) -> None:
    script = (
        "import sys; from flows import cli; "
        f"code = cli.main(['--home', {str(home)!r}, 'why', 'marts.index_returns', "
        f"'session_date={SESSIONS[3]} index_id=SPX', 'close']); "
        "assert code == 0; assert not {'prefect', 'great_expectations'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_a_withdrawn_fact_of_the_session_is_named_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_home(tmp_path)
    key = {"symbol": "ST1", "session_date": str(SESSIONS[10])}
    withdraw_fact(tmp_path, "equity_bars", key, "a hundred times too high", at(0))
    publish(tmp_path, at(1))
    assert why(tmp_path, "marts.equity_facts", f"session_date={SESSIONS[11]} instrument_id=ST1", "return_1d_pct") == 0
    assert "withdrawn of" not in capsys.readouterr().out, "of another session"
    assert why(tmp_path, "marts.breadth_daily", f"session_date={SESSIONS[10]} universe=all", "advances") == 0
    named = f"symbol=ST1 session_date={SESSIONS[10]} source=test basis=raw"
    line = f"withdrawn of equity_bars at {at(0).isoformat()}: {named}: a hundred times too high"
    shown = capsys.readouterr().out.splitlines()
    assert line in shown
    # where the row of the figure itself is gone, it is said there
    by = shown[shown.index(line) + 1].strip()
    because = f"; its row of test in equity_bars was withdrawn on {at(0):%Y-%m-%d} {by}: a hundred times too high"
    assert why(tmp_path, "marts.equity_facts", f"session_date={SESSIONS[10]} instrument_id=ST1", "close") == 2
    assert f"instrument_id=ST1{because}; near it are" in capsys.readouterr().err
    with Warehouse(tmp_path) as warehouse:
        found = resolve_figure(warehouse, stock_entity("ST1"), MEASURES["close"], SESSIONS[10])
    assert (
        found.reason
        == f"marts.equity_facts has no row of ST1 for {SESSIONS[10]}, though it was a trading session{because}"
    )


def test_a_missing_figure_names_what_was_refused_of_its_symbol_and_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closes = [("SPX", SESSIONS[day], 6000 + day) for day in range(20)] + [("DJI", SESSIONS[20], 48000)]
    closes += [("SPX", SESSIONS[20], -1), ("DJI", SESSIONS[19], -2)]
    path = tmp_path / "closes.csv"
    path.write_text("symbol,date,close\n" + "".join(f"{name},{day},{close}\n" for name, day, close in closes))
    assert cli.main(["--home", str(tmp_path), "import", str(path), "--dataset", "index_bars", "--basis", "raw"]) == 3
    publish(tmp_path, at(0))
    key = f"session_date={SESSIONS[20]} index_id=SPX"
    capsys.readouterr()
    assert why(tmp_path, "reports.headline_indices", key, "return_1d_pct") == 0
    assert capsys.readouterr().out.splitlines()[-2].endswith("close_minimum (close is at least 1e-06): close = -1.0")
    for other, column in ((key, "position"), (f"session_date={SESSIONS[19]} index_id=SPX", "return_252d_pct")):
        assert why(tmp_path, "reports.headline_indices", other, column) == 0
        assert "refused" not in capsys.readouterr().out
