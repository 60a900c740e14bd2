"""SQL fragments for facts: what makes two equal, in which order they stand, how they are hashed.

Values are compared by a 64-bit hash over all value columns at the stored precision: two neighbours
of one key are taken for equal by mistake once in 2**64.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.contracts.contract import Column, Contract
from warehouse.duck import quote_identifier, quote_identifiers, quote_literal
from warehouse.errors import LakeError
from warehouse.lake.checksums import check_files
from warehouse.lake.manifest import UNPARTITIONED, LakeFile

ORDER = "known_at, payload_sha256"


def is_partitioned_by_year(contract: Contract) -> bool:
    """Whether the year belongs to the key. Else a later fact of the key could lie in another year."""
    return contract.year_column in contract.key


def year_sql(contract: Contract) -> str:
    column = quote_identifier(contract.year_column)
    return f"year({column})::int" if is_partitioned_by_year(contract) else str(UNPARTITIONED)


def value_hash_sql(contract: Contract) -> str:
    """The hash of a fact's values. A later column that is null leaves it as it was before there was the column."""
    later = [c.name for c in contract.columns if c.is_later]
    sql = f"hash({quote_identifiers(n for n in contract.value_columns if n not in later)})"
    for name in later:
        column = quote_identifier(name)
        sql = f"xor({sql}, case when {column} is null then 0::ubigint else hash({quote_literal(name)}, {column}) end)"
    return sql


# A fact's identity in whole numbers: two independent hashes of the key (128 bits), microseconds, and the
# payload's rank among those at hand.
ID = "_key, _key2, _known, _payload"
FACT_HASH = "hash(_key, _known, _payload_hash, value)"


def fact_id_sql(contract: Contract) -> str:
    """The columns ID of a relation that has the key, known_at, and `_payload` of the table `payloads`."""
    keys, turned = quote_identifiers(contract.key), quote_identifiers(reversed(contract.key))
    return f"hash({keys}) as _key, hash({turned}) as _key2, epoch_us(known_at) as _known, _payload"


def fact_hash_sql(contract: Contract) -> str:
    """FACT_HASH of a relation with all columns of the contract."""
    return f"hash(hash({quote_identifiers(contract.key)}), epoch_us(known_at), hash(payload_sha256), {value_hash_sql(contract)})"


def payloads_sql(relations: Iterable[str]) -> str:
    """A SELECT of the payloads of all relations: payload_sha256, its rank `_payload`, its hash `_payload_hash`."""
    union = " union all ".join(f"select distinct payload_sha256 from {relation}" for relation in relations)
    return f"""select payload_sha256, (row_number() over (order by payload_sha256))::int as _payload,
        hash(payload_sha256) as _payload_hash from (select distinct payload_sha256 from ({union}))"""


def is_price_column(column: Column) -> bool:
    return column.type == "float" and column.unit.startswith("price")


def normalised_columns_sql(contract: Contract) -> str:
    """The columns as they are stored: prices at 1e-6, no -0.0, no values in a tombstone."""
    fixed = {*contract.key, "payload_sha256", "known_at", "is_withdrawn", "source"}
    return ", ".join(_normalised_column_sql(c, c.name in fixed) for c in contract.all_columns)


def _normalised_column_sql(column: Column, is_fixed: bool) -> str:
    name = quote_identifier(column.name)
    sql = f"{name}::{column.duckdb_type}"
    if column.type == "float":
        sql = f"(round({sql}, 6) + 0.0)" if is_price_column(column) else f"({sql} + 0.0)"
    if not is_fixed:
        sql = f"case when not is_withdrawn then {sql} end"
    return f"{sql} as {name}"


def scan_files_sql(home: Path, files: Sequence[LakeFile]) -> str:
    """A table expression over the files, which must not be none, with the columns that the first was written with. Raises
    LakeError where one is not as it was written."""
    check_files(home, files)
    names = ", ".join(quote_literal(str(home / f.path)) for f in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


def scan_facts_sql(contract: Contract, home: Path, files: Sequence[LakeFile]) -> str:
    """A table expression over files of facts, which must not be none, with all columns of the contract.

    A column that came later than a file is null there. Raises LakeError where it must not be null, or
    where a file is not as it was written.
    """
    check_files(home, files)
    alike: dict[tuple[Column, ...], list[LakeFile]] = {}
    for file in files:
        alike.setdefault(_absent_columns(contract, home / file.path), []).append(file)
    if list(alike) == [()]:
        return scan_files_sql(home, files)
    parts = []
    for absent, some in alike.items():
        picked = (
            f"null::{c.duckdb_type} as {quote_identifier(c.name)}" if c in absent else quote_identifier(c.name)
            for c in contract.all_columns
        )
        parts.append(f"select {', '.join(picked)} from {scan_files_sql(home, some)}")
    return f"({' union all '.join(parts)})"


def _absent_columns(contract: Contract, path: Path) -> tuple[Column, ...]:
    """The columns of the contract that the file was written without."""
    written = _columns_of_file(path)
    absent = tuple(c for c in contract.all_columns if c.name not in written)
    for column in absent:
        if not contract.is_nullable(column):
            raise LakeError(
                f"{path} was written before {contract.name} had the column {column.name}, which must not be null: "
                "let the contract allow null there, or import the payloads into a new home"
            )
    return absent


@lru_cache(maxsize=16_384)
def _columns_of_file(path: Path) -> tuple[str, ...]:
    """The columns of a file: 0.1 ms, and files are immutable. The names are shared by all files."""
    try:
        return tuple(sys.intern(name) for name in pq.read_schema(path).names)
    except FileNotFoundError as error:
        raise LakeError(f"{path} is missing from the lake; restore it from a backup of the home") from error
    except (OSError, pa.ArrowException) as error:
        line = str(error).strip().splitlines()[0]
        raise LakeError(f"{path} cannot be read ({line}); restore it from a backup of the home") from error
