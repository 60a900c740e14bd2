"""Which file of the lake is damaged: looked for where a build failed, for DuckDB does not say which one it was reading."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse import duck
from warehouse.errors import LakeError
from warehouse.lake.facts import scan_files_sql
from warehouse.lake.manifest import LakeFile, Manifest


def find_damage(home: Path, manifest: Manifest) -> LakeError | None:
    """What is wrong with the first file of the lake that is not as it was written, by its size or in being read; else None.

    All files are read whole: some seconds for ten million rows.
    """
    with duck.connect() as con:
        for file in manifest.all_files:
            if reason := _damage_of_file(con, home, file):
                return LakeError(f"{home / file.path} is damaged ({reason}); restore it from a backup of the home")
    return None


def _damage_of_file(con: duckdb.DuckDBPyConnection, home: Path, file: LakeFile) -> str:
    path = home / file.path
    try:
        size = path.stat().st_size
        if size != file.bytes:
            return f"{size:,} bytes, and {file.bytes:,} were written"
        con.execute(f"select bit_xor(hash(columns(*))) from {scan_files_sql(home, [file])}").fetchall()
    except OSError as error:
        return error.strerror or str(error)
    except duckdb.Error as error:
        return duck.error_line(error)
    return ""
