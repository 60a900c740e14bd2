"""Stocks as people name them on the command line: a universe that the lake knows members of, or symbols."""

from __future__ import annotations

import re
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


# SP500, RUSSELL2000: stocks of no exchange are called so, lists and indices are
_LIKE_A_LIST = re.compile(r"[A-Z][A-Z_&-]*[0-9]{3,}")


def symbols_named(home: Path, names: Sequence[str], first: date, last: date) -> list[str]:
    """The symbols that `names` stand for: members of a universe between `first` and `last`, or symbols themselves.

    A universe is found in capitals too, unless a stock bears that symbol. Raises UsageError for a name that is neither.
    """
    memberships = _memberships_sql(home)
    universes = _known_universes(memberships) if memberships else {}
    found: list[str] = []
    for name in names:
        universe = name if name in universes else name.lower()
        is_list = universe in universes and not (universe != name and _is_stock(home, memberships, name))
        members = _members_of_universe(memberships, universe, first, last) if is_list else []
        if not members and (is_list or name != name.upper() or _LIKE_A_LIST.fullmatch(name)):
            raise UsageError(_unknown_list(name, universes, first, last))
        found += members or [_symbol(name)]
    return sorted(set(found))


def _memberships_sql(home: Path) -> str:
    lake = Lake(home)
    manifest = lake.manifest()
    return lake.current_sql("memberships", manifest) if manifest.files_of_dataset("memberships") else ""


def _members_of_universe(memberships: str, name: str, first: date, last: date) -> list[str]:
    sql = _MEMBERS.format(memberships=memberships)
    with cursor() as con:
        rows = con.execute(sql, {"name": name, "first": first, "last": last}).fetchall()
    return [str(symbol) for (symbol,) in rows]


def _known_universes(memberships: str) -> dict[str, date]:
    """The universes that have members, each with the first day on which one is known."""
    sql = f"select universe, min(effective_date) from ({memberships}) group by all order by all"
    with cursor() as con:
        return dict(con.execute(sql).fetchall())


def _is_stock(home: Path, memberships: str, name: str) -> bool:
    """Whether a list has a member of this symbol, or the lake knows a security of it."""
    lake = Lake(home)
    manifest = lake.manifest()
    named = [memberships]
    if manifest.files_of_dataset("securities"):
        named.append(lake.current_sql("securities", manifest))
    sql = " union all ".join(f"(select symbol from ({one}) where symbol = $name limit 1)" for one in named)
    with cursor() as con:
        return bool(con.execute(sql, {"name": name}).fetchall())


def _unknown_list(name: str, universes: dict[str, date], first: date, last: date) -> str:
    # taking a misspelt one for a stock would ask for nonsense
    known = ", ".join(f"{universe} (since {since})" for universe, since in universes.items())
    there = f"it knows {known}" if known else "`breadthwise run` or the import of a membership list brings some"
    return (
        f"--universe {name[:40]!r}: the lake knows no members of it from {first} to {last}; {there}; "
        "symbols are named in capitals (AAPL,MSFT)"
    )


def _symbol(name: str) -> str:
    try:
        return canonical_symbol(name)
    except ValueError as error:
        raise UsageError(f"--universe: {error}") from error
