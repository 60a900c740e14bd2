"""The report of one session under a home: which session, its files, then the index pages; old reports go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.build.version import other_code_of
from flows.console.context import Reporter
from flows.report.folder import FOLDER, prune_reports, write_folder, write_index
from flows.report.version import page_version
from reports.provisional import provisional_reason
from reports.reading import Reading, open_build
from reports.texts import LANGUAGES
from warehouse import calendar
from warehouse.builds.publish import LINK, refuse_lost_build
from warehouse.errors import UsageError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from reports.page import PageOptions


@contextmanager
def open_published(home: Path) -> Iterator[Reading]:
    """The published build of `home`, as `open_build` gives it.

    Raises LakeError where its file is gone, and where other code made it and it lacks a table or a column that pages and
    exports show now.
    """
    refuse_lost_build(home)
    with open_build(home / LINK) as reading:
        if other_code_of(reading.con):
            from transforms.other_release import refuse_other_release

            refuse_other_release(reading.con, ("reports", "ops"))
        yield reading


def page_options(settings: Settings) -> PageOptions:
    # charts and workbooks come with it: a run would wait for them before it has asked for anything
    from reports.page import PageOptions

    return PageOptions(tuple(settings.up_is_red_in), settings.close_margin_minutes)


def session_to_report(reading: Reading, asked: date | None, *, else_newest: bool = False) -> date:
    """The session of a report: the one asked for, else the newest. A day without one has a page of its own.

    Raises UsageError for a session after the newest, or a day after one, unless `else_newest`, for a day outside the calendar,
    and where the build has neither a close of an index or a sector nor a bar of a stock.
    """
    newest = reading.newest_session()
    if newest is None:
        why = provisional_reason(reading.con)
        raise UsageError(
            "the build has no close of an index or a sector and no bar of a stock, so there is nothing to report; "
            f"{why and why + '; '}`breadthwise run` fetches index_bars, sector_bars and equity_bars, "
            "`breadthwise import` takes files of them"
        )
    if asked is None:
        return newest
    if asked > newest and else_newest:
        return newest
    if limit := calendar.calendar_limit(asked):
        raise UsageError(f"{asked} is not in the build: {limit}")
    if len(calendar.sessions_between(newest, asked)) > 1:
        what = f"{asked} is not in the build: its newest session is {newest}"
        if why := provisional_reason(reading.con, asked):
            raise UsageError(
                f"{what}; {why}; `breadthwise run` asks for them again, `import` takes a file of a later instant"
            )
        raise UsageError(f"{what}; run `breadthwise run` or `build`")
    return asked


def write_report(
    home: Path,
    settings: Settings,
    asked: date | None,
    languages: Sequence[str] = tuple(LANGUAGES),
    *,
    else_newest: bool = False,
    reporter: Reporter | None = None,
) -> Path:
    """The report of a session of the published build, and the index pages. Returns the session's folder.

    Raises UsageError where there is no build or it has no such session, LakeError where the disk refuses.
    """
    from reports.session import session_files

    with open_published(home) as reading:
        day = session_to_report(reading, asked, else_newest=else_newest)
        files = session_files(reading, day, languages, page_options(settings), page_version())
    folder = home / FOLDER / day.isoformat()
    write_folder(folder, files)
    prune_reports(home / FOLDER, settings.keep_reports_days, reporter or Reporter(quiet=True))
    write_index(home)
    return folder
