"""`breadthwise parse`: what one stored or recorded answer of a source gives, printed; nothing is stored."""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.console.context import Context
from warehouse.errors import FormatError, MalformedAnswer, SourceError, UsageError
from warehouse.instants import parse_day, parse_instant
from warehouse.payloads.store import PayloadStore

if TYPE_CHECKING:
    from sources.base import Request

ONLY_READS = True
HELP = "Show the rows, or the error, that one payload of a source gives, a file or one of the home; nothing is stored."
EXAMPLES = """  breadthwise parse yahoo_bars chart.json --fetched-at 2026-01-23T22:00:00Z
  breadthwise parse nasdaq_screener screener.json.gz --session 2026-01-23 --as json
  breadthwise parse yahoo_bars 3f7a91c20b5e"""

_GZIP = b"\x1f\x8b"
_DIGEST = re.compile(r"[0-9a-f]{6,64}", re.IGNORECASE)
_SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", help="the source's name, such as yahoo_bars")
    parser.add_argument(
        "file",
        type=Path,
        metavar="PAYLOAD",
        help="a file, packed with gzip or not, or the SHA-256 of a payload of the home (its first 6 characters or more): what "
        "was asked for that is taken from beside it, where no option says otherwise",
    )
    parser.add_argument("--symbol", help="the symbol that was asked, where the answer does not name it")
    parser.add_argument("--session", type=parse_day, help="the session that was asked (YYYY-MM-DD)")
    parser.add_argument("--series", help="the series that was asked")
    parser.add_argument(
        "--fetched-at",
        type=parse_instant,
        help="when it was fetched (ISO 8601, UTC; default now, or as kept)",
    )
    parser.add_argument("--dataset", default="", help="parse it as this dataset, where the source serves several")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the request")
    parser.add_argument("--as", dest="form", choices=("csv", "json"), default="csv", help="how to print (default csv)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Rows go to stdout, refused rows and notes to stderr. 0 with rows, 1 with an error or no row at all."""
    from sources import catalog

    source = catalog.find_parser(arguments.source)
    digest = _stored_digest(arguments.file, context.home)
    try:
        if digest:
            payload, kept = (
                PayloadStore(context.home).get_payload(digest),
                _kept_request(context.home, digest, source.NAME),
            )
        else:
            payload, kept = _unpack_payload(_read_payload(arguments.file)), None
            digest = hashlib.sha256(payload).hexdigest()
        request = _make_request(arguments, source.NAME, kept)
        parsed = source.parse(payload, request)
    except (SourceError, FormatError) as error:
        print(f"breadthwise parse: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    rows = list(_rows_to_print(parsed.tables, request.fetched_at, digest))
    _print_rows(rows, arguments.form)
    for refused in parsed.rejected:
        print(f"refused: {refused.dataset}: {refused.reason}: {refused.text}", file=sys.stderr)
    for name, count in sorted(parsed.notes.items()):
        print(f"note: {name}: {count}", file=sys.stderr)
    if not rows:
        print("breadthwise parse: no row of this answer can be taken; the reasons stand above", file=sys.stderr)
    return 0 if rows else 1


def _stored_digest(named: Path, home: Path) -> str:
    """The payload of the home whose SHA-256 is or begins so; '' for a file. Raises UsageError for none, or several."""
    if named.exists() or not _DIGEST.fullmatch(str(named)):
        return ""
    found = PayloadStore(home).find_payloads(str(named).lower())
    if not found:
        raise UsageError(f"there is no file {named}, and no payload of {home} whose SHA-256 begins so")
    if len(found) > 1:
        more = ", ..." if len(found) > _SHOWN else ""
        raise UsageError(
            f"{len(found):,} payloads begin with {named}: {', '.join(found[:_SHOWN])}{more}; write more of one"
        )
    return found[0]


def _kept_request(home: Path, digest: str, source: str) -> Request | None:
    """What was asked for the payload, of `source` if that asked for it; None where nothing whole is kept with it."""
    from sources.payloads import request_from_record

    try:
        kept = [request_from_record(record) for record in PayloadStore(home).requests_for_payload(digest)]
    except (KeyError, TypeError, ValueError):
        return None
    return next((request for request in kept if request.source == source), kept[0] if kept else None)


def _make_request(arguments: argparse.Namespace, source: str, kept: Request | None) -> Request:
    """What the options say, else what is kept."""
    from sources.base import Request

    base = kept or Request(source, "", datetime.now(UTC), url=arguments.file.name)
    asked = {name: getattr(arguments, name) for name in ("dataset", "fetched_at", "symbol", "series", "session")}
    options = {**base.options, **_parse_options(arguments.option)}
    return replace(base, options=options, **{name: value for name, value in asked.items() if value})


def _parse_options(given: list[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            raise UsageError(f"--option {text!r} should be NAME=VALUE")
    return dict(text.split("=", 1) for text in given)


def _read_payload(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _unpack_payload(payload: bytes) -> bytes:
    from sources.parsing.documents import MAX_PAYLOAD

    if not payload.startswith(_GZIP):
        return payload
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(payload)) as packed:
            unpacked = packed.read(MAX_PAYLOAD + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MalformedAnswer(f"the gzip file is damaged or cut off ({error}); fetch it again") from error
    return unpacked


def _rows_to_print(tables: Any, known_at: datetime, digest: str) -> Iterator[dict[str, Any]]:
    provenance = {"payload_sha256": digest, "known_at": known_at, "is_withdrawn": False}
    for dataset, table in tables.items():
        for row in table.to_pylist():
            yield {"dataset": dataset, **row, **provenance}


def _print_rows(rows: list[dict[str, Any]], form: str) -> None:
    """One table: the columns of all datasets, in the order of their appearance; what a dataset lacks is empty."""
    plain = [{name: _json_value(value) for name, value in row.items()} for row in rows]
    if form == "json":
        print(json.dumps(plain, indent=1))
        return
    names = list(dict.fromkeys(name for row in plain for name in row))
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: str(v).lower() if isinstance(v, bool) else v for k, v in row.items()} for row in plain)


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
