"""Reports of sessions that have a part of the market only: what is there is shown as the session's, what is not is said."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows import cli
from flows.console.context import Reporter
from flows.report import as_of
from flows.report.write import write_report
from reports.page import PageOptions, gather_material, render_page
from reports.reading import open_build
from tests.integration.conftest import LAST_SESSION
from tests.support.doctored import doctored
from warehouse.settings import Settings

DAY = date.fromisoformat(LAST_SESSION)
OF_INDICES = ("headline_indices", "index_statistics", "rotation_summary", "precedents", "risk_flags", "headline")
OF_SECTORS = ("sector_performance", "rotation", "sector_scores")
OF_STOCKS = ("breadth", "flows_by_cap_band", "sector_scores")
LOST = "update ops.session_ledger set status = 'missing', rows = 0 where session_date = $day and dataset in "


def without(tables: tuple[str, ...], where: str = "session_date = $day") -> list[str]:
    return [f"delete from reports.{name} where {where}" for name in tables]


def page(home: Path, language: str = "en", day: date = DAY) -> str:
    with open_build(home / "warehouse.duckdb") as reading:
        return render_page(gather_material(reading, day, PageOptions()), language)


def figure(html: str, name: str) -> str:
    return html.partition(f'<figure class="chart chart-{name}">')[2].partition("</figure>")[0]


def test_a_session_without_stocks_shows_no_figure_of_the_one_before(demo_template: Path, tmp_path: Path) -> None:
    lost = (*without(OF_STOCKS), f"{LOST} ('equity_bars')")
    html = page(doctored(demo_template, tmp_path / "home", *lost))
    for name in ("ad_line", "mcclellan", "above_averages", "highs_lows", "thrust"):
        drawn = figure(html, name)
        assert "ends on January 21, 2026, the last session with figures" in drawn, name
        assert set(re.findall(r'<data class="fig" value="([^"]*)"[^>]*>([^<]*)<', drawn)) == {("", "\u2013")}, name
        assert "(ends on January 21, 2026, the last session with figures)" in drawn.partition("aria-label=")[2]


def test_a_session_without_sector_funds_dates_what_is_drawn_of_them(demo_template: Path, tmp_path: Path) -> None:
    lost = (*without((*OF_SECTORS, "rotation_summary")), f"{LOST} ('sector_bars')")
    html = page(doctored(demo_template, tmp_path / "home", *lost), "zh")
    for name in ("rrg", "rank_heatmap", "spread"):
        assert "截至2026年1月21日" in figure(html, name), name
    assert "截至" not in figure(html, "race") + figure(html, "ad_line")


def test_a_session_that_only_stocks_have_is_the_newest(demo_template: Path, tmp_path: Path) -> None:
    lost = (*without((*OF_INDICES, *OF_SECTORS)), f"{LOST} ('index_bars', 'sector_bars')")
    home = doctored(demo_template, tmp_path / "home", *lost)
    for asked in (None, DAY):
        html = (write_report(home, Settings(), asked) / "en.html").read_text(encoding="utf-8")
        assert f'data-session="{LAST_SESSION}"' in html
        assert re.search(r"<title>\d+\.\d % of stocks rise; no close of the S&amp;P 500", html)
        assert 'data-state="simulated"' in html
        assert "Missing for this session: indices, sector funds." in html
        assert "Whether a pattern that is followed was met is not known" in html
    # of the session before all is there, and it is not the newest
    assert "data-state" not in page(home, day=date(2026, 1, 21)).replace('data-state="simulated"', "")


def test_a_build_of_stocks_alone_has_reports_and_exports(
    demo_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = doctored(demo_template, tmp_path / "home", *without((*OF_INDICES, *OF_SECTORS), "true"))
    html = (write_report(home, Settings(), None) / "en.html").read_text(encoding="utf-8")
    assert "% of stocks rise; no close of the S&amp;P 500" in html
    assert {name for name in ("ad_line", "mcclellan") if figure(html, name)} == {"ad_line", "mcclellan"}
    assert cli.main(["--home", str(home), "export", "--out", str(tmp_path / "out")]) == 0
    assert f"files of {LAST_SESSION}" in capsys.readouterr().out


def test_what_was_met_is_told_and_where_it_cannot_be_known_that_is(demo_template: Path, tmp_path: Path) -> None:
    plain = doctored(demo_template, tmp_path / "plain", "delete from reports.precedents where session_date = $day")
    assert "No pattern that is followed was met on this session." in page(plain)
    met = "update reports.precedents set is_match = not is_primary where session_date = $day"
    html = page(doctored(demo_template, tmp_path / "met", met))
    assert "Met on this session: " in html
    assert "No pattern that is followed" not in html
    unknown = "update reports.headline_indices set streak_vs_spx = null where session_date = $day"
    hidden = doctored(demo_template, tmp_path / "unknown", unknown, *without(("precedents",)))
    assert "was met is not known" in page(hidden)


def test_rows_and_notes_are_outside_what_a_reader_must_open(demo_template: Path) -> None:
    for language in ("en", "zh"):
        html = page(demo_template, language)
        folded = re.findall(r'<tr data-n="\d+" class="[^"]*folded"', html)
        assert len(folded) > 20
        for content in re.findall(r"<details class=\"fold\">(.*?)</details>", html, re.DOTALL):
            assert re.fullmatch(r"<summary>[^<]*</summary>", content)
        # a sort reaches the whole of a table
        tables = re.findall(r'<table data-t="(\w+)"', html)
        assert len(tables) == len(set(tables))
    style = page(demo_template).partition("<style>")[2].partition("</style>")[0]
    for rule in (".folded { display: none; }", "+ .notes { display: none; }"):
        assert rule in style.partition("@media screen {")[2].partition("\n}")[0]
        assert style.count(rule) == 1


def test_english_on_a_chinese_page_says_that_it_is(demo_template: Path) -> None:
    html = page(demo_template, "zh")
    assert '<dl class="methods" lang="en">' in html
    titles = set(re.findall(r'<th scope="col"[^>]* title="([^"]*)"', html))
    assert titles
    assert not [title for title in titles if re.search("[a-z]{3,} [a-z]{2,}", title)]
    assert 'title="Close of the session (USD)' not in html


def test_one_session_behind_is_one(demo_template: Path, tmp_path: Path) -> None:
    behind = "update ops.builds set built_at = timestamptz '2026-01-24 12:00:00+00'"
    html = page(doctored(demo_template, tmp_path / "home", behind))
    assert re.search(r'data-state="stale">[^<]*\(one session behind\)\.', html)


def test_a_page_of_an_instant_leads_to_the_index(
    demo_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(_home: Path, _settings: Settings, out: Path, *_: object) -> None:
        shutil.copy((demo_template / "warehouse.duckdb").resolve(), out)

    monkeypatch.setattr(as_of, "build_as_of", copied)
    instant = datetime(2026, 1, 23, 12, tzinfo=UTC)
    folder = as_of.write_report_as_of(tmp_path, Settings(), instant, DAY, ("en", "zh"), instant, Reporter(quiet=True))
    for name in ("en", "zh"):
        html = (folder / f"{name}.html").read_text(encoding="utf-8")
        (link,) = re.findall(r'href="([^"]*index(?:\.zh)?\.html)"', html)
        assert (folder / link).resolve().is_file()
        assert (folder / link).resolve().parent == tmp_path / "reports"
