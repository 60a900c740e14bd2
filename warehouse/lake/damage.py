"""Which file of the lake is damaged: looked for where a build failed, for DuckDB does not say which one it was reading."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse import duck
from warehouse.errors import LakeError
from warehouse.lake.checksums import damage_error, damage_of_file
from warehouse.lake.facts import scan_files_sql
from warehouse.lake.manifest import LakeFile, Manifest


def find_damage(home: Path, manifest: Manifest) -> LakeError | None:
    """What is wrong with the first file of the lake that is not as it was written, by its bytes or in being read; else None.

    All files are read whole: some seconds for ten million rows.
    """
    with duck.connect() as con:
        for file in manifest.all_files:
            if error := damage_of_file(home, file) or _error_in_reading(con, home, file):
                return error
    return None


def _error_in_reading(con: duckdb.DuckDBPyConnection, home: Path, file: LakeFile) -> LakeError | None:
    try:
        con.execute(f"select bit_xor(hash(columns(*))) from {scan_files_sql(home, [file])}").fetchall()
    except duckdb.Error as error:
        return damage_error(home / file.path, duck.error_line(error))
    return None
