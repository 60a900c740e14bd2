"""The pages as a reader has them: nothing asked, nothing broken, accessible, sortable by keyboard, true to the tables."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from reports.layout import BY_NAME
from tests.browser.conftest import open_page
from tests.integration.conftest import LAST_SESSION
from tests.support.doctored import HOSTILE_STATEMENTS, STATES, doctored

WIDTHS = (390, 1280, 1920)
_NUMBER = re.compile(r"[^0-9.\-]")


def parsed(text: str) -> float:
    """The number that a reader sees: '−1,234.5' is -1234.5."""
    return float(_NUMBER.sub("", text.replace("\u2212", "-")))


@pytest.fixture(scope="module")
def tables(demo_template: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of the session by table, straight from the warehouse, in their order."""
    found = {}
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        for name in BY_NAME:
            rows = con.execute(f"select * from reports.{name} where session_date = ? order by position", [LAST_SESSION])
            names = [entry[0] for entry in rows.description or ()]
            found[name] = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_asked_nothing_breaks_and_axe_finds_nothing_grave(
    browser: Browser, report_folder: Path, language: str, scheme: str
) -> None:
    path = report_folder / f"{language}.html"
    opened = open_page(browser, path, scheme=scheme)
    assert opened.console == []
    assert opened.requests == [path.resolve().as_uri()]
    assert opened.page.locator("h1").count() == 1
    assert opened.page.locator("section").count() >= 12
    assert opened.page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == (
        opened.page.locator("[id]").count()
    )
    found = Axe().run(opened.page).response["violations"]
    assert [
        (one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")
    ] == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(browser: Browser, report_folder: Path, language: str, width: int) -> None:
    opened = open_page(browser, report_folder / f"{language}.html", width)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_headline_indices_and_breadth_come_first(browser: Browser, report_folder: Path) -> None:
    page = open_page(browser, report_folder / "en.html", 390).page
    tops = [page.locator(one).first.bounding_box() for one in ("h1", ".cards", ".breadth-line", "nav.contents")]
    heights = [box["y"] for box in tops if box]
    assert heights == sorted(heights)
    assert len(heights) == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_in_a_table_is_that_of_its_cell(
    browser: Browser, report_folder: Path, tables: dict[str, list[dict[str, Any]]], language: str
) -> None:
    page = open_page(browser, report_folder / f"{language}.html").page
    cells = page.evaluate(
        """() => [...document.querySelectorAll('table[data-t] tbody tr')].flatMap(tr => [...tr.cells].map(cell => [
        cell.closest('table').dataset.t, Number(tr.dataset.n),
        cell.closest('table').tHead.rows[0].cells[cell.cellIndex].dataset.c, cell.className, cell.dataset.v,
        [...cell.childNodes].filter(n => n.nodeName !== 'SUP').map(n => n.textContent).join('')]))"""
    )
    decimals = {
        (table.name, column.name): column.decimals or 0 for table in BY_NAME.values() for column in table.columns
    }
    compared = 0
    for table, place, column, kind, raw, shown in cells:
        value = tables[table][place][column]
        if not kind.startswith("num"):
            assert raw == ("" if value is None else str(value)), (table, place, column)
            continue
        if value is None:
            assert (raw, shown) == ("", "\u2013"), (table, place, column)
            continue
        assert float(raw) == value, (table, place, column)
        assert math.isclose(parsed(shown), value, abs_tol=0.51 * 10 ** -decimals[table, column]), (
            table,
            place,
            column,
            shown,
        )
        assert (parsed(shown) < 0) <= (value < 0)
        compared += 1
    assert compared > 700


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_outside_the_tables_is_that_of_its_cell(
    browser: Browser, report_folder: Path, tables: dict[str, list[dict[str, Any]]], language: str
) -> None:
    page = open_page(browser, report_folder / f"{language}.html").page
    figures = page.evaluate(
        "() => [...document.querySelectorAll('data[data-ref]')].map(e => [e.dataset.ref, e.getAttribute('value'), e.textContent])"
    )
    # headline, four cards of three, three of breadth, eight of rotation
    assert len(figures) >= 24
    for ref, raw, shown in figures:
        table, place, column, *absolute = ref.split("|")
        value = tables[table][int(place)][column]
        if value is None:
            assert (raw, shown) == ("", "\u2013"), ref
            continue
        value = abs(value) if absolute else value
        assert float(raw) == value, ref
        assert math.isclose(parsed(shown), value, abs_tol=0.51), (ref, shown)
    legends = page.evaluate(
        "() => [...document.querySelectorAll('data[data-chart]')]"
        ".map(e => [e.dataset.chart, e.getAttribute('value'), e.textContent])"
    )
    assert len(legends) > 10
    keys = {"headline_indices": "index_id", "breadth": "universe", "policy_rates": "item"}
    for ref, raw, shown in legends:
        table, key, column = ref.split("|")
        rows = [row for row in tables[table] if not key or row[keys[table]] == key]
        assert len(rows) == 1, ref
        assert float(raw) == rows[0][column], ref
        assert math.isclose(parsed(shown), rows[0][column], abs_tol=0.51), (ref, shown)
    texts = page.evaluate(
        "() => [...document.querySelectorAll('[data-text]')].map(e => [e.dataset.text, e.textContent])"
    )
    for ref, shown in texts:
        table, place = ref.split("|")
        row = tables[table][int(place)]
        for name in ("text", "numbers", "reason"):
            wanted = row.get(f"{name}_{language}")
            assert wanted is None or wanted in shown.replace("\u00a0", " "), ref


def test_the_keyboard_sorts_and_moves_and_says_where_a_figure_comes_from(browser: Browser, report_folder: Path) -> None:
    page = open_page(browser, report_folder / "en.html").page
    tables = page.locator("table[data-t]")
    assert tables.count() >= 10
    for number in range(tables.count()):
        table = tables.nth(number)
        if table.is_visible():
            assert table.locator("thead button").count() == table.locator("thead th").count()
    head = page.locator("table[data-t='sector_performance'] th[data-c='return_ytd_pct']")
    head.locator("button").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    values = page.evaluate(
        "() => [...document.querySelectorAll(\"table[data-t='sector_performance'] tbody tr\")]"
        ".map(r => Number(r.cells[7].dataset.v))"
    )
    assert page.locator("table[data-t='sector_performance'] th").nth(7).get_attribute("data-c") == "return_ytd_pct"
    assert values == sorted(values, reverse=True)
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    first = page.locator("table[data-t='headline_indices'] tbody th").first
    first.focus()
    page.keyboard.press("ArrowRight")
    tip = page.locator("#tip")
    expect(tip).to_be_visible()
    assert "reports.headline_indices.close" in tip.inner_text()
    assert LAST_SESSION in tip.inner_text()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_a_sort_holds_for_the_rows_that_are_folded_too(browser: Browser, report_folder: Path) -> None:
    page = open_page(browser, report_folder / "en.html").page
    rows = page.locator("table[data-t='fundamental_leaders'] tbody tr")
    hidden = page.locator("table[data-t='fundamental_leaders'] tr.folded")
    assert hidden.count() > 0
    assert not hidden.first.is_visible()
    unfolded = rows.count() - hidden.count()
    head = page.locator("table[data-t='fundamental_leaders'] th[data-c='revenue_growth_3y_pct']")
    place = head.evaluate("e => e.cellIndex")
    head.locator("button").click()
    values = rows.evaluate_all(f"rows => rows.map(r => r.cells[{place}].dataset.v)")
    known = [float(value) for value in values if value]
    assert known == sorted(known, reverse=True)
    assert rows.count() - hidden.count() == unfolded
    assert [rows.nth(number).is_visible() for number in (unfolded - 1, unfolded)] == [True, False]
    page.locator(".folding:has(table[data-t='fundamental_leaders']) summary").click()
    assert hidden.last.is_visible()


@pytest.mark.parametrize("has_script", [True, False])
def test_paper_has_every_row_and_note(browser: Browser, report_folder: Path, has_script: bool) -> None:
    context = browser.new_context(java_script_enabled=has_script)
    page = context.new_page()
    page.goto((report_folder / "en.html").resolve().as_uri())
    assert not page.locator("tr.folded").first.is_visible()
    page.emulate_media(media="print")
    for element in ("table[data-t] tbody tr", ".notes li"):
        found = page.locator(element)
        assert found.count() > 10
        assert all(one.is_visible() for one in found.all()), element
    assert not any(one.is_visible() for one in page.locator("details.fold summary").all())
    context.close()


def test_up_is_red_in_chinese_and_green_in_english(browser: Browser, report_folder: Path) -> None:
    colours = {}
    for language in ("en", "zh"):
        page = open_page(browser, report_folder / f"{language}.html").page
        colours[language] = page.evaluate(
            "() => ['up', 'down'].map(k => getComputedStyle(document.querySelector(`td.num.${k}`)).color)"
        )
    assert colours["en"] == colours["zh"][::-1]
    assert colours["en"][0] == "rgb(10, 107, 85)"


def test_the_index_page_leads_to_the_reports(browser: Browser, report_folder: Path) -> None:
    for name in ("index.html", "index.zh.html"):
        opened = open_page(browser, report_folder.parent / name)
        assert opened.console == []
        assert opened.requests == [(report_folder.parent / name).resolve().as_uri()]
        found = Axe().run(opened.page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        assert opened.page.locator(".month a").count() == 1
        assert opened.page.locator(".spark polyline").count() == 2
        opened.page.locator("h1 a").click()
        expect(opened.page.locator("html")).to_have_attribute("data-session", LAST_SESSION)


@pytest.mark.parametrize("state", [*STATES, "hostile"])
def test_states_and_hostile_texts_break_nothing(
    browser: Browser, demo_template: Path, tmp_path: Path, state: str
) -> None:
    from flows.report.write import write_report
    from warehouse.settings import Settings

    statements = HOSTILE_STATEMENTS if state == "hostile" else STATES[state]
    folder = write_report(doctored(demo_template, tmp_path / "home", *statements), Settings(), None)
    for language, width in (("en", 390), ("zh", 1280)):
        opened = open_page(browser, folder / f"{language}.html", width)
        assert opened.console == []
        assert len(opened.requests) == 1
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert "taken" not in opened.page.title()
        assert (state == "hostile") or opened.page.locator(f"[data-state='{state}']").count() == 1
