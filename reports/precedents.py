"""Which rows of reports.precedents a page shows, and what it says of the patterns that the session met.

A pattern is a definition and its grid. Of each pattern the definition itself is shown; where it was not met, first the strictest
of its grid that was.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports import layout
from reports.markup import sentence_markup
from reports.reading import Row
from reports.texts import text_for_key

_INDICES = ("RUT", "SPX")


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


def pattern_sentence(rows: Sequence[Row], streak: int | None, streak_before: int | None, language: str) -> Markup:
    """What the session met, in a sentence.

    `streak` and `streak_before` are streak_vs_spx of the small caps on the session and of the one before: without them nobody
    knows whether a run ended, but a run that goes on, or a second session behind, has ended none.
    """
    met = met_definitions(rows)
    if met:
        names = [str(layout.cell_value(row, "definition", language)) for row in met]
        listed = text_for_key(language, "notes.next").join(names)
        return sentence_markup(language, "page.precedents_met", definitions=listed)
    is_known = streak is not None and (streak > 0 or streak <= -2 or streak_before is not None)
    return sentence_markup(language, "page.precedents_none" if is_known else "page.precedents_unknown")
