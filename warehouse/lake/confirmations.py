"""Confirmations: what makes the lake independent of the order in which facts are delivered.

A fact equal to the one before it of its key, in the order of (known_at, payload_sha256), need not be
written: it changes no view. But A at t1, then A at t3, then, late, B known at t2 must end as A. So
each skipped fact leaves its key, known_at and payload in a sidecar file. Invariant: every delivered
fact is either in a file of facts, or in a sidecar and equal to the newest written fact before it.
When B is written between a fact and its confirmations, the first of them after B would break it, so
it is promoted: written as a fact with the values that it confirmed; those after it equal the
promoted one. Runs of equal neighbours among the written facts are therefore the runs among all
delivered ones, and a reader who collapses them sees the same in any order of delivery, as of any
instant. All confirmations are kept: dropping one between two others would change the view as of a
moment between them, should a fact arrive before it.
"""

from __future__ import annotations

from pathlib import Path

from warehouse.contracts.contract import Contract
from warehouse.duck import quote_identifiers
from warehouse.lake.facts import FACT_HASH, ID, fact_id_sql, scan_facts_sql, scan_files_sql, value_hash_sql
from warehouse.lake.manifest import LakeFile

FACT, CONFIRMATION, BATCH, CONTRADICTION = 0, 1, 2, 3


def sidecar_columns(contract: Contract) -> tuple[str, ...]:
    """The columns of a sidecar."""
    return (*contract.key, "known_at", "payload_sha256")


def plan_sql(contract: Contract, home: Path, facts: list[LakeFile], sidecars: list[LakeFile], batch: str) -> str:
    """A SELECT that says for each row of `batch` (a relation with `_row`) what becomes of it.

    Columns: origin, row_id, the fact's id, fact_hash, was_start, is_start, key_facts (written facts of
    the key so far). A row of the batch with is_start is a new fact, else a confirmation; a confirmation
    with is_start is to be promoted. What the lake holds already is not among the rows. Needs the
    table `payloads` (see `facts.payloads_sql`). All windows run over whole numbers: strings would
    make them ten times slower.
    """
    mine = f"where _key in (select hash({quote_identifiers(contract.key)}) from {batch})"
    parts = [_deliveries_select(contract, BATCH, batch, "_row")]
    if facts:
        parts.append(f"{_deliveries_select(contract, FACT, scan_facts_sql(contract, home, facts))} {mine}")
    if sidecars:
        parts.append(f"{_deliveries_select(contract, CONFIRMATION, scan_files_sql(home, sidecars))} {mine}")
    return _PLAN.format(parts=" union all ".join(parts))


def _deliveries_select(contract: Contract, origin: int, relation: str, row: str = "null") -> str:
    value = "null" if origin == CONFIRMATION else value_hash_sql(contract)
    columns = f"{origin} as origin, {row} as row_id, {fact_id_sql(contract)}, _payload_hash, {value} as value"
    return f"select {columns} from {relation} join payloads using (payload_sha256)"


_ORDER = "partition by _key, _key2 order by _known, _payload"
_PLAN = f"""
with delivered as (
    select * from ({{parts}})
),
compared as (
    select *,
        lag(_known) over one = _known and lag(_payload) over one = _payload as is_repeat,
        origin = {BATCH} and lag(origin) over one = {BATCH} and lag(value) over one <> value as differs,
        last_value(case when origin = {FACT} then value end ignore nulls) over (
            {_ORDER}, origin, row_id rows between unbounded preceding and 1 preceding
        ) as written_value,
        count(*) filter (origin = {FACT}) over (partition by _key, _key2) as key_facts
    from delivered
    window one as ({_ORDER}, origin, row_id)
),
valued as (
    select * exclude (origin, value),
        case when is_repeat then {CONTRADICTION} else origin end as origin,
        case when origin = {CONFIRMATION} then written_value else value end as value,
        origin = {FACT} and value is distinct from written_value as was_start
    from compared
    where is_repeat is not true or differs
),
started as (
    select *, value is distinct from lag(value) over ({_ORDER}) as is_start from valued
)
select origin, row_id, {ID}, {FACT_HASH} as fact_hash, was_start, is_start, key_facts
from started
where origin >= {BATCH} or is_start <> was_start
"""


def promoted_sql(contract: Contract, home: Path, facts: list[LakeFile], sidecars: list[LakeFile]) -> str:
    """The confirmations that `plan` promotes, as full rows: each with the values of the written fact before it."""
    known = sidecar_columns(contract)
    picked = ", ".join(f'{"p" if c.name in known else "f"}."{c.name}"' for c in contract.all_columns)
    matched = " and ".join(f'f."{k}" = p."{k}"' for k in contract.key)
    return f"""
select {picked}
from (
    select distinct {quote_identifiers(known)} from (
        select *, {fact_id_sql(contract)} from {scan_files_sql(home, sidecars)} join payloads using (payload_sha256)
    ) semi join (from plan where origin = {CONFIRMATION} and is_start) using ({ID})
) as p
join {scan_facts_sql(contract, home, facts)} as f
    on {matched} and (f.known_at, f.payload_sha256) < (p.known_at, p.payload_sha256)
qualify row_number() over (
    partition by {quote_identifiers(known, "p.")} order by f.known_at desc, f.payload_sha256 desc
) = 1
"""
