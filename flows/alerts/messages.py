"""What an alert says, from what a run recorded: a subject and a short body. No figure is made here."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.console.hints import command_from_anywhere
from warehouse.runs.journal import PROBLEM, STOPPED
from warehouse.runs.outbox import FAULT, UNCOUNTED, WHOLE, Alert

# kinds of the journal that alerts are of, and what people call them
KINDS = {"daily": "daily run", "backfill": "backfill", "compact": "maintenance"}
FAILED, GAPS, SUSPECT, RESTATED, MISSED = "failed", "gaps", "suspect", "restated", "missed"
_WORDS = {
    FAILED: "failed",
    GAPS: "ended with gaps",
    SUSPECT: "has bars set aside",
    RESTATED: "changed published figures",
}
NEW_YORK = ZoneInfo("America/New_York")
_LINES = 12
_LONGEST_LINE = 300
_LONGEST_LABEL = 60

# columns of the journal's runs, and of its notices
Row = Mapping[str, Any]


@dataclass(frozen=True)
class FaultRow:
    """Of the faults before a run that are not over: the last one that it goes on with should it have one, and the last one of
    those that are over should it have none."""

    goes_on: Alert | None = None
    ends: Alert | None = None


def alert_of_run(
    home: Path, run: Row, notices: Sequence[Row], row: FaultRow, watched: Sequence[str], made_at: str
) -> Alert:
    """How a run that has ended counts, and what is told of it. `row` are the faults that it goes on with or ends, `watched` the
    events that are told."""
    found = _events(run, notices)
    events = [event for event in found if event in watched]
    label = label_of_run(run)
    if run["message"] == STOPPED or (found and not events):
        return Alert(run["run_id"], run["kind"], UNCOUNTED, made_at, label)
    name = f"{KINDS[run['kind']]} of {label}"
    before = row.goes_on if events else row.ends
    if not events:
        subject = f"Breadthwise: {name} is whole again" if before else ""
        body = _facts(home, [run["message"]], _before_text(before)) if before else ""
        return Alert(run["run_id"], run["kind"], WHOLE, made_at, label, subject=subject, body=body)
    since, times = (before.since, before.times + 1) if before else (label, 1)
    words = " and ".join("was cut off" if run["status"] == "crashed" else _WORDS[event] for event in events)
    count = f" (run {times} in a row, since that of {since})" if times > 1 else ""
    lines = [run["message"], *(one["line"] for one in notices if one["event"] in (PROBLEM, *events))]
    body = _facts(home, lines, _advice(home, run, events))
    return Alert(
        run["run_id"], run["kind"], FAULT, made_at, label, since, times, f"Breadthwise: {name} {words}{count}", body
    )


def alert_of_missed(home: Path, days: Sequence[date], made_at: str, why: str) -> Alert:
    """Sessions of which no daily run took place, the first first; `why` says how that was seen."""
    label = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    count = "" if len(days) == 1 else f" ({len(days)} sessions)"
    name = command_from_anywhere(home)
    advice = f"look further: {name} status; fetch the newest session: {name} run"
    return Alert(
        f"missed {label}",
        MISSED,
        FAULT,
        made_at,
        label,
        label,
        1,
        f"Breadthwise: no daily run took place for {label}{count}",
        _facts(home, [why], advice),
    )


def unwritten(home: Path, run: Row | None, error: Exception | None) -> tuple[str, str]:
    """Subject and body where nothing can be written down, so that it is told only once: of a run that failed for it, or alone."""
    what = (
        "alerts cannot be written down"
        if run is None
        else f"{KINDS.get(run['kind'], run['kind'])} of {label_of_run(run)} failed"
    )
    lines = [*([] if run is None else [run["message"]]), *([] if error is None else [str(error)])]
    return f"Breadthwise: {what}", _facts(home, lines, f"look further: {command_from_anywhere(home)} doctor")


def given_arguments(run: Row) -> Row:
    """What a run was asked for, by name; nothing where the journal has a text that is none of ours."""
    try:
        given = json.loads(run["arguments"])
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def trial(home: Path, position: str) -> tuple[str, str]:
    """Subject and body of a message that only tries an address."""
    return "Breadthwise: a test", _facts(home, [f"This is a test of {position}: alerts of this home come here."], "")


def _events(run: Row, notices: Sequence[Row]) -> list[str]:
    """What there is to tell of a run: by its end, and by what it noted."""
    ends = {"failed": [FAILED], "crashed": [FAILED], "gaps": [GAPS]}.get(run["status"], [])
    noted = {one["event"] for one in notices}
    return [*ends, *(event for event in (SUSPECT, RESTATED) if event in noted)]


def label_of_run(run: Row) -> str:
    """The session of a run, its days, or the day in New York on which it began."""
    given = given_arguments(run)
    if given.get("session"):
        text = str(given["session"])
    elif given.get("start") and given.get("end"):
        text = f"{given['start']} to {given['end']}"
    else:
        text = f"{run['started_at'].astimezone(NEW_YORK):%Y-%m-%d}"
    return text[:_LONGEST_LABEL]


def _before_text(before: Alert) -> str:
    """What is over."""
    if before.times == 1:
        return f"that of {before.since} was not"
    return f"{before.times} runs before it were not, since that of {before.since}"


def _advice(home: Path, run: Row, events: Sequence[str]) -> str:
    """The commands to look further."""
    name = command_from_anywhere(home)
    commands = [f"{name} status"]
    if run["quarantined"]:
        commands.append(f"{name} quarantine list")
    session = label_of_run(run)
    if SUSPECT in events:
        commands.append(f"{name} sql \"from marts.suspect_rows where is_set_aside and session_date = '{session}'\"")
    if RESTATED in events:
        commands.append(f'{name} sql "from ops.restatement_counts"')
    return "look further: " + "\n              ".join(commands)


def _facts(home: Path, lines: Sequence[str], last: str) -> str:
    """The body: lines as the run has them, where it was, and the last word."""
    flat = [" ".join(line.split()) for line in lines if line.strip()]
    unique = [line for place, line in enumerate(dict.fromkeys(flat)) if not place or line not in flat[0]]
    shown = [line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..." for line in unique[:_LINES]]
    more = [f"and {len(unique) - _LINES} more lines"] if len(unique) > _LINES else []
    where = f"home {home.absolute()} on {socket.gethostname()}"
    return "\n".join([*shown, *more, where, *([last] if last else [])])
