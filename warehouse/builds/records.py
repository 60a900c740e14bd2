"""What a build was made from and what came out, kept beside the build for as long as the home lives.

A build is a pure function of (lake, as-of, code, settings): with this record it can be made again and compared, long after
its file was pruned. The lake's part is its manifest: the names of the files, not their rows.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from warehouse.durable_io import write_whole_file
from warehouse.errors import LakeError, UsageError
from warehouse.lake.manifest import LakeFile, Manifest
from warehouse.settings import Settings
from warehouse.settings.load import mistakes_from_error

_SUFFIX = ".record.json.gz"


@dataclass(frozen=True)
class BuildRecord:
    """`hashes` and `rows` by table; `settings` by name; `run_id` '' where no run made the build."""

    build_id: str
    run_id: str
    built_at: datetime
    as_of: datetime | None
    code_version: str
    settings: Mapping[str, Any]
    fingerprint: str
    hashes: Mapping[str, str]
    rows: Mapping[str, int]
    generation: int
    files: tuple[LakeFile, ...] = field(default_factory=tuple)

    @property
    def manifest(self) -> Manifest:
        """The facts of the build, as a snapshot of the lake. Its files may have been merged since."""
        return Manifest(self.generation, self.files)

    def settings_of_build(self) -> Settings:
        """The settings of the build. Raises UsageError where this release knows one of them no more."""
        unknown = sorted(set(self.settings) - set(Settings.model_fields))
        if unknown:
            raise UsageError(
                f"build {self.build_id} was made with the setting {unknown[0]!r}, which this release has not"
            )
        try:
            return Settings(**self.settings)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, one.path))} {one.text}" for one in mistakes_from_error(error))
            raise UsageError(
                f"build {self.build_id} was made with settings that this release refuses: {faults}"
            ) from error


def write_record(home: Path, record: BuildRecord) -> Path:
    """Keep `record` in `builds/`. Raises LakeError where the disk refuses."""
    values = asdict(record)
    values["built_at"] = record.built_at.isoformat()
    values["as_of"] = record.as_of.isoformat() if record.as_of else None
    body = gzip.compress(json.dumps(values, sort_keys=True).encode(), compresslevel=6, mtime=0)
    path = home / "builds" / f"{record.build_id}{_SUFFIX}"
    write_whole_file(path, lambda temporary: temporary.write_bytes(body))
    return path


def record_names(home: Path) -> list[str]:
    """Ids of the builds that have a record, the oldest first."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in (home / "builds").glob(f"*{_SUFFIX}"))


def read_record(home: Path, build_id: str) -> BuildRecord:
    """The record of a build. Raises UsageError where there is none, LakeError where it is damaged."""
    path = home / "builds" / f"{build_id}{_SUFFIX}"
    try:
        values = json.loads(gzip.decompress(path.read_bytes()))
        as_of = values.pop("as_of")
        files = tuple(LakeFile(**entry) for entry in values.pop("files"))
        built_at = datetime.fromisoformat(values.pop("built_at"))
        return BuildRecord(
            **values, built_at=built_at, as_of=datetime.fromisoformat(as_of) if as_of else None, files=files
        )
    except FileNotFoundError as error:
        raise UsageError(f"there is no record of a build {build_id!r} under {home / 'builds'}") from error
    except gzip.BadGzipFile as error:
        raise _damage_error(path, error) from error
    except OSError as error:
        raise LakeError(
            f"{path} cannot be read: {error.strerror or error}; mend its permissions or the disk"
        ) from error
    except (ValueError, TypeError, KeyError, EOFError, zlib.error) as error:
        raise _damage_error(path, error) from error


def _damage_error(path: Path, error: Exception) -> LakeError:
    return LakeError(f"{path} is damaged ({error}); restore it from a backup of the home")


def find_record(home: Path, name: str) -> BuildRecord | None:
    """The record of the build or run `name` (of a run with several builds the last; a beginning that is unique will do)."""
    names = record_names(home)
    fitting = [build for build in names if build == name] or [
        build for build in names if name and build.startswith(name)
    ]
    if len(fitting) == 1:
        return read_record(home, fitting[0])
    made = [record for record in _read_records(home, reversed(names)) if name and record.run_id == name]
    return made[0] if made else None


def _read_records(home: Path, names: Iterator[str]) -> Iterator[BuildRecord]:
    for name in names:
        yield read_record(home, name)
