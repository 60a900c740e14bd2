"""What `breadthwise import` brings in: which files, parsed how, under which source, known since when."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from flows.ingest.contradictions import EarlierFiles
from flows.ingest.report import Failure
from flows.ingest.taken import Taken, describe_taken
from sources import payloads
from sources.base import Parsed, Request
from sources.formats import all_formats, find_format
from sources.formats._base import READING_OPTIONS, Format, dataset_of_format
from sources.formats._days import is_whole_form
from sources.formats._guess import guess_format
from sources.formats._input import BulkFile, find_files
from sources.formats._read import DELIMITERS
from sources.parsing.finality import DEFAULT_MARGIN_MINUTES, margin_option
from sources.payloads import StoredPayload
from sources.providers import files
from warehouse.controls import has_controls, printable_text
from warehouse.errors import FormatError, UsageError
from warehouse.names import source_name, universe_name

_BASES = ("raw", "split", "total_return")


@dataclass(frozen=True)
class Import:
    """One import as a user asks for it. `known_at` is an aware instant (none: now), `symbol` and
    `session` are for files that do not tell theirs. `options` are others that the format takes (basis,
    universe, ...), `columns` the file's headers by column of the format."""

    path: str | Path
    format: str
    dataset: str = ""
    source: str = ""
    known_at: datetime | None = None
    symbol: str = ""
    session: date | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkItem:
    """One file of an import. What it was taken for when it was parsed is added to `taken`."""

    file: BulkFile
    request: Request
    taken: list[Taken] = field(default_factory=list, compare=False)
    earlier_files: EarlierFiles = field(default_factory=EarlierFiles, compare=False)

    def read_payload(self) -> StoredPayload:
        """Its bytes. Raises FormatError for what cannot be read."""
        payload = self.file.read_payload()
        try:
            body = payload.read_bytes() if isinstance(payload, Path) else payload
        except OSError as error:
            raise FormatError(f"cannot be read: {error.strerror or error}") from error
        return payloads.payload_on_disk(body, self.request)

    def parse_payload(self, body: bytes, request: Request) -> Parsed:
        parsed, reading = files.parse_with_reading(body, request)
        self.earlier_files.refuse_contradiction(self.file.place, request, parsed)
        self.taken.append(describe_taken(request, parsed, reading))
        return parsed


@dataclass(frozen=True)
class Plan:
    """The work of one import in the order of names, what lay beside it and is not read, and files of no known format."""

    items: tuple[WorkItem, ...]
    skipped: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def files_taken(self) -> list[Taken]:
        """What the files that were parsed so far were taken for."""
        return [one for item in self.items for one in item.taken]


def plan_imports(
    wanted: Import,
    now: datetime,
    close_margin_minutes: int = DEFAULT_MARGIN_MINUTES,
    known_sources: Iterable[str] = (),
) -> Plan:
    """The files of one import. `now` is known_at where the user gives none; without a format each file's is recognised.
    `known_sources` are those that the home has rows of.

    Raises UsageError for a wrong path, format, dataset, option or instant, FormatError for a bad zip.
    """
    one = find_format(wanted.format) if wanted.format else None
    _check_names(wanted, known_sources)
    _check_reading_options(wanted.options)
    if one:
        dataset_of_format(one, wanted.dataset)
        _format_options(wanted, one)
    _check_dataset(wanted)
    known_at = wanted.known_at or now
    if known_at > now:
        raise UsageError(f"--known-at {known_at.isoformat()} lies in the future; now it is {now.isoformat()}")
    place = find_files(wanted.path, one)
    items: list[WorkItem] = []
    failures: list[Failure] = []
    for file in place.files:
        request = Request(
            source=wanted.source or printable_text(file.source_name),
            dataset=wanted.dataset,
            fetched_at=known_at,
            symbol=wanted.symbol or None,
            session=wanted.session,
            options=_asked_options(wanted) | margin_option(close_margin_minutes) | {"file": printable_text(file.name)},
        )
        try:
            if file.name_fault:
                raise FormatError(file.name_fault)
            items.append(WorkItem(file, _request_of_format(one or _recognise_format(file, request), wanted, request)))
        except FormatError as error:
            failures.append(Failure(request, error))
    counts = Counter(item.request.source for item in items)
    earlier_files = EarlierFiles(frozenset(source for source, count in counts.items() if count > 1))
    return Plan(tuple(replace(item, earlier_files=earlier_files) for item in items), place.skipped, tuple(failures))


