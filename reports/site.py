"""The folder of reports as a site: index pages with calendar and sparklines, latest.json and the schema, from the manifests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports import numerals
from reports.exports.document import MANIFEST, json_bytes, schema_bytes
from reports.markup import sentence_markup
from reports.templating import load_template, read_template, texts_in_language
from reports.texts import LANGUAGES, catalogue_in_language
from warehouse.errors import UsageError

INDEX = {"en": "index.html", "zh": "index.zh.html"}
_WIDTH, _HEIGHT = 320, 56
_MONTHS = 13
_TABLES_NAMED = 3


@dataclass(frozen=True)
class Failure:
    """The last run failed at this instant, with this message."""

    at: datetime
    message: str


@dataclass(frozen=True)
class ShrunkTable:
    """A table that has lost over 5 % of its rows since the build before, and what is known of why."""

    name: str
    rows_before: int
    rows: int
    cause: str


def read_manifests(folder: Path) -> list[dict[str, Any]]:
    """The manifests of the reports in `folder`, the oldest first. Raises UsageError for one that cannot be read."""
    found = []
    for path in sorted(folder.glob(f"????-??-??/{MANIFEST}")):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{path} cannot be read ({error}); make that report again, or remove its folder"
            ) from error
    return found


def site_files(
    found: Sequence[Mapping[str, Any]], failure: Failure | None = None, shrunk: Sequence[ShrunkTable] = ()
) -> dict[str, bytes]:
    """The files of the folder itself, from the manifests of its reports. `shrunk`: what the build lost, the worst first."""
    files = {INDEX[language]: _index_page(found, failure, shrunk, language).encode() for language in LANGUAGES}
    files["schema.json"] = schema_bytes()
    if found:
        files["latest.json"] = json_bytes(_latest_document(_newest_report(found), failure))
    return files


def _newest_report(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The report of the newest session; of the newest day where there are none but of days without a session."""
    return next((one for one in reversed(found) if "holiday" not in one["states"]), found[-1])


def _latest_document(manifest: Mapping[str, Any], failure: Failure | None) -> dict[str, Any]:
    day = manifest["session_date"]
    return {
        "session_date": day,
        "build_id": manifest["build_id"],
        "headline": manifest["headline"],
        "states": manifest["states"],
        "pages": {language: f"{day}/{language}.html" for language in manifest["languages"]},
        "report": f"{day}/report.json",
        "workbook": f"{day}/report.xlsx",
        "schema": "schema.json",
        "last_run_failed_at": failure.at.isoformat() if failure else None,
    }


def _index_page(
    found: Sequence[Mapping[str, Any]], failure: Failure | None, shrunk: Sequence[ShrunkTable], language: str
) -> str:
    newest = _newest_report(found) if found else None
    banner = None
    if failure is not None:
        at = numerals.format_instant(failure.at, language)
        banner = sentence_markup(language, "page.index_failed", at=at, message=failure.message)
    return load_template("index.html.j2").render(
        lang=language,
        html_lang={"en": "en", "zh": "zh-Hans"}[language],
        t=texts_in_language(language),
        others=[(name, INDEX[name]) for name in LANGUAGES if name != language],
        banner=banner,
        shrunk=_shrunk_sentence(shrunk, language) if shrunk else None,
        is_simulated=newest is not None and "simulated" in newest["states"],
        newest=_calendar_entry(newest, language) if newest else None,
        sparks=_sparkline_entries(newest, language) if newest else [],
        months=_calendar_months(found, language),
        weekdays=catalogue_in_language(language)["page.index_weekdays"].split(),
        style=Markup(read_template("style.css")),
    )


def _shrunk_sentence(shrunk: Sequence[ShrunkTable], language: str) -> Markup:
    """The tables that lost the most, as many as a line holds, with the cause of the first."""
    named = [
        sentence_markup(
            language,
            "page.index_shrunk_table",
            table=one.name,
            before=numerals.format_number(one.rows_before, language, 0),
            rows=numerals.format_number(one.rows, language, 0),
        )
        for one in shrunk[:_TABLES_NAMED]
    ]
    more = len(shrunk) - len(named)
    return sentence_markup(
        language,
        "page.index_shrunk" + ("_more" if more else ""),
        tables=Markup(str(catalogue_in_language(language)["page.index_shrunk_next"])).join(named),
        more=more,
        cause=shrunk[0].cause,
    )


def _calendar_entry(manifest: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A link to the page in `language`, or in the one that there is."""
    day = date.fromisoformat(manifest["session_date"])
    languages = manifest["languages"]
    page = language if language in languages else languages[0]
    return {
        "href": f"{day.isoformat()}/{page}.html",
        "day": numerals.format_day(day, language, "full"),
        "title": manifest["headline"][language],
        "number": day.day,
        "shade": _breadth_shade(manifest["advance_pct"]),
        "advance": numerals.format_number(manifest["advance_pct"], language, 1),
    }


def _breadth_shade(advance_pct: float | None) -> str:
    """h0 (most stocks rose) to h4 (most fell); '' where it is not known."""
    return "" if advance_pct is None else f"h{min(4, max(0, int((100 - advance_pct) // 20)))}"


def _calendar_months(found: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """The last months with reports, the newest first: weeks of five days, each None or the entry of a report."""
    by_day = {date.fromisoformat(one["session_date"]): one for one in found}
    firsts = sorted({day.replace(day=1) for day in by_day}, reverse=True)[:_MONTHS]
    return [
        {"name": numerals.format_month_of_year(first, language), "weeks": _calendar_weeks(first, by_day, language)}
        for first in firsts
    ]


def _calendar_weeks(
    first: date, by_day: Mapping[date, Mapping[str, Any]], language: str
) -> list[list[dict[str, Any] | None]]:
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday <= first or monday.month == first.month:
        days = [monday + timedelta(days=number) for number in range(5)]
        if any(day.month == first.month for day in days):
            weeks.append([_calendar_day(day, first, by_day, language) for day in days])
        monday += timedelta(days=7)
    return weeks


def _calendar_day(
    day: date, first: date, by_day: Mapping[date, Mapping[str, Any]], language: str
) -> dict[str, Any] | None:
    if day.month != first.month:
        return None
    return _calendar_entry(by_day[day], language) if day in by_day else {"href": "", "number": day.day}


def _sparkline_entries(manifest: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    sparks = []
    for name, decimals, is_signed in (("spread", 2, True), ("breadth", 1, False)):
        line = manifest["sparklines"][name]
        values = [value for _, value in line if value is not None]
        if len(values) < 2:
            continue
        low, high = min(values), max(values)
        reach, step = (high - low) or 1.0, _WIDTH / (len(line) - 1)
        points = [
            f"{place * step:.1f},{_HEIGHT - 4 - (value - low) / reach * (_HEIGHT - 8):.1f}"
            for place, (_, value) in enumerate(line)
            if value is not None
        ]
        sparks.append(
            {
                "name": catalogue_in_language(language)[f"page.index_{name}"],
                "points": " ".join(points),
                "last": points[-1].split(","),
                "value": numerals.format_number(line[-1][1], language, decimals, is_signed=is_signed),
                "first_day": numerals.format_short_day(date.fromisoformat(line[0][0]), language),
                "last_day": numerals.format_short_day(date.fromisoformat(line[-1][0]), language),
            }
        )
    return sparks
