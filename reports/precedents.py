"""Which rows of reports.precedents a page shows, and what it says of the patterns that the session met.

A pattern is a definition and its grid. Of each pattern the definition itself is shown; where it was not met, first the strictest
of its grid that was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from reports import layout
from reports.markup import sentence_markup
from reports.reading import Row
from reports.texts import text_for_key
from warehouse import calendar

_INDICES = ("RUT", "SPX")
# what intermediate.precedent_definitions follows: the end of a run ahead on every session, a lead in the year on some
STREAK_PAIR = ("RUT", "SPX")
LEAD_PAIRS = (("RUT", "NDX"), ("RUT", "COMP"), ("RUT", "SPX"))
LEAD_SESSIONS = range(10, 21)


def pattern_of(row: Row) -> str:
    """The definition's id without its threshold: what it has in common with its grid."""
    return str(row["definition_id"]).rsplit("_", 1)[0]


def met_definitions(rows: Sequence[Row]) -> list[Row]:
    """A row of each pattern that the session met: the definition itself, else the strictest of its grid."""
    best: dict[str, Row] = {}
    for row in rows:
        if not row["is_match"]:
            continue
        held = best.get(pattern_of(row))
        if held is None or (row["is_primary"], row["threshold"]) > (held["is_primary"], held["threshold"]):
            best[pattern_of(row)] = row
    # as they stand in the table, where definitions come before their grids
    return sorted(best.values(), key=lambda row: int(row["position"]))


def shown_precedents(rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """The rows of the page with their places: of what was met before what was not, and of two indices."""
    met = {row["definition_id"] for row in met_definitions(rows)}
    shown = [
        (place, row)
        for place, row in enumerate(rows)
        if row["index_id"] in _INDICES and (row["is_primary"] or row["definition_id"] in met)
    ]
    return sorted(shown, key=lambda pair: not pair[1]["is_match"])


def pattern_sentence(
    rows: Sequence[Row], indices: Sequence[Row], indices_before: Sequence[Row], day: date, language: str
) -> Markup:
    """What the session `day` met, and what of it cannot be known, in a sentence or two.

    `indices` and `indices_before` are the rows of reports.headline_indices of the session and of the one before.
    """
    met = met_definitions(rows)
    names = [str(layout.cell_value(row, "definition", language)) for row in met]
    lacking = text_for_key(language, "notes.next").join(_lacking_figures(indices, indices_before, day, language))
    said = []
    if met:
        listed = text_for_key(language, "notes.next").join(names)
        said.append(sentence_markup(language, "page.precedents_met", definitions=listed))
    if lacking:
        key = "page.precedents_others_unknown" if met else "page.precedents_unknown"
        said.append(sentence_markup(language, key, lacking=lacking))
    if not said:
        said.append(sentence_markup(language, "page.precedents_none"))
    return Markup({"en": " ", "zh": ""}[language]).join(said)


def _lacking_figures(indices: Sequence[Row], indices_before: Sequence[Row], day: date, language: str) -> Iterator[str]:
    """What is not there of the figures on which it depends whether the session met a pattern."""
    now, before = ({row["index_id"]: row for row in rows} for rows in (indices, indices_before))
    # without a row on either session an index has had no close so far, so that no pattern of it is followed
    bases = [base for _, base in LEAD_PAIRS if base in now or base in before]
    if _session_of_year(day) not in LEAD_SESSIONS:
        bases = []
    needed = dict.fromkeys((*STREAK_PAIR, *bases))
    closed = [name for name in needed if name in now and now[name]["close"] is not None]
    unclosed = [name for name in needed if name not in closed]
    if unclosed:
        yield text_for_key(language, "page.precedents_no_close", indices=_index_names(unclosed, language))
    without_year = [name for name in closed if bases and now[name]["return_ytd_pct"] is None]
    if without_year:
        yield text_for_key(language, "page.precedents_no_year", indices=_index_names(without_year, language))
    lead, base = STREAK_PAIR
    if lead in closed and base in closed and not _is_end_known(now[lead], before.get(lead)):
        lead_name, base_name = (_index_names([name], language) for name in STREAK_PAIR)
        yield text_for_key(language, "page.precedents_no_streak", lead=lead_name, base=base_name)


def _is_end_known(now: Row, before: Row | None) -> bool:
    """Whether the session ended a run ahead: one that goes on, or a second session behind, has ended none."""
    streak = now["streak_vs_spx"]
    has_streak_before = before is not None and before["streak_vs_spx"] is not None
    return streak is not None and (streak > 0 or streak <= -2 or has_streak_before)


def _index_names(names: Sequence[str], language: str) -> str:
    return text_for_key(language, "notes.and").join(text_for_key(language, f"names.index.{name}") for name in names)


def _session_of_year(day: date) -> int:
    """1 for the first session of the year."""
    return len(calendar.sessions_between(day.replace(month=1, day=1), day))
