"""Looks a figure up: entity, measure and session to one cell of the published build, with what it stands on and its proof."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from reports.figures.entities import PAIR, STOCK, UNIVERSE, Entity, reversed_pair
from reports.figures.measure import Measure, Place
from reports.figures.measures import measures_of
from reports.provisional import provisional_reason
from warehouse.builds.publish import current_build
from warehouse.calendar import FIRST_DAY, LAST_DAY, calendar_limit, is_session
from warehouse.duck import connect
from warehouse.errors import UsageError
from warehouse.runs.withdrawals import describe_withdrawals

# the sectors' funds and the benchmark's
_FUNDS = "reports.sector_performance"
_GRAIN = re.compile(r"Grain: ([a-z_ 0-9]+)\.\s*$")


@dataclass(frozen=True)
class Build:
    """The build that a figure comes from; `as_of` is None where it shows all that was known when it was made."""

    id: str
    as_of: datetime | None
    built_at: datetime
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class Figure:
    """One cell. `value` is None where it is not defined, and `reason` says why. `key` names the row of `table`.

    `coverage` is (of how many, out of how many, the columns' names), None where the measure has none.
    """

    entity: Entity
    measure: Measure
    session: date
    value: float | int | str | None
    table: str
    key: Mapping[str, str]
    column: str
    coverage: tuple[int, int, str] | None
    reason: str | None
    source: str | None
    build: Build

    @property
    def proof_command(self) -> str:
        """The command that shows the rows, payloads and instants behind the cell; '' where there is no such row."""
        if not self.key:
            return ""
        key = " ".join(f"{name}={quote_key_value(value)}" for name, value in self.key.items())
        return f"breadthwise why {self.table} {shlex.quote(key)} {self.column}"

    @property
    def value_text(self) -> str:
        """The value as a reader is shown it, with its unit; 'not defined' where it is not."""
        return format_value(self.value, self.measure)

    def as_dict(self) -> dict[str, Any]:
        """The figure with all that must travel with it, as plain values."""
        return {
            "entity": self.entity.id,
            "measure": self.measure.id,
            "value": self.value,
            "unit": self.measure.unit,
            "text": self.value_text,
            "session": self.session.isoformat(),
            "coverage": f"{self.coverage[0]} of {self.coverage[1]} ({self.coverage[2]})" if self.coverage else None,
            "reason": self.reason,
            "source": self.source,
            "build": self.build.id,
            "table": self.table,
            "table_hash": self.build.hashes.get(self.table),
            "as_of": self.build.as_of.isoformat() if self.build.as_of else None,
            "proof": self.proof_command,
        }


class Warehouse:
    """A published build, open for reading; close it, or use it in `with`. Raises UsageError where there is none yet."""

    def __init__(self, home: Path, path: Path | None = None) -> None:
        found = path or current_build(home)
        if found is None or not found.exists():
            raise UsageError(f"no warehouse in {home}; make one with `breadthwise demo` or `breadthwise build`")
        self.home, self.path = home, found
        self.con = connect(found, read_only=True)
        self._grains: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    @cached_property
    def newest_build(self) -> Build:
        """What the file says of itself: its newest build."""
        rows = self.con.execute(
            """select build_id, as_of::varchar, built_at::varchar, table_name, hash from ops.builds
            where build_id = (select arg_max(build_id, built_at) from ops.builds)"""
        ).fetchall()
        as_of = datetime.fromisoformat(rows[0][1]) if rows[0][1] else None
        return Build(rows[0][0], as_of, datetime.fromisoformat(rows[0][2]), {row[3]: row[4] for row in rows})

    @cached_property
    def last_session(self) -> date:
        """The newest session of the index and stock tables."""
        found = self.con.execute(
            """select max(session_date) from (select max(session_date) as session_date from marts.index_returns
            union all select max(session_date) from marts.breadth_daily)"""
        ).fetchall()[0][0]
        if found is None:
            raise UsageError("the warehouse holds no session yet; run `breadthwise run` or import bars and build")
        return date.fromisoformat(str(found))

    def knows_symbol(self, symbol: str) -> bool:
        """The warehouse holds a stock of this symbol on any session."""
        sql = "select 1 from marts.equity_facts where symbol = $symbol limit 1"
        return self.con.execute(sql, {"symbol": symbol}).fetchone() is not None

    def table_grain(self, table: str) -> tuple[str, ...]:
        """The columns that name a row, as the table's comment says."""
        if table not in self._grains:
            schema, _, name = table.partition(".")
            rows = self.con.execute(
                "select comment from duckdb_tables() where schema_name = ? and table_name = ?", [schema, name]
            ).fetchall()
            match = _GRAIN.search(rows[0][0] or "") if rows else None
            if match is None:
                raise UsageError(
                    f"{table} is not a table of this warehouse, or was made by an older release; build it again"
                )
            self._grains[table] = tuple(part.strip() for part in match[1].split(" x "))
        return self._grains[table]

    def find_row(self, table: str, wanted: Mapping[str, Any], *, is_held: bool = False) -> dict[str, Any] | None:
        """The row of `table` whose columns have the `wanted` values, or, where it `is_held`, the newest one by that session; of
        several the first by all columns, None without."""
        conditions = " and ".join(f'"{name}" = ${name}' for name in wanted if not is_held or name != "session_date")
        if is_held:
            newest = f"(select max(session_date) from {table} where {conditions} and session_date <= $session_date)"
            conditions += f" and session_date = {newest}"
        cursor = self.con.execute(f"select * from {table} where {conditions} order by all limit 1", dict(wanted))
        names = [str(entry[0]) for entry in cursor.description or ()]
        found = cursor.fetchone()
        return None if found is None else dict(zip(names, found, strict=True))


def resolve_figure(warehouse: Warehouse, entity: Entity, measure: Measure, session: date) -> Figure:
    """The cell of `measure` for `entity` on `session`. Raises UsageError where the measure is none of such an entity."""
    place = measure.place_of(entity)
    if place is None:
        raise UsageError(f"{entity.id} has no {measure.id}; it has {', '.join(measures_of(entity)) or 'nothing'}")
    measure = replace(measure, unit=place.unit or measure.unit)
    is_held = place.is_held and session <= warehouse.last_session and is_session(session)
    row = warehouse.find_row(place.table, _key_values(entity, place, session), is_held=is_held)
    if row is None:
        return Figure(
            entity, measure, session, None, place.table, {}, place.column, None,
            _absence_reason(warehouse, place, entity, session), None, warehouse.newest_build,
        )  # fmt: skip
    value = row[place.column]
    return Figure(
        entity,
        measure,
        session,
        value,
        place.table,
        {name: str(row[name]) for name in warehouse.table_grain(place.table)},
        place.column,
        _coverage_of_row(row, place),
        None
        if value is not None
        else str(row.get("reason") or row.get("note") or "not defined; the proof shows the row"),
        row.get("source"),
        warehouse.newest_build,
    )


def format_value(value: Any, measure: Measure) -> str:
    """`value` with the measure's decimals and unit: '+7.54 %', '2,669.16 points', '31.0 %' for a share of 0.3104."""
    if value is None:
        return "not defined"
    if isinstance(value, str | bool):
        return str(value)
    if measure.unit == "share":
        return f"{format_number(value, measure)} %"
    unit = {"pct": " %", "usd": " USD", "": "", "ratio": ""}.get(measure.unit, f" {measure.unit}")
    return f"{format_number(value, measure)}{unit}"


def format_number(value: float, measure: Measure) -> str:
    """The number alone, with the measure's decimals, a sign where it is a change, a share in percent, and no minus nil."""
    if measure.unit == "share":
        return f"{100 * value:.{max(measure.digits - 2, 0)}f}"
    rounded = round(value, measure.digits) + 0.0
    signed = "+" if measure.unit in ("pct", "pp") and rounded > 0 and _is_change_measure(measure) else ""
    return f"{signed}{rounded:,.{measure.digits}f}"


def _is_change_measure(measure: Measure) -> bool:
    """A level such as a yield or a policy rate bears no plus."""
    return not measure.id.startswith(("yield", "fed_funds", "net_margin"))


def quote_key_value(value: str) -> str:
    """A value as `why` takes it in its key: in double quotes where it holds a blank."""
    return f'"{value}"' if " " in value else value


def _key_values(entity: Entity, place: Place, session: date) -> dict[str, Any]:
    wanted: dict[str, Any] = {"session_date": session}
    if entity.kind == PAIR:
        wanted["lead_id"], wanted["base_id"] = entity.lead_and_base
    elif place.key == "cap_band":
        wanted["cap_band"] = entity.name.removeprefix("cap:")
    elif place.key:
        # a universe is named with its kind, also where it is a sector
        wanted[place.key] = entity.id if place.key == "universe" else entity.name
    if place.more:
        name, _, value = place.more.partition("=")
        wanted[name] = value
    return wanted


def _coverage_of_row(row: Mapping[str, Any], place: Place) -> tuple[int, int, str] | None:
    part, whole = place.coverage
    if not part or row.get(part) is None or row.get(whole) is None:
        return None
    return int(row[part]), int(row[whole]), f"{part} of {whole}"


def _absence_reason(warehouse: Warehouse, place: Place, entity: Entity, session: date) -> str:
    """Why there is no row: another session, or nothing of this entity at all."""
    wanted = _key_values(entity, place, session)
    del wanted["session_date"]
    conditions = " and ".join(f'"{name}" = ${name}' for name in wanted) or "true"
    first, last = warehouse.con.execute(
        f"select min(session_date), max(session_date) from {place.table} where {conditions}", wanted
    ).fetchall()[0]
    if first is None:
        return _unknown_entity_reason(warehouse, place, entity)
    if FIRST_DAY <= session <= LAST_DAY and not is_session(session):
        return f"{session} is no trading session"
    if first <= session <= last:
        build = warehouse.newest_build
        withdrawn = describe_withdrawals(warehouse.home, entity.name, session, build.as_of or build.built_at)
        no_row = f"{place.table} has no row of {entity.name} for {session}, though it was a trading session"
        return "; ".join([no_row, *withdrawn])
    only = f"{place.table} has {entity.name} from {first} to {last} only"
    why = calendar_limit(session) or (provisional_reason(warehouse.con, session) if session > last else "")
    return "; ".join([only, *([why] if why else [])])


def _unknown_entity_reason(warehouse: Warehouse, place: Place, entity: Entity) -> str:
    """Nothing of it in the table, on no session: it may stand under another name, or in another table."""
    if entity.kind == PAIR:
        other = reversed_pair(entity)
        if warehouse.find_row(place.table, dict(zip(("lead_id", "base_id"), other.lead_and_base, strict=True))):
            return f"{place.table} has {other.id}, of which {entity.id} is the negative; ask for {other.id}"
    if entity.kind == STOCK:
        reason = f"{place.table} has no such symbol as {entity.name}"
        is_fund = warehouse.find_row(_FUNDS, {"symbol": entity.name}) is not None
        return f"{reason}: it is a fund, whose figures stand in {_FUNDS}" if is_fund else reason
    return f"{place.table} has {'no such universe' if entity.kind == UNIVERSE else 'nothing'} of {entity.name}"
