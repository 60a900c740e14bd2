"""Taking a run back: what makes each key say again what it said before the run. The lake forgets nothing by it.

A key is to say what the newest of its rows says that a run gave which stands: rows that only repeated the value count as much
as those that changed it. Where its newest fact says something else, that row becomes a fact, or a tombstone if there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import instant_literal, quote_identifier, quote_identifiers
from warehouse.errors import LakeError
from warehouse.lake.commit import open_workspace
from warehouse.lake.confirmations import sidecar_columns
from warehouse.lake.facts import scan_facts_sql, value_hash_sql
from warehouse.lake.given import Origin, all_given_sql, given_sql, is_distinguishable
from warehouse.lake.manifest import Manifest


@dataclass(frozen=True)
class Undoing:
    """What takes a run back in one dataset: `facts` (lake_schema) to be committed, of which `withdrawn` are tombstones
    and `restored` earlier facts. Of the run's keys that stay, `changed_later` has those that another run changed, with its
    fact, and `given_elsewhere` counts those whose value another run gives as well."""

    facts: pa.Table
    restored: int
    withdrawn: int
    changed_later: pa.Table
    given_elsewhere: int = 0


@dataclass(frozen=True)
class Besides:
    """The other runs that count when one is taken back: rows of `not_standing` say nothing, for these were taken back
    themselves, or took something back; `same_keys` are those whose keys are looked at too."""

    not_standing: Sequence[Origin] = ()
    same_keys: Sequence[Origin] = ()


def undo_by_dataset(
    home: Path,
    manifest: Manifest,
    run_id: str,
    known_at: datetime | None,
    accepted: int,
    now: datetime,
    besides: Besides | None = None,
) -> dict[str, Undoing]:
    """By dataset what takes run `run_id` back at `now`, of the lake as `manifest` has it: hold its lock, or what others write
    meanwhile is taken back with it. `known_at` is the instant of the run's facts if it is theirs alone.

    By it the facts are found that a compaction has merged into files of no run. Raises LakeError where fewer facts are
    found than the `accepted` that the run has written.
    """
    origin = Origin(run_id, known_at)
    besides = besides or Besides()
    with open_workspace(home) as con:
        found = {name: _make_tables(con, home, manifest, CONTRACTS[name], origin, besides) for name in CONTRACTS}
        _refuse_missing_facts(manifest, origin, sum(mine for mine, _ in found.values()), accepted)
        return {
            name: _undo_dataset(con, home, manifest, CONTRACTS[name], now) for name, (_, keys) in found.items() if keys
        }


def _refuse_missing_facts(manifest: Manifest, origin: Origin, found: int, accepted: int) -> None:
    if found >= accepted:
        return
    if is_distinguishable(manifest, origin):
        raise LakeError(
            f"the lake holds only {found:,} of the {accepted:,} facts that run {origin.run_id} has written: it was put back "
            "from a backup that is older; there is nothing to take back of the others"
        )
    raise LakeError(
        f"only {found:,} of the {accepted:,} facts of run {origin.run_id} can be told from others, since `compact` merged "
        "their files and --known-at dated them; import the right file under the same --source instead"
    )


def _table_name(what: str, contract: Contract) -> str:
    return quote_identifier(f"{what}_{contract.name}")


def _make_tables(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    manifest: Manifest,
    contract: Contract,
    origin: Origin,
    besides: Besides,
) -> tuple[int, int]:
    """Make the temporary tables of one dataset: the rows that the run gave, those that do not stand, the keys that are
    looked at. How many rows it gave, and how many keys there are."""
    key, keys = quote_identifiers(contract.key), _table_name("keys", contract)
    if not manifest.files_of_dataset(contract.name):
        return 0, 0
    mine, gone = _table_name("mine", contract), _table_name("gone", contract)
    con.execute(f"create temp table {mine} as {given_sql(contract, home, manifest, [origin])}")
    same = given_sql(contract, home, manifest, besides.same_keys)
    con.execute(
        f"create temp table {keys} as select distinct {key} from (select {key} from {mine} union all select {key} from ({same}))"
    )
    others = given_sql(contract, home, manifest, besides.not_standing)
    con.execute(f"create temp table {gone} as from {mine} union from ({others}) semi join {keys} using ({key})")
    (mine_count,), (key_count,) = con.execute(
        f"select count(*) from {mine} union all select count(*) from {keys}"
    ).fetchall()
    return int(mine_count), int(key_count)


def _undo_dataset(
    con: duckdb.DuckDBPyConnection, home: Path, manifest: Manifest, contract: Contract, now: datetime
) -> Undoing:
    key, columns = quote_identifiers(contract.key), [c.name for c in contract.all_columns]
    given_back = ", ".join(
        f"{instant_literal(now)} as known_at" if n == "known_at" else f"b.{quote_identifier(n)}" for n in columns
    )
    kept = {*contract.key, "source", "payload_sha256"}
    tombstone = {name: f"n.{quote_identifier(name)}" if name in kept else "null" for name in columns}
    tombstone |= {"known_at": instant_literal(now), "is_withdrawn": "true"}
    taken_away = ", ".join(f"{sql} as {quote_identifier(name)}" for name, sql in tombstone.items())
    _compare_with_standing(con, home, manifest, contract)
    differs = f"(select {key} from newest n join before b using ({key}) where n._value <> b._value)"
    restored = _query_table(con, f"select {given_back} from before b semi join {differs} using ({key})")
    withdrawn = _query_table(
        con, f"select {taken_away} from newest n anti join before b using ({key}) where not n.is_withdrawn"
    )
    facts = pa.concat_tables([table.cast(contract.lake_schema) for table in (restored, withdrawn)])
    tombstones = withdrawn.num_rows + sum(restored["is_withdrawn"].to_pylist())
    changed_later, given_elsewhere = _select_staying(con, contract)
    return Undoing(facts, facts.num_rows - tombstones, tombstones, changed_later, given_elsewhere)


def _compare_with_standing(con: duckdb.DuckDBPyConnection, home: Path, manifest: Manifest, contract: Contract) -> None:
    """Make temporary tables of the keys that are looked at: `facts`; `newest`, what each key says; `before`, what the newest row
    says that stands."""
    key = quote_identifiers(contract.key)
    keys, mine, gone = (_table_name(what, contract) for what in ("keys", "mine", "gone"))
    row = quote_identifiers(sidecar_columns(contract))
    con.execute(f"""
        create or replace temp table facts as
        select f.*, coalesce(m.is_given, false) as is_mine
        from (
            select *, {value_hash_sql(contract)} as _value
            from {scan_facts_sql(contract, home, manifest.files_of_dataset(contract.name))} semi join {keys} using ({key})
        ) f left join (select *, true as is_given from {mine}) m using ({row})""")
    last = f"row_number() over (partition by {key} order by known_at desc, payload_sha256 desc) = 1"
    con.execute(f"create or replace temp table newest as select * from facts qualify {last}")
    con.execute(f"""
        create or replace temp table standing as
        from ({all_given_sql(contract, home, manifest)}) semi join {keys} using ({key}) anti join {gone} using ({row})
        qualify {last}""")
    # a row that was not written says what the newest fact before it says
    con.execute(f"""
        create or replace temp table before as
        select f.* replace (s.known_at as known_at, s.payload_sha256 as payload_sha256)
        from standing s join facts f using ({key})
        where (f.known_at, f.payload_sha256) <= (s.known_at, s.payload_sha256)
        qualify row_number() over (
            partition by {quote_identifiers(contract.key, "f.")} order by f.known_at desc, f.payload_sha256 desc
        ) = 1""")


def _select_staying(con: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[pa.Table, int]:
    """Of the run's keys that go on to say what they say: those that another run changed, with its fact; and how many other ones
    there are, which say what the run gave."""
    key, mine = quote_identifiers(contract.key), _table_name("mine", contract)
    con.execute(f"""
        create or replace temp table stays as
        select n.* from newest n join before b using ({key}) semi join {mine} using ({key}) where n._value = b._value""")
    changed = f"""select {key}, known_at, payload_sha256 from stays semi join (from facts where is_mine) using ({key})
        where not is_mine"""
    (same,) = con.execute(
        f"select count(*) from stays anti join ({changed}) using ({key}) where not is_withdrawn"
    ).fetchall()[0]
    return _query_table(con, f"{changed} order by {key}"), int(same)


def _query_table(con: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    return con.sql(sql).to_arrow_table()
