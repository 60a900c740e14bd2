"""The build before and this one: what is new in the lake, which settings differ, and the record kept of each build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from transforms.build import BuildResult
from transforms.restatements import Before, News
from warehouse.builds.publish import build_to_replace
from warehouse.builds.records import BuildRecord, read_record, write_record
from warehouse.duck import connect, instant_literal, quote_literal
from warehouse.errors import LakeError, UsageError
from warehouse.lake.facts import scan_files_sql
from warehouse.lake.manifest import COMPACTION, LakeFile, Manifest
from warehouse.settings import BuildSettings, Settings


def previous_build(
    home: Path, manifest: Manifest, settings: Settings, warn: Callable[[str], None] = lambda text: None
) -> Before | None:
    """The published build, to compare the next one with; None where there is none, or it is gone.

    `warn` is called with a line on a record that cannot be read: what changed is then found, and not from which payloads.
    """
    path = build_to_replace(home)
    if path is None:
        return None
    try:
        record = read_record(home, path.stem)
    except UsageError:
        return Before(path)  # of a release that kept no records
    except LakeError as error:
        warn(f"{error}; the build goes on without it: ops.restatements names no payloads as causes")
        return Before(path)
    changes = settings_changes(record.settings, settings)
    return Before(path, _new_payloads(home, record, manifest), changes)


def settings_changes(then: Mapping[str, Any], now: Settings) -> list[str]:
    """The settings that a build depends on and that differ from those of a record, as 'name old -> new'.

    One that the record lacks is newer than the build: it stood at its default.
    """
    defaults, current = Settings().build_settings(), now.build_settings()
    plain = [
        (name, _tuples_as_lists(then.get(name, defaults[name])), current[name])
        for name in sorted(BuildSettings.model_fields)
    ]
    return [f"{name} {old} -> {new}" for name, old, new in plain if old != new]


def write_build_record(
    home: Path,
    run_id: str,
    result: BuildResult,
    manifest: Manifest,
    settings: Settings,
    code_version: str,
    built_at: datetime,
) -> None:
    """Write what `breadthwise verify` needs to make the build again."""
    record = BuildRecord(
        build_id=result.build_id,
        run_id=run_id,
        built_at=built_at,
        as_of=None,
        code_version=code_version,
        settings=settings.shown_settings(),
        fingerprint=manifest.fingerprint,
        hashes=result.hashes,
        rows=result.rows,
        generation=manifest.generation,
        files=manifest.files,
    )
    write_record(home, record)


def _tuples_as_lists(value: Any) -> Any:
    """Tuples as lists, as JSON has them."""
    return [_tuples_as_lists(one) for one in value] if isinstance(value, list | tuple) else value


def _new_payloads(home: Path, record: BuildRecord, manifest: Manifest) -> list[News]:
    """The payloads of facts that the lake has got since the record, by the files that are new in years that changed."""
    held = {file.path for file in record.files}
    found: dict[str, list[LakeFile]] = {}
    for dataset in sorted({file.dataset for file in manifest.files}):
        for year in manifest.years_of_dataset(dataset):
            if manifest.fingerprint_of(dataset, {year}) != record.manifest.fingerprint_of(dataset, {year}):
                new = [file for file in manifest.files_of_dataset(dataset, {year}) if file.path not in held]
                found.setdefault(dataset, []).extend(new)
    news = []
    with connect() as con:
        for dataset, files in found.items():
            if files:
                rows = con.execute(_payloads_sql(home, files, record.built_at)).fetchall()
                news += [News(dataset, *row) for row in rows]
    return news


def _payloads_sql(home: Path, files: list[LakeFile], built_at: datetime) -> str:
    """Payloads, their rows and the withdrawals among these. Of a merged file, which holds older facts too, those learnt since."""
    return f"""select payload_sha256, count(*) as rows, count(*) filter (where is_withdrawn) as withdrawn
        from {scan_files_sql(home, files)}
        where known_at > {instant_literal(built_at)} or filename in ({_committed_files_sql(home, files)})
        group by payload_sha256"""


def _committed_files_sql(home: Path, files: list[LakeFile]) -> str:
    """The files that a commit wrote, as SQL texts."""
    names = [quote_literal(str(home / file.path)) for file in files if file.run_id != COMPACTION]
    return ", ".join(names) or "''"
