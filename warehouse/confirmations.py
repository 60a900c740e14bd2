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

from warehouse.contracts import Contract
from warehouse.facts import ORDER, fact_hash, listed, scan, value_hash
from warehouse.manifest import LakeFile

FACT, CONFIRMATION, BATCH = 0, 1, 2


def columns(contract: Contract) -> tuple[str, ...]:
    """The columns of a sidecar."""
    return (*contract.key, "known_at", "payload_sha256")


def plan_sql(contract: Contract, home: Path, facts: list[LakeFile], sidecars: list[LakeFile], batch: str) -> str:
    """A SELECT that says for each row of `batch` (a relation with `_row`) what becomes of it.

    Columns: origin, row_id, the sidecar's columns, fact_hash, was_start, is_start, key_facts. A row of
    the batch with is_start is a new fact, else a confirmation; a confirmation with is_start is to be
    promoted. What the lake holds already is not among the rows. `key_facts` counts the written facts of the key.
    """
    keys = listed(contract.key)
    known = listed(columns(contract))
    value = value_hash(contract)
    parts = [f"select {BATCH} as origin, _row as row_id, {known}, {value} as _value from {batch}"]
    if facts:
        mine = f"semi join (select distinct {keys} from {batch}) using ({keys})"
        parts.append(f"select {FACT}, null, {known}, {value} from {scan(home, facts)} {mine}")
        if sidecars:
            parts.append(f"select {CONFIRMATION}, null, {known}, null from {scan(home, sidecars)} {mine}")
    return f"""
with delivered as (
    select * from ({" union all ".join(parts)})
    qualify row_number() over (partition by {known} order by origin, row_id) = 1
),
before as (
    select *, last_value(case when origin = {FACT} then _value end ignore nulls) over (
        partition by {keys} order by {ORDER} rows between unbounded preceding and 1 preceding
    ) as written_value
    from delivered
),
valued as (
    select * replace (case when origin = {CONFIRMATION} then written_value else _value end as _value),
        origin = {FACT} and _value is distinct from written_value as was_start
    from before
),
started as (
    select *, _value is distinct from lag(_value) over (partition by {keys} order by {ORDER}) as is_start from valued
),
counted as (
    select *, count(*) filter (origin = {FACT} or is_start) over (partition by {keys}) as key_facts from started
)
select origin, row_id, {known}, {fact_hash(contract, "_value")} as fact_hash, was_start, is_start, key_facts
from counted
where origin = {BATCH} or is_start <> was_start
"""


def promoted_sql(contract: Contract, home: Path, facts: list[LakeFile], plan: str) -> str:
    """The promoted confirmations of `plan` as full rows, with the values of the written fact before each."""
    known = columns(contract)
    order = ", ".join(f"f.{n.strip()} desc" for n in ORDER.split(","))
    picked = ", ".join(f'{"p" if c.name in known else "f"}."{c.name}"' for c in contract.all_columns)
    matched = " and ".join(f'f."{k}" = p."{k}"' for k in contract.key)
    return f"""
select {picked}
from (select {listed(known)} from {plan} where origin = {CONFIRMATION} and is_start) as p
join {scan(home, facts)} as f
    on {matched} and (f.known_at, f.payload_sha256) < (p.known_at, p.payload_sha256)
qualify row_number() over (partition by {listed(known, "p.")} order by {order}) = 1
"""
