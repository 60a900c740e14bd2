"""Stocks as people name them on the command line: a universe that the lake knows members of, or symbols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from warehouse.duck import cursor
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.symbols import canonical_symbol

# Members of a list of one day are taken for members around it; changes name who came and who went.
_MEMBERS = """
    select distinct symbol from ({memberships}) as m
    where universe = $name
    and (kind <> 'interval' or (effective_date <= $last and coalesce(end_date, $last + 1) > $first))
    order by symbol
"""


def symbols_named(home: Path, names: Sequence[str], first: date, last: date) -> list[str]:
    """The symbols that `names` stand for: members of a universe between `first` and `last`, or symbols themselves.

    Raises UsageError for a name that is neither.
    """
    found: list[str] = []
    for name in names:
        members = _members_of_universe(home, name, first, last)
        found += members or [_known_symbol(home, name, first, last)]
    return sorted(set(found))


def _members_of_universe(home: Path, name: str, first: date, last: date) -> list[str]:
    lake = Lake(home)
    manifest = lake.manifest()
    if not manifest.files_of_dataset("memberships"):
        return []
    sql = _MEMBERS.format(memberships=lake.current_sql("memberships", manifest))
    with cursor() as con:
        rows = con.execute(sql, {"name": name, "first": first, "last": last}).fetchall()
    return [str(symbol) for (symbol,) in rows]


def _known_universes(home: Path) -> list[str]:
    """The universes that have members, each with the first day on which one is known."""
    lake = Lake(home)
    manifest = lake.manifest()
    if not manifest.files_of_dataset("memberships"):
        return []
    sql = f"select universe, min(effective_date) from ({lake.current_sql('memberships', manifest)}) group by all order by all"
    with cursor() as con:
        return [f"{name} (since {first})" for name, first in con.execute(sql).fetchall()]


def _known_symbol(home: Path, name: str, first: date, last: date) -> str:
    # a universe is written in small letters; taking a misspelt one for a stock would ask for nonsense
    if name != name.upper():
        known = _known_universes(home)
        there = (
            f"it knows {', '.join(known)}"
            if known
            else "`breadthwise run` or the import of a membership list brings some"
        )
        raise UsageError(
            f"--universe {name[:40]!r}: the lake knows no members of it from {first} to {last}; {there}; "
            "symbols are named in capitals (AAPL,MSFT)"
        )
    try:
        return canonical_symbol(name)
    except ValueError as error:
        raise UsageError(f"--universe: {error}") from error
