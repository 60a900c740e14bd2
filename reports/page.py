"""The page of a session in one language: everything that the template shows, gathered; the template holds no logic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from reports import charts, layout, numerals
from reports.charts.chart import Chart
from reports.grid import precedent_grid
from reports.headline import make_headline
from reports.layout import BY_NAME, TABLES
from reports.markup import direction_of_value, figure_markup, strip_tags
from reports.precedents import pattern_sentence, shown_precedents
from reports.reading import BuildNote, Reading, Row
from reports.states import page_states
from reports.tables import TableView, table_view
from reports.templating import load_template, read_template, texts_in_language
from reports.texts import LANGUAGES, catalogue_in_language, text_for_key
from warehouse import calendar

# what stands in the cards at the top: the four that everybody asks for first
_CARDS = ("SPX", "COMP", "DJI", "RUT", "NDX", "VIX")
_SECTIONS = (
    *("indices", "sectors", "risks", "rotation", "breadth", "flows", "rates", "ratings", "leaders", "precedents"),
    *("quality", "methods"),
)
# days; since 1933 the exchange has not been closed for longer than a week
_LONGEST_CLOSURE = 15
_INDEX_ORDER = {name: place for place, name in enumerate(("SPX", "COMP", "DJI", "RUT"))}


@dataclass(frozen=True)
class PageOptions:
    """What a page depends on besides the build: languages in which up is red, when a session counts as completed, and where
    the index pages stand, seen from the page's folder.
    """

    up_is_red_in: tuple[str, ...] = ("zh",)
    close_margin_minutes: int = 15
    index_folder: str = ".."


@dataclass
class Material:
    """What is read of the build for one session, once for all languages."""

    reading: Reading
    day: date
    note: BuildNote
    tables: Mapping[str, Sequence[Row]]
    histories: Mapping[str, list[Row]]
    summary_before: Row | None
    indices_before: Sequence[Row] = ()
    options: PageOptions = field(default_factory=PageOptions)

    @property
    def is_first(self) -> bool:
        """The build has no session before."""
        return self.reading.sessions_before(self.day, 2) == [self.day]

    @property
    def table_names(self) -> list[str]:
        """The tables that the build has, with rows of the session or without: an older build may lack one."""
        return [name for name in self.tables if self.reading.has_table(name)]


def gather_material(reading: Reading, day: date, options: PageOptions) -> Material:
    """Read what the pages of `day` need."""
    session_before = _session_before(day)
    before = reading.session_rows("rotation_summary", session_before) if session_before else []
    indices_before = reading.session_rows("headline_indices", session_before) if session_before else []
    return Material(
        reading,
        day,
        reading.build_note(),
        {table.name: reading.session_rows(table.name, day) for table in TABLES},
        charts.read_chart_rows(reading, day),
        before[0] if before else None,
        indices_before,
        options,
    )


def render_page(material: Material, language: str, languages: Sequence[str] = tuple(LANGUAGES)) -> str:
    """The page as HTML, linked to those of the other `languages`. Raises TextError for a language that there is not."""
    return load_template("page.html.j2").render(**template_context(material, language, languages))


def template_context(material: Material, language: str, languages: Sequence[str]) -> dict[str, Any]:
    """Everything that the template shows."""
    day, note, tables = material.day, material.note, material.tables
    views = {table.name: _table_view_of(material, table.name, language) for table in TABLES}
    found = page_states(material.reading, note, day, tables, material.options.close_margin_minutes, language)
    drawn = charts.draw_all(material.histories, language, day) if calendar.is_session(day) else {}
    top = make_headline(
        tables,
        material.summary_before,
        language,
        is_session=calendar.is_session(day),
        is_first=material.is_first,
    )
    return {
        "lang": language,
        "html_lang": {"en": "en", "zh": "zh-Hans"}[language],
        "t": texts_in_language(language),
        "day": day,
        "day_text": numerals.format_day(day, language, "full"),
        "build": note,
        "built_text": numerals.format_instant(note.built_at, language),
        "known_text": numerals.format_instant(note.known_until, language),
        "index_folder": material.options.index_folder,
        "is_red_up": language in material.options.up_is_red_in,
        "headline": top,
        "title_text": strip_tags(top.title),
        "states": found,
        "is_session": calendar.is_session(day),
        "before_text": _session_before_in_words(day, language),
        "cards": _index_cards(tables["headline_indices"], language),
        "breadth_bar": _breadth_bar(tables["breadth"], language),
        "summary": _market_summary(tables["rotation_summary"], language),
        "views": views,
        "charts": drawn,
        "chart_titles": {name: catalogue_in_language(language)[f"charts.{name}"] for name in drawn},
        "chart_ends": {name: _chart_end(chart, language) for name, chart in drawn.items()},
        "chart_words": {name: _describe_chart(name, chart, language) for name, chart in drawn.items()},
        "sheets": _statistics_sheets(material, language),
        "flags": _flag_entries(tables["risk_flags"], language),
        "grid": precedent_grid(tables["precedents"], language),
        "patterns": _pattern_sentence(material, language),
        "methods": _methods_of_shown_tables(material),
        "other_languages": [name for name in languages if name != language],
        "style": Markup(read_template("style.css")),
        "script": Markup(read_template("page.js")),
        "hashes": note.hashes,
        "section_names": _SECTIONS,
        "has_rows": any(tables.values()),
        "tables": material.table_names,
    }


def _session_before(day: date) -> date | None:
    """The session before `day` by the calendar; None where the calendar begins with it."""
    before = calendar.sessions_between(day - timedelta(days=_LONGEST_CLOSURE), day - timedelta(days=1))
    return before[-1] if before else None


def _session_before_in_words(day: date, language: str) -> str:
    before = _session_before(day)
    return numerals.format_day(before, language, "full") if before else ""


def _table_view_of(material: Material, name: str, language: str) -> TableView:
    found = material.tables[name]
    rows = shown_precedents(found) if name == "precedents" else list(enumerate(found))
    return table_view(BY_NAME[name], rows, material.reading.table_columns(name), language)


def _pattern_sentence(material: Material, language: str) -> Markup:
    tables = material.tables
    return pattern_sentence(
        tables["precedents"], tables["headline_indices"], material.indices_before, material.day, language
    )


def _index_cards(rows: Sequence[Row], language: str) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = []
    percent = numerals.percent_sign(language)
    for place, row in enumerate(rows):
        if row["index_id"] not in _CARDS or row["close"] is None:
            continue
        ref = f"headline_indices|{place}|"
        cards.append(
            {
                "name": layout.cell_value(row, "label", language),
                "close": figure_markup(row["close"], language, 2, ref + "close"),
                "change": figure_markup(
                    row["return_1d_pct"],
                    language,
                    2,
                    ref + "return_1d_pct",
                    is_signed=True,
                    unit=percent,
                ),
                "year": figure_markup(
                    row["return_ytd_pct"],
                    language,
                    2,
                    ref + "return_ytd_pct",
                    is_signed=True,
                    unit=percent,
                ),
                "way": direction_of_value(row["return_1d_pct"]),
            }
        )
    return cards


def _breadth_bar(rows: Sequence[Row], language: str) -> list[dict[str, Any]]:
    """Advances, declines and unchanged of the whole market with their widths in percent; none without a market."""
    for place, row in enumerate(rows):
        if row["universe"] == "all" and row["advances"] is not None and row["eligible"]:
            parts = []
            before = 0
            for name, kind in (("advances", "up"), ("unchanged", "flat"), ("declines", "down")):
                parts.append(
                    {
                        "name": catalogue_in_language(language)[f"page.{name}"],
                        "figure": figure_markup(row[name], language, 0, f"breadth|{place}|{name}"),
                        "x": f"{100 * before / row['eligible']:.2f}",
                        "width": f"{100 * row[name] / row['eligible']:.2f}",
                        "kind": kind,
                    }
                )
                before += row[name]
            return parts
    return []


def _market_summary(rows: Sequence[Row], language: str) -> dict[str, list[dict[str, Any]]]:
    """The figures of the whole market: small against large, and how much is rotating."""
    found: dict[str, list[dict[str, Any]]] = {"small": [], "rotation": []}
    texts = catalogue_in_language(language)
    for one in BY_NAME["rotation_summary"].columns if rows else ():
        if rows[0][one.name] is None:
            continue
        ref = f"rotation_summary|0|{one.name}"
        found["small" if one.name.startswith("small_") else "rotation"].append(
            {
                "name": texts.get(f"heads.{one.name}", texts.get(f"columns.{one.name}", one.name)),
                "figure": figure_markup(rows[0][one.name], language, one.decimals or 0, ref, is_signed=one.is_signed),
            }
        )
    return found


def _statistics_sheets(material: Material, language: str) -> list[dict[str, Any]]:
    """The statistics sheet: lines by index."""
    sheets: dict[str, list[dict[str, Any]]] = {}
    for place, row in enumerate(material.tables["index_statistics"]):
        text = layout.cell_value(row, "text", language)
        if text is not None:
            subject = layout.cell_value(row, "label", language)
            sheets.setdefault(row["index_id"], []).append({"subject": subject, "text": text, "place": place})
    texts = catalogue_in_language(language)
    order = sorted(sheets, key=lambda name: (_INDEX_ORDER.get(name, 9), name))
    return [{"name": texts.get(f"names.index.{name}", name), "lines": sheets[name]} for name in order]


def _flag_entries(rows: Sequence[Row], language: str) -> list[dict[str, Any]]:
    states_of = {True: "raised", False: "clear", None: "unknown"}
    return [
        {
            "name": layout.cell_value(row, "label", language),
            "state": states_of[row["is_raised"]],
            "state_text": catalogue_in_language(language)[f"page.flag_{states_of[row['is_raised']]}"],
            "numbers": layout.cell_value(row, "numbers", language),
            "reason": layout.cell_value(row, "reason", language),
            "place": place,
        }
        for place, row in enumerate(rows)
    ]


def _describe_chart(name: str, chart: Chart, language: str) -> str:
    """What the chart shows, for those who do not see it: its title and the newest value of each series."""
    newest = ", ".join(f"{one.label} {one.value}" for one in chart.legend if one.value)
    title = str(catalogue_in_language(language)[f"charts.{name}"])
    if chart.until:
        title = f"{title} ({_chart_end(chart, language)})"
    return f"{title}: {newest}" if newest else title


def _chart_end(chart: Chart, language: str) -> str:
    """The last session of a chart that ends before the page's, in words; '' of another."""
    return text_for_key(language, "charts.until", day=numerals.format_day(chart.until, language)) if chart.until else ""


def _methods_of_shown_tables(material: Material) -> list[Row]:
    """The methods of what is shown, by table."""
    shown = {mart for table in TABLES for mart in table.marts}
    return [row for row in material.reading.method_register() if row["table_name"] in shown]
