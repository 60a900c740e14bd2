"""SEC EDGAR: reported figures of a company (companyfacts) and the map from tickers to companies (CIK).

`fy` and `fp` belong to the filing and not to the period, so a figure is named by its own dates and by the filing;
a restatement repeats a period under a later filing and is a row of its own. Shares are as reported, never adjusted
for splits. https://www.sec.gov/search-filings/edgar-application-programming-interfaces
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import refuse_other_subject, require_fields
from sources.parsing.documents import parse_json, refuse_envelope, require_member
from sources.parsing.publication_times import new_york_date, parse_iso_day, public_instant
from sources.parsing.rows import Rows
from sources.parsing.sec_concepts import CONCEPTS, CURRENCY, fits_unit
from sources.parsing.values import BadCell, quote_value, read_number, read_symbol, read_words
from warehouse.errors import AccessRefused, ChangedShape, NoData, NotFound

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "sec_fundamentals"
DATASETS = ("fundamentals", "securities")
HOSTS = ("data.sec.gov", "www.sec.gov")
PACE = 8.0  # the limit is 10/s
NEEDS_KEY: str | None = "SEC_CONTACT"  # no key, but a name and an e-mail address, without which it answers 403

_TICKERS_URL = "https://www.sec.gov/files/company_tickers.json"

_ACCESSION = re.compile(r"^[0-9]{10}-[0-9]{2}-[0-9]{6}$")


class _Series(NamedTuple):
    """The entries of one tag in one unit."""

    concept: str
    unit: str
    entries: list[Any]


_MEMORY = "sec cik "  # with the symbol: what the ticker map said in this run


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a company, which gives all that it ever filed; one for the whole map of tickers (`securities`)."""
    if dataset == "securities":
        return [Request(NAME, dataset, PLANNED, start=start, end=end)]
    return [Request(NAME, dataset, PLANNED, symbol=symbol, start=start, end=end) for symbol in symbols]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The facts of the company `request.symbol` (or of option `cik`); for dataset `securities` the ticker map.

    Raises NotFound for a symbol that the map does not know, AccessRefused without SEC_CONTACT, other SourceErrors.
    """
    contact = os.environ.get("SEC_CONTACT", "")
    if "@" not in contact:
        raise AccessRefused("sec_fundamentals: the SEC wants a name and an e-mail address; put them in SEC_CONTACT")
    headers = {"User-Agent": contact}
    url = _TICKERS_URL
    if request.dataset == "fundamentals":
        cik = request.options.get("cik") or _find_cik(client, request.symbol or "", headers)
        url = f"https://data.sec.gov/api/xbrl/companyfacts/CIK{int(cik):010d}.json"
        request = replace(request, options={**request.options, "cik": cik})
    answer = client.get(url, headers=headers, expect="json", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Rows of fundamentals (companyfacts) or of securities (the ticker map); the body says which it is.

    Raises NotFound for the store's 404, NoData for a company without any of our concepts, MalformedAnswer where the answer
    is about another company than the one asked, ChangedShape.
    """
    what = f"sec_fundamentals {request.symbol or ''}".strip()
    document = parse_json(payload, what)
    refuse_envelope(document, what)
    if isinstance(document, dict) and "tag" in document and "units" in document:
        # companyconcept: one tag of the same facts
        space, tag = str(document.get("taxonomy")), str(document["tag"])
        document = {"cik": document.get("cik"), "facts": {space: {tag: {"units": document["units"]}}}}
    if isinstance(document, dict) and "facts" in document:
        return _parse_facts(document, request, what)
    rows = Rows(NAME, "securities")
    for ticker, _, title in _read_companies(document, what, rows):
        rows.add_row("securities", {"symbol": ticker, "first_seen": new_york_date(request.fetched_at), "name": title})
    return rows.to_parsed()


def _find_cik(client: Client, company: str, headers: dict[str, str]) -> str:
    with client.memory_lock:
        if _MEMORY not in client.memory:
            body = client.get(_TICKERS_URL, headers=headers, expect="json", pace=PACE).body
            what = f"{NAME} tickers"
            listed = _read_companies(parse_json(body, what), what, Rows(NAME, "securities"))
            client.memory.update({_MEMORY + ticker: cik for ticker, cik, _ in listed})
            client.memory[_MEMORY] = "read"
        cik = client.memory.get(_MEMORY + company)
    if cik is None:
        raise NotFound(f"sec_fundamentals: the SEC's map of tickers has no {quote_value(company)}; funds are not in it")
    return cik


def _read_companies(document: Any, what: str, rows: Rows) -> Iterator[tuple[str, str, str]]:
    """Symbol, CIK and name of each company; both published forms of the map are read."""
    if isinstance(document, dict) and isinstance(document.get("fields"), list):
        names = document["fields"]
        listed = [
            dict(zip(names, line, strict=False))
            for line in require_member(document, "data", list, what)
            if isinstance(line, list) and all(isinstance(name, str) for name in names)
        ]
    elif isinstance(document, dict):
        listed = list(document.values())
    else:
        raise ChangedShape(f"{what}: neither companyfacts nor a map of tickers, but {type(document).__name__}")
    read = 0
    for entry in listed:
        try:
            company = _read_company(entry)
        except BadCell as bad:
            rows.reject_row("securities", entry, str(bad))
            continue
        read += 1
        yield company
    if read == 0:
        raise ChangedShape(f"{what}: neither companyfacts nor a map of tickers: {quote_value(document, 120)}")


