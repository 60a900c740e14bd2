"""The headline by rules from the numbers of the session, what happened and never why; its deck is reports.headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports import layout, numerals
from reports.markup import figure_markup, sentence_markup
from reports.reading import Row
from reports.texts import text_for_key

# a lead or lag that people remember is over a week long; a day that moves is beyond one percent
_STREAK, _MOVE, _BROAD = 5, 1.0, 75.0


# the indices stand in cards below; flags, precedents and the state of the data have sections
_IN_DECK = ("small_and_large", "sectors", "year", "breadth")


@dataclass(frozen=True)
class Sentence:
    """A sentence of reports.headline: the row's place, and its words."""

    place: int
    text: str


@dataclass(frozen=True)
class Headline:
    """`title` as HTML, and the sentences below it."""

    title: Markup
    deck: tuple[Sentence, ...]


def make_headline(
    tables: Mapping[str, Sequence[Row]],
    before: Row | None,
    language: str,
    *,
    is_session: bool = True,
    is_first: bool = False,
) -> Headline:
    """From the session's rows by table and the row of reports.rotation_summary of the session before.

    Of a day that is not a trading session the title says so, and gives no figures. `is_first`: no session is before it.
    """
    facts = _Facts(tables, before, language)
    title = (
        facts.no_session_title(is_session)
        or facts.streak_ended_title()
        or facts.streak_title()
        or facts.large_move_title()
        or facts.breadth_title()
        or facts.default_title()
        or facts.close_title(is_first)
        or facts.stocks_title()
        or facts.sectors_title()
        or facts.no_data_title()
    )
    deck = tuple(
        Sentence(place, _with_full_stop(str(layout.cell_value(row, "text", language)), language))
        for place, row in enumerate(tables["headline"])
        if row["topic"] in _IN_DECK
    )
    return Headline(title, deck)


def _with_full_stop(sentence: str, language: str) -> str:
    stop = {"en": ".", "zh": "。"}[language]
    return sentence if sentence.endswith(stop) else sentence + stop


