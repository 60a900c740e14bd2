"""`breadthwise factcheck`: claims of others held against the warehouse."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from flows.console.context import Context
from warehouse.durable_io import disk_error
from warehouse.errors import UsageError
from warehouse.instants import parse_day, parse_instant

if TYPE_CHECKING:
    from reports.factcheck.claims import Claim

ONLY_READS = True
HELP = "Hold claims against the warehouse: confirmed, contradicted, self-contradictory or not checkable, each with its reason."
EXAMPLES = """  breadthwise factcheck claims.csv
  breadthwise factcheck claims.csv --format html --lang zh --out verdicts.html
  breadthwise factcheck --text article.txt --session 2026-01-23 > claims.csv    (a claims file for you to mend)"""
_WIDTH = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("claims", type=Path, nargs="?", help="a claims file (CSV)")
    parser.add_argument(
        "--text", type=Path, help="an article, plain or HTML: list its figures as a claims file, for a person to mend"
    )
    parser.add_argument(
        "--session",
        type=parse_day,
        help="session of the article (default: its dateline)",
    )
    parser.add_argument("--as-of", type=parse_instant, help="judge by a build over the facts known by then")
    parser.add_argument(
        "--format", choices=("table", "csv", "json", "html", "jsonld"), default="table", help="how to print"
    )
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of reasons and page (default en)")
    parser.add_argument("--out", type=Path, help="write to this file instead of printing")


def run(arguments: argparse.Namespace, context: Context) -> int:
    if (arguments.claims is None) is (arguments.text is None):
        raise UsageError("name a claims file, or an article with --text; one of the two")
    if arguments.text is not None:
        return _list_claims(arguments, context.home)
    from reports.factcheck.claims import read_claims

    text = _format_verdicts(arguments, context, read_claims(arguments.claims))
    _write_output(text, arguments.out)
    return 0


def _write_output(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
    else:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise disk_error("write", out, error) from error
        print(f"written: {out}")


def _format_verdicts(arguments: argparse.Namespace, context: Context, claims: list[Claim]) -> str:
    from reports.factcheck import output, page
    from reports.factcheck.verdicts import check_claims
    from reports.figures.resolver import Warehouse

    with _build_to_check_by(arguments, context) as path, Warehouse(context.home, path) as warehouse:
        verdicts = check_claims(claims, warehouse)
        if arguments.format == "html":
            return page.verdicts_to_html(verdicts, warehouse.newest_build, arguments.lang)
        if arguments.format == "jsonld":
            return page.verdicts_to_jsonld(verdicts, warehouse.newest_build, arguments.lang) + "\n"
        rows = output.verdict_rows(verdicts, warehouse.newest_build, arguments.lang)
        if arguments.format == "csv":
            return output.rows_to_csv(rows)
        if arguments.format == "json":
            return output.rows_to_json(rows, warehouse.newest_build)
        return _verdict_paragraphs(rows)


@contextmanager
def _build_to_check_by(arguments: argparse.Namespace, context: Context) -> Iterator[Path | None]:
    """The build to judge by: None for the current one, else one made aside over the facts known by --as-of."""
    if arguments.as_of is None:
        yield None
        return
    from flows.build.publish import build_as_of

    with TemporaryDirectory() as folder:
        path = Path(folder) / "as_of.duckdb"
        build_as_of(context.home, context.settings, path, datetime.now(UTC), context.reporter, arguments.as_of)
        yield path


def _verdict_paragraphs(rows: list[dict[str, Any]]) -> str:
    """A paragraph a claim: what it says, the verdict, why, and the proof."""
    from reports.factcheck.output import count_verdicts

    lines = []
    for row in rows:
        claimed = f" (claimed {row['value']} {row['unit']})" if row["value"] else ""
        lines.append(f"{row['claim_id']}  {row['verdict'].upper()}  {row['statement'][:_WIDTH]}{claimed}")
        lines.append(f"    {row['reason']}")
        if row["nearest"]:
            lines.append(f"    nearest: {row['nearest']}")
        if row["proof"]:
            lines.append(f"    {row['proof']}")
    lines.append(", ".join(f"{count} {name}" for name, count in count_verdicts(rows).items()))
    return "\n".join(lines) + "\n"


def _list_claims(arguments: argparse.Namespace, home: Path) -> int:
    from flows.inspect.companies import companies_of_home
    from reports.factcheck.articles.article import UNPLACED, claim_rows, find_claims, to_claims_csv
    from reports.factcheck.articles.dateline import has_year, session_of_article
    from reports.factcheck.articles.visible import visible_text
    from reports.factcheck.claims import read_text

    article = visible_text(read_text(arguments.text, "article"))
    if not find_claims(article):
        raise UsageError(f"{arguments.text} states no figure of a kind that is known here")
    session = session_of_article(article, arguments.session, _last_session(home))
    note = "" if arguments.session or has_year(article) else f"the dateline names no year: taken as {session.year}"
    found = find_claims(article, companies_of_home(home, session))
    _write_output(to_claims_csv(found, session, note), arguments.out)
    unplaced = sum(row["kind"] == UNPLACED for row in claim_rows(found, session))
    print(f"{len(found) - unplaced} figures placed, {unplaced} not (kind {UNPLACED}): mend them first", file=sys.stderr)
    if note:
        print(
            f"session {session}: {note}, the last such day of the warehouse; else name it with --session",
            file=sys.stderr,
        )
    return 0


def _last_session(home: Path) -> date | None:
    """The newest session of the home's warehouse; None without one."""
    from reports.figures.resolver import Warehouse
    from warehouse.builds.publish import current_build

    if current_build(home) is None:
        return None
    with Warehouse(home) as warehouse:
        return warehouse.last_session