def _read_company(entry: Any) -> tuple[str, str, str]:
    if not isinstance(entry, dict):
        raise BadCell("a company should be an object")
    cik = read_number(entry.get("cik_str", entry.get("cik")), "the CIK")
    title = read_words(entry.get("title", entry.get("name")), "the name")
    if cik is None or not 0 < cik < 1e10 or title is None:
        raise BadCell("a company without CIK or name")
    return read_symbol(entry.get("ticker"), "ticker"), str(int(cik)), title


def _parse_facts(document: dict[str, Any], request: Request, what: str) -> Parsed:
    facts = require_member(document, "facts", dict, what)
    asked = request.options.get("cik")
    if asked is not None:
        answered = _symbol_of_cik(document, what)
        refuse_other_subject(f"CIK{int(asked):010d}", answered, what, "does the company file under another CIK now?")
    company = request.symbol or _symbol_of_cik(document, what)
    rows = Rows(NAME, "fundamentals")
    found = list(_read_concept_series(facts, rows, what))
    if any(series.entries for series in found):
        require_fields((entry for series in found for entry in series.entries), ("form",), what, "figure")
    currency = _main_currency(found)
    taken: dict[tuple[str, date, date, str], str] = {}
    for tag_no, series in enumerate(found):
        money = series.unit.split("/")[0]
        if CURRENCY.match(money) and money != currency:
            if series.entries:
                rows.count_note("in_another_currency", len(series.entries))
            continue
        for entry in series.entries:
            _read_entry(rows, company, series, entry, taken, str(tag_no))
    if rows.count_rows("fundamentals") == 0:
        if rows.rejected:
            raise ChangedShape(f"{what}: not one figure can be read: {rows.rejected[0].reason}")
        raise NoData(f"{what}: the company reports none of {', '.join(CONCEPTS)}")
    return rows.to_parsed()


def _symbol_of_cik(document: dict[str, Any], what: str) -> str:
    """The company that an answer says it is of, by its CIK: its name too, where no symbol was given with the request."""
    try:
        cik = read_number(document.get("cik"), "the CIK")
    except BadCell as bad:
        raise ChangedShape(f"{what}: {bad}") from bad
    if cik is None or not 0 < cik < 1e10:
        raise ChangedShape(f"{what}: the answer names no company (CIK); the API has changed")
    return f"CIK{int(cik):010d}"


def _read_concept_series(facts: dict[str, Any], rows: Rows, what: str) -> Iterator[_Series]:
    """All entries of our concepts, best tag of each concept first."""
    for concept, tags in CONCEPTS.items():
        for space, tag in tags:
            about = facts.get(space)
            if about is None or (isinstance(about, dict) and tag not in about):
                continue
            units = require_member(require_member(facts, space, dict, what)[tag], "units", dict, f"{what} {tag}")
            for unit, entries in units.items():
                if not isinstance(entries, list):
                    raise ChangedShape(f"{what}: {tag} in {quote_value(unit)} should be a list; the API has changed")
                if fits_unit(concept, unit):
                    yield _Series(concept, unit, entries)
                elif entries:
                    rows.count_note("in_an_unknown_unit", len(entries))


def _main_currency(found: list[_Series]) -> str:
    """The currency of most figures; some filers add a translation of the last year into dollars."""
    counts: Counter[str] = Counter()
    for series in found:
        money = series.unit.split("/")[0]
        if CURRENCY.match(money):
            counts[money] += len(series.entries)
    return max(counts, key=lambda name: (counts[name], name == "USD", name), default="USD")


def _read_entry(
    rows: Rows, company: str, series: _Series, entry: Any, taken: dict[tuple[str, date, date, str], str], tag: str
) -> None:
    """Add one figure, unless a better tag gave it already."""
    try:
        row = _fact_row(company, series, entry)
    except BadCell as bad:
        rows.reject_row("fundamentals", entry, str(bad))
        return
    key = (series.concept, row["period_start"], row["period_end"], row["accession"])
    if taken.setdefault(key, tag) != tag:
        rows.count_note("also_under_another_tag")
        return
    rows.add_row("fundamentals", row)


def _read_accession(value: Any) -> str:
    if isinstance(value, str) and _ACCESSION.fullmatch(value):
        return value
    accession = read_words(value, "accn") or ""
    if not _ACCESSION.match(accession):
        raise BadCell(f"accn is {quote_value(accession)}, no accession number")
    return accession


def _fact_row(company: str, series: _Series, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise BadCell("a figure should be an object")
    end = parse_iso_day(entry.get("end"), "end")
    start = parse_iso_day(entry["start"], "start") if entry.get("start") is not None else end
    filed = parse_iso_day(entry.get("filed"), "filed")
    accession = _read_accession(entry.get("accn"))
    if series.concept != "shares_outstanding" and entry.get("start") is None:
        raise BadCell(f"{series.concept} without the start of its period")
    if start > end:
        raise BadCell(f"the period starts on {start}, after its end on {end}")
    return {
        "symbol": company,
        "concept": series.concept,
        "period_start": start,
        "period_end": end,
        "accession": accession,
        "value": read_number(entry.get("val"), "val"),
        "unit": series.unit,
        "form": read_words(entry.get("form"), "form", 20),
        "filed_date": filed,
        "is_filed_assumed": False,
        "available_at": public_instant(filed),
    }
