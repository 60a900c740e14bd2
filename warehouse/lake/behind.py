"""Rows that came late: what is known of their keys since says otherwise, and counts for today."""

from __future__ import annotations

from pathlib import Path

from warehouse.contracts.contract import Contract
from warehouse.duck import quote_identifiers
from warehouse.lake.facts import fact_id_sql, scan_facts_sql, value_hash_sql
from warehouse.lake.manifest import LakeFile


def behind_sql(contract: Contract, home: Path, facts: list[LakeFile], batch: str) -> str:
    """A SELECT that counts the rows of `batch` (a relation) behind another fact, or a tombstone, of `facts`.

    The newest fact of the key is no row of the batch, newer than the row, and says something else. Needs the table `payloads`
    (see `facts.payloads_sql`).
    """
    value = f"{value_hash_sql(contract)} as value"
    return f"""
with given as (
    select {fact_id_sql(contract)}, {value} from {batch} join payloads using (payload_sha256)
),
newest as (
    select {fact_id_sql(contract)}, {value}
    from {scan_facts_sql(contract, home, facts)} join payloads using (payload_sha256)
    where hash({quote_identifiers(contract.key)}) in (select _key from given)
    qualify row_number() over (partition by _key, _key2 order by _known desc, _payload desc) = 1
)
select count(*) from given as g
join (from newest anti join given using (_key, _key2, _known, _payload)) as n using (_key, _key2)
where (n._known, n._payload) > (g._known, g._payload) and n.value <> g.value"""
