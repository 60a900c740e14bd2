"""The rows of a replay against the lake, on disk: hashes of keys and values, so that years of payloads fit in memory."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from flows.ingest.batch import with_provenance
from sources.base import Request
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import connect, quote_identifiers
from warehouse.lake.facts import normalised_columns_sql, value_hash_sql
from warehouse.lake.lake import Lake


class Rows:
    """A context manager: `add` what each payload says, `compare`, then ask which payloads and rows have something new."""

    def __init__(self, home: Path, memory_limit: str) -> None:
        self._home, self._memory = home, memory_limit
        self._round = 0

    def __enter__(self) -> Rows:
        (self._home / "tmp").mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="replay-", dir=self._home / "tmp"))
        self._con = connect(self.folder / "rows.duckdb", memory_limit=self._memory)
        for name in CONTRACTS:
            self._con.execute(
                f"create table seen_{name} (place int, _key ubigint, _key2 ubigint, value ubigint, known bigint, sha varchar)"
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add_payload(self, place: int, digest: str, request: Request, tables: Mapping[str, pa.Table]) -> None:
        """The rows of the payload `digest`, as the parser gives them for `request`; `place` names the two."""
        for name, table in tables.items():
            contract = CONTRACTS[name]
            self._con.register("given", with_provenance(contract, table, digest, request.fetched_at))
            self._con.execute(
                f"insert into seen_{name} select {place}, {_key_columns_sql(contract)}, {value_hash_sql(contract)},"
                f" epoch_us(known_at), payload_sha256 from (select {normalised_columns_sql(contract)} from given)"
            )
            self._con.unregister("given")

    def compare_with_lake(self) -> tuple[Counter[str], Counter[str]]:
        """By dataset how many rows differ from the lake, and how many are not in it."""
        lake = Lake(self._home)
        manifest = lake.manifest()
        changed: Counter[str] = Counter()
        new: Counter[str] = Counter()
        for name, contract in CONTRACTS.items():
            self._con.execute(
                _NEWS.format(
                    name=name,
                    keys=_key_columns_sql(contract),
                    value=value_hash_sql(contract),
                    history=lake.history_sql(name, manifest),
                )
            )
            counts = self._con.execute(f"select is_new, count(*) from news_{name} group by 1").fetchall()
            for is_new, count in counts:
                (new if is_new else changed)[name] += count
        return changed, new

    def changed_payloads(self) -> list[int]:
        """The payloads of which some row is news."""
        union = " union ".join(f"select place from news_{name}" for name in CONTRACTS)
        return [int(place) for (place,) in self._con.execute(f"select place from ({union}) order by 1").fetchall()]

    def count_rows(self, places: set[int]) -> Counter[tuple[int, str]]:
        """Rows by payload and dataset, of those payloads."""
        found: Counter[tuple[int, str]] = Counter()
        for name in CONTRACTS:
            for place, count in self._con.execute(f"select place, count(*) from seen_{name} group by 1").fetchall():
                if place in places:
                    found[place, name] += count
        return found

    def begin_batch(self, places: list[int]) -> None:
        """From now on `select` lets through the news of these payloads."""
        self._con.execute("create or replace table chosen (place int)")
        self._con.executemany("insert into chosen values (?)", [(place,) for place in places])

    def select_changed(self, name: str, accepted: pa.Table) -> pa.Table:
        """Those of the accepted rows (lake_schema) that are news."""
        contract = CONTRACTS[name]
        self._con.register("accepted", accepted)
        found = self._con.sql(
            f"""select {quote_identifiers(accepted.schema.names)} from (select *, {_key_columns_sql(contract)} from accepted) as a
            semi join (select * from news_{name} semi join chosen using (place)) as n
            on a._key = n._key and a._key2 = n._key2 and a.payload_sha256 = n.sha"""
        ).to_arrow_table()
        self._con.unregister("accepted")
        return found.cast(accepted.schema)


# The lake's newest fact of each key; a row is news where there is none, or where it differs and no newer answer than
# the row's own stands. What an earlier replay wrote of the same payload may be put right again.
_NEWS = """
create table news_{name} as
with newest as (
    from seen_{name} qualify row_number() over (partition by _key, _key2 order by known desc, sha desc, place desc) = 1
),
facts as (
    -- some datasets have a column `value` of their own
    select *, {keys}, {value} as _value, epoch_us(known_at) as _known from ({history})
),
standing as (
    select _key, _key2, _value as value, _known as known, payload_sha256 as sha, is_withdrawn
    from facts semi join newest using (_key, _key2)
    qualify row_number() over (partition by _key, _key2 order by _known desc, payload_sha256 desc) = 1
)
select n.place, n._key, n._key2, n.sha, s._key is null as is_new
from newest as n left join standing as s on n._key = s._key and n._key2 = s._key2
where s._key is null or (
    (s.value <> n.value or s.is_withdrawn) and ((s.known, s.sha) <= (n.known, n.sha) or s.sha = n.sha)
)
"""


def _key_columns_sql(contract: Contract) -> str:
    return (
        f"hash({quote_identifiers(contract.key)}) as _key, hash({quote_identifiers(reversed(contract.key))}) as _key2"
    )
