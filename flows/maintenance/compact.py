"""Compaction as a plain function, and what a user reads of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flows.console.context import Reporter
from warehouse.lake.lake import Compacted, Lake
from warehouse.runs.journal import Run
from warehouse.settings import Settings

RETENTION_DAYS = 30.0
_SHOWN = 10


def compact_home(
    home: Path, settings: Settings, run: Run, now: datetime, reporter: Reporter, retention_days: float
) -> Compacted:
    """Compact the home's lake and tidy it up; the run's message says what was done. Safe beside readers and writers.

    Raises LakeError where another compaction is under way or the disk refuses.
    """
    with run.record_step("compact"), reporter.time_step("compact"):
        done = Lake(home).compact(now, False, retention_days, settings.keep_builds_days)
    run.message = summary_lines(done, False)[0]
    return done


def summary_lines(found: Compacted, is_dry: bool) -> list[str]:
    """In words: one line of counts, then what was (with `is_dry`: would be) merged, packed, removed."""
    files, years = sum(found.merged.values()), len(found.merged)
    would = "would be " if is_dry else ""
    lines = [
        f"{files:,} files {would}merged into {years:,} parts of the lake, {len(found.packed):,} payload files {would}packed, "
        f"{len(found.pruned):,} old builds and {len(found.swept):,} dead files {would}removed"
    ]
    merged = [f"{part}: {count} files" for part, count in found.merged.items()]
    lines += _list_entries("merge", merged) + _list_entries("pack", found.packed)
    return lines + _list_entries("old build", found.pruned) + _list_entries("dead file", found.swept)


def _list_entries(what: str, entries: Sequence[str]) -> list[str]:
    lines = [f"  {what} {entry}" for entry in entries[:_SHOWN]]
    return lines + ([f"  {what}: and {len(entries) - _SHOWN:,} more"] if len(entries) > _SHOWN else [])
