"""Taking a run back: what makes each key say again what it said before the run. The lake forgets nothing by it.

A key whose newest fact is the run's gets the fact that stood before as a new one, or a tombstone where there was
none; a key that has a newer fact of another run stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from warehouse.lake.facts import scan_facts_sql
from warehouse.lake.manifest import COMPACTION, LakeFile, Manifest, manifest_path, read_manifest


@dataclass(frozen=True)
class Undoing:
    """What takes a run back in one dataset: `facts` (lake_schema) to be committed, of which `withdrawn` are tombstones
    and `restored` earlier facts; `changed_later` has the keys that stay, with who changed them."""

    facts: pa.Table
    restored: int
    withdrawn: int
    changed_later: pa.Table


def undo_by_dataset(
    home: Path, run_id: str, known_at: datetime | None, accepted: int, now: datetime
) -> dict[str, Undoing]:
    """By dataset what takes run `run_id` back at `now`; `known_at` is the instant of its facts if it is theirs alone.

    By it the facts are found that a compaction has merged into files of no run. Raises LakeError where fewer facts are
    found than the `accepted` that the run has written.
    """
    manifest = read_manifest(manifest_path(home))
    with open_workspace(home) as con:
        names = [name for name in CONTRACTS if _make_run_facts(con, home, manifest, CONTRACTS[name], run_id, known_at)]
        found = sum(
            int(con.execute(f"select count(*) from {_run_table_name(name)}").fetchall()[0][0]) for name in names
        )
        if found < accepted:
            raise LakeError(
                f"only {found:,} of the {accepted:,} facts of run {run_id} can be told from others, since `compact` merged "
                "their files and --known-at dated them; import the right file under the same --source instead"
            )
        return {name: _undo_dataset(con, home, manifest, CONTRACTS[name], now) for name in names}


def _run_table_name(dataset: str) -> str:
    return quote_identifier(f"mine_{dataset}")


def _make_run_facts(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    manifest: Manifest,
    contract: Contract,
    run_id: str,
    known_at: datetime | None,
) -> bool:
    """Make the temporary table of the run's facts in one dataset; False where it has none."""
    parts = list(_scan_selects(home, manifest.files_of_dataset(contract.name), contract, run_id, known_at))
    if not parts:
        return False
    columns = quote_identifiers(c.name for c in contract.all_columns)
    union = " union all by name ".join(f"select {columns} from {part}" for part in parts)
    con.execute(f"create temp table {_run_table_name(contract.name)} as {union}")
    return bool(con.execute(f"select count(*) > 0 from {_run_table_name(contract.name)}").fetchall()[0][0])


def _scan_selects(
    home: Path, files: list[LakeFile], contract: Contract, run_id: str, known_at: datetime | None
) -> Iterator[str]:
    own = [file for file in files if file.run_id == run_id]
    if own:
        yield scan_facts_sql(contract, home, own)
    merged = [file for file in files if file.run_id == COMPACTION]
    if merged and known_at is not None:
        yield f"(select * from {scan_facts_sql(contract, home, merged)} where known_at = {instant_literal(known_at)})"


def _undo_dataset(
    con: duckdb.DuckDBPyConnection, home: Path, manifest: Manifest, contract: Contract, now: datetime
) -> Undoing:
    key, columns = quote_identifiers(contract.key), [c.name for c in contract.all_columns]
    mine = _run_table_name(contract.name)
    given_back = ", ".join(
        f"{instant_literal(now)} as known_at" if n == "known_at" else f"p.{quote_identifier(n)}" for n in columns
    )
    kept = {*contract.key, "source", "payload_sha256"}
    tombstone = {name: f"n.{quote_identifier(name)}" if name in kept else "null" for name in columns}
    tombstone |= {"known_at": instant_literal(now), "is_withdrawn": "true"}
    taken_away = ", ".join(f"{sql} as {quote_identifier(name)}" for name, sql in tombstone.items())
    joined = [quote_identifier(name) for name in (*contract.key, "known_at", "payload_sha256")]
    con.execute(f"""
        create or replace temp table facts as
        select f.*, m.payload_sha256 is not null as is_mine,
            row_number() over (
                partition by {quote_identifiers(contract.key, "f.")} order by f.known_at desc, f.payload_sha256 desc
            ) as place
        from {scan_facts_sql(contract, home, manifest.files_of_dataset(contract.name))} f
        left join (select distinct {key}, known_at, payload_sha256 from {mine}) m
            on {" and ".join(f"f.{name} = m.{name}" for name in joined)}
        where hash({quote_identifiers(contract.key, "f.")}) in (select hash({key}) from {mine})""")
    con.execute(f"""
        create or replace temp table before as select * from facts where not is_mine
        qualify row_number() over (partition by {key} order by known_at desc, payload_sha256 desc) = 1""")
    newest = "(select * from facts where place = 1 and is_mine)"
    restored = _query_table(con, f"select {given_back} from before p semi join {newest} using ({key})")
    withdrawn = _query_table(con, f"select {taken_away} from {newest} n anti join before using ({key})")
    stays = f"""select {key}, known_at, payload_sha256 from facts semi join {mine} using ({key})
        where place = 1 and not is_mine order by {key}"""
    facts = pa.concat_tables([table.cast(contract.lake_schema) for table in (restored, withdrawn)])
    return Undoing(facts, restored.num_rows, withdrawn.num_rows, _query_table(con, stays))


def _query_table(con: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    return con.sql(sql).to_arrow_table()
