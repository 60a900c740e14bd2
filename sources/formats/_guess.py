"""Which format a file's columns are those of, where the user does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sources.base import Request
from sources.formats import all_formats
from sources.formats._base import Context, Field, Format, normalise_header
from sources.formats._choose import choose_columns
from sources.formats._currency import foreign_currency
from sources.formats._read import LONGEST_LINE, check_name, long_line_message, open_reader
from sources.formats._text import PACKED, decode_text, is_workbook, sheet_as_csv
from warehouse.errors import FormatError

_SHOWN = 20
_HEAD_BYTES = 64 << 10
_HEAD_LINES = 10
_TICKER = re.compile(r"\^?[A-Z]{1,5}([./-][A-Z]{1,2})?")
_SERIES = re.compile(r"[A-Z][A-Z0-9_]{1,29}")
_OF_REST = {"bars_wide": _TICKER, "series_wide": _SERIES}
# Headers of bars that are symbols of stocks, too (Lowe's, Opendoor, Symbotic), beside those of one letter.
_ALSO_TICKERS = ("low", "open", "sym")
_SHORT_FOR_BARS = ("adj", "prev", "vwap", "ohlc")
UNKNOWN = Format(name="", description="", datasets=(), fields=(), shape=lambda table, context: {})


def guess_format(payload: bytes, request: Request) -> str:
    """The name of the one format (of the request's dataset, if it names one) whose columns explain the file's best.

    Raises FormatError where none fits, or two fit equally well.
    """
    context = Context(request, UNKNOWN)
    header = _header_of_lines(_first_lines(payload, context), request)
    for name, asked in request.options.items():
        if name.startswith("column.") and asked not in header:
            raise context.format_error(f"no column {asked!r}; it has: {', '.join(header[:_SHOWN])}")
    scores = score_formats(payload, request)
    best = [name for name, score in scores.items() if score == max(scores.values())]
    if len(best) == 1:
        return best[0]
    if best:
        raise context.format_error(f"its columns could be those of format {' or '.join(best)}; say --format {best[0]}")
    foreign = [(name, sign) for name in header if (sign := foreign_currency(name))]
    if foreign:
        name, sign = foreign[0]
        raise context.format_error(
            f"its columns are those of no format, and {name[:40]!r} is in {sign}: only dollars are taken; convert it"
        )
    columns = ", ".join(cell[:40] for cell in header[:_SHOWN])
    raise context.format_error(
        f"its columns ({columns}) are those of no format; say --format: {', '.join(all_formats())}"
    )


def score_formats(payload: bytes, request: Request) -> Mapping[str, float]:
    """The share of the file's columns that each format explains, of formats that find what they require."""
    context = Context(request, UNKNOWN)
    head = _first_lines(payload, context)
    scores = {}
    for name, one in all_formats().items():
        if not request.dataset or request.dataset in one.datasets:
            score = _score_format(
                head, Context(replace(request, options=_options_without_encoding(request, name)), one)
            )
            if score:
                scores[name] = score
    asks_for_bars = not request.dataset or request.dataset in all_formats()["bars"].datasets
    if not asks_for_bars or not scores.keys() & _OF_REST.keys():
        return scores
    return _without_tables_of_bars(scores, _header_of_lines(head, request))


def _header_of_lines(head: bytes, request: Request) -> Sequence[str]:
    options = _options_without_encoding(request, "")
    return open_reader(head, [], Context(replace(request, options=options), UNKNOWN)).header


def _without_tables_of_bars(scores: Mapping[str, float], header: Sequence[str]) -> Mapping[str, float]:
    """No column is a ticker (or a series) in a file that has one of bars, such as CLOSE or VOL.

    Where at least half could be of bars or tickers, as in `Date,C,V,O`, the formats fit equally well.
    """
    fields = [field for field in all_formats()["bars"].fields if field.kind != "date"]
    of_bars = {normalise_header(name) for field in fields for name in (*field.headers, *field.adjusted)}
    either = {name for name in of_bars if len(name) == 1 or name in _ALSO_TICKERS}
    names = [normalise_header(name) for name in header]
    is_table_of_bars = any(name in of_bars - either or name in _SHORT_FOR_BARS for name in names)
    is_unclear = 2 * sum(name in either for name in names) >= len(names) - 1
    if is_table_of_bars or (is_unclear and "bars" not in scores):
        return {name: score for name, score in scores.items() if name not in _OF_REST}
    best = max(scores.values())
    return {name: best if is_unclear and name in ("bars", *_OF_REST) else score for name, score in scores.items()}


def _options_without_encoding(request: Request, name: str) -> dict[str, str]:
    unread = ("encoding", "sheet")  # the head is UTF-8 by now
    return {key: value for key, value in request.options.items() if key not in unread} | {"format": name}


def _first_lines(payload: bytes, context: Context) -> bytes:
    """The first lines of a text as UTF-8; Parquet and what cannot be read as they are."""
    if payload.startswith((b"PAR1", b"\x1f\x8b")):
        return payload
    check_name(payload, context)
    if is_workbook(payload):
        text = sheet_as_csv(payload, context)
    elif payload.startswith(PACKED):
        return payload
    else:
        text = decode_text(payload, context)
    return _whole_lines(text, context)


def _whole_lines(text: bytes, context: Context) -> bytes:
    """The lines of the first `_HEAD_BYTES`, at least `_HEAD_LINES` of them: a header of thousands of tickers is longer by itself.

    Raises FormatError for a line that no table has.
    """
    mark = b"\n" if b"\n" in text[:LONGEST_LINE] else b"\r"
    end = count = 0
    while end < len(text) and (end < _HEAD_BYTES or count < _HEAD_LINES):
        start, end = end, text.find(mark, end) + 1 or len(text)
        count += 1
        size = len(text[start:end].rstrip(b"\r\n"))
        if size > LONGEST_LINE:
            raise context.format_error(long_line_message(count, size))
    return text[:end]


def _score_format(head: bytes, context: Context) -> float:
    one = context.format
    names = [[normalise_header(header) for header in field.headers] for field in one.fields if field.required]
    try:
        reader = open_reader(head, names, context)
        context.header = reader.header
        chosen = choose_columns(reader.header, context)
    except FormatError:
        return 0.0
    found = {field.name for field in chosen}
    if one.one_of and not any(found.issuperset(group) for group in one.one_of):
        return 0.0
    columns = sum(map(bool, reader.header))
    rest = [field for field in chosen if field not in one.fields]
    if one.takes_rest:
        return _score_other_columns(one, rest, columns)
    return sum(bool(reader.header[place]) for place in set(chosen.values())) / max(columns, 1)


def _score_other_columns(one: Format, rest: list[Field], columns: int) -> float:
    """A little less than all, so that a format that knows the same columns by name is preferred."""
    pattern = _OF_REST.get(one.name)
    fits = bool(rest) and (pattern is None or all(pattern.fullmatch(field.name) for field in rest))
    return 0.99 if fits and columns else 0.0