class _Facts:
    def __init__(self, tables: Mapping[str, Sequence[Row]], before: Row | None, language: str) -> None:
        self.tables, self.language = tables, language
        self.indices = {row["index_id"]: (place, row) for place, row in enumerate(tables["headline_indices"])}
        self.summary = tables["rotation_summary"][0] if tables["rotation_summary"] else None
        self.before = before
        self.percent = numerals.percent_sign(language)

    def _title_sentence(self, key: str, **values: object) -> Markup:
        return sentence_markup(self.language, f"titles.{key}", **values)

    def _index_value(self, name: str, column: str = "return_1d_pct") -> tuple[float, Markup] | None:
        place, row = self.indices.get(name, (0, None))
        if row is None or row[column] is None:
            return None
        return row[column], figure_markup(
            row[column], self.language, 2, f"headline_indices|{place}|{column}", is_signed=True, unit=self.percent
        )

    def _market_breadth_row(self) -> Row | None:
        rows = [row for row in self.tables["breadth"] if row["universe"] == "all"]
        return rows[0] if rows and rows[0]["advance_pct"] is not None else None

    def _advance_share(self, market: Row) -> Markup:
        place = _row_position(self.tables["breadth"], market)
        return figure_markup(market["advance_pct"], self.language, 1, f"breadth|{place}|advance_pct")

    def _leading_sectors(self) -> list[str]:
        """The names of the sectors that share the first place of the day; none where all do."""
        ranked = [
            row
            for row in self.tables["sector_performance"]
            if row["return_1d_pct"] is not None and not row["is_benchmark"]
        ]
        # a build made before ties had a rank names the first row
        first = [row for row in ranked if row.get("rank_1d") == 1] or ranked[:1]
        is_shared_by_all = len(first) == len(ranked) > 1
        return [] if is_shared_by_all else [str(layout.cell_value(row, "label", self.language)) for row in first]

    def no_session_title(self, is_session: bool) -> Markup | None:
        return None if is_session else self._title_sentence("no_session")

    def streak_ended_title(self) -> Markup | None:
        now = self.summary and self.summary["small_vs_large_streak"]
        then = self.before and self.before["small_vs_large_streak"]
        if not now or not then or abs(then) < _STREAK or (now > 0) == (then > 0):
            return None
        return self._title_sentence("lead_ended" if then > 0 else "lag_ended", sessions=abs(then))

    def streak_title(self) -> Markup | None:
        now = self.summary and self.summary["small_vs_large_streak"]
        if not now or abs(now) < _STREAK:
            return None
        shown = figure_markup(abs(now), self.language, 0, "rotation_summary|0|small_vs_large_streak|abs")
        return self._title_sentence("lead_goes_on" if now > 0 else "lag_goes_on", sessions=shown)

    def large_move_title(self) -> Markup | None:
        found = self._index_value("SPX")
        if found is None or abs(found[0]) < _MOVE:
            return None
        key = "index_up" if found[0] > 0 else "index_down"
        return self._title_sentence(key, change=_absolute_return(self, "SPX"))

    def breadth_title(self) -> Markup | None:
        found, market = self._index_value("SPX"), self._market_breadth_row()
        if found is None or market is None:
            return None
        share, shown = float(market["advance_pct"]), self._advance_share(market)
        if share >= _BROAD:
            return self._title_sentence("broad_up", share=shown)
        if share <= 100 - _BROAD:
            return self._title_sentence("broad_down", share=shown)
        if found[0] > 0 and share < 50:
            return self._title_sentence("up_but_narrow", share=shown)
        if found[0] < 0 and share > 50:
            return self._title_sentence("down_but_broad", share=shown)
        return None

    def default_title(self) -> Markup | None:
        found, first = self._index_value("SPX"), self._leading_sectors()
        if found is None:
            return None
        key = "up" if found[0] > 0 else "down" if found[0] < 0 else "unchanged"
        change = _absolute_return(self, "SPX")
        if not first:
            return self._title_sentence(f"index_{key}", change=change)
        number = "sector" if len(first) == 1 else "sectors"
        return self._title_sentence(f"index_{key}_{number}", change=change, sector=_join_names(first, self.language))

    def close_title(self, is_first: bool) -> Markup | None:
        """A close whose change is not defined: the first, one after a lost session, or one of another series."""
        place, row = self.indices.get("SPX", (0, None))
        if row is None or row["close"] is None:
            return None
        return self._title_sentence(
            "first_close" if is_first else "close_alone",
            close=figure_markup(row["close"], self.language, 2, f"headline_indices|{place}|close"),
        )

    def stocks_title(self) -> Markup | None:
        """Stocks without the index."""
        market = self._market_breadth_row()
        return self._title_sentence("stocks_alone", share=self._advance_share(market)) if market else None

    def sectors_title(self) -> Markup | None:
        """Sector funds without the index."""
        first = self._leading_sectors()
        return self._title_sentence("sectors_alone", sector=_join_names(first, self.language)) if first else None

    def no_data_title(self) -> Markup:
        """Without a close of the S&P 500; other indices may have theirs."""
        has_others = any(row["close"] is not None for _, row in self.indices.values())
        return self._title_sentence("no_close_of_spx" if has_others else "nothing")


def _join_names(names: Sequence[str], language: str) -> str:
    """One name, two, or the first and how many others; in SQL it is `sector_names`."""
    if len(names) == 2:
        return text_for_key(language, "headline.two", first=names[0], second=names[1])
    if len(names) > 2:
        return text_for_key(language, "headline.and_others", first=names[0], n=str(len(names) - 1))
    return names[0]


def _row_position(rows: Sequence[Row], row: Row) -> int:
    return next(place for place, one in enumerate(rows) if one is row)


def _absolute_return(facts: _Facts, name: str) -> Markup:
    place, row = facts.indices[name]
    return figure_markup(
        abs(row["return_1d_pct"]), facts.language, 2, f"headline_indices|{place}|return_1d_pct|abs", unit=facts.percent
    )
