"""Figures that no table has by itself, made of published ones: how far an index stands from its highest or lowest close of a
month, a stock's return of the month or the quarter, and how many sector funds rose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reports.factcheck.articles.days import MONTHS
from reports.factcheck.claims import Claim
from reports.figures import entities
from reports.figures.entities import FUND, INDEX, STOCK, THE_MARKET, Entity
from reports.figures.measure import Measure
from reports.figures.measures import MEASURES
from reports.figures.resolver import Figure, Warehouse, resolve_figure
from warehouse.calendar import is_session, sessions_between

OF_MONTH = {"from_high_month": "max", "from_low_month": "min"}
OF_STOCK = ("return_mtd", "return_qtd")
# the entities of counts of sectors: of a vendor's indices, and of the funds that the warehouse has
SECTORS, SECTOR_FUNDS = "sectors", "sector funds"
OF_SECTORS = {"sectors_up": 1, "sectors_down": -1}
# in the first half of a month its high may be last year's
_SURE_DAY = 15
_MONTH = re.compile(r"(?P<month>[A-Za-z]{3})[a-z]*\.?(?:\s+(?P<year>\d{4}))?")


@dataclass(frozen=True)
class Derived:
    """A value with the published figures that it is made of; `found` has the value, and the key of the first of them."""

    found: Figure
    parts: tuple[Figure, ...]

    @property
    def unit(self) -> str:
        return self.found.measure.unit


@dataclass(frozen=True)
class Missing:
    """Why there is no such value: a code of the catalogue of texts with its values, '' where the first of `parts` has none
    itself; and what is known nevertheless."""

    code: str
    values: Mapping[str, object]
    parts: tuple[Figure, ...] = ()


def is_derived(claim: Claim, entity: Entity | None) -> bool:
    """The claim's figure is one that is made here."""
    if claim.kind != "number":
        return False
    is_of_stock = entity is not None and entity.kind == STOCK and claim.metric in OF_STOCK
    return is_of_stock or claim.metric in OF_MONTH or claim.metric in OF_SECTORS


def derive_figure(claim: Claim, entity: Entity | None, warehouse: Warehouse) -> Derived | Missing:
    """The figure that a claim is to be held against."""
    if claim.metric in OF_SECTORS:
        return _sectors_that_moved(claim, warehouse)
    if entity is None or entity.kind not in (INDEX, STOCK):
        return Missing("unknown_entity", {"entity": claim.entity})
    if claim.metric in OF_STOCK:
        return _return_of_stock(claim, entity, warehouse)
    if entity.kind != INDEX:
        return Missing("none_of_entity", {"entity": entity.id, "metric": claim.metric})
    return _distance_in_month(claim, entity, warehouse)


def _distance_in_month(claim: Claim, index: Entity, warehouse: Warehouse) -> Derived | Missing:
    close = resolve_figure(warehouse, index, MEASURES["close"], claim.session)
    first = _first_of_month(claim.other_entity, claim.session)
    if first is None:
        return Missing("month_unclear", {"month": claim.other_entity})
    if not isinstance(close.value, int | float):
        return Missing("", {}, (close,))
    last = min((first + timedelta(days=31)).replace(day=1) - timedelta(days=1), claim.session)
    rows = warehouse.con.execute(
        """select session_date::varchar, close from marts.index_returns
        where index_id = ? and session_date between ? and ? and close is not null order by session_date""",
        [index.id, first, last],
    ).fetchall()
    if not rows or [day for day, _ in rows] != [day.isoformat() for day in sessions_between(first, last)]:
        return Missing("month_incomplete", {"entity": index.id, "month": f"{first:%Y-%m}"}, (close,))
    pick = max if OF_MONTH[claim.metric] == "max" else min
    day, extreme = pick(rows, key=lambda row: row[1])
    other = resolve_figure(warehouse, index, MEASURES["close"], date.fromisoformat(day))
    return _derived(claim.metric, "pct", 2, 100 * (close.value / extreme - 1), (close, other))


def _first_of_month(words: str, session: date) -> date | None:
    """The first day of the last such month by the session; None where the words name none, or may mean another year's."""
    found = _MONTH.fullmatch(words.strip())
    name = found["month"].casefold() if found else ""
    if found is None or name not in MONTHS:
        return None
    month = MONTHS.index(name) + 1
    if found["year"]:
        first = date(int(found["year"]), month, 1)
        return first if first <= session else None
    if month == session.month and session.day <= _SURE_DAY:
        return None
    return date(session.year if month <= session.month else session.year - 1, month, 1)


def _return_of_stock(claim: Claim, stock: Entity, warehouse: Warehouse) -> Derived | Missing:
    """The daily returns since the last close before the month or the quarter, one upon another: they allow for splits."""
    session = claim.session
    month = session.month if claim.metric == "return_mtd" else session.month - (session.month - 1) % 3
    days = sessions_between(session.replace(month=month, day=1), session) if is_session(session) else []
    close = resolve_figure(warehouse, stock, MEASURES["close"], session)
    if not days or not isinstance(close.value, int | float):
        return Missing("", {}, (close,))
    rows = warehouse.con.execute(
        """select count(*), count(return_1d_pct), count(distinct instrument_id), 100 * (product(1 + return_1d_pct / 100) - 1)
        from marts.equity_facts where symbol = ? and session_date between ? and ?""",
        [stock.name, days[0], session],
    ).fetchall()
    bars, returns, bearers, value = rows[0]
    if not bars == returns == len(days) or bearers != 1:
        return Missing(
            "returns_incomplete", {"symbol": stock.name, "returns": returns, "sessions": len(days)}, (close,)
        )
    return _derived(claim.metric, "pct", 2, value, (close,))


def _sectors_that_moved(claim: Claim, warehouse: Warehouse) -> Derived | Missing:
    funds = [Entity(f"fund:{symbol}", FUND) for symbol in sorted(entities.SECTOR_OF_FUND)]
    parts = tuple(resolve_figure(warehouse, fund, MEASURES["return_1d"], claim.session) for fund in funds)
    values = [one.value for one in parts if isinstance(one.value, int | float)]
    if len(values) < len(parts):
        return Missing("", {}, tuple(one for one in parts if not isinstance(one.value, int | float)))
    ups, downs = sum(value > 0 for value in values), sum(value < 0 for value in values)
    if claim.entity != SECTOR_FUNDS:
        return Missing("other_sector_indices", {"funds": len(values), "ups": ups, "downs": downs}, parts)
    found = _derived(claim.metric, "count", 0, ups if OF_SECTORS[claim.metric] > 0 else downs, parts)
    return replace(found, found=replace(found.found, entity=THE_MARKET))


def _derived(metric: str, unit: str, digits: int, value: float, parts: tuple[Figure, ...]) -> Derived:
    known = MEASURES.get(metric)
    measure = known if known is not None else Measure(metric, unit, digits, {}, ())
    return Derived(replace(parts[0], measure=measure, value=value), parts)