def _recognise_format(file: BulkFile, request: Request) -> Format:
    payload = file.read_payload()
    if isinstance(payload, Path):
        payload = files.read_bytes(payload)
    return find_format(guess_format(payload, request))


def _request_of_format(one: Format, wanted: Import, request: Request) -> Request:
    return replace(
        request,
        source=wanted.source or one.source or request.source,
        dataset=dataset_of_format(one, wanted.dataset),
        options={**request.options, **_format_options(wanted, one)},
    )


def _check_names(wanted: Import, known_sources: Iterable[str]) -> None:
    """The two names that an import may give: those of its source and of the universe that it lists."""
    option = "--source"
    try:
        if wanted.source:
            source_name(wanted.source, [*known_sources, *(one.source for one in all_formats().values())])
        option = "--universe"
        if name := wanted.options.get("universe"):
            universe_name(name)
    except ValueError as error:
        raise UsageError(f"{option} {error}") from error
    for name, value in wanted.options.items():
        if has_controls(value) and name not in READING_OPTIONS:
            raise UsageError(
                f"--{name.replace('_', '-')} {value[:40]!a} holds control characters; write it without them"
            )


def _check_dataset(wanted: Import) -> None:
    known = sorted({dataset for one in all_formats().values() for dataset in one.datasets})
    if wanted.dataset and wanted.dataset not in known:
        raise UsageError(f"no dataset is called {wanted.dataset!r}; files are imported into {', '.join(known)}")


def _asked_options(wanted: Import) -> dict[str, str]:
    options = {name: value for name, value in wanted.options.items() if value}
    return options | {f"column.{name}": header for name, header in wanted.columns.items()}


def _format_options(wanted: Import, one: Format) -> dict[str, str]:
    options = {name: value for name, value in wanted.options.items() if value}
    asked = {*options, *(name for name in ("symbol", "session") if getattr(wanted, name))}
    unknown = sorted(asked - {*one.options, *READING_OPTIONS})
    if unknown:
        takes = ", ".join(f"--{name.replace('_', '-')}" for name in one.options) or "no option"
        raise UsageError(f"format {one.name} takes no --{unknown[0].replace('_', '-')}; it takes {takes}")
    if options.get("basis", "raw") not in _BASES:
        raise UsageError(f"--basis {options['basis']!r} is unknown; expected {', '.join(_BASES)}")
    names = [field.name for field in one.fields]
    for name in wanted.columns:
        if name not in names:
            raise UsageError(f"format {one.name} has no column {name!r}; --column takes {', '.join(names)}")
    return _asked_options(wanted) | {"format": one.name}


def _check_reading_options(options: Mapping[str, str]) -> None:
    """How a file is written, as it was asked for: an encoding, a sign between cells, a decimal sign, a form of dates."""
    try:
        codecs.lookup(options.get("encoding") or "utf-8")
    except LookupError:
        raise UsageError(
            f"--encoding {options['encoding']!r} is unknown; expected utf-8, utf-16, cp1252, latin-1 ..."
        ) from None
    if (options.get("decimal") or ".") not in (".", ","):
        raise UsageError(f"--decimal {options['decimal']!r} is no decimal sign; expected . or ,")
    delimiter = options.get("delimiter") or ","
    is_sign = len(delimiter) == 1 and delimiter.isascii() and delimiter not in '"\r\n'
    if delimiter not in DELIMITERS and not is_sign:
        names = ", ".join(DELIMITERS)
        raise UsageError(f"--delimiter {delimiter!r} is no sign between cells; expected one character, or {names}")
    form = options.get("date_format")
    if form and not is_whole_form(form):
        raise UsageError(f"--date-format {form!r} is no form of a whole date; expected one such as %d/%m/%Y")
