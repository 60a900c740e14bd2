"""What a reader must know before the figures: simulated, stale, first day, missing, not begun, provisional, set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from reports import numerals
from reports.markup import sentence_markup
from reports.reading import BuildNote, Reading, Row
from reports.texts import text_for_key
from warehouse import calendar

_AMISS = ("missing", "not_begun", "provisional", "partial", "implied")


@dataclass(frozen=True)
class State:
    """`kind` is alert (the figures are not what they seem), or note. `name` is of the state."""

    name: str
    kind: str
    text: Markup


def page_states(
    reading: Reading,
    note: BuildNote,
    day: date,
    tables: Mapping[str, Sequence[Row]],
    margin_minutes: int,
    language: str,
) -> tuple[State, ...]:
    """The states of the page of `day`, the gravest first."""

    def make_state(name: str, kind: str, **values: object) -> State:
        return State(name, kind, sentence_markup(language, f"page.state_{name}", **values))

    found = []
    is_trading_day = calendar.is_session(day)
    if is_simulated(_priced_tables(reading, day, tables)):
        found.append(make_state("simulated", "alert"))
    if not is_trading_day:
        return (*found, make_state("holiday", "alert", day=_day_with_weekday(day, language)))
    newest = reading.newest_session()
    due = calendar.last_completed_session(note.known_until, margin_minutes)
    if newest == day and due > day:
        behind = len(calendar.sessions_between(day, due)) - 1
        text = sentence_markup(
            language,
            "page.state_stale" if behind > 1 else "page.state_stale_by_one",
            built=numerals.format_instant(note.known_until, language),
            due=_day_with_weekday(due, language),
            sessions=behind,
        )
        found.append(State("stale", "alert", text))
    found += _ledger_states(reading, day, tables, language)
    if reading.sessions_before(day, 2) == [day]:
        found.append(make_state("first_day", "note"))
    aside = sum(row["rows"] or 0 for row in tables["data_quality"] if str(row["status"]) in ("set aside", "set_aside"))
    if aside:
        found.append(make_state("set_aside", "note", rows=numerals.format_number(aside, language, 0)))
    return tuple(found)


def _ledger_states(reading: Reading, day: date, tables: Mapping[str, Sequence[Row]], language: str) -> list[State]:
    found = []
    ledger = reading.session_ledger(day)
    by_status: dict[str, list[str]] = {}
    for dataset in ("index_bars", "sector_bars", "equity_bars"):
        # the ledger of a dataset begins with its first row
        status = str(ledger[dataset]["status"]) if dataset in ledger else "not_begun"
        if status in _AMISS:
            by_status.setdefault(status, []).append(text_for_key(language, f"page.dataset_{dataset}"))
    for status, datasets in by_status.items():
        listed = text_for_key(language, "notes.and").join(datasets)
        kind = "alert" if status in ("missing", "provisional") else "note"
        found.append(State(status, kind, sentence_markup(language, f"page.state_{status}", datasets=listed)))
    if not any(row["members"] for row in tables["breadth"]):
        found.append(State("no_stocks", "note", sentence_markup(language, "page.state_no_stocks")))
    return found


def _priced_tables(reading: Reading, day: date, tables: Mapping[str, Sequence[Row]]) -> Mapping[str, Sequence[Row]]:
    """The rows that tell whose market it is; of a day without any, those of the last session that has them."""
    names = ("headline_indices", "sector_performance")
    if any(row["close"] is not None for name in names for row in tables[name]):
        return tables
    last = reading.last_priced_session(day)
    return {name: reading.session_rows(name, last) for name in names} if last else dict.fromkeys(names, ())


def is_simulated(tables: Mapping[str, Sequence[Row]]) -> bool:
    """Whether a series of the session's indices or sectors is of the simulated market."""
    rows = (*tables["headline_indices"], *tables["sector_performance"])
    return any(str(row["source"] or "").startswith("simulated") for row in rows)


def _day_with_weekday(day: date, language: str) -> str:
    name, shown = numerals.format_weekday(day, language), numerals.format_day(day, language)
    return f"{name}, {shown}" if language == "en" else f"{shown}（{name}）"
